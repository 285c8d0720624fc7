#!/usr/bin/env python3
"""Makes firmware images for tests: nothing in them runs anywhere, but their vendor header is sound.

    make_image.py -d firmware 7.5.2b 7.6.1                 two files of spa50x-30x, 200 KB each
    make_image.py -d firmware -f spa525g 7.6.1 --plain     content without the vendor's header
    make_image.py -o bad.bin 7.5.2b --broken sector        damaged on purpose
    make_image.py -d firmware 7.6.1 --size 4443721         as large as real ones

The same arguments always give the same bytes. The first sector is stored raw and begins with the
line `STAGEBOX-TEST family=... version=... seed=...`, so that a simulated phone can tell whose image it
got. As a module: image(version, family, size, seed, broken, plain) returns the bytes.

Layout (big-endian), as in the vendor's 50x/30x files: magic, MD5 of header and directory, header
and entry length, file size, version, directory of sectors with the MD5 of each one's unpacked data.
"""
import argparse
import hashlib
import os
import random
import struct
import sys
import zlib

MAGIC = b"SkOsMo5 fIrMwArE"
HEADER = 0x80
ENTRY = 0x40
SECTOR = 56 * 1024
BROKEN = ("magic", "size", "header", "sector", "inflate", "version", "truncated", "grown", "bounds", "empty")


def file_name(family, version):
    part = version.replace("(", "-").replace(")", "").replace(".", "-")
    return f"{family}-{part}.bin"


def packable(rng, length):
    """Data that zlib makes about half as long, quickly."""
    return b"".join(rng.randbytes(32) + b"\0" * 32 for _ in range(length // 64 + 1))[:length]


def sectors(version, family, size, seed):
    """(flags, stored, unpacked) of each sector, so that the file is of `size` bytes exactly."""
    rng = random.Random(f"{family} {version} {seed}")
    first = f"STAGEBOX-TEST family={family} version={version} seed={seed}\n".encode() + rng.randbytes(256)
    out = [(1, first, first)]
    count = max(3, size // SECTOR)
    left = size - HEADER - count * ENTRY - len(first)
    for index in range(count - 2):
        room = left // (count - 1 - index)
        if index % 3 == 2:
            data = rng.randbytes(room)
            out.append((1, data, data))
            left -= room
            continue
        data = packable(rng, min(room, SECTOR))
        stored = zlib.compress(data, 1)
        out.append((0, stored, data))
        left -= len(stored)
    if left < 0:
        sys.exit(f"make_image: {size} bytes are too few")
    last = rng.randbytes(left)
    out.append((1, last, last))
    return out


def header(version, total, entries):
    head = bytearray(HEADER)
    head[0:16] = MAGIC
    head[0x40:0x50] = hashlib.md5(version.encode()).digest()
    struct.pack_into(">III", head, 0x50, HEADER, ENTRY, total)
    head[0x5C:0x5C + len(version)] = version.encode()
    struct.pack_into(">I", head, 0x7C, len(entries))
    whole = head + b"".join(entries)
    whole[0x30:0x40] = hashlib.md5(whole).digest()
    return bytes(whole)


def sound(version, family, size, seed, inside=None, wrong_bounds=False):
    parts = sectors(version, family, size, seed)
    offset = HEADER + ENTRY * len(parts)
    entries = []
    for number, (flags, stored, unpacked) in enumerate(parts):
        at = offset + (size if wrong_bounds and number == 1 else 0)
        digest = hashlib.md5(unpacked).digest()
        entries.append(struct.pack(">HHII16s", number, flags, len(stored), at, digest).ljust(ENTRY, b"\0"))
        offset += len(stored)
    return header(inside or version, offset, entries) + b"".join(stored for _, stored, _ in parts)


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1:]


def broken_image(version, family, size, seed, how):
    if how == "version":
        return sound(version, family, size, seed, inside="7.0.1" if version != "7.0.1" else "7.0.2")
    if how == "bounds":
        return sound(version, family, size, seed, wrong_bounds=True)
    data = sound(version, family, size, seed)
    packed = HEADER + ENTRY * struct.unpack_from(">I", data, 0x7C)[0] + len(sectors(version, family, size, seed)[0][1])
    return {
        "magic": lambda: flip(data, 0),
        "size": lambda: flip(data, 0x5B),
        "header": lambda: flip(data, 0x45),
        "sector": lambda: flip(data, len(data) - 1),
        "inflate": lambda: data[:packed] + b"\xff\xff\xff\xff" + data[packed + 4:],
        "truncated": lambda: data[:len(data) * 2 // 3],
        "grown": lambda: data + b"\0" * 512,
        "empty": lambda: b"",
    }[how]()


def image(version, family="spa50x-30x", size=200_000, seed=1, broken=None, plain=False):
    if plain:
        text = f"STAGEBOX-TEST family={family} version={version} seed={seed}\n".encode()
        return text + random.Random(f"{family} {version} {seed}").randbytes(size - len(text))
    if broken:
        return broken_image(version, family, size, seed, broken)
    return sound(version, family, size, seed)


def main():
    parser = argparse.ArgumentParser(description="Makes firmware images for tests.")
    parser.add_argument("version", nargs="+", help="7.5.2b, '7.5.6(XU)', ...")
    parser.add_argument("-f", "--family", default="spa50x-30x")
    parser.add_argument("-s", "--size", type=int, default=200_000, help="bytes of the file")
    parser.add_argument("--seed", default="1", help="another seed, another content")
    parser.add_argument("--broken", choices=BROKEN)
    parser.add_argument("--plain", action="store_true", help="no vendor header")
    parser.add_argument("-d", "--directory", default=".", help="where files named as the vendor does go")
    parser.add_argument("-o", "--output", help="the file to write, for a single version")
    args = parser.parse_args()
    if args.output and len(args.version) > 1:
        parser.error("-o takes a single version")
    for version in args.version:
        path = args.output or os.path.join(args.directory, file_name(args.family, version))
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "wb") as out:
            out.write(image(version, args.family, args.size, args.seed, args.broken, args.plain))


if __name__ == "__main__":
    main()
