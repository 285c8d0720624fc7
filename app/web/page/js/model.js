// What the box told: phones by name, the summary, the log; and what follows from them.
const STATES = {
    "needs-hand": ["hand", "!", "needs a hand", "Somebody has to do something here."],
    "refused": ["hand", "×", "refused", "It gets no firmware from this box."],
    "stalled": ["slow", "…", "stalled", "It makes no progress; the box tries its next remedy by itself."],
    "flashing": ["busy", "↻", "flashing", "It writes its firmware: do not unplug it."],
    "loading": ["busy", "↓", "loading", "Firmware is on its way. It may be left alone."],
    "configuring": ["busy", "⚙", "configuring", "It takes its final configuration."],
    "new": ["plain", "○", "new", "It has an address and has not asked for its profile yet."],
    "identified": ["plain", "◔", "identified", "The box knows it; its next step comes with its next request."],
    "waiting": ["plain", "◷", "waiting", "Its next firmware is ready: it comes for it by itself."],
    "done": ["good", "✓", "done", "It is finished and may be unplugged."],
    "ignored": ["plain", "–", "ignored", "It gets nothing until somebody retries it."],
};
const ORDER = Object.keys(STATES);
const OUT = new Set(["refused", "ignored"]);

const phones = new Map();
let untold = new Set(); // names that a new stream has not told yet
let summary = null;
let summaryAt = 0;
let away = 0; // phones of the batch that were done and gave their place in the table to others
const logLines = [];
const rates = []; // [ms, bytes a second]
const flashBegan = new Map(); // name → ms, where this page saw it begin
const flashTimes = new Map(); // family → seconds, of phones that this page saw return
let inventory = new Map(); // mac → row of phones.csv, for operators

const nameOf = (phone) => phone.mac || phone.id || phone.serial || "";
const uptime = () => summary ? summary.uptime_s + (performance.now() - summaryAt) / 1000 : 0;

function extensionOf(phone) {
    const row = inventory.get(phone.mac) || {};
    const key = Object.keys(row).find((k) => /^(ext|extension|user_id)/i.test(k));
    return key ? row[key] : "";
}

function takePhone(phone) {
    const name = nameOf(phone);
    const before = phones.get(name);
    const flashing = phone.state === "flashing", back = before && before.version !== phone.version;
    if (flashBegan.has(name) && (!flashing || back)) {
        if (back)
            learn(phone.family, (performance.now() - flashBegan.get(name)) / 1000);
        flashBegan.delete(name);
    }
    if (flashing && !flashBegan.has(name)) { // what happened between two events is not told: it may flash the next one
        const known = before && !back ? 0 : uptime() - phone.last_seen_uptime_s;
        flashBegan.set(name, performance.now() - Math.max(0, known || 0) * 1000);
    }
    phones.set(name, phone);
    untold.delete(name);
}

function learn(family, seconds) {
    const list = flashTimes.get(family) || [];
    list.push(seconds);
    flashTimes.set(family, list.slice(-20));
}

// How long phones of this family need to come back, seconds; null: none has been seen yet. What happened before this page
// was opened is known with the time to load, which is short beside the flashing.
function flashTime(family) {
    const seen = flashTimes.get(family) || [];
    const list = seen.length ? [...seen] : [...phones.values()].filter((p) => p.family === family)
        .flatMap((p) => p.history.map((rung) => rung.seconds)).filter((s) => s > 0);
    list.sort((a, b) => a - b);
    return list.length ? list[Math.floor(list.length / 2)] : null;
}

function dropPhone(name) {
    phones.delete(name);
    flashBegan.delete(name);
}

function takeSummary(next) {
    summary = next;
    summaryAt = performance.now();
    rates.push([summaryAt, next.rate_bps]);
    while (rates.length > 300)
        rates.shift();
    for (const name of untold)
        dropPhone(name);
    untold.clear();
    away = Math.max(0, next.phones - phones.size);
}

// Of the phones themselves: the summary comes once a second only.
const countOf = (...states) => [...phones.values()].filter((p) => states.includes(p.state)).length;

const stepsAhead = (p) => p.state === "done" || OUT.has(p.state) ? 0 : p.rungs.length + 1;
// A moment in seconds on the clock of this run of the box, below 0 for what was before it; null: not known.
function onBoxClock(at, uptimeSeconds) {
    if (uptimeSeconds !== null)
        return uptimeSeconds;
    return at && summary && summary.time ? summary.uptime_s - (Date.parse(summary.time) - Date.parse(at)) / 1000 : null;
}
const doneAt = (p) => onBoxClock(p.done_at, p.done_at_uptime_s);

// When steps were taken, seconds on the box's clock, in order.
function stepTimes() {
    const out = [];
    for (const p of phones.values()) {
        out.push(...p.history.map((rung) => onBoxClock(rung.at, rung.at_uptime_s)));
        if (p.state === "done")
            out.push(doneAt(p));
    }
    return out.filter((t) => t !== null).sort((a, b) => a - b);
}

// Seconds until the batch is done, by the pace of its steps so far; null: cannot be told.
function secondsLeft() {
    const ahead = [...phones.values()].reduce((sum, p) => sum + (p.state === "needs-hand" ? 0 : stepsAhead(p)), 0);
    const taken = stepTimes();
    if (!summary || summary.paused || ahead === 0 || taken.length < 4)
        return null;
    const recent = taken.slice(-Math.max(8, Math.ceil(taken.length / 2)));
    const pace = recent.length / Math.max(1, uptime() - recent[0]);
    return Math.max(ahead / pace, ...[...phones.values()].map(climbLeft));
}

// Seconds that this phone needs at least.
function climbLeft(phone) {
    const rungs = stepsAhead(phone) ? phone.rungs.length : 0, usual = flashTime(phone.family) || 0;
    return phone.state === "flashing" ? flashLeft(phone) + Math.max(0, rungs - 1) * usual : rungs * usual;
}

// Seconds that this phone will still flash, as far as that is known.
function flashLeft(phone) {
    const began = phone.state === "flashing" ? flashBegan.get(nameOf(phone)) : undefined;
    return began === undefined ? 0 : Math.max(0, (flashTime(phone.family) || 0) - (performance.now() - began) / 1000);
}
