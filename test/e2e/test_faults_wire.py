"""Cables and switches that lose, double, reorder, damage and delay frames; links that come and go."""
import hashlib
import time

import test_batch as batches
import test_https_batch as secure
from lab import process
from lab.cable import Cable
from lab.case import ADDRESS, same, test
from lab.process import run, wait_until

# As bad_cable.c names them, in percent and milliseconds: each on its own, and all together.
FAULTS = {
    "loss": {"loss": 6},
    "duplicate": {"duplicate": 30},
    "reorder": {"reorder": 30},
    "corrupt": {"corrupt": 5},
    "delay": {"delay": 30, "jitter": 25},
}
ALL_TOGETHER = {"loss": 2, "duplicate": 5, "reorder": 5, "corrupt": 1, "delay": 4, "jitter": 3}


def put_files(trial, card):
    """ring.dict for TFTP, and a longer one for HTTP(S)."""
    files = {"ring.dict": trial.random.randbytes(20_000), "long.dict": trial.random.randbytes(400_000)}
    for name, content in files.items():
        card.write("files/" + name, content)
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


CURL = ["curl", "-sS", "-k", "--tls-max", "1.2", "--ciphers", "AES128-SHA:@SECLEVEL=0", "--max-time", "50"]


def fetched(trial, scheme, name):
    """The digest of what came, or why nothing came. (curl's TFTP waits too long for what is lost.)"""
    command = [*CURL, f"{scheme}://{ADDRESS}/{name}"]
    if scheme == "tftp":
        command = ["busybox", "tftp", "-g", "-r", name, "-l", "/dev/stdout", ADDRESS]
    done = run(trial.operator, command, 60)
    return hashlib.sha256(done.stdout).hexdigest() if done.returncode == 0 else done.stderr.decode()


def lease(trial, station):
    """udhcpc(8) has an address within its ten tries."""
    done = run(station, ["busybox", "udhcpc", "-f", "-q", "-n", "-t", "10", "-T", "1", "-i", "eth0", "-s", "/bin/true"], 40)
    assert done.returncode == 0, done.stderr.decode()


@test(seconds=180)
def faults_of_the_cable_one_by_one(trial):
    """DHCP, TFTP, HTTP and HTTPS each come through each kind of fault, byte for byte."""
    card = trial.card()
    digests = put_files(trial, card)
    secure.certificates(trial, card)
    cable = Cable(trial)
    box = trial.make_box(card, cable.station).start()
    for number, (fault, amounts) in enumerate(FAULTS.items()):
        cable.make(**amounts, seed=number)
        lease(trial, trial.station(f"client{number}"))
        for scheme, name in (("tftp", "ring.dict"), ("http", "long.dict"), ("https", "long.dict")):
            same(fetched(trial, scheme, name), digests[name], f"{name} by {scheme} with {amounts}")
        done = cable.unmake()
        assert fault == "delay" or done[fault] > 5, f"{fault}: {done}"
    cable.make()
    same(box.http("/healthz").status, 200, "healthz")


def batch_over(trial, words, faults, seconds, card=None):
    """A batch over a bad cable; what the cable did."""
    card = card or batches.prepared(trial, words)
    cable = Cable(trial, **faults)
    box = trial.make_box(card, cable.station).start()
    report = batches.play(trial, (*words, "--bad-cable"), seconds)
    done = cable.unmake()
    cable.make()
    unfinished = [(p["mac"], p["version"], p["state"], p["note"]) for p in box.phones() if p["state"] != "done"]
    same(unfinished, [], f"every phone done: {done}")
    same(report["harms_total"], 0, "harms")
    return done


@test(seconds=120)
def faults_of_the_cable_in_a_batch(trial):
    """Eight phones through all faults at once; with --all sixty of them, and worse."""
    words = ("--mixed", "60" if trial.everything else "8")
    done = batch_over(trial, words, ALL_TOGETHER, 900 if trial.everything else 90)
    assert all(done[fault] > 10 for fault in ("loss", "duplicate", "reorder", "corrupt")), done
    if trial.everything:
        trial.box.stop()
        worse = {"loss": 8, "duplicate": 10, "reorder": 20, "corrupt": 3, "delay": 20, "jitter": 15, "seed": 7}
        batch_over(trial, ("--mixed", "20", "--seed", "2"), worse, 900,
                   batches.prepared(trial, ("--mixed", "20", "--seed", "2"), name="worse"))


@test(seconds=150)
def faults_of_the_cable_over_https(trial):
    """Phones with certificates of their own, which get their secrets over HTTPS only."""
    rows = secure.ABLE if trial.everything else (secure.ABLE[1], secure.ABLE[3], secure.ABLE[9])
    card, words = secure.prepared(trial, [secure.group(*row) for row in rows])
    batch_over(trial, words, ALL_TOGETHER, 900 if trial.everything else 120, card)


@test(seconds=150)
def faults_link_flaps(trial):
    """The box's cable is pulled and put back, in the middle of everything: the batch ends."""
    words = ("--mixed", "40" if trial.everything else "8")
    cable = Cable(trial)
    box = trial.make_box(batches.prepared(trial, words), cable.station).start()
    report = trial.path("phones.json")
    bench = trial.station("bench")
    phones = process.Process(bench, [batches.PHONES, "--interface", "eth0", *words, "--clock", str(batches.CLOCK),
                                     "--report", report, "--timeout", "600" if trial.everything else "110"],
                             trial.log_path("phones.log"))
    trial.stack.callback(phones.kill)
    for _ in range(40 if trial.everything else 8):
        time.sleep(trial.random.uniform(0.2, 1.0))   # the flaps themselves: nothing to wait for
        cable.pull()
        time.sleep(trial.random.uniform(0.05, 0.8))
        cable.put()
    same(phones.wait(610 if trial.everything else 120), 0, "the phones' verdict\n" + phones.log()[-3000:])
    same([(p["mac"], p["state"], p["note"]) for p in box.phones() if p["state"] != "done"], [], "every phone done")


@test()
def faults_cable_put_in_late(trial):
    """Started without a link, and another DHCP server behind it: nobody is answered before the guard has looked."""
    from test_rogue import dnsmasq, offers
    cable = Cable(trial)
    cable.pull()
    dnsmasq(trial)
    box = trial.make_box(trial.card({"dhcp": {"rogue": "guard"}}), cable.station)
    box.start(wait=False)
    wait_until("`ready`", box.is_ready, 30, alive=box.process.running)
    cable.pull()   # a TAP device is there since now
    box.wait_said("no other server is in the way", 15)   # so it seemed
    cable.put()
    box.wait_said(r"192\.168\.10\.1\b", 15)
    same(offers(trial), {"192.168.10.1"}, "servers that answer")
