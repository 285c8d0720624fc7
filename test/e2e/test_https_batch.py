"""Batches over HTTPS: each phone's own certificate opens its own configuration, and nobody is stranded."""
import json
import os
import shutil
import subprocess
import sys

import test_batch as batches
from lab import box as boxes
from lab.case import same, test

FIRMWARE = ("spa50x-30x-7-5-2b.bin", "spa50x-30x-7-5-6-XU.bin", "spa50x-30x-7-5-7.bin", "spa50x-30x-7-6-1.bin",
            "spa51x-7-5-2b.bin", "spa51x-7-6-1.bin", "spa525g-7-5-5.bin", "spa525g-7-6-1.bin")

# Those that can do TLS with one of the box's certificates: model, version, quirks, settings.
ABLE = (
    ("504G", "7.3.7", "", {}),
    ("504G", "7.5.2b", "", {}),
    ("504G", "7.5.5", "certificate=name", {}),
    ("504G", "7.5.7", "certificate=2048", {}),
    ("303", "7.4.9c", "certificate=md5", {}),
    ("301", "7.1.3a", "option60=linksys", {}),
    ("508G", "7.5.5", "certificate=expired", {}),
    ("514G", "7.5.2b", "tls=tls1.2 tls-store=both", {}),
    ("512G", "7.5.5", "tls-names=text", {}),
    ("525G2", "7.5.5", "", {}),
    ("525G", "7.4.4", "option60=linksys", {}),
    ("502G", "7.5.6(XU)", "", {}),
    ("504G", "7.5.5", "tls-leaves=silent", {}),
    ("504G", "7.5.5", "tls-leaves=reset rule-b=after-success", {}),
    ("504G", "7.6.1", "bench-reboot=yes", {}),
    ("504G", "7.5.5", "", {"DHCP_Option_To_Use": "160,66,159,150"}),
    ("509G", "7.4.4", "cut-flash=50", {}),
)
# Those that cannot, and a word of the sentence on their row.
UNABLE = (
    ("504G", "7.5.5", "tls=none", {}, ""),
    ("504G", "7.5.5", "tls-store=none", {}, "certificate"),
    ("504G", "7.5.5", "tls-store=none tls-leaves=silent", {}, "certificate"),
    ("504G", "7.5.5", "tls=ssl3", {}, "SSL"),
    ("504G", "7.5.5", "certificate=none", {}, "certificate"),
    ("504G", "7.5.5", "certificate=generic", {}, "certificate"),
    ("504G", "7.5.5", "certificate=foreign", {}, "certificate"),
    ("504G", "7.5.5", "tls-dates=checked", {}, "certificate"),
    ("504G", "7.5.5", "certificate=other", {}, ""),
)


def certificates(trial, card, name="stagebox"):
    """The test's CAs in a folder for the phones; what the box needs of them on the card."""
    folder = trial.path("certs")
    subprocess.run([sys.executable, os.path.join(boxes.ROOT, "test/phones/make_certs.py"), folder, "--name", name],
                   check=True, capture_output=True, timeout=60)
    os.makedirs(card.path("certs"), exist_ok=True)
    for file in ("server.crt", "server.key", "server-2k.crt", "server-2k.key", "client-ca.pem"):
        shutil.copy(os.path.join(folder, file), card.path("certs", file))
    return folder


def group(model, version, quirks, settings, expect=None):
    out = {"model": model, "version": version, "quirks": quirks.split(), "settings": settings}
    if expect:
        out["expect"] = expect
    return out


def prepared(trial, groups, https=None, ignored=()):
    script = trial.path("script.json")
    with open(script, "w", encoding="utf-8") as file:
        json.dump({"target": "7.6.1", "firmware": FIRMWARE, "https_final": True, "groups": groups, "ignore_harms": list(ignored)}, file)
    words = ("--script", script)
    settings = {"box": {"name": "stagebox", "interface": "eth0", "address": "192.168.10.10/24"},
                "https": https or {},
                "certificate new": {"from": "7.5.6", "certificate": "certs/server-2k.crt", "key": "certs/server-2k.key"},
                "upgrade": {"resync": "60s", "stall": "30s"}}
    card = batches.prepared(trial, words, profile={"auth": "certificate", "transport": "https"}, settings=settings,
                            files=FIRMWARE)
    return card, words + ("--certs", certificates(trial, card))


def reported(trial):
    with open(trial.path("phones.json"), encoding="utf-8") as file:
        return json.load(file)["phones"]


@test(seconds=300, cost=2)
def https_batch(trial):
    """auth = certificate, transport = https: who can, is done; who cannot, is at the target and told of."""
    unable = {"end": "waiting", "version": "7.6.1"}
    card, words = prepared(trial, [group(*row) for row in ABLE] + [group(*row[:4], unable) for row in UNABLE])
    box = trial.start(card=card)
    batches.play(trial, words, 240)
    rows = {p["mac"]: p for p in box.phones()}
    phones = reported(trial)
    same(len(phones), len(ABLE) + len(UNABLE), "phones")
    for phone, row in zip(phones, ABLE):
        mine = rows[phone["mac"]]
        same((mine["state"], phone["final"]), ("done", True), f"{row}: {mine['note']}")
    for phone, row in zip(phones[len(ABLE):], UNABLE):
        mine = rows[phone["mac"]]
        assert mine["state"] != "done", row
        same(mine["version"], "7.6.1", f"{row}: version")
        assert mine["note"] and row[4].lower() in mine["note"].lower(), f"{row}: note {mine['note']!r}"


@test(seconds=200, cost=2)
def https_handover_direct(trial):
    """handover = direct: HTTPS in front at once, and still nobody is stranded."""
    rows = (ABLE[1], ABLE[3], ABLE[9])
    unable = {"end": "waiting", "version": "7.6.1"}
    card, words = prepared(trial, [group(*row) for row in rows] + [group(*UNABLE[1][:4], unable)], {"handover": "direct"})
    box = trial.start(card=card)
    batches.play(trial, words, 150)
    same(sorted(p["state"] for p in box.phones())[:3], ["done"] * 3, "states")


@test(seconds=400, cost=2)
def https_batch_of_sixty(trial):
    """Sixty phones of every model and version with certificates of their own: every one done, its secrets over HTTPS only."""
    words = ("--mixed", "60", "--https-final")
    settings = {"certificate new": {"from": "7.5.6", "certificate": "certs/server-2k.crt", "key": "certs/server-2k.key"},
                "upgrade": {"resync": "60s", "stall": "30s"}}
    card = batches.prepared(trial, words, profile={"auth": "certificate", "transport": "https"}, settings=settings,
                            files=FIRMWARE)
    words += ("--certs", certificates(trial, card))
    said = batches.plans(card, words)
    box = trial.start(card=card)
    report = batches.play(trial, words, 300)
    batches.check_plans(said, box.phones(), report)
    same([(p["mac"], p["version"], p["state"], p["note"]) for p in box.phones() if p["state"] != "done"], [],
         "every phone done")
