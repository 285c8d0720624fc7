"""Rows, figures, rounds and the table."""
import datetime
import glob
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile

from lab.case import Trial
from lab.process import Process, run as run_inside, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS = {}
OURS = "stagebox"
SMOKE_TRIES = 3  # what says that it gave nothing may have met a busy moment


class Figure:
    """One line of the table.

    measure: contestant -> function of the seconds it may take, giving a number (or None: it cannot do this).
    floor: peer -> what stagebox's ratio to it must reach. less: smaller numbers are better, ratios are turned round.
    note: what a reader must know of how it was measured.
    rounds: at most so many, for what takes long.
    ceiling: measures what the client reaches where the server costs nothing; printed, and never a peer.
    also: further figures of the same measurements, made without `measure`: the functions give a tuple then, this
    figure's number first.
    """

    def __init__(self, name, unit, measure=None, floor=None, less=False, note="", ceiling=None, also=(), rounds=None):
        self.name, self.unit, self.measure = name, unit, measure or {}
        self.floor, self.less, self.note, self.also = floor or {}, less, note, also
        self.ceiling, self.client, self.rounds = ceiling, [], rounds
        for figure in (self, *also):
            figure.seen = {contestant: [] for contestant in self.measure}

    def take(self, name, seconds, tries=1):
        for left in range(tries, 0, -1):
            try:
                value = self.measure[name](seconds)
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                if left == 1:
                    raise
                print(f"    {name}: {error}", flush=True)
                continue
            if value is not None:
                break
        values = iter(value if isinstance(value, tuple) else (value,))
        for figure in (self, *self.also):
            figure.seen[name].append(next(values, None))

    def round(self, number, seconds, tries):
        """`tries`: so often, where a measurement gave nothing."""
        names = list(self.measure)
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            self.take(name, seconds, tries)
        if self.ceiling:
            self.client.append(self.ceiling(seconds))

    def median(self, name):
        values = [v for v in self.seen[name] if v is not None]
        return statistics.median(values) if values else None

    def ratio(self, peer):
        pairs = [(a, b) for a, b in zip(self.seen[OURS], self.seen[peer]) if a and b]
        if not pairs:
            return None
        return statistics.median(b / a if self.less else a / b for a, b in pairs)

    def missing(self):
        """Whether stagebox itself gave nothing, once at least."""
        return not self.seen[OURS] or None in self.seen[OURS]

    def fails(self):
        """(peer, ratio, floor) for each floor that is not reached; a peer that gave nothing fails too."""
        return [(peer, self.ratio(peer), floor) for peer, floor in self.floor.items()
                if (self.ratio(peer) or 0) < floor]

    def as_json(self):
        return {"name": self.name, "unit": self.unit, "less_is_better": self.less, "note": self.note,
                "measured": self.seen, "median": {name: self.median(name) for name in self.seen},
                "ratio": {name: self.ratio(name) for name in self.seen if name != OURS}, "floor": self.floor,
                "client_alone": statistics.median(self.client) if self.client else None}


class Bench(Trial):
    """What a row gets: a Trial for the box, and peers beside it."""

    def __init__(self, name, options):
        super().__init__(name, tempfile.mkdtemp(prefix="stagebox-bench-"))
        self.options = options
        self.peers = []
        self.ceilings = []  # of the client, in the row's own unit, as the row finds them

    def peer(self, address, command, ready, seconds=15, env=None, station=None):
        """Starts a server in a station of its own, or the one given; `ready(station)` is called until it is true. Gives the process,
        which knows its `station`."""
        station = station or self.lan.station("peer", address=f"{address}/24")
        log = self.log_path(os.path.basename(command[0]))
        process = Process(station, command, log, env=env)
        process.station = station
        self.peers.append(process)
        try:
            wait_until(f"{command[0]} to answer", lambda: ready(station), seconds, alive=process.running)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{process.log()[-1000:]}") from None
        return process

    def process(self, station, command):
        """A helper that runs beside, and ends with the row at the latest."""
        process = Process(station, command, self.log_path(os.path.basename(command[0])))
        self.peers.append(process)
        return process

    def configuration(self, name, **values):
        """The peer's file of test/bench/peers/ with {values} put in, in the row's folder: its path."""
        with open(os.path.join(HERE, "peers", name), encoding="utf-8") as file:
            text = file.read()
        for key, value in values.items():
            text = text.replace("@" + key + "@", str(value))
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def end(self):
        for process in self.peers:
            process.signal(15)
            if process.wait(5) is None:
                process.kill()
        self.close(failed=False)


def row(title):
    def register(function):
        ROWS[function.__name__.replace("_", "-")] = (title, function)
        return function
    return register


def load():
    for path in sorted(glob.glob(os.path.join(HERE, "row_*.py"))):
        importlib.import_module(os.path.basename(path)[:-3])


def machine():
    model = "?"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"cpu": model, "cores": os.cpu_count(), "kernel": os.uname().release, "machine": os.uname().machine}


def number(value):
    if value is None:
        return "-"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def show(figure):
    print(f"  {figure.name} [{figure.unit}]" + (f"  ({figure.note})" if figure.note else ""))
    for name in figure.seen:
        line = f"    {name:<20} {number(figure.median(name)):>9}"
        if name != OURS:
            floor = figure.floor.get(name)
            line += f"   stagebox is {number(figure.ratio(name))} times as good"
            line += f", floor {floor:g}" if floor else ""
        print(line)
    if figure.client:
        print(f"    {'(client alone)':<20} {number(statistics.median(figure.client)):>9}")
    sys.stdout.flush()


def run_row(name, options):
    title, function = ROWS[name]
    print(f"== {name}: {title}", flush=True)
    bench = Bench("bench-" + name, options)
    try:
        figures = []
        for figure in function(bench):
            for turn in range(min(options.rounds, figure.rounds or options.rounds)):
                figure.round(turn, options.seconds, SMOKE_TRIES if options.smoke else 1)
            for each in (figure, *figure.also):
                figures.append(each)
                show(each)
        if bench.ceilings:
            print(f"  the client alone could do {number(min(bench.ceilings))} to {number(max(bench.ceilings))} with every core")
    finally:
        bench.end()
    return figures


def refused(options):
    import refusals
    bench = Bench("bench-refusals", options)
    try:
        return list(refusals.failures(bench))
    finally:
        bench.end()


def run(options):
    load()
    if options.list:
        for name, (title, _) in ROWS.items():
            print(f"{name:<16} {title}")
        return 0
    unknown = [name for name in options.rows if name not in ROWS]
    if unknown:
        sys.exit(f"there is no row {unknown[0]}; there are {', '.join(ROWS)}")
    about = machine()
    print(f"{about['cpu']}, {about['cores']} cores, Linux {about['kernel']}; {options.rounds} rounds")
    result = {name: run_row(name, options) for name in options.rows or ROWS}
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"machine": about, "at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
                       "rows": {name: [f.as_json() for f in figures] for name, figures in result.items()}}, file, indent=1)
    bad = [(name, f.name, fail) for name, figures in result.items() for f in figures for fail in f.fails()]
    if options.smoke:
        lost = [f"stagebox gave nothing: {name}, {f.name}" for name, figures in result.items() for f in figures if f.missing()]
        lost += [] if options.rows else refused(options)
        print("\n".join(lost) or "every row runs")
        return 1 if lost else 0
    for name, figure, (peer, ratio, floor) in bad:
        print(f"below its floor: {name}, {figure}: {number(ratio)} times {peer}, floor {floor:g}")
    return 1 if bad and options.gate else 0


__all__ = ["OURS", "Bench", "Figure", "row", "run_inside"]
