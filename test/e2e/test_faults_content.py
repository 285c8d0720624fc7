"""Files of the card replaced, cut short and taken away at any time, also in the middle of a transfer."""
import os
import threading

import test_batch as batches
import test_https_batch as secure
from lab import images, tftp
from lab.case import ADDRESS, same, test
from lab.crowd import Crowd, all_done, wait_under_way
from lab.http import Connection, format_request
from lab.process import wait_until

KEPT = ("firmware/spa50x-30x-7-5-2b.bin", "firmware/spa50x-30x-7-6-1.bin", "stagebox.ini", "phones.csv",
        "profiles/full.xml", "certs/server.crt", "certs/server.key", "certs/client-ca.pem")


def spoil(trial, card, name, good):
    """In place, as a bad copy does; the kind of harm is drawn."""
    kind = trial.random.choice(("cut", "empty", "noise", "gone", "longer", "grows"))
    path = card.path(*name.split("/"))
    if kind == "gone":
        os.remove(path)
        return kind
    content = {"cut": good[:len(good) * 2 // 3], "empty": b"", "longer": good + b"\n\0more", "grows": good[:100],
               "noise": trial.random.randbytes(len(good))}[kind]
    with open(path, "r+b" if kind == "noise" else "wb") as file:
        file.write(content)
    return kind


@test(seconds=200)
def faults_content_changes_under_a_batch(trial):
    """Each file spoilt and mended, with and without a reload, while phones load: no phone gets anything that is not sound."""
    count = len(secure.ABLE) if trial.everything else 4
    card, words = secure.prepared(trial, [secure.group(*row) for row in secure.ABLE[:count]],
                                 ignored=["url-gone"])  # an image that is spoilt is not served
    good = {name: card.read(name) for name in KEPT}
    box = trial.start(card=card)
    crowd = Crowd(trial, words, 500 if trial.everything else 150)
    wait_under_way(box)
    done = []
    for turn in range(60 if trial.everything else 10):
        name = KEPT[turn % len(KEPT)]
        done.append((name, spoil(trial, card, name, good[name])))
        if turn % 3 != 2:
            box.reload()
        same(box.http("/healthz").status, 200, f"healthz after {done[-3:]}")
        card.write(name, good[name])
    box.reload()
    report = crowd.finish()
    all_done(box, len(report["phones"]))


@test(seconds=120)
def faults_image_cut_in_the_middle(trial):
    """The file is truncated, overwritten in place and removed while TFTP and HTTP send it: both end whole, as it was."""
    card = trial.card()
    path = card.path("firmware", "spa50x-30x-7-6-1.bin")
    for kind in ("truncate", "overwrite", "remove"):
        good = images.put(card, "spa50x-30x", "7.6.1", size=1_500_000)
        if trial.box is None:
            trial.start(card=card)
        elif not trial.box.process:
            trial.box.start()
        box = trial.box
        connection = Connection(trial.operator, ADDRESS)
        connection.send(format_request("/spa50x-30x-7-6-1.bin"))
        got = [connection.socket.recv(2000)]
        middle, go_on, by_tftp = threading.Event(), threading.Event(), []

        def on_block(number):
            if number == 300:
                middle.set()
                assert go_on.wait(30)
        transfer = tftp.Transfer(trial.operator, ADDRESS, "spa50x-30x-7-6-1.bin", seconds=20, options={"blksize": 1428})
        thread = threading.Thread(target=lambda: by_tftp.append(transfer.run(on_block)))
        thread.start()
        assert middle.wait(20), "the transfer did not begin"
        if kind == "truncate":
            os.truncate(path, 700_000)
        elif kind == "remove":
            os.remove(path)
        else:
            with open(path, "r+b") as file:
                file.write(bytes(len(good)))
        box.reload()
        go_on.set()
        thread.join(60)
        while sum(map(len, got)) < len(good):
            data = connection.socket.recv(65536)
            assert data, f"{kind}: the HTTP transfer ended at {sum(map(len, got))}"
            got.append(data)
        connection.close()
        same(by_tftp and by_tftp[0] == good, True, f"{kind}: by TFTP")
        same(b"".join(got).split(b"\r\n\r\n", 1)[1] == good, True, f"{kind}: by HTTP")
        answer = box.http("/spa50x-30x-7-6-1.bin")
        assert answer.status == 404 or answer.body == good, f"{kind}: what is not sound went out"
        box.stop()
