"""testssl.sh against the box: what it finds fault with is what docs/security.md explains, no more and no less."""
import json
import os
import re

from lab import box as boxes, images
from lab.case import ADDRESS, same, test
from lab.process import run

QUIET = ("OK", "INFO")
# Of the machine that testssl.sh runs on, not of the box.
OWN = ("engine_problem", "old_fart", "scanTime")
CHECKS = ("--protocols", "--std", "--fs", "--server-defaults", "--headers", "--vulnerable")


def explained():
    """The findings of the table in docs/security.md: its rows begin with `| `id` | SEVERITY |`."""
    with open(os.path.join(boxes.ROOT, "docs/security.md"), encoding="utf-8") as file:
        return dict(re.findall(r"^\| `(\w+)` \| (LOW|MEDIUM|HIGH|CRITICAL|WARN) \|", file.read(), re.MULTILINE))


@test(seconds=400)
def https_testssl(trial):
    card = trial.card()
    images.put_ladder(card)
    for words in (["ca"], ["server"]):
        made = boxes.command("-c", card.ini, "cert", *words)
        same(made.returncode, 0, made.stderr)
    trial.start(card=card)
    out = os.path.abspath(trial.path("testssl.json"))
    done = run(trial.operator, ["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--openssl",
                                "/usr/bin/openssl", *CHECKS, "--jsonfile", out, f"{ADDRESS}:443"], 380)
    assert os.path.exists(out), done
    with open(out, encoding="utf-8") as file:
        items = json.load(file)
    assert {"TLS1", "TLS1_2", "heartbleed", "ROBOT", "cert_keySize", "HSTS"} <= {i["id"] for i in items}, "it did not run through"
    found = {i["id"]: i["severity"] for i in items if i["severity"] not in QUIET and i["id"] not in OWN}
    words = "\n".join(f"{i['id']} {i['severity']}: {i['finding']}" for i in items if i["id"] in found)
    same(found, explained(), f"what testssl.sh finds, and what docs/security.md explains\n{words}\n")
