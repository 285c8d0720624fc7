#!/usr/bin/env python3
"""The simulator against a box that is scripted: does each phone behave as its switches say, and is each harm seen?

One box, a phone for each line of the two tables below. Needs root (network namespaces): skipped without, 77.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PHONES = os.path.abspath(sys.argv[1])
PHONE_SECONDS = 4200  # of the phones' time
# How fast it runs. A machine that is busy with other things may miss a phone's time-outs: then once more, slower.
CLOCKS = (300, 100, 40)

# flaw of the box: what the simulator must call it; further groups: model, version, quirks …
HARMS = {
    "": {"harms": set()},
    "family-offered": {"harms": {"family-offered", "url-gone"}},
    "family-served": {"harms": {"family-served"}},
    "damaged": {"harms": {"damaged"}},
    "gate": {"harms": {"gate"}},
    "gate-xu": {"version": "7.5.6(XU)", "quirks": ["xu=plain"], "harms": {"gate"}},
    "downgrade": {"harms": {"downgrade", "reflash"}},
    "reflash": {"version": "7.5.2b", "harms": {"reflash"}},
    "url-gone": {"harms": {"url-gone"}},
    "recovery-gone": {"quirks": ["cut-flash=50"], "harms": {"url-gone"}},
    "retry-zero": {"harms": {"retry-zero"}},
    "retry-range": {"harms": {"retry-range"}},
    "periodic": {"harms": {"periodic"}},
    "stranded": {"harms": {"stranded"}},
    "conditional": {"harms": {"conditional"}},
    "token": {"harms": {"token", "reflash"}},
    "firmware-url": {"harms": {"firmware-url"}},
    "incomplete": {"harms": {"incomplete"}},
    "early-secret": {"harms": {"early-secret", "leftover"}},
    "foreign-secret": {"harms": {"foreign-secret", "leftover", "template"}},
    "early-final": {"harms": {"early-final"}},
    "rule-at-target": {"version": "7.6.1", "harms": {"rule-at-target", "url-gone"}},
    "leftover": {"harms": {"leftover"}},
    "leftover-kept": {"harms": {"leftover"}},
    "template": {"harms": {"template"}},
    "comment": {"harms": {"comment"}},
    "non-ascii": {"harms": {"non-ascii"}},
    "duplicate": {"harms": {"duplicate"}},
    "bad-profile": {"harms": {"bad-profile"}},
    "no-profile": {"harms": {"no-profile"}},
    "redirect": {"harms": {"redirect"}},
    "chunked": {"harms": {"chunked"}},
    "no-length": {"harms": {"no-length"}},
    "protocol": {"harms": {"protocol"}},
    "stored": {"harms": {"stored"}},
    "head": {"quirks": ["head=yes"], "harms": {"head"}},
    "never-served": {"quirks": ["nosy=yes"], "harms": {"never-served"}},
    "guard": {"quirks": ["greedy=yes"], "harms": {"guard"}},
    "spcp": {"quirks": ["spcp=yes"], "harms": {"spcp"}},
    "two-addresses": {"harms": {"two-addresses"}},
    "two-addresses ": {"harms": {"two-addresses"}},
    "new-address": {"harms": {"new-address"}},
}

# What else may happen to one of two phones with one address: the box takes it for the other.
CONFUSED = {"foreign-secret", "leftover", "template"}

BOX = "http://192.168.77.1"
IMAGE = "/0badcafe1-spa50x-30x-7-5-2b.bin"
# why, the phone, what the box must have seen (regular expressions) and must not, events of the phone
WAYS = [
    ("a 7.3.7 drops the path of option 66", {"version": "7.3.7", "options": {"66": BOX + "/provisioning"}},
     [r"http GET /spa504G.cfg HTTP/1.1 host=192.168.77.1 agent=Cisco/SPA504G-7.3.7 \([0-9A-F]{12}\)\(CCQ\w+\)"],
     [r"GET /provisioning.*-7\.3\.7 "]),
    ("a 7.4 takes it as a prefix", {"version": "7.4.9c", "options": {"66": BOX + "/provisioning"}},
     [r"http GET /provisioning/spa504G.cfg "], []),
    ("a 7.5 takes the URL as it is", {"version": "7.5.2b", "options": {"66": BOX + "/spa$PSN.cfg"}},
     [r"http GET /spa504G.cfg "], []),
    ("no option 66: from 7.5 option 160 is next", {"version": "7.5.2b", "options": {"66": "-"}},
     [r"http GET /160-[0-9A-F]{12}.xml "], []),
    ("no option 66 before 7.5: TFTP by option 150", {"version": "7.3.7", "options": {"66": "-"}},
     [r"tftp /spa504G.cfg octet$", r"http GET /\w+.xml "], []),
    ("a bare address means TFTP; _B is fetched in the same resync", {"options": {"66": "192.168.77.1"}},
     [r"tftp /spa504G.cfg octet$", r"http GET /[0-9a-f]{12}.xml "], []),
    ("URLs not understood: SPCP names, then TFTP", {"quirks": ["option66-url=unknown"]},
     [r"tftp CTLSEP\w+.tlv", r"tftp SEP\w+.cnf.xml", "tftp XMLDefault.cnf.xml", "tftp /spa504G.cfg"], []),
    ("7.4.3a leaves the name out and says Linksys", {"version": "7.4.3a"},
     [r"http GET / HTTP/1.1 host=192.168.77.1 agent=Linksys/SPA504G-7.4.3a \("], ["GET /spa504G.cfg .*7.4.3a"]),
    ("a bare agent", {"version": "7.4.3a", "quirks": ["user-agent=bare", "file-name=kept"]},
     [r"http GET /spa504G.cfg .* agent=Linksys/SPA504G-7.4.3a$"], []),
    ("lower case, two slashes, block size", {"options": {"66": "192.168.77.1"},
                                             "quirks": ["psn=lower", "tftp-name=double", "tftp-blksize=1024"]},
     [r"tftp //spa504g.cfg octet blksize 1024"], []),
    ("no slash", {"options": {"66": "192.168.77.1"}, "quirks": ["tftp-name=plain"]}, [r"tftp spa504G.cfg octet$"], []),
    ("a cable that loses a tenth", {"options": {"66": "192.168.77.1"}, "quirks": ["loss=10"]}, ["tftp /spa504G.cfg"],
     []),
    ("firmware by HTTP/1.0 with the running version", {}, [r"http GET /0badcafe1-spa50x-30x-7-5-2b.bin HTTP/1.0 .*7.3.7"],
     []),
    ("HTTP versions and Host", {"quirks": ["profile-http=1.0", "firmware-http=1.1", "host=none"]},
     [r"http GET /spa504G.cfg HTTP/1.0 host=- ", IMAGE + r" HTTP/1.1 host=192.168.77.1 "], []),
    ("Host with its port", {"quirks": ["host=port"]}, [r"http GET /spa504G.cfg HTTP/1.1 host=192.168.77.1:80 "], []),
    ("vendor classes: Linksys", {"quirks": ["option60=linksys", "client-id=mac", "broadcast=yes"]},
     [r"dhcp 1 60='LINKSYS SPA-504G' 61=01[0-9a-f]{12} 55=01\w* flags=8000"], []),
    ("vendor classes: long", {"quirks": ["option60=long", "client-id=duid", "prl=short"]},
     [r"dhcp 1 60='Cisco Systems, Inc. IP Phone SPA504G' 61=ff\w+ 55=010306 flags=0000"], []),
    ("vendor classes: none", {"quirks": ["option60=none", "prl=none"]}, [r"dhcp 1 60='' 61= 55= "], []),
    ("the loader asks first", {"quirks": ["loader-dhcp=every-boot"]},
     [r"dhcp 1 60='TI-dhcp 0.1' 61=00", r"dhcp 1 60='Cisco SPA504G' 61= "], []),
    ("INIT-REBOOT", {"quirks": ["reboot-dhcp=init-reboot"]}, [r"dhcp 3 .* 50=c0a84d\w\w 54= ciaddr=00000000"], []),
    ("INFORM", {"quirks": ["inform=yes"]}, [r"dhcp 8 .* ciaddr=c0a84d"], []),
    ("the address is taken: DECLINE", {"flaw": "declined", "quirks": ["arp-check=yes"]},
     [r"dhcp 4 .* 50=c0a84d02 54=c0a84d01"], []),
    ("power fails while flashing: the loader, the last URL, no agent", {"quirks": ["cut-flash=50"]},
     [r"dhcp 1 60='TI-dhcp 0.1'", r"GET " + IMAGE + r" HTTP/1.0 host=192.168.77.1 agent=$"], []),
    ("the same by TFTP", {"quirks": ["cut-flash=50", "loader-url=tftp"]}, [r"tftp " + IMAGE], []),
    ("power fails while loading: once more", {"quirks": ["cut-load=50"]}, [r"(?s)GET " + IMAGE + ".*GET " + IMAGE], []),
    ("… or never again, until the rule changes", {"quirks": ["cut-load=50", "interrupted-load=stuck"],
                                                 "expect": {"end": "any"}},
     [r"GET " + IMAGE], [r"(?s)GET " + IMAGE + ".*GET " + IMAGE]),
    ("an (XU) takes no notice of the first rule", {"version": "7.5.6(XU)", "expect": {"end": "any"}},
     [r"agent=Cisco/SPA504G-7.5.6\(XU\) "], [r"\.bin"]),
    ("an (XU) that knows only 7.5.7", {"version": "7.5.6(XU)", "quirks": ["xu=only-757"]},
     [r"0badcafe1-spa50x-30x-7-5-7.bin", r"0badcafe2-spa50x-30x-7-6-1.bin"], []),
    ("a failed load is tried again, at its own time", {"flaw": "retry", "harms": {"url-gone"}},
     [r"(?s)GET " + IMAGE + ".*GET " + IMAGE], []),
    ("B, C and D one after another; no TLS in this phone", {"flaw": "probe-b"},
     [r"(?s)GET /spa504G.cfg.*GET /b-\w+.xml"], []),
    ("an old provider's name is asked for, then nothing for an hour", {
        "settings": {"Profile_Rule": "http://prov.old.example/$MAU.cfg", "Resync_Error_Retry_Delay": "100000"},
        "expect": {"end": "any"}}, ["dns prov.old.example"], ["http "]),
    ("a captured name", {"settings": {"Profile_Rule": "http://captured.example:80/old/$MAU.cfg"}},
     ["dns captured.example", r"http GET /old/\w+.cfg .* host=captured.example "], []),
    ("an old path at the box", {"settings": {"Profile_Rule": "/old/dir/$MA.cfg"}}, [r"http GET /old/dir/\w+.cfg "], []),
    ("conditions before 7.5 are one literal URL", {
        "settings": {"Profile_Rule": "( $SWVER lt 7.6 )? " + BOX + "/yes.cfg | " + BOX + "/no.cfg",
                     "Resync_Error_Retry_Delay": "100000"}, "expect": {"end": "any"}}, ["dhcp 1"], ["http "]),
    ("conditions from 7.5", {"version": "7.5.5", "settings": {
        "Profile_Rule": "( $SWVER ge 7.6 )? " + BOX + "/spa-yes.cfg | " + BOX + "/spa-no.cfg"}},
     [r"GET /spa-no.cfg"], [r"spa-yes"]),
    ("syslog with PRI", {}, [r"syslog <158>SPA504G [0-9a-f:]{17} -- Successful resync http://192.168.77.1:80/"], []),
    ("syslog with a header", {"quirks": ["syslog=rfc3164"]},
     [r"syslog <158>Jan  1 00:00:07 SEP[0-9A-F]{12}.local SPA504G .* Requesting upgrade http"], []),
    ("syslog plain, its success with the version", {"quirks": ["syslog=plain"]},
     [r"syslog SPA504G .* Successful upgrade http://192.168.77.1:80/\S+ -- 7.5.2b$"], []),
    ("a report", {"quirks": ["report=put"], "settings": {"Report_Rule": "/report/$MA.xml"}},
     [r"http PUT /report/\w+.xml", r"report \d{4,}"], []),
    ("a 525 names its serial alone", {"flaw": "wait", "model": "525G2", "version": "7.5.5", "expect": {"end": "any"}},
     [r"GET /spa525G2.cfg .* agent=Cisco/SPA525G2-7.5.5 \(CBT\w+\)$"], []),
    ("a legacy phone", {"flaw": "wait", "model": "942", "version": "6.1.5(a)", "expect": {"end": "any"}},
     [r"agent=Linksys/SPA-942-6.1.5\(a\) \(88019FA\w+\)$"], []),
    ("switched off and on when it is finished", {"version": "7.6.1", "quirks": ["bench-reboot=yes"]},
     [r"(?s)GET /spa504G.cfg.*GET /spa504G.cfg"], []),
]


def entries():
    """(why, group of the batch, entry of the story, expected harms, patterns, forbidden patterns)"""
    for flaw, e in HARMS.items():
        group = {"model": "504G", "version": e.get("version", "7.3.7"), "quirks": e.get("quirks", []),
                 "expect": {"end": "any", "version": "7.6.1"}}
        if flaw == "":
            group["expect"] = {"end": "final"}
        yield f"harm {flaw}", group, {"flaw": flaw.strip()}, e["harms"], [], []
    for why, e, seen, unseen in WAYS:
        group = {"model": e.get("model", "504G"), "version": e.get("version", "7.3.7"), "quirks": e.get("quirks", []),
                 "settings": e.get("settings", {}), "expect": e.get("expect", {"end": "final"})}
        yield why, group, {"flaw": e.get("flaw", ""), "options": e.get("options", {})}, e.get("harms", set()), seen, unseen


def netns(name, *words, **more):
    return subprocess.Popen(["ip", "netns", "exec", name, *words], **more)


def build(folder, table):
    """Writes batch and story; the secrets are those that the simulator prints."""
    batch, story = os.path.join(folder, "batch.json"), os.path.join(folder, "story.json")
    for number, line in enumerate(table):
        line[1]["mac"] = f"58bfea2200{number:02x}"
    with open(batch, "w", encoding="utf-8") as file:
        json.dump({"groups": [line[1] for line in table], "firmware": ["spa51x-7-6-1.bin", "spa50x-30x-7-6-1.bin"]}, file)
    printed = subprocess.run([PHONES, "--script", batch, "--print-inventory"], check=True, capture_output=True, text=True)
    secrets = {}
    for row in printed.stdout.splitlines()[1:]:
        mac, extension, rest = row.split(",", 2)
        secrets[mac.replace(":", "")] = extension, rest.rsplit(",", 1)[0][1:-1].replace('""', '"')
    entries_by_mac = {}
    for line in table:
        mac = line[1]["mac"]
        extension, secret = secrets[mac]
        entries_by_mac[mac] = {**line[2], "extension": extension, "secret": secret}
    with open(story, "w", encoding="utf-8") as file:
        json.dump(entries_by_mac, file)
    return batch, story


def run(folder, batch, story, clock):
    names = [f"pst-{os.getpid()}-{side}" for side in ("box", "phones")]
    log, report = os.path.join(folder, "box.log"), os.path.join(folder, "report.json")
    box = None
    try:
        for name in names:
            subprocess.run(["ip", "netns", "add", name], check=True)
        subprocess.run(["ip", "link", "add", "bx0", "netns", names[0], "type", "veth", "peer", "name", "px0",
                        "netns", names[1]], check=True)
        for words in (["link", "set", "lo", "up"], ["link", "set", "bx0", "up"],
                      ["addr", "add", "192.168.77.1/24", "dev", "bx0"], ["addr", "add", "192.168.77.2/24", "dev", "bx0"]):
            subprocess.run(["ip", "-n", names[0], *words], check=True)
        box = netns(names[0], sys.executable, os.path.join(HERE, "fake_box.py"), "bx0", story, log,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        box.stdout.readline()
        phones = netns(names[1], PHONES, "--interface", "px0", "--script", batch, "--clock", str(clock), "--report", report,
                       "--until", str(PHONE_SECONDS / clock), stderr=open(os.path.join(folder, "phones.log"), "w", encoding="utf-8"))
        phones.wait(PHONE_SECONDS / clock + 60)
    finally:
        if box:
            box.terminate()
            box.wait()
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False)
    with open(report, encoding="utf-8") as file:
        by_mac = {phone["mac"]: phone for phone in json.load(file)["phones"]}
    with open(log, encoding="utf-8") as file:
        lines = file.read().splitlines()
    return by_mac, lines


def check(table, by_mac, lines):
    failures = 0
    for why, group, _, harms, seen, unseen in table:
        phone = by_mac[group["mac"]]
        mine = "\n".join(line.split(" ", 1)[1] for line in lines if line.startswith(group["mac"]))
        problems = []
        got = {h["harm"] for h in phone["harms"]}
        if "two-addresses" in harms:
            got -= CONFUSED
        if got != harms:
            problems.append(f"harms {sorted(got)}, expected {sorted(harms)}")
        if group["expect"]["end"] == "final" and not harms and phone["complaint"]:
            problems.append(phone["complaint"])
        problems += [f"not seen: {p}" for p in seen if not re.search(p, mine, re.MULTILINE)]
        problems += [f"seen: {p}" for p in unseen if re.search(p, mine, re.MULTILINE)]
        if problems:
            failures += 1
            print(f"FAILED {why} ({group['mac']}): " + "; ".join(problems))
    return failures


def main():
    if os.geteuid() != 0:
        print("needs root for network namespaces")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        if len(sys.argv) > 2:
            folder = sys.argv[2]
            os.makedirs(folder, exist_ok=True)
        table = list(entries())
        began = time.monotonic()
        for clock in CLOCKS:
            failures = check(table, *run(folder, *build(folder, table), clock))
            print(f"{len(table)} phones, {failures} failures with their clock at {clock}, {time.monotonic() - began:.1f} s")
            if failures == 0:
                break
        return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
