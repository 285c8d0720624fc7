// The box: the batch held or going on, files, clock, what `check` and `plan` say, reports.
function planForm() {
    const model = make("input", { placeholder: "SPA504G", required: "", autocomplete: "off" });
    const version = make("input", { placeholder: "7.3.7", required: "", autocomplete: "off" });
    const out = make("div", { role: "status", className: "found" });
    const form = make("form", { className: "fields", onsubmit: async (event) => {
        event.preventDefault();
        const query = new URLSearchParams({ model: model.value, version: version.value });
        const answer = await ask("GET", `/api/v1/plan?${query}`).catch(() => null);
        out.replaceChildren(answer && answer.ok ? planText(answer.data) : make("p", { className: "bad" },
            answer ? reason(answer) : "The box cannot be reached."));
    } }, make("label", {}, "Model", model), make("label", {}, "Version", version), make("button", { type: "submit" }, "Plan"));
    return [make("h3", {}, "Plan"), form, out];
}

function planText(plan) {
    if (plan.problem)
        return make("p", { className: "bad" }, plan.problem);
    return make("ul", {}, ...plan.rungs.map((r) => make("li", {}, `${r.from} → ${r.to}  ${r.file}`)),
        make("li", {}, `done at ${plan.rungs.length ? plan.rungs[plan.rungs.length - 1].to : plan.from}`));
}

function problemList(problems, leftOut) {
    const items = problems.map((p) => make("li", { className: p.level },
        make("b", {}, `${p.file}${p.line ? `:${p.line}` : ""}`), make("span", {}, ` ${p.level}: `), p.text));
    if (leftOut)
        items.push(make("li", {}, `and ${leftOut} more`));
    return items.length ? make("ul", {}, ...items) : make("p", {}, "Nothing is wrong.");
}

function checkPart() {
    const out = make("div", { role: "status", className: "found" });
    return [make("h3", {}, "Check"), button("Check the card", async () => {
        const answer = await ask("GET", "/api/v1/check").catch(() => null);
        out.replaceChildren(answer && answer.ok ? problemList(answer.data.problems, answer.data.left_out)
            : make("p", { className: "bad" }, answer ? reason(answer) : "The box cannot be reached."));
    }), out];
}

// Sends a file, and calls back with the part that has gone out; what ask() gives. fetch() does not tell of it.
function send(path, file, progress) {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open("PUT", path);
        request.setRequestHeader("X-Stagebox", "1");
        request.setRequestHeader("Content-Type", "application/octet-stream");
        request.upload.onprogress = (event) => progress(event.loaded / Math.max(1, event.total));
        request.onerror = request.onabort = reject;
        request.onload = () => {
            let data = null;
            try {
                data = JSON.parse(request.responseText);
            } catch {
                data = null;
            }
            resolve({ status: request.status, ok: request.status < 300, data });
        };
        request.send(file);
    });
}

async function sendOne(path, file, out, done) {
    const bar = make("progress", { max: "1", "aria-label": `Sending ${file.name}` }), words = make("p", {}, `Sending ${file.name}`);
    out.append(words, bar);
    bar.value = 0;
    try {
        const answer = await send(path, file, (part) => {
            bar.value = part;
            say(words, part < 1 ? `Sending ${file.name}: ${Math.floor(100 * part)} % of ${bytes(file.size)}`
                : `${file.name}: the box looks at it`);
        });
        if (answer.status === 401)
            whoAmI();
        words.replaceWith(answer.ok ? done(answer.data) : make("p", { className: "bad" }, `${file.name}: ${reason(answer)}`));
    } catch {
        words.replaceWith(make("p", { className: "bad" }, `${file.name}: the box cannot be reached.`));
    }
    bar.remove();
}

// One file after the other: the box takes one at a time.
function upload(label, accept, pathOf, done, more = {}) {
    const out = make("div", { role: "status", className: "found" });
    const input = make("input", { type: "file", accept, ...more });
    input.addEventListener("change", async () => {
        const files = [...input.files];
        out.replaceChildren();
        input.disabled = true;
        for (const file of files)
            await sendOne(pathOf(file), file, out, done);
        input.disabled = false;
        input.value = "";
    });
    return make("div", {}, make("div", { className: "fields" }, make("label", {}, label, input)), out);
}

function operatorParts() {
    const pause = summary && summary.paused
        ? button("Resume the batch", () => act("POST", "/api/v1/batch/resume", "The batch goes on."), "main")
        : button("Pause the batch", () => act("POST", "/api/v1/batch/pause", "The batch is held; transfers go on to their end."));
    return [
        make("div", { className: "buttons" }, pause, summary && summary.dhcp_held
            ? button("Give out addresses", () => act("POST", "/api/v1/batch/resume", "Phones get addresses from now on."), "main") : null,
            button("Read the card anew", () => act("POST", "/api/v1/reload", "The card is read anew.").then(readInventory)),
            button("Set the clock from here", () => act("POST", "/api/v1/clock", "The clock is set.",
                JSON.stringify({ time: new Date().toISOString() }), "application/json"))),
        make("h3", {}, "Files"),
        upload("Firmware (.bin)", ".bin", (file) => `/api/v1/firmware/${encodeURIComponent(file.name)}`,
            (d) => make("p", {}, `${d.file} is on the card: ${d.family} ${d.version}${d.warning ? ` (${d.warning})` : ""}`),
            { multiple: "" }),
        upload("Inventory (phones.csv)", ".csv", () => "/api/v1/phones.csv", (d) => {
            readInventory();
            return make("div", {}, make("p", {}, `phones.csv is on the card: ${count(d.rows, "phone")} in it.`), d.problems.length ? problemList(d.problems, d.left_out) : null);
        }),
        ...checkPart(),
    ];
}

// What the dialog's buttons depend on.
const standsHow = () => summary && `${summary.paused} ${summary.dhcp_held}`;
let boxDrawnFor = null;
function drawBox(opening) {
    if (!opening && !$("box").open)
        return;
    boxDrawnFor = standsHow();
    const parts = operator ? operatorParts() : [make("p", { className: "say" }, passwordSet
        ? "Log in to change something." : "No [web] password is set: this page only shows, it changes nothing.")];
    $("box").firstElementChild.replaceChildren(make("div", { className: "bar" }, make("h2", { id: "box-title" }, summary ? summary.name : "Box"),
        button("Close", () => $("box").close())),
        make("p", { className: "quiet" }, summary ? `stagebox ${summary.version}, up for ${span(uptime())}` +
            (summary.time ? `, clock ${clockText(new Date(summary.time))}` : ", clock not set") : ""),
        ...parts, ...planForm(), make("h3", {}, "Report"),
        make("div", { className: "buttons" }, ...["html", "csv", "json"].map((kind) => make("a",
            { className: "button", href: `/report.${kind}`, target: "_blank", rel: "noopener" },
            kind === "html" ? "To print and sign" : kind.toUpperCase()))));
}

// Drawn before it is opened: the focus goes to its first button then.
function openBox() {
    drawBox(true);
    $("box").showModal();
}
