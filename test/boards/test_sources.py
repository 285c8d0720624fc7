"""The sources of others (tools/sources): digests, cache, no network, somebody's own folder; and what the rooms are built of."""
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess

from lab.box import ROOT
from lab.case import same, test

NO_NETWORK = ["unshare", "--net"]
ROOMS = ("app", "net", "config")
# Headers of C itself, and of the four libraries.
HEADERS = {"ctype.h", "float.h", "ini.h", "limits.h", "math.h", "stdalign.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h",
           "stdio.h", "stdlib.h", "string.h", "zlib.h"}
# What may be asked of the preprocessor besides "was this header read": the version and the texts that the build hands over.
CONDITIONS = {("app/version.h", "STAGEBOX_VERSION"), ("config/schema.c", "SCHEMA_WITH_TEXTS")}


class Mirror:
    """A tree with tools/sources in it, and an archive on disk that has one source package. An apt-get of the test's own says
    where it is; apt's own apt-helper fetches from there."""

    def __init__(self, trial):
        self.trial = trial
        self.tree, self.archive = trial.path("tree"), trial.path("archive")
        os.makedirs(os.path.join(self.tree, "tools"))
        os.makedirs(os.path.join(self.tree, "toolchain"))
        shutil.copy(os.path.join(ROOT, "tools/sources"), os.path.join(self.tree, "tools"))
        self.pool = os.path.join(self.archive, "pool/main/t/thing")
        os.makedirs(self.pool)
        self.make_package()
        os.mkdir(trial.path("bin"))
        with open(trial.path("bin/apt-get"), "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\necho file:{self.archive}\n")
        os.chmod(trial.path("bin/apt-get"), 0o755)

    def make_package(self):
        source = self.trial.path("thing-1")
        os.makedirs(os.path.join(source, "debian/source"))
        for name, text in (("thing.c", "int thing;\n"), ("debian/source/format", "3.0 (native)\n"),
                           ("debian/control", "Source: thing\nMaintainer: N <n@example.org>\n\nPackage: thing\nArchitecture: all\n"
                                              "Description: thing\n"),
                           ("debian/changelog", "thing (1) unstable; urgency=low\n\n  * One.\n\n"
                                                " -- N <n@example.org>  Tue, 24 Nov 2026 12:00:00 +0000\n")):
            with open(os.path.join(source, name), "w", encoding="ascii") as file:
                file.write(text)
        subprocess.run(["dpkg-source", "--build", source], cwd=self.pool, check=True, capture_output=True)
        self.dsc = os.path.join(self.pool, "thing_1.dsc")
        self.tar = glob.glob(os.path.join(self.pool, "*.tar.*"))[0]
        with open(self.dsc, "rb") as file:
            self.digest = hashlib.sha256(file.read()).hexdigest()

    def pin(self, digest):
        with open(os.path.join(self.tree, "toolchain/sources"), "w", encoding="ascii") as file:
            file.write(f"# pinned\nthing main/t/thing {digest} thing_1.dsc\n")

    def call(self, cache, name="thing", **more):
        env = dict(os.environ, PATH=self.trial.path("bin") + ":" + os.environ["PATH"], STAGEBOX_CACHE=self.trial.path(cache),
                   **more)
        return subprocess.run([*NO_NETWORK, os.path.join(self.tree, "tools/sources"), name], env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)

    def refused(self, cache, what, **more):
        done = self.call(cache, **more)
        assert done.returncode == 1 and what in done.stderr and done.stdout == "", done
        same(glob.glob(self.trial.path(cache, "sources/thing*")), [], "what was kept of it")


@test(seconds=60)
def sources_are_checked(trial):
    mirror = Mirror(trial)
    mirror.pin("0" * 64)
    mirror.refused("a", "thing_1.dsc")
    mirror.pin(mirror.digest)
    done = mirror.call("b")
    same((done.returncode, done.stderr), (0, ""), "a sound source")
    folder = done.stdout.strip()
    same(os.listdir(os.path.join(folder)) and os.path.exists(os.path.join(folder, "thing.c")), True, "it is unpacked")
    assert folder.startswith(trial.path("b")), f"{folder} is outside of the cache"
    # Another archive file below the same .dsc.
    with open(mirror.tar, "r+b") as file:
        file.seek(30)
        file.write(b"other")
    mirror.refused("c", os.path.basename(mirror.tar))
    # What was fetched before is used without the archive.
    shutil.rmtree(mirror.archive)
    same(mirror.call("b").stdout.strip(), folder, "the cache")
    mirror.refused("d", "cannot fetch thing_1.dsc")


@test(seconds=60)
def sources_of_ones_own(trial):
    mirror = Mirror(trial)
    mirror.pin(mirror.digest)
    os.makedirs(trial.path("mine/thing"))
    same(mirror.call("a", STAGEBOX_SOURCES=trial.path("mine")).stdout.strip(), trial.path("mine/thing"), "the folder")
    os.rmdir(trial.path("mine/thing"))
    mirror.refused("a", f"there is no {trial.path('mine/thing')}", STAGEBOX_SOURCES=trial.path("mine"))


@test(seconds=120)
def sources_given_to_cmake(trial):
    """-DSTAGEBOX_SOURCES: nothing is fetched, nothing comes from elsewhere."""
    os.mkdir(trial.path("mine"))
    for name in ("mbedtls", "cjson", "inih", "zlib"):
        found = subprocess.run([os.path.join(ROOT, "tools/sources"), name], check=True, capture_output=True, text=True)
        shutil.copytree(found.stdout.strip(), trial.path("mine", name))
    done = subprocess.run([*NO_NETWORK, "cmake", "-S", ROOT, "-B", trial.path("build"), "-G", "Ninja", "-DSTAGEBOX_TESTS=OFF",
                           "-DSTAGEBOX_BUNDLED=ON", f"-DSTAGEBOX_SOURCES={trial.path('mine')}"],
                          env=dict(os.environ, STAGEBOX_CACHE="/nonexistent"), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)
    same(done.returncode, 0, done.stdout + done.stderr)
    subprocess.run(["cmake", "--build", trial.path("build"), "--target", "cjson", "inih", "zlib"], check=True,
                   capture_output=True, timeout=100)
    with open(trial.path("build/compile_commands.json"), encoding="utf-8") as file:
        files = [command["file"] for command in json.load(file)]
    homes = (ROOT + "/", trial.folder + "/")
    same([f for f in files if not f.startswith(homes)], [], "sources from elsewhere")
    assert any(f.startswith(trial.path("mine", "mbedtls") + "/") for f in files), "mbedTLS was not taken from there"


def without_comments(text):
    return re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), text, flags=re.DOTALL)


@test(seconds=30)
def rooms_know_no_platform(_trial):
    """No condition on a platform and no header of a system in app/, net/ and config/."""
    seen = set()
    for room in ROOMS:
        for path in glob.glob(os.path.join(ROOT, room, "**/*.[ch]"), recursive=True):
            name = os.path.relpath(path, ROOT)
            with open(path, encoding="utf-8") as file:
                text = without_comments(file.read())
            guard = re.search(r"^#ifndef (STAGEBOX_\w+_H)\n#define \1$", text, re.MULTILINE)
            for line in re.findall(r"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif)\b(.*)$", text, re.MULTILINE):
                condition = line.strip()
                if not (guard and condition == guard[1]):
                    seen.add((name, condition))
            foreign = [h for h in re.findall(r"^[ \t]*#[ \t]*include[ \t]*<([^>]+)>", text, re.MULTILINE)
                       if h not in HEADERS and not h.startswith(("mbedtls/", "cjson/"))]
            same(foreign, [], f"{name}: headers of a system")
    same(seen, CONDITIONS, "conditions")
