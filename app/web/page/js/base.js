// Elements and words. Whatever comes from outside becomes a text node, never markup.
const $ = (id) => document.getElementById(id);

function make(tag, more = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(more)) {
        if (name.startsWith("on"))
            element.addEventListener(name.slice(2), value);
        else if (name === "className" || name === "type")
            element[name] = value;
        else
            element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined).map(
        (child) => child instanceof Node ? child : String(child)));
    return element;
}

const button = (text, onclick, className = "") => make("button", { type: "button", className, onclick }, text);

// Notes of the box begin as its log does, with a small letter.
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// Sets a text only where it changes: a screen reader and the layout are left in peace.
function say(element, text) {
    if (element.textContent !== text)
        element.textContent = text;
}

// A dialog hides all that is not in it.
function placeToast() {
    const place = document.querySelector("dialog[open]") || document.body;
    if ($("toast").parentNode !== place)
        place.append($("toast"));
}

let toastTimer = 0;
function toast(text) {
    placeToast();
    say($("toast"), text);
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => say($("toast"), ""), 6000);
}

function bytes(n) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let at = 0;
    for (; n >= 1000 && at < units.length - 1; at++)
        n /= 1000;
    return `${at && n < 100 ? n.toFixed(1) : Math.round(n)} ${units[at]}`;
}

const count = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;

const two = (n) => String(n).padStart(2, "0");

function span(seconds) {
    const s = Math.max(0, Math.round(seconds));
    if (s < 3600)
        return `${Math.floor(s / 60)}:${two(s % 60)}`;
    return `${Math.floor(s / 3600)} h ${two(Math.floor(s / 60) % 60)} min`;
}

function clockText(date, seconds = true) {
    return date.toLocaleTimeString([], seconds ? { hour12: false } : { hour: "2-digit", minute: "2-digit", hour12: false });
}

// A moment of the box: by the clock where it has one, else how long after its start.
function moment(at, uptime) {
    if (at)
        return clockText(new Date(at));
    return uptime === null || uptime === undefined ? "" : `+${span(uptime)}`;
}

const macText = (mac) => mac ? mac.replace(/(..)(?=.)/g, "$1:") : "";
