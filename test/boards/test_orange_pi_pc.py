"""The bare-metal box in QEMU: a batch over HTTPS, power cuts, many downloads at a time."""
import json
import os

import test_batch as batches
import test_https_batch as https
from lab.case import same, test
from qemu_board import Board

LIMITS = {"limits": {"phones": "64", "leases": "64", "connections": "16", "tls": "4"}}
FIRMWARE = https.FIRMWARE
CERTIFICATES = {"certificate new": {"from": "7.5.6", "certificate": "certs/server-2k.crt", "key": "certs/server-2k.key"}}


def prepared(trial, words, name="card"):
    """A card for phones that get their final configuration over HTTPS only, and what the phones are to be told."""
    settings = dict(LIMITS, **CERTIFICATES, upgrade={"resync": "60s", "stall": "30s"})
    words = (*words, "--https-final")
    card = batches.prepared(trial, words, profile={"auth": "certificate", "transport": "https"}, settings=settings,
                            files=FIRMWARE, name=name)
    return card, (*words, "--certs", https.certificates(trial, card))


def unfinished(box):
    return [(p["mac"], p["version"], p["state"], p["note"]) for p in box.phones() if p["state"] != "done"]


@test(seconds=200, cost=2)
def orange_pi_pc_batch(trial):
    """Sixteen phones, their configuration by HTTPS with their own certificates."""
    card, words = prepared(trial, ("--mixed", "16"))
    said = batches.plans(card, words[:3])
    box = Board(trial, card).start()
    report = batches.play(trial, words, 150)
    batches.check_plans(said, box.phones(), report)
    same(unfinished(box), [], "every phone done")
    box.stop()
    same(box.check_card(), "", "fsck.vfat")
