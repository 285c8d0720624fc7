"""A test is a function of one argument, a Trial; @test gives it its name's place in the list."""
import contextlib
import os
import random
import tempfile

from lab.box import KIND, Box
from lab.card import ADDRESS, Card
from lab.net import Lan

TESTS = {}
ALL = False  # the long forms too


def test(seconds=120, cost=1):
    """seconds: the limit. cost: 2 keeps the machine to itself."""
    def register(function):
        name = function.__name__.replace("_", "-")
        assert name not in TESTS, name
        TESTS[name] = function
        function.limit, function.cost = seconds, cost
        return function
    return register


class Trial:
    """Makes what a test needs and takes it down again, the box in order."""

    def __init__(self, name, log_folder):
        self.name = name
        self.log_folder = log_folder
        self.everything = ALL
        self.stack = contextlib.ExitStack()
        self.random = random.Random(name)
        self._count = 0
        self.box = None
        self.boxes = []
        self.lan = Lan()
        self.stack.callback(self.lan.close)
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="stagebox-"))
        self.operator = self.lan.station("operator", address="192.168.10.2/24")

    def log_path(self, what):
        self._count += 1
        return os.path.join(self.log_folder, f"{self.name}.{self._count}-{what}.log")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def card(self, settings=None, name="card"):
        card = Card(self.path(name))
        card.settings(settings)
        return card

    def make_box(self, card, station=None, address=None):
        """A box that is not started yet."""
        station = station or self.lan.station("box", address=address)
        if KIND == "lwip-tap" and not station.has_tap:
            station.tap()
        box = Box(station, card, self.log_path("box"), self.operator)
        self.boxes.append(box)
        if self.box is None:
            self.box = box
        return box

    def start(self, settings=None, card=None, **more):
        """The usual beginning: a card, a box, ready."""
        return self.make_box(card or self.card(settings)).start(**more)

    def station(self, name, mac=None, address=None):
        return self.lan.station(name, mac, address)

    def keep(self, thing):
        """thing.close() is called at the end."""
        self.stack.callback(thing.close)
        return thing

    def close(self, failed):
        """Stops what runs; after a failure without asking whether that was clean."""
        with self.stack:
            for box in self.boxes:
                if box.process is None:
                    continue
                if failed:
                    box.process.kill()
                else:
                    box.stop()


def same(got, expected, what="value"):
    assert got == expected, f"{what}: expected {expected!r}, got {got!r}"


__all__ = ["ADDRESS", "TESTS", "Trial", "same", "test"]
