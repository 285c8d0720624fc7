"""Debian packages of another architecture, by apt itself but with lists of their own: this machine stays as it is."""
import glob
import os
import subprocess
import tempfile

FORMAT = "$(SITE)|$(CODENAME)|$(ORIGIN)"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", "/var"), ".cache")
    return os.path.join(os.environ.get("STAGEBOX_CACHE") or os.path.join(base, "stagebox"), "packages")


def quiet(*command, env=None, cwd=None):
    done = subprocess.run(command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, errors="replace")
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


class Archive:
    """The archives that this machine's apt uses, as a machine of `architecture` would see them."""

    def __init__(self, architecture, components):
        self.folder = os.path.join(cache_folder(), architecture)
        for name in ("lists/partial", "cache/archives/partial", "debs"):
            os.makedirs(os.path.join(self.folder, name), exist_ok=True)
        self.write("sources.list", self.sources(components))
        self.write("apt.conf", f"""Dir::State::lists "{self.folder}/lists";
Dir::Cache "{self.folder}/cache";
Dir::Etc::sourcelist "{self.folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
APT::Architecture "{architecture}";
APT::Architectures "{architecture}";
APT::Sandbox::User "root";
Acquire::Languages "none";
""")
        self.env = dict(os.environ, APT_CONFIG=os.path.join(self.folder, "apt.conf"))

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    @staticmethod
    def sources(components):
        targets = quiet("apt-get", "indextargets", "--format", FORMAT, "Created-By: Packages", "Component: main")
        lines = set()
        for line in targets.splitlines():
            site, codename, origin = line.split("|")
            if origin == "Debian":
                lines.add(f"deb [signed-by={KEYRING}] {site} {codename} {' '.join(components)}\n")
        if not lines:
            raise SystemExit("apt knows no archive of Debian's: run apt-get update first")
        return "".join(sorted(lines))

    def update(self):
        quiet("apt-get", "update", env=self.env)

    def depends(self, package):
        """The first package that it depends on."""
        text = quiet("apt-cache", "depends", package, env=self.env)
        return next(line.split()[-1] for line in text.splitlines() if line.strip().startswith("Depends:"))

    def download(self, package):
        """The path of the .deb. apt checks its digest against the signed lists."""
        quiet("apt-get", "download", package, env=self.env, cwd=os.path.join(self.folder, "debs"))
        return self.at_hand(package)

    def at_hand(self, package):
        """The newest .deb that was fetched before; None where there is none."""
        found = glob.glob(os.path.join(self.folder, "debs", glob.escape(package) + "_*.deb"))
        return max(found, key=os.path.getmtime) if found else None


def unpacked(deb):
    """The folder of what is in it; unpacked once."""
    folder = deb[:-len(".deb")]
    if not os.path.isdir(folder):
        scratch = tempfile.mkdtemp(dir=os.path.dirname(deb))
        quiet("dpkg-deb", "--extract", deb, scratch)
        os.rename(scratch, folder)
    return folder
