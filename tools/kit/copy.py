"""Copies of the tree that patches are tried on."""
import os
import re
import shutil
import subprocess

from kit import build as builder
from kit.build import ROOT


def tracked():
    """The files of the tree: what git knows or would take."""
    listing = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "-co", "--exclude-standard", "-z"],
                             cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [n for n in listing.split("\0") if n and os.path.isfile(os.path.join(ROOT, n))]


def content(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def patched(patch):
    """The files that a patch changes."""
    with open(patch, encoding="utf-8") as file:
        return re.findall(r"^\+\+\+ b/(\S+)", file.read(), re.MULTILINE)


class Copy:
    """One copy of the sources, in `folder`, with a build of its own."""

    def __init__(self, folder):
        self.folder = folder
        wanted = set(tracked())
        for name in wanted:
            self.restore(name)
        for top, folders, names in os.walk(self.folder):
            folders[:] = [f for f in folders if os.path.join(top, f) != os.path.join(self.folder, "build")]
            for name in names:
                path = os.path.join(top, name)
                if os.path.relpath(path, self.folder) not in wanted:
                    os.remove(path)

    def restore(self, name):
        """Writes only what differs, so that only that is compiled again."""
        source, target = os.path.join(ROOT, name), os.path.join(self.folder, name)
        if content(source) != content(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(source, target)

    def apply(self, patch):
        builder.quiet(["patch", "-p1", "--no-backup-if-mismatch", "-r", "-", "-f", "-s", "-i", patch],
                      cwd=self.folder)

    def revert(self, patch):
        for name in patched(patch):
            self.restore(name)
