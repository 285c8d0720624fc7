// Requests, and who is logged in.
let operator = false;
let passwordSet = false;

async function ask(method, path, body, type) {
    const headers = method === "GET" ? {} : { "X-Stagebox": "1" };
    if (type)
        headers["Content-Type"] = type;
    const answer = await fetch(path, { method, headers, body, credentials: "same-origin", cache: "no-store" });
    const text = await answer.text();
    let data = null;
    try {
        data = JSON.parse(text);
    } catch {
        data = null;
    }
    if (answer.status === 401 && path !== "/api/v1/session")
        whoAmI();
    return { status: answer.status, ok: answer.ok, data, text, retry: answer.headers.get("Retry-After") };
}

const REASONS = { 401: "Log in first.", 403: "That is not allowed.", 404: "The box does not know that any more.",
    409: "That makes no sense as it stands now.", 413: "That is too large.", 503: "The box is busy; try again in a moment." };
const reason = (a) => (a.data && a.data.error) || REASONS[a.status] || `The box answered ${a.status}.`;

// Does it and says how it went; the answer, or null.
async function act(method, path, done, body, type) {
    try {
        const answer = await ask(method, path, body, type);
        toast(answer.ok ? done : reason(answer));
        return answer;
    } catch {
        toast("The box cannot be reached.");
        return null;
    }
}

async function whoAmI() {
    try {
        const answer = await ask("GET", "/api/v1/session");
        if (answer.ok)
            setOperator(answer.data.operator, answer.data.password_set);
    } catch {
        // the stream says that the box is away
    }
}

function setOperator(is, possible) {
    const changed = is !== operator || possible !== passwordSet;
    operator = is;
    passwordSet = possible;
    $("login").hidden = is || !possible;
    $("logout").hidden = !is;
    if (!is) {
        inventory = new Map();
        askedAs.clear();
    }
    if (changed) {
        readInventory();
        drawBox();
        drawDetail(true);
        touchAll();
    }
}

// A phone has its row of phones.csv once the box knows it well enough: it is asked for again when such a phone goes on,
// but not for ever, as it may not be listed.
let inventoryDue = false;
let inventoryAt = 0;
const ASKED_AT_MOST = 4;
const askedAs = new Map(); // name → how the phone stood when its row was asked for, and how often that was
const standing = (phone) => `${phone.state} ${phone.stage}`;

function wantRow(phone) {
    const [stood, times] = askedAs.get(nameOf(phone)) || ["", 0];
    if (!inventory.has(phone.mac) && stood !== standing(phone) && times < ASKED_AT_MOST)
        inventoryDue = true;
}

async function readInventory() {
    if (!operator)
        return;
    inventoryDue = false;
    inventoryAt = performance.now();
    for (const [name, phone] of phones) {
        const [stood, times] = askedAs.get(name) || ["", 0];
        askedAs.set(name, [standing(phone), times + (stood !== standing(phone) && phone.state !== "new")]);
    }
    try {
        const answer = await ask("GET", "/report.json");
        if (answer.ok && operator)
            inventory = new Map(answer.data.phones.filter((p) => Object.keys(p.inventory || {}).length)
                .map((p) => [p.mac, p.inventory]));
        touchAll();
    } catch {
        inventoryDue = true;
    }
}

function openLogin() {
    $("enter-error").textContent = "";
    $("password").value = "";
    $("enter").showModal();
}

async function logIn(event) {
    event.preventDefault();
    const body = JSON.stringify({ password: $("password").value });
    try {
        const answer = await ask("POST", "/api/v1/session", body, "application/json");
        if (answer.ok) {
            $("enter").close();
            toast("Logged in.");
            whoAmI();
            return;
        }
        say($("enter-error"), answer.status === 401 ? "That is not the password."
            : answer.status === 429 ? `Too many tries. Wait ${answer.retry || 60} seconds.` : reason(answer));
    } catch {
        say($("enter-error"), "The box cannot be reached.");
    }
    $("password").select();
}

async function logOut() {
    await act("DELETE", "/api/v1/session", "Logged out.");
    whoAmI();
}
