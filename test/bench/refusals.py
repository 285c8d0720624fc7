"""The clients of the bench find what is wrong with an answer: else a server would gain by giving none that is whole."""
import os
import sys

from lab import box
from lab.process import run as run_inside
from wires import Machine, cable

HERE = os.path.dirname(os.path.abspath(__file__))
SERVER, FIRST = "192.168.10.24", "192.168.10.100"
WRONG_HTTP = ("not-found", "without-a-length", "too-short", "too-long", "reset")
SIZE = 100_000
TRIES = 3


def program(name):
    return os.path.join(os.path.dirname(box.BINARY), name)


def has_bound(station):
    """A mirror that is not there yet would be asked in vain, and nothing be refused: a packet socket for all protocols."""
    return run_inside(station, ["grep", "-q", " 0003 ", "/proc/net/packet"], 5).returncode == 0


def listens(station):
    return run_inside(station, ["grep", "-q", ":0050 .* 0A ", "/proc/net/tcp"], 5).returncode == 0


class Pair:
    """A server and clients on one cable."""

    def __init__(self, bench, address=None):
        self.bench = bench
        self.server, self.clients = bench.keep(Machine("server")), bench.keep(Machine("clients"))
        cable(self.server, self.clients, "wire", address)

    def accepts(self, server, client, ready=has_bound):
        """Whether the client got something of that server, and is content with it."""
        process = self.bench.peer(SERVER, server, ready, station=self.server)
        done = run_inside(self.clients, client, 20)
        process.kill()
        assert done.returncode in (0, 1), (client, done)
        return done.returncode == 0 and float(done.stdout.split()[0]) > 0

    def judges(self, right, *words):
        """Whether the client is content with `right` answers, and else not. That it is not may be a busy moment's fault."""
        return any(self.accepts(*words) for _ in range(TRIES if right else 1)) == right


def tftp(bench):
    names = []
    for name, last in (("right", b"a"), ("wrong", b"b")):
        names.append(bench.path(name, "refused.bin"))
        os.makedirs(os.path.dirname(names[-1]))
        with open(names[-1], "wb") as file:
            file.write(bytes(SIZE) + last)
    pair = Pair(bench)
    for served in names:
        yield f"tftp, the content of {served}", pair.judges(
            served == names[0], [program("mirror"), "eth0", SERVER, "tftp", served, "512", "1"],
            [program("tftp_load"), "wire", FIRST, "2", SERVER, names[0], "512", "1", "0.3"])


def dhcp(bench):
    pair = Pair(bench)
    for mode in ("dhcp", "dhcp-one-address"):
        yield mode, pair.judges(mode == "dhcp", [program("mirror"), "eth0", SERVER, mode],
                                [program("dhcp_load"), "wire", "0.3", "2", "20", "0"])


def http(bench):
    pair = Pair(bench, SERVER + "/24")
    for what in ("right", *WRONG_HTTP):
        yield f"http, {what}", pair.judges(
            what == "right", [sys.executable, os.path.join(HERE, "wrong_http.py"), SERVER, what],
            [program("http_frames"), "wire", FIRST, "2", SERVER, "80", "0.3", "7.6.1", "/x"], listens)


def failures(bench):
    """A sentence for each answer that a client took for something else than it is."""
    print("== what the clients refuse", flush=True)
    for protocol in (tftp, dhcp, http):
        for what, rightly in protocol(bench):
            if not rightly:
                yield f"{what}: the client takes it for what it is not"
