#!/usr/bin/env python3
"""The rules of the ladder, stated a second time and by brute force, against the program's answers.

    brute_force.py BUILD/ladder_answers           a fixed sample, within a minute
    brute_force.py --all BUILD/ladder_answers     (as in tools/test --all) every model x every version x every subset of each
                                                  family's files x gates x targets x downgrade
    brute_force.py --sample N --seed S ...        another sample: N folders with rules and target

Written from what the phones' documentation and the users' contract say, not from the program: it
lists every safe way to the target there is and takes the best. Any difference ends it with status 1.
"""
import argparse
import collections
import functools
import itertools
import multiprocessing
import os
import random
import re
import subprocess
import sys
import threading

PROCESSES = os.cpu_count() or 1

# -- what is known of the phones ---------------------------------------------------------------

MODELS = {
    "SPA301": "spa50x-30x", "SPA303": "spa50x-30x", "SPA501G": "spa50x-30x", "SPA502G": "spa50x-30x",
    "SPA504G": "spa50x-30x", "SPA508G": "spa50x-30x", "SPA509G": "spa50x-30x",
    "SPA512G": "spa51x", "SPA514G": "spa51x", "SPA525G": "spa525g", "SPA525G2": "spa525g",
    # never upgraded: the legacy line, what nobody knows the file of, and other devices
    "SPA901": None, "SPA921": None, "SPA922": None, "SPA941": None, "SPA942": None, "SPA962": None,
    "SPA302D": None, "SPA301D": None, "SPA122": None, "SPA8000": None,
}
VERSIONS = (
    "7.1.3a 7.3.7 7.4.3a 7.4.4 7.4.5 7.4.6 7.4.7 7.4.8 7.4.8a 7.4.9 7.4.9a 7.4.9c 7.5.2 7.5.2b 7.5.5 7.5.6 "
    "7.5.6(XU) 7.5.6a 7.5.7 7.5.7(6) 7.5.7s 7.6.1 7.6.1(ES_RC01) 7.6.2 7.6.2a 7.6.2b 7.6.2c 7.6.2d 7.6.2e "
    "7.6.2e-bt 7.6.2f 7.6.2g 5.1.5 5.1.8 6.1.5(a) 7.4.9(XU) 7.5.7(XU) 7.6.1(XU)"
).split()
FILES = {
    "spa50x-30x": "7-4-8a 7-5-2b 7-5-5 7-5-6 7-5-6-XU 7-5-7 7-5-7-6 7-6-1 7-6-2g".split(),
    "spa51x": "7-4-9c 7-5-2b 7-5-5 7-5-6 7-5-6-XU 7-5-7 7-6-1 7-6-2g".split(),
    "spa525g": "7-4-7 7-5-5 7-5-6-XU 7-5-6 7-5-7 7-6-1 7-6-2e 7-6-2e-bt".split(),
}
TRANSITION = ("transition", "spa50x-30x", "-", ">7.5.2b", ">=7.5.2b", "-")
LEAVE_XU = ("leave-xu", "-", "*(XU)", "-", "-", "7.5.7")
NO_TRANSITION = ("transition", "-", "*", "-", "-", "0.0.1")
NO_LEAVE_XU = ("LEAVE-XU", "-", "*", "-", "-", "0.0.1")
GATES = [  # the user's sections, name family from to needs via
    (),
    (NO_TRANSITION,),
    (NO_LEAVE_XU,),
    (NO_TRANSITION, NO_LEAVE_XU),
    (("last-stop", "-", "-", ">=7.6.1", ">=7.5.7", "-"),),
    (("first-stop", "-", "<7.4.9", "-", "-", "7.4.9c"), ("exact", "spa51x", "-", ">7.5.5", "7.5.5", "-")),
    (("leave-xu", "-", "*(XU)", "-", "-", "7.5.5"), ("Transition", "spa50x-30x", "-", ">7.4.8a", ">=7.4.8a", "-")),
    (("by-xu", "-", "<7.5.6", ">=7.5.6", "-", "7.5.6(XU)"),),
    (("six", "spa50x-30x", "-", ">=7.6.1", "7.5.7(6)", "-"), ("old", "spa525g", "<=7.5.6", ">7.6.1", "*(XU)", "-")),
]
# "newest 7.6.1": the newest, when phones of this batch were led to 7.6.1 before; a version that is set makes that void.
TARGETS = ["newest", "newest 7.5.7", "newest 7.6.1", "7.6.1", "7.5.7(6)", "7.5.6 7.6.1", "7.5.6(XU)", "7.6.2"]


# -- versions ----------------------------------------------------------------------------------

@functools.lru_cache(None)
def parse(text):
    """(weight, suffix): numbers, then the letter; a bracket or -bt has no weight."""
    match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)([a-z]?)(\([^)]*\)|-bt)?", text)
    a, b, c, letter, suffix = match.groups()
    return (int(a), int(b), int(c), letter), (suffix or "").lower()


def version_of_file(part):
    """7-5-2b is 7.5.2b, 7-5-6-XU is 7.5.6(XU), 7-6-2e-bt keeps its hyphen."""
    a, b, c, *rest = part.split("-")
    suffix = "" if not rest else "-bt" if rest[0] == "bt" else f"({rest[0]})"
    return f"{a}.{b}.{c}{suffix}"


def is_xu(version):
    return parse(version)[1] == "(xu)"


@functools.lru_cache(None)
def matches(expression, version):
    weight, suffix = parse(version)
    operator, rest = re.fullmatch(r"(>=|<=|>|<|=|\*)?(.*)", expression).groups()
    if operator == "*":
        return rest == "" or rest.lower() == suffix
    other, other_suffix = parse(rest)
    return {
        ">": weight > other, ">=": weight >= other, "<": weight < other, "<=": weight <= other,
        "=": weight == other and other_suffix in ("", suffix),
    }[operator or "="]


# -- rules -------------------------------------------------------------------------------------

def in_force(sections):
    """The built-in rules and the user's; one of a built-in's name takes its place."""
    rules = {"transition": TRANSITION, "leave-xu": LEAVE_XU}
    for section in sections:
        rules[section[0].lower()] = section
    return tuple(rules.values())


@functools.lru_cache(None)
def allowed(rules, family, old, new):
    for _, only, start, to, needs, via in rules:
        if only not in ("-", family):
            continue
        if (start != "-" and not matches(start, old)) or (to != "-" and not matches(to, new)):
            continue
        if needs != "-" and not matches(needs, old):
            return False
        if via != "-" and parse(via)[0] > parse(old)[0] and not matches(via, new):
            return False
    return True


# -- one family's files, rules and target --------------------------------------------------------

class Scenario:
    """`files`: (index, version, named by the settings) of this family's images."""

    def __init__(self, family, files, sections, target, downgrade):
        self.family, self.rules, self.downgrade = family, in_force(sections), downgrade
        vias = {parse(via) for _, only, *_, via in self.rules if via != "-" and only in ("-", family)}
        target, _, before = target.partition(" ")
        self.files = [
            (index, version) for index, version, named in files
            if not is_xu(version) or named or parse(version) in vias or
            (target != "newest" and parse(target) == parse(version))]
        self.target = target
        if target == "newest":
            self.target = max((version for _, version in self.files),
                              key=lambda version: (parse(version)[0], parse(version)[1] == ""), default=None)
        self.away = target == "newest" and before and (
            self.target is None or parse(self.target)[0] < parse(before)[0])
        if self.away:
            self.target = before
        self.ways = {}

    def steps(self, version, down):
        """Every image that may be flashed next."""
        here, goal = parse(version)[0], parse(self.target)[0]
        for index, new in self.files:
            there = parse(new)[0]
            forward = goal <= there < here if down else here < there <= goal
            if forward and allowed(self.rules, self.family, version, new):
                yield index, new

    def all_ways(self, version, down):
        """Every safe run of images from a version to the target."""
        if (version, down) not in self.ways:
            if parse(version)[0] == parse(self.target)[0]:
                found = [()]
            else:
                found = [((index, new),) + way
                         for index, new in self.steps(version, down) for way in self.all_ways(new, down)]
            self.ways[version, down] = found
        return self.ways[version, down]

    def preference(self, way):
        """The shortest; then the newest first rung, the newest second, ..."""
        key = [len(way)]
        for index, version in way:
            (a, b, c, letter), suffix = parse(version)
            same = parse(self.target) == parse(version)
            key.append((-a, -b, -c, -ord(letter or "\0"), 0 if same else 1 if suffix == "" else 2, index))
        return key

    def answer(self, version):
        if self.target is not None:
            here, goal = parse(version)[0], parse(self.target)[0]
            if here == goal or (here > goal and not self.downgrade):
                return "D -"
        if self.away:
            return "A -"
        if not self.files:
            return "N -"
        ways = self.all_ways(version, here > goal)
        if not ways:
            return "P -"
        best = min(ways, key=self.preference)
        rungs = ",".join(str(index) for index, _ in best)
        first = ",".join(str(index) for index in sorted({way[0][0] for way in ways}))
        return f"{rungs} {first}"


# -- all of it ---------------------------------------------------------------------------------

def subsets(family):
    names = FILES[family]
    for size in range(len(names) + 1):
        yield from itertools.combinations(names, size)


def scenarios():
    """(family, its files, name an XU file in the settings, sections, target, downgrade)"""
    for family in FILES:
        for scenario in itertools.product([family], subsets(family), (False, True), GATES, TARGETS, (False, True)):
            if not scenario[2] or "7-5-6-XU" in scenario[1]:
                yield scenario


class Case:
    """One folder with rules and target: what is written to the program, and what it must say. The
    other families' files lie there, too."""

    def __init__(self, scenario):
        self.family, names, named, self.sections, self.target, self.downgrade = scenario
        self.listed = []
        for family, parts in FILES.items():
            parts = names if family == self.family else parts[::3]
            self.listed += [(f"{family}-{part}.bin", family, named and part.endswith("XU")) for part in parts]
        self.listed.sort()  # so that a lower index is an earlier name

    def commands(self):
        files = " ".join(("+" if named else "") + name for name, _, named in self.listed)
        gates = "".join("gate " + " ".join(section) + "\n" for section in self.sections)
        target, _, before = self.target.partition(" ")
        return f"files {files}\ntarget {target}\nkeep {before or '-'}\ndowngrade {int(self.downgrade)}\nrules\n{gates}run\n"

    def expected(self, asks):
        def scenario(family):
            files = [(index, version_of_file(name[len(family) + 1:-4]), named)
                     for index, (name, of, named) in enumerate(self.listed) if of == family]
            return Scenario(family, files, self.sections, self.target, self.downgrade)
        of_family = {None: {version: "M -" for version in VERSIONS}}
        for family in FILES:
            one = scenario(family)
            of_family[family] = {version: one.answer(version) for version in VERSIONS}
        return [of_family[MODELS[model]][version] for model, version in asks]


def feed(pipe, asks, cases):
    try:
        pipe.write("ask " + " ".join(f"{model} {version}" for model, version in asks) + "\n")
        for case in cases:
            pipe.write(case.commands())
        pipe.close()
    except BrokenPipeError:
        pass


def compare(program, scenarios):
    """(plans, differences, how many of each kind) of one process of the program."""
    cases = [functools.partial(Case, scenario) for scenario in scenarios]
    asks = [(model, version) for model, family in MODELS.items() for version in VERSIONS[::1 if family else 9]]
    process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1 << 20)
    writer = threading.Thread(target=feed, args=(process.stdin, asks, (case() for case in cases)))
    writer.start()
    compared = different = 0
    kinds = {}
    for make in cases:
        case = make()
        for (model, version), want in zip(asks, case.expected(asks)):
            got = process.stdout.readline().rstrip("\n")
            compared += 1
            kind = want.split()[0]
            kind = f"{kind.count(',') + 1} rungs" if kind[0].isdigit() else kind
            kinds[kind] = kinds.get(kind, 0) + 1
            if got != want:
                different += 1
                if different <= 10:
                    print(f"{model} {version}: the program says '{got}', the rules say '{want}'\n{case.commands()}")
    writer.join()
    if process.wait() != 0 or process.stdout.read():
        print("the program failed, or said more than it was asked")
        different += 1
    return compared, different, collections.Counter(kinds)


def compare_all(program, chosen):
    """True where there is no difference."""
    slices = [chosen[first::PROCESSES] for first in range(PROCESSES)]
    with multiprocessing.Pool(PROCESSES) as pool:
        results = pool.map(functools.partial(compare, program), slices, chunksize=1)
    compared, different = (sum(result[place] for result in results) for place in (0, 1))
    kinds = sum((result[2] for result in results), collections.Counter())
    print(f"{compared} plans in {len(chosen)} folders: {different} differences; "
          + ", ".join(f"{kinds[kind]} {kind}" for kind in sorted(kinds)))
    return different == 0


def main():
    parser = argparse.ArgumentParser(description="Compares the ladder with a brute-force statement of its rules.")
    parser.add_argument("program")
    parser.add_argument("--all", action="store_true", default="STAGEBOX_TEST_ALL" in os.environ,
                        help="everything; takes half an hour")
    parser.add_argument("--sample", type=int, default=2000, help="how many folders with rules and target")
    parser.add_argument("--seed", default="1")
    args = parser.parse_args()
    cases = list(scenarios())
    if not args.all:
        cases = random.Random(args.seed).sample(cases, args.sample)
    sys.exit(0 if compare_all(args.program, cases) else 1)


if __name__ == "__main__":
    main()
