"""testssl.sh against the box: what it finds fault with is what docs/security.md explains, no more and no less."""
import json
import os

from lab.case import ADDRESS, test
from lab.process import run
from test_https import started


@test(seconds=400)
def testssl_explore(trial):
    started(trial)
    out = os.path.abspath(trial.path("testssl.json"))
    done = run(trial.operator, ["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", 
                                "--openssl", "/usr/bin/openssl", "--jsonfile", out, f"{ADDRESS}:443"], 380)
    print(done.stderr.decode(errors="replace")[-3000:]); print(done.stdout.decode(errors="replace")[-6000:])
    for item in json.load(open(out)):
        if item["severity"] not in ("OK", "INFO"):
            print(item["id"], "|", item["severity"], "|", item["finding"])
    os.system(f"cp {out} /tmp/testssl.json")
    raise AssertionError("look")
