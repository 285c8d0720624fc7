"""wrong_http ADDRESS WHAT: an HTTP server that is not what a client of the bench may take for an answer; `right` is one that is.

One connection at a time is enough: the clients fail at the first answer that is wrong.
"""
import socket
import struct
import sys

BODY = b"x" * 3000
ANSWERS = {
    "right": (b"200 OK", len(BODY), BODY),
    "not-found": (b"404 Not Found", len(BODY), BODY),
    "without-a-length": (b"200 OK", None, BODY),
    "too-short": (b"200 OK", len(BODY) + 1, BODY),
    "too-long": (b"200 OK", len(BODY) - 1, BODY),
    "reset": (b"200 OK", len(BODY), BODY[:100]),
}


def answer(connection, what):
    status, length, body = ANSWERS[what]
    said = b"" if length is None else b"Content-Length: %d\r\n" % length
    while b"\r\n\r\n" not in connection.recv(4096):
        pass
    connection.sendall(b"HTTP/1.1 " + status + b"\r\n" + said + b"Connection: close\r\n\r\n" + body)
    if what == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def main():
    address, what = sys.argv[1:]
    listener = socket.create_server((address, 80), backlog=64)
    while True:
        connection, _ = listener.accept()
        try:
            answer(connection, what)
        except ConnectionError:
            pass  # the client has seen enough
        connection.close()


main()
