"""What the box takes: memory, the time to be ready, and the size of the program, beside dnsmasq and lighttpd with mbedTLS."""
import os
import re
import time

from frame import OURS, Figure, row, run_inside
from lab import box, images
from lab.case import ADDRESS
from lab.process import exists
from row_http import LOAD

PEERS = {"dnsmasq": ("192.168.10.21", ["dnsmasq", "--keep-in-foreground"], "/usr/sbin/dnsmasq", ()),
         "lighttpd-mbedtls": ("192.168.10.22", ["lighttpd", "-D", "-f"], "/usr/sbin/lighttpd",
                              ("/usr/lib/lighttpd/mod_mbedtls.so",))}
PHONES = 256
IMAGE = 96 * 1024  # bytes of each of the ladder's images


def resident(pid, without_images=False):
    """MB of a process that are in memory (proc(5): VmRSS); `without_images`: less what is of memfds, firmware that is to
    be sent (RssShmem)."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        said = dict(re.findall(r"^(\w+):\s+(\d+) kB$", file.read(), re.MULTILINE))
    return (int(said["VmRSS"]) - (int(said["RssShmem"]) if without_images else 0)) / 1024


def megabytes(*paths):
    return sum(os.path.getsize(os.path.realpath(path)) for path in paths) / 1e6


def stripped(bench, path):
    """The program as a package has it."""
    out = bench.path("stripped")
    done = run_inside(bench.operator, ["strip", "-o", out, path])
    assert done.returncode == 0, done
    return out


def card(bench, name, firmware):
    """Everything on: DHCP, TFTP, HTTP, HTTPS, the dashboard. Servers in the way are not looked for."""
    made = bench.card(name=name)
    made.settings({"dhcp": {"rogue": "ignore"}, "profile": {"auth": "none", "transport": "any"}})
    if firmware:
        images.put_ladder(made, size=IMAGE)
    for what in ("ca", "server"):
        done = box.command("-c", made.ini, "cert", what)
        assert done.returncode == 0, done
    return made


def ask_all(bench):
    """256 phones ask for their profile, each on a connection of its own."""
    done = run_inside(bench.operator, [LOAD, ADDRESS, "80", "3", str(PHONES), "1", "7.5.2b", "/spa504G.cfg", "close", "rate=256"], 30)
    assert done.returncode == 0, done


def start(bench, made, station):
    """Milliseconds from the program's start to its line `ready`."""
    def measure(_):
        one = box.Box(station, made, bench.log_path("start"), bench.operator)
        begin = time.monotonic()
        one.start(wait=False)
        while not one.is_ready():
            assert one.process.running(), one.log()
            assert time.monotonic() - begin < 20, one.log()
            time.sleep(0.001)
        took = (time.monotonic() - begin) * 1000
        one.stop()
        return took
    return measure


def listens(station):
    return bool(run_inside(station, ["ss", "-Hlntu"], 10).stdout.strip())


def peers(bench, made):
    """{peer: its process}, both as small as they are with what a staging bench would have of them."""
    values = {"root": bench.path("www"), "folder": bench.folder, "certificate": made.path("certs/server.crt"),
              "key": made.path("certs/server.key")}
    os.makedirs(values["root"])
    found = {}
    for peer, (address, command, _, _) in PEERS.items():
        assert exists(command[0]), f"{command[0]} is not installed"
        config = bench.configuration("dnsmasq-all.conf" if peer == "dnsmasq" else peer + ".conf", **values)
        words = [f"--conf-file={config}"] if peer == "dnsmasq" else [config]
        found[peer] = bench.peer(address, [*command, *words], listens)
    return found


def known(value):
    """A measurement that needs no repetition."""
    return lambda _: value


def at_most(title, unit, limit, measure, note="", rounds=None):
    """A figure with a bound of its own, which stands in the table as a peer that is at the bound."""
    return Figure(title, unit, {**measure, "(at most)": known(limit)}, {"(at most)": 1}, less=True, note=note, rounds=rounds)


@row("resident memory idle and with 256 phones, start to ready, size of the program, beside dnsmasq and lighttpd")
def memory(bench):
    made = card(bench, "card", True)
    bench.start(card=made)
    pid = bench.box.process.pid
    idle = resident(pid, True)
    running = peers(bench, made)
    rest = {peer: known(resident(process.pid)) for peer, process in running.items()}
    ask_all(bench)
    assert len(bench.box.phones()) == PHONES
    busy = resident(pid, True)
    ready = start(bench, made, bench.station("again", address=None))
    sizes = {OURS: known(megabytes(stripped(bench, box.BINARY)))}
    sizes.update({peer: known(megabytes(path, *more)) for peer, (_, _, path, more) in PEERS.items()})
    return [at_most("resident memory, idle", "MB", 6, {OURS: known(idle), **rest}, rounds=1,
                    note="all services and HTTPS on; without the firmware itself, which is held in memory"),
            at_most(f"resident memory, {PHONES} phones", "MB", 8, {OURS: known(busy), **rest}, rounds=1,
                    note=f"they have asked for their profiles; the peers as they are when idle"),
            at_most("start to ready", "ms", 100, {OURS: ready},
                    note="without the probe for other servers; HTTPS, and five images on the card"),
            Figure("the program", "MB", sizes, less=True, rounds=1, note="stripped; lighttpd with its module")]
