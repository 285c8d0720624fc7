"""tools/test [--all] [NAME…]: builds, then unit tests, fuzz targets, end-to-end tests on both ports, boards and mutants.

NAMEs (shell patterns) pick tests of any kind. A test that was skipped has failed. The last line is
`N passed, N failed`; the exit status is 0 only where nothing failed and something ran.
"""
import argparse
import concurrent.futures
import fnmatch
import glob
import os
import re
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree

from kit import boards, build as builder
from kit.build import ROOT, BuildError
from kit.results import Results

BUDGET = 23 * 60          # seconds for everything since tools/test began, without --all; a mutant may end later
MUTANTS_AT_MOST = 6 * 60  # seconds for the short form of the mutants
E2E_AT_A_TIME = "6"       # they wait more than they compute
FUZZ_SECONDS = {False: 4, True: 60}
PLANTED_SECONDS = 15  # without --all
AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]


def wanted(name, patterns):
    return not patterns or any(fnmatch.fnmatchcase(name, p) for p in patterns)


class Suite:
    def __init__(self, everything, patterns):
        self.everything = everything
        self.patterns = patterns
        self.results = Results()
        self.start = float(os.environ.get("STAGEBOX_TEST_BEGAN", time.time()))
        self.found = False

    def left(self):
        return BUDGET - (time.time() - self.start)

    def pick(self, names):
        chosen = [n for n in names if wanted(n, self.patterns)]
        self.found = self.found or bool(chosen)
        return chosen

    # -- building ---------------------------------------------------------------------------

    def build(self, preset, targets=()):
        with self.results.step(f"build {preset}"):
            try:
                return builder.build(preset, targets)
            except BuildError as error:
                self.results.add(f"build {preset}", False, str(error))
                return None

    def build_beside(self, presets):
        """Builds while other steps wait; the thread, to be given to built()."""
        failed = {}

        def work():
            for preset in presets:
                try:
                    builder.build(preset, beside=True)
                except BuildError as error:
                    failed[preset] = str(error)
        thread = threading.Thread(target=work)
        thread.failed = failed
        thread.presets = presets
        thread.start()
        return thread

    def built(self, thread):
        if not thread.presets:
            return
        with self.results.step("the end of building " + ", ".join(thread.presets)):
            thread.join()
            for preset, log in thread.failed.items():
                self.results.add(f"build {preset}", False, log)

    # -- unit tests -------------------------------------------------------------------------

    def unit(self):
        folder = os.path.join(ROOT, "build/debug")
        listing = builder.quiet(["ctest", "--test-dir", folder, "-N"])
        names = self.pick(re.findall(r"Test +#\d+: (\S+)", listing))
        if not names:
            return
        report = os.path.join(folder, "unit.xml")
        with self.results.step("unit tests"):
            if os.path.exists(report):
                os.remove(report)
            pattern = "^(" + "|".join(map(re.escape, names)) + ")$"
            log = subprocess.run([*AS_ROOT, "ctest", "--test-dir", folder, "-j", builder.JOBS, "-R", pattern,
                                  "--timeout", "900" if self.everything else "240", "--output-junit", report],
                                 env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, errors="replace").stdout
            self.read_junit(report, names, log)

    def read_junit(self, report, names, log):
        """Every name must be in the report as run, none of its parts skipped."""
        cases = {}
        if os.path.exists(report):
            cases = {c.get("name"): c for c in ElementTree.parse(report).iter("testcase")}
        for name in names:
            case = cases.get(name)
            if case is None:
                self.results.add(name, False, "it did not run\n" + log)
                continue
            output = case.findtext("system-out") or ""
            skipped = "[  SKIPPED ]" in output
            self.results.add(name, case.get("status") == "run" and not skipped, output)

    def environment(self):
        return dict(os.environ, STAGEBOX_TEST_ALL="1") if self.everything else dict(os.environ)

    # -- fuzzing ----------------------------------------------------------------------------

    def fuzz(self):
        sources = sorted(glob.glob(os.path.join(ROOT, "test/fuzz/fuzz_*.c")))
        names = self.pick([os.path.basename(s)[:-2] for s in sources])
        if not names or self.build("fuzz", names) is None:
            return
        seconds = FUZZ_SECONDS[self.everything]
        with self.results.step(f"fuzz targets, {seconds} s each"):
            with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
                for name, log in zip(names, pool.map(lambda n: self.fuzz_one(n, seconds), names)):
                    self.results.add(name, log is None, log or "")
        if not self.everything:
            self.results.leave_out(f"{FUZZ_SECONDS[True]} s for each fuzz target")

    def fuzz_proofs(self):
        """The seeds reach their parsers, and the targets find what is put there."""
        names = builder.quiet([sys.executable, os.path.join(ROOT, "tools/fuzz-planted"), "--list"]).split()
        reach = self.pick([n.replace("planted-", "reach-", 1) for n in names])
        planted = self.pick(names)
        if reach:
            with self.results.step("what the seeds reach"):
                self.child([os.path.join(ROOT, "tools/fuzz-coverage"), *(n[len("reach-"):] for n in reach)],
                           "fuzz-coverage", "reach-", as_root=())
        if not planted:
            return
        limit = [] if self.everything or self.patterns else ["--seconds", str(PLANTED_SECONDS)]
        with self.results.step("planted bugs"):
            self.child([os.path.join(ROOT, "tools/fuzz-planted"), *limit, *(n[len("planted-"):] for n in planted)],
                       "fuzz-planted", as_root=())
        if limit:
            self.results.leave_out(f"the planted bugs that did not fit into {PLANTED_SECONDS} s, of {len(names)}")

    @staticmethod
    def fuzz_one(name, seconds):
        """None where nothing was found, else the log. What it learns stays below build/."""
        part = name[len("fuzz_"):]
        folder = os.path.join(ROOT, "build/fuzz")
        learnt = os.path.join(folder, "corpus", part)
        os.makedirs(learnt, exist_ok=True)
        seeds = os.path.join(ROOT, "test/fuzz/corpus", part)
        if not os.path.isdir(seeds):
            return f"test/fuzz/corpus/{part} is not there: a target needs seed inputs"
        done = subprocess.run([os.path.join(folder, name), f"-max_total_time={seconds}", "-timeout=10",
                               f"-artifact_prefix={folder}/{name}-", learnt, seeds],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace")
        return None if done.returncode == 0 else done.stdout

    # -- end to end -------------------------------------------------------------------------

    def child(self, command, label, prefix="", env=(), as_root=AS_ROOT):
        """A runner of ours: its `ok NAME` and `FAILED NAME` lines are counted, all of it is shown."""
        process = subprocess.Popen([*as_root, *(["env", *env] if env else []), sys.executable, *command], cwd=ROOT, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        counted = 0
        before = len(self.results.failed)
        for line in process.stdout:
            print("   " + line, end="", flush=True)
            verdict = re.match(r"(ok|FAILED) +(\S+)", line)
            if verdict:
                counted += 1
                self.results.add(prefix + verdict[2], verdict[1] == "ok", line)
            elif re.match(r" *([\w.]*(Error|Exception|Expired|Interrupt)\b|not at its end)", line):
                self.results.because(line)
        if counted == 0 or process.wait() != 0 and len(self.results.failed) == before:
            self.results.add(label, False, f"exit status {process.wait()}, {counted} tests told")

    def e2e_names(self, prefix=""):
        listing = builder.quiet([sys.executable, os.path.join(ROOT, "test/e2e/run"), "--list"])
        return self.pick([prefix + name for name in listing.split()])

    def e2e(self, kind, names, prefix="", env=()):
        if not names:
            return
        label = f"end-to-end tests, {kind}"
        report = os.path.join(ROOT, f"build/{kind}.passed")
        command = [os.path.join(ROOT, "test/e2e/run"), "--jobs", E2E_AT_A_TIME, "--report", report]
        with self.results.step(label):
            self.child([*command, *(["--all"] if self.everything else []), *(n[len(prefix):] for n in names)], label,
                       prefix, env)
        if not self.everything and kind == "linux":
            self.results.leave_out("the long forms of the end-to-end tests (300 kills and so on)")

    def same_tests(self):
        """Every test there is has passed on both ports."""
        if self.patterns:
            return
        reports = [os.path.join(ROOT, f"build/{kind}.passed") for kind in ("linux", "lwip-tap")]
        done = subprocess.run([os.path.join(ROOT, "tools/same-tests"), *reports], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        print(done.stdout, end="")
        self.results.add("the same tests on linux and lwip-tap", done.returncode == 0, done.stderr)

    # -- boards and packages ----------------------------------------------------------------

    def boards(self, names):
        if not names:
            return
        with self.results.step("boards and packages"):
            command = [os.path.join(ROOT, boards.COMMAND[0]), *boards.COMMAND[1:]]
            self.child([*command, *(["--all"] if self.everything else []), *names], "boards and packages")

    def sizes(self):
        if not self.pick(["sizes"]):
            return
        with self.results.step("sizes"):
            done = subprocess.run([os.path.join(ROOT, "tools/sizes")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
            print(done.stdout, end="")
            self.results.add("sizes", done.returncode == 0, "see above")

    def bench(self):
        """Each row of tools/bench for a moment: that it runs, not how fast."""
        if not self.pick(["bench"]):
            return
        with self.results.step("bench"):
            done = subprocess.run([*AS_ROOT, os.path.join(ROOT, "tools/bench"), "--smoke"], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.results.add("bench", done.returncode == 0, done.stdout)
        if not self.everything:
            self.results.leave_out("what tools/bench measures: tools/bench --gate")

    def coverage(self):
        """Lines per room. It runs nearly all tests once more, so it is asked for, or part of --all."""
        if not self.everything and not self.patterns:
            self.results.leave_out("the lines that the tests run, room by room (tools/coverage)")
            return
        if self.pick([f"coverage-{room}" for room in ("net", "config", "app")]):
            with self.results.step("lines per room"):
                self.child([os.path.join(ROOT, "tools/coverage"), "--quiet"], "coverage", as_root=())

    # -- mutants ----------------------------------------------------------------------------

    def mutants(self):
        tool = os.path.join(ROOT, "tools/mutants")
        names = self.pick(builder.quiet([sys.executable, tool, "--list"]).split())
        if not names:
            return
        seconds = max(60, min(MUTANTS_AT_MOST, self.left()))
        limit = [] if self.everything or self.patterns else ["--seconds", str(int(seconds))]
        green = [] if self.patterns or self.results.failed else ["--green"]
        with self.results.step("mutants"):
            self.child([tool, *green, *limit, *(names if self.patterns else [])], "mutants")
        if limit:
            self.results.leave_out(f"the mutants that did not fit into {int(seconds)} s, of {len(names)}")

    # -- all of it --------------------------------------------------------------------------

    def run(self):
        if self.build("debug") is not None and self.build("linux") is not None:
            self.unit()
            self.fuzz()
            self.fuzz_proofs()
            hosted, tap, on_boards = self.e2e_names(), self.e2e_names("lwip-tap/"), self.pick(boards.names())
            beside = self.build_beside(["lwip-tap"] * bool(tap) + boards.presets(on_boards))
            self.e2e("linux", hosted)
            self.built(beside)
            self.e2e("lwip-tap", tap, "lwip-tap/", ["STAGEBOX_KIND=lwip-tap", "STAGEBOX=build/lwip-tap/stagebox"])
            self.same_tests()
            self.boards(on_boards)
            self.sizes()
            self.bench()
            self.coverage()
            self.mutants()
            if not self.found:
                self.results.add("names", False, "no test has such a name: " + " ".join(self.patterns))
        return self.results.close()


def main():
    parser = argparse.ArgumentParser(prog="tools/test", description="Builds stagebox and runs its tests.")
    parser.add_argument("--all", action="store_true", help="the long forms too")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these tests (shell patterns)")
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.exit(Suite(options.all, options.names).run())


if __name__ == "__main__":
    main()
