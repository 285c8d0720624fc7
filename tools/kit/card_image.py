"""A card as a file: one FAT32 partition, made by dosfstools and mtools, without mounting anything."""
import os
import struct
import subprocess

SECTOR = 512
PARTITION = 8192  # the partition's first sector, at 4 MB, where cards like it; loaders end before
FAT32_LBA = 0x0C
CLUSTERS_MIN = 65525  # fewer are no FAT32
CLUSTER = 8           # sectors


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stdout}")


def cluster(sectors):
    """Sectors of one: as many as leave enough clusters."""
    size = CLUSTER
    while size > 1 and sectors // size < CLUSTERS_MIN + 1000:
        size //= 2
    return size


def make(path, megabytes, entries, label="STAGEBOX"):
    """`entries`: files and folders that come to the root. QEMU wants a power of two as size."""
    sectors = megabytes * 1024 * 1024 // SECTOR - PARTITION
    entry = struct.pack("<B3sB3sII", 0x80, b"\xfe\xff\xff", FAT32_LBA, b"\xfe\xff\xff", PARTITION, sectors)
    with open(path, "wb") as image:
        image.truncate(megabytes * 1024 * 1024)
        image.seek(446)
        image.write(entry + bytes(48) + b"\x55\xaa")
    run("/sbin/mkfs.vfat", "-F", "32", "-s", str(cluster(sectors)), "-n", label, "--offset", str(PARTITION), path,
        str(sectors * SECTOR // 1024))
    put(path, *entries)


def where(path):
    """The partition, as mtools want it said."""
    return f"{path}@@{PARTITION * SECTOR}"


def put(path, *entries):
    """Adds, or replaces, files and folders at the root of the partition."""
    if entries:
        run("mcopy", "-s", "-Q", "-m", "-o", "-i", where(path), *entries, "::")


def of_folder(folder):
    """The entries for make() that make the card's root like this folder."""
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
