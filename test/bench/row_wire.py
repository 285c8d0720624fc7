"""A batch of phones on a line of 100 Mbit/s: how much of it is used while anything is loading."""
import json
import os
import subprocess

from frame import OURS, Figure, row, run_inside
from lab import box as boxes, images

PHONES = os.environ.get("PHONES", "phones")
COUNT, VERSION, TARGET, SIZE = 48, "7.3.7", "7.6.1", 4_400_000
RATE = 100_000_000   # bits a second of Ethernet frames
CLOCK = 20           # the phones start so many times faster than real ones; what they load takes its real time
WIRE = "the wire"


def script(bench, count):
    path = bench.path("batch.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"target": TARGET, "groups": [{"model": "SPA504G", "version": VERSION, "count": count}]}, file)
    return ["--script", path]


def prepared(bench, words, size, name):
    card = bench.card(name=name)
    images.put_ladder(card, (("spa50x-30x", "7.5.2b"), ("spa50x-30x", TARGET)), size=size)
    for what, option in (("profiles/full.xml", "--print-template"), ("phones.csv", "--print-inventory")):
        card.write(what, subprocess.run([PHONES, *words, option], check=True, capture_output=True).stdout)
    card.settings({"profile": {"template": "profiles/full.xml", "auth": "inventory", "transport": "any"}})
    return card


def loading(report):
    """Seconds in which at least one phone was loading an image."""
    spans = []
    for phone in report["phones"]:
        begun = None
        for event in phone["events"]:
            if event["event"] == "load":
                begun = event["at"]
            elif event["event"] in ("loaded", "upgrade-failed") and begun is not None:
                spans.append((begun / report["clock"], event["at"] / report["clock"]))
                begun = None
    total, end = 0.0, 0.0
    for begun, ended in sorted(spans):
        total += max(0.0, ended - max(begun, end))
        end = max(end, ended)
    assert spans, "no phone has loaded anything"
    return total


def sent(station):
    """Bytes of frames as the wire has them: the interface's own counter takes a run of TCP segments for one frame."""
    return json.loads(run_inside(station, ["tc", "-j", "-s", "qdisc", "show", "dev", "eth0"]).stdout)[0]["bytes"]


def shape(station):
    """100 Mbit/s, behind as many frames as an interface of Linux keeps by default."""
    done = run_inside(station, ["tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", f"{RATE}bit", "burst", "64kb",
                                "limit", "1500kb"])
    assert done.returncode == 0, done.stderr.decode()


def measured(bench):
    count, size = (4, 500_000) if bench.options.smoke else (COUNT, SIZE)

    def measure(_):
        words = script(bench, count)
        number = len(bench.boxes)
        station = bench.station(f"box{number}")
        box = bench.make_box(prepared(bench, words, size, f"card{number}"), station).start()
        shape(station)
        before = sent(station)
        report = bench.path("phones.json")
        done = run_inside(bench.station(f"phones{number}"),
                          [PHONES, "--interface", "eth0", *words, "--clock", str(CLOCK), "--flash", "0", "--spread", "0",
                           "--settle", "0", "--report", report, "--timeout", "150", "-q"], 200)
        after = sent(station)
        box.stop()
        if done.returncode != 0:
            print("    " + done.stderr.decode()[-2000:])
            return None
        with open(report, encoding="utf-8") as file:
            busy = loading(json.load(file))
        print(f"    {count} phones: {(after - before) / 1e6:.1f} MB of frames; something was loading for {busy:.2f} s",
              flush=True)
        return (after - before) * 8 / RATE / busy * 100
    return measure


@row(f"{COUNT} phones from {VERSION} on a line of 100 Mbit/s")
def wire(bench):
    return [Figure("of the line used while anything is loading", "%", {OURS: measured(bench), WIRE: lambda _: 100.0}, {WIRE: 0.95},
                   rounds=2, note="flash time 0; Ethernet frames, shaped by tbf")]
