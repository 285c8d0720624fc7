"""A card as a file: one FAT32 partition, made by mtools, without mounting anything."""
import os
import struct
import subprocess

SECTOR = 512
PARTITION = 8192  # the partition's first sector, at 4 MB, where cards like it
FAT32_LBA = 0x0C


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stdout}")


def make(path, megabytes, entries, label="STAGEBOX"):
    """`entries`: files and folders that come to the root. QEMU wants a power of two as size."""
    sectors = megabytes * 1024 * 1024 // SECTOR - PARTITION
    entry = struct.pack("<B3sB3sII", 0x80, b"\xfe\xff\xff", FAT32_LBA, b"\xfe\xff\xff", PARTITION, sectors)
    with open(path, "wb") as image:
        image.truncate(megabytes * 1024 * 1024)
        image.seek(446)
        image.write(entry + bytes(48) + b"\x55\xaa")
    run("/sbin/mkfs.vfat", "-F", "32", "-n", label, "--offset", str(PARTITION), path, str(sectors * SECTOR // 1024))
    run("mcopy", "-s", "-Q", "-o", "-i", where(path), *entries, "::")


def where(path):
    """The partition, as mtools want it said."""
    return f"{path}@@{PARTITION * SECTOR}"


def put(path, *entries):
    """Replaces files and folders at the root of the partition."""
    run("mcopy", "-s", "-Q", "-o", "-i", where(path), *entries, "::")


