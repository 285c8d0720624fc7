"""tools/demo [PHONES]: a box and a batch of simulated phones, drawn in the terminal until Ctrl-C.

`stagebox status --watch` draws it. The dashboard is reachable at http://127.0.0.1:8080/ (or the next free port) through a forwarder; nothing else
of the box leaves its namespaces.
"""
import argparse
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

HERE = "127.0.0.1"
PORTS = range(8080, 8100)  # the first that is free
PASSWORD = "demo"


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


def listen():
    for port in PORTS:
        try:
            return socket.create_server((HERE, port))
        except OSError:
            pass
    sys.exit(f"The demo's dashboard wants one of the ports {PORTS[0]} to {PORTS[-1]} of {HERE}, and none of them is free.")


def ask(address, path):
    connection = http.client.HTTPConnection(*address, timeout=5)
    connection.request("GET", path)
    answer = json.load(connection.getresponse())
    connection.close()
    return answer


def all_done(address, count):
    phones = ask(address, "/api/v1/phones")["phones"]
    return len(phones) == count and all(p["state"] == "done" for p in phones)


def run(trial, count):
    words = ("--mixed", str(count))
    trial.start(card=test_batch.prepared(trial, words, settings={"web": {"password": PASSWORD}}))
    listener = listen()
    address = listener.getsockname()
    url = f"http://{address[0]}:{address[1]}/"
    threading.Thread(target=serve, args=(trial, listener), daemon=True).start()
    print(f"The dashboard: {url} (to log in: {PASSWORD})", flush=True)
    bench = trial.station("bench")
    with bench:
        phones = subprocess.Popen([os.environ["PHONES"], "--interface", "eth0", *words, "--clock", "30", "-q"])
    watch = subprocess.Popen([os.environ["STAGEBOX"], "status", "--watch", url])
    try:
        while not all_done(address, count):
            time.sleep(1)
        time.sleep(2)  # `status` draws the end, too
        print(f"Every phone is done. The box keeps running: {url} ; Ctrl-C ends it.", flush=True)
        watch.terminate()
        signal.pause()
    finally:
        for process in (watch, phones):
            process.terminate()
            process.wait()


def main():
    parser = argparse.ArgumentParser(prog="tools/demo", description="A box and a batch of simulated phones, until Ctrl-C.")
    parser.add_argument("phones", metavar="PHONES", nargs="?", type=int, default=24, help="how many phones (24)")
    count = parser.parse_args().phones
    signal.signal(signal.SIGTERM, signal.default_int_handler)
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
