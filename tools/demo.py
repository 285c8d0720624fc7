"""tools/demo [PHONES]: a box and a batch of simulated phones, drawn in the terminal until Ctrl-C.

The box's HTTP is reachable at http://127.0.0.1:8080/ through a forwarder; nothing else of it leaves
its namespaces.
"""
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from kit import build as builder
from kit.build import ROOT

sys.path.insert(0, os.path.join(ROOT, "test/e2e"))
os.environ["STAGEBOX"] = os.path.join(ROOT, "build/linux/stagebox")
os.environ["PHONES"] = os.path.join(ROOT, "build/linux/phones")

import test_batch  # noqa: E402
from lab import case  # noqa: E402

LOCAL = ("127.0.0.1", 8080)
STATES = ("new", "identified", "waiting", "loading", "flashing", "configuring", "done", "stalled", "needs-hand",
          "refused", "ignored")


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def forward(trial, client):
    try:
        with trial.operator:  # this thread's network namespace
            box = socket.create_connection((case.ADDRESS, 80), 5)
    except OSError:
        client.close()
        return
    threading.Thread(target=copy, args=(client, box), daemon=True).start()
    copy(box, client)


def serve(trial, listener):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=forward, args=(trial, client), daemon=True).start()


def ask(path):
    connection = http.client.HTTPConnection(*LOCAL, timeout=5)
    connection.request("GET", path)
    answer = json.load(connection.getresponse())
    connection.close()
    return answer


def bar(phone):
    done = phone["progress"] if phone["state"] == "loading" else 0
    return "#" * int(done * 10) + "." * (10 - int(done * 10))


def draw():
    phones = ask("/api/v1/phones")["phones"]
    summary = ask("/api/v1/summary")
    lines = [f"{p['mac'] or p.get('id')}  {p['model'] or '?':9} {p['version'] or '?':10} {p['state']:12} {bar(p)}  "
             f"{' -> '.join(p['rungs'])}" for p in sorted(phones, key=lambda p: (p["state"] == "done", p["mac"] or ""))]
    counts = ", ".join(f"{summary['states'][s]} {s}" for s in STATES if summary["states"].get(s))
    if sys.stdout.isatty():
        print("\x1b[H\x1b[2J", end="")
        print("\n".join(lines[:40]))
    print(f"{len(phones)} phones: {counts}; {summary['rate_bps'] // 1000} kB/s   http://{LOCAL[0]}:{LOCAL[1]}/api/v1/phones",
          flush=True)
    return len(phones) > 0 and all(p["state"] == "done" for p in phones)


def run(trial, count):
    words = ("--mixed", str(count))
    trial.start(card=test_batch.prepared(trial, words))
    listener = socket.create_server(LOCAL)
    threading.Thread(target=serve, args=(trial, listener), daemon=True).start()
    bench = trial.station("bench")
    with bench:
        phones = subprocess.Popen([os.environ["PHONES"], "--interface", "eth0", *words, "--clock", "30", "-q"])
    try:
        while not draw():
            time.sleep(1)
        print("Every phone is done. The box keeps running; Ctrl-C ends it.", flush=True)
        signal.pause()
    finally:
        phones.terminate()
        phones.wait()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    if os.geteuid() != 0:
        os.execvp("sudo", ["sudo", sys.executable, *sys.argv])
    builder.build("linux")
    os.makedirs(os.path.join(ROOT, "build/e2e"), exist_ok=True)
    trial = case.Trial("demo", os.path.join(ROOT, "build/e2e"))
    failed = True
    try:
        run(trial, count)
    except KeyboardInterrupt:
        failed = False
    finally:
        trial.close(failed)


if __name__ == "__main__":
    main()
