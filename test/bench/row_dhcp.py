"""DHCP: four-way exchanges, beside Kea with its memfile and dnsmasq."""
import os

from frame import OURS, Figure, row, run_inside
from lab import box
from lab.case import ADDRESS
from lab.process import exists
from meter import Meter
from wires import Machine, cable, pinned

LOAD = os.path.join(os.path.dirname(box.BINARY), "dhcp_load")
MIRROR = os.path.join(os.path.dirname(box.BINARY), "mirror")
NET = ADDRESS + "/16"
AT_ONCE = 64
PHONES = 500  # what the box is made for
DROPS = 0.01
SYNC = {OURS: "its journal reaches the kernel before the answer, and the disk within a second",
        "kea": "memfile: a line of its CSV reaches the kernel before the answer; nothing is synced",
        "dnsmasq": "its whole file of leases is written anew after answers; nothing is synced"}


class Contestant:
    """A server alone with its clients: DHCP servers must not see each other's clients."""

    def __init__(self, bench, name):
        self.bench, self.name = bench, name
        self.clients = bench.keep(Machine(name + "-clients"))
        self.server = bench.keep(Machine(name))
        self.meter = bench.keep(Meter("dhcp-" + name))
        self.phones = 20 if bench.options.smoke else PHONES
        self.seen = 0  # so far, so that the next ones are strangers
        cable(self.server, self.clients, "wire", None if name == OURS else NET)

    def load(self, seconds, at_once, phones, first):
        """One run of the clients: (exchanges, seconds, CPU, drops, NAKs), or None where it failed."""
        done = run_inside(self.clients, pinned([LOAD, "wire", f"{seconds}", str(at_once), str(phones), str(first)]), 120)
        if done.returncode != 0:
            print("    " + done.stderr.decode().strip())
            return None
        return [float(word) for word in done.stdout.split()]

    def rate(self, words):
        """Exchanges a second; None where too many were dropped."""
        if words is None or words[0] == 0 or words[3] + words[4] > DROPS * words[0]:
            print(f"    {self.name}: {words}: too many drops")
            return None
        return words[0] / words[1]

    def known(self, seconds):
        """The same phones again and again, as when the bench gets power; and the server's processor for 1000 of it."""
        if self.seen == 0:
            self.warm_up()
        before = self.meter.seconds()
        words = self.load(seconds, min(AT_ONCE, self.phones), self.phones, 0)
        rate = self.rate(words)
        return rate and (rate, (self.meter.seconds() - before) / words[0] * 1000)

    def strangers(self, _):
        """Phones that nobody has seen before, all at once: seconds until the last one has an address."""
        self.seen += self.phones
        words = self.load(0, self.phones, self.phones, self.seen)
        return words and words[1]

    def warm_up(self):
        self.seen = self.phones
        self.load(0, 1, self.phones, 0)  # one by one: dnsmasq would offer one address to two


def kea(bench):
    config = bench.configuration("kea-dhcp4.conf", folder=bench.folder)
    environment = dict(os.environ, KEA_PIDFILE_DIR=bench.folder, KEA_LOCKFILE_DIR="none")
    return ["kea-dhcp4", "-c", config], environment


def dnsmasq(bench):
    config = bench.configuration("dnsmasq-dhcp.conf", folder=bench.folder)
    return ["dnsmasq", "--keep-in-foreground", f"--conf-file={config}"], None


def start_box(bench, contestant):
    card = bench.card({"box": {"address": NET}, "dhcp": {"pool": "192.168.16.1-192.168.31.250"},
                       "limits": {"leases": "4096", "phones": "4096"}})
    bench.make_box(card, contestant.server).start()
    contestant.meter.put(bench.box.process.pid)


def start_peer(bench, contestant, command, environment):
    assert exists(command[0]), f"{command[0]} is not installed"
    process = bench.peer(ADDRESS, command, lambda _: (contestant.load(0.1, 1, 1, 0) or [0])[0] > 0, env=environment,
                         station=contestant.server)
    contestant.meter.put(process.pid)


def contestants(bench):
    found = {name: Contestant(bench, name) for name in (OURS, "kea", "dnsmasq")}
    start_box(bench, found[OURS])
    start_peer(bench, found["kea"], *kea(bench))
    start_peer(bench, found["dnsmasq"], *dnsmasq(bench))
    return found


def alone(bench):
    machine = Contestant(bench, "mirror")
    process = bench.process(machine.server, [MIRROR, "eth0", ADDRESS, "dhcp"])
    return lambda seconds: machine.rate(machine.load(seconds, AT_ONCE, PHONES, 0))


@row("DHCP four-way exchanges a second, beside Kea and dnsmasq")
def dhcp(bench):
    found = contestants(bench)
    for name, policy in SYNC.items():
        print(f"  {name}: {policy}")
    cost = Figure("the server's processor for 1000 of them", "s", less=True)
    return [Figure(f"{PHONES} phones that begin anew, {AT_ONCE} at once", "1/s",
                   {name: c.known for name, c in found.items()}, {"kea": 2}, also=(cost,), ceiling=alone(bench),
                   note=f"at most {DROPS:.0%} drops"),
            Figure(f"until {PHONES} strangers at once have an address", "s",
                   {name: c.strangers for name, c in found.items()}, less=True, rounds=3,
                   note="stagebox looks by ARP whether an address is free; the others do not")]
