"""The router's own table (app/web/routes.c): whoever adds a row adds a case to the tests that go through all of them."""
import os
import re

from lab.box import ROOT

ROW = re.compile(r'^    \{HTTP_(\w+), "([^"]+)", API_(\w+), .*\},$', re.MULTILINE)


def table():
    """[(method, path with a star, access)]"""
    with open(os.path.join(ROOT, "app/web/routes.c"), encoding="utf-8") as file:
        text = file.read()
    rows = ROW.findall(text)
    assert len(rows) == text.count("{HTTP_") >= 20, "rows that are written otherwise"
    return rows


def fill(path, mac, image):
    """Of something that there is."""
    return path.replace("firmware/*", "firmware/" + image).replace("phones/*", "phones/" + mac)


def changes(mac, image):
    """[(method, target, a body that would be taken)] of all that is not for reading only."""
    bodies = {"/api/v1/clock": b'{"time": "2031-01-01T00:00:00Z"}', "/api/v1/phones.csv": b"mac\n",
              "/api/v1/firmware/*": b"image", "/api/v1/session": b'{"password": "guess"}'}
    return [(method, fill(path, mac, image), bodies.get(path, b"")) for method, path, _ in table() if method != "GET"]


def readings(mac, image):
    """The targets of all that is for reading."""
    return [fill(path, mac, image) for method, path, _ in table() if method == "GET"]
