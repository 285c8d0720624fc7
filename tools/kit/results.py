"""Counts tests and shows what failed."""
import time

LOG_LINES = 120   # of a failing test are shown, the last ones
REASON_LINES = 3  # of them again at the end, where only that is kept
REASON_LEN = 240  # of each


class Results:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.left_out = []
        self.times = []

    def add(self, name, ok, log=""):
        if ok:
            self.passed += 1
            return
        lines = log.rstrip().splitlines()
        self.failed.append((name, lines[-REASON_LINES:]))
        print(f"--- FAILED: {name}")
        if len(lines) > LOG_LINES:
            print(f"    … {len(lines) - LOG_LINES} lines before these")
        for line in lines[-LOG_LINES:]:
            print("    " + line)
        print(flush=True)

    def because(self, line):
        """What was told after it had been counted, of the test that failed last."""
        if self.failed and len(self.failed[-1][1]) < REASON_LINES:
            self.failed[-1][1].append(line)

    def leave_out(self, what):
        """Something that only --all does."""
        self.left_out.append(what)

    def step(self, name):
        return Step(self, name)

    def close(self):
        """Prints the summary; the program's exit status."""
        print("\ntime of each step:")
        for name, seconds in self.times:
            print(f"  {seconds:6.1f} s  {name}")
        if self.left_out:
            print("left to --all:")
            for what in self.left_out:
                print(f"  {what}")
        if self.failed:
            print("failed:")
            for name, reason in self.failed:
                print(f"  {name}")
                for line in reason:
                    print(f"      {line.strip()[:REASON_LEN]}")
        print(f"\n{self.passed} passed, {len(self.failed)} failed", flush=True)
        return 1 if self.failed or self.passed == 0 else 0


class Step:
    """with results.step("name"): … prints the name, and how long it took."""

    def __init__(self, results, name):
        self.results = results
        self.name = name

    def __enter__(self):
        self.start = time.monotonic()
        print(f"== {self.name}", flush=True)
        return self

    def __exit__(self, *error):
        seconds = time.monotonic() - self.start
        self.results.times.append((self.name, seconds))
        print(f"   {self.name}: {seconds:.1f} s", flush=True)
