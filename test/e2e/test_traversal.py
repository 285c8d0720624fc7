"""Nothing outside the namespace leaves the box, under no spelling."""
import os

from lab import http, images, tftp
from lab.case import ADDRESS, same, test

PAGE = b"http://" + ADDRESS.encode() + b"/"  # the dashboard, for who is no phone
SECRET = b"SECRET-THAT-NEVER-LEAVES"

STEPS = ["..", "%2e%2e", "%252e%252e", ".%2e", "%2e.", "..;", "....", "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae",
         "\xc0\xae\xc0\xae", "..\\", "..%5c", "..%255c", "..%00", ".. ", "..%20", "%u002e%u002e"]
JOINTS = ["/", "\\", "%2f", "%5c", "%252f", "//", "/./", "%c0%af", "\xc0\xaf"]
SECRETS = ["stagebox.ini", "phones.csv", "state/journal.0", "state/secret.txt", "certs/server.key",
           "profiles/full.xml", "outside.txt", "stagebox.ini.bak"]


def names():
    """Every spelling of a way to every secret."""
    for secret in SECRETS:
        last = secret.rsplit("/", 1)[-1]
        yield from (secret, last, "/" + secret, "//" + secret, "./" + secret, secret.upper(), "\\" + last,
                    secret + "%00.bin", last + "\0.bin", last + "%00", last + ".", last + " ", last + "/", last + "/.",
                    last + "::$DATA", last + "?.bin", last + "#.bin", "c:" + last, "%2f" + last,
                    "".join(f"%{ord(c):02x}" for c in last), "".join(f"%25{ord(c):02x}" for c in last))
        for step in STEPS:
            for joint in JOINTS:
                for depth in (1, 3):
                    yield (step + joint) * depth + secret
                yield "firmware" + joint + step + joint + secret
                yield "files" + joint + step + joint + secret.replace("/", joint)
    yield from ("/etc/passwd", "../../../../../../etc/passwd", "/proc/self/environ", "file:///etc/passwd", "", ".", "..",
                "firmware", "files", "state", "certs", "firmware/", "link-out.bin", "link-ini.bin", "link-dir",
                "link-dir/secret.txt", "link-state.dict")


def secret_card(trial):
    card = trial.card()
    ini = card.read("stagebox.ini") + (
        b"[web]\npassword = " + SECRET + b"\n[profile]\nauth = inventory\ntransport = any\n")
    card.write("stagebox.ini", ini)
    card.write("stagebox.ini.bak", SECRET)
    card.write("phones.csv", b"mac,secret\n58bfea1104e6," + SECRET + b"\n")
    card.write("certs/server.key", SECRET)
    card.write("profiles/full.xml", b"<flat-profile><X>" + SECRET + b"</X></flat-profile>")
    card.write("state/secret.txt", SECRET)
    with open(trial.path("outside.txt"), "wb") as file:
        file.write(SECRET)
    images.put_ladder(card)
    card.write("files/ring.dict", b"ring")
    for link, target in (("firmware/link-out.bin", "../../outside.txt"), ("firmware/link-ini.bin", "../stagebox.ini"),
                         ("files/link-dir", "../state"), ("files/link-state.dict", "../state/secret.txt"),
                         ("files/link-abs.dict", trial.path("outside.txt")), ("files/passwd", "/etc/passwd")):
        os.symlink(target, card.path(*link.split("/")))
    os.symlink("ring.dict", card.path("files/link-inside.dict"))
    return card


def check(name, data):
    assert SECRET not in data, f"{name!r} gave the secret away"
    assert b"root:x:" not in data and b"PATH=" not in data, f"{name!r} gave a file of the machine away"
    assert b"[box]" not in data, f"{name!r} gave the INI away"


@test(seconds=240)
def traversal_by_http(trial):
    trial.start(card=secret_card(trial))
    connection = http.Connection(trial.operator, ADDRESS)
    count = 0
    agents = ({}, {"User-Agent": "Cisco/SPA504G-7.6.1 (58BFEA1104E6)(CCQ16380FYH)"})
    for name in names():
        raw = name.encode("latin-1")
        if any(byte <= 0x20 for byte in raw):
            targets = [b"/" + raw, b"/" + raw.replace(b" ", b"%20").replace(b"\0", b"%00")]
        else:
            targets = [b"/" + raw, raw, b"http://" + ADDRESS.encode() + b"/" + raw]
        for target in targets:
            for headers in agents:
                try:
                    answer = connection.request(target, headers=headers)
                except (OSError, AssertionError):
                    answer = None
                if answer is None or answer.headers.get("connection") == "close":
                    connection.close()
                    connection = http.Connection(trial.operator, ADDRESS)
                if answer is not None:
                    check(target, answer.raw_head + answer.body)
                    assert answer.status in (200, 400, 404, 405, 414), f"{target!r}: {answer}"
                    if answer.status == 200 and not headers and target not in (b"/", PAGE):
                        raise AssertionError(f"{target!r} was served: {answer}")
                    count += 1
    connection.close()
    assert count > 1000, f"only {count} requests"
    same(trial.box.http("/link-inside.dict").body, b"ring", "a link that stays inside its folder")
    same(trial.box.http("/healthz").status, 200, "healthz")


@test(seconds=240)
def traversal_by_tftp(trial):
    trial.start(card=secret_card(trial))
    sock = tftp.udp(trial.operator, seconds=3)
    count = 0
    for name in names():
        raw = name.encode("latin-1")
        sock.sendto(tftp.request_bytes(raw), (ADDRESS, 69))
        packet, peer = sock.recvfrom(65536)
        check(name, packet)
        if packet[1] == tftp.DATA:
            # what a name may still mean: the flat namespace's own files
            assert False, f"{name!r} was served: {packet[:60]!r}"
        same(packet[1], tftp.ERROR, f"{name!r}: opcode")
        count += 1
    assert count > 500
    same(tftp.fetch(trial.operator, ADDRESS, "link-inside.dict"), b"ring", "a link that stays inside its folder")
    sock.close()
