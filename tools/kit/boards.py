"""The tests of test/boards, and which presets they want built."""
import os
import sys

from kit import build as builder
from kit.build import ROOT

COMMAND = ["test/e2e/run", "--folder", "test/boards"]  # from the tree's folder
ROUTERS = ["musl-x86_64", "musl-aarch64", "musl-arm", "musl-mips", "musl-mipsel"]
# By the beginning of the tests' names; a whole name stands before the beginning that it has.
WANTED_BY = {"router-mipsel": ["musl-mipsel"], "router-arm": ["musl-arm"], "router-aarch64": ["musl-aarch64"],
             "router-x86-64": ["musl-x86_64"], "router-mips": ["musl-mips"], "router-": ROUTERS,
             "openwrt-service": ["musl-mipsel"], "openwrt-": ROUTERS,
             "raspberry-pi": ["raspberry-pi"], "orange-pi-pc": ["orange-pi-pc"], "small-linux": ["linux"]}


def names():
    return builder.quiet([sys.executable, *COMMAND, "--list"], cwd=ROOT).split()


def presets(chosen):
    """What those tests want, beside `debug`; each once."""
    found = {}
    for name in chosen:
        start = next((s for s in WANTED_BY if name.startswith(s)), None)
        found.update(dict.fromkeys(WANTED_BY[start] if start else ()))
    return list(found)
