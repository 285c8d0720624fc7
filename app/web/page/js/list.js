// The list: what needs a hand comes first. Only tiles that changed are touched.
const rows = new Map();
const changed = new Set();
let filter = "";
let drawTimer = 0;
const FILTERS = { "": "all", "hand": "needs a hand", "busy": "working", "plain": "waiting", "done": "done" };
const groupOf = (phone) => {
    const tone = (STATES[phone.state] || ["plain"])[0];
    return phone.state === "done" ? "done" : tone === "slow" ? "hand" : tone;
};

function touch(name) {
    changed.add(name);
    drawSoon();
}

function touchAll() {
    for (const name of phones.keys())
        changed.add(name);
    drawSoon();
}

function drawSoon() {
    if (!drawTimer)
        drawTimer = setTimeout(draw, 80);
}

function draw() {
    drawTimer = 0;
    for (const name of changed) {
        const phone = phones.get(name);
        if (!phone)
            continue;
        if (!rows.has(name))
            rows.set(name, makeRow(name));
        fillRow(rows.get(name), phone);
    }
    changed.clear();
    for (const [name, row] of rows) {
        if (!phones.has(name)) {
            row.element.remove();
            rows.delete(name);
        }
    }
    arrange();
    drawFilters();
    drawOverview();
    drawDetail(false);
}

const rank = (phone) => ORDER.indexOf(phone.state);

function matches(phone, words) {
    const text = [phone.mac, macText(phone.mac), phone.serial, phone.model, phone.ip, phone.version, phone.state,
        (STATES[phone.state] || [])[2], extensionOf(phone), phone.note].join(" ").toLowerCase();
    return (!filter || groupOf(phone) === filter) && words.every((word) => text.includes(word));
}

function arrange() {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = [...phones.values()].filter((p) => matches(p, words));
    shown.sort((a, b) => rank(a) - rank(b) || nameOf(a).localeCompare(nameOf(b)));
    const list = $("list");
    const keep = new Set(shown.map(nameOf));
    for (const [name, row] of rows)
        if (!keep.has(name) && row.element.parentNode)
            row.element.remove();
    let at = list.firstChild;
    for (const phone of shown) {
        const element = rows.get(nameOf(phone)).element;
        if (element === at)
            at = at.nextSibling;
        else
            moveTo(list, element, at);
    }
    say($("shown"), shown.length === phones.size ? "" : `${shown.length} of ${phones.size} phones are shown`);
    $("empty").hidden = shown.length > 0;
    say($("empty"), phones.size ? "No phone is like that." : summary ? "No phone has come yet. Plug one in: it appears here by itself." : "");
}

// Moving an element takes the focus from it.
function moveTo(list, element, before) {
    const focus = element.contains(document.activeElement) ? document.activeElement : null;
    list.insertBefore(element, before);
    if (focus)
        focus.focus({ preventScroll: true });
}

function drawFilters() {
    const count = { "": phones.size };
    for (const phone of phones.values())
        count[groupOf(phone)] = (count[groupOf(phone)] || 0) + 1;
    const place = $("filters");
    if (!place.firstChild)
        for (const [name, word] of Object.entries(FILTERS))
            place.append(make("button", { type: "button", "data-filter": name, onclick: () => { filter = name; drawSoon(); } },
                word, make("b", {})));
    for (const chip of place.children) {
        chip.setAttribute("aria-pressed", String(chip.dataset.filter === filter));
        say(chip.lastChild, String(count[chip.dataset.filter] || 0));
    }
}
