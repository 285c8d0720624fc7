"""The clients of the world: what they get, byte for byte."""
import os
import re
import socket

from lab import dhcp, images
from lab.case import ADDRESS, same, test
from lab.process import run

BOX_OPTIONS = {
    "66": "http://192.168.10.10",
    "150": ADDRESS,
    "159": "http://192.168.10.10/$MA.xml",
    "160": "http://192.168.10.10/$MA.xml",
}


class Ear:
    """Every answer of the box to one MAC, as bytes."""

    def __init__(self, station):
        self.mac = dhcp.mac_bytes(station.mac())
        with station:
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
            self.socket.bind(("eth0", 0))
        self.socket.setblocking(False)

    def messages(self):
        out = []
        while True:
            try:
                frame = self.socket.recv(65536)
            except BlockingIOError:
                return out
            if len(frame) > 282 and frame[23] == 17 and frame[36:38] == b"\0\x44" and frame[70:76] == self.mac:
                out.append(dhcp.Message(frame[42:34 + int.from_bytes(frame[38:40], "big")], frame))

    def close(self):
        self.socket.close()


def check_wire(ear):
    """The answers that this client got carry the four provisioning options as the contract has them."""
    messages = ear.messages()
    kinds = [m.type for m in messages]
    assert dhcp.OFFER in kinds and dhcp.ACK in kinds, f"messages of types {kinds}"
    for message in messages:
        for code, text in BOX_OPTIONS.items():
            expected = dhcp.ip_bytes(text) if code == "150" else text.encode()
            same(message.options.get(int(code)), expected, f"option {code}, message type {message.type}")
        same(message.siaddr, ADDRESS, "siaddr")
        same(message.address(6), ADDRESS, "option 6")
        same(message.address(42), ADDRESS, "option 42")
        same(message.address(1), "255.255.255.0", "option 1")
    return messages[-1].yiaddr


def client_station(trial, settings=None):
    trial.start(settings)
    station = trial.station("client", mac="58:bf:ea:11:04:e6")
    return station, trial.keep(Ear(station))


def script(trial, text):
    path = trial.path("script")
    with open(path, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return path


@test()
def dhclient_gets_its_lease(trial):
    station, ear = client_station(trial)
    seen = trial.path("seen")
    hook = script(trial, f"env >>{seen}\n"
                         '[ "$reason" != BOUND ] || ip addr add $new_ip_address/24 dev $interface\n')
    conf = trial.path("dhclient.conf")
    with open(conf, "w", encoding="ascii") as file:
        file.write('option tftp150 code 150 = array of ip-address;\noption url159 code 159 = text;\n'
                   'option url160 code 160 = text;\nsend vendor-class-identifier "Cisco SPA504G";\n'
                   "request subnet-mask, domain-name-servers, ntp-servers, tftp-server-name, tftp150, url159, url160;\n")
    leases = trial.path("dhclient.leases")
    words = ["dhclient", "-4", "-v", "-cf", conf, "-lf", leases, "-pf", trial.path("pid"), "-sf", hook]
    done = run(station, [*words, "-1", "eth0"], 60)
    same(done.returncode, 0, done.stderr.decode())
    address = check_wire(ear)
    env = open(seen, encoding="utf-8").read()
    for name, value in (("ip_address", address), ("tftp_server_name", BOX_OPTIONS["66"]), ("tftp150", ADDRESS),
                        # dhclient puts a backslash before what a shell could take for its own
                        ("url159", BOX_OPTIONS["159"].replace("$", "\\$")),
                        ("url160", BOX_OPTIONS["160"].replace("$", "\\$")),
                        ("domain_name_servers", ADDRESS), ("ntp_servers", ADDRESS),
                        ("dhcp_server_identifier", ADDRESS), ("dhcp_lease_time", "3600")):
        assert f"new_{name}={value}\n" in env, f"{name}: {env}"
    run(station, [*words, "-x", "eth0"])


@test()
def udhcpc_gets_its_lease(trial):
    station, ear = client_station(trial)
    seen = trial.path("seen")
    hook = script(trial, f'[ "$1" != bound ] || env >>{seen}\n')
    done = run(station, ["udhcpc", "-i", "eth0", "-n", "-q", "-f", "-s", hook, "-V", "Cisco SPA504G", "-O", "66",
                         "-O", "0x96", "-O", "0x9f", "-O", "160", "-O", "ntpsrv"], 60)
    same(done.returncode, 0, done.stderr.decode())
    address = check_wire(ear)
    env = open(seen, encoding="utf-8").read()
    text = {c: t.encode().hex() for c, t in BOX_OPTIONS.items()}
    for line in (f"ip={address}", "subnet=255.255.255.0", f"dns={ADDRESS}", f"ntpsrv={ADDRESS}", "lease=3600",
                 "tftp=bad",  # udhcpc takes option 66 for a host name only; check_wire() saw the URL
                 f"siaddr={ADDRESS}", f"serverid={ADDRESS}",
                 f"opt150={dhcp.ip_bytes(ADDRESS).hex()}", f"opt159={text['159']}", f"opt160={text['160']}"):
        assert line + "\n" in env, f"{line}: {env}"


@test()
def dhcpcd_gets_its_lease(trial):
    station, ear = client_station(trial)
    seen = trial.path("seen")
    hook = script(trial, f"env >>{seen}\n")
    conf = trial.path("dhcpcd.conf")
    with open(conf, "w", encoding="ascii") as file:
        file.write("define 150 array ipaddress tftp150\ndefine 159 string url159\ndefine 160 string url160\n"
                   "option tftp_server_name, tftp150, url159, url160, ntp_servers, domain_name_servers\n"
                   "ipv4only\nvendorclassid Cisco SPA504G\n")
    # its lease files and sockets go to folders of its own, in a mount namespace
    inside = ("mount -t tmpfs none /var/lib/dhcpcd; mount -t tmpfs none /run; chown _dhcpcd /var/lib/dhcpcd; "
              f"exec dhcpcd -f {conf} -c {hook} -1 -B -4 -d -t 30 eth0")
    done = run(station, ["unshare", "-m", "sh", "-c", inside], 60)
    same(done.returncode, 0, (done.stdout + done.stderr).decode())
    address = check_wire(ear)
    env = open(seen, encoding="utf-8").read()
    # dhcpcd takes option 66 for a host name only; check_wire() saw the URL
    for name, value in (("ip_address", address), ("tftp_server_name", ""), ("tftp150", ADDRESS),
                        ("url159", BOX_OPTIONS["159"]), ("url160", BOX_OPTIONS["160"]),
                        ("domain_name_servers", ADDRESS), ("ntp_servers", ADDRESS), ("dhcp_lease_time", "3600")):
        assert re.search(rf"^new_{name}={re.escape(value)}$", env, re.MULTILINE), f"{name}: {env}"


# -- TFTP ---------------------------------------------------------------------------------------

SIZES = (1, 511, 512, 513, 1023, 1024, 1428, 2856, 70000)  # around ends of blocks


def files_for(trial):
    """The box with files of awkward sizes, one image, and a client's station; name → bytes."""
    card = trial.card()
    files = {}
    for size in SIZES:
        files[f"f{size}.dict"] = trial.random.randbytes(size)
        card.write(f"files/f{size}.dict", files[f"f{size}.dict"])
    files["spa51x-7-6-1.bin"] = images.put(card, "spa51x", "7.6.1", size=300000)
    trial.start(card=card)
    return trial.station("client", address="192.168.10.5/24"), files


def check_tftp(trial, command):
    """command(name, into) → argv of a client; asks for names in the spellings that phones use."""
    station, files = files_for(trial)
    into = trial.path("got")
    for name, content in files.items():
        for spelling in (name, "/" + name, "//" + name.upper(), "some/where/" + name):
            if os.path.exists(into):
                os.remove(into)
            done = run(station, command(spelling, into), 60)
            assert os.path.exists(into), f"{spelling}: {(done.stdout + done.stderr).decode()}"
            got = open(into, "rb").read()
            assert got == content, f"{spelling}: {len(got)} bytes differ from {len(content)}"
    for name in ("absent.dict", "stagebox.ini", "XMLDefault.cnf.xml"):
        if os.path.exists(into):
            os.remove(into)
        done = run(station, command(name, into), 60)
        got = os.path.getsize(into) if os.path.exists(into) else 0
        said = (done.stdout + done.stderr).decode()
        assert got == 0 and (done.returncode != 0 or "rror" in said or "ot found" in said), f"{name}: {said}"


@test()
def tftp_hpa_gets_files(trial):
    check_tftp(trial, lambda name, into: ["tftp", "-m", "binary", ADDRESS, "-c", "get", name, into])


@test()
def atftp_gets_files(trial):
    check_tftp(trial, lambda name, into: ["atftp", "--option", "blksize 1428", "--option", "tsize 0", "--get",
                                          "--remote-file", name, "--local-file", into, ADDRESS])


@test()
def atftp_gets_files_in_windows(trial):
    check_tftp(trial, lambda name, into: ["atftp", "--option", "windowsize 8", "--get", "--remote-file", name,
                                          "--local-file", into, ADDRESS])


@test()
def busybox_tftp_gets_files(trial):
    check_tftp(trial, lambda name, into: ["busybox", "tftp", "-g", "-r", name, "-l", into, ADDRESS])
    check = trial.path("got")
    done = run(trial.station("client2", address="192.168.10.6/24"),
               ["busybox", "tftp", "-g", "-b", "1468", "-r", "f70000.dict", "-l", check, ADDRESS])
    same(done.returncode, 0, done.stderr.decode())
    same(os.path.getsize(check), 70000, "bytes with blksize 1468")


@test()
def tftp_refuses_writes(trial):
    station, _ = files_for(trial)
    source = trial.path("evil")
    with open(source, "wb") as file:
        file.write(b"evil")
    run(station, ["tftp", "-m", "binary", ADDRESS, "-c", "put", source, "evil.dict"], 60)
    run(station, ["busybox", "tftp", "-p", "-l", source, "-r", "evil2.dict", ADDRESS], 60)
    for _, folders, names in os.walk(trial.box.card.folder):
        assert not [n for n in names + folders if "evil" in n], names
    same(trial.box.http("/evil.dict").status, 404, "status")


# -- HTTP ---------------------------------------------------------------------------------------

def curl(station, *words):
    done = run(station, ["curl", "-sS", "--max-time", "20", *words], 60)
    same(done.returncode, 0, f"curl {words}: {done.stderr.decode()}")
    return done.stdout


def header(head, name):
    found = re.search(rb"(?im)^" + name.encode() + rb":[ \t]*([^\r\n]*)", head)
    return found[1].decode() if found else None


@test()
def curl_gets_files(trial):
    station, files = files_for(trial)
    base = f"http://{ADDRESS}/"
    for name, content in files.items():
        for version in ("--http1.0", "--http1.1"):
            for spelling in (name, name.upper(), "/" + name, "resources/" + name):
                same(curl(station, version, base + spelling) == content, True, f"{version} {spelling}")
    head = curl(station, "-I", base + "f70000.dict")
    got = curl(station, "-D", "-", "-o", trial.path("body"), base + "f70000.dict")
    drop = re.compile(rb"(?im)^date:[^\n]*\n")
    same(drop.sub(b"", head), drop.sub(b"", got), "HEAD and GET")
    same(header(head, "content-length"), "70000", "Content-Length")
    assert header(head, "transfer-encoding") is None


@test()
def curl_ranges(trial):
    station, files = files_for(trial)
    url, content = f"http://{ADDRESS}/f70000.dict", files["f70000.dict"]
    for wanted, expected in (("0-0", content[:1]), ("100-299", content[100:300]), ("69990-", content[69990:]),
                             ("-7", content[-7:]), ("69999-99999", content[69999:]), ("-90000", content)):
        same(curl(station, "-r", wanted, url) == expected, True, f"range {wanted}")
    head = curl(station, "-r", "100-299", "-D", "-", "-o", trial.path("body"), url)
    assert head.startswith(b"HTTP/1.1 206"), head
    same(header(head, "content-range"), "bytes 100-299/70000", "Content-Range")
    head = curl(station, "-r", "70000-", "-D", "-", "-o", trial.path("body"), url)
    assert head.startswith(b"HTTP/1.1 416"), head
    same(header(head, "content-range"), "bytes */70000", "Content-Range")
    # an interrupted load is taken up again
    part = trial.path("part")
    with open(part, "wb") as file:
        file.write(content[:12345])
    curl(station, "-C", "-", "-o", part, url)
    same(open(part, "rb").read() == content, True, "curl -C -")


@test()
def curl_conditional(trial):
    station, _ = files_for(trial)
    url = f"http://{ADDRESS}/f70000.dict"
    head = curl(station, "-I", url)
    tag, date = header(head, "etag"), header(head, "last-modified")
    assert tag and date, head

    def status(*words):
        return int(curl(station, "-o", trial.path("body"), "-w", "%{http_code}", *words, url))
    same(status("-H", f"If-None-Match: {tag}"), 304, "If-None-Match")
    same(status("-H", f'If-None-Match: "other", {tag}'), 304, "If-None-Match, a list")
    same(status("-H", 'If-None-Match: "other"'), 200, "If-None-Match, another")
    same(status("-H", f"If-Modified-Since: {date}"), 304, "If-Modified-Since")
    same(status("-H", "If-Modified-Since: Thu, 01 Jan 1998 00:00:00 GMT"), 200, "If-Modified-Since, older")
    same(status("-H", f"If-Match: {tag}"), 200, "If-Match")
    same(status("-H", 'If-Match: "other"'), 412, "If-Match, another")
    same(status("-H", "Range: bytes=0-9", "-H", f"If-Range: {tag}"), 206, "If-Range")
    same(status("-H", "Range: bytes=0-9", "-H", 'If-Range: "other"'), 200, "If-Range, another")


@test()
def curl_keeps_the_connection(trial):
    station, _ = files_for(trial)
    base = f"http://{ADDRESS}/"
    out = curl(station, "-w", "%{num_connects}\n", "-o", "/dev/null", base + "f512.dict", "-o", "/dev/null",
               base + "f513.dict", "-o", "/dev/null", base + "absent.dict", "-o", "/dev/null", base + "healthz")
    same(out.decode().split(), ["1", "0", "0", "0"], "connections made")


@test()
def curl_gets_404(trial):
    station, _ = files_for(trial)
    for name in ("absent.dict", "XMLDefault.cnf.xml", "SEP58BFEA1104E6.cnf.xml", "CTLSEP58BFEA1104E6.tlv",
                 "x.bmp", "x.png", "x.jpg", "x.wav", "x.dat", "absent-7-6-1.bin", "stagebox.ini", "phones.csv",
                 "spa.bin"):
        out = curl(station, "-o", trial.path("body"), "-w", "%{http_code} %{redirect_url}", f"http://{ADDRESS}/{name}")
        same(out.decode().split(), ["404"], name)
