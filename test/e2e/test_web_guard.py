"""Who may change something over HTTP, and what nobody else learns."""
import hashlib
import os
import socket

from lab import http, images
from lab.case import ADDRESS, same, test
from lab.events import Viewer
from lab.process import wait_until
from lab.session import Session

MAC = "58bfea1104e6"
AGENT = {"User-Agent": "Cisco/SPA504G-7.6.1 (58BFEA1104E6)(CCQ16380FYH)"}
SECRET, EXTENSION, PASSWORD = "sesame-9153", "4711", "Right-0815"

CHANGES = [("POST", f"/api/v1/phones/{MAC}/{action}", b"") for action in ("nudge", "retry", "ignore", "forget")] + [
    ("POST", "/api/v1/batch/pause", b""), ("POST", "/api/v1/batch/resume", b""), ("POST", "/api/v1/reload", b""),
    ("POST", "/api/v1/clock", b'{"time": "2031-01-01T00:00:00Z"}'),
    ("PUT", "/api/v1/firmware/spa51x-7-6-1.bin", b"image"), ("PUT", "/api/v1/phones.csv", b"mac\n"),
    ("DELETE", "/api/v1/session", b"")]


def a_box(trial):
    """With a phone that has its final configuration, secrets and all."""
    card = trial.card({"web": {"password": PASSWORD}, "profile": {"auth": "none", "transport": "any"}})
    images.put(card, "spa50x-30x", "7.6.1")
    card.write("phones.csv", f"mac,extension,secret\n{MAC},{EXTENSION},{SECRET}\n")
    card.write("profiles/full.xml", "<flat-profile><User_ID_1_>{{extension}}</User_ID_1_>"
                                    "<Password_1_>{{secret}}</Password_1_></flat-profile>")
    box = trial.make_box(card).start()
    return box


def state_of(box):
    """What a change would change."""
    files = {}
    for folder, _, names in os.walk(box.card.folder):
        if os.path.basename(folder) != "state":
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    files[os.path.relpath(os.path.join(folder, name), box.card.folder)] = hashlib.md5(file.read()).hexdigest()
    phones = [{k: v for k, v in p.items() if "seen" not in k} for p in box.phones()]
    summary = box.api("summary")
    return files, phones, summary["paused"], summary["targets"], box.log().count("anew")


def refused(box, statuses, **headers):
    for method, target, body in CHANGES:
        answer = box.http(target, method=method, body=body,
                          headers={name.replace("_", "-"): value for name, value in headers.items()})
        assert answer.status in statuses, f"{method} {target} {headers}: {answer}"


@test()
def web_nobody_changes_anything(trial):
    """Without a session, with a guessed or an ended one, from another site: every change is refused and nothing is changed."""
    box = a_box(trial)
    box.http(f"/{MAC}.xml", headers=AGENT)
    operator = Session(box, PASSWORD)
    before = state_of(box)
    refused(box, (401,), X_Stagebox="1")
    for guess in ("stagebox=" + "0" * 32, "stagebox=", "stagebox=" + operator.cookie[9:-1], operator.cookie + "0",
                  operator.cookie.replace("=", "=0", 1), "session=" + operator.cookie[9:], operator.cookie.upper()):
        refused(box, (401,), X_Stagebox="1", Cookie=guess)
    changing = CHANGES.pop()  # logging out needs no header, but no other site's page either
    refused(box, (403,), Cookie=operator.cookie)
    refused(box, (403,), Cookie=operator.cookie, X_Stagebox="yes")
    CHANGES.append(changing)
    refused(box, (403,), Cookie=operator.cookie, X_Stagebox="1", Origin="http://evil.example")
    refused(box, (403,), Cookie=operator.cookie, X_Stagebox="1", Origin="null")
    same(state_of(box), before, "the box")
    same(operator.send("DELETE", "/api/v1/session").status, 204, "log-out")
    refused(box, (401,), X_Stagebox="1", Cookie=operator.cookie)
    again = Session(box, PASSWORD)
    box.card.write("stagebox.ini", box.card.read("stagebox.ini").replace(PASSWORD.encode(), b"other"))
    box.reload()
    wait_until("the new password", lambda: Session(box, "other").login.status == 204)
    refused(box, (401,), X_Stagebox="1", Cookie=again.cookie)
    same(state_of(box)[1:3], before[1:3], "phones and pause")


@test()
def web_oversized_bodies(trial):
    box = a_box(trial)
    operator = Session(box, PASSWORD)
    for method, target, size in (("POST", "/api/v1/session", 1 << 20), ("POST", "/api/v1/clock", 4096),
                                 ("PUT", "/api/v1/phones.csv", 5 << 20), ("PUT", "/api/v1/firmware/spa51x-7-6-1.bin", 65 << 20),
                                 ("POST", "/report/x", 65537)):
        with http.Connection(box.operator, ADDRESS) as connection:
            connection.send(http.format_request(target, method, {"Content-Length": str(size), "X-Stagebox": "1",
                                                                 "Cookie": operator.cookie}) + b"x" * 1000)
            same(connection.response().status, 413, f"{method} {target}")
    same(box.http("/healthz").body, b"ok", "healthz")


@test()
def web_guessing_is_slowed(trial):
    """Five wrong tries a minute from one address; others are not held up."""
    box = a_box(trial)
    statuses = [Session(box, f"guess {n}").login for n in range(7)]
    same([a.status for a in statuses], [401] * 5 + [429] * 2, "statuses")
    assert 1 <= int(statuses[-1].headers["retry-after"]) <= 60, statuses[-1]
    same(Session(box, PASSWORD).login.status, 429, "the right one, too soon")
    other = trial.station("other", address="192.168.10.3/24")
    same(Session(box, PASSWORD, station=other).login.status, 204, "somebody else")


@test()
def web_nothing_leaks(trial):
    """Nothing of phones.csv, templates, settings or reports is in what anyone may read."""
    box = a_box(trial)
    phone = trial.station("phone", "58:bf:ea:11:04:e6", address="192.168.10.60/24")
    answer = http.fetch(phone, ADDRESS, f"/{MAC}.xml", headers=AGENT)
    assert answer.status == 200, answer
    http.fetch(phone, ADDRESS, f"/report/{MAC}.xml", "PUT", AGENT, f"<User_ID_1_>{EXTENSION}</User_ID_1_>".encode())
    with phone:
        talker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for line in (f"<134>registered as {EXTENSION}", f"<134>SIP password {SECRET}"):
        talker.sendto(line.encode(), (ADDRESS, 514))
    talker.close()
    viewer = trial.keep(Viewer(box))
    wait_until("the phone on the stream", lambda: viewer.seen().get(MAC) and viewer.summary)
    targets = ["/", "/api/v1/summary", "/api/v1/phones", f"/api/v1/phones/{MAC}", f"/api/v1/phones/{MAC}/timeline",
               f"/api/v1/phones/{MAC}/report", "/api/v1/check", "/api/v1/plan?model=SPA504G&version=7.3.7",
               "/api/v1/session", "/report.csv", "/report.json", "/report.html", "/metrics", "/phones.csv",
               "/api/v1/phones.csv", "/stagebox.ini", "/state/journal-a", "/profiles/full.xml", "/report/"]
    for target in targets:
        body = box.http(target).body
        for word in (SECRET, EXTENSION, PASSWORD):
            assert word.encode() not in body, f"{word} in {target}"
    told = repr((viewer.seen(), viewer.summary, viewer.lines))
    assert SECRET not in told and EXTENSION not in told, told
    operator = Session(box, PASSWORD)
    assert SECRET.encode() in operator.get("/report.csv").body, "the report of an operator"
    assert EXTENSION.encode() in operator.get(f"/api/v1/phones/{MAC}/report").body, "the phone's report"
