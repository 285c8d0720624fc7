"""A box that does what a test tells it to: DHCP, TFTP, HTTP, DNS and syslog on one address, one phone at a time honest or not.

It knows nothing of the appliance; what it sends is written out below, so that each flaw is one line.
Run inside a network namespace: fake_box.py INTERFACE STORY.json LOG
"""
import json
import os
import re
import socket
import struct
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import make_image  # noqa: E402

ADDRESS = "192.168.77.1"
TAKEN = "192.168.77.2"  # an address of the box's side too: whoever probes it finds it in use
COOKIE = bytes([99, 130, 83, 99])
IMAGES = {
    "7.5.2b": make_image.image("7.5.2b", "spa50x-30x", 300000, 1, None, False),
    "7.5.7": make_image.image("7.5.7", "spa50x-30x", 300000, 1, None, False),
    "7.6.1": make_image.image("7.6.1", "spa50x-30x", 300000, 1, None, False),
    "broken": make_image.image("7.5.2b", "spa50x-30x", 300000, 2, "sector", False),
    "foreign": make_image.image("7.5.2b", "spa51x", 300000, 1, None, False),
    "old": make_image.image("7.1.3a", "spa50x-30x", 300000, 1, None, False),
}
FACTORY = {
    "Log_Resync_Request_Msg": "$PN $MAC -- Requesting resync $SCHEME://$SERVIP:$PORT$PATH",
    "Log_Resync_Success_Msg": "$PN $MAC -- Successful resync $SCHEME://$SERVIP:$PORT$PATH",
    "Log_Resync_Failure_Msg": "$PN $MAC -- Resync failed: $ERR",
    "Log_Upgrade_Request_Msg": "$PN $MAC -- Requesting upgrade $SCHEME://$SERVIP:$PORT$PATH",
    "Log_Upgrade_Success_Msg": "$PN $MAC -- Successful upgrade $SCHEME://$SERVIP:$PORT$PATH -- $ERR",
    "Log_Upgrade_Failure_Msg": "$PN $MAC -- Upgrade failed: $ERR",
}


def text(value):
    for sign, entity in ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&apos;"):
        value = value.replace(sign, entity)
    return value


def flat(values):
    return "<flat-profile>\n" + "".join(f"<{k}>{text(v)}</{k}>\n" for k, v in values.items()) + "</flat-profile>\n"


def stage(mac, rule=""):
    """An honest `ladder` or `wait`."""
    url = f"http://{ADDRESS}/{mac}.xml"
    return {"Provision_Enable": "Yes", "Resync_On_Reset": "Yes", "Resync_Random_Delay": "0",
            "Resync_Periodic": "180", "Resync_Error_Retry_Delay": "30", "Resync_After_Upgrade_Attempt": "Yes",
            "Profile_Rule": url, "Profile_Rule_B": "", "Profile_Rule_C": "", "Profile_Rule_D": "",
            "Upgrade_Enable": "Yes", "Upgrade_Rule": rule, "Upgrade_Error_Retry_Delay": "60",
            "Downgrade_Rev_Limit": "", "Syslog_Server": ADDRESS, "Debug_Level": "0", "SPCP_Auto-detect": "No",
            "Signaling_Protocol": "SIP", **FACTORY}


def final(mac, secret, extension):
    """The simulator's built-in template, and the factory's values for all that `stage` sets."""
    values = stage(mac)
    values.update({"Resync_Random_Delay": "2", "Resync_Periodic": "86400", "Resync_Error_Retry_Delay": "3600",
                   "Profile_Rule": "/spa$PSN.cfg", "Upgrade_Error_Retry_Delay": "3600", "Syslog_Server": "",
                   "SPCP_Auto-detect": "Yes", "User_ID_1_": extension, "Password_1_": secret,
                   "Display_Name_1_": "Desk " + extension, "Station_Name": extension, "Text_Logo": "SPA504G",
                   "Proxy_1_": "sip.example.net", "GPP_P": "final " + mac, "Time_Zone": "GMT+01:00"})
    return values


class Phone:
    """What the story says of one phone, and what was seen of it."""

    def __init__(self, mac, entry):
        self.mac = mac
        self.flaw = entry.get("flaw", "")
        self.options = entry.get("options", {})
        self.secret = entry.get("secret", "")
        self.extension = entry.get("extension", "")
        self.target = entry.get("target", "7.6.1")
        self.version = None
        self.attempt = 1
        self.ip = None
        self.seen = 0
        self.loads = 0


class Box:
    def __init__(self, interface, story, log):
        self.interface = interface
        self.phones = {mac: Phone(mac, entry) for mac, entry in story.items()}
        self.by_ip = {}
        self.log_file = open(log, "w", buffering=1)
        self.lock = threading.Lock()

    def log(self, phone, kind, what):
        with self.lock:
            self.log_file.write(f"{phone.mac if phone else '-'} {kind} {what}\n")

    # -- content: None is "not found", a tuple (body, flaw of the transport) the rest

    def ladder(self, phone):
        if phone.version == "7.5.6(XU)":
            return "7.5.7"
        return "7.5.2b" if phone.version < "7.5" else "7.6.1"

    def rule(self, phone, version, name=None):
        file = name or f"spa50x-30x-{version.replace('.', '-')}.bin"
        return f"http://{ADDRESS}/0badcafe{phone.attempt}-{file}"

    def profile(self, phone):
        done = phone.version in (phone.target, "7.6.2g")
        if done:
            values = final(phone.mac, phone.secret, phone.extension)
        elif phone.version is None:
            values = stage(phone.mac)
            values["Profile_Rule_B"] = values["Profile_Rule"]
        else:
            values = stage(phone.mac, self.rule(phone, self.ladder(phone)))
        return self.spoil(phone, values, done)

    def spoil(self, phone, v, done):
        other = next(p for p in self.phones.values() if p is not phone and p.secret)
        flaw = phone.flaw
        staged = not done
        before = f"http://{ADDRESS}/"
        if staged and flaw == "family-offered":
            v["Upgrade_Rule"] = self.rule(phone, "", "spa51x-7-6-1.bin")
        elif staged and flaw == "gate" and phone.version == "7.3.7":
            v["Upgrade_Rule"] = self.rule(phone, "7.6.1")
        elif staged and flaw == "gate-xu":
            v["Upgrade_Rule"] = self.rule(phone, "7.6.1")
        elif staged and flaw == "downgrade":
            v["Upgrade_Rule"] = self.rule(phone, "7.1.3a")
        elif staged and flaw == "retry-zero":
            v["Resync_Error_Retry_Delay"] = "0"
        elif staged and flaw == "retry-range":
            v["Upgrade_Error_Retry_Delay"] = "3600"
        elif staged and flaw == "periodic":
            v["Resync_Periodic"] = "10"
        elif staged and flaw == "stranded":
            v["Profile_Rule"] = f"https://{ADDRESS}/{phone.mac}.xml"
        elif staged and flaw == "conditional":
            v["Upgrade_Rule"] = f"( $SWVER lt 7.6.1 )? {v['Upgrade_Rule']}"
        elif staged and flaw == "token":
            v["Upgrade_Rule"] = before + "spa50x-30x-7-5-2b.bin"
        elif staged and flaw == "firmware-url":
            v["Upgrade_Rule"] = v["Upgrade_Rule"].replace("http://", "tftp://")
        elif staged and flaw == "incomplete":
            del v["Profile_Rule_D"]
        elif staged and flaw == "early-secret":
            v["GPP_A"] = phone.secret
        elif flaw == "foreign-secret":
            v["GPP_A" if staged else "Password_1_"] = other.secret
        elif staged and flaw == "early-final":
            v = final(phone.mac, phone.secret, phone.extension)
        elif done and flaw == "rule-at-target":
            v = stage(phone.mac, self.rule(phone, "7.6.2g"))
        elif done and flaw == "leftover":
            v["Syslog_Server"] = ADDRESS
        elif done and flaw == "leftover-kept":
            del v["Debug_Level"], v["Profile_Rule"]
        elif done and flaw == "template":
            v["Password_1_"] = phone.secret[:-1]
        elif staged and flaw == "wait":
            v["Upgrade_Rule"] = ""
        elif staged and flaw == "probe-b":
            v["Profile_Rule_B"] = f"http://{ADDRESS}/b-{phone.mac}.xml"
            v["Profile_Rule_C"] = f"https://{ADDRESS}/c-{phone.mac}.xml"
        elif staged and flaw == "retry":
            v["Upgrade_Rule"] = self.rule(phone, "7.5.2b") if phone.version == "7.3.7" else self.rule(phone, "7.6.1")
        body = flat(v)
        if flaw == "comment":
            body = body.replace("<Provision", "<!-- box --><Provision")
        elif flaw == "non-ascii":
            body = body.replace("</flat", "<Unknown>\u00e4</Unknown></flat")
        elif flaw == "duplicate":
            body = body.replace("</flat", "<Debug_Level>0</Debug_Level></flat")
        elif flaw == "bad-profile" and phone.seen < 3:
            body = body[:-5]
        return body.encode()

    def firmware(self, phone, name):
        flaw = phone.flaw
        found = re.search(r"(?:spa50x-30x|spa51x)-([0-9]+)-([0-9]+)-([0-9]+[a-z]?)\.bin", name)
        if not found:
            return None
        version = ".".join(found.groups())
        phone.loads += 1
        if flaw == "url-gone" or flaw == "recovery-gone" and phone.loads > 1:
            return None
        if flaw == "retry" and phone.loads == 1:
            return None
        if flaw == "damaged":
            return IMAGES["broken"]
        if flaw == "family-served":
            return IMAGES["foreign"]
        if flaw == "downgrade":
            return IMAGES["old"]
        if flaw == "reflash":
            return IMAGES["7.5.2b"]
        if flaw != "guard" and "spa51x" in name:
            return None
        if "0badcafe" not in name and flaw not in ("token", "guard"):
            return None
        return IMAGES.get(version)

    def content(self, phone, path, tftp=False):
        name = path.rsplit("/", 1)[-1].split("?")[0]
        if phone is None:
            return None
        if name.endswith(".bin"):
            return self.firmware(phone, name)
        if re.match(r"XMLDefault|SEP|CTLSEP", name):
            return b"<flat-profile></flat-profile>" if phone.flaw == "spcp" else None
        if name in ("phones.csv", "stagebox.ini") and phone.flaw == "never-served":
            return b"[box]\nname = stagebox\n"
        if tftp and not re.search(r"\.(cfg|xml)$", name):
            return None
        phone.seen += 1
        if phone.flaw == "no-profile" and phone.seen == 1:
            return None
        return self.profile(phone)

    # -- DHCP

    def dhcp(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.interface.encode())
        s.bind(("0.0.0.0", 67))
        while True:
            self.dhcp_message(s, s.recv(2048))

    def dhcp_message(self, s, m):
        mac = m[28:34].hex()
        phone = self.phones.get(mac)
        options, at = {}, 240
        while at < len(m) and m[at] != 255:
            if m[at]:
                options[m[at]] = m[at + 2:at + 2 + m[at + 1]]
                at += m[at + 1] + 1
            at += 1
        kind = options[53][0]
        if phone is None:
            return
        self.log(phone, "dhcp", f"{kind} 60={options.get(60, b'').decode()!r} 61={options.get(61, b'').hex()} "
                                f"55={options.get(55, b'').hex()} flags={m[10:12].hex()} 50={options.get(50, b'').hex()} "
                                f"54={options.get(54, b'').hex()} ciaddr={m[12:16].hex()}")
        if kind == 4:
            phone.flaw = "" if phone.flaw == "declined" else phone.flaw
        if kind in (1, 3, 8):
            answer = {1: 2, 3: 5, 8: 5}[kind]
            s.sendto(self.dhcp_answer(phone, m, answer), ("255.255.255.255", 68))

    def lease_of(self, phone):
        number = 10 + list(self.phones).index(phone.mac)
        if phone.flaw == "declined":
            return TAKEN
        if phone.flaw == "two-addresses":
            number = 250
        if phone.flaw == "new-address" and phone.version == "7.5.2b":
            number = 251
        return f"192.168.77.{number}"

    def dhcp_answer(self, phone, m, kind):
        ip = self.lease_of(phone)
        with self.lock:
            self.by_ip[ip] = phone
        options = {53: bytes([kind]), 54: socket.inet_aton(ADDRESS), 51: struct.pack("!I", 3600),
                   1: socket.inet_aton("255.255.255.0"), 6: socket.inet_aton(ADDRESS),
                   66: f"http://{ADDRESS}".encode(), 150: socket.inet_aton(ADDRESS),
                   159: f"http://{ADDRESS}/$MA.xml".encode(), 160: f"http://{ADDRESS}/160-$MAU.xml".encode()}
        for code, value in phone.options.items():
            options[int(code)] = value.encode()
        if 0 < len(options[66]) < 2:
            del options[66]
        head = bytes([2, 1, 6, 0]) + m[4:8] + bytes(2) + m[10:12] + bytes(4) + socket.inet_aton(ip)
        head += socket.inet_aton(ADDRESS) + bytes(4) + m[28:44] + bytes(192) + COOKIE
        return head + b"".join(bytes([c, len(v)]) + v for c, v in options.items()) + b"\xff"

    # -- TFTP

    def tftp(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((ADDRESS, 69))
        while True:
            packet, peer = s.recvfrom(2048)
            threading.Thread(target=self.tftp_serve, args=(packet, peer), daemon=True).start()

    def tftp_serve(self, packet, peer):
        fields = packet[2:].split(b"\0")
        phone = self.by_ip.get(peer[0])
        self.log(phone, "tftp", " ".join(f.decode() for f in fields if f))
        body = self.content(phone, fields[0].decode(), tftp=True)
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((ADDRESS, 0))
        s.settimeout(0.5)
        if body is None:
            s.sendto(b"\0\5\0\1not found\0", peer)
            return
        size = 512
        if len(fields) > 3 and fields[2] == b"blksize":
            size = int(fields[3])
            self.tftp_send(s, b"\0\6blksize\0" + fields[3] + b"\0", 0, peer)
        block = 1
        while True:
            piece = body[(block - 1) * size:block * size]
            if not self.tftp_send(s, struct.pack("!HH", 3, block & 65535) + piece, block & 65535, peer):
                return
            if len(piece) < size:
                return
            block += 1

    @staticmethod
    def tftp_send(s, packet, number, peer):
        for _ in range(12):
            s.sendto(packet, peer)
            try:
                while True:
                    answer = s.recv(1024)
                    if answer == struct.pack("!HH", 4, number):
                        return True
                    if answer[:2] == b"\0\5":
                        return False
            except socket.timeout:
                pass
        return False

    # -- HTTP

    def http(self):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((ADDRESS, 80))
        s.listen(64)
        while True:
            c, peer = s.accept()
            threading.Thread(target=self.http_serve, args=(c, peer), daemon=True).start()

    def http_serve(self, c, peer):
        c.settimeout(5)
        data = b""
        try:
            while b"\r\n\r\n" not in data:
                piece = c.recv(65536)
                if not piece:
                    return
                data += piece
            self.http_answer(c, data, self.by_ip.get(peer[0]))
        except OSError:
            pass
        finally:
            c.close()

    def http_answer(self, c, data, phone):
        head, body = data.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        method, path, protocol = lines[0].split(" ")
        fields = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in lines[1:]}
        agent = fields.get("user-agent", "")
        self.log(phone, "http", f"{method} {path} {protocol} host={fields.get('host', '-')} agent={agent}")
        found = re.search(r"SPA-?[0-9]+G?2?-([0-9a-z.]+(?:\([A-Za-z0-9_]+\))?)", agent)
        if phone and found and not path.endswith(".bin"):
            if phone.version and phone.version != found.group(1):
                phone.attempt += 1
            phone.version = found.group(1)
        if method in ("PUT", "POST"):
            while len(body) < int(fields["content-length"]):
                body += c.recv(65536)
            self.log(phone, "report", str(len(body)))
            c.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
            return
        content = self.content(phone, path)
        self.http_send(c, phone, method, path, content)

    def http_send(self, c, phone, method, path, body):
        flaw = phone.flaw if phone else ""
        status = "200 OK" if body is not None else "404 Not Found"
        body = b"nothing\n" if body is None else body
        length = f"Content-Length: {len(body)}\r\n"
        if not path.endswith(".bin") and flaw != "stored":
            length += "Cache-Control: no-store\r\n"
        if flaw == "redirect" and not path.startswith("/moved"):
            status, body = "302 Found", b""
            length = f"Content-Length: 0\r\nLocation: http://{ADDRESS}/moved{path}\r\n"
        elif flaw == "chunked":
            length = length.replace("Content-Length:", "Transfer-Encoding: chunked\r\nX-Length:")
            body = b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
        elif flaw == "no-length":
            length = length.replace("Content-Length:", "X-Length:")
        elif flaw == "protocol":
            length = length.replace(str(len(body)), str(len(body) - 3))
        elif flaw == "head" and method == "HEAD":
            length = "Content-Length: 3\r\n"
        c.sendall(f"HTTP/1.1 {status}\r\n{length}Content-Type: text/xml\r\n\r\n".encode())
        if method != "HEAD":
            c.sendall(body)

    # -- the small ones

    def dns(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((ADDRESS, 53))
        while True:
            q, peer = s.recvfrom(512)
            name, at = [], 12
            while q[at]:
                name.append(q[at + 1:at + 1 + q[at]].decode())
                at += q[at] + 1
            self.log(self.by_ip.get(peer[0]), "dns", ".".join(name))
            question = q[12:at + 5]
            if name[0] == "captured":
                answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(ADDRESS)
                s.sendto(q[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + question + answer, peer)
            else:
                s.sendto(q[:2] + b"\x81\x83\0\1\0\0\0\0\0\0" + question, peer)

    def syslog(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((ADDRESS, 514))
        while True:
            line, peer = s.recvfrom(2048)
            self.log(self.by_ip.get(peer[0]), "syslog", line.decode())


def main():
    interface, story, log = sys.argv[1:]
    with open(story, encoding="utf-8") as file:
        box = Box(interface, json.load(file), log)
    for part in (box.dhcp, box.tftp, box.http, box.dns, box.syslog):
        threading.Thread(target=part, daemon=True).start()
    time.sleep(0.3)
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
