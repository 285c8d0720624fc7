"""Firmware images, made by test/phones/make_image.py."""
import os
import re
import subprocess
import sys
import tempfile

from lab.box import ROOT

MAKE = os.path.join(ROOT, "test/phones/make_image.py")
SIZE = 96 * 1024  # bytes; real ones have 4.4 MB


def name_of(family, version):
    """As the vendor names files: 7.5.6(XU) → spa50x-30x-7-5-6-XU.bin."""
    tail = re.sub(r"[(](\w+)[)]", r"-\1", version).replace(".", "-")
    return f"{family}-{tail}.bin"


def make(family, version, size=SIZE, **more):
    """The bytes of an image; more: seed=N, broken=HOW, plain=True."""
    words = [sys.executable, MAKE, "-f", family, "-s", str(size)]
    for key, value in more.items():
        words += [f"--{key}"] if value is True else [f"--{key}", str(value)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "image")
        subprocess.run([*words, "-o", path, version], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)
        with open(path, "rb") as file:
            return file.read()


def put(card, family, version, name=None, **more):
    """Makes an image in the card's firmware/; its bytes."""
    content = make(family, version, **more)
    card.write("firmware/" + (name or name_of(family, version)), content)
    return content


LADDER = (("spa50x-30x", "7.5.2b"), ("spa50x-30x", "7.5.7"), ("spa50x-30x", "7.6.1"),
          ("spa51x", "7.6.1"), ("spa525g", "7.6.1"))


def put_ladder(card, images=LADDER, **more):
    """What a mixed batch needs; file name → bytes."""
    return {name_of(f, v): put(card, f, v, **more) for f, v in images}
