"""HTTP: a profile of 4 KB over and over, by clients whose TCP is their own, beside lighttpd and nginx."""
import os
import socket
import struct

from frame import OURS, Figure, row, run_inside
from lab import box, dhcp, images
from lab.case import ADDRESS
from lab.process import exists
from meter import Meter
from row_http import PEERS, PROFILE, answers, process_and_children, template
from wires import Machine, cable, of_clients, pinned, receive_on

LOAD = os.path.join(os.path.dirname(box.BINARY), "http_frames")
SIZE = 4096       # bytes of the profile, or some more or less
FIRST = "192.168.10.100"
PHONES = 64       # at once: as many as a bench has in its first batch
VERSION = "7.6.1"  # the target: a phone that has it is given its final configuration


class Contestant:
    """A server on a cable of its own to the clients."""

    def __init__(self, bench, name, address):
        self.bench, self.name, self.address = bench, name, address
        self.machine = bench.keep(Machine(name))
        self.cable = "to" + address.rpartition(".")[2]
        self.meter = bench.keep(Meter("profiles-" + name))
        cable(self.machine, bench.clients, self.cable, None if name == OURS else address + "/24")
        clients, servers = of_clients()
        receive_on(bench.clients, self.cable, clients)
        receive_on(self.machine, "eth0", servers)

    def load(self, seconds, *words):
        """One run of the clients: (answers, bytes, seconds, CPU, repeated), or None where it failed."""
        done = run_inside(self.bench.clients, pinned([LOAD, self.cable, FIRST, str(PHONES), self.address, "80", f"{seconds}",
                                                      VERSION, PROFILE, *words]), seconds + 30)
        if done.returncode != 0:
            print(f"    {self.name}: {done.stderr.decode().strip()}")
            return None
        return [float(word) for word in done.stdout.split()]

    def measured(self, *words):
        """Answers a second, the server's microseconds of the processor for one, and what the clients could do alone."""
        def measure(seconds):
            before = self.meter.seconds()
            said = self.load(seconds, *words)
            if said is None:
                return None
            count, _, wall, cpu = said[:4]
            return count / wall, (self.meter.seconds() - before) / count * 1e6, count / cpu
        return measure


def phone(number):
    """Its address and MAC, as http_frames makes them."""
    address = struct.unpack("!I", socket.inet_aton(FIRST))[0] + number
    return socket.inet_ntoa(struct.pack("!I", address)), bytes.fromhex(f"0002fd{address & 0xffffff:06x}").hex(":")


def lease(bench, contestant):
    """The phones get their addresses of the box, as on any staging network."""
    for number in range(PHONES):
        address, mac = phone(number)
        client = dhcp.Client(bench.clients, mac, interface=contestant.cable)
        given = client.obtain().yiaddr
        assert given == address, f"{mac} was to have {address}, and has {given}"
        client.close()


def start_box(bench, contestant):
    """The box: how many bytes its profile has."""
    card = bench.card()
    images.put(card, "spa50x-30x", VERSION)
    card.write("profiles/full.xml", template())
    card.settings({"profile": {"auth": "none", "transport": "any", "template": "profiles/full.xml"},
                   "dhcp.host": {mac: address for address, mac in map(phone, range(PHONES))}})
    bench.make_box(card, contestant.machine).start()
    contestant.meter.put(bench.box.process.pid)
    lease(bench, contestant)
    said = contestant.load(0.1)
    assert said, "the box gave no profile"
    size = round(said[1] / said[0])
    assert abs(size - SIZE) < 100, f"the profile has {size} bytes"
    return size


def start_peer(bench, contestant, command, config, root):
    assert exists(command[0]), f"{command[0]} is not installed"
    process = bench.peer(contestant.address, [*command, bench.configuration(config, root=root, folder=bench.folder)], answers,
                         station=contestant.machine)
    for pid in process_and_children(process.pid):
        contestant.meter.put(pid)


def contestants(bench):
    bench.clients = bench.keep(Machine("clients"))
    found = [Contestant(bench, OURS, ADDRESS)]
    size = start_box(bench, found[0])
    root = bench.path("www")
    os.makedirs(root)
    with open(root + PROFILE, "wb") as file:
        file.write(os.urandom(size))
    for peer, (address, command, config) in PEERS.items():
        found.append(Contestant(bench, peer, address))
        start_peer(bench, found[-1], command, config, root)
    return found


def figure(found, title, *words):
    cost = Figure(f"…{title}: the server's processor time", "us an answer", less=True)
    client = Figure(f"…{title}: what the client could do alone", "1/s", note="its own processor time counted only")
    return Figure(f"profiles of 4 KB, {title}", "1/s", {c.name: c.measured(*words) for c in found}, {"lighttpd": 1},
                  note=f"{PHONES} phones; stagebox renders and journals, the peers send a file", also=(cost, client))


@row("profiles of 4 KB, beside lighttpd and nginx")
def profiles(bench):
    found = contestants(bench)
    return [figure(found, "connections kept", "kept"), figure(found, "a connection each")]
