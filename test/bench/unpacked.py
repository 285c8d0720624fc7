"""Peers whose packages exclude one another: unpacked into the build folder instead of installed."""
import glob
import os
import subprocess

from lab.box import ROOT

FOLDER = os.path.join(ROOT, "build", "peers")


def program(package, path):
    """The program `path` of a Debian package that is not installed, only unpacked. What it links to is in
    tools/packages-bench."""
    found = os.path.join(FOLDER, package, path)
    if os.path.exists(found):
        return found
    folder = os.path.join(FOLDER, package)
    os.makedirs(folder, exist_ok=True)
    apt = ["apt-get", "-q", "-o", "APT::Sandbox::User=root"]
    if subprocess.run([*apt, "download", package], cwd=FOLDER, capture_output=True).returncode != 0:
        subprocess.run([*apt, "update"], check=True, capture_output=True)
        subprocess.run([*apt, "download", package], cwd=FOLDER, check=True, capture_output=True)
    archive, = glob.glob(os.path.join(FOLDER, package + "_*.deb"))
    subprocess.run(["dpkg-deb", "-x", archive, folder], check=True)
    return found
