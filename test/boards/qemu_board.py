"""The bare-metal box in QEMU's Orange Pi PC, on the wire by a TAP device; its card is a file."""
import os
import re
import signal
import subprocess

from lab.box import ROOT, Box
from lab.process import Process, wait_until

BUILD = os.path.join(ROOT, "build/orange-pi-pc")
PARTITION = 8192 * 512
SEED = bytes(range(1, 251)) * 2 + b"not secret: "  # 512 bytes; each start takes it, and leaves another one
BROKEN = re.compile(r"the board restarts|U-Boot SPL")


def make_image(folder, path, *more):
    subprocess.run([os.path.join(ROOT, "boards/orange-pi-pc/make-image"), path, "--size", "64", "--folder", folder, *more],
                   check=True, stdin=subprocess.DEVNULL, timeout=60)


class Board(Box):
    """`card` becomes the image at the first start; `loader`: by U-Boot, from the card itself."""

    def __init__(self, trial, card, station=None, seed=SEED, loader=False):
        station = station or trial.lan.station("box")
        station.tap()
        super().__init__(station, card, trial.log_path("console"), trial.operator)
        self.image = trial.path(os.path.basename(card.folder) + ".img")
        self.seed = seed
        self.loader = loader
        self.more = []  # further options of QEMU
        trial.boxes.append(self)

    def command(self):
        kernel = [] if self.loader else ["-kernel", os.path.join(BUILD, "stagebox.elf")]
        return ["qemu-system-arm", "-M", "orangepi-pc", "-display", "none", "-monitor", "none", *kernel,
                "-chardev", f"file,id=console,path={self.log_path},append=on", "-serial", "chardev:console",
                "-nic", "tap,ifname=eth0,script=no,downscript=no,mac=52:54:00:5b:00:01",
                "-drive", f"if=sd,format=raw,cache=unsafe,file={self.image}", *self.more]

    def make_card(self):
        if self.loader:  # the one that is made for users
            subprocess.run(["cp", "--sparse=always", os.path.join(BUILD, "stagebox-orange-pi-pc.img"), self.image], check=True)
            return
        os.makedirs(self.card.path("state"), exist_ok=True)
        if self.seed:
            self.card.write("state/seed", self.seed)
        make_image(self.card.folder, self.image)

    def start(self, *_, wait=True, seconds=60, environment=None):
        if not os.path.exists(self.image):
            self.make_card()
        self.marks.append(os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0)
        self.process = Process(self.station, self.command(), self.log_path + ".qemu")
        if wait:
            wait_until("the TAP device on the wire", self.station.tap_is_on, 20, alive=self.process.running)
            wait_until("`ready`", self.is_ready, seconds, alive=self.process.running)
        return self

    def log(self):
        return super().log().replace("\r", "")

    def stop(self, number=signal.SIGTERM, seconds=20):
        """The power switch."""
        self.kill()

    def check_sanitizers(self):
        assert self.loader or not BROKEN.search(self.log()), self.log()[-2000:]

    def usage(self):
        """The last that the console told: bytes of heap and stack, us of the longest work, overruns of the ring."""
        told = re.findall(r"usage: (\d+) bytes of heap, (\d+) of stack, .* took (\d+) us; .* full (\d+) times", self.log())
        return [int(number) for number in told[-1]]

    def keep_usage(self):
        """For tools/sizes."""
        for folder, number in zip(("heap", "stack"), self.usage()):
            os.makedirs(os.path.join(ROOT, "build", folder), exist_ok=True)
            with open(os.path.join(ROOT, "build", folder, "orange-pi-pc"), "w", encoding="ascii") as file:
                file.write(f"{number}\n")

    def spoil_card(self, content):
        """Zeros over a file's content on the card, which lies in one piece there, while the box runs."""
        with open(self.image, "r+b") as file:
            at = file.read().find(content)
            assert at >= 0, "the content is not on the card in one piece"
            file.seek(at)
            file.write(bytes(len(content)))

    # -- the card, while the power is off ------------------------------------------------------

    def check_card(self):
        """What fsck.vfat says of the partition; "" where it is clean."""
        part = self.image + ".part"
        subprocess.run(["dd", f"if={self.image}", f"of={part}", "bs=1M", f"skip={PARTITION >> 20}", "conv=sparse",
                        "status=none"], check=True, timeout=60)
        done = subprocess.run(["/sbin/fsck.vfat", "-n", part], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60)
        os.remove(part)
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def read_card(self, name):
        return subprocess.run(["mtype", "-i", f"{self.image}@@{PARTITION}", "::" + name], check=True, timeout=20,
                              capture_output=True).stdout

    def write_card(self, name, content):
        subprocess.run(["mcopy", "-o", "-i", f"{self.image}@@{PARTITION}", "-", "::" + name], check=True, timeout=20,
                       input=content)
