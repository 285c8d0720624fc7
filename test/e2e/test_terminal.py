"""What a person at a terminal sees: status, passwd."""
import fcntl
import functools
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from lab import box as boxes, images
from lab.box import command
from lab.case import same, test
from lab.process import Process, die_with_parent, wait_until

AGENT = {"User-Agent": "Cisco/SPA504G-7.3.7 (58BFEA1104E6)(CCQ16380FYH)"}


class Terminal:
    """A program of the box at a terminal of its own."""

    def __init__(self, station, words, cwd, program=boxes.BINARY):
        self.master, slave = pty.openpty()
        with station:
            self.child = subprocess.Popen([program, *words], stdin=slave, stdout=slave, stderr=slave, cwd=cwd,
                                          env=boxes.ENVIRONMENT, preexec_fn=die_with_parent)
        os.close(slave)
        self.text = ""

    def read(self, pattern, seconds=20):
        """All that was shown until the pattern was."""
        limit = time.monotonic() + seconds
        while not re.search(pattern, self.text):
            assert time.monotonic() < limit, f"not shown within {seconds} s: {pattern!r} in {self.text!r}"
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.text += os.read(self.master, 4096).decode(errors="replace")
                except OSError:  # the program has ended
                    assert re.search(pattern, self.text), f"it ended: {self.text!r}"
        return self.text

    def type(self, text):
        os.write(self.master, text.encode())

    def close(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        os.close(self.master)


@test()
def status_of_a_running_box(trial):
    card = trial.card()
    images.put_ladder(card)
    box = trial.start(card=card)
    box.http("/spa504G.cfg", headers=AGENT)
    status = functools.partial(command, station=trial.operator, cwd=trial.folder, program=boxes.hosted())
    done = status("status", "http://192.168.10.10")
    same((done.returncode, done.stderr), (0, ""), "status")
    assert re.search(r"58bfea1104e6 SPA504G +waiting +7\.3\.7 > 7\.5\.2b > 7\.6\.1", done.stdout), done.stdout
    assert "\x1b" not in done.stdout, done.stdout
    beside = trial.operator if boxes.KIND == "lwip-tap" else box.station
    same(status("-c", card.ini, "status", station=beside).stdout.split("\n")[0], done.stdout.split("\n")[0],
         "the box of the settings")
    done = status("status", "http://192.168.10.77")
    same((done.returncode, done.stdout), (1, ""), "nobody there")
    done = status("status")
    same((done.returncode, done.stdout), (1, ""), "no settings, no URL")


@test()
def status_watches(trial):
    """In a pipe a line a change; at a terminal the picture anew."""
    box = trial.start(card=trial.card())
    pipe = Process(trial.operator, [boxes.hosted(), "status", "--watch", "http://192.168.10.10"],
                   trial.log_path("watch"), boxes.ENVIRONMENT)
    terminal = trial.keep(Terminal(trial.operator, ["status", "--watch", "http://192.168.10.10"], trial.folder,
                                   boxes.hosted()))
    terminal.read("0 phones")
    box.http("/spa504G.cfg", headers=AGENT)
    wait_until("a line", lambda: "58bfea1104e6 SPA504G" in pipe.log(), 20)
    assert "\x1b" not in pipe.log(), pipe.log()
    assert "\x1b[H\x1b[J" in terminal.read("58bfea1104e6"), terminal.text
    note = box.phone("58bfea1104e6")["note"]
    assert note not in terminal.text, "80 columns are not enough for this note"
    fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("4H", 20, 250, 0, 0))  # a person makes it wider
    terminal.read(re.escape(note))
    pipe.signal(signal.SIGINT)
    same(pipe.wait(20), 0, "exit status")


@test()
def passwd_at_a_terminal(trial):
    """Without any settings, and without showing what is typed."""
    terminal = trial.keep(Terminal(trial.operator, ["passwd"], trial.folder))
    terminal.read("Password: ")
    terminal.type("open sesame\n")
    shown = terminal.read(r"\$[^\s]+\s")
    assert "sesame" not in shown, shown
    same(terminal.child.wait(20), 0, "exit status")
    done = command("passwd", cwd=trial.folder, stdin="open sesame\n")
    same((done.returncode, done.stderr), (0, ""), "in a pipe")
    trial.start({"web": {"password": done.stdout.strip()}})
    for password, status in (("open sesame", 204), ("open", 401)):
        body = b'{"password": "%s"}' % password.encode()
        same(trial.box.http("/api/v1/session", method="POST", body=body).status, status, password)
