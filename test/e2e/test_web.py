"""The operator's HTTP on the whole program."""
import json
import shutil
import subprocess

from lab import images, prometheus
from lab.case import same, test
from lab.process import wait_until
from lab.session import Session

AGENT = {"User-Agent": "Cisco/SPA514G-7.5.5 (58BFEA1104E6)(CCQ16380FYH)"}
WEB = {"web": {"password": "right"}}


@test()
def web_firmware_by_http(trial):
    """An image that the operator brings is offered to phones from then on; a damaged one is not."""
    card = trial.card(WEB)
    images.put(card, "spa50x-30x", "7.5.2b")
    image = card.read("firmware/spa50x-30x-7-5-2b.bin")
    box = trial.start(card=card)
    operator = Session(box, "right")
    same(operator.login.status, 204, "log-in")
    big = images.put(trial.card(name="other"), "spa50x-30x", "7.6.1", size=6_000_000)
    target = "/api/v1/firmware/spa50x-30x-7-6-1.bin"
    same(box.http(target, method="PUT", body=big).status, 401, "nobody's upload")
    same(operator.put(target, big[:-1]).status, 422, "a cut image")
    same(box.http("/spa50x-30x-7-6-1.bin").status, 404, "the cut image")
    answer = operator.put(target, big)
    same((answer.status, answer.json()["version"]), (201, "7.6.1"), "the whole image")
    wait_until("the new target", lambda: box.api("summary")["targets"].get("spa50x-30x") == "7.6.1")
    same(box.http("/spa50x-30x-7-6-1.bin").body == big, True, "what is served")
    plan = box.api("plan?model=504g&version=7.5.2b")
    same([rung["to"] for rung in plan["rungs"]], ["7.6.1"], "the plan")
    same(card.read("firmware/spa50x-30x-7-5-2b.bin") == image, True, "the other image")
    same(box.http(target, method="PUT", headers={"Content-Length": "70000000", "Cookie": operator.cookie,
                                                 "X-Stagebox": "1"}, body=b"x").status, 413, "too large")


@test()
def web_inventory_by_http(trial):
    card = trial.card(WEB)
    box = trial.start(card=card)
    operator = Session(box, "right")
    box.http("/58bfea1104e6.xml", headers=AGENT)
    same(operator.put("/api/v1/phones.csv", b"extension\n12\n").status, 422, "no column mac")
    secret = ("SIP_Password", "pw", "sip-pwd", "PIN2", "User Key", "Kennwort")  # by their names
    csv = f"mac,extension,{','.join(secret)},Keyboard,opinion\n58bfea1104e6,4711{',sesame' * len(secret)},qwertz,fine\n".encode()
    same(operator.put("/api/v1/phones.csv", csv).status, 201, "phones.csv")
    wait_until("the extension in the report", lambda: b"4711" in operator.get("/report.csv").body)
    same(b"4711" in box.http("/report.csv").body, False, "the report for everybody")
    listed = operator.get("/report.json").json()["phones"]
    same([(p["mac"], p["inventory"]) for p in listed], [("58bfea1104e6", dict({"extension": "4711", "Keyboard": "qwertz", "opinion": "fine"}, **dict.fromkeys(secret, "sesame")))],
         "report.json")
    assert b"sesame" in operator.get("/report.csv").body
    paper = operator.get("/report.html").body
    same([word in paper for word in (b"4711", b"qwertz", b"fine")], [True] * 3, "what is printed")
    same([name for name in secret if f">{name}</th>".encode() in paper], [], "secrets that are printed")
    assert b"sesame" not in paper, "a secret on paper"
    same(card.read("phones.csv"), csv, "the card")


@test()
def web_check_and_reload(trial):
    card = trial.card(WEB)
    box = trial.start(card=card)
    operator = Session(box, "right")
    good = card.read("stagebox.ini").decode()
    card.write("stagebox.ini", good + "[upgrade]\nresync = soon\n")
    check = operator.get("/api/v1/check").json()
    same([(p["file"], p["level"]) for p in check["problems"] if p["level"] == "error"],
         [("stagebox.ini", "error")], "problems")
    card.write("stagebox.ini", good.replace("right", "other"))
    same(operator.post("/api/v1/reload").status, 202, "reload")
    wait_until("the new password", lambda: Session(box, "other").login.status == 204)
    same(operator.get("/api/v1/check").status, 401, "the old session")
    same(operator.post("/api/v1/batch/pause").status, 401, "the old session")


@test()
def web_clock(trial):
    box = trial.start(WEB)
    operator = Session(box, "right")
    same(operator.post("/api/v1/clock", {"time": "2001-01-01T00:00:00Z"}).status, 409, "the past")
    same(operator.post("/api/v1/clock", {"time": "now"}).status, 400, "no time")
    same(box.http("/api/v1/clock", method="POST", body=json.dumps({"time": "2031-01-01T00:00:00Z"}).encode()).status,
         401, "nobody")


@test()
def web_metrics(trial):
    """Every line as Prometheus wants it; promtool has the last word where there is one (with --all always)."""
    card = trial.card(WEB)
    images.put(card, "spa51x", "7.6.1")
    box = trial.start(card=card)
    box.http("/58bfea1104e6.xml", headers=AGENT)
    answer = box.http("/metrics")
    same(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8", "Content-Type")
    samples = prometheus.read(answer.body.decode(), "stagebox_")
    same(samples["stagebox_phones", 'state="waiting"'], 1, "waiting phones")
    same(sum(v for (name, _), v in samples.items() if name == "stagebox_phones"), 1, "phones")
    same(samples["stagebox_ready", None], 1, "ready")
    same(samples["stagebox_pool_size", 'pool="tftp"'], 128, "pool_size")
    promtool = shutil.which("promtool")
    assert promtool or not trial.everything, "no promtool"
    if promtool:
        linted = subprocess.run([promtool, "check", "metrics"], input=answer.body, capture_output=True)
        same((linted.returncode, linted.stdout + linted.stderr), (0, b""), "promtool")
