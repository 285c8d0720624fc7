"""Sixteen downloads of firmware at a time, by TFTP and HTTP, whole also where the network loses frames."""
import os
import time

from lab import images
from lab.case import same, test
from lab.process import Process

EACH = 8            # of either kind
SIZE = 384 * 1024   # bytes of the image
LOSS = 2            # percent
TRIES = 3
FAMILY, VERSION = "spa50x-30x", "7.6.1"


def finish(trial, bench, client, process, seconds):
    """Waits for a client. atftp gives up where its acknowledgement of the options is lost and they come once more
    (RFC 2347 has them repeated): then it is started again."""
    kind, command, _path = client
    status = process.wait(seconds)
    for _ in range(TRIES):
        if status != 0 and "unexpected OACK" in process.log():
            process = Process(bench, command, trial.log_path(kind))
            status = process.wait(seconds)
    same(status, 0, f"{kind}: {process.log()}")


def download_all(trial, bench, image, seconds):
    """All of them at once; each byte is compared."""
    name, folder = images.name_of(FAMILY, VERSION), trial.path("downloads")
    os.makedirs(folder, exist_ok=True)
    clients = []
    for i in range(EACH):
        clients.append(("HTTP", ["curl", "--silent", "--show-error", "--fail", "--output", f"{folder}/http{i}",
                                 f"http://192.168.10.10/{name}"], f"{folder}/http{i}"))
        clients.append(("TFTP", ["atftp", "--option", "blksize 1428", "--option", "timeout 1", "--get", "--remote-file",
                                 name, "--local-file", f"{folder}/tftp{i}", "192.168.10.10"], f"{folder}/tftp{i}"))
    begin = time.monotonic()
    running = [Process(bench, command, trial.log_path(kind)) for kind, command, _path in clients]
    for process, client in zip(running, clients):
        finish(trial, bench, client, process, seconds)
        path = client[2]
        with open(path, "rb") as file:
            assert file.read() == image, f"{path}: another content"
        os.remove(path)
    return time.monotonic() - begin


def downloads(trial, box, image, seconds=90):
    bench = trial.lan.station("bench", address="192.168.10.3/24")
    whole = download_all(trial, bench, image, seconds)
    trial.lan.lose(LOSS)
    with_loss = download_all(trial, bench, image, seconds)
    lost = trial.lan.lost()
    assert lost > 50, f"only {lost} frames were lost"
    print(f"{2 * EACH} downloads of {SIZE >> 10} KB: {whole:.1f} s, with {LOSS} % loss ({lost} frames) {with_loss:.1f} s")
    same(box.http("/healthz").body, b"ok", "healthz")


@test(seconds=150)
def downloads_with_loss(trial):
    """Sixteen at a time, byte by byte, without and with two percent of all frames lost."""
    card = trial.card()
    image = images.put(card, FAMILY, VERSION, size=SIZE)
    downloads(trial, trial.start(card=card), image)
