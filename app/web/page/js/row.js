// One phone's tile. Its elements are made once and then changed.
function ladderOf(phone) {
    const from = phone.history.length ? phone.history[0].from : phone.version;
    const past = phone.history.map((rung) => rung.to);
    const steps = [from, ...past].filter((v, i, all) => v && v !== all[i - 1]);
    if (phone.version && steps[steps.length - 1] !== phone.version)
        steps.push(phone.version);
    const list = make("ol", { className: "ladder", "aria-label": "Firmware versions" });
    const step = (version, kind, words) => list.append(make("li", { className: kind },
        version, make("span", { className: "hidden" }, words)));
    steps.forEach((v, i) => i < steps.length - 1 ? step(v, "past", ", passed") : step(v, "here", ", now"));
    phone.rungs.forEach((v, i) => step(v, i ? "ahead-step" : "next", i ? ", to come" : ", next"));
    return list;
}

function nowText(phone) {
    if (phone.state === "loading") {
        const percent = `${Math.floor(phone.progress * 100)} %`;
        return phone.rate_bps ? `${percent} of ${phone.rungs[0] || "the file"}, ${bytes(phone.rate_bps)}/s${leftText(phone)}`
            : `${percent} of ${phone.rungs[0] || "the file"}`;
    }
    if (phone.state !== "flashing")
        return "";
    const began = flashBegan.get(nameOf(phone));
    const since = began === undefined ? 0 : (performance.now() - began) / 1000;
    const usual = flashTime(phone.family);
    if (usual === null)
        return `for ${span(since)}; no phone of its kind has been timed yet`;
    return since <= usual ? `back in about ${span(usual - since)}` : `for ${span(since)}, others needed ${span(usual)}`;
}

// Time left to load: what this page saw of the progress gives the pace.
const seenProgress = new Map();
function leftText(phone) {
    const name = nameOf(phone), now = performance.now();
    let seen = seenProgress.get(name);
    if (!seen || phone.progress < seen[1] || phone.rungs[0] !== seen[2])
        seenProgress.set(name, seen = [now, phone.progress, phone.rungs[0]]);
    const moved = phone.progress - seen[1];
    return moved > 0.02 ? `, ${span((1 - phone.progress) / moved * (now - seen[0]) / 1000)} left` : "";
}

function makeRow(name) {
    const row = { name, key: "" };
    row.title = button("", () => openDetail(row.name));
    row.state = make("span", { className: "state" });
    row.where = make("p", { className: "where" });
    row.ladder = make("ol");
    row.progress = make("progress", { max: "1", "aria-label": "Firmware loaded" });
    row.now = make("p", { className: "now" });
    row.why = make("p", { className: "why" });
    row.element = make("li", { className: "phone", "data-phone": name }, make("div", { className: "head" }, row.title, row.state),
        row.where, row.ladder, row.progress, row.now, row.why);
    return row;
}

function fillRow(row, phone) {
    const [tone, mark, word, words] = STATES[phone.state] || ["plain", "?", phone.state, ""];
    const extension = extensionOf(phone);
    say(row.title, `${phone.model || "Phone"}${extension ? ` · ${extension}` : ""}`);
    say(row.state, word);
    row.state.dataset.mark = mark;
    row.element.className = `phone ${tone}`;
    row.element.dataset.state = phone.state;
    say(row.where, [macText(phone.mac), phone.serial, phone.ip].filter(Boolean).join("  ·  "));
    const rungs = JSON.stringify([phone.version, phone.rungs, phone.history.map((h) => [h.from, h.to])]);
    if (row.key !== rungs) {
        const fresh = ladderOf(phone);
        row.ladder.replaceWith(fresh);
        row.ladder = fresh;
        row.key = rungs;
    }
    row.progress.hidden = phone.state !== "loading";
    row.progress.value = phone.progress;
    tickRow(row, phone);
    say(row.why, sentence(phone.note || words));
}

function tickRow(row, phone) {
    const text = nowText(phone);
    row.now.hidden = !text;
    say(row.now, text);
}
