"""Pools that are full: a polite refusal, a line for the operator, and the work goes on."""
import time

from lab import dhcp, tftp
from lab.case import ADDRESS, same, test
from lab.http import Connection, format_request
from lab.profile import agent


@test()
def limit_of_phones(trial):
    box = trial.start({"limits": {"phones": 5}})
    for n in range(9):
        answer = box.http("/spa504G.cfg", headers={"User-Agent": agent("SPA504G", "7.3.7", f"58bfea0000{n:02x}",
                                                                       f"CCQ{n:08d}")})
        assert answer.status in (200, 503), answer
    same(box.api("summary")["phones"], 5, "phones")
    box.wait_said("The table of phones is full")
    again = box.http("/spa504G.cfg", headers={"User-Agent": agent("SPA504G", "7.3.7", "58bfea000000", "CCQ00000000")})
    same(again.status, 200, "one of the first five")


@test()
def limit_of_leases(trial):
    box = trial.start({"limits": {"leases": 3}})
    for n in range(3):
        trial.keep(dhcp.Client(trial.operator, f"58:bf:ea:00:00:0{n}")).obtain()
    same(trial.keep(dhcp.Client(trial.operator, "58:bf:ea:00:00:09")).discover(seconds=2), None, "a fourth")
    box.wait_said("The table of leases is full")
    trial.keep(dhcp.Client(trial.operator, "58:bf:ea:00:00:00")).obtain()


@test()
def limit_of_tftp_transfers(trial):
    card = trial.card({"limits": {"tftp": 4}})
    content = trial.random.randbytes(50000)
    card.write("files/ring.dict", content)
    box = trial.start(card=card)
    sockets = [tftp.udp(trial.operator, seconds=3) for _ in range(7)]
    kinds = []
    for sock in sockets:
        sock.sendto(tftp.request_bytes("ring.dict"), (ADDRESS, 69))
        kinds.append(sock.recv(1000)[1])
    same(kinds, [tftp.DATA] * 4 + [tftp.ERROR] * 3, "answers")
    box.wait_said("As many TFTP transfers as")
    for sock in sockets:
        sock.close()
    limit = time.monotonic() + 90
    while True:  # those that were left go away by themselves
        try:
            same(tftp.fetch(trial.operator, ADDRESS, "ring.dict", seconds=10) == content, True, "afterwards")
            return
        except tftp.TftpError:
            assert time.monotonic() < limit, "the pool stays full"
            time.sleep(1)


@test()
def tftp_flood_of_requests(trial):
    """A thousand requests that nobody follows up: the next one is served as soon as there is room."""
    card = trial.card()
    card.write("files/ring.dict", b"ring")
    box = trial.start(card=card)
    sock = tftp.udp(trial.operator)
    for n in range(1000):
        sock.sendto(tftp.request_bytes(f"absent{n}.dict"), (ADDRESS, 69))
    sock.close()
    same(tftp.fetch(trial.operator, ADDRESS, "ring.dict", seconds=10), b"ring", "afterwards")
    same(box.http("/healthz").status, 200, "healthz")


@test()
def limit_of_viewers(trial):
    """Dashboards get a quarter of the connections: the next is told to come again, and phones have theirs."""
    trial.start({"limits": {"connections": 16}})
    statuses = []
    for _ in range(8):
        connection = trial.keep(Connection(trial.operator, ADDRESS))
        connection.send(format_request("/api/v1/events"))
        statuses.append(int(connection.socket.recv(200).split()[1]))
    same(statuses, [200] * 4 + [503] * 4, "answers")
    same(trial.box.http("/spa504G.cfg", headers={"User-Agent": agent("SPA504G", "7.3.7", "58bfea000000", "CCQ00000000")}).status,
         200, "a phone")


@test()
def limit_of_connections(trial):
    """As many readers that take nothing as there are places: one more is told to come again."""
    card = trial.card({"limits": {"connections": 6, "tls": 2}})
    card.write("files/long.dict", bytes(4_000_000))
    trial.start(card=card)
    answers = []
    for _ in range(9):
        connection = trial.keep(Connection(trial.operator, ADDRESS))
        connection.send(format_request("/long.dict"))
        answers.append(int(connection.socket.recv(100).split()[1]))
    same(answers, [200] * 6 + [503] * 3, "answers")
