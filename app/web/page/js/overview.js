// Totals, curves, warnings, the log.
function drawOverview() {
    if (!summary)
        return;
    const done = countOf("done") + away;
    const total = phones.size + away;
    const left = secondsLeft();
    say($("name"), summary.name);
    document.title = `${done}/${total} done – ${summary.name}`;
    say($("done"), String(done));
    say($("of"), `of ${count(total, "phone")}`);
    say($("end"), endText(left));
    say($("rate"), `${bytes(summary.rate_bps)}/s`);
    const targets = Object.entries(summary.targets).map(([family, version]) => `${family} ${version}`).join(", ");
    say($("sent"), `${bytes(summary.bytes_sent)} sent${targets ? `; targets: ${targets}` : "; no firmware yet"}`);
    drawStack();
    drawCurve(left);
    drawLoad();
    drawNotices();
}

function endText(left) {
    const hands = countOf("needs-hand", "refused");
    const hand = hands ? ` ${hands} need${hands === 1 ? "s" : ""} a hand.` : "";
    if (summary.paused)
        return `The batch is paused: resume it under “Box”.${hand}`;
    if (summary.dhcp_held)
        return "Phones get no addresses: another DHCP server was here. Let the box answer under “Box”.";
    if (phones.size && countOf("done") === phones.size)
        return "All are done.";
    if (left === null)
        return hand.trim();
    const end = new Date(Date.now() + left * 1000);
    return `Expected to end in ${span(left)}, about ${clockText(end, false)}.${hand}`;
}

function drawStack() {
    const parts = ["done", "configuring", "flashing", "loading", "stalled", "needs-hand", "refused"].filter((s) => countOf(s));
    $("stack").replaceChildren(...parts.map((state) => {
        const part = make("i", { className: STATES[state][0] });
        part.style.flexBasis = `${100 * countOf(state) / Math.max(1, phones.size)}%`;
        return part;
    }));
}

let connected = false;
let lostSince = null;
let firstVersion = null;

function drawNotices() {
    const notices = summary ? summary.warnings.map((text) => [text, ""]) : [];
    if (lostSince)
        notices.unshift([`The box does not answer since ${clockText(lostSince)}. What you see is how it was then; ` +
            "this page goes on by itself when the box is back.", "bad"]);
    if (summary && firstVersion && summary.version !== firstVersion)
        notices.push(["The box runs another version now: reload this page when it suits you.", ""]);
    const section = $("notices"), list = section.firstElementChild;
    const key = JSON.stringify(notices);
    if (list.dataset.key === key)
        return;
    list.dataset.key = key;
    section.hidden = notices.length === 0;
    list.replaceChildren(...notices.map(([text, className]) => make("li", { className }, text)));
}

const lineItem = (line) => make("li", {}, make("time", {}, moment(line.at, line.at_uptime_s)),
    make("span", { className: line.level }, line.phone ? `${macText(line.phone)} ${line.text}` : line.text));

function takeLog(line) {
    logLines.push(line);
    if (logLines.length > 200)
        logLines.shift();
    if ($("log").open)
        drawLog();
    if (line.phone && line.phone === detailName)
        readTimeline();
}

function drawLog() {
    $("log").lastElementChild.replaceChildren(...logLines.map(lineItem).reverse());
}
