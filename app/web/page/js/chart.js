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
    const finished = all.filter((p) => p.state === "done").map(doneAt);
    const times = finished.filter((t) => t !== null).sort((a, b) => a - b);
    const before = finished.length - times.length;
    const now = Math.max(uptime(), ...times);
    const first = Math.min(now - 1, ...all.map((p) => p.first_seen_uptime_s).filter((t) => t !== null), ...times);
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
    const peak = Math.max(1, ...rates.map((r) => r[1]));
    const line = rates.map(([, rate], i) => [320 - (rates.length - 1 - i) * 320 / 299, 46 - rate / peak * 42]);
    const parts = line.length > 1
        ? [shape("polygon", { class: "rate", points: points([[line[0][0], 47], ...line, [320, 47]]) })] : [];
    $("load").replaceChildren(shape("path", { class: "axis", d: "M0,47H320" }), ...parts);
}
