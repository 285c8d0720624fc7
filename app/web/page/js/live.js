// The stream: it is opened again for as long as the page is there.
let stream = null;
let retryTimer = 0;
let lastWord = 0;

function setLink(kind, text) {
    $("link").className = `link ${kind}`;
    say($("link"), text);
    document.body.classList.toggle("lost", kind === "lost");
}

function heard() {
    lastWord = performance.now();
}

function lost() {
    if (stream)
        stream.close();
    stream = null;
    if (connected)
        lostSince = new Date();
    connected = false;
    setLink("lost", "no connection");
    drawNotices();
    clearTimeout(retryTimer);
    retryTimer = setTimeout(connect, 1000);
}

function on(event, take) {
    stream.addEventListener(event, (message) => {
        heard();
        take(JSON.parse(message.data));
        drawSoon();
    });
}

function connect() {
    heard();
    stream = new EventSource("/api/v1/events");
    stream.onerror = lost;
    on("reset", () => {
        untold = new Set(phones.keys());
        logLines.length = 0;
        whoAmI();
    });
    on("phone", (phone) => {
        takePhone(phone);
        wantRow(phone);
        changed.add(nameOf(phone));
    });
    on("gone", (gone) => dropPhone(nameOf(gone)));
    on("summary", (next) => {
        connected = true;
        lostSince = null;
        firstVersion = firstVersion || next.version;
        setLink("live", "live");
        takeSummary(next);
        if (operator && inventoryDue && performance.now() - inventoryAt > 2000)
            readInventory();
        if (boxDrawnFor !== null && boxDrawnFor !== standsHow())
            drawBox();
    });
    on("log", takeLog);
}

function tick() {
    for (const [name, row] of rows)
        if (phones.has(name) && (phones.get(name).state === "flashing" || phones.get(name).state === "loading"))
            tickRow(row, phones.get(name));
    if (stream && performance.now() - lastWord > 8000)
        lost();
}

$("search").addEventListener("input", drawSoon);
$("open-box").addEventListener("click", openBox);
$("login").addEventListener("click", openLogin);
$("logout").addEventListener("click", logOut);
$("enter-cancel").addEventListener("click", () => $("enter").close());
$("enter").querySelector("form").addEventListener("submit", logIn);
$("detail").addEventListener("close", () => { detailName = null; });
$("box").addEventListener("close", () => { boxDrawnFor = null; });
for (const dialog of document.querySelectorAll("dialog"))
    dialog.addEventListener("close", placeToast);
$("log").addEventListener("toggle", drawLog);
document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|TEXTAREA/.test(document.activeElement.tagName) && !document.querySelector("dialog[open]")) {
        event.preventDefault();
        $("search").focus();
    }
});
setInterval(tick, 1000);
connect();
