"""The folder on the SD card."""
import os

ADDRESS = "192.168.10.10"

# What a test's settings are laid over: the contract's first three lines, and no waiting for other servers.
DEFAULTS = {
    "box": {"interface": "eth0", "address": ADDRESS + "/24"},
    "dhcp": {"pool": "192.168.10.50-192.168.10.250", "rogue": "warn"},
}


def ini_text(sections):
    out = []
    for section, keys in sections.items():
        out.append(f"[{section}]")
        out += [f"{key} = {value}" for key, value in keys.items()]
    return "\n".join(out) + "\n"


class Card:
    def __init__(self, folder):
        self.folder = folder
        for name in ("firmware", "profiles", "files"):
            os.makedirs(os.path.join(folder, name), exist_ok=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    @property
    def ini(self):
        return self.path("stagebox.ini")

    def write(self, name, content):
        """Replaces a file, as an editor does."""
        path = self.path(*name.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.replace(path + ".new", path)
        return path

    def read(self, name):
        with open(self.path(*name.split("/")), "rb") as file:
            return file.read()

    def settings(self, changes=None, defaults=True):
        """Writes stagebox.ini: DEFAULTS, changed section by section; a key of None is left out."""
        sections = {name: dict(keys) for name, keys in (DEFAULTS if defaults else {}).items()}
        for name, keys in (changes or {}).items():
            sections.setdefault(name, {}).update(keys)
        sections = {name: {k: v for k, v in keys.items() if v is not None} for name, keys in sections.items()}
        return self.write("stagebox.ini", ini_text(sections))

    def inventory(self, rows):
        """Writes phones.csv from dicts that all have the same keys."""
        def cell(value):
            return '"' + value.replace('"', '""') + '"' if set(value) & set(',"\n') else value
        columns = list(rows[0])
        lines = [",".join(columns)] + [",".join(cell(row[c]) for c in columns) for row in rows]
        return self.write("phones.csv", "\n".join(lines) + "\n")
