"""SIGHUP."""
import os
import threading

from lab import images, tftp
from lab.box import command
from lab.case import ADDRESS, same, test
from lab.http import Connection, format_request
from lab.process import wait_until
from lab.profile import ask, rung

MAC = "58bfea1104e6"


@test()
def reload_during_transfers(trial):
    """A new file set while TFTP and HTTP transfers run: both end whole, with the old content."""
    card = trial.card()
    old = images.put(card, "spa51x", "7.6.1", size=3_000_000)
    trial.start(card=card)
    box = trial.box
    connection = trial.keep(Connection(trial.operator, ADDRESS))
    connection.send(format_request("/spa51x-7-6-1.bin"))
    connection.socket.recv(1000)
    connection.buffer = b""
    got = []
    middle, go_on = threading.Event(), threading.Event()

    def on_block(number):
        if number == 500:
            middle.set()
            assert go_on.wait(30)
    transfer = tftp.Transfer(trial.operator, ADDRESS, "spa51x-7-6-1.bin", seconds=20)
    thread = threading.Thread(target=lambda: got.append(transfer.run(on_block)))
    thread.start()
    assert middle.wait(20), "the transfer did not begin"
    new = images.put(card, "spa51x", "7.6.1", size=3_000_000, seed=77)
    images.put(card, "spa51x", "7.6.2a")
    assert new != old
    box.reload()
    go_on.set()
    thread.join(60)
    same(got and got[0] == old, True, "the TFTP transfer")
    received = 1000
    while received < len(old):
        data = connection.socket.recv(65536)
        assert data, f"the HTTP transfer ended at {received}"
        received += len(data)
    same(box.http("/spa51x-7-6-1.bin").body == new, True, "the next one gets the new content")
    same(box.api("summary")["targets"]["spa51x"], "7.6.2a", "the new target")


@test()
def reload_of_a_broken_ini_changes_nothing(trial):
    card = trial.card()
    images.put_ladder(card)
    trial.start(card=card)
    box = trial.box
    good = card.read("stagebox.ini")
    card.write("stagebox.ini", good + b"[upgrade]\ntarget = 7.5.7\nresync = soon\n")
    box.reload()
    box.wait_said(r"stagebox\.ini:\d+: error: .*soon")
    same(box.api("summary")["targets"]["spa50x-30x"], "7.6.1", "the target in force")
    assert rung(ask(box, "SPA504G", "7.3.7", MAC)[0])
    card.write("stagebox.ini", good + b"[upgrade]\ntarget = 7.5.7\n")
    box.reload()
    wait_until("the new target", lambda: box.api("summary")["targets"]["spa50x-30x"] == "7.5.7")


@test()
def reload_says_what_needs_a_restart(trial):
    trial.start()
    box = trial.box
    box.card.settings({"http": {"port": 8080}, "limits": {"phones": 600}})
    box.reload()
    box.wait_said(r"port.*needs a restart")
    box.wait_said(r"phones.*needs a restart")
    same(box.http("/healthz").body, b"ok", "port 80 goes on")


@test()
def reload_takes_new_firmware_and_phones(trial):
    card = trial.card()
    trial.start(card=card)
    box = trial.box
    same(rung(ask(box, "SPA504G", "7.3.7", MAC)[0]), None, "without firmware")
    same(box.phone(MAC)["state"], "refused", "state")
    images.put_ladder(card)
    box.reload()
    assert rung(ask(box, "SPA504G", "7.3.7", MAC)[0]), "with firmware"
    os.remove(card.path("firmware/spa50x-30x-7-5-7.bin"))
    box.reload()
    box.process.signal(0)
    same(box.http("/healthz").status, 200, "healthz")


@test()
def changed_file_is_verified_anew(trial):
    """What was verified is what is sent: a file that is damaged later never goes out."""
    card = trial.card()
    good = images.put_ladder(card)["spa50x-30x-7-6-1.bin"]
    trial.start(card=card)
    box = trial.box
    card.write("firmware/spa50x-30x-7-6-1.bin", good[:5000] + b"X" + good[5001:])
    for _ in range(3):
        answer = box.http("/spa50x-30x-7-6-1.bin")
        assert answer.status == 404 or answer.body == good, "a damaged file went out"
    box.reload()
    box.wait_said(r"(?m)^\[firmware spa50x-30x-7-6-1\.bin\]$")  # the lines that would allow it, each by itself
    answer = box.http("/spa50x-30x-7-6-1.bin")
    assert answer.status == 404 or answer.body == good, "a damaged file went out after the reload"
    same(box.api("summary")["targets"]["spa50x-30x"], "7.5.7", "target")


@test()
def target_does_not_sink_with_its_image(trial):
    """`newest`: who comes while the newest image is damaged or gone waits for it; a target that is named lowers it."""
    card = trial.card({"upgrade": {"resync": "60s"}})
    newest = "firmware/spa50x-30x-7-6-1.bin"
    good = images.put_ladder(card)["spa50x-30x-7-6-1.bin"]
    ini = card.read("stagebox.ini")
    box = trial.start(card=card)
    said = "spa50x-30x-7-6-1.bin, the target of this batch, is damaged or gone"

    def reload(changed):
        changed()
        box.reload()

    def target():
        return box.api("summary")["targets"]["spa50x-30x"]

    def waits(version):
        parameters, _ = ask(box, "SPA504G", version, MAC)
        same((rung(parameters), parameters.get("Resync_Periodic")), (None, "60"), f"the rung from {version}")
        phone = box.phone(MAC)
        same((phone["state"], phone["stage"], phone["target"]), ("waiting", "wait", "7.6.1"), f"from {version}")
        assert said in phone["note"], phone["note"]
        same(target(), "7.6.1", "the target")
        assert any(said in warning for warning in box.api("summary")["warnings"]), box.api("summary")["warnings"]

    assert rung(ask(box, "SPA504G", "7.3.7", MAC)[0]).endswith("spa50x-30x-7-5-2b.bin")
    reload(lambda: card.write(newest, good[:5000]))
    waits("7.5.2b")
    reload(lambda: os.remove(card.path(*newest.split("/"))))
    waits("7.5.7")
    box.stop()
    done = command("-c", card.ini, "check")
    assert f"{newest}: warning: {said}" in done.stdout, done.stdout
    done = command("-c", card.ini, "plan", "SPA504G", "7.5.2b")
    same((done.returncode, said in done.stderr), (1, True), f"plan: {done.stdout}{done.stderr}")
    box.start()
    waits("7.5.7")
    reload(lambda: card.write(newest, good))
    assert rung(ask(box, "SPA504G", "7.5.7", MAC)[0]).endswith("spa50x-30x-7-6-1.bin")
    same(box.phone(MAC)["note"], None, "its note")
    reload(lambda: os.remove(card.path(*newest.split("/"))))
    waits("7.5.2b")
    reload(lambda: card.write("stagebox.ini", ini + b"[upgrade]\ntarget = 7.5.7\n"))
    same(target(), "7.5.7", "the target that is named")
    assert rung(ask(box, "SPA504G", "7.5.2b", MAC)[0]).endswith("spa50x-30x-7-5-7.bin")
    reload(lambda: card.write("stagebox.ini", ini))
    same(target(), "7.5.7", "newest begins anew")
