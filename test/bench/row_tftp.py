"""TFTP: one image to many phones, in lock-step and in windows, beside atftpd, tftpd-hpa and dnsmasq."""
import os

from frame import OURS, Figure, row, run_inside
from lab import box
from lab.case import ADDRESS
from lab.process import exists
from meter import Meter
from unpacked import program
from wires import Machine, cable, pinned

LOAD = os.path.join(os.path.dirname(box.BINARY), "tftp_load")
MIRROR = os.path.join(os.path.dirname(box.BINARY), "mirror")
SIZE = 4_400_000
NAME = "bulk.bin"
FIRST = "192.168.10.100"  # the clients'
PEERS = {"atftpd": "192.168.10.21", "tftpd-hpa": "192.168.10.22", "dnsmasq": "192.168.10.23"}
MIRROR_ADDRESS = "192.168.10.24"


def commands(bench, root):
    dnsmasq = bench.configuration("dnsmasq-tftp.conf", root=root, folder=bench.folder)
    return {"atftpd": ["atftpd", "--daemon", "--no-fork", "--user", "root", "--group", "root", "--logfile", "/dev/null",
                       "--verbose=0", "--maxthread", "256", "--tftpd-timeout", "0", "--no-multicast", root],
            "tftpd-hpa": [program("tftpd-hpa", "usr/sbin/in.tftpd"), "-L", "-s", "-u", "root", "--blocksize", "1468",
                          root],
            "dnsmasq": ["dnsmasq", "--keep-in-foreground", f"--conf-file={dnsmasq}"]}


def interface(address):
    """Of the clients, to the server of that address."""
    return "to" + address.rpartition(".")[2]


def load(bench, address, clients, blksize, window, seconds):
    """One run of the clients: the words that it prints, or None where it failed."""
    done = run_inside(bench.clients, pinned([LOAD, interface(address), FIRST, str(clients), address,
                                             bench.path("www", NAME), str(blksize), str(window), f"{seconds}"]),
                      seconds + 30)
    if done.returncode != 0:
        print("    " + done.stderr.decode().strip())
        return None
    return [float(word) for word in done.stdout.split()]


def measured(bench, address, meter, clients, blksize, window):
    """MB/s, and the server's seconds of the processor for 1 GB."""
    def measure(seconds):
        before = meter.seconds()
        words = load(bench, address, clients, blksize, window, seconds)
        if words is None:
            return None
        cost = meter.seconds() - before
        return words[0] / words[1], cost / words[0] * 1000
    return measure


def alone(bench, clients, blksize, window):
    """The same clients against a server that costs nothing."""
    def measure(seconds):
        mirror = bench.process(bench.mirror, [MIRROR, "eth0", MIRROR_ADDRESS, "tftp", bench.path("www", NAME),
                                              str(blksize), str(window)])
        words = load(bench, MIRROR_ADDRESS, clients, blksize, window, seconds)
        mirror.kill()
        return words and words[0] / words[1]
    return measure


def machine(bench, address):
    """For a server, on a cable of its own to the clients. stagebox and the mirror bring their addresses along."""
    made = bench.keep(Machine(address))
    own = address not in (ADDRESS, MIRROR_ADDRESS)
    cable(made, bench.clients, interface(address), address + "/24" if own else None)
    return made


def metered(bench, name, pid):
    return bench.keep(Meter(name)).put(pid)


def servers(bench):
    """Starts all: contestant -> its address and meter."""
    content = os.urandom(SIZE)
    root = bench.path("www")
    os.makedirs(root)
    with open(os.path.join(root, NAME), "wb") as file:
        file.write(content)
    card = bench.card({"dhcp": {"enabled": "no"}})
    card.write("files/" + NAME, content)
    bench.clients = bench.keep(Machine("clients"))
    bench.mirror = machine(bench, MIRROR_ADDRESS)
    bench.make_box(card, machine(bench, ADDRESS)).start()
    found = {OURS: (ADDRESS, metered(bench, OURS, bench.box.process.pid))}
    for peer, command in commands(bench, root).items():
        assert exists(command[0]) or os.path.exists(command[0]), f"{command[0]} is not installed"
        ready = lambda _, address=PEERS[peer]: load(bench, address, 1, 512, 1, 0.05)
        process = bench.peer(PEERS[peer], command, ready, station=machine(bench, PEERS[peer]))
        found[peer] = (PEERS[peer], metered(bench, peer, process.pid))
    return found


def figure(bench, found, clients, blksize, window, floor, cheaper=None):
    peers = [peer for peer in found if peer != OURS]
    def each(ratio):
        return {peer: ratio for peer in peers} if ratio else None
    blocks = f"{clients} client{'s' if clients > 1 else ''}, blocks of {blksize}"
    blocks += f", windows of {window}" if window > 1 else ""
    cost = Figure(f"{blocks}: the server's processor for 1 GB", "s", floor=each(cheaper), less=True)
    note = "tftpd-hpa and dnsmasq know no windows and go in lock-step" if window > 1 else ""
    return Figure(blocks, "MB/s", note=note,
                  measure={name: measured(bench, address, meter, clients, blksize, window)
                   for name, (address, meter) in found.items()},
                  floor=each(floor), ceiling=alone(bench, clients, blksize, window), also=(cost,))


@row("TFTP of 4.4 MB, beside atftpd, tftpd-hpa and dnsmasq")
def tftp(bench):
    found = servers(bench)
    return [figure(bench, found, 16, 512, 1, 1, 2), figure(bench, found, 16, 1428, 1, 1, 2),
            figure(bench, found, 1, 1428, 16, 1.5), figure(bench, found, 16, 1428, 16, 1.5)]
