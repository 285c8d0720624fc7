"""A viewer of /api/v1/events who applies what he is told."""
import contextlib
import json
import threading

from lab import schemas
from lab.http import Connection, format_request

SCHEMAS = {"phone": "phone", "summary": "summary", "log": "event-log", "gone": "event-gone", "reset": "event-reset"}


class Viewer:
    def __init__(self, box, validated=True):
        self.phones = {}
        self.summary = None
        self.lines = []
        self.counts = dict.fromkeys(SCHEMAS, 0)
        self.error = None
        self.validated = validated
        self.lock = threading.Lock()
        self.connection = Connection(box.operator, box.address, seconds=60)
        self.connection.send(format_request("/api/v1/events"))
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            self._read()
        except OSError:
            pass
        except Exception as error:  # for the test's thread
            self.error = error

    def _read(self):
        connection, text = self.connection, b""
        while b"\r\n\r\n" not in connection.buffer:
            assert connection._more()
        head, connection.buffer = connection.buffer.split(b"\r\n\r\n", 1)
        assert b"200" in head.split(b"\r\n")[0] and b"text/event-stream" in head, head
        while size := int(connection._line(), 16):
            while len(connection.buffer) < size + 2:
                assert connection._more()
            text, connection.buffer = text + connection.buffer[:size], connection.buffer[size + 2:]
            *events, text = text.split(b"\n\n")
            for event in events:
                self._apply(event.decode())

    def _apply(self, event):
        kind, data = event.split("\n")
        kind, data = kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))
        if self.validated:
            schemas.validate(data, SCHEMAS[kind])
        with self.lock:
            self.counts[kind] += 1
            if kind == "reset":
                self.phones, self.lines = {}, []
            elif kind == "phone":
                self.phones[data["mac"] or data["id"]] = data
            elif kind == "gone":
                self.phones.pop(data.get("mac") or data["id"], None)
            elif kind == "summary":
                self.summary = data
            else:
                self.lines.append(data)

    def seen(self):
        """All phones, as he knows them."""
        if self.error:
            raise self.error
        with self.lock:
            return dict(self.phones)

    def close(self):
        with contextlib.suppress(OSError):  # a box that has ended may have reset it
            self.connection.socket.shutdown(2)
        self.thread.join(10)
        self.connection.close()
