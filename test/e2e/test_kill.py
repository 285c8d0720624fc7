"""The box is killed again and again while it serves a batch, and nothing that it answered is lost."""
import os
import random
import threading

import test_batch as batches
from lab import process
from lab.case import same, test

PHONES = 16
KILLER = os.path.join(os.path.dirname(os.path.abspath(batches.PHONES)), "kill_at_write.so")


class Watcher:
    """Asks for the phones all the time and remembers the last answer of each."""

    def __init__(self, box):
        self.box = box
        self.told = {}
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.over.wait(0.1):
            try:
                self.remember(self.box.phones())
            except (OSError, AssertionError, ValueError):
                pass  # it is dead, or dies just now: an answer that is not whole is no answer

    def remember(self, phones):
        with self.lock:
            self.told.update({p["mac"]: p for p in phones})

    def close(self):
        self.over.set()
        self.thread.join()

    def compare(self, phones):
        """What was told before is still so."""
        now = {p["mac"]: p for p in phones}
        with self.lock:
            for mac, before in self.told.items():
                assert mac in now, f"{mac} was told of, and is forgotten"
                after = now[mac]
                for rung, kept in zip(before["history"], after["history"] + [None] * len(before["history"])):
                    same(kept and (kept["from"], kept["to"], kept["file"]), (rung["from"], rung["to"], rung["file"]),
                         f"{mac}: a rung that was told")
                same(after["ip"], before["ip"], f"{mac}: its address")
                if before["state"] == "done":
                    same(after["state"], "done", f"{mac}: state")


def live(trial, box, draw):
    """One life of the box, and its end. What was drawn, for the log."""
    if draw.random() < 0.6:
        at, how = draw.randint(1, 50), draw.choice(("before", "after", "torn"))
        asan = box_options() + ":verify_asan_link_order=0"
        box.start(wait=False, environment={"LD_PRELOAD": KILLER, "KILL_AT": str(at), "KILL_HOW": how,
                                           "ASAN_OPTIONS": asan})
        if box.killed(4):
            return f"{how} write {at}"
    else:
        box.start(wait=False)
    seconds = draw.uniform(0.3, 2.5)
    if not box.killed(seconds):
        box.kill()
    return f"after {seconds:.2f} s"


def box_options():
    return batches.boxes.ENVIRONMENT["ASAN_OPTIONS"]


def round_of_kills(trial, stations, seed, kills):
    words = ("--mixed", str(PHONES), "--seed", str(seed))
    box = trial.make_box(batches.prepared(trial, words, name=f"card{seed}"), stations[0])
    bench = stations[1]
    draw = random.Random(seed)
    report, ends = trial.path(f"phones{seed}.json"), []
    phones = process.Process(bench, [batches.PHONES, "--interface", "eth0", *words, "--clock", str(batches.CLOCK),
                                     "--report", report, "--timeout", "400"], trial.log_path("phones.log"))
    watcher = Watcher(box)
    try:
        for _ in range(kills):
            ends.append(live(trial, box, draw))
        box.start()
        watcher.compare(box.phones())
        same(phones.wait(380), 0, "the phones' verdict\n" + "\n".join(phones.log().splitlines()[-20:]))
        watcher.compare(box.phones())
    finally:
        watcher.close()
        print(f"seed {seed}: killed {'; '.join(ends)}")
        if phones.running():
            phones.kill()
    same([(p["mac"], p["state"], p["note"]) for p in box.phones() if p["state"] != "done"], [], "every phone done")
    check_addresses(report)
    box.stop()


def check_addresses(path):
    """No phone was ever given a second address."""
    with open(path, encoding="utf-8") as file:
        for phone in batches.json.load(file)["phones"]:
            given = {e["text"].split(",")[0] for e in phone["events"] if e["event"] == "bound"}
            same(len(given), 1, f"addresses of {phone['mac']}: {given}")


@test(seconds=450, cost=2)
def killed_again_and_again(trial):
    """Twenty kills in one batch; with --all three hundred, in fifteen."""
    stations = trial.station("box"), trial.station("bench")
    for seed in range(1, 16 if trial.everything else 2):
        round_of_kills(trial, stations, seed, 20)
