"""A DHCP client and server in raw frames, of any MAC, for what real clients do not do."""
import os
import random
import socket
import struct
import time

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)
COOKIE = b"\x63\x82\x53\x63"
BROADCAST = b"\xff" * 6
ETH_P_ALL = 3  # sees what comes before a bridge does that the interface is a port of


def ip_bytes(text):
    return socket.inet_aton(text)


def ip_text(data):
    return socket.inet_ntoa(data)


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp_frame(src_mac, dst_mac, src, dst, sport, dport, payload):
    udp = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), random.getrandbits(16), 0, 64, 17, 0,
                       ip_bytes(src), ip_bytes(dst))
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return dst_mac + src_mac + b"\x08\x00" + head + udp + payload


def options_bytes(options):
    out = b""
    for code, value in options:
        for at in range(0, max(len(value), 1), 255):
            part = value[at:at + 255]
            out += bytes([code, len(part)]) + part
    return out + b"\xff"


class Message:
    """A DHCP message as it came: fields, `options` (code → bytes, pieces joined), `order` of the codes."""

    def __init__(self, payload, frame=b""):
        self.payload = payload
        self.dst_mac, self.src_mac = frame[:6], frame[6:12]
        (self.op, self.htype, self.hlen, self.hops, self.xid, self.secs, self.flags, ciaddr, yiaddr, siaddr,
         giaddr) = struct.unpack("!BBBBIHH4s4s4s4s", payload[:28])
        self.ciaddr, self.yiaddr, self.siaddr, self.giaddr = map(ip_text, (ciaddr, yiaddr, siaddr, giaddr))
        self.chaddr = payload[28:34]
        self.options, self.order = {}, []
        if frame:
            self.src, self.dst = ip_text(frame[26:30]), ip_text(frame[30:34])
        at = 240
        while at < len(payload) and payload[at] != 255:
            if payload[at] == 0:
                at += 1
                continue
            code, size = payload[at], payload[at + 1]
            if code not in self.options:
                self.order.append(code)
            self.options[code] = self.options.get(code, b"") + payload[at + 2:at + 2 + size]
            at += 2 + size

    @property
    def type(self):
        return self.options[53][0]

    def address(self, code):
        return ip_text(self.options[code][:4])

    def text(self, code):
        return self.options[code].decode("latin-1")


class Client:
    """One client of a given MAC at a station's eth0."""

    def __init__(self, station, mac, vendor="Cisco SPA504G", client_id=None, interface="eth0"):
        self.mac = mac_bytes(mac)
        self.vendor = vendor
        self.client_id = client_id
        self.xid = int.from_bytes(os.urandom(4), "big")
        with station:
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self.socket.bind((interface, 0))
        self.lease = None

    def send(self, kind, options=(), ciaddr="0.0.0.0", giaddr="0.0.0.0", flags=0, dst="255.255.255.255",
             dst_mac=BROADCAST, src="0.0.0.0", wanted=(1, 3, 6, 66, 150), sport=68, frame_mac=None):
        head = struct.pack("!BBBBIHH4s4s4s4s16s64s128s", 1, 1, 6, 0, self.xid, 0, flags, ip_bytes(ciaddr),
                           b"\0" * 4, b"\0" * 4, ip_bytes(giaddr), self.mac, b"", b"")
        all_options = [(53, bytes([kind]))]
        if self.client_id is not None:
            all_options.append((61, self.client_id))
        if self.vendor is not None:
            all_options.append((60, self.vendor.encode()))
        all_options += list(options)
        if wanted:
            all_options.append((55, bytes(wanted)))
        payload = head + COOKIE + options_bytes(all_options)
        self.socket.send(udp_frame(frame_mac or self.mac, dst_mac, src, dst, sport, 67,
                                   payload.ljust(300, b"\0")))

    def receive(self, seconds=5, kinds=None, port=68):
        """The next answer to this client; None after so many seconds."""
        limit = time.monotonic() + seconds
        while (left := limit - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                frame = self.socket.recv(65536)
            except TimeoutError:
                break
            if len(frame) < 282 or frame[12:14] != b"\x08\x00" or frame[23] != 17:
                continue
            if struct.unpack("!H", frame[36:38])[0] != port:
                continue
            size = struct.unpack("!H", frame[38:40])[0]
            message = Message(frame[42:34 + size], frame)
            if message.op == 2 and message.xid == self.xid and (kinds is None or message.type in kinds):
                return message
        return None

    def discover(self, seconds=5, tries=1, **more):
        for _ in range(tries):
            self.send(DISCOVER, **more)
            offer = self.receive(seconds, (OFFER,))
            if offer:
                return offer
        return None

    def request(self, offer, seconds=5):
        self.send(REQUEST, [(50, ip_bytes(offer.yiaddr)), (54, offer.options[54])])
        answer = self.receive(seconds, (ACK, NAK))
        if answer and answer.type == ACK:
            self.lease = answer.yiaddr
        return answer

    def obtain(self, seconds=5, tries=3):
        """DISCOVER to ACK; the ACK."""
        offer = self.discover(seconds, tries)
        assert offer, "no OFFER"
        answer = self.request(offer, seconds)
        assert answer and answer.type == ACK, f"no ACK for {offer.yiaddr}"
        return answer

    def reboot(self, address, seconds=5):
        """INIT-REBOOT: asks for an address it had."""
        self.send(REQUEST, [(50, ip_bytes(address))])
        return self.receive(seconds, (ACK, NAK))

    def close(self):
        self.socket.close()


class RogueServer:
    """Answers every DISCOVER and REQUEST on the LAN, once `answer()` is called."""

    def __init__(self, station, address):
        self.address = address
        self.mac = mac_bytes(station.mac())
        with station:
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
            self.socket.bind(("eth0", 0))

    def answer(self, seconds, offered="192.168.10.200"):
        """Answers for so long; how many answers went out."""
        count, limit = 0, time.monotonic() + seconds
        while (left := limit - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                frame = self.socket.recv(65536)
            except TimeoutError:
                break
            if len(frame) < 282 or frame[23] != 17 or struct.unpack("!H", frame[36:38])[0] != 67:
                continue
            asked = Message(frame[42:], frame)
            if asked.op != 1 or asked.options.get(53, b"\0")[0] not in (DISCOVER, REQUEST):
                continue
            kind = OFFER if asked.type == DISCOVER else ACK
            head = struct.pack("!BBBBIHH4s4s4s4s16s64s128s", 2, 1, 6, 0, asked.xid, 0, asked.flags, b"\0" * 4,
                               ip_bytes(offered), ip_bytes(self.address), b"\0" * 4, asked.chaddr, b"", b"")
            body = head + COOKIE + options_bytes([(53, bytes([kind])), (54, ip_bytes(self.address)),
                                                  (51, struct.pack("!I", 600)), (1, ip_bytes("255.255.255.0"))])
            self.socket.send(udp_frame(self.mac, BROADCAST, self.address, "255.255.255.255", 67, 68, body))
            count += 1
        return count

    def close(self):
        self.socket.close()
