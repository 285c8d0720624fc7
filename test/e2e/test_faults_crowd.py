"""Too many at once, hostile and confused: polite refusals, the healthy are served, and it passes."""
import contextlib
import json
import socket
import struct
import threading
import time

import test_batch as batches
import test_https_batch as secure
from lab import dhcp, tftp
from lab.box import KIND
from lab.case import ADDRESS, same, test
from lab.crowd import Crowd, all_done, wait_under_way
from lab.http import Connection, format_request
from lab.process import wait_until
from lab.profile import agent, ask, rung

MAC = "58bfea1104e6"


def used(box, pool):
    for line in box.http("/metrics").body.decode().splitlines():
        if line.startswith(f'stagebox_pool_used{{pool="{pool}"}}'):
            return int(line.split()[1])
    raise AssertionError(f"no pool {pool}")


def script(trial, groups):
    path = trial.path("script.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"target": "7.6.1", "firmware": secure.FIRMWARE, "groups": groups}, file)
    return path


def hold(trial, station, count, first):
    """So many TCP connections that have said `first` and then nothing."""
    out = []
    for _ in range(count):
        with station:
            sock = socket.socket()
        sock.settimeout(5)
        with contextlib.suppress(OSError):
            sock.connect((ADDRESS, 80))
            sock.sendall(first)
        out.append(sock)
        trial.keep(sock)
    return out


@test(seconds=150)
def faults_slow_readers_and_writers(trial):
    """200 that read nothing and 200 that send a byte now and then: a healthy phone has its file within a second."""
    card = trial.card()
    content = trial.random.randbytes(2_000_000)
    card.write("files/long.dict", content)
    box = trial.start(card=card)
    station = trial.station("holders", address="192.168.10.3/24")
    read, write = format_request("/long.dict"), b"GET /long.dict HTTP/1.1\r\nX-Slow: "
    hold(trial, station, 200, read)
    writers = hold(trial, station, 200, write)
    box.wait_said("As many HTTP connections", 20)
    over = threading.Event()

    def drip():
        while not over.wait(0.5):
            for sock in list(writers):
                with contextlib.suppress(OSError):
                    sock.send(b"x")
    thread = threading.Thread(target=drip)
    thread.start()
    try:
        wait_until("the first place that is given up", lambda: box.http("/healthz").status == 200, 10)
        began = time.monotonic()  # on a busy machine they came one after the other: until the last stands still for 2 s
        wait_until("all stand still", lambda: time.monotonic() - began > 3, 10)
        took = []
        for _ in range(5):
            hold(trial, station, 2, read)   # whatever became free is taken again
            writers += hold(trial, station, 2, write)
            start = time.monotonic()
            answer = box.http("/long.dict")
            took.append(time.monotonic() - start)
            same((answer.status, answer.body == content), (200, True), "the healthy phone's file")
        assert sorted(took)[2] < 1.0, f"a healthy phone waited {took} s"
        same(tftp.fetch(trial.operator, ADDRESS, "long.dict", options={"blksize": 1428, "windowsize": 8}) == content, True,
             "by TFTP")
    finally:
        over.set()
        thread.join()


@test(seconds=150)
def faults_slow_bodies(trial):
    """200 that send the body of a report or of a file a byte now and then, and come again when they are cut off: a healthy
    phone has its file within a second, and its report is taken."""
    card = trial.card()
    content = trial.random.randbytes(2_000_000)
    card.write("files/long.dict", content)
    box = trial.start(card=card)
    station = trial.station("holders", address="192.168.10.3/24")
    over = threading.Event()
    asked = []

    def slowly(number):
        target, method = (("/report/58bfea1200%02x.xml" % (number % 256), "POST"), ("/report/spa504G.xml", "PUT"),
                          ("/api/v1/firmware/spa51x-7-6-1.bin", "PUT"), ("/spa504G.cfg", "POST"))[number % 4]
        framing = {"Content-Length": "60000"} if number % 8 < 6 else {"Transfer-Encoding": "chunked"}
        head = f"{method} {target} HTTP/1.1\r\nHost: box\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in framing.items()) + "\r\n"
        return head.encode() + (b"" if "Content-Length" in framing else b"ea60\r\n")

    def drip():
        """Each of them, in turn; one that has been cut off is replaced."""
        held = [hold(trial, station, 1, slowly(number))[0] for number in range(200)]
        for sock in held:
            sock.settimeout(0)
        asked.append(True)
        while not over.wait(0.4):
            for number, sock in enumerate(held):
                try:
                    sock.send(b"x")
                    if sock.recv(1000) == b"":
                        raise OSError
                except BlockingIOError:
                    continue
                except OSError:
                    sock.close()
                    held[number] = hold(trial, station, 1, slowly(number))[0]
                    held[number].settimeout(0)
    thread = threading.Thread(target=drip)
    thread.start()
    try:
        wait_until("200 slow writers", lambda: asked, 60)
        took = []
        for _ in range(7):
            start = time.monotonic()
            answer = box.http("/long.dict")
            took.append(time.monotonic() - start)
            same((answer.status, answer.body == content), (200, True), "the healthy phone's file")
        assert sorted(took)[3] < 1.0, f"a healthy phone waited {took} s"
        who = {"User-Agent": agent("SPA504G", "7.3.7", MAC)}
        wait_until("the healthy phone's report", lambda: box.http("/report/status.xml", method="POST", headers=who,
                                                                  body=b"<status/>").status == 201, 30, every=0.1)
    finally:
        over.set()
        thread.join()


@test()
def faults_slow_report_makes_way(trial):
    """There is room for one report at a time: one that trickles in does not keep another phone's out."""
    box = trial.start()
    head = b"POST /report/58bfea120001.xml HTTP/1.1\r\nHost: box\r\nContent-Length: 60000\r\n\r\n"
    slow = hold(trial, trial.operator, 1, head + b"x" * 300)[0]
    who = {"User-Agent": agent("SPA504G", "7.3.7", MAC)}
    start = time.monotonic()

    def taken():
        with contextlib.suppress(OSError):
            slow.send(b"x" * 20)
        return box.http("/report/status.xml", method="POST", headers=who, body=b"<status/>").status == 201
    wait_until("the other phone's report", taken, 10, every=0.2)
    assert time.monotonic() - start < 10, "the slow one was cut off for other reasons"


@test(seconds=150)
def faults_every_pool_full(trial):
    """phones, leases, tftp, connections, tls and viewers, each at its limit at the same time, with twice as many phones at
    work: refusals are polite, the batch ends, and every pool is empty again."""
    count = 24 if trial.everything else 8
    limits = {"phones": count, "leases": count, "tftp": 2, "connections": 8, "tls": 2}
    # (none whose first contact is TFTP: turned away there, a factory phone comes again in an hour)
    groups = [{"model": model, "version": version, "count": count // 4} for model, version in
              (("504G", "7.5.2b"), ("514G", "7.5.5"), ("525G2", "7.4.5"), ("508G", "7.3.7"))]
    words = ("--script", script(trial, groups))
    card = batches.prepared(trial, words, settings={"limits": limits}, files=secure.FIRMWARE)
    box = trial.start(card=card)
    statuses, over = set(), threading.Event()

    def crowd_out():
        """Viewers, connections that idle, TFTP transfers that nobody follows up."""
        station, turn = trial.station("crowders", address="192.168.10.5/24"), 0
        while not over.is_set():
            held = []
            for target in ("/api/v1/events",) * 4 + ("/healthz",) * 6:
                with contextlib.suppress(OSError, AssertionError):
                    connection = Connection(station, ADDRESS, seconds=2)
                    held.append(connection)
                    connection.send(format_request(target))
                    head = connection.socket.recv(200)
                    statuses.add(int(head.split()[1]) if head else 0)
            turn += 1
            socks = [tftp.udp(station, seconds=1) for _ in range(4 if turn % 12 == 1 else 0)]
            for sock in socks:  # who does not answer keeps his place for three seconds
                sock.sendto(tftp.request_bytes("spa504G.cfg"), (ADDRESS, 69))
            over.wait(0.5)
            for thing in held + socks:
                thing.close()
    thread = threading.Thread(target=crowd_out)
    thread.start()
    try:
        report = Crowd(trial, words, 120).finish()
    finally:
        over.set()
        thread.join()
    all_done(box, len(report["phones"]))
    assert statuses <= {0, 200, 503} and statuses & {0, 503}, f"answers {statuses}"
    one_more = {"User-Agent": agent("SPA504G", "7.3.7", "0002fd000001", "CCQ00000001")}
    wait_until("one phone more gets the place of one that is done",
               lambda: box.http("/spa504G.cfg", headers=one_more).status == 200, 20, every=0.5)
    wait_until("connections free again", lambda: used(box, "connections") <= 1, 40, every=0.2)


@test()
def faults_dead_transfers_give_way(trial):
    """TFTP peers that have gone hold every place: a newcomer is served within seconds, not after a minute."""
    card = trial.card({"limits": {"tftp": 4}})
    content = trial.random.randbytes(5000)
    card.write("files/ring.dict", content)
    trial.start(card=card)
    for _ in range(4):
        sock = trial.keep(tftp.udp(trial.operator, seconds=3))
        sock.sendto(tftp.request_bytes("ring.dict"), (ADDRESS, 69))
        same(sock.recv(1000)[1], tftp.DATA, "a transfer begins")
    same(tftp.error_of(trial.operator, ADDRESS, "ring.dict"), 0, "while they may still be there")
    start = time.monotonic()

    def served():
        with contextlib.suppress(tftp.TftpError):
            return tftp.fetch(trial.operator, ADDRESS, "ring.dict") == content
    wait_until("a place", served, 20, every=0.2)
    assert time.monotonic() - start < 12, "the dead held their places"


@test(seconds=150)
def faults_twice_the_limits(trial):
    """Twice as many phones at a time as TFTP, HTTP and HTTPS have places for: all done in at most twice the time."""
    count = 40 if trial.everything else 8
    words = ("--mixed", str(count), "--spread", "1")
    took = []
    for tftp_places, connections in ((count, count * 4), (max(count // 8, 1), max(count // 4, 4))):
        limits = {"tftp": tftp_places, "connections": connections, "tls": connections}
        card = batches.prepared(trial, words, settings={"limits": limits}, name=f"card{connections}")
        box = trial.make_box(card, trial.station("box") if not trial.boxes else trial.boxes[0].station)
        box.start()
        took.append(Crowd(trial, words, 140, station=trial.station("bench")).finish()["seconds"])
        all_done(box, count)
        box.stop()
    assert took[1] < took[0] * 2 + 2, f"alone {took[0]} s, crowded {took[1]} s"


def garbage(trial, over, syn_every):
    """UDP noise on every port of the box, SYNs from everywhere (in every so manieth round), ARP for and from everybody: as
    fast as they go."""
    station = trial.station("flood", "02:66:00:00:00:01", "192.168.10.6/24")
    with station:
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        raw.bind(("eth0", 0))
    box = dhcp.mac_bytes(trial.box.mac())
    draw, sent = trial.random, 0
    while not over.is_set():
        for _ in range(50):
            for port in (67, 68, 69, 53, 123, 514, 5353):
                with contextlib.suppress(OSError):
                    udp.sendto(draw.randbytes(draw.randint(0, 600)), (ADDRESS, port))
            source = b"\x02" + draw.randbytes(5)
            ip = bytes([192, 168, 10, draw.randint(200, 254)])  # none of the pool: who steals addresses is another test
            head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, draw.randint(0, 65535), 0, 64, 6, 0, ip, dhcp.ip_bytes(ADDRESS))
            head = head[:10] + struct.pack("!H", dhcp.checksum(head)) + head[12:]
            syn = struct.pack("!HHIIBBHHH", draw.randint(1024, 65535), 80, draw.randint(0, 1 << 31), 0, 0x50, 2, 1000, 0, 0)
            pseudo = ip + dhcp.ip_bytes(ADDRESS) + struct.pack("!HH", 6, len(syn))
            syn = syn[:16] + struct.pack("!H", dhcp.checksum(pseudo + syn)) + syn[18:]
            if sent % (9 * syn_every) == 0:
                raw.send(box + source + b"\x08\x00" + head + syn)
            arp = struct.pack("!HHBBH", 1, 0x0800, 6, 4, draw.choice((1, 2))) + source + ip + bytes(6) + \
                dhcp.ip_bytes(ADDRESS)
            raw.send(b"\xff" * 6 + source + b"\x08\x06" + arp.ljust(46, b"\0"))
            sent += 9
    raw.close()
    udp.close()
    return sent


@test(seconds=150)
def faults_floods(trial):
    """A batch beside floods of UDP noise, SYNs and ARP."""
    count = 24 if trial.everything else 4
    words = ("--mixed", str(count))
    box = trial.start(card=batches.prepared(trial, words, settings={"dhcp": {"pool": "192.168.10.50-192.168.10.150"}}))
    # lwIP has no SYN cookies (RFC 4987): more half-open connections than it has places keep everybody out.
    syn_every = 1 if KIND == "linux" else 1000
    over = threading.Event()
    sent = []
    thread = threading.Thread(target=lambda: sent.append(garbage(trial, over, syn_every)))
    thread.start()
    try:
        report = Crowd(trial, words, 120).finish()
    finally:
        over.set()
        thread.join()
    assert sent and sent[0] > 5000, f"a thin flood: {sent}"
    same([(p["mac"], p["state"], p["note"]) for p in box.phones()
          if p["mac"] in {q["mac"] for q in report["phones"]} and p["state"] != "done"], [], "every phone done")


@test(seconds=150)
def faults_dhcp_starvation(trial):
    """Somebody asks for every address, over and over with new MACs (with --all he takes them, too): phones that are there
    keep theirs, and the pool recovers."""
    words = ("--mixed", "4")
    settings = {"dhcp": {"pool": "192.168.10.50-192.168.10.90", "lease": "60s", "rogue": "warn"}, "limits": {"leases": 40}}
    box = trial.start(card=batches.prepared(trial, words, settings=settings))
    crowd = Crowd(trial, words, 120)
    wait_under_way(box, 4)
    station, over, got = trial.station("greedy"), threading.Event(), []

    def starve():
        number = 0
        while not over.is_set():
            number += 1
            client = dhcp.Client(station, f"02:00:00:00:{number >> 8 & 255:02x}:{number & 255:02x}")
            offer = client.discover(seconds=0.02)
            if offer and trial.everything:
                client.request(offer, seconds=0.05)
            got.append(offer is not None)
            client.close()
    thread = threading.Thread(target=starve)
    thread.start()
    try:
        report = crowd.finish()
        wait_until("many who ask", lambda: len(got) > 200, 60)
        if trial.everything:
            wait_until("a starved pool", lambda: not any(got[-20:]), 60)
    finally:
        over.set()
        thread.join()
    all_done_of(box, report)
    newcomer = trial.keep(dhcp.Client(trial.operator, "58:bf:ea:00:00:99"))
    wait_until("an address for a newcomer", lambda: newcomer.discover(seconds=1), 90)


def all_done_of(box, report):
    mine = {q["mac"] for q in report["phones"]}
    same([(p["mac"], p["state"], p["note"]) for p in box.phones() if p["mac"] in mine and p["state"] != "done"], [],
         "every phone done")


@test()
def faults_phones_that_lie(trial):
    """A version that was never flashed does not make a phone done; it gets no image that another version may have."""
    words = ("--mixed", "1")
    card = batches.prepared(trial, words)
    box = trial.start(card=card)
    lease = dhcp.Client(trial.operator, MAC[:2] + "".join(":" + MAC[i:i + 2] for i in range(2, 12, 2))).obtain().yiaddr
    trial.operator.ip(f"addr add {lease}/24 dev eth0")
    mine = {"source": lease}
    first = rung(ask(box, "SPA504G", "7.3.7", MAC, **mine)[0])
    assert first and "7-5-2b" in first, first
    # It says that it has the target, without a byte of an image loaded: believed for what it asks, and told of.
    late = rung(ask(box, "SPA504G", "7.6.1", MAC, **mine)[0])
    same(late, None, "a rung for who says that he is at the target")
    # Then it says that it is old again: it gets the first stop, and never what is two stops away.
    again = rung(ask(box, "SPA504G", "7.1.3a", MAC, **mine)[0])
    assert again and "7-5-2b" in again, again
    far = box.http("/spa50x-30x-7-6-1.bin", headers={"User-Agent": agent("SPA504G", "7.1.3a", MAC)}, **mine)
    same(far.status, 404, "two stops away")
    other = box.http("/spa51x-7-6-1.bin", headers={"User-Agent": agent("SPA514G", "7.5.5", MAC)}, **mine)
    assert other.status == 404 or box.phone(MAC)["state"] != "done", other
    for version in ("9.9.9", "7.6.1" * 40, "", "7.6.1(", "-1.0.0", "7.6.1\x01"):
        answer = box.http("/spa504G.cfg", headers={"User-Agent": f"Cisco/SPA504G-{version} ({MAC.upper()})(CCQ1)"}, **mine)
        assert answer.status in (200, 400, 404), (version, answer)
        assert b"Upgrade_Rule>http" not in answer.body or b"7-5-2b" in answer.body, (version, answer.body)
    assert box.phone(MAC)["state"] != "done" or box.phone(MAC)["version"] == "7.6.1", box.phone(MAC)
    same([p["mac"] for p in box.phones()], [MAC], "rows")


@test()
def faults_two_phones_with_one_mac(trial):
    """Two machines with one MAC and serials of their own: one row that says so, no secrets, no wrong image."""
    words = ("--mixed", "1")
    card = batches.prepared(trial, words)
    card.inventory([{"mac": MAC, "extension": "100", "password": "s3cret-of-this-phone"}])
    card.write("profiles/full.xml", "<flat-profile><Password_1_>{{password}}</Password_1_></flat-profile>")
    box = trial.start(card=card)
    lease = dhcp.Client(trial.operator, MAC[:2] + "".join(":" + MAC[i:i + 2] for i in range(2, 12, 2))).obtain().yiaddr
    trial.operator.ip(f"addr add {lease}/24 dev eth0")
    for _ in range(4):
        for model, version, serial in (("SPA504G", "7.3.7", "CCQ00000001"), ("SPA514G", "7.6.1", "CCQ00000002")):
            answer = box.http("/spa504G.cfg", headers={"User-Agent": agent(model, version, MAC, serial)}, source=lease)
            assert answer.status in (200, 404), answer
            assert b"s3cret" not in answer.body or model == "SPA514G", "a secret for who is not at the target"
        wrong = box.http("/spa51x-7-6-1.bin", headers={"User-Agent": agent("SPA504G", "7.3.7", MAC, "CCQ00000001")},
                         source=lease)
        same(wrong.status, 404, "another family's image")
    same(len(box.phones()), 1, "rows")
