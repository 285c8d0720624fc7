"""The command line, by itself."""
import fcntl
import json
import os
import re
import socket
import struct

from lab import box as boxes
from lab import images
from lab.box import command
from lab.case import same, test
from lab.process import run

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454ca, 2, 0x1000  # linux/if_tun.h


def folder(trial, ini, name="card"):
    card = trial.card(name=name)
    card.write("stagebox.ini", ini)
    return card


def ladder_card(trial):
    card = trial.card()
    for family, version in (("spa50x-30x", "7.5.2b"), ("spa50x-30x", "7.5.7"), ("spa50x-30x", "7.6.1"),
                            ("spa51x", "7.6.1")):
        images.put(card, family, version)
    return card


@test()
def cli_version_and_help(trial):
    done = command("version")
    same(done.returncode, 0, "version's exit status")
    assert re.search(r"\d+\.\d+\.\d+", done.stdout), done.stdout
    done = command("help")
    same(done.returncode, 0, "help's exit status")
    for word in ("run", "check", "plan", "report", "version", "help"):
        assert re.search(rf"\b{word}\b", done.stdout), f"help does not name {word}: {done.stdout}"
        one = command("help", word)
        same(one.returncode, 0, f"exit status of help {word}")
        assert word in one.stdout, one.stdout


@test()
def cli_wrong_usage(trial):
    card = trial.card()
    for words in ([], ["frobnicate"], ["--frobnicate"], ["-c"], ["-c", card.ini], ["-c", card.ini, "plan"],
                  ["-c", card.ini, "plan", "SPA504G"], ["-c", card.ini, "run", "--frobnicate"],
                  ["help", "frobnicate"], ["-c", card.ini, "report", "--format", "pdf"]):
        done = command(*words, cwd=trial.folder)
        same(done.returncode, 2, f"exit status of {words}")
        assert done.stderr.strip(), f"{words}: nothing on stderr"
        same(done.stdout, "", f"stdout of {words}")
    for words, suggested in (["plam"], "plan"), (["help", "chekc"], "check"), (["nope"], None), (["help", "nope"], None):
        said = command(*words, cwd=trial.folder).stderr
        same(re.findall(r"did you mean (\w+)\?", said), [suggested] if suggested else [], said)


@test()
def cli_finds_its_ini(trial):
    card = trial.card()
    same(command("check", cwd=card.folder).returncode, 0, "./stagebox.ini")
    done = command("check", cwd=trial.folder)
    assert done.returncode != 0, "no stagebox.ini anywhere, and check is content"
    done = command("-c", trial.path("nowhere.ini"), "check")
    same(done.returncode, 1, "an INI that is not there")
    same((done.stdout, done.stderr), ("nowhere.ini: error: nowhere.ini is not there\n", ""), "that and nothing else")
    done = command("-c", trial.path("nowhere.ini"), "run", cwd=trial.folder)
    same(done.returncode, 1, "run without it")
    same(done.stderr.count("nowhere.ini is not there"), 1, done.stderr)
    assert "firmware" not in done.stderr, done.stderr


@test()
def cli_check_is_content(trial):
    card = ladder_card(trial)
    done = command("-c", card.ini, "check")
    same(done.returncode, 0, "exit status: " + done.stdout + done.stderr)
    assert " error: " not in done.stdout, done.stdout


PROBLEMS = [
    # why, the INI, a pattern that a line of stdout must match, exit status
    ("unknown key, nearest name", "[box]\ninterfac = eth0\n", r"stagebox\.ini:2: error: .*interface", 1),
    ("unknown section, nearest name", "[bix]\n", r"stagebox\.ini:1: error: .*box", 1),
    ("bad value", "[dhcp]\nlease = soon\n", r"stagebox\.ini:2: error: .*soon", 1),
    ("a bad choice says what is allowed", "[dhcp]\nrogue = maybe\n", r"stagebox\.ini:2: error: .*guard.*warn.*ignore", 1),
    ("starving resync", "[upgrade]\nresync = 30s\n", r"stagebox\.ini:2: warning: .*60", 0),
    ("template that is not there", "[profile]\ntemplate = profiles/none.xml\n",
     r"stagebox\.ini:2: error: .*none\.xml", 1),
    ("CRLF and BOM keep the line number", "\ufeff[box]\r\naddress = 192.168.10.10/24\r\nname = a b\r\n",
     r"stagebox\.ini:3: error: ", 1),
    ("plain password", "[web]\npassword = hunter2\n", r"stagebox\.ini:2: warning: ", 0),
]


@test()
def cli_check_tells_each_problem(trial):
    for index, (why, ini, pattern, status) in enumerate(PROBLEMS):
        card = folder(trial, ini, f"card{index}")
        done = command("-c", card.ini, "check")
        assert re.search("^.*" + pattern, done.stdout, re.MULTILINE), f"{why}: {done.stdout}{done.stderr}"
        same(done.returncode, status, f"{why}: exit status with {done.stdout}")
        assert "hunter2" not in done.stdout + done.stderr, "a secret was printed"


@test()
def cli_check_tells_all_problems(trial):
    card = folder(trial, "[box]\ninterfac = eth0\n[dhcp]\nlease = soon\n[nonsense]\n[tftp]\nenabled = perhaps\n")
    done = command("-c", card.ini, "check")
    lines = {int(n) for n in re.findall(r"stagebox\.ini:(\d+): error:", done.stdout)}
    assert {2, 4, 5, 7} <= lines, done.stdout


@test()
def cli_check_thinks_ahead(trial):
    card = ladder_card(trial)
    card.settings({"dhcp": {"pool": "192.168.10.50-192.168.10.52"}})
    card.inventory([{"mac": f"58bfea0000{n:02x}", "name": f"p{n}"} for n in range(9)])
    card.write("firmware/SPA30x_SPA50x_7.6.2SR7_FW.zip", b"PK\3\4")
    card.write("firmware/upgrade.exe", b"MZ")
    card.write("files/spa51x-7-6-1.bin", b"x" * 100)
    out = command("-c", card.ini, "check").stdout
    assert re.search(r"stagebox\.ini:5: (error|warning): .*pool", out), out
    assert len(re.findall(r"unpack", out)) >= 2, out
    assert re.search(r"files/spa51x-7-6-1\.bin.*: (error|warning): ", out), out


@test()
def cli_check_refuses_damaged_images(trial):
    card = ladder_card(trial)
    whole = card.read("firmware/spa50x-30x-7-6-1.bin")
    for name, content, why in (
            ("spa50x-30x-7-6-2.bin", whole, "the name and the header's version differ"),
            ("spa50x-30x-7-6-3.bin", images.make("spa50x-30x", "7.6.3")[:-1], "cut short"),
            ("spa50x-30x-7-6-4.bin", b"no header at all" * 100, "no header")):
        card.write("firmware/" + name, content)
        done = command("-c", card.ini, "check")
        same(done.returncode, 1, f"{why}: exit status with {done.stdout}")
        assert re.search(rf"{re.escape(name)}.*: error: ", done.stdout), f"{why}: {done.stdout}"
        assert f"[firmware {name}]" in done.stdout, f"{why}: the lines that would allow it: {done.stdout}"
        plan = command("-c", card.ini, "plan", "SPA504G", "7.5.7", "--json")
        same(json.loads(plan.stdout)["target"], "7.6.1", f"{why}: target")
        os.remove(card.path("firmware", name))


@test()
def cli_check_impossible_template(trial):
    card = ladder_card(trial)
    card.write("profiles/full.xml", "<flat-profile><Station_Name>{{name}}</Station_Name></flat-profile>")
    card.inventory([{"mac": "58bfea1104e6", "name": "a"}])
    card.settings({"profile": {"template": "profiles/full.xml"}})
    done = command("-c", card.ini, "check")
    same(done.returncode, 1, "exit status: " + done.stdout)
    assert re.search(r"error: .*(auth|transport)", done.stdout), done.stdout
    card.settings({"profile": {"template": "profiles/full.xml", "auth": "inventory", "transport": "any"}})
    same(command("-c", card.ini, "check").returncode, 0, "with a way out")
    card.write("profiles/full.xml", "<flat-profile><Station_Name>{{nam}}</Station_Name></flat-profile>")
    done = command("-c", card.ini, "check")
    same(done.returncode, 1, "a column that is missing")
    assert re.search(r"full\.xml:1: error: .*nam", done.stdout), done.stdout
    card.write("profiles/full.xml", "<flat-profile></flat-profile>")
    card.inventory([{"mac": "58bfea1104e6", "name": "a"}, {"mac": "58:BF:EA:11:04:E6", "name": "b"}])
    done = command("-c", card.ini, "check")
    same(done.returncode, 1, "a MAC twice")
    assert re.search(r"phones\.csv:3: error: ", done.stdout), done.stdout


@test()
def cli_plan(trial):
    card = ladder_card(trial)

    def plan(*words):
        return command("-c", card.ini, "plan", *words)
    done = plan("SPA504G", "7.3.7")
    same((done.returncode, done.stdout),
         (0, "7.3.7 -> 7.5.2b  spa50x-30x-7-5-2b.bin\n7.5.2b -> 7.6.1  spa50x-30x-7-6-1.bin\ndone at 7.6.1\n"),
         "plan")
    same(plan("504g", "7.3.7").stdout, done.stdout, "without SPA, lower case")
    same(plan("SPA504G", "7.5.6(XU)").stdout,
         "7.5.6(XU) -> 7.5.7  spa50x-30x-7-5-7.bin\n7.5.7 -> 7.6.1  spa50x-30x-7-6-1.bin\ndone at 7.6.1\n", "XU")
    for version in ("7.6.1", "7.6.2a"):
        done = plan("SPA504G", version)
        same((done.returncode, done.stdout), (0, f"done at {version}\n"), version)
    done = plan("SPA942", "6.1.5(a)")
    same((done.returncode, done.stdout), (1, ""), "no firmware for the family")
    assert done.stderr.strip()
    done = plan("SPA999X", "7.3.7")
    same((done.returncode, done.stdout), (1, ""), "unknown model")
    same(plan("SPA504G", "seven").returncode, 2, "unreadable version")
    os.remove(card.path("firmware/spa50x-30x-7-5-2b.bin"))
    done = plan("SPA504G", "7.3.7")
    same((done.returncode, done.stdout), (1, ""), "no safe path")
    assert "7.5.2b" in done.stderr, done.stderr


@test()
def cli_plan_json(trial):
    card = ladder_card(trial)

    def plan(*words):
        done = command("-c", card.ini, "plan", *words, "--json")
        return done.returncode, json.loads(done.stdout) if done.stdout else None
    status, said = plan("spa504g", "7.3.7")
    same(status, 0, "exit status")
    same(said, {"model": "SPA504G", "family": "spa50x-30x", "from": "7.3.7", "target": "7.6.1",
                "rungs": [{"from": "7.3.7", "to": "7.5.2b", "file": "spa50x-30x-7-5-2b.bin"},
                          {"from": "7.5.2b", "to": "7.6.1", "file": "spa50x-30x-7-6-1.bin"}], "problem": None},
         "the plan")
    status, said = plan("SPA999X", "7.3.7")
    same((status, said["rungs"]), (1, []), "unknown model")
    assert isinstance(said["problem"], str) and said["problem"]
    status, said = plan("SPA504G", "7.6.1")
    same((status, said["rungs"], said["problem"]), (0, [], None), "at the target")
    same(plan("SPA504G", "what")[0], 2, "unreadable version")
    done = command("-c", card.ini, "plan", "--gates")
    same(done.returncode, 0, "--gates")
    assert "7.5.2b" in done.stdout and "XU" in done.stdout, done.stdout


@test()
def run_refuses_a_broken_ini(trial):
    card = folder(trial, "[box]\ninterface = eth0\naddress = 192.168.10.10/24\n[dhcp]\nlease = soon\n")
    box = trial.make_box(card)
    box.start(wait=False)
    same(box.ended(), 1, "exit status")
    assert box.said(r"stagebox\.ini:5: error: .*soon"), box.log()


@test()
def run_without_its_interface(trial):
    absent = "wall0" if boxes.KIND == "lwip-tap" else "eth7"  # it would make an eth7; a bridge is no TAP device
    box = trial.make_box(trial.card({"box": {"interface": absent}}))
    box.start(wait=False)
    same(box.ended(), 1, "exit status")
    assert box.said(absent), box.log()
    assert not box.is_ready()
    box.start("-i", "eth0")
    same(box.http("/healthz").body, b"ok", "healthz with -i eth0")


def with_its_device_in_use(trial):
    """The lwIP port has all port numbers for itself; what another program can hold is the TAP device."""
    box = trial.make_box(trial.card())
    with box.station:
        holder = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(holder, TUNSETIFF, struct.pack("16sH22x", b"eth0", IFF_TAP | IFF_NO_PI))
    box.start(wait=False)
    same(box.ended(), 1, "exit status with the device in use")
    assert box.said(r"\beth0\b.*busy"), box.log()
    os.close(holder)
    box.start()


@test()
def run_with_a_port_in_use(trial):
    if boxes.KIND == "lwip-tap":
        with_its_device_in_use(trial)
        return
    station = trial.station("box", address="192.168.10.10/24")
    for number, kind in ((80, socket.SOCK_STREAM), (69, socket.SOCK_DGRAM), (67, socket.SOCK_DGRAM)):
        with station:
            holder = socket.socket(socket.AF_INET, kind)
        holder.bind(("0.0.0.0", number))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        box = trial.make_box(trial.card(name=f"card{number}"), station)
        box.start(wait=False)
        same(box.ended(), 1, f"exit status with port {number} in use")
        assert box.said(rf"\b{number}\b"), box.log()
        assert box.said(rf"python3?.*{os.getpid()}|{os.getpid()}"), f"who holds it: {box.log()}"
        holder.close()


@test()
def run_without_rights(trial):
    """As a user who may not open low ports: one sentence, not a crash."""
    station = trial.station("box", address="192.168.10.10/24")
    card = trial.card()
    os.chmod(trial.folder, 0o755)
    done = run(station, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
                         boxes.BINARY, "-c", card.ini, "run"], 20, boxes.ENVIRONMENT)
    said = done.stderr.decode()
    same(done.returncode, 1, "exit status: " + said)
    assert re.search(r"root|right|permission|allow|capabilit", said, re.IGNORECASE), said
    assert not boxes.SANITIZER.search(said), said


@test()
def report_without_the_box_running(trial):
    card = ladder_card(trial)
    box = trial.make_box(card)
    box.start()
    box.http("/spa504G.cfg", headers={"User-Agent": "Cisco/SPA504G-7.3.7 (58BFEA1104E6)(CCQ16380FYH)"})
    for running in (True, False):
        done = command("-c", card.ini, "report", "--format", "csv")
        same(done.returncode, 0, f"exit status: {done.stderr}")
        assert "58bfea1104e6" in done.stdout, f"running {running}: {done.stdout}"
        done = command("-c", card.ini, "report", "--format", "json")
        made = re.compile(r'"made_at":"[^"]*"')
        json.loads(done.stdout)
        same(made.sub("", command("-c", card.ini, "report", "--format=json").stdout), made.sub("", done.stdout),
             "written with =")
        assert "<html" in command("-c", card.ini, "report", "--format", "html").stdout.lower()
        if running:
            box.stop()
