"""The Raspberry Pi's card (boards/raspberry-pi) in QEMU's Raspberry Pi 3B: kernel, drivers, process 1 and stagebox are
those of the card, on that board's SD controller and USB. QEMU does not model the boot loader, nor the board's own Ethernet
chip: the kernel is handed over, and a network adapter is plugged into USB."""
import gzip
import os
import re
import signal
import struct
import subprocess

import test_batch as batches
from lab.box import ROOT, Box
from lab.case import same, test
from lab.process import Process, wait_until

PARTITION = "@@4M"
LISTENERS = {"tcp": {80}, "udp": {53, 67, 69, 123, 514, 5353}}


def make_image(path, folder):
    subprocess.run([os.path.join(ROOT, "tools/rpi-image"), "--folder", folder, path], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, timeout=200)


def of_card(image, name):
    return subprocess.run(["mtype", "-i", image + PARTITION, "::" + name], check=True, capture_output=True).stdout


class Pi(Box):
    """`card` becomes the image."""

    def __init__(self, trial, card):
        station = trial.lan.station("box")
        station.tap()
        super().__init__(station, card, trial.log_path("console"), trial.operator)
        self.image = trial.path("card.img")
        self.boot = {}
        trial.boxes.append(self)
        make_image(self.image, card.folder)
        for name in ("vmlinuz", "initramfs.gz", "bcm2837-rpi-3-b.dtb"):
            self.boot[name] = trial.path(name)
            with open(trial.path(name), "wb") as file:
                file.write(of_card(self.image, name))

    def start(self, *_, wait=True, seconds=100, environment=None):
        self.marks.append(os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0)
        with open(self.log_path, "ab"):
            pass
        self.process = Process(self.station, [
            "qemu-system-aarch64", "-M", "raspi3b", "-display", "none", "-monitor", "none", "-no-reboot",
            "-kernel", self.boot["vmlinuz"], "-initrd", self.boot["initramfs.gz"], "-dtb", self.boot["bcm2837-rpi-3-b.dtb"],
            "-append", of_card(self.image, "cmdline.txt").decode().strip(),
            "-chardev", f"file,id=console,path={self.log_path},append=on", "-serial", "null", "-serial", "chardev:console",
            "-netdev", "tap,id=wire,ifname=eth0,script=no,downscript=no", "-device", "usb-net,netdev=wire,mac=00:16:3e:5b:00:01",
            "-drive", f"if=sd,format=raw,cache=unsafe,file={self.image}"], self.log_path + ".qemu")
        wait_until("`ready`", self.is_ready, seconds, alive=self.process.running)
        wait_until("the TAP device on the wire", self.station.tap_is_on, 20)
        return self

    def log(self):
        return super().log().replace("\r", "")

    def stop(self, number=signal.SIGTERM, seconds=20):
        """The power switch."""
        self.kill()


def cpio_names(data):
    """name → mode of an archive in the format that the kernel unpacks."""
    names, at = {}, 0
    while True:
        fields = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        name = data[at + 110:at + 110 + fields[11] - 1].decode()
        if name == "TRAILER!!!":
            return names
        names[name] = fields[1]
        at += (110 + fields[11] + 3) & ~3
        at += (fields[6] + 3) & ~3


def look_at_card(image):
    """A partition table as the boot loader wants it, and nothing in the kernel's first file system that could listen."""
    with open(image, "rb") as file:
        table = file.read(512)
    same(table[510:], b"\x55\xaa", "mark of the partition table")
    same(struct.unpack("<B3sB3sII", table[446:462])[2::2], (0x0C, 8192), "type and place of the partition")
    same(table[462:510], bytes(48), "further partitions")
    names = cpio_names(gzip.decompress(of_card(image, "initramfs.gz")))
    programs = [n for n, mode in names.items() if mode & 0o170000 == 0o100000 and not n.startswith("modules/")]
    same(sorted(programs), ["init", "stagebox"], "programs")
    config = of_card(image, "config.txt").decode()
    listing = subprocess.run(["mdir", "-b", "-i", image + PARTITION, "::"], check=True, capture_output=True, text=True).stdout
    for name in [*re.findall(r"^(?:kernel=|initramfs )(\S+)", config, re.M), "bootcode.bin", "start.elf", "start4.elf",
                 "fixup.dat", "fixup4.dat", "bcm2837-rpi-3-b-plus.dtb", "bcm2711-rpi-4-b.dtb", "stagebox.ini"]:
        assert f"::/{name}\n" in listing, f"{name} is not on the card:\n{listing}"
    for folder in ("firmware", "profiles", "state", "certs", "files"):
        assert f"::/{folder}/\n" in listing, f"{folder}/ is not on the card"


@test(seconds=300)
def raspberry_pi(trial):
    words = ("--mixed", "1")
    card = batches.prepared(trial, words)
    said = batches.plans(card, words)
    box = Pi(trial, card)
    look_at_card(box.image)
    box.start()
    same(box.http("/healthz").body, b"ok", "healthz")
    report = batches.play(trial, words, 150)
    batches.check_plans(said, box.phones(), report)
    same([p["state"] for p in box.phones()], ["done"], "states")
    box.stop()
    # What it knows is on the card.
    box.start()
    same([p["state"] for p in box.phones()], ["done"], "states after a power cut")
