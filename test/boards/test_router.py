"""The small programs for routers and Raspberry Pi: with each a phone gets its firmware and its configuration. Those for
other machines are run by qemu-user. How much stack each needed goes to build/stack/, for tools/sizes."""
import os
import re
import subprocess

from lab.box import ROOT
from lab.case import same, test
from test_batch import batch

CAP_DAC_OVERRIDE = 1
STACK = 1_064_960  # bytes that QEMU gives the program: a size that nothing else has


def program(target):
    return os.path.join(ROOT, "build", target, "stagebox")


def stack_used(box):
    """Bytes of the main thread's stack that were ever touched, in whole pages."""
    with open(f"/proc/{box.process.pid}/smaps", encoding="ascii") as file:
        areas = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", file.read(), flags=re.MULTILINE)
    emulated = box.program[0].startswith("qemu")
    used = 0
    for area in areas[1:]:
        size, rss = (int(re.search(rf"^{what}: +(\d+) kB", area, re.MULTILINE)[1]) * 1024 for what in ("Size", "Rss"))
        if size == STACK if emulated else "[stack]" in area:
            used = max(used, rss)
    assert used, "no stack was found"
    return used


def run_to_done(trial, target, *emulator):
    def change(box):
        box.program = [*emulator, program(target)]
    batch(trial, 1, 150, change)
    os.makedirs(os.path.join(ROOT, "build/stack"), exist_ok=True)
    with open(os.path.join(ROOT, "build/stack", target), "w", encoding="ascii") as file:
        file.write(f"{stack_used(trial.box)}\n")


def confined(box):
    """What a program of this machine may still do once it is up: rights, system calls, core files (design 3)."""
    with open(f"/proc/{box.process.pid}/status", encoding="ascii") as file:
        status = dict(re.findall(r"^(\w+):\t(.*)$", file.read(), re.MULTILINE))
    for name, value in (("NoNewPrivs", "1"), ("Seccomp", "2"), ("CapEff", f"{1 << CAP_DAC_OVERRIDE:016x}"),
                        ("CapInh", "0" * 16), ("CapBnd", "0" * 16), ("CapAmb", "0" * 16)):
        same(status[name], value, name)
    with open(f"/proc/{box.process.pid}/limits", encoding="ascii") as file:
        assert re.search(r"^Max core file size +0 +0 ", file.read(), re.MULTILINE), "core files are allowed"
    assert "is not to be had here" not in box.process.log(), box.process.log()


@test(seconds=200)
def router_mipsel(trial):
    run_to_done(trial, "musl-mipsel", "qemu-mipsel", "-s", str(STACK))


@test(seconds=200)
def router_arm(trial):
    run_to_done(trial, "musl-arm", "qemu-arm", "-s", str(STACK))


@test(seconds=200)
def router_aarch64(trial):
    run_to_done(trial, "musl-aarch64", "qemu-aarch64", "-s", str(STACK))


@test(seconds=200)
def router_x86_64(trial):
    run_to_done(trial, "musl-x86_64")
    confined(trial.box)


@test(seconds=200)
def small_linux(trial):
    """The preset linux, which the other tests do not run."""
    run_to_done(trial, "linux")
    confined(trial.box)


@test(seconds=200)
def router_mips(trial):
    """Big-endian."""
    run_to_done(trial, "musl-mips", "qemu-mips", "-s", str(STACK))


@test(seconds=60)
def router_floating_point(_trial):
    """No instruction for an FPU in the programs for boards that have none."""
    for arch in ("mips", "mipsel"):
        text = subprocess.run([f"{arch}-linux-gnu-objdump", "--disassemble", "--no-show-raw-insn",
                               program("musl-" + arch)], check=True, capture_output=True, text=True).stdout
        assert "jr\tra" in text, "nothing was disassembled"
        same(re.findall(r".*\t(?:.*,)?\$f\d+\b.*", text)[:5], [], f"{arch}: floating-point instructions")
