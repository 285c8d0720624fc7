"""A TFTP client (RFC 1350, 2347, 2348, 2349, 7440) over plain datagrams."""
import socket
import struct

RRQ, WRQ, DATA, ACK, ERROR, OACK = range(1, 7)


class TftpError(Exception):
    def __init__(self, code, text):
        super().__init__(f"TFTP error {code}: {text}")
        self.code = code
        self.text = text


def request_bytes(name, mode=b"octet", options=None, opcode=RRQ):
    if isinstance(name, str):
        name = name.encode("latin-1")
    packet = struct.pack("!H", opcode) + name + b"\0" + mode + b"\0"
    for key, value in (options or {}).items():
        packet += key.encode() + b"\0" + str(value).encode() + b"\0"
    return packet


def udp(station, source=None, seconds=5):
    with station:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(seconds)
    if source:
        sock.bind((source, 0))
    return sock


def parse_oack(packet):
    words = packet[2:].split(b"\0")[:-1]
    return {words[i].decode().lower(): words[i + 1].decode() for i in range(0, len(words) - 1, 2)}


class Transfer:
    """One read; after run() `data`, `oack` (None without) and `packets` (DATA datagrams seen) are there."""

    def __init__(self, station, host, name, options=None, mode=b"octet", source=None, seconds=5, port=69):
        self.socket = udp(station, source, seconds)
        self.first = (host, port)
        self.peer = None
        self.oack = None
        self.data = b""
        self.packets = 0
        self.window = 1
        self.block_size = 512
        self.socket.sendto(request_bytes(name, mode, options), self.first)

    def _receive(self):
        while True:
            packet, peer = self.socket.recvfrom(65536)
            if self.peer is None:
                self.peer = peer
            if peer == self.peer:
                return packet

    def _ack(self, block):
        self.socket.sendto(struct.pack("!HH", ACK, block & 0xFFFF), self.peer)

    def _take_oack(self, packet):
        self.oack = parse_oack(packet)
        self.block_size = int(self.oack.get("blksize", self.block_size))
        self.window = int(self.oack.get("windowsize", 1))
        self._ack(0)

    def run(self, on_block=None):
        expected, unacked = 1, 0
        try:
            while True:
                packet = self._receive()
                opcode, number = struct.unpack("!HH", packet[:4])
                if opcode == ERROR:
                    raise TftpError(number, packet[4:].split(b"\0")[0].decode("latin-1"))
                if opcode == OACK:
                    self._take_oack(packet)
                    continue
                assert opcode == DATA, f"opcode {opcode}"
                self.packets += 1
                if number != expected & 0xFFFF:
                    self._ack(expected - 1)
                    unacked = 0
                    continue
                self.data += packet[4:]
                last = len(packet) - 4 < self.block_size
                unacked += 1
                if last or unacked == self.window:
                    self._ack(expected)
                    unacked = 0
                if on_block:
                    on_block(expected)
                if last:
                    return self.data
                expected += 1
        finally:
            self.socket.close()


def fetch(station, host, name, **more):
    return Transfer(station, host, name, **more).run()


def error_of(station, host, name, **more):
    """The code of the error that the name is answered with; None where a file came."""
    try:
        fetch(station, host, name, **more)
    except TftpError as error:
        return error.code
    return None
