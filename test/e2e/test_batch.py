"""Batches of simulated phones against the box: every one comes out at the target, none is harmed."""
import json
import os
import subprocess

from lab import box as boxes, images, process
from lab.case import same, test

CLOCK = 60  # the phones' clock runs so many times faster than the box's
PHONES = os.environ.get("PHONES", os.path.join(boxes.ROOT, "build/debug/phones"))


def printed(*words):
    return subprocess.run([PHONES, *words], check=True, capture_output=True, timeout=20).stdout


def put_firmware(card, names):
    for name in names:
        family, version = split_name(name)
        images.put(card, family, version)


def split_name(name):
    for family in ("spa50x-30x", "spa51x", "spa525g"):
        if name.startswith(family + "-"):
            parts = name[len(family) + 1:-len(".bin")].split("-")
            version = ".".join(parts[:3]) + (f"({parts[3]})" if len(parts) > 3 else "")
            return family, version
    raise AssertionError(f"{name}: of no family")


def prepared(trial, words, profile=None, settings=None, name="card", files=None):
    card = trial.card(name=name)
    put_firmware(card, files or printed(*words, "--print-firmware").decode().split())
    card.write("profiles/full.xml", printed(*words, "--print-template"))
    card.write("phones.csv", printed(*words, "--print-inventory"))
    changes = {"profile": dict({"template": "profiles/full.xml", "auth": "inventory", "transport": "any"},
                               **(profile or {})),
               "upgrade": {"resync": "60s", "stall": "30s"}}
    changes.update(settings or {})
    card.settings(changes)
    return card


def play(trial, words, seconds, clock=CLOCK):
    """Runs the phones to their end; their report."""
    bench = trial.station("bench")
    report = trial.path("phones.json")
    done = process.run(bench, [PHONES, "--interface", "eth0", *words, "--clock", str(clock), "--report", report,
                               "--timeout", str(seconds)], seconds + 30)
    with open(trial.log_path("phones.log"), "wb") as log:
        log.write(done.stdout + done.stderr)
    tail = done.stderr.decode(errors="replace").splitlines()[-30:]
    same(done.returncode, 0, "\n".join(tail))
    with open(report, encoding="utf-8") as file:
        return json.load(file)


def plans(card, words):
    """What `plan` says of each phone before it is switched on: mac → versions on its way."""
    asked, said = {}, {}
    for mac, model, version in (line.split() for line in printed(*words, "--print-phones").decode().splitlines()):
        if (model, version) not in asked:
            done = boxes.command("-c", card.ini, "plan", model, version, "--json")
            same(done.returncode, 0, done.stdout)
            asked[model, version] = [rung["to"] for rung in json.loads(done.stdout)["rungs"]]
        said[mac] = asked[model, version]
    return said


def check_plans(said, phones, report):
    """The box's own history and what the phones report are both what was planned."""
    same({p["mac"]: [rung["to"] for rung in p["history"]] for p in phones}, said, "histories and plans")
    same({p["mac"]: p["path"] for p in report["phones"]}, said, "what the phones loaded, and plans")


def batch(trial, count, seconds, change=None):
    """`change`: what is to be changed of the box before it starts."""
    words = ("--mixed", str(count))
    card = prepared(trial, words)
    said = plans(card, words)
    box = trial.make_box(card)
    if change:
        change(box)
    box.start()
    report = play(trial, words, seconds)
    phones = box.phones()
    same(len(phones), count, "phones on the API")
    check_plans(said, phones, report)
    unfinished = [(p["mac"], p["version"], p["state"], p["note"]) for p in phones if p["state"] != "done"]
    same(unfinished, [], "every phone done")


@test(seconds=120)
def batch_of_one(trial):
    """The thin line: one phone, from the factory's firmware to its own configuration."""
    batch(trial, 1, 80)


@test(seconds=200, cost=2)
def batch_of_sixty(trial):
    """Sixty phones of every model and version, by TFTP and HTTP first, each with its own secrets."""
    batch(trial, 60, 150)
