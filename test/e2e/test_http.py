"""HTTP as bytes: what curl would not send."""
import errno
import os
import time

from lab import http, images
from lab.case import ADDRESS, same, test
from lab.http import Connection, fetch, format_request


def ready(trial):
    card = trial.card()
    content = trial.random.randbytes(3000)
    card.write("files/ring.dict", content)
    trial.start(card=card)
    return content


def talk(trial, data, seconds=20):
    """Sends bytes on a new connection; the first response, and the connection."""
    connection = trial.keep(Connection(trial.operator, ADDRESS, seconds=seconds))
    connection.send(data)
    return connection.response(), connection


# why, the request, the status; each must also end the connection where the next request cannot be found safely
REQUESTS = [
    ("plain", b"GET /ring.dict HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ("1.0 without Host", b"GET /ring.dict HTTP/1.0\r\n\r\n", 200),
    ("1.1 without Host: phones need none", b"GET /ring.dict HTTP/1.1\r\n\r\n", 200),
    ("absolute form", b"GET http://other:80/ring.dict HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ("a query is no part of the name", b"GET /ring.dict?x=1 HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ("unknown method", b"BREW /ring.dict HTTP/1.1\r\nHost: x\r\n\r\n", 501),
    ("known method, not here", b"DELETE /ring.dict HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    ("HTTP/2.0", b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    ("no version", b"GET /ring.dict\r\n\r\n", 400),
    ("bare CR in a field", b"GET /ring.dict HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400),
    ("obs-fold", b"GET /ring.dict HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400),
    ("space before the colon", b"GET /ring.dict HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    ("NUL in a field", b"GET /ring.dict HTTP/1.1\r\nHost: x\0y\r\n\r\n", 400),
    ("two Hosts", b"GET /ring.dict HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    ("conflicting lengths", b"PUT /report/a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
    ("length with a sign", b"PUT /report/a HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc", 400),
    ("length and chunked", b"PUT /report/a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
                           b"0\r\n\r\n", 400),
    ("bad chunk size", b"PUT /report/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
     400),
    ("unknown coding", b"PUT /report/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ("a report above 64 KB", b"PUT /report/a HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n", 413),
    ("target too long", b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    ("fields too long", b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: bbbbbbbbbbbbbbbb\r\n" * 3000 + b"\r\n", 431),
]


@test()
def http_answers_each_request_rightly(trial):
    ready(trial)
    for why, data, status in REQUESTS:
        answer, connection = talk(trial, data)
        assert answer, f"{why}: no answer"
        same(answer.status, status, f"{why}: status")
        assert "content-length" in answer.headers, f"{why}: no Content-Length"
        assert "transfer-encoding" not in answer.headers and "location" not in answer.headers, f"{why}: {answer}"
        if status in (400, 413, 414, 431, 505) or status == 501 and b"Transfer" in data:
            connection.send(b"")
            assert connection.at_end(), f"{why}: the connection stays open"


@test()
def http_needs_the_length_of_a_report(trial):
    ready(trial)
    answer, _ = talk(trial, b"PUT /report/a HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.status in (400, 403, 411), answer


@test()
def http_head_equals_get(trial):
    ready(trial)
    phone = {"User-Agent": "Cisco/SPA504G-7.3.7 (58BFEA1104E6)(CCQ16380FYH)"}
    for target, headers in (("/ring.dict", {}), ("/absent.dict", {}), ("/healthz", {}), ("/spa504G.cfg", phone),
                            ("/api/v1/summary", {}), ("/", phone)):
        with Connection(trial.operator, ADDRESS) as connection:
            got = connection.request(target, headers=headers)
            head = connection.request(target, "HEAD", headers)
            again = connection.request("/healthz")
        volatile = ("date", "content-length" if "summary" in target else "date")
        for name in set(got.headers) | set(head.headers):
            if name not in volatile:
                same(head.headers.get(name), got.headers.get(name), f"{target}: {name}")
        same(head.status, got.status, f"{target}: status")
        same(again.body, b"ok", f"what follows the HEAD of {target}")
        if target == "/spa504G.cfg":
            same(got.headers.get("cache-control"), "no-store", "Cache-Control of a profile")


@test()
def http_pipelining(trial):
    content = ready(trial)
    with Connection(trial.operator, ADDRESS) as connection:
        connection.send(b"".join(format_request(t) for t in ("/ring.dict", "/absent", "/healthz", "/ring.dict")))
        answers = [connection.response() for _ in range(4)]
    same([a.status for a in answers], [200, 404, 200, 200], "statuses")
    assert answers[0].body == answers[3].body == content
    with Connection(trial.operator, ADDRESS) as connection:
        connection.send(format_request("/ring.dict", headers={"Connection": "close"}) + format_request("/healthz"))
        same(connection.response().body, content, "the last")
        assert connection.at_end(), "answered behind `Connection: close`"


@test()
def http_1_0_closes(trial):
    content = ready(trial)
    with Connection(trial.operator, ADDRESS) as connection:
        answer = connection.request("/ring.dict", version="HTTP/1.0")
        same(answer.body, content, "body")
        assert connection.at_end(), "HTTP/1.0 without keep-alive stays open"
    with Connection(trial.operator, ADDRESS) as connection:
        connection.request("/ring.dict", version="HTTP/1.0", headers={"Connection": "keep-alive"})
        same(connection.request("/healthz", version="HTTP/1.0").body, b"ok", "keep-alive on HTTP/1.0")


@test()
def http_byte_by_byte(trial):
    content = ready(trial)
    with Connection(trial.operator, ADDRESS) as connection:
        for byte in format_request("/ring.dict"):
            connection.send(bytes([byte]))
            time.sleep(0.005)
        same(connection.response().body, content, "body")


@test(seconds=180)
def http_slow_client_is_let_go(trial):
    """A client that never ends its request gets 408 or is closed, and holds nobody up."""
    content = ready(trial)
    slow = [trial.keep(Connection(trial.operator, ADDRESS, seconds=150)) for _ in range(10)]
    for connection in slow:
        connection.send(b"GET /ring.dict HTTP/1.1\r\nHost:")
    same(fetch(trial.operator, ADDRESS, "/ring.dict").body, content, "meanwhile")
    answer = slow[0].response()
    assert answer is None or answer.status == 408, answer
    assert slow[0].at_end()


@test()
def http_healthz_and_api(trial):
    card = trial.card()
    images.put_ladder(card)
    trial.start(card=card)
    box = trial.box
    healthz = box.http("/healthz")
    same((healthz.status, healthz.body), (200, b"ok"), "healthz")
    summary = box.api("summary")
    for key in ("name", "version", "uptime_s", "targets", "phones", "states", "bytes_sent", "rate_bps", "warnings"):
        assert key in summary, f"{key}: {summary}"
    same(summary["name"], "stagebox", "name")
    same(summary["targets"].get("spa50x-30x"), "7.6.1", "target")
    same(summary["phones"], 0, "phones")
    same(box.phones(), [], "phones")
    same(box.http("/api/v1/phones/58bfea1104e6").status, 404, "an unknown phone")
    box.http("/spa504G.cfg", headers={"User-Agent": "Cisco/SPA504G-7.3.7 (58BFEA1104E6)(CCQ16380FYH)"})
    phone = box.phone("58bfea1104e6")
    same(phone, box.phones()[0], "the phone alone and in the list")
    for key in ("mac serial model family ip version target state stage rungs progress rate_bps attempts first_seen "
                "last_seen done_at note history").split():
        assert key in phone, f"{key}: {phone}"
    expected = {"mac": "58bfea1104e6", "serial": "CCQ16380FYH", "model": "SPA504G", "family": "spa50x-30x",
                "version": "7.3.7", "target": "7.6.1", "rungs": ["7.5.2b", "7.6.1"], "stage": "ladder"}
    same({k: phone[k] for k in expected}, expected, "the phone")
    assert phone["first_seen"] and phone["first_seen"].endswith("Z") or "+" in phone["first_seen"], phone
    assert "first_seen_uptime_s" in phone and "last_seen_uptime_s" in phone, phone
    assert box.api("summary")["phones"] == 1


@test()
def http_reports_of_phones(trial):
    trial.start()
    phone = {"User-Agent": "Cisco/SPA504G-7.3.7 (58BFEA1104E6)(CCQ16380FYH)"}
    for method in ("PUT", "POST"):
        answer = trial.box.http("/report/status.xml", method=method, headers=phone, body=b"<status/>")
        same(answer.status, 201, method)
    same(trial.box.http("/report/status.xml", method="PUT", body=b"<status/>").status, 403, "from nobody")
    assert trial.box.http("/report/status.xml").status in (404, 405), "a report is not served"
    kept = os.listdir(trial.box.card.path("state/reports"))
    assert kept, "nothing in state/reports/"
    with Connection(trial.operator, ADDRESS) as connection:
        connection.send(b"POST /report/c.xml HTTP/1.1\r\nHost: x\r\nUser-Agent: Cisco/SPA504G-7.3.7 (58BFEA1104E6)(C1)"
                        b"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<a></\r\n2\r\na>\r\n0\r\n\r\n")
        same(connection.response().status, 201, "chunked")


@test()
def http_connections_are_bounded(trial):
    """More clients than [limits] connections: nobody crashes it, and afterwards it serves as before."""
    content = ready(trial)
    trial.box.stop()
    trial.box.card.settings({"limits": {"connections": 16}})
    trial.box.start()
    crowd = []
    for _ in range(40):
        connection = trial.keep(http.Connection(trial.operator, ADDRESS, seconds=5))
        connection.send(b"GET /ring.dict HTTP/1.1\r\nHost:")
        crowd.append(connection)
    for connection in crowd:
        connection.close()
    deadline = time.monotonic() + 20
    while True:
        try:
            same(fetch(trial.operator, ADDRESS, "/ring.dict", seconds=5).body, content, "afterwards")
            return
        except (AssertionError, OSError, AttributeError):
            assert time.monotonic() < deadline, "it serves nobody any more"
            time.sleep(0.5)


def from_port(trial, number):
    """A connection from that port, as soon as the kernel lets it go: when the box has acknowledged the end of the last one."""
    while True:
        try:
            return Connection(trial.operator, ADDRESS, source_port=number)
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:
                raise


@test()
def http_same_port_again(trial):
    """A phone that has booted takes the port numbers of before; the box still remembers connections that it closed first."""
    content = ready(trial)
    for n in range(300):
        with from_port(trial, 40000 if n >= 20 else 40000 + n % 2) as connection:
            same(connection.request("/ring.dict", headers={"Connection": "close"}).body, content, f"answer {n}")
            assert connection.at_end(), "it stays open"
