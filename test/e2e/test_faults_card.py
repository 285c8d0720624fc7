"""Cards that are full, read-only or dead, and clocks that jump: the batch ends all the same, and nobody is harmed."""
import errno
import os
import shutil
import threading
import time

import test_batch as batches
from lab import dhcp, machine, tftp
from lab.box import KIND
from lab.crowd import Crowd, all_done, wait_under_way
from lab.case import ADDRESS, same, test
from lab.http import Connection, format_request
from lab.process import wait_until
from lab.session import Session
from test_kill import Watcher

PHONES = 4


def words_of(trial):
    return "--mixed", "40" if trial.everything else str(PHONES)


def moved(trial, card, words):
    """The usual card's content onto another card."""
    usual = batches.prepared(trial, words, settings={"web": {"password": "a password"}}, name="usual")
    shutil.copytree(usual.folder, card.folder, dirs_exist_ok=True)
    return card


def seconds(trial):
    return 400 if trial.everything else 90


def warned(box, pattern):
    return wait_until(f"a warning with {pattern!r}",
                      lambda: [w for w in box.api("summary")["warnings"] if pattern in w], 15)


@test(seconds=130)
def faults_card_gets_full(trial):
    """Full in the middle of the batch: the journal has its room, what an operator brings is refused, nothing is lost."""
    words = words_of(trial)
    card = moved(trial, machine.small_card(trial, 24 << 20), words)
    box = trial.make_box(card).start()
    crowd = Crowd(trial, words, seconds(trial))
    wait_under_way(box)
    machine.fill(card.path("files", "ballast"))
    image = card.read("firmware/spa50x-30x-7-5-2b.bin")
    answer = Session(box, "a password").put("/api/v1/firmware/spa50x-30x-7-5-2b.bin", image)
    assert answer.status in (500, 503, 507), answer
    same(card.read("firmware/spa50x-30x-7-5-2b.bin") == image, True, "the image that was there")
    report = crowd.finish()
    count = len(report["phones"])
    all_done(box, count)
    box.kill()
    box.start()
    warned(box, "nearly full")
    all_done(box, count)


@test(seconds=130)
def faults_card_without_room(trial):
    """Full from the start, and read-only from the start: it says so, and works."""
    words = words_of(trial)
    card = moved(trial, machine.small_card(trial, 24 << 20), words)
    machine.fill(card.path("files", "ballast"))
    box = trial.make_box(card).start()
    warned(box, "cannot be kept in state/: no room")
    box.stop()
    os.remove(card.path("files", "ballast"))
    machine.mount(trial, "-o", "remount,ro", card.folder)
    box.start()
    warned(box, "cannot be kept in state/: ")
    report = Crowd(trial, words, seconds(trial)).finish()
    all_done(box, len(report["phones"]))


@test(seconds=130)
def faults_card_dies(trial):
    """Every read and write of the card fails from the middle of the batch on: what was read at start is in memory."""
    words = words_of(trial)
    dying = machine.DyingCard(trial)
    box = trial.make_box(moved(trial, dying.card, words)).start()
    crowd = Crowd(trial, words, seconds(trial))
    wait_under_way(box)
    dying.die()
    warned(box, "cannot be kept in state/: ")
    box.reload()
    report = crowd.finish()
    all_done(box, len(report["phones"]))


@test(seconds=200)
def faults_card_fails_for_a_while(trial):
    """Errors of every kind for seconds at a time: when the card works again, a kill loses nothing."""
    words = words_of(trial)
    bad = machine.Machine(trial)
    box = trial.make_box(batches.prepared(trial, words)).start(environment=bad.environment)
    crowd = Crowd(trial, words, seconds(trial))
    for number in (errno.EIO, errno.ENOSPC, errno.EROFS) if trial.everything else (errno.EIO, errno.ENOSPC):
        before = bad.failed()
        bad.card_error(number)
        wait_until("writes that fail", lambda: bad.failed() > before + 1, 40, alive=box.process.running)
        warned(box, "cannot be kept in state/: ")
        bad.card_error(0)
        wait_until("the warning gone", lambda: not [w for w in box.api("summary")["warnings"] if "state/" in w], 30)
    watcher = Watcher(box)
    watcher.remember(box.phones())
    box.kill()
    box.start(environment=bad.environment)
    watcher.compare(box.phones())
    report = crowd.finish()
    watcher.close()
    watcher.compare(box.phones())
    all_done(box, len(report["phones"]))


@test(seconds=200)
def faults_clock_jumps(trial):
    """The wall clock goes years ahead, back to the time before the program was built, and right again; the box stands still
    for an hour (so it seems to the monotonic clock). Leases, stalls and times bear it."""
    words = words_of(trial)
    bad = machine.Machine(trial)
    box = trial.make_box(batches.prepared(trial, words)).start(environment=bad.environment)
    crowd = Crowd(trial, words, seconds(trial))
    wait_under_way(box)
    year = 365 * 86400
    for wall in (10 * year, -40 * year, -year, 0):
        bad.wall(wall)
        same(box.http("/healthz").status, 200, "healthz")
        same("clock_set 0" in box.http("/metrics").body.decode(), wall < 0, "a time before the program was built counts as none")
    bad.monotonic(3700)
    wait_under_way(box)
    report = crowd.finish()
    all_done(box, len(report["phones"]))
    bad.wall(-3 * year)
    box.kill()
    box.start(environment=bad.environment)
    all_done(box, len(report["phones"]))


@test()
def faults_card_busy(trial):
    """A sync takes seconds and holds up the journal's writes: what runs goes on, and nobody is told of what is not kept yet."""
    card = trial.card()
    content = trial.random.randbytes(3_000_000)
    card.write("files/long.dict", content)
    bad = machine.Machine(trial)
    box = trial.start(card=card, environment=bad.environment)
    bench = trial.station("bench")  # it does not see what is transferred
    phone = trial.keep(dhcp.Client(bench, "58:bf:ea:11:04:e6"))
    moments, got, slowly = [], [], threading.Event()

    def on_block(number):
        moments.append(time.monotonic())
        if not slowly.is_set():
            time.sleep(0.002)  # so that it lasts longer than the card is busy
    thread = threading.Thread(target=lambda: got.append(
        tftp.Transfer(trial.operator, ADDRESS, "long.dict", seconds=30, options={"blksize": 1000}).run(on_block)))
    thread.start()
    wait_until("the transfer", lambda: len(moments) > 20, 10)
    reader = trial.keep(Connection(trial.operator, ADDRESS))
    reader.send(format_request("/long.dict"))
    received = len(reader.socket.recv(1000))
    bad.card_busy(True)
    asks = trial.keep(dhcp.Client(bench, "58:bf:ea:11:04:e7"))
    try:
        asks.request(asks.discover(tries=3), seconds=0.3)  # something for the journal: half a second later it is synced
        wait_until("the sync that does not end", lambda: bad.waiting() >= 1, 10)
        if KIND == "linux":  # elsewhere a driver has one thread
            start = time.monotonic()
            offer = phone.discover(tries=3, seconds=2)
            assert offer, "no offer while the card is busy"
            same(phone.request(offer, seconds=1.5), None, "an ACK that is not in the journal")
            assert bad.waiting() >= 2, "nothing was written: the test proves nothing"
            while received < len(content):
                data = reader.socket.recv(65536)
                assert data, "the HTTP transfer ended"
                received += len(data)
            during = [m for m in moments if m > start]
            assert len(during) > 100, f"{len(during)} blocks while the card was busy"
            gap = max(b - a for a, b in zip(during, during[1:]))
            assert gap < 0.5, f"a transfer stood still for {gap:.2f} s"
    finally:
        bad.card_busy(False)
    slowly.set()
    ack = phone.obtain()
    same(box.http("/healthz").body, b"ok", "healthz")
    thread.join(60)
    same(got and got[0] == content, True, "the TFTP transfer")
    box.kill()
    box.start()
    again = wait_until("an answer after the kill", lambda: phone.reboot(ack.yiaddr, seconds=2), 30)
    same(again.yiaddr, ack.yiaddr, "the lease after a kill")
