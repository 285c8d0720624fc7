"""Five hundred phones at once, and what one of them costs."""
import collections
import os
import socket

import test_batch as batches
from lab.box import KIND
from lab.case import same, test
from lab.crowd import Crowd, all_done

# Phones of every family, by TFTP and by HTTP first; none that waits for half a minute by its nature.
MIX = (("504G", "7.3.7", "option66-url=drop"), ("504G", "7.4.3a", ""), ("301", "7.1.3a", "option60=linksys spcp=yes"),
       ("514G", "7.5.5", ""), ("525G2", "7.4.5", "psn=525g"), ("509G", "7.5.2b", "client-id=mac"),
       ("504G", "7.6.1", ""), ("303", "7.4.9c", "broadcast=yes"), ("508G", "7.5.5", "reboot-dhcp=init-reboot"),
       ("502G", "7.3.7", "loader-dhcp=every-boot"))
SPREAD = 300  # seconds of the phones' time: five real ones, in which a switch powers its ports


def words_of(trial, count):
    path = trial.path(f"script{count}.json")
    groups = [{"model": model, "version": version, "quirks": quirks.split(),
               "count": count // len(MIX) + (place < count % len(MIX))} for place, (model, version, quirks) in enumerate(MIX)]
    with open(path, "w", encoding="utf-8") as file:
        batches.json.dump({"target": "7.6.1", "groups": [g for g in groups if g["count"]]}, file)
    return "--script", path, "--spread", str(SPREAD), "--no-arp"


def card_for(trial, words, name, limits=None):
    files = batches.printed("--mixed", "1", "--print-firmware").decode().split()
    settings = {"box": {"interface": "eth0", "address": "192.168.10.10/21"},
                "dhcp": {"pool": "192.168.8.1-192.168.9.255" if not limits else "192.168.11.0-192.168.15.254", "rogue": "warn"},
                "limits": limits or {}}
    return batches.prepared(trial, words, settings=settings, name=name, files=files)


def cpu_seconds(box):
    """What its threads have used."""
    folder, total = f"/proc/{box.process.pid}/task", 0
    for thread in os.listdir(folder):
        with open(f"{folder}/{thread}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def wait_for_stock(trial, box, count):
    """Until so many addresses have been probed three times: the box has had the seconds that phones take to boot."""
    with trial.operator:
        ears = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0806))
    trial.keep(ears)
    ears.settimeout(10)
    box.start()
    probes = collections.Counter()
    while sum(n >= 3 for n in probes.values()) < count:
        probes[ears.recv(100)[24:28]] += 1


def play(trial, count, seconds, limits=None):
    """One crowd against a fresh box: (report, CPU seconds of the box, seconds from a phone's power to its end)."""
    words = words_of(trial, count)
    station = trial.boxes[0].station if trial.boxes else None
    box = trial.make_box(card_for(trial, words, f"card{len(trial.boxes)}", limits), station or trial.lan.station("box"))
    wait_for_stock(trial, box, min(count, 500))
    before = cpu_seconds(box)
    report = Crowd(trial, words, seconds).finish()
    used = cpu_seconds(box) - before
    all_done(box, count)
    box.stop()
    return report, used, sorted(until_done(report))


def until_done(report):
    """Seconds of the phones' own time."""
    for phone in report["phones"]:
        events = phone["events"]
        yield max(e["at"] for e in events if e["event"] == "profile") - events[0]["at"]


def again(report):
    return [(p["mac"], p["quirks"]) for p in report["phones"] for e in p["events"] if e["event"] == "again"]


def middle(values):
    return values[len(values) // 2]


@test(seconds=250, cost=4)
def scale_of_five_hundred(trial):
    """Default limits. No DHCP message is sent twice, the first byte of a file comes within a second for 99 of 100, every
    phone is done; and a phone costs what it costs among ten."""
    count = 500 if KIND == "linux" else 100  # a TAP device's queue loses frames while a debug build waits for the processor
    few, cpu_few, ends_few = play(trial, 10, 100)
    many, cpu_many, ends_many = play(trial, count, 160)
    same(few["harms_total"] + many["harms_total"], 0, "harms")
    each_few, each_many = cpu_few / 10 * 1000, cpu_many / count * 1000
    late = again(many)
    print(f"first bytes {many['first_byte_ms']}, sent twice {len(late)}; a phone costs {each_few:.2f} ms of CPU among 10, "
          f"{each_many:.2f} ms among {count}; done after {middle(ends_few):.0f} and {middle(ends_many):.0f} s of its time")
    assert many["first_byte_ms"]["p99"] <= 1000, many["first_byte_ms"]
    # The simulator's own machine may hold up one or another; the box has lost nothing where a hundredth is not reached.
    assert len(late) <= (0 if trial.everything else 5), late
    assert each_many < each_few * 1.5, f"CPU for a phone: {each_few:.2f} ms among 10, {each_many:.2f} ms among {count}"
    assert middle(ends_many) < middle(ends_few) * 1.5, f"{middle(ends_few):.0f} and {middle(ends_many):.0f} s"


@test(seconds=90, cost=1)
def scale_beyond_the_limits(trial):
    """More phones than [limits] phones: those that are known are done, the others are told to come again. With --all 1024
    phones against four times fewer connections and transfers than the defaults."""
    if trial.everything:
        count = 1024 if KIND == "linux" else 200  # as above
        limits = {"phones": 1024, "leases": 1024, "connections": 32, "tftp": 16}
        report = play(trial, count, 850, limits)[0]
        same(report["harms_total"], 0, "harms")
        return
    box = trial.start({"limits": {"phones": 4, "leases": 4}})
    words = words_of(trial, 8)
    crowd = Crowd(trial, (*words, "--until", "8"), 20)
    crowd.process.wait(25)
    same(len(box.phones()), 4, "phones in the table")
    box.wait_said("The table of phones is full|The table of leases is full")


@test(seconds=90, cost=2)
def scale_twice_the_phones(trial):
    """Twice as many phones as [limits] phones: those that are done make room, nobody has to do anything, and all get done.
    None is harmed, each has one line in every report, and so it is after a restart."""
    places = 20 if trial.everything else 4
    path = trial.path("script.json")
    groups = [{"model": model, "version": version, "count": places // 2} for model, version in
              (("504G", "7.5.2b"), ("514G", "7.5.5"), ("525G2", "7.4.5"), ("508G", "7.3.7"))]
    with open(path, "w", encoding="utf-8") as file:
        batches.json.dump({"target": "7.6.1", "groups": groups}, file)
    words = ("--script", path)
    files = batches.printed("--mixed", "1", "--print-firmware").decode().split()
    card = batches.prepared(trial, words, files=files, settings={"limits": {"phones": places}})
    box = trial.start(card=card)
    crowd = Crowd(trial, words, 80, clock=240)  # who is turned away comes again after an hour, by the factory's settings
    seen = crowd.finish()
    same(seen["harms_total"], 0, "harms")
    macs = sorted(phone["mac"] for phone in seen["phones"])
    same(len(macs), 2 * places, "phones")
    for life in (1, 2):
        same(len(box.phones()), places, f"phones in the table in life {life}")
        summary = box.api("summary")
        same((summary["phones"], summary["states"]["done"]), (2 * places, 2 * places), f"totals in life {life}")
        rows = [row.split(",") for row in box.http("/report.csv").body.decode().splitlines()[1:]]
        same(sorted(row[0] for row in rows if "done" in row), macs, f"report in life {life}")
        batch = batches.json.loads(box.http("/report.json").body)
        same(sorted(phone["mac"] for phone in batch["phones"]), macs, f"report.json in life {life}")
        if life == 1:
            box.kill()
            box.start()
