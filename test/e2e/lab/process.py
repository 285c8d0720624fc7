"""Children that never outlive the test."""
import ctypes
import os
import signal
import subprocess
import time

_libc = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


def die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_until(what, condition, seconds=10.0, every=0.05, alive=None):
    """Returns what `condition()` returns once it is true; fails with `what` after so many seconds."""
    limit = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > limit:
            raise AssertionError(f"waited {seconds:g} s for {what}")
        if alive and not alive():
            raise AssertionError(f"it ended while this was waited for: {what}")
        time.sleep(every)


class Process:
    """A program inside a namespace, its output in a file."""

    def __init__(self, station, command, log, env=None, cwd=None, stdout=None, inherit=()):
        self.command = command
        self.log_path = log
        with open(log, "ab") as out, station:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                          stdout=out if stdout is None else stdout, stderr=out, env=env, cwd=cwd,
                                          preexec_fn=die_with_parent, pass_fds=inherit)

    @property
    def pid(self):
        return self.child.pid

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def running(self):
        return self.child.poll() is None

    def signal(self, number):
        self.child.send_signal(number)

    def wait(self, seconds):
        """The exit status; None where it still runs."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self):
        if self.running():
            self.child.kill()
        self.child.wait()


def run(station, command, seconds=60, env=None, cwd=None, stdin=None):
    """Runs a program inside a namespace to its end: subprocess.CompletedProcess with bytes."""
    with station:
        return subprocess.run(command, input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                              capture_output=True, timeout=seconds, env=env, cwd=cwd,
                              preexec_fn=die_with_parent)


def exists(program):
    return any(os.access(os.path.join(d, program), os.X_OK) for d in os.environ.get("PATH", "").split(":")
               + ["/usr/sbin", "/sbin"])
