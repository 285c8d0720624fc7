"""The box under test, on whatever port it was built for."""
import json
import os
import re
import signal
import subprocess

from lab import http
from lab.card import ADDRESS
from lab.process import Process, run, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
KIND = os.environ.get("STAGEBOX_KIND", "linux")
BINARY = os.path.abspath(os.environ.get("STAGEBOX", os.path.join(ROOT, "build/debug/stagebox")))
HOSTED = os.path.abspath(os.environ.get("STAGEBOX_HOSTED", os.path.join(ROOT, "build/debug/stagebox")))
SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|SUMMARY: \w*Sanitizer")

ENVIRONMENT = dict(os.environ,
                   ASAN_OPTIONS="exitcode=97:detect_leaks=1:strict_string_checks=1",
                   UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1:exitcode=98")


def hosted():
    """The program for an operator's machine, which speaks by that machine's own network."""
    return BINARY if KIND == "linux" else HOSTED


def command(*words, cwd=None, stdin=None, station=None, seconds=60, program=BINARY):
    """A stagebox command that ends by itself: CompletedProcess with text."""
    call = [program, *words]
    if station is None:
        done = subprocess.run(call, input=stdin.encode() if stdin is not None else b"", capture_output=True,
                              timeout=seconds, env=ENVIRONMENT, cwd=cwd)
    else:
        done = run(station, call, seconds, ENVIRONMENT, cwd, stdin.encode() if stdin is not None else b"")
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    assert not SANITIZER.search(done.stderr), done.stderr
    return done


class Box:
    """`stagebox -c CARD/stagebox.ini run` in a station of its own."""

    address = ADDRESS
    program = [BINARY]        # a test may put an emulator before another one

    def __init__(self, station, card, log, operator=None):
        self.station = station
        self.card = card
        self.log_path = log
        self.operator = operator  # a station from which api() asks
        self.process = None
        self.marks = []           # where in the log each start begins

    def start(self, *arguments, wait=True, seconds=30, environment=None):
        self.marks.append(os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0)
        self.process = Process(self.station, [*self.program, "-c", self.card.ini, "run", *arguments], self.log_path,
                               dict(ENVIRONMENT, **(environment or {})))
        if wait:
            wait_until("`ready`", self.is_ready, seconds, alive=self.process.running)
        if wait and KIND == "lwip-tap":
            wait_until("the TAP device on the wire", self.station.tap_is_on, seconds)
        return self

    def log(self):
        """What it said since the last start."""
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            file.seek(self.marks[-1])
            return file.read()

    def is_ready(self):
        return "ready" in self.log().split("\n")[:-1]

    def said(self, pattern):
        return re.search(pattern, self.log(), re.IGNORECASE)

    def wait_said(self, pattern, seconds=10):
        return wait_until(f"a log line like {pattern!r}", lambda: self.said(pattern), seconds,
                          alive=self.process.running)

    def stop(self, number=signal.SIGTERM, seconds=20):
        """In order; fails where that was not clean."""
        if self.process is None:
            return
        assert self.process.running(), f"it had ended by itself, status {self.process.child.returncode}"
        self.process.signal(number)
        status = self.process.wait(seconds)
        if status is None:
            self.process.kill()
        self.process = None
        assert status is not None, f"did not stop within {seconds} s of signal {number}"
        self.check_sanitizers()
        assert status == 0, f"exit status {status} after signal {number}"

    def kill(self):
        """As a power cut that the file system survives."""
        self.process.kill()
        self.process = None
        self.check_sanitizers()

    def killed(self, seconds):
        """Whether it died by SIGKILL within so many seconds."""
        status = self.process.wait(seconds)
        if status is None:
            return False
        self.process = None
        self.check_sanitizers()
        assert status == -signal.SIGKILL, f"exit status {status}"
        return True

    def ended(self, seconds=15):
        """Waits for its end; the exit status."""
        status = self.process.wait(seconds)
        assert status is not None, "it goes on"
        self.process = None
        self.check_sanitizers()
        return status

    def check_sanitizers(self):
        found = SANITIZER.search(self.log())
        assert not found, self.log()[max(0, found.start() - 300):]

    def reload(self):
        """Has it read everything anew, and waits until it has."""
        before = self.reloads()
        self.process.signal(signal.SIGHUP)
        wait_until("the reload", lambda: self.reloads() > before, 30, alive=self.process.running)

    def reloads(self):
        return self.log().split("\n")[:-1].count("all of it has been read anew")

    def mac(self):
        """As its neighbours know it."""
        self.http("/healthz")
        return re.search(r"lladdr (\S+)", self.operator.ip(f"neigh show {self.address}"))[1]

    # -- its HTTP ---------------------------------------------------------------------------

    def http(self, target, **more):
        return http.fetch(more.pop("station", self.operator), self.address, target, **more)

    def api(self, path):
        answer = self.http("/api/v1/" + path)
        assert answer.status == 200, f"GET /api/v1/{path}: {answer}"
        return json.loads(answer.body)

    def phones(self):
        return self.api("phones")["phones"]

    def phone(self, mac):
        """One phone of the API; None where it is not known."""
        answer = self.http("/api/v1/phones/" + mac.replace(":", ""))
        assert answer.status in (200, 404), answer
        return json.loads(answer.body) if answer.status == 200 else None

    def states(self):
        return self.api("summary")["states"]
