"""Another DHCP server on the VLAN."""
import threading
import time

from lab import dhcp
from lab.case import ADDRESS, same, test
from lab.process import Process, wait_until

MAC = "58:bf:ea:11:04:e6"


def dnsmasq(trial):
    """A real other server, at 192.168.10.1."""
    station = trial.station("other", address="192.168.10.1/24")
    process = Process(station, ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--port=0",
                                "--log-facility=-", "--log-dhcp", "--dhcp-range=192.168.10.200,192.168.10.220,1h",
                                "--dhcp-authoritative", "--no-ping", "--pid-file=", "--interface=eth0",
                                f"--dhcp-leasefile={trial.path('dnsmasq.leases')}"], trial.log_path("dnsmasq"))
    trial.stack.callback(process.kill)
    wait_until("dnsmasq", lambda: "DHCP, IP range" in process.log(), alive=process.running)
    process.station = station
    return process


def offers(trial, mac=MAC, seconds=3.0):
    """Who answers a DISCOVER: the set of server addresses."""
    client = dhcp.Client(trial.operator, mac)
    client.send(dhcp.DISCOVER)
    limit, seen = time.monotonic() + seconds, set()
    while (left := limit - time.monotonic()) > 0:
        message = client.receive(left)
        if message:
            seen.add(message.address(54))
    client.close()
    return seen


@test()
def rogue_guard_at_start(trial):
    """guard: found at start, so nothing is answered; HTTP is up all the same."""
    other = dnsmasq(trial)
    box = trial.start({"dhcp": {"rogue": "guard"}})
    same(box.http("/healthz").body, b"ok", "healthz does not wait")
    box.wait_said(r"192\.168\.10\.1\b", 8)
    assert f"192.168.10.1 (MAC {other.station.mac()})" in str(box.api("summary")["warnings"]), box.api("summary")
    same(offers(trial), {"192.168.10.1"}, "servers that answer")
    same(offers(trial, "58:bf:ea:11:04:e7"), {"192.168.10.1"}, "servers that answer, later")
    assert any("192.168.10.1" in w for w in box.api("summary")["warnings"]), box.api("summary")
    box.stop()
    box.card.settings({"dhcp": {"rogue": "warn"}})
    box.start()
    assert ADDRESS in offers(trial, "58:bf:ea:11:04:e8"), "a restart with `warn` ends it"


@test()
def rogue_guard_alone(trial):
    """guard, and nobody else there: answers come within a few seconds."""
    box = trial.start({"dhcp": {"rogue": "guard"}})
    start = time.monotonic()
    client = trial.keep(dhcp.Client(trial.operator, MAC))
    offer = client.discover(seconds=1, tries=10)
    assert offer, "no OFFER"
    assert time.monotonic() - start < 8, "it took too long"
    assert not [w for w in box.api("summary")["warnings"] if "DHCP" in w], box.api("summary")


@test()
def rogue_seen_later(trial):
    """warn: seen while it runs, it is named, and the answers go on."""
    box = trial.start()
    same(offers(trial), {ADDRESS}, "servers before")
    dnsmasq(trial)
    client = trial.keep(dhcp.Client(trial.operator, "58:bf:ea:11:04:e7"))
    client.send(dhcp.DISCOVER, flags=0x8000)
    box.wait_said(r"DHCP server.*192\.168\.10\.1\b|192\.168\.10\.1\b.*DHCP server", 10)
    assert ADDRESS in offers(trial, "58:bf:ea:11:04:e8"), "it fell silent"
    assert any("192.168.10.1" in w for w in box.api("summary")["warnings"]), box.api("summary")


@test()
def rogue_ends_authoritative_auto(trial):
    """authoritative = auto: with another server about, no NAK for what may be its address."""
    box = trial.start()
    rogue = trial.keep(dhcp.RogueServer(trial.station("other", address="192.168.10.1/24"), "192.168.10.1"))
    client = trial.keep(dhcp.Client(trial.operator, MAC))
    same(client.reboot("10.9.8.7", 2).type, dhcp.NAK, "alone: NAK")
    thread = threading.Thread(target=rogue.answer, args=(2,))
    thread.start()
    trial.keep(dhcp.Client(trial.operator, "58:bf:ea:11:04:e7")).discover(seconds=2, flags=0x8000)
    thread.join()
    box.wait_said(r"192\.168\.10\.1\b", 5)
    again = trial.keep(dhcp.Client(trial.operator, MAC))  # one that has not heard the offers of before
    same(again.reboot("10.9.8.7", 2), None, "with another server about")


@test()
def rogue_is_not_a_client_naming_one(trial):
    """A client's option 54 that names another server is no other server; nor are our own answers."""
    box = trial.start()
    client = trial.keep(dhcp.Client(trial.operator, MAC))
    client.obtain()
    client.send(dhcp.REQUEST, [(50, dhcp.ip_bytes("192.168.10.60")), (54, dhcp.ip_bytes("192.168.10.99"))])
    same(client.receive(1), None, "an answer to who chose another server")
    trial.keep(dhcp.Client(trial.operator, "58:bf:ea:11:04:e7")).obtain()
    same([w for w in box.api("summary")["warnings"] if "DHCP" in w], [], "warnings")
    assert not box.said(r"another DHCP server|other DHCP server"), box.log()


@test()
def rogue_ignore(trial):
    dnsmasq(trial)
    trial.start({"dhcp": {"rogue": "ignore"}})
    assert ADDRESS in offers(trial)
