"""Simulated phones that are at work while the test does something else."""
import json
import os

from lab.box import ROOT
from lab.case import same
from lab.process import Process, wait_until

PHONES = os.environ.get("PHONES", os.path.join(ROOT, "build/debug/phones"))
CLOCK = 60


class Crowd:
    def __init__(self, trial, words, seconds, clock=CLOCK, station=None):
        self.seconds = seconds
        self.report_path = trial.path(f"phones{trial.random.random()}.json")
        self.process = Process(station or trial.station("bench"),
                               [PHONES, "--interface", "eth0", *words, "--clock", str(clock), "--report", self.report_path,
                                "--timeout", str(seconds)], trial.log_path("phones.log"))
        trial.stack.callback(self.process.kill)

    def finish(self):
        """Waits for the end, which has to be a good one: the report."""
        status = self.process.wait(self.seconds + 30)
        same(status, 0, "the phones' verdict\n" + "\n".join(self.process.log().splitlines()[-30:]))
        with open(self.report_path, encoding="utf-8") as file:
            return json.load(file)


def unfinished(box):
    return [(p["mac"], p["version"], p["state"], p["note"]) for p in box.phones() if p["state"] != "done"]


def all_done(box, count):
    phones = box.phones()
    same(len(phones), count, "phones on the API")
    same(unfinished(box), [], "every phone done")


def wait_under_way(box, count=1, seconds=40):
    """Until so many phones have loaded an image or are at it."""
    busy = ("loading", "flashing", "configuring", "done")
    wait_until(f"{count} phones under way", lambda: sum(box.states()[s] for s in busy) >= count, seconds, every=0.2,
               alive=box.process.running)
