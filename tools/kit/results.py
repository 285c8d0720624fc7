"""Counts tests and shows what failed."""
import time

LOG_LINES = 120  # of a failing test are shown, the last ones


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
        self.failed.append(name)
        lines = log.rstrip().splitlines()
        print(f"--- FAILED: {name}")
        if len(lines) > LOG_LINES:
            print(f"    … {len(lines) - LOG_LINES} lines before these")
        for line in lines[-LOG_LINES:]:
            print("    " + line)
        print(flush=True)

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
            for name in self.failed:
                print(f"  {name}")
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
