"""Configures and builds one preset of CMakePresets.json."""
import os
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JOBS = str(os.cpu_count() or 2)


class BuildError(Exception):
    """The text is what the tool printed."""


def quiet(command, **more):
    """Runs a command; BuildError with its output where it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", **more)
    if done.returncode != 0:
        raise BuildError("$ " + " ".join(command) + "\n" + done.stdout)
    return done.stdout


def environment(source):
    """So that ccache finds what a copy of the tree has compiled already."""
    return dict(os.environ, CCACHE_BASEDIR=source, CCACHE_NOHASHDIR="1")


def launcher():
    return ["-DCMAKE_C_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []


def configure(preset, source=ROOT):
    quiet(["cmake", "--preset", preset, *launcher()], cwd=source, env=environment(source))


def build(preset, targets=(), source=ROOT, jobs=JOBS, beside=False):
    """Configures and builds; all targets where none is named. `beside`: something else runs, too. The build folder."""
    configure(preset, source)
    command = [*(["nice", "-n", "10"] if beside else []), "cmake", "--build", "--preset", preset, "-j", jobs]
    if targets:
        command += ["--target", *targets]
    quiet(command, cwd=source, env=environment(source))
    return os.path.join(source, "build", preset)
