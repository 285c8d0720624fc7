"""Each quirk of a phone in a run of its own: with the box's counter-measure the phone comes to its end unharmed.

test/mutants/quirk-*.patch take the counter-measures out one by one; then these tests go red.
"""
import json
import os
import re

import test_batch as batches
from lab import box as boxes
from lab.case import same, test

FIRMWARE = ("spa50x-30x-7-5-2b.bin", "spa50x-30x-7-5-6-XU.bin", "spa50x-30x-7-5-7.bin", "spa50x-30x-7-6-1.bin",
            "spa51x-7-6-1.bin", "spa525g-7-6-1.bin")
SECONDS = 45
CLOCK = 150  # faster than that of a batch: one phone is no load

# name: model, version, quirks, an old provider's Profile_Rule
QUIRKS = {
    "path-dropped": ("504G", "7.3.7", "option66-url=drop", None),
    "spcp-first": ("301", "7.1.3a", "option60=linksys spcp=yes option66-url=unknown", None),
    "no-url-in-66": ("501G", "7.3.7", "option66-url=unknown", None),
    "bare-66": ("514G", "7.4.9a", "option60=linksys", None),
    "list-without-66": ("504G", "7.4.4", "prl=short", None),
    "no-list": ("504G", "7.4.4", "prl=none", None),
    "name-dropped": ("504G", "7.4.3a", "file-name=dropped user-agent=linksys", None),
    "agent-bare": ("502G", "7.4.3a", "user-agent=bare", None),
    "agent-serial": ("525G", "7.4.4", "user-agent=serial", None),
    "no-conditions": ("504G", "7.3.7", "conditions=no", None),
    "name-remembered": ("504G", "7.4.4", "remembers=name cut-load=40 interrupted-load=stuck query=same", None),
    "xu-first-ignored": ("504G", "7.5.6(XU)", "xu=first-ignored", None),
    "xu-only-757": ("504G", "7.5.6(XU)", "xu=only-757", None),
    "resync-starves": ("504G", "7.4.4", "starve-below=11", None),
    "loader-by-tftp": ("504G", "7.4.4", "cut-flash=50 loader-url=tftp loader-agent=none", None),
    "loader-without-agent": ("504G", "7.4.4", "cut-flash=50 loader-agent=none", None),
    "loader-with-an-identifier": ("502G", "7.3.7", "loader-dhcp=every-boot client-id=duid", None),
    "greedy": ("504G", "7.3.7", "greedy=yes", None),
    "nosy": ("504G", "7.3.7", "nosy=yes", None),
    "head": ("504G", "7.4.4", "head=yes", None),
    "http-1-0": ("504G", "7.4.4", "profile-http=1.0 host=none", None),
    "tftp-name-double": ("514G", "7.4.9a", "option60=linksys tftp-name=double", None),
    "second-hand": ("504G", "7.4.9c", "", "/oldprovider/phones/$MA.cfg"),
    "reboots-on-any-change": ("504G", "7.4.4", "reboot-on=any", None),
    "bench-reboot": ("525G2", "7.4.4", "option60=linksys bench-reboot=yes", None),
    "retry-zero": ("504G", "7.4.4", "retry-zero=never cut-load=40", None),
    "psn-of-another-case": ("525G2", "7.4.4", "option60=linksys psn=lower", None),
}


def group(model, version, quirks, rule):
    out = {"model": model, "version": version, "quirks": quirks.split()}
    if rule:
        out["settings"] = {"Profile_Rule": rule}
    return out


def run(trial, groups, seconds, clock=CLOCK):
    script = trial.path("script.json")
    with open(script, "w", encoding="utf-8") as file:
        json.dump({"target": "7.6.1", "firmware": FIRMWARE, "groups": groups}, file)
    words = ("--script", script)
    box = trial.start(card=batches.prepared(trial, words, files=FIRMWARE,
                                           settings={"upgrade": {"resync": "60s", "stall": "10s"}}))
    batches.play(trial, words, seconds, clock)
    left = [(p["mac"], p["model"], p["version"], p["state"], p["note"]) for p in box.phones() if p["state"] != "done"]
    same(len(left), sum("expect" in g for g in groups), f"phones that are not done: {left}")


def register(name, row):
    def function(trial):
        run(trial, [dict(group(*row), count=2)], SECONDS)
    function.__name__ = f"quirk_{name}"
    function.__doc__ = f"{row[0]} at {row[1]}, {row[2] or row[3]}"
    test(seconds=SECONDS + 60)(function)


for _name, _row in QUIRKS.items():
    register(_name, _row)


def choices():
    """(switch, choice) of every switch that has named choices, from the simulator's own list."""
    for line in batches.printed("--list-quirks").decode().splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for choice in cells[1].split(", "):
            if not re.match(r"\d", choice):
                yield cells[0].strip("`"), choice


@test(seconds=300, cost=2)
def quirks_each_way(trial):
    """One phone for each choice of each switch: where the sources do not say how phones are, both ways are run."""
    groups = []
    for number, (switch, choice) in enumerate(choices()):
        version = ("7.4.4", "7.3.7", "7.5.5")[number % 3]
        if switch == "xu":
            version = "7.5.6(XU)"
        more = {"interrupted-load": "cut-load=40", "loader-url": "cut-flash=50", "loader-agent": "cut-flash=50",
                "loader-dhcp": "cut-flash=50", "tftp-name": "option60=linksys"}.get(switch, "")
        model = {"psn": "525G2", "tftp-name": "514G"}.get(switch, "504G")
        if model != "504G":
            version = "7.4.4"
        groups.append(group(model, version, f"{switch}={choice} {more}", None))
        if (switch, choice) == ("user-agent", "none"):  # its version is never known: nothing may be done to it
            groups[-1]["expect"] = {"end": "waiting", "version": version}
    assert len(groups) > 70, len(groups)
    run(trial, groups, 240, batches.CLOCK)


@test()
def quirks_are_answered(trial):
    """docs/quirks.md has a row for each switch of the simulator, and each patch that it names is there."""
    with open(os.path.join(boxes.ROOT, "docs/quirks.md"), encoding="utf-8") as file:
        rows = dict(re.findall(r"^\| `([\w-]+)` \| .* \| (.*) \|$", text := file.read(), re.MULTILINE))
    switches = [line.strip("|").split("|")[0].strip(" `")
                for line in batches.printed("--list-quirks").decode().splitlines()[2:]]
    same(sorted(rows), sorted(switches), "quirks with a row")
    named = {patch for cell in re.findall(r"\| ([^|]*) \|$", text, re.MULTILINE) for patch in re.findall(r"`([\w-]+)`", cell)}
    there = {name[:-len(".patch")] for name in os.listdir(os.path.join(boxes.ROOT, "test/mutants"))}
    same(sorted(named - there), [], "patches that are named, and not there")
    same(sorted(name for name in there - named if name.startswith("quirk-")), [], "patches that no row names")
