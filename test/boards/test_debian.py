"""The Debian package (boards/debian): built, judged by lintian and systemd, installed, run, upgraded, removed, purged."""
import glob
import os
import subprocess

from lab import http
from lab.box import ROOT
from lab.case import test
from lab.process import Process, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
EXPOSURE = 25  # tenths; systemd calls all below 50 OK


def run(*command, **more):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", **more)
    assert done.returncode == 0, f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}"
    return done.stdout


def build(trial):
    package = run(os.path.join(ROOT, "tools/deb"), trial.path("deb")).strip()
    run("lintian", "--allow-root", "--fail-on", "error,warning", *glob.glob(trial.path("deb/*.changes")))
    return package


def newer(trial, package):
    """The same package as a later version, with one line more in its settings."""
    tree = trial.path("newer")
    run("dpkg-deb", "--raw-extract", package, tree)
    for path, old, new in (("DEBIAN/control", "Version: 0", "Version: 1:0"),
                           ("etc/stagebox/stagebox.ini", "[box]", "; another line\n[box]")):
        with open(os.path.join(tree, path), encoding="utf-8") as file:
            text = file.read()
        assert old in text, f"{path} has no {old}"
        with open(os.path.join(tree, path), "w", encoding="utf-8") as file:
            file.write(text.replace(old, new, 1))
    return run("dpkg-deb", "--root-owner-group", "--build", tree, trial.path("newer.deb")) and trial.path("newer.deb")


@test(seconds=240, cost=2)
def debian_package(trial):
    package = build(trial)
    inside = ["unshare", "--mount", "--propagation", "private", os.path.join(HERE, "debian-inside"), trial.path("root"),
              package, newer(trial, package), str(EXPOSURE), os.path.join(ROOT, "docs")]
    box = trial.station("box")
    shell = Process(box, inside, trial.log_path("inside"))
    wait_until("the box of the package to run", lambda: "\nready\n" in shell.log(), 120, alive=shell.running)
    answer = http.fetch(trial.operator, "192.168.10.10", "/healthz")
    assert answer.status == 200, answer
    with open(trial.path("root", "go-on"), "w", encoding="ascii"):
        pass
    status = shell.wait(120)
    assert status == 0, f"debian-inside ended with {status}:\n{shell.log()}"
