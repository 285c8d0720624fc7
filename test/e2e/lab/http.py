"""An HTTP client that hides nothing: what is sent and what came are bytes."""
import json
import socket


class Response:
    def __init__(self, status, reason, version, headers, body, raw_head):
        self.status = status
        self.reason = reason
        self.version = version
        self.headers = headers  # lower-case names; of repeated ones the last
        self.body = body
        self.raw_head = raw_head

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:80]!r}>"


class Connection:
    """One TCP connection from inside a station; `source` binds it to an address of that station, source_port to a port."""

    def __init__(self, station, host, port=80, source=None, seconds=20, source_port=0):
        with station:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.settimeout(seconds)
        if source or source_port:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind((source or "", source_port))
        self.socket.connect((host, port))
        self.buffer = b""

    def send(self, data):
        self.socket.sendall(data)

    def _more(self):
        data = self.socket.recv(65536)
        self.buffer += data
        return bool(data)

    def response(self, method="GET"):
        """Reads one response; body by Content-Length, else to the end of the stream. None at the end."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                assert self.buffer == b"", f"cut short: {self.buffer!r}"
                return None
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        version, status, reason = (lines[0].split(" ", 2) + [""])[:3]
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        status = int(status)
        if method == "HEAD" or status in (204, 304) or 100 <= status < 200:
            body = b""
        elif headers.get("transfer-encoding") == "chunked":
            body = self._chunks()
        elif "content-length" in headers:
            want = int(headers["content-length"])
            while len(self.buffer) < want:
                assert self._more(), f"body cut short at {len(self.buffer)} of {want}"
            body, self.buffer = self.buffer[:want], self.buffer[want:]
        else:
            while self._more():
                pass
            body, self.buffer = self.buffer, b""
        return Response(status, reason, version, headers, body, head)

    def _line(self):
        while b"\r\n" not in self.buffer:
            assert self._more(), "chunks cut short"
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def _chunks(self):
        """A body in chunks, without trailers (RFC 9112 section 7.1)."""
        body = b""
        while size := int(self._line(), 16):
            while len(self.buffer) < size + 2:
                assert self._more(), "chunk cut short"
            assert self.buffer[size:size + 2] == b"\r\n", "chunk without its end"
            body, self.buffer = body + self.buffer[:size], self.buffer[size + 2:]
        assert self._line() == b"", "trailers"
        return body

    def at_end(self):
        """True when the peer has closed and nothing was left."""
        return self.buffer == b"" and not self._more()

    def request(self, target, method="GET", headers=None, body=b"", version="HTTP/1.1"):
        self.send(format_request(target, method, headers, body, version))
        return self.response(method)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def format_request(target, method="GET", headers=None, body=b"", version="HTTP/1.1"):
    if isinstance(target, str):
        target = target.encode("latin-1")
    head = method.encode() + b" " + target + b" " + version.encode() + b"\r\n"
    fields = {"Host": "192.168.10.10"} if version == "HTTP/1.1" else {}
    fields.update(headers or {})
    if body or method in ("PUT", "POST"):
        fields.setdefault("Content-Length", str(len(body)))
    for name, value in fields.items():
        if value is None:  # of a field that would stand there otherwise
            continue
        head += f"{name}: {value}\r\n".encode("latin-1")
    return head + b"\r\n" + body


def fetch(station, host, target, method="GET", headers=None, body=b"", version="HTTP/1.1", port=80, source=None,
          seconds=20):
    """One request on a connection of its own."""
    with Connection(station, host, port, source, seconds) as connection:
        return connection.request(target, method, dict({"Connection": "close"}, **(headers or {})), body, version)
