// The box: the batch held or going on, files, clock, what `check` and `plan` say, reports.
function planForm() {
    const model = make("input", { placeholder: "SPA504G", required: "", autocomplete: "off" });
    const version = make("input", { placeholder: "7.3.7", required: "", autocomplete: "off" });
    const out = make("div", { role: "status" });
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
    const items = problems.map((p) => make("li", { className: p.level === "error" ? "bad" : "" },
        `${p.file}${p.line ? `:${p.line}` : ""}: ${p.level}: ${p.text}`));
    if (leftOut)
        items.push(make("li", {}, `and ${leftOut} more`));
    return items.length ? make("ul", {}, ...items) : make("p", {}, "Nothing is wrong.");
}

function checkPart() {
    const out = make("div", { role: "status" });
    return [make("h3", {}, "Check"), button("Check the card", async () => {
        const answer = await ask("GET", "/api/v1/check").catch(() => null);
        out.replaceChildren(answer && answer.ok ? problemList(answer.data.problems, answer.data.left_out)
            : make("p", { className: "bad" }, answer ? reason(answer) : "The box cannot be reached."));
    }), out];
}

function upload(label, accept, pathOf, done) {
    const out = make("div", { role: "status" });
    const input = make("input", { type: "file", accept });
    input.addEventListener("change", async () => {
        const file = input.files[0];
        if (!file)
            return;
        out.replaceChildren(`Sending ${file.name} …`);
        const answer = await act("PUT", pathOf(file), `${file.name} is on the card.`, file, "application/octet-stream");
        input.value = "";
        out.replaceChildren(!answer ? "The box cannot be reached." : answer.ok ? done(answer.data)
            : make("p", { className: "bad" }, reason(answer)));
    });
    return make("div", {}, make("div", { className: "fields" }, make("label", {}, label, input)), out);
}

function operatorParts() {
    const pause = summary && summary.paused
        ? button("Resume the batch", () => act("POST", "/api/v1/batch/resume", "The batch goes on."), "main")
        : button("Pause the batch", () => act("POST", "/api/v1/batch/pause", "The batch is held; transfers go on to their end."));
    return [
        make("div", { className: "buttons" }, pause,
            button("Read the card anew", () => act("POST", "/api/v1/reload", "The card is read anew.").then(readInventory)),
            button("Set the clock from here", () => act("POST", "/api/v1/clock", "The clock is set.",
                JSON.stringify({ time: new Date().toISOString() }), "application/json"))),
        make("h3", {}, "Files"),
        upload("Firmware (.bin)", ".bin", (file) => `/api/v1/firmware/${encodeURIComponent(file.name)}`,
            (d) => make("p", {}, `${d.file}: ${d.family} ${d.version}${d.warning ? ` (${d.warning})` : ""}`)),
        upload("Inventory (phones.csv)", ".csv", () => "/api/v1/phones.csv", (d) => {
            readInventory();
            return make("div", {}, make("p", {}, `${d.rows} phones are listed.`), d.problems.length ? problemList(d.problems, d.left_out) : null);
        }),
        ...checkPart(),
    ];
}

let boxPaused = null;
function drawBox(opening) {
    if (!opening && !$("box").open)
        return;
    boxPaused = summary && summary.paused;
    const parts = operator ? operatorParts() : [make("p", { className: "say" }, passwordSet
        ? "Log in to change something." : "No [web] password is set: this page only shows, it changes nothing.")];
    $("box").replaceChildren(make("div", { className: "bar" }, make("h2", { id: "box-title" }, summary ? summary.name : "Box"),
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
