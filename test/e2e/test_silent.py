"""Phones that ask for nothing: each makes a row with a sentence."""
import socket

from lab.case import same, test
from lab.process import wait_until

MAC = "58:bf:ea:11:04:e6"
ROW = MAC.replace(":", "")


def phone(trial):
    """A station with the phone's MAC, and a way to send any frame from it."""
    station = trial.station("phone", MAC)
    with station:
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    wire.bind(("eth0", 0))
    source = bytes.fromhex(ROW)
    return lambda to, rest: wire.send(bytes.fromhex(to) + source + rest.ljust(48, b"\0"))


def note(box):
    row = box.phone(ROW)
    return row and row["note"]


def wait_said(what, say, probe):
    """As a phone does, it says it again and again: a link that is just up may lose a frame."""
    def heard():
        say()
        return probe()
    return wait_until(what, heard, every=0.5)


def wait_row(box, say):
    wait_said("a row", say, lambda: note(box))


@test()
def silent_phone_in_a_voice_vlan(trial):
    box = trial.start()
    send = phone(trial)
    send("ffffffffffff", bytes.fromhex("8100e000" "0806"))  # a priority, no VLAN
    wait_row(box, lambda: send("ffffffffffff", bytes.fromhex("81006064" "0800")))
    assert note(box).startswith("keeps voice VLAN 100 of its old site: Look for"), note(box)
    same(box.phone(ROW)["state"], "new", "state")


@test()
def silent_phone_with_a_fixed_address(trial):
    box = trial.start()
    send = phone(trial)
    arp = bytes.fromhex("0806" "0001080006040001" + ROW + "0a010132" "000000000000" "0a010101")
    wait_row(box, lambda: send("ffffffffffff", arp))
    assert note(box).startswith("keeps 10.1.1.50 of its old site: "), note(box)


@test()
def phones_are_known_by_cdp_and_lldp(trial):
    """Model and version before anything was asked for; HTTP says it better later."""
    box = trial.start()
    trial.lan.switch.ip("link set br0 type bridge group_fwd_mask 0x4000")  # LLDP's group, which a bridge keeps
    send = phone(trial)
    body = bytes.fromhex("aaaa0300000c2000" "02b40000") + bytes.fromhex("00010013") + b"SIP58BFEA1104E6" + \
        bytes.fromhex("0005000a") + b"7.4.9c" + bytes.fromhex("0006001a") + b"Cisco IP Phone SPA508G"
    row = wait_said("a row", lambda: send("01000ccccccc", len(body).to_bytes(2, "big") + body), lambda: box.phone(ROW))
    same((row["model"], row["version"], row["state"], row["rungs"]), ("SPA508G", "7.4.9c", "new", []), "the row")
    lldp = bytes.fromhex("88cc" "02070458bfea1104e6" "fe090012bb07") + b"7.5.5" + b"\0\0"
    wait_said("the version by LLDP", lambda: send("0180c200000e", lldp), lambda: box.phone(ROW)["version"] == "7.5.5")
    box.http(f"/{ROW}.xml", headers={"User-Agent": "Cisco/SPA508G-7.5.2b (58BFEA1104E6)(CCQ16380FYH)"})
    same(box.phone(ROW)["version"], "7.5.2b", "by HTTP")
