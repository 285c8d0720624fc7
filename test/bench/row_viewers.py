"""Dashboards that are open while phones ask: what they cost, and whether phones wait for them."""
import os
import re

from frame import OURS, Figure, row
from lab import box, images
from lab.process import wait_until
from meter import Meter
from row_http import run_load
from wires import make_urgent, pinned, urgent

WATCH = os.path.join(os.path.dirname(box.BINARY), "http_watch")
PHONES, VIEWERS = 500, 20
LONGER = 4  # times the usual length: a 99th percentile wants many answers
RATE = 250  # profiles a second in all: each phone comes every two seconds, and its row changes each time


def first(command):
    return urgent(pinned(command))


class Dashboards:
    """Readers of /api/v1/events, there while the block runs."""

    def __init__(self, bench, count):
        self.bench, self.count = bench, count

    def there(self):
        found = re.search(r"^stagebox_viewers (\d+)", self.bench.box.http("/metrics").body.decode(), re.MULTILINE)
        return int(found[1])

    def wait(self, what, count):
        wait_until(what, lambda: self.there() == self.before + count, alive=self.process.running)

    def __enter__(self):
        if self.count == 0:
            return
        self.before = self.there()  # whoever else is told of events, MQTT
        command = [WATCH, self.bench.box.address, "80", str(self.count), "/api/v1/events"]
        self.process = self.bench.process(self.bench.operator, first(command))
        self.wait(f"{self.count} viewers", self.count)

    def __exit__(self, *error):
        if self.count == 0:
            return
        self.process.signal(15)
        assert self.process.wait(10) == -15, self.process.log()[-1000:]
        wait_until("the viewers' end", lambda: self.there() == self.before)


def load(bench, seconds, rate=RATE):
    return run_load(bench, bench.box.address, "close", f"rate={rate}", seconds=seconds, phones=PHONES, version="7.5.2b", wrap=first)


def delays(bench, meter, viewers):
    """The delays of answers in ms, median and 99th percentile, and the box's part of one core in percent."""
    def measure(seconds):
        with Dashboards(bench, viewers):
            load(bench, min(seconds, 1))
            before = meter.seconds()
            said = load(bench, LONGER * seconds)
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
    make_urgent(bench.box.process.pid)
    load(bench, 1, PHONES)
    without = "without viewers"
    worst = Figure("…the 99th percentile", "ms", floor={without: 0.9}, less=True)
    cpu = Figure("…the box's processor time", "% of a core", less=True)
    return [Figure("delay of a profile, median", "ms", {OURS: delays(bench, meter, VIEWERS), without: delays(bench, meter, 0)},
                   {without: 0.9}, less=True, also=(worst, cpu),
                   note=f"{PHONES} phones, {RATE} profiles a second, {VIEWERS} readers of /api/v1/events")]
