"""Secrets leave no trace: not in the log, the arguments, state/ or the memory of the running box."""
import os
import re
import signal

import test_https as https
from lab import box as boxes
from lab.box import command
from lab.case import same, test
from lab.profile import agent
from lab.session import Session

PASSWORD = "open-sesame-of-the-operator-7316-9281"
GUESS = "a-guess-that-is-wrong-by-far-4711-5520"
ADMIN = "admin-of-phones-55"
END = 20  # of a password, from here on: an allocator writes over the beginning of what is freed
RENDERED = f"<Password_1_>{https.SECRET}<"
NOT_MEMORY = 1 << 30  # bytes; AddressSanitizer's own tables are that large


def memory(pid):
    """Everything that the process could read, piece by piece."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as file:
        for line in maps:
            first, last, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
            start, size = int(first, 16), int(last, 16) - int(first, 16)
            if rights[0] != "r" or size > NOT_MEMORY or "[v" in line:
                continue
            try:
                file.seek(start)
                yield line.strip(), file.read(size)
            except OSError:
                continue


def refuse(secrets, where, content):
    for what, secret in secrets.items():
        at = content.find(secret.encode())
        assert at < 0, f"{what} stands in {where} at {at:#x} of {len(content):#x}: {content[max(0, at - 300):at + 120]}"


def look_everywhere(box, secrets):
    pid = box.process.pid
    refuse(secrets, "the log", box.log().encode())
    for name in ("cmdline", "environ"):
        with open(f"/proc/{pid}/{name}", "rb") as file:
            refuse(secrets, name, file.read())
    for top, _, names in os.walk(box.card.path("state")):
        for name in names:
            with open(os.path.join(top, name), "rb") as file:
                refuse(secrets, f"state/{name}", file.read())


def started(trial):
    """A talkative box with every kind of secret, each of them used. (box, certificates, secrets)"""
    stored = command("passwd", cwd=trial.folder, stdin=PASSWORD + "\n").stdout.strip()
    card = https.prepared(trial, {"web": {"password": stored}, "phones": {"admin_password": ADMIN}})
    box = trial.make_box(card[0])
    box.program = [boxes.BINARY, "-v"]
    # What is freed stays as it is, so that what was not wiped can be seen.
    box.start(environment={"ASAN_OPTIONS": boxes.ENVIRONMENT["ASAN_OPTIONS"] + ":max_free_fill_size=0"})
    same(Session(box, GUESS).login.status, 401, "a wrong password")
    same(Session(box, PASSWORD).login.status, 204, "the right one")
    answer = https.s_client(trial, "-tls1_2", "-cipher", https.OLD, *https.identity(card[1], "own"),
                            request=https.get())
    assert RENDERED in answer, answer
    key = card[0].read("certs/server.key").decode().splitlines()
    secrets = {"the operator's password": PASSWORD[END:], "a wrong password": GUESS[END:], "the private key": key[len(key) // 2],
               "a rendered profile": RENDERED}
    return box, card[1], secrets


@test(cost=2)
def secrets_leave_no_trace(trial):
    """Used once each, they are nowhere but where they have to be."""
    box, _, secrets = started(trial)
    kept = {"a password of the inventory": https.SECRET, "the phones' admin password": ADMIN}  # in memory they have to be
    look_everywhere(box, {**secrets, **kept})
    if boxes.KIND != "linux":
        return
    seen = 0
    for where, content in memory(box.process.pid):
        seen += len(content)
        refuse(secrets, where, content)
    assert seen > 1 << 20, f"only {seen} bytes of memory could be read"


@test()
def secrets_forgotten_keys_serve_on(trial):
    """The key's text is wiped once it is in use; a reload reads it again, and one that fails keeps what there is."""
    box, folder, _ = started(trial)

    def served():
        answer = https.s_client(trial, "-tls1", "-cipher", https.OLD, *https.identity(folder, "own"), request=https.get())
        return RENDERED in answer
    box.reload()
    assert served(), "not after a reload"
    box.card.write("phones.csv", "no such column\n1\n")
    box.reload()
    box.wait_said("stays as it was before")
    assert served(), "not after a reload that failed"
    box.card.write("certs/server.key", "")
    box.reload()
    box.wait_said("server.key")
    assert served(), "not after the key was emptied"


@test()
def secrets_process_is_confined(trial):
    """Every thread of the running program: system calls filtered, no new privileges, no capability but the card's."""
    trial.start()
    box = trial.box
    agent_of = agent("SPA504G", "7.6.1", https.MAC)
    same(box.http("/spa504g.cfg", headers={"User-Agent": agent_of}).status, 200, "a profile")
    if boxes.KIND != "linux":
        return
    for thread in os.listdir(f"/proc/{box.process.pid}/task"):
        with open(f"/proc/{box.process.pid}/task/{thread}/status", encoding="ascii") as file:
            status = dict(line.split(":\t") for line in file.read().splitlines() if ":\t" in line)
        same(status["Seccomp"].strip(), "2", f"Seccomp of {thread}")
        same(status["NoNewPrivs"].strip(), "1", f"NoNewPrivs of {thread}")
        allowed = 1 << 1  # CAP_DAC_OVERRIDE: the card may belong to anybody
        effective = int(status["CapEff"], 16)
        assert effective & ~allowed == 0, f"CapEff of {thread} is {effective:x}"
        same(int(status["CapBnd"], 16), 0, f"CapBnd of {thread}")
