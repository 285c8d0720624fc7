// Two curves in SVG; a charting library would be larger than the rest of the page.
function shape(tag, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes))
        element.setAttribute(name, value);
    if (text)
        element.textContent = text;
    return element;
}

const points = (list) => list.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");

function drawCurve(left) {
    const svg = $("curve"), wide = 286, high = 72, edge = 28, top = 8;
    const all = [...phones.values()].filter((p) => !OUT.has(p.state));
    if (!all.length) {
        svg.replaceChildren(shape("path", { class: "axis", d: `M${edge},${top}V${top + high}H${edge + wide}` }));
        return;
    }
    const finished = all.filter((p) => p.state === "done").map(doneAt);
    const times = finished.filter((t) => t !== null).sort((a, b) => a - b);
    const before = finished.length - times.length;
    const now = Math.max(uptime(), ...times);
    const first = Math.min(now - 1, ...all.map((p) => onBoxClock(p.first_seen, p.first_seen_uptime_s)).filter((t) => t !== null), ...times);
    const last = now + (left || 0);
    const x = (t) => edge + (t - first) / Math.max(1, last - first) * wide;
    const y = (n) => top + high - n / Math.max(1, all.length) * high;
    const line = [[x(first), y(before)]];
    times.forEach((t, i) => line.push([x(t), y(before + i)], [x(t), y(before + i + 1)]));
    line.push([x(now), y(finished.length)]);
    const parts = [
        shape("path", { class: "axis", d: `M${edge},${top}V${top + high}H${edge + wide}` }),
        shape("polygon", { class: "area", points: points([...line, [x(now), y(0)], [x(first), y(0)]]) }),
        shape("polyline", { class: "curve", points: points(line) }),
        shape("text", { x: edge - 4, y: top + 6, "text-anchor": "end" }, String(all.length)),
        shape("text", { x: edge - 4, y: top + high, "text-anchor": "end" }, "0"),
        shape("text", { x: edge, y: top + high + 13 }, `${span(now - first)} ago`),
    ];
    const label = Math.min(x(now), edge + wide - (left ? 60 : 0));
    if (label > edge + 80) // else it would stand on the one before
        parts.push(shape("text", { x: label, y: top + high + 13, "text-anchor": "end" }, "now"));
    if (left)
        parts.push(shape("polyline", { class: "ahead", points: points([[x(now), y(finished.length)], [x(last), y(all.length)]]) }),
            shape("text", { x: edge + wide, y: top + high + 13, "text-anchor": "end" }, `in ${span(left)}`));
    svg.replaceChildren(...parts);
    svg.setAttribute("aria-label", `${finished.length} of ${all.length} phones are done` +
        (left ? `; all are expected to be in ${span(left)}` : ""));
}

function drawLoad() {
    const peak = Math.max(1, ...rates.map((r) => r[1])), base = 59, high = 44;
    const wide = Math.max(60, rates.length - 1); // a minute at least
    const line = rates.map(([, rate], i) => [320 - (rates.length - 1 - i) * 320 / wide, base - rate / peak * high]);
    const parts = [shape("path", { class: "axis", d: `M0,${base}H320` })];
    if (line.length > 1)
        parts.push(shape("polygon", { class: "rate", points: points([[line[0][0], base], ...line, [320, base]]) }));
    if (peak > 1)
        parts.push(shape("text", { x: 0, y: 9 }, `at most ${bytes(peak)}/s`));
    parts.push(shape("text", { x: 0, y: base + 13 }, `${span(wide)} ago`), shape("text", { x: 320, y: base + 13, "text-anchor": "end" }, "now"));
    $("load").replaceChildren(...parts);
    $("load").setAttribute("aria-label", `Load of the link: at most ${bytes(peak > 1 ? peak : 0)} a second in the last ${span(wide)}`);
}
