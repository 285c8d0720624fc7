"""Who may change something over HTTP, and what nobody else learns."""
import contextlib
import hashlib
import json
import os
import socket
import ssl

from lab import dhcp, http, images, routes
from lab.box import command
from lab.case import ADDRESS, same, test
from lab.events import Viewer
from lab.process import wait_until
from lab.session import Session

MAC = "58bfea1104e6"
AGENT = {"User-Agent": "Cisco/SPA504G-7.6.1 (58BFEA1104E6)(CCQ16380FYH)"}
SECRET, EXTENSION, PASSWORD = "sesame-9153", "4711", "Right-0815"

IMAGE = "spa51x-7-6-1.bin"
LOG_IN = ("POST", "/api/v1/session")
LOG_OUT = ("DELETE", "/api/v1/session")
CHANGES = [row for row in routes.changes(MAC, IMAGE) if row[:2] != LOG_IN]  # logging in needs no session


def a_box(trial, with_a_key=False):
    """With a phone that has its final configuration, secrets and all."""
    card = trial.card({"web": {"password": PASSWORD}, "profile": {"auth": "inventory", "transport": "any"}})
    images.put(card, "spa50x-30x", "7.6.1")
    card.write("phones.csv", f"mac,extension,secret\n{MAC},{EXTENSION},{SECRET}\n")
    card.write("profiles/full.xml", "<flat-profile><User_ID_1_>{{extension}}</User_ID_1_>"
                                    "<Password_1_>{{secret}}</Password_1_></flat-profile>")
    for words in [("ca",), ("server",)] if with_a_key else []:
        same(command("-c", card.ini, "cert", *words, "--key", "1024").returncode, 0, f"cert {words}")
    return trial.make_box(card).start()


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


def refused(box, status, but=(), **headers):
    """Each change is answered `status`; the rows `but` are left out."""
    for method, target, body in CHANGES:
        if (method, target) in but:
            continue
        answer = box.http(target, method=method, body=body,
                          headers={name.replace("_", "-"): value for name, value in headers.items()})
        same(answer.status, status, f"{method} {target} {headers}")


@test()
def web_nobody_changes_anything(trial):
    """Without a session, with a guessed or an ended one, from another site: every row of the router's table that changes
    something refuses, and nothing is changed."""
    box = a_box(trial)
    box.http(f"/{MAC}.xml", headers=AGENT)
    operator = Session(box, PASSWORD)
    before = state_of(box)
    assert len(CHANGES) >= 11, CHANGES
    refused(box, 401, X_Stagebox="1")
    for guess in ("stagebox=" + "0" * 32, "stagebox=", "stagebox=" + operator.cookie[9:-1], operator.cookie + "0",
                  operator.cookie.replace("=", "=0", 1), "session=" + operator.cookie[9:], operator.cookie.upper()):
        refused(box, 401, X_Stagebox="1", Cookie=guess)
    refused(box, 403, [LOG_OUT], Cookie=operator.cookie)  # which needs no header, but no other site's page either
    refused(box, 403, [LOG_OUT], Cookie=operator.cookie, X_Stagebox="yes")
    for origin in ("http://evil.example", "null", "http://192.168.10.10.evil.example", "http://192.168.10.10:8080"):
        refused(box, 403, Cookie=operator.cookie, X_Stagebox="1", Origin=origin)
        same(box.http("/api/v1/session", method="POST", body=b'{"password": "%s"}' % PASSWORD.encode(),
                      headers={"Origin": origin}).status, 403, f"logging in from {origin}")
    same(state_of(box), before, "the box")
    same(operator.send("DELETE", "/api/v1/session").status, 204, "log-out")
    refused(box, 401, X_Stagebox="1", Cookie=operator.cookie)
    again = Session(box, PASSWORD)
    box.card.write("stagebox.ini", box.card.read("stagebox.ini").replace(PASSWORD.encode(), b"other"))
    box.reload()
    wait_until("the new password", lambda: Session(box, "other").login.status == 204)
    refused(box, 401, X_Stagebox="1", Cookie=again.cookie)
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
    for method, target, statuses in (("POST", "/api/v1/session", (413,)), ("POST", "/api/v1/clock", (413,)),
                                     ("PUT", "/api/v1/phones.csv", (411,)), ("PUT", "/api/v1/firmware/spa51x-7-6-1.bin", (411,)),
                                     ("PUT", f"/report/{MAC}.xml", (413,))):
        with http.Connection(box.operator, ADDRESS) as connection:  # without a length it is found out on the way
            connection.send(http.format_request(target, method, {"Transfer-Encoding": "chunked", "X-Stagebox": "1", "Content-Length": None,
                                                                 "Cookie": operator.cookie, **AGENT}))
            with contextlib.suppress(OSError):  # the box may hang up before all of it is there
                for _ in range(80):
                    connection.send(b"400\r\n" + b"x" * 1024 + b"\r\n")
                connection.send(b"0\r\n\r\n")
            answer = connection.response()
            assert answer and answer.status in statuses, f"{method} {target} in chunks: {answer}"
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


def phone_talks(trial):
    """It gets its final configuration, and says by report and syslog what stands in there."""
    phone = trial.station("phone", "58:bf:ea:11:04:e6")
    phone.ip(f"addr add {trial.keep(dhcp.Client(phone, MAC)).obtain().yiaddr}/24 dev eth0")
    answer = http.fetch(phone, ADDRESS, f"/{MAC}.xml", headers=AGENT)
    assert answer.status == 200 and SECRET.encode() in answer.body, answer
    report = f"<User_ID_1_>{EXTENSION}</User_ID_1_><Password_1_>{SECRET}</Password_1_>".encode()
    same(http.fetch(phone, ADDRESS, f"/report/{MAC}.xml", "PUT", AGENT, report).status, 201, "its report")
    with phone, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
        for line in (f"<134>registered as {EXTENSION}", f"<131>SIP password {SECRET} is wrong"):
            talker.sendto(line.encode(), (ADDRESS, 514))


@test()
def web_nothing_leaks(trial):
    """Nothing of phones.csv, templates, settings, keys or reports is in what anyone may read: all rows of the router's
    table, and names that somebody might try, before anybody was logged in, beside an operator, and after he has left."""
    box = a_box(trial, with_a_key=True)
    phone_talks(trial)
    key = box.card.read("certs/server.key").decode().split("\n")[1]
    viewer = trial.keep(Viewer(box))
    wait_until("the phone on the stream", lambda: viewer.seen().get(MAC) and viewer.summary)
    targets = [t for t in routes.readings(MAC, IMAGE) if t != "/api/v1/events"] + [
        "/api/v1/plan?model=SPA504G&version=7.3.7", "/phones.csv", "/api/v1/phones.csv", "/stagebox.ini", "/server.key",
        "/certs/server.key", "/api/v1/firmware/phones.csv", "/state/journal-a", "/profiles/full.xml", "/full.xml", "/report/",
        f"/report/{MAC}.xml", f"/state/reports/{MAC}.xml", f"/{MAC}.xml", "/report.csv?columns=all", "//report.csv"]

    def look(**headers):
        for target in targets:
            body = box.http(target, headers=headers).body
            for word in (SECRET, EXTENSION, PASSWORD, key):
                assert word.encode() not in body, f"{word} in {target} with {headers}"
    look()
    operator = Session(box, PASSWORD)
    assert SECRET.encode() in operator.get("/report.csv").body, "the report of an operator"
    assert EXTENSION.encode() in operator.get(f"/api/v1/phones/{MAC}/report").body, "the phone's report"
    assert SECRET in str(operator.get(f"/api/v1/phones/{MAC}/timeline").json()), "what the phone said"
    for target in targets:  # nothing needs it, so nobody has it: not even in what an operator reads
        assert key.encode() not in operator.get(target).body, f"the key in {target}"
    look()
    look(Cookie="stagebox=" + "0" * 32)
    same(operator.send("DELETE", "/api/v1/session").status, 204, "log-out")
    look(Cookie=operator.cookie)
    told = repr((viewer.seen(), viewer.summary, viewer.lines))
    for word in (SECRET, EXTENSION, PASSWORD, key):
        assert word not in told, f"{word}: {told}"


@test()
def web_over_https(trial):
    """The same over HTTPS, where the cookie never goes out in the clear; another site's page is one with another scheme."""
    box = a_box(trial, with_a_key=True)
    box.http(f"/{MAC}.xml", headers=AGENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(box.card.path("certs/ca.crt"))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")

    def ask(target, method="GET", body=b"", **fields):
        with http.Connection(box.operator, ADDRESS, 443) as connection:
            connection.socket = context.wrap_socket(connection.socket, server_hostname="stagebox.local")
            return connection.request(target, method, {k.replace("_", "-"): v for k, v in fields.items()}, body)
    same(ask("/report.csv").status, 200, "the report")
    login = ask("/api/v1/session", "POST", json.dumps({"password": PASSWORD}).encode())
    same(login.status, 204, "log-in")
    words = login.headers["set-cookie"].split("; ")
    same(sorted(words[1:]), ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"], "the cookie")
    same(ask("/api/v1/batch/pause", "POST", Cookie=words[0]).status, 403, "without the header")
    same(ask("/api/v1/batch/pause", "POST", Cookie=words[0], X_Stagebox="1").status, 202, "with it")
    assert SECRET.encode() in ask("/report.csv", Cookie=words[0]).body, "the report of an operator"
