"""The page at `/`: as bytes, and in a browser with phones on the bench."""
import datetime
import gzip
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import time

import test_batch as batches
import test_quirks as quirks
import test_rogue as rogue
from lab import box as boxes, browser, dhcp, images
from lab.case import ADDRESS, same, test
from lab.process import Process, wait_until
from lab.profile import agent

WEB = {"web": {"password": "right"}}
URL = f"http://{ADDRESS}/"
# What the page itself shows, to compare with what the box says.
SHOWN = "Object.fromEntries([...document.querySelectorAll('.phone')].map((e) => [e.dataset.phone, e.dataset.state]))"
# Asks the box beside the page all the time: what the page shows otherwise for over a second is a lie.
WATCH = """
window.lies = []; window.lasted = new Set(); window.wrong = {}; window.since = {};
window.watching = setInterval(async () => {
  let phones = [];
  try { phones = (await (await fetch("/api/v1/phones")).json()).phones; } catch (gone) { window.wrong = {}; window.since = {}; }
  const now = performance.now(), shown = %s;
  for (const {mac, state} of phones) {
    const key = mac + " " + state;
    if (!window.since[mac] || window.since[mac].state !== state) window.since[mac] = {state, at: now};
    if (now - window.since[mac].at > 1000) window.lasted.add(state);
    if (shown[mac] === state) delete window.wrong[mac];
    else if (!window.wrong[mac] || window.wrong[mac].key !== key) window.wrong[mac] = {key, at: now};
    else if (now - window.wrong[mac].at > 1000) window.lies.push(key + ", shown: " + shown[mac]);
  }
}, 100);
true""" % SHOWN
DONE = "+document.getElementById('done').textContent"


@test()
def dashboard_bytes(trial):
    """Small, self-contained, with a policy; also for who does not know gzip; not for phones."""
    box = trial.start(WEB)
    small = box.http("/", headers={"Accept-Encoding": "br, gzip;q=0.8"})
    same((small.status, small.headers["content-encoding"]), (200, "gzip"), "the page")
    wire = len(small.raw_head) + 4 + len(small.body)
    assert wire <= 60 * 1024, f"{wire} bytes"
    page = gzip.decompress(small.body)
    for refused in ({}, {"Accept-Encoding": "gzip;q=0, *"}, {"Accept-Encoding": "br"}):
        plain = box.http("/", headers=refused)
        same((plain.status, plain.headers.get("content-encoding"), plain.body == page), (200, None, True), str(refused))
    same(small.headers["content-type"], "text/html; charset=utf-8", "Content-Type")
    same(small.headers["vary"], "Accept-Encoding", "Vary")
    policy = small.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe" not in policy, policy
    text = page.decode()
    same(re.findall(r"(?:src|href|action)=[\"']?(?:https?:)?//", text), [], "what is fetched from elsewhere")
    same(re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text), [], "markup from data")
    again = {"Accept-Encoding": "gzip", "If-None-Match": small.headers["etag"]}
    same(box.http("/", headers=again).status, 304, "unchanged")
    head = box.http("/", method="HEAD", headers={"Accept-Encoding": "gzip"})
    same((head.status, head.headers["content-length"]), (200, str(len(small.body))), "HEAD")
    same(box.http("/", method="POST").status, 405, "POST")
    profile = box.http("/", headers={"User-Agent": agent("SPA504G", "7.3.7", "58bfea1104e6")})
    assert profile.body.startswith(b"<flat-profile>"), profile


def window(trial, width=1280, height=900):
    page = trial.keep(browser.Browser(trial.operator, trial.log_path("chromium")))
    page.size(width, height)
    page.open(URL)
    page.until("document.getElementById('link').textContent === 'live'")
    return page


def picture(trial, page, what):
    page.shot(os.path.join(trial.log_folder, f"{trial.name}.{what}.png"))


# Behind the model on each tile.
EXTENSIONS = "[...document.querySelectorAll('.phone .head button')].map((b) => b.textContent.split(' · ')[1] || '').sort()"


def search(page, words):
    page.run(f"document.getElementById('search').value = {json.dumps(words)}; "
             "document.getElementById('search').dispatchEvent(new Event('input'))")


def log_in(page):
    page.until("!document.getElementById('login').hidden")
    page.run("document.getElementById('login').click()")
    page.run("document.getElementById('password').value = 'right'")
    page.click("Log in", "document.getElementById('enter')")
    page.until("!document.getElementById('logout').hidden")


def agree(trial, page, what):
    """What is shown is what the box says, within a second (and what a loaded machine adds)."""
    def alike():
        return page.run(SHOWN) == {p["mac"]: p["state"] for p in trial.box.phones()}
    wait_until(what, alike, 5)


@test(seconds=200, cost=2)
def dashboard_batch(trial):
    """A batch from the first phone to all done, with a restart of the box in between, seen by one page."""
    words = ("--mixed", "12")
    box = trial.start(card=batches.prepared(trial, words, settings=WEB))
    page = window(trial)
    log_in(page)
    page.run("window.stillTheSame = true")
    page.run("window.seen = new Set(); new MutationObserver(() => document.querySelectorAll('.phone').forEach("
             "(e) => window.seen.add(e.dataset.state))).observe(document.getElementById('list'), "
             "{subtree: true, childList: true, attributes: true}); true")
    page.run(WATCH)
    bench = trial.station("bench")
    phones = Process(bench, [batches.PHONES, "--interface", "eth0", *words, "--clock", "30", "-q"],
                     trial.log_path("phones"))
    page.until("document.querySelectorAll('.phone').length === 12", 60)
    agree(trial, page, "the same states")
    page.until("window.seen.has('loading') || window.seen.has('flashing')", 60)
    page.until(f"{DONE} >= 1", 90)
    extensions = sorted(line.split(",")[1] for line in box.card.read("phones.csv").decode().splitlines()[1:])
    wait_until("each phone's extension", lambda: page.run(EXTENSIONS) == extensions, 10)
    look(trial, page, "desktop-")
    box.stop()
    page.until("document.body.classList.contains('lost')")
    box.start()
    page.until("document.getElementById('link').textContent === 'live'", 20)
    page.until(f"{DONE} === 12", 120)
    agree(trial, page, "all done")
    same(page.run("window.stillTheSame"), True, "no reload")
    page.run("clearInterval(window.watching); true")
    log_in(page)  # a box that was restarted knows nobody
    wait_until("each phone's extension", lambda: page.run(EXTENSIONS) == extensions, 10)
    search(page, extensions[0])
    page.until("document.querySelectorAll('.phone').length === 1")
    search(page, "")
    same(page.run("window.lies"), [], "what was not so, a second long")
    same(page.run("[...window.lasted].filter((s) => !window.seen.has(s))"), [], "states that were never shown")
    assert page.run("window.lasted.size") >= 3, "hardly a state lasted for a second"
    page.size(1280, 900)
    picture(trial, page, "done")
    phones.kill()
    foreign = [url for url in page.requests if not url.startswith((URL, "data:"))]
    same(foreign, [], "requests to elsewhere")
    gone = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE")
    same([e for e in page.errors if not any(g in e for g in gone)], [], "errors on the console")


def axe(trial):
    """axe-core's text; its package is fetched by npm. None: there is no npm here (with --all there always is)."""
    if not trial.everything and not shutil.which("npm"):
        return None
    done = subprocess.run([os.path.join(boxes.ROOT, "tools/sources"), "axe-core"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with open(os.path.join(done.stdout.strip(), "axe.min.js"), encoding="utf-8") as file:
        return file.read()


def judge(trial, page, what):
    """What axe-core finds fault with: nothing."""
    if not page.run("window.axe !== undefined"):
        text = axe(trial)
        if text is None:
            return
        page.run(text + "; true")
    found = page.run("axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations.map((v) => v.id + ': ' + "
                     "v.help + ': ' + v.nodes.map((n) => n.target + ' ' + n.failureSummary).join('; ')))")
    same(found, [], f"accessibility of {what}")


def look(trial, page, prefix=""):
    """Pictures in both schemes, which are judged, and one of a phone's width, where nothing may be cut off."""
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        picture(trial, page, prefix + scheme)
        judge(trial, page, scheme)
    page.size(390, 844, True)
    picture(trial, page, "phone-width")
    same(page.run("document.documentElement.scrollWidth <= innerWidth"), True, "no scrolling sideways")


HOSTILE = "<img src=x onerror=window.hit=1>"
# What must not have come of it.
ALIEN = ("[...document.querySelectorAll('img, iframe, object, embed, form[action], base, meta[http-equiv], body script ~ script, "
         "body style, [onerror], [onload], [onclick], a[href^=javascript]')].map((e) => e.outerHTML).concat(window.hit || [])")


@test(seconds=90)
def dashboard_operator(trial):
    """Logs in, holds the batch, ignores and retries a phone, asks for check and plan; strings are only text."""
    box = trial.start(WEB)
    mac = "58bfea1104e6"
    client = trial.keep(dhcp.Client(trial.station("phone"), mac))
    client.discover()
    offer = client.discover()
    client.send(dhcp.REQUEST, [(50, dhcp.ip_bytes(offer.yiaddr)), (54, offer.options[54]), (12, HOSTILE.encode())])
    box.http(f"/{mac}.xml", headers={"User-Agent": f"Cisco/SPA504G-7.3.7 ({mac.upper()})({HOSTILE[:20]})"})
    box.http("/x.xml", headers={"User-Agent": agent("SPA502G", "7.3.7", "58bfea1104e7")})
    page = window(trial)
    page.until("document.querySelectorAll('.phone').length === 2")
    log_in(page)
    page.run("document.querySelector('.phone button').click()")
    page.until("document.querySelectorAll('#detail .lines li').length > 0")
    picture(trial, page, "detail")
    judge(trial, page, "a phone's dialog")
    page.click("Ignore", "document.getElementById('detail')")
    page.until("document.querySelector('.phone[data-state=ignored]')")
    page.click("Retry", "document.getElementById('detail')")
    page.until("!document.querySelector('.phone[data-state=ignored]')")
    page.click("Close", "document.getElementById('detail')")
    page.run("document.getElementById('open-box').click()")
    same(page.run("document.activeElement.textContent"), "Close", "where the keyboard is")
    page.click("Pause the batch", "document.getElementById('box')")
    wait_until("the pause", lambda: box.api("summary")["paused"])
    page.until("document.getElementById('notices').textContent.includes('paused')")
    same(page.run("document.querySelectorAll('#notices li').length"), 1, "one notice of it")
    page.click("Resume the batch", "document.getElementById('box')")
    wait_until("the end of the pause", lambda: not box.api("summary")["paused"])
    page.click("Check the card", "document.getElementById('box')")
    page.until("document.querySelector('#box [role=status] ul, #box [role=status] p')")
    picture(trial, page, "box")
    judge(trial, page, "the box's dialog")
    page.click("Close", "document.getElementById('box')")
    search(page, "zzz")
    page.until("document.querySelectorAll('.phone').length === 0")
    same(page.run("window.hit === undefined && !document.querySelector('main img, dialog img')"), True, "only text")
    same(page.errors, [], "errors on the console")


def cdp(mac, platform, version):
    """A CDP frame of that phone: device, version, platform."""
    def field(kind, text):
        return struct.pack("!HH", kind, len(text) + 4) + text
    body = bytes.fromhex("aaaa0300000c2000" "02b40000") + field(1, b"SIP" + mac.upper().encode()) + field(5, version) + field(6, platform)
    return bytes.fromhex("01000ccccccc" + mac) + struct.pack("!H", len(body)) + body


def dns_question(text):
    return struct.pack("!HHHHHH", 1, 0x100, 1, 0, 0, 0) + bytes([len(text)]) + text + b"\0" + struct.pack("!HH", 1, 1)


def phone_lies(trial, box, station, mac):
    """Markup and escape sequences by every way on which a phone's words reach the box."""
    client = trial.keep(dhcp.Client(station, mac, vendor="SPA504G" + HOSTILE))
    client.discover()
    offer = client.discover()
    client.send(dhcp.REQUEST, [(50, dhcp.ip_bytes(offer.yiaddr)), (54, offer.options[54]), (12, HOSTILE.encode())])
    client.receive(kinds=(dhcp.ACK,))
    station.ip(f"addr add {offer.yiaddr}/24 dev eth0")
    with station, socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as wire:
        wire.bind(("eth0", 0))
        wire.send(cdp(mac, b"Cisco IP Phone SPA504G" + HOSTILE.encode(), HOSTILE.encode()))
        wire.send(cdp(mac, HOSTILE.encode() + b" SPA504G", b"7.3.7" + HOSTILE.encode()))
    plain = {"User-Agent": agent("SPA504G", "7.3.7", mac)}
    box.http(f"/{mac}.xml", station=station, headers={"User-Agent": f"Cisco/SPA504G-7.3.7 ({mac.upper()})({HOSTILE})"})
    box.http(f"/{mac}.xml", station=station, headers={"User-Agent": f"Cisco/{HOSTILE}-7.3.7 ({mac.upper()})"})
    box.http("/" + HOSTILE.replace(" ", "%20").replace("<", "%3C") + ".wav", station=station, headers=plain)
    report = f"<flat-profile><User_ID_1_>{HOSTILE}</User_ID_1_></flat-profile><script>window.hit = 1</script>"
    same(box.http(f"/report/{mac}.xml", station=station, method="PUT", headers=plain, body=report.encode()).status, 201, "its report")
    with station, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
        sender = "SPA504G " + ":".join(re.findall("..", mac))
        for text in (f"<134>{HOSTILE}", f"<134>1 - {HOSTILE} {HOSTILE} - - - {HOSTILE}\x1b[2J",
                     f"<131>{sender} -- Upgrade failed: {HOSTILE}"):
            talker.sendto(text.encode(), (ADDRESS, 514))
        talker.sendto(dns_question(HOSTILE.encode()), (ADDRESS, 53))


@test(seconds=90)
def dashboard_hostile(trial):
    """What phones, the inventory and files call themselves is text on the page and on the report, and nothing else."""
    mac = "58bfea1104e6"
    card = trial.card(WEB)
    images.put_ladder(card)
    card.write("phones.csv", f'mac,extension,"{HOSTILE}"\n{mac},"{HOSTILE}","{HOSTILE}"\n')
    card.write(f"firmware/{HOSTILE.replace('/', '')}.bin", b"no image")
    box = trial.start(card=card)
    phone_lies(trial, box, trial.station("phone", ":".join(re.findall("..", mac))), mac)
    page = window(trial)
    log_in(page)
    page.until(f"document.querySelector('.phone .why').textContent.includes({json.dumps(HOSTILE)})")
    page.until(f"document.querySelector('.phone .head').textContent.includes({json.dumps(HOSTILE)})")  # its extension
    page.run("document.getElementById('log').open = true")
    page.run("document.querySelector('.phone button').click()")
    page.until("document.querySelectorAll('#detail .lines li').length > 0")
    page.click("Its own report", "document.getElementById('detail')")
    page.until("document.querySelector('#detail pre')")
    told = page.run("document.getElementById('detail').textContent")
    for where in (f"syslog: {HOSTILE}", "asked the DNS for <img", f"HTTP {HOSTILE}.wav", f"<User_ID_1_>{HOSTILE}", "window.hit = 1"):
        assert where in told, f"{where} in {told}"
    picture(trial, page, "detail")
    page.click("Close", "document.getElementById('detail')")
    page.run("document.getElementById('open-box').click()")
    page.click("Check the card", "document.getElementById('box')")
    page.until("document.getElementById('box').textContent.includes('onerror')")
    box.http("/api/v1/plan?model=%3Cimg%3E&version=7.3.7")
    page.run("[...document.querySelectorAll('#box input')].filter((e) => e.placeholder).forEach((e) => e.value = "
             f"{json.dumps(HOSTILE)}); document.querySelector('#box form').requestSubmit()")
    page.until("document.querySelector('#box form + div .bad')")
    page.until("document.querySelectorAll('#log li').length > 0")
    same(page.run(ALIEN), [], "elements that are not the page's own")
    same(page.errors, [f"Failed to load resource: the server responded with a status of 400 (Bad Request) {URL}api/v1/plan?"
                       "model=%3Cimg+src%3Dx+onerror%3Dwindow.hit%3D1%3E&version=%3Cimg+src%3Dx+onerror%3Dwindow.hit%3D1%3E"],
         "errors on the console")
    page.open(URL + "report.html")
    judge(trial, page, "the report")
    assert page.run("document.body.textContent").count(HOSTILE) >= 3, "the report: note, column and value"
    same(page.run(ALIEN), [], "elements that are not the report's own")
    picture(trial, page, "report")


# The page's stream and its watch in the test's hand.
STAGE = """
const now = performance.now.bind(performance);
window.skipped = 0;
performance.now = () => now() + window.skipped;
const told = {};
window.EventSource = class {
  addEventListener(kind, take) { (told[kind] = told[kind] || []).push(take); }
  close() {}
};
window.tell = (kind, data) => told[kind].forEach((take) => take({data: JSON.stringify(data)}));
"""


class Stage:
    """The page, with phones that the test makes up."""

    def __init__(self, trial):
        self.page = trial.keep(browser.Browser(trial.operator, trial.log_path("chromium")))
        self.page.call("Page.addScriptToEvaluateOnNewDocument", {"source": STAGE})
        self.page.size(1280, 900)
        self.page.open(URL)
        self.summary = json.loads(trial.box.http("/api/v1/summary").body)
        self.summary["uptime_s"] = 1000
        self.phone_now = {}
        self.tell("reset", {"state_id": "x"})
        self.tell("summary", self.summary)

    def tell(self, kind, data):
        self.page.run(f"window.tell({json.dumps(kind)}, {json.dumps(data)}); true")

    def phone(self, number, state, **more):
        phone = self.phone_now.get(number) or {
            "mac": f"58bfea1104{number:02x}", "serial": f"CCQ{number:08d}", "model": "SPA504G", "family": "spa50x-30x",
            "ip": f"192.168.10.{number + 50}", "version": "7.3.7", "target": "7.6.1", "stage": "ladder", "rungs": ["7.5.2b", "7.6.1"],
            "progress": 0, "rate_bps": 0, "attempts": 0, "first_seen": None, "first_seen_uptime_s": 10, "last_seen": None,
            "last_seen_uptime_s": self.summary["uptime_s"], "done_at": None, "done_at_uptime_s": None, "note": None, "history": []}
        self.phone_now[number] = dict(phone, state=state, **more)
        self.tell("phone", self.phone_now[number])

    def climbed(self, number, state, version, seconds):
        """It has come back with the next version."""
        phone = self.phone_now[number]
        step = {"at": None, "at_uptime_s": self.summary["uptime_s"], "from": phone["version"], "to": version, "file": "x.bin",
                "seconds": seconds}
        self.phone(number, state, version=version, rungs=phone["rungs"][1:], history=phone["history"] + [step],
                   last_seen_uptime_s=self.summary["uptime_s"])

    def wait(self, seconds):
        """So much time goes by."""
        self.summary["uptime_s"] += seconds
        self.page.run(f"window.skipped += {seconds * 1000}; window.tell('summary', {json.dumps(self.summary)}); true")

    def restart(self):
        """The box was started anew: what was before has times by the clock only."""
        before = self.summary["uptime_s"] - 5
        clock = datetime.datetime.fromisoformat(self.summary["time"].replace("Z", "+00:00"))
        self.summary.update(uptime_s=5, name="again")

        def by_clock(entry, name):
            if entry[name + "_uptime_s"] is not None:
                moment = clock - datetime.timedelta(seconds=before + 5 - entry[name + "_uptime_s"])
                entry.update({name: moment.strftime("%Y-%m-%dT%H:%M:%SZ"), name + "_uptime_s": None})
        self.tell("reset", {"state_id": "x"})
        for phone in self.phone_now.values():
            for name in ("first_seen", "done_at"):
                by_clock(phone, name)
            for step in phone["history"]:
                by_clock(step, "at")
            self.tell("phone", phone)
        self.tell("summary", self.summary)

    def shows(self, number, words, what=".now"):
        element = f"document.querySelector('[data-phone=\"58bfea1104{number:02x}\"] {what}')"
        self.page.until(f"{element} && {element}.textContent.includes({json.dumps(words)})", 15)


@test(seconds=90)
def dashboard_tells_what_is_ahead(trial):
    """How long a phone still flashes, learnt from others; how long it loads; when the batch ends; what needs a hand is first."""
    trial.start(WEB)
    stage = Stage(trial)
    page = stage.page
    page.until("document.getElementById('empty').textContent.includes('Plug one in')")
    stage.phone(1, "flashing")
    stage.shows(1, "no phone of its kind has been timed yet")
    stage.wait(200)
    stage.climbed(1, "waiting", "7.5.2b", 400)  # as long as it took to load counts there
    stage.phone(2, "flashing", last_seen_uptime_s=1200)
    stage.shows(2, "back in about 3:")
    stage.wait(150)
    stage.shows(2, "back in about 0:")
    stage.climbed(2, "flashing", "7.5.2b", 150)  # and flashes the next one by now
    stage.shows(2, "back in about 3:")
    stage.wait(300)
    stage.shows(2, "others needed")
    stage.phone(3, "loading", progress=0.1, rate_bps=50000)
    stage.shows(3, "10 % of 7.5.2b, 50.0 kB/s")
    stage.wait(100)
    stage.phone(3, "loading", progress=0.3, rate_bps=50000)
    stage.shows(3, "30 % of 7.5.2b, 50.0 kB/s, ")
    left = page.run("document.querySelector('[data-phone=\"58bfea110403\"] .now').textContent").split(", ")[2]
    assert re.fullmatch("[56]:.. left", left), left  # 20 % took 100 seconds, and what the machine needed for this
    for number in range(4, 8):
        stage.phone(number, "done", version="7.6.1", rungs=[], done_at_uptime_s=1600 + number)
    page.until("document.getElementById('end').textContent.startsWith('Expected to end in ')")
    minutes = page.run("+document.getElementById('end').textContent.match(/in (\\d+):/)[1]")
    assert 4 <= minutes <= 30, minutes  # two rungs of some three minutes are before phone 3
    stage.phone(8, "needs-hand", note="reset it: press Setup, 14")
    stage.phone(9, "stalled")
    stage.phone(10, "refused", model="SPA942", rungs=[])
    page.until("document.querySelectorAll('.phone').length === 10")
    page.until("document.getElementById('end').textContent.includes('2 need a hand')")
    wait_until("those that need a hand first", lambda: page.run(
        "[...document.querySelectorAll('.phone')].slice(0, 3).map((e) => e.dataset.state)") == ["needs-hand", "refused", "stalled"], 15)
    stage.shows(8, "Reset it: press Setup, 14", ".why")
    page.run("[...document.querySelectorAll('#filters button')].find((b) => b.textContent.startsWith('needs a hand')).click()")
    page.until("document.querySelectorAll('.phone').length === 3")
    page.run("document.querySelector('#filters button').click()")
    for words, count in (("58:bf:ea:11:04:03", 1), ("ccq00000003", 1), ("spa942", 1), ("loading", 1), ("192.168.10.5", 9), ("setup", 1)):
        search(page, words)
        page.until(f"document.querySelectorAll('.phone').length === {count}")
    search(page, "")
    stage.summary["warnings"] = ["Another DHCP server, 192.168.10.1 (00:11:22:33:44:55), is here.", "The card is nearly full."]
    stage.wait(1)
    page.until("document.getElementById('notices').textContent.includes('192.168.10.1 (00:11:22:33:44:55)')")
    same(page.run("[...document.querySelectorAll('#notices li')].map((e) => e.textContent)"), stage.summary["warnings"], "notices")
    stage.tell("gone", {"mac": "58bfea110404"})
    page.until("document.querySelectorAll('.phone').length === 9")
    look(trial, page)
    stage.restart()
    page.until("document.getElementById('name').textContent === 'again'")
    assert page.run("document.getElementById('end').textContent").startswith("Expected to end in "), "what was before counts, too"
    same(page.errors, [], "errors on the console")


@test(seconds=120)
def dashboard_beside_another_dhcp_server(trial):
    """Found at start, it keeps the box from answering; its address and MAC are on the page, and the way out is a button."""
    other = rogue.dnsmasq(trial)
    box = trial.start(dict(WEB, dhcp={"rogue": "guard"}))
    page = window(trial)
    page.until(f"document.getElementById('notices').textContent.includes('192.168.10.1 (MAC {other.station.mac()})')")
    same(box.api("summary")["dhcp_held"], True, "dhcp_held")
    page.until("document.getElementById('end').textContent.includes('no addresses')")
    log_in(page)
    page.run("document.getElementById('open-box').click()")
    picture(trial, page, "box")
    other.kill()
    page.click("Give out addresses", "document.getElementById('box')")
    page.until("document.getElementById('notices').hidden")
    page.until("!document.getElementById('box').textContent.includes('Give out')")
    same(box.api("summary")["dhcp_held"], False, "dhcp_held")
    same(rogue.offers(trial), {ADDRESS}, "servers that answer")
    same(page.errors, [], "errors on the console")


@test(seconds=120)
def dashboard_by_keyboard(trial):
    """All of it without a mouse: search, filters, a phone and back to where one was, the box, logging in."""
    trial.start(WEB)
    stage = Stage(trial)
    page = stage.page
    for number in range(1, 4):
        stage.phone(number, "waiting")
    page.until("document.querySelectorAll('.phone').length === 3")
    page.until("!document.getElementById('login').hidden")
    where = "document.activeElement.id || document.activeElement.textContent"
    visited = []
    for _ in range(12):
        page.key("Tab")
        visited.append(page.run(where))
    same(visited[:3], ["To the phones", "open-box", "login"], "the first stops")
    same(visited[3], "search", "the search")
    assert [w for w in visited if w.startswith("SPA504G")] == ["SPA504G"] * 3, visited
    page.run("document.querySelector('[data-phone=\"58bfea110403\"] button').focus(); true")
    stage.phone(3, "needs-hand")
    page.until("document.querySelector('.phone').dataset.phone === '58bfea110403'")
    same(page.run("document.activeElement.closest('.phone')?.dataset.phone"), "58bfea110403", "the focus goes with its tile")
    page.key("/", "/")
    same(page.run(where), "search", "the key /")
    for letter in "04:02":
        page.key(letter, letter)
    page.until("document.querySelectorAll('.phone').length === 1")
    for _ in range(6):
        page.key("Tab")
    same(page.run(where), "SPA504G", "the tile")
    outline = page.run("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "where the focus is cannot be seen"
    page.key("Enter")
    page.until("document.getElementById('detail').open")
    page.key("Tab")
    same(page.run("document.getElementById('detail').contains(document.activeElement) || document.activeElement === document.body"),
         True, "the focus stays in the dialog")
    page.key("Escape")
    page.until("!document.getElementById('detail').open")
    same(page.run(where), "SPA504G", "back on the tile")
    page.run("document.getElementById('login').focus(); true")
    page.key("Enter")
    page.until("document.getElementById('enter').open")
    same(page.run(where), "password", "the field")
    for letter in "right":
        page.key(letter, letter)
    page.key("Enter")
    page.until("!document.getElementById('logout').hidden")
    same([e for e in page.errors if "timeline" not in e], [], "errors on the console")  # the box does not know that phone


@test(seconds=90)
def dashboard_files(trial):
    """Firmware and phones.csv are brought by the browser, with their progress; what is not sound says why."""
    box = trial.start(WEB)
    page = window(trial)
    log_in(page)
    page.run("document.getElementById('open-box').click()")
    page.run("window.bars = 0; new MutationObserver(() => { const bar = document.querySelector('#box progress'); "
             "if (bar && bar.value > 0) window.bars++; }).observe(document.getElementById('box'), "
             "{subtree: true, childList: true, attributes: true, characterData: true}); true")
    files = [trial.path(name) for name in ("spa50x-30x-7-5-2b.bin", "spa50x-30x-7-6-1.bin", "spa50x-30x-7-6-2.bin", "phones.csv")]
    contents = [images.make("spa50x-30x", "7.5.2b"), images.make("spa50x-30x", "7.6.1"), b"no image", b"mac,extension\n58bfea1104e6,4711\n"]
    for path, content in zip(files, contents):
        with open(path, "wb") as file:
            file.write(content)
    page.choose("#box input[accept='.bin']", files[:3])
    page.until("document.querySelector('#box .found p.bad')", 30)
    said = page.run("[...document.querySelectorAll('#box .found p')].map((e) => [e.className, e.textContent])")
    same([c for c, _ in said], ["", "", "bad"], str(said))
    assert "spa50x-30x 7.6.1" in said[1][1] and "no vendor header" in said[2][1], said
    assert page.run("window.bars") > 0, "no progress was shown"
    wait_until("the target", lambda: box.api("summary")["targets"].get("spa50x-30x") == "7.6.1")
    page.choose("#box input[accept='.csv']", files[3:])
    page.until("document.getElementById('box').textContent.includes('1 phone in it')")
    box.http("/58bfea1104e6.xml", headers={"User-Agent": agent("SPA504G", "7.3.7", "58bfea1104e6")})
    page.run("[...document.querySelectorAll('#box input')].filter((e) => e.placeholder).forEach((e, i) => e.value = "
             "['SPA504G', '7.3.7'][i]); document.querySelector('#box form').requestSubmit()")
    page.until("document.querySelector('#box form + div li')")
    same(page.run("[...document.querySelectorAll('#box form + div li')].map((e) => e.textContent.split('  ')[0])"),
         ["7.3.7 → 7.5.2b", "7.5.2b → 7.6.1", "done at 7.6.1"], "the plan")
    picture(trial, page, "box")
    page.click("Set the clock from here", "document.getElementById('box')")
    page.until("document.getElementById('toast').textContent.includes('clock')")
    on_top = ("(() => { const t = document.getElementById('toast'), r = t.getBoundingClientRect(); "
              "return document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2) === t; })()")
    same(page.run(on_top), True, "what was said is on top of the dialog")
    page.click("Close", "document.getElementById('box')")
    page.until(on_top)
    wait_until("the extension on its tile", lambda: page.run(EXTENSIONS) == ["4711"], 10)
    same([e for e in page.errors if "status of 422" not in e and "status of 409" not in e], [], "errors on the console")


@test(seconds=120)
def dashboard_nudge(trial):
    """A phone that waits for its next resync for hours: nudged on the page, it goes on and is done."""
    script = trial.path("script.json")
    with open(script, "w", encoding="utf-8") as file:
        json.dump({"target": "7.6.1", "firmware": quirks.FIRMWARE, "groups": [
            {"model": "504G", "version": "7.5.5", "quirks": ["reboot-on=none"]}]}, file)
    words = ("--script", script)
    settings = dict(WEB, upgrade={"resync": "12h", "stall": "12h"})
    box = trial.start(card=batches.prepared(trial, words, files=quirks.FIRMWARE, settings=settings))
    page = window(trial)
    log_in(page)
    page.run("document.getElementById('open-box').click()")
    page.click("Pause the batch", "document.getElementById('box')")
    wait_until("the pause", lambda: box.api("summary")["paused"])
    phones = Process(trial.station("bench"), [batches.PHONES, "--interface", "eth0", *words, "--clock", "60", "-q"],
                     trial.log_path("phones"))
    page.until("document.querySelector('.phone[data-state=waiting]')", 30)
    wait_until("the end of its resync", lambda: "Successful resync" in box.log(), 20)
    page.click("Resume the batch", "document.getElementById('box')")
    page.click("Close", "document.getElementById('box')")
    time.sleep(3)  # nothing happens by itself
    same(page.run(SHOWN), {p["mac"]: "waiting" for p in box.phones()}, "still waiting")
    page.run("document.querySelector('.phone button').click()")
    page.click("Nudge", "document.getElementById('detail')")
    page.until("document.querySelector('.phone:not([data-state=waiting])')", 20)
    picture(trial, page, "nudged")
    page.until("document.querySelector('.phone[data-state=done]')", 60)
    phones.kill()
    same(page.errors, [], "errors on the console")
