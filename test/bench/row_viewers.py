"""Dashboards that are open while phones ask: what they cost, and whether phones wait for them."""
import re
import selectors
import socket
import threading

from frame import OURS, Figure, row
from lab import images
from lab.process import wait_until
from meter import Meter
from row_http import run_load

PHONES, VIEWERS = 500, 20
RATE = 250  # profiles a second in all: each phone comes every two seconds, and its row changes each time


def received(connection, buffer):
    try:
        return connection.recv_into(buffer)
    except ConnectionResetError:  # it was ended with events on their way
        return 0


class Dashboards:
    """Readers of /api/v1/events, there while the block runs. One thread reads for all, so that they take little of what is
    measured."""

    def __init__(self, bench, count):
        self.bench, self.count, self.sockets = bench, count, []

    def there(self):
        found = re.search(r"^stagebox_viewers (\d+)", self.bench.box.http("/metrics").body.decode(), re.MULTILINE)
        return int(found[1])

    def read(self):
        buffer = bytearray(1 << 20)
        with selectors.DefaultSelector() as ready:
            for each in self.sockets:
                ready.register(each, selectors.EVENT_READ)
            while ready.get_map():
                for key, _ in ready.select():
                    if not received(key.fileobj, buffer):
                        ready.unregister(key.fileobj)

    def __enter__(self):
        self.before = self.there()  # whoever else is told of events, MQTT
        with self.bench.operator:
            self.sockets = [socket.create_connection((self.bench.box.address, 80), 10) for _ in range(self.count)]
        for each in self.sockets:
            each.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: box\r\n\r\n")
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        wait_until(f"{self.count} viewers", lambda: self.there() == self.before + self.count)

    def __exit__(self, *error):
        for each in self.sockets:
            each.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        for each in self.sockets:
            each.close()
        wait_until("the viewers' end", lambda: self.there() == self.before)


def delays(bench, meter, viewers):
    """The delays of answers in ms, median and 99th percentile, and the box's part of one core in percent."""
    def measure(seconds):
        with Dashboards(bench, viewers):
            run_load(bench, bench.box.address, "close", f"rate={RATE}", seconds=1, phones=PHONES, version="7.5.2b")
            before = meter.seconds()
            said = run_load(bench, bench.box.address, "close", f"rate={RATE}", seconds=seconds, phones=PHONES, version="7.5.2b")
            if said is None:
                return None
            _, _, wall, _, median, worst = said[:6]
            return median / 1000, worst / 1000, (meter.seconds() - before) / wall * 100
    return measure


@row(f"{PHONES} phones with and without {VIEWERS} open dashboards: the delay of profiles, and the processor")
def viewers(bench):
    card = bench.card()
    images.put_ladder(card)
    card.settings({"dhcp": {"rogue": "ignore"}})
    bench.start(card=card)
    meter = bench.keep(Meter("viewers")).put(bench.box.process.pid)
    run_load(bench, bench.box.address, "close", f"rate={PHONES}", seconds=1, phones=PHONES, version="7.5.2b")
    without = "without viewers"
    worst = Figure("…the 99th percentile", "ms", less=True)
    cpu = Figure("…the box's processor time", "% of a core", less=True)
    return [Figure("delay of a profile, median", "ms", {OURS: delays(bench, meter, VIEWERS), without: delays(bench, meter, 0)},
                   {without: 0.9}, less=True, also=(worst, cpu),
                   note=f"{PHONES} phones, {RATE} profiles a second, {VIEWERS} readers of /api/v1/events")]
