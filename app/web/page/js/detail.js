// One phone, opened: why it is where it is, what to do, and all that happened.
let detailName = null;
let detail = null;
let timelineAsked = false, timelineAgain = false;

// Columns of phones.csv that are not shown, as on the report to print.
const SECRET = /pass|secret|kennwort|(^|[^a-z])(pin|pw|pwd|psk|key|token)([^a-z]|$)/i;

const ACTIONS = [["nudge", "Nudge", "It is asked to come now."], ["retry", "Retry", "It begins anew."],
    ["ignore", "Ignore", "It gets nothing any more."], ["forget", "Forget", "Forgotten."]];

function openDetail(name) {
    detailName = name;
    detail = null;
    drawDetail(true);
    $("detail").showModal();
    readTimeline();
}

function fact(list, name, value) {
    if (value)
        list.append(make("div", {}, make("dt", {}, name), make("dd", {}, value)));
}

function factsOf(phone) {
    const list = make("dl", { className: "facts" });
    fact(list, "MAC", macText(phone.mac));
    fact(list, "Serial", phone.serial);
    fact(list, "Address", phone.ip);
    fact(list, "Firmware", phone.version && `${phone.version}${phone.target ? `, target ${phone.target}` : ""}`);
    fact(list, "Stage", phone.stage);
    fact(list, "Remedies tried", phone.attempts ? String(phone.attempts) : "");
    fact(list, "First seen", moment(phone.first_seen, phone.first_seen_uptime_s));
    fact(list, "Last seen", moment(phone.last_seen, phone.last_seen_uptime_s));
    fact(list, "Done", moment(phone.done_at, phone.done_at_uptime_s));
    for (const [name, value] of Object.entries(inventory.get(phone.mac) || {}))
        if (name !== "mac" && !SECRET.test(name))
            fact(list, name, value);
    return list;
}

function stepsOf(phone) {
    return phone.history.map((rung) => `${rung.from || "?"} → ${rung.to} in ${span(rung.seconds)}`).join("; ");
}

async function doAction(action, done) {
    if (action === "forget" && !confirm("Forget this phone? All that is known of it is lost."))
        return;
    const answer = await act("POST", `/api/v1/phones/${encodeURIComponent(detailName)}/${action}`, done);
    if (answer && answer.ok && action === "forget")
        $("detail").close();
}

function buildDetail() {
    const title = make("h2", { id: "detail-title" });
    const d = { key: "", title, state: make("p", {}), say: make("p", { className: "say" }),
        body: make("div", {}), now: make("p", { className: "now" }),
        lines: make("ol", { className: "lines", tabindex: "0", "aria-label": "Time line" }), own: make("div", {}) };
    const actions = operator
        ? make("div", { className: "buttons" }, ...ACTIONS.map(([action, word, done]) => button(word, () => doAction(action, done))),
            button("Its own report", readOwn))
        : make("p", { className: "quiet" }, passwordSet ? "Log in to nudge, retry, ignore or forget it."
            : "No password is set on the box: this page only shows.");
    $("detail").firstElementChild.replaceChildren(make("div", { className: "bar" }, title, button("Close", () => $("detail").close())),
        d.state, d.say, d.now, d.body, actions, d.own, make("h3", {}, "Time line"), d.lines);
    return d;
}

function drawDetail(anew) {
    if (!detailName)
        return;
    const phone = phones.get(detailName);
    if (anew || !detail) {
        const lines = detail && detail.lines;
        detail = buildDetail();
        if (lines)
            detail.lines.replaceChildren(...lines.childNodes);
    }
    if (!phone) {
        say(detail.say, "The box does not know this phone any more, or under another name.");
        return;
    }
    const [tone, mark, word, words] = STATES[phone.state] || ["plain", "?", phone.state, ""];
    const extension = extensionOf(phone);
    say(detail.title, `${phone.model || "Phone"}${extension ? ` · ${extension}` : ""} · ${macText(phone.mac) || phone.serial}`);
    detail.state.className = `stands ${tone}`;
    say(detail.state, `${mark} ${word}`);
    detail.say.className = `say ${tone}`;
    say(detail.say, sentence(phone.note || words));
    say(detail.now, nowText(phone));
    const key = JSON.stringify(phone) + inventory.size;
    if (detail.key === key)
        return;
    detail.key = key;
    detail.body.replaceChildren(ladderOf(phone), make("p", { className: "quiet" }, stepsOf(phone)), factsOf(phone));
}

async function readTimeline() {
    if (timelineAsked) {
        timelineAgain = true;
        return;
    }
    timelineAsked = true;
    const name = detailName;
    try {
        const answer = await ask("GET", `/api/v1/phones/${encodeURIComponent(name)}/timeline`);
        if (answer.ok && name === detailName)
            detail.lines.replaceChildren(...answer.data.timeline.map(lineItem).reverse());
    } catch {
        // the next line asks again
    }
    setTimeout(() => {
        timelineAsked = false;
        if (timelineAgain && detailName)
            readTimeline();
        timelineAgain = false;
    }, 700);
}

async function readOwn() {
    const answer = await ask("GET", `/api/v1/phones/${encodeURIComponent(detailName)}/report`);
    detail.own.replaceChildren(answer.ok ? make("pre", { tabindex: "0" }, answer.text)
        : make("p", { className: "quiet" }, answer.status === 404 ? "It has sent no report." : reason(answer)));
}
