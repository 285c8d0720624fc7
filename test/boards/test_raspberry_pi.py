"""The Raspberry Pi's card (boards/raspberry-pi) in QEMU's Raspberry Pi 3B: kernel, drivers, process 1 and stagebox are
those of the card, on that board's SD controller and USB. QEMU does not model the boot loader, nor the board's own Ethernet
chip: the kernel is handed over, and a network adapter is plugged into USB."""
import gzip
import os
import re
import struct
import subprocess

import test_batch as batches
from lab.box import ROOT
from lab.case import same, test
from qemu_board import Board

BOOT = ("vmlinuz", "initramfs.gz", "bcm2837-rpi-3-b.dtb")


class Pi(Board):
    """`card` becomes the image."""

    def make_card(self):
        subprocess.run([os.path.join(ROOT, "tools/rpi-image"), "--folder", self.card.folder, self.image], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=200)
        for name in BOOT:
            with open(self.boot(name), "wb") as file:
                file.write(self.read_card(name))

    def boot(self, name):
        return f"{self.image}.{name}"

    def command(self):
        kernel, initramfs, tree = map(self.boot, BOOT)
        return ["qemu-system-aarch64", "-M", "raspi3b", "-display", "none", "-monitor", "none", "-no-reboot",
                "-kernel", kernel, "-initrd", initramfs, "-dtb", tree, "-append", self.read_card("cmdline.txt").decode().strip(),
                "-chardev", f"file,id=console,path={self.log_path},append=on", "-serial", "null", "-serial", "chardev:console",
                "-netdev", "tap,id=wire,ifname=eth0,script=no,downscript=no",
                "-device", "usb-net,netdev=wire,mac=00:16:3e:5b:00:01",
                "-drive", f"if=sd,format=raw,cache=unsafe,file={self.image}"]


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


def look_at_card(box):
    """A partition table as the boot loader wants it, and nothing in the kernel's first file system that could listen."""
    with open(box.image, "rb") as file:
        table = file.read(512)
    same(table[510:], b"\x55\xaa", "mark of the partition table")
    same(struct.unpack("<B3sB3sII", table[446:462])[2::2], (0x0C, 8192), "type and place of the partition")
    same(table[462:510], bytes(48), "further partitions")
    names = cpio_names(gzip.decompress(box.read_card("initramfs.gz")))
    programs = [n for n, mode in names.items() if mode & 0o170000 == 0o100000 and not n.startswith("modules/")]
    same(sorted(programs), ["init", "stagebox"], "programs")
    config = box.read_card("config.txt").decode()
    listing = subprocess.run(["mdir", "-b", "-i", box.image + "@@4M", "::"], check=True, capture_output=True, text=True).stdout
    for name in [*re.findall(r"^(?:kernel=|initramfs )(\S+)", config, re.M), "bootcode.bin", "start.elf", "start4.elf",
                 "fixup.dat", "fixup4.dat", "bcm2837-rpi-3-b-plus.dtb", "bcm2711-rpi-4-b.dtb", "stagebox.ini"]:
        assert f"::/{name}\n" in listing, f"{name} is not on the card:\n{listing}"
    for folder in ("firmware", "profiles", "state", "certs", "files"):
        assert f"::/{folder}/\n" in listing, f"{folder}/ is not on the card"


@test(seconds=400)
def raspberry_pi(trial):
    words = ("--mixed", "1")
    card = batches.prepared(trial, words)
    said = batches.plans(card, words)
    box = Pi(trial, card).start(seconds=120)
    look_at_card(box)
    same(box.http("/healthz").body, b"ok", "healthz")
    # The console shows the log, and process 1 had nothing to complain of.
    same(re.findall(r"init: (.*)$", box.log(), re.MULTILINE), ["the card is mmcblk0p1"], "what init said")
    report = batches.play(trial, words, 150)
    batches.check_plans(said, box.phones(), report)
    same([p["state"] for p in box.phones()], ["done"], "states")
    box.stop()
    # What it knows is on the card.
    box.start(seconds=120)
    same([p["state"] for p in box.phones()], ["done"], "states after a power cut")


@test(seconds=60)
def raspberry_pi_card_with_errors(trial):
    """The card's program, as the card's process 1 starts it."""
    card = trial.card({"box": {"adress": "192.168.10.10/24"}})
    box = trial.make_box(card)
    box.program = ["qemu-aarch64", os.path.join(ROOT, "build/raspberry-pi/stagebox")]
    box.start("--no-shell")
    warnings = " ".join(box.api("summary")["warnings"])
    assert "stagebox.ini:" in warnings and "adress" in warnings, warnings
