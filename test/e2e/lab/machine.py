"""What only a bad machine does: clocks that jump, cards that fail. test/faults/bad_machine.c; mounts for cards."""
import contextlib
import ctypes
import mmap
import os
import struct
import subprocess

from lab.box import ENVIRONMENT, ROOT
from lab.card import Card

LIBRARY = os.environ.get("BAD_MACHINE_LIBRARY", os.path.join(ROOT, "build/debug/bad_machine.so"))
WALL, MONOTONIC, ERROR, FAILED, BUSY, WAITING = range(6)
CLONE_NEWNS = 0x20000


class Machine:
    """Orders for a box that is started with `environment`."""

    def __init__(self, trial):
        path = trial.path("bad-machine")
        with open(path, "wb") as file:
            file.write(bytes(4096))
        with open(path, "r+b") as file:
            self.orders = mmap.mmap(file.fileno(), 4096)
        self.environment = {"LD_PRELOAD": LIBRARY, "BAD_MACHINE": path,
                            "ASAN_OPTIONS": ENVIRONMENT["ASAN_OPTIONS"] + ":verify_asan_link_order=0"}

    def _set(self, place, value):
        self.orders[place * 8:place * 8 + 8] = struct.pack("q", value)

    def wall(self, seconds):
        """The wall clock is so many seconds ahead from now on."""
        self._set(WALL, int(seconds * 1000))

    def monotonic(self, seconds):
        self._set(MONOTONIC, int(seconds * 1000))

    def card_error(self, number):
        """errno of every write and sync in state/; 0: they work again."""
        self._set(ERROR, number)

    def failed(self):
        return self._get(FAILED)

    def card_busy(self, busy):
        """A sync in state/ does not end, and holds up the writes there, until it is said that it is over."""
        self._set(BUSY, int(busy))

    def waiting(self):
        """Syncs and writes that are held up just now."""
        return self._get(WAITING)

    def _get(self, place):
        return struct.unpack_from("q", self.orders, place * 8)[0]


def mount(trial, *words):
    """mount(8), seen by this test only and gone with it."""
    if not getattr(trial, "own_mounts", False):
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.unshare(CLONE_NEWNS) == 0, os.strerror(ctypes.get_errno())
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        trial.own_mounts = True
    subprocess.run(["mount", *words], check=True, capture_output=True)


def small_card(trial, size, name="card"):
    """A card of so many bytes, in memory."""
    folder = trial.path(name)
    os.makedirs(folder)
    mount(trial, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
    trial.stack.callback(lambda: subprocess.run(["umount", "-l", folder], check=True))
    return Card(folder)


class DyingCard:
    """ext4 on a loop device whose medium can be taken away: every read and write is an error from then on."""

    def __init__(self, trial, size=24 << 20, name="card"):
        medium, self.folder = trial.path(name + ".medium"), trial.path(name)
        os.makedirs(medium)
        os.makedirs(self.folder)
        mount(trial, "-t", "tmpfs", "-o", f"size={size + (1 << 20)}", "tmpfs", medium)
        trial.stack.callback(lambda: subprocess.run(["umount", "-l", medium], check=True))
        self.medium = os.path.join(medium, "image")
        self.ballast = os.path.join(medium, "ballast")
        with open(self.medium, "wb") as file:
            file.truncate(size)
        subprocess.run(["mkfs.ext4", "-q", "-O", "^has_journal", self.medium], check=True, capture_output=True)
        mount(trial, "-o", "loop,errors=remount-ro", self.medium, self.folder)
        trial.stack.callback(lambda: subprocess.run(["umount", "-l", self.folder], check=True))
        self.card = Card(self.folder)

    def die(self):
        """Nothing of it is in the kernel's cache either."""
        for folder, _, names in os.walk(self.folder):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    os.fsync(file.fileno())
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        os.truncate(self.medium, 0)
        fill(self.ballast)


def fill(path):
    """Until there is no room left."""
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as file:
        while file.write(bytes(1 << 16)):
            pass
