"""DNS, SNTP, syslog."""
import socket
import struct
import time

from lab import images, tftp
from lab.case import ADDRESS, same, test
from lab.process import wait_until
from lab.profile import agent

A, AAAA, PTR = 1, 28, 12
NOERROR, NXDOMAIN = 0, 3


def query(trial, name, kind=A, station=None):
    """(rcode, list of addresses as text, whether the answer is authoritative)"""
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"
    question += struct.pack("!HH", kind, 1)
    sock = tftp.udp(station or trial.operator, seconds=3)
    sock.sendto(struct.pack("!HHHHHH", 0x1234, 0x0100, 1, 0, 0, 0) + question, (ADDRESS, 53))
    data = sock.recv(4096)
    sock.close()
    ident, flags, asked, answers = struct.unpack("!HHHH", data[:8])
    same((ident, flags >> 15, asked), (0x1234, 1, 1), "header")
    same(data[12:12 + len(question)].lower(), question.lower(), "the question comes back")
    at, out = 12 + len(question), []
    for _ in range(answers):
        at += 2 if data[at] >= 0xC0 else data.index(0, at) - at + 1
        rtype, _, _, size = struct.unpack("!HHIH", data[at:at + 10])
        if rtype == A:
            out.append(".".join(map(str, data[at + 10:at + 10 + size])))
        at += 10 + size
    return flags & 15, out


@test()
def dns_names(trial):
    trial.start({"box": {"name": "bench7"}})
    for name in ("bench7", "BENCH7", "bench7.local"):
        same(query(trial, name), (NOERROR, [ADDRESS]), name)
        same(query(trial, name, AAAA), (NOERROR, []), f"{name} AAAA")
    for name in ("provider.example.com", "com", "xbench7", "stagebox"):
        same(query(trial, name), (NXDOMAIN, []), name)


@test()
def dns_capture(trial):
    box = trial.start({"dns": {"capture": "yes"}})
    same(query(trial, "prov.old-provider.example"), (NOERROR, [ADDRESS]), "captured")
    phone = trial.station("phone", mac="58:bf:ea:11:04:e6", address="192.168.10.21/24")
    box.http("/x", station=phone, headers={"User-Agent": agent("SPA504G", "7.3.7", "58bfea1104e6")})
    query(trial, "prov.old-provider.example", station=phone)
    wait_until("the name on the phone's row", lambda: "prov.old-provider.example" in str(box.phone("58bfea1104e6")), 5)


@test()
def sntp_answers(trial):
    trial.start()
    sock = tftp.udp(trial.operator, seconds=3)
    mine = struct.pack("!II", 0xE0000000, 0x12345678)
    sock.sendto(bytes([0x23]) + b"\0" * 39 + mine, (ADDRESS, 123))
    data = sock.recv(1000)
    sock.close()
    same(len(data), 48, "length")
    same((data[0] & 7, data[0] >> 3 & 7), (4, 4), "mode and version")
    assert 1 <= data[1] <= 15, f"stratum {data[1]}"
    same(data[24:32], mine, "originate")
    seconds = struct.unpack("!I", data[40:44])[0] - 2208988800
    assert abs(seconds - time.time()) < 3, f"{seconds} is not the time"


@test()
def syslog_lines_are_put_to_their_phone(trial):
    card = trial.card()
    images.put_ladder(card)
    box = trial.start(card=card)
    box.http("/x", headers={"User-Agent": agent("SPA504G", "7.3.7", "58bfea1104e6")})
    sock = tftp.udp(trial.operator)
    for text in (b"SPA504G 58:bf:ea:11:04:e6 -- Upgrade failed: corrupt file",
                 b"<158>Nov 24 10:00:00 SEP58BFEA1104E6.local SPA504G 58bfea1104e6 -- Upgrade failed: corrupt file",
                 b"\xff\xfe<999>", b"<>", b"A" * 3000):
        sock.sendto(text, (ADDRESS, 514))
    sock.close()
    wait_until("the failure on the phone's row",
               lambda: "corrupt file" in str(box.phone("58bfea1104e6")) or box.said("corrupt file"), 5)


@test()
def services_switched_off(trial):
    trial.start({"dns": {"enabled": "no"}, "ntp": {"enabled": "no"}, "syslog": {"enabled": "no"},
                 "tftp": {"enabled": "no"}})
    same(trial.box.http("/healthz").status, 200, "healthz")
    sock = tftp.udp(trial.operator, seconds=1)
    for port in (53, 123, 69):
        sock.sendto(b"\0\1x\0octet\0".ljust(48, b"\0"), (ADDRESS, port))
    try:
        data = sock.recv(1000)
        raise AssertionError(f"an answer from a service that is off: {data!r}")
    except OSError:
        pass
    finally:
        sock.close()


@test()
def services_survive_rubbish(trial):
    """Random datagrams to every port: nothing falls over, nothing is answered that should not be."""
    box = trial.start()
    sock = tftp.udp(trial.operator, seconds=0.2)
    for _ in range(3000):
        size = trial.random.choice((0, 1, 3, 4, 12, 47, 48, 60, 240, 300, 1400))
        sock.sendto(trial.random.randbytes(size), (ADDRESS, trial.random.choice((53, 67, 69, 123, 514))))
    sock.close()
    same(box.http("/healthz").status, 200, "healthz")
    same(query(trial, "stagebox"), (NOERROR, [ADDRESS]), "DNS afterwards")


@test()
def mdns_name(trial):
    """stagebox.local, asked for in the group and, as old resolvers do, from any port."""
    trial.start({"box": {"name": "bench7"}})
    name = b"\x06bench7\x05local\0"
    station = trial.operator
    station.ip("route add 224.0.0.0/4 dev eth0")
    question = name + b"\0\1\0\1"
    with station:
        group = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        legacy = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    group.bind(("0.0.0.0", 5353))
    group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                     socket.inet_aton("224.0.0.251") + socket.inet_aton("192.168.10.2"))
    group.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    group.settimeout(5)
    legacy.settimeout(5)
    group.sendto(b"\0\0\0\0\0\1\0\0\0\0\0\0" + question, ("224.0.0.251", 5353))
    answer, sender = group.recvfrom(1500)
    same(sender, ("192.168.10.10", 5353), "who answers")
    same(answer[12:], name + b"\0\1\x80\1\0\0\0\x78\0\4" + socket.inet_aton("192.168.10.10") + answer[-17:], "the answer")
    legacy.sendto(b"\x12\x34\1\0\0\1\0\0\0\0\0\0" + question, ("224.0.0.251", 5353))
    answer, sender = legacy.recvfrom(1500)
    same((sender, answer[:2], answer[-4:]), (("192.168.10.10", 5353), b"\x12\x34", socket.inet_aton("192.168.10.10")),
         "an old resolver's answer")
    group.sendto(b"\0\0\0\0\0\1\0\0\0\0\0\0" + name.replace(b"7", b"8") + b"\0\1\0\1", ("224.0.0.251", 5353))
    trial.box.stop()
    goodbye, _ = group.recvfrom(1500)
    while goodbye[30:34] != b"\0\0\0\0":  # the second announcement may come in between
        goodbye, _ = group.recvfrom(1500)
    group.close()
    legacy.close()
