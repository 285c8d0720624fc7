"""The libFuzzer targets: their names, their parsers, their seeds."""
import fnmatch
import os
import sys

from kit.build import ROOT

FOLDER = os.path.join(ROOT, "test/fuzz")


def parsers():
    """Target → the sources it is for, as test/fuzz/parsers says."""
    found = {}
    with open(os.path.join(FOLDER, "parsers"), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            words = line.split("#")[0].split()
            if len(words) == 1:
                sys.exit(f"test/fuzz/parsers:{number}: {words[0]} has no sources")
            if words:
                found[words[0]] = words[1:]
    return found


def targets():
    return sorted(n[:-2] for n in os.listdir(FOLDER) if n.startswith("fuzz_") and n.endswith(".c"))


def seeds(target):
    return os.path.join(FOLDER, "corpus", target[len("fuzz_"):])


def chosen(names, patterns):
    """Those that a pattern fits; all without one."""
    for pattern in patterns:
        if not fnmatch.filter(names, pattern):
            sys.exit(f"nothing is named {pattern}: there are " + ", ".join(names))
    return [n for n in names if not patterns or any(fnmatch.fnmatchcase(n, p) for p in patterns)]
