"""The bare-metal box in QEMU: a batch over HTTPS, power cuts, many downloads at a time."""
import os
import random
import re
import sys
import time

import test_batch as batches
import test_https_batch as https
import test_loss as loss
from lab import dhcp, events, images
from lab.case import ADDRESS, same, test
from lab.box import ROOT
from lab.process import Process, run, wait_until
from qemu_board import SEED, Board
from test_kill import Watcher, check_addresses

CUTS = 20
LIMITS = {"limits": {"phones": "64", "leases": "64", "connections": "16", "tls": "4", "tftp": "16"}}
FIRMWARE = https.FIRMWARE
CERTIFICATES = {"certificate new": {"from": "7.5.6", "certificate": "certs/server-2k.crt", "key": "certs/server-2k.key"}}


def prepared(trial, words, name="card"):
    """A card for phones that get their final configuration over HTTPS only, and what the phones are to be told."""
    settings = dict(LIMITS, **CERTIFICATES, upgrade={"resync": "60s", "stall": "30s"})
    words = (*words, "--https-final")
    card = batches.prepared(trial, words, profile={"auth": "certificate", "transport": "https"}, settings=settings,
                            files=FIRMWARE, name=name)
    return card, (*words, "--certs", https.certificates(trial, card))


RUN_FULL = 5  # times
# Frames of a type that nobody listens to, to the board's MAC (qemu_board.py).
BURST = """
import socket
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("eth0", 0))
for _ in range(300):
    wire.send(bytes.fromhex("5254005b0001" "020000000001" "88b5") + bytes(46))
"""


def unfinished(box):
    return [(p["mac"], p["version"], p["state"], p["note"]) for p in box.phones() if p["state"] != "done"]


@test(seconds=200)
def orange_pi_pc_batch(trial):
    """Sixteen phones, their configuration by HTTPS with their own certificates, and one dashboard that shows them."""
    card, words = prepared(trial, ("--mixed", "16"))
    said = batches.plans(card, words[:3])
    box = Board(trial, card).start()
    viewer = events.Viewer(box)
    report = batches.play(trial, words, 150)
    viewer.close()
    batches.check_plans(said, box.phones(), report)
    same(unfinished(box), [], "every phone done")
    assert box.said("16 phones, .*done"), "the console does not show the batch"
    box.keep_usage()
    box.stop()
    same(box.check_card(), "", "fsck.vfat")


@test(seconds=200)
def orange_pi_pc_downloads(trial):
    """Sixteen downloads at a time, without and with loss, from memory: the card has lost the image meanwhile."""
    card = trial.card(LIMITS)
    image = images.put(card, loss.FAMILY, loss.VERSION, size=loss.SIZE)
    box = Board(trial, card).start()
    box.spoil_card(image)
    loss.downloads(trial, box, image)


@test(seconds=60)
def orange_pi_pc_card_with_errors(trial):
    """DHCP and the dashboard, which shows what `check` says; no phone gets anything. Mended, it serves again."""
    card = trial.card({"upgrade": {"parallel": "many"}})
    images.put_ladder(card)
    box = Board(trial, card).start()
    assert box.said("stagebox.ini:[0-9]+: error: "), box.log()
    warnings = " ".join(box.api("summary")["warnings"])
    assert "The card has errors" in warnings and "stagebox.ini:" in warnings, warnings
    same(box.http("/").status, 200, "the dashboard")
    phone = {"User-Agent": "Cisco/SPA504G-7.5.5 (58BFEA1104E6)(CCQ16380FYH)"}
    for name in ("/spa504G.cfg", "/spa50x-30x-7-6-1.bin", "/spa.bin"):
        same(box.http(name, headers=phone).status, 503, name)
    client = dhcp.Client(trial.lan.station("client"), "58:bf:ea:11:04:e6")
    assert client.obtain().yiaddr.startswith("192.168.10."), "no address"
    client.close()
    box.stop()
    card.settings()
    box.write_card("stagebox.ini", card.read("stagebox.ini"))
    box.start()
    same(box.http("/spa504G.cfg", headers=phone).status, 200, "a phone's profile")


def shown_certificate(trial):
    """Whether a handshake over HTTPS comes as far as the box's certificate."""
    done = run(trial.operator, ["openssl", "s_client", "-connect", f"{ADDRESS}:443", "-cipher", "ALL:@SECLEVEL=0"], 20)
    return b"BEGIN CERTIFICATE" in done.stdout


@test(seconds=60)
def orange_pi_pc_no_seed(trial):
    """Without state/seed no HTTPS, and a sentence says so; with one, which is another one at each start."""
    card = trial.card()
    https.certificates(trial, card)
    box = Board(trial, card, seed=None).start()
    assert any(w.startswith("No HTTPS: there are no random numbers: put 512 random bytes into state/seed")
               for w in box.api("summary")["warnings"]), box.api("summary")
    same(shown_certificate(trial), False, "HTTPS")
    box.stop()
    box.write_card("state/seed", SEED)
    box.start()
    same(shown_certificate(trial), True, "HTTPS")
    box.stop()
    second = box.read_card("state/seed")
    box.start().stop()
    third = box.read_card("state/seed")
    same((len(second), len(third)), (512, 512), "bytes of seeds")
    same(len({SEED, second, third}), 3, "different seeds")


def run_full(trial, box):
    """More frames than the ring holds, while the box calculates for long (DHE in one go). Then it goes on. Again and again, since
    where the frames that were left end decides what a wrong place in the ring does."""
    noise = trial.lan.station("noise")
    for _ in range(RUN_FULL):
        before = box.usage()[3]
        slow = Process(trial.operator, ["openssl", "s_client", "-connect", f"{ADDRESS}:443", "-tls1_2", "-cipher",
                                        "DHE-RSA-AES128-SHA:@SECLEVEL=0"], trial.log_path("slow"))
        limit = time.monotonic() + 20
        while box.usage()[3] == before:
            assert time.monotonic() < limit, f"the ring never ran full: {box.usage()}"
            run(noise, [sys.executable, "-c", BURST], 20)
        slow.kill()
        same(box.http("/healthz").body, b"ok", "healthz after the ring was full")


def number_in(header, name):
    with open(os.path.join(ROOT, header), encoding="ascii") as file:
        return int(re.search(rf"define {name} (\d+)", file.read())[1])


@test(seconds=90)
def orange_pi_pc_ring(trial):
    """No piece of a private-key operation takes more instructions than the board's receive ring was made for, and all
    the pieces are looked between. (-icount: an instruction is a nanosecond.)"""
    card = trial.card()
    https.certificates(trial, card)
    box = Board(trial, card)
    box.more = ["-icount", "shift=0"]
    box.start()
    shown_certificate(trial)
    wait_until("the usage told", lambda: box.said("usage: .* took [1-9]"), 20)
    took, most = box.usage()[2], number_in("net/tls/rsa.h", "TLS_PRIVATE_PIECE")
    run_full(trial, box)
    assert 1000 * took <= most, f"a piece of RSA 2048 takes {1000 * took} instructions, {most} were promised"


@test(seconds=90)
def orange_pi_pc_loader(trial):
    """The card image that the build makes, by U-Boot."""
    box = Board(trial, trial.card(), loader=True).start()
    same(box.http("/healthz").body, b"ok", "healthz")


@test(seconds=400)
def orange_pi_pc_power_cuts(trial):
    """Twenty power cuts in one batch, most of them while the card is written."""
    words = ("--mixed", "12", "--seed", "7")
    card = batches.prepared(trial, words, settings=dict(LIMITS, upgrade={"resync": "60s", "stall": "30s"}))
    box = Board(trial, card)
    report, draw, ends = trial.path("phones.json"), random.Random(7), []
    phones = Process(trial.station("bench"), [batches.PHONES, "--interface", "eth0", *words, "--clock", str(batches.CLOCK),
                                              "--report", report, "--timeout", "350"], trial.log_path("phones.log"))
    watcher = Watcher(box)
    try:
        for _ in range(CUTS):
            ends.append(live(box, draw))
            same(box.check_card(), "", f"fsck.vfat after {ends}")
        box.start()
        watcher.compare(box.phones())
        same(phones.wait(330), 0, "the phones' verdict\n" + "\n".join(phones.log().splitlines()[-20:]))
        watcher.compare(box.phones())
    finally:
        watcher.close()
        print("cut " + "; ".join(ends))
        if phones.running():
            phones.kill()
    same(unfinished(box), [], "every phone done")
    check_addresses(report)
    box.stop()
    same(box.check_card(), "", "fsck.vfat")


def live(box, draw):
    """One life of the box, and its end. What was drawn."""
    box.start()
    if draw.random() < 0.75:
        count, limit = draw.randint(1, 8), time.monotonic() + 2
        for _ in range(count):
            changed = os.stat(box.image).st_mtime_ns
            while os.stat(box.image).st_mtime_ns == changed and time.monotonic() < limit:
                time.sleep(0.0005)
        box.kill()
        return f"with write {count}"
    seconds = draw.uniform(0.1, 1.5)
    time.sleep(seconds)
    box.kill()
    return f"after {seconds:.2f} s"
