"""docs/api.md and docs/schemas/ say what the box does."""
import json
import os
import re
import socket

from lab import images, routes, schemas
from lab.box import ROOT, command
from lab.case import same, test
from lab.events import Viewer
from lab.process import run, wait_until
from lab.session import Session
from test_batch import play, prepared

PHONE = {"User-Agent": "Cisco/SPA504G-7.5.2b (58BFEA1104E6)(CCQ16380FYH)"}
NO_MAC = {"User-Agent": "Cisco/SPA514G-7.5.5 (CCQ16380FYX)"}


def examples():
    """[(commands, schema or None, expected)] of docs/api.md."""
    with open(os.path.join(ROOT, "docs/api.md"), encoding="utf-8") as file:
        text = file.read()
    blocks = re.findall(r"```sh\n(.*?)```\n(.*?)```(json|text)\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == text.count("```sh\n"), "an example without what it answers"
    for commands, between, kind, expected in blocks:
        schema = re.search(r"\(schemas/([\w-]+)\.json\)", between)
        assert (kind == "json") == bool(schema), f"{commands}: a schema for JSON"
        yield commands, schema and schema[1], expected


def a_box(trial):
    card = trial.card({"web": {"password": "secret"}})
    images.put(card, "spa50x-30x", "7.5.2b")
    card.write("bench/spa50x-30x-7-6-1.bin", images.make("spa50x-30x", "7.6.1"))
    card.write("bench/phones.csv", "mac,extension\n58bfea1104e6,4711\n")
    box = trial.start(card=card)
    box.http("/58bfea1104e6.xml", headers=PHONE)
    return box


@test()
def api_examples(trial):
    """Each example of docs/api.md, as it stands there, one after the other."""
    box = a_box(trial)
    for commands, schema, expected in examples():
        done = run(box.operator, ["sh", "-ec", commands], cwd=box.card.path("bench"))
        same(done.returncode, 0, commands + done.stderr.decode())
        if schema:
            schemas.validate(json.loads(expected), schema)
            answered = schemas.validate(json.loads(done.stdout), schema)
            same(sorted(answered), sorted(json.loads(expected)), f"members: {commands}")
        else:
            same(done.stdout.decode(), expected, commands)


@test()
def api_answers_fit_their_schemas(trial):
    """Answers that the examples do not show: refused phones, phones without a MAC, problems, strings that lie."""
    box = a_box(trial)
    operator = Session(box, "secret")
    for agent in (NO_MAC["User-Agent"], "Cisco/SPA942-6.1.5 (000E08D00001)(FFF)", "Cisco/SPA504G-9.9.9 (58BFEA000002)(\"<b>)",
                  "Linksys/SPA999-1.0.1 (000E08D00003)(XX)"):
        box.http("/spa.xml", headers={"User-Agent": agent})
    phones = schemas.validate(box.api("phones"), "phones")["phones"]
    assert any(p["mac"] is None and p["id"] == "CCQ16380FYX" for p in phones), phones
    for phone in phones:
        name = phone["mac"] or phone["id"]
        same(schemas.validate(box.api("phones/" + name), "phone"), phone, "the phone alone")
        schemas.validate(box.api(f"phones/{name}/timeline"), "timeline")
        schemas.validate(operator.get(f"/api/v1/phones/{name}/timeline").json(), "timeline")
    schemas.validate(box.api("summary"), "summary")
    schemas.validate(box.http("/report.json").json(), "report")
    schemas.validate(box.api("plan?model=SPA942&version=6.1.5"), "plan")
    schemas.validate(box.api("plan?model=%22%3Cb%3E&version=7.5.7"), "plan")
    schemas.validate(box.http("/api/v1/plan?model=SPA504G&version=old").json(), "error")
    box.card.write("stagebox.ini", "[box]\nname = -\n[bok]\n")
    box.card.write("firmware/x.zip", "PK")
    problems = schemas.validate(operator.get("/api/v1/check").json(), "check")
    assert problems["errors"] and problems["warnings"], problems
    schemas.validate(operator.put("/api/v1/phones.csv", b"mac\nnone\n").json(), "inventory")
    schemas.validate(operator.put("/api/v1/firmware/x.zip", b"PK").json(), "error")


# What each row of the router's table for reading answers: a schema of JSON, or another type.
ANSWERS = {
    "/": "text/html; charset=utf-8", "/healthz": "text/plain", "/metrics": "text/plain; version=0.0.4; charset=utf-8",
    "/report.csv": "text/csv; charset=utf-8", "/report.json": "report", "/report.html": "text/html; charset=utf-8",
    "/api/v1/summary": "summary", "/api/v1/events": "text/event-stream", "/api/v1/phones": "phones", "/api/v1/phones/*": "phone",
    "/api/v1/phones/*/timeline": "timeline", "/api/v1/phones/*/report": "text/plain", "/api/v1/session": "session",
    "/api/v1/check": "check", "/api/v1/plan": "plan"}


@test()
def api_every_row_has_its_schema(trial):
    """Each row of the router's table: the answer to a reading is of its schema, whoever asks; a refusal too."""
    box = a_box(trial)
    operator = Session(box, "secret")
    mac = "58bfea1104e6"
    box.http(f"/report/{mac}.xml", method="PUT", headers=PHONE, body=b"<flat-profile></flat-profile>")
    same({path for method, path, _ in routes.table() if method == "GET"}, set(ANSWERS), "rows for reading")
    for path, expected in ANSWERS.items():
        target = routes.fill(path, mac, "") + ("?model=SPA504G&version=7.3.7" if path.endswith("plan") else "")
        if path == "/api/v1/events":
            continue  # without end; its events are validated by who watches
        for who in (operator.get, box.http):
            answer = who(target)
            if answer.status == 401:
                assert who != operator.get, f"{target}: the operator is not let in"
                continue
            same(answer.status, 200, target)
            if expected in schemas.ALL:
                same(answer.headers["content-type"], "application/json", target)
                schemas.validate(answer.json(), expected)
            else:
                same(answer.headers["content-type"], expected, target)
            if expected.startswith("text/") and path not in ("/healthz", "/metrics"):  # words of phones and people are in there
                same(answer.headers.get("x-content-type-options"), "nosniff", target)
            if expected.startswith("text/html"):
                policy = answer.headers["content-security-policy"]
                assert policy.startswith("default-src 'none'") and "frame-ancestors 'none'" in policy, policy
        if path.startswith("/api/") and expected not in ("summary", "session", "phones"):
            wrong = operator.get(routes.fill(path, "58bfea000000", "") + "?")
            if wrong.headers.get("content-type") == "application/json" and wrong.status != 200:
                schemas.validate(wrong.json(), "error")
    refusals = 0
    for method, target, _ in routes.changes(mac, "spa51x-7-6-1.bin"):
        if target.endswith(("forget", "session")):
            continue
        for body in (b"", b"{}", b"mac\nnobody\n"):
            answer = operator.send(method, target, body)
            if answer.body and answer.status >= 400:
                refusals += 1
                schemas.validate(answer.json(), "inventory" if target.endswith(".csv") and "rows" in answer.json() else "error")
    assert refusals >= 5, refusals


def reports(box):
    """The batch's reports as an operator gets them and as the command prints them, without the moment at which they were made."""
    operator = Session(box, "secret")
    told = {kind: operator.get(f"/report.{kind}").body.decode() for kind in ("csv", "json", "html")}
    printed = {kind: command("-c", box.card.ini, "report", "--format", kind).stdout for kind in told}
    made = re.compile(r'"made_at":("[^"]*"|null)| Made at [^ ]*Z\.')
    return [{kind: made.sub("", text).replace("\r\n", "\n") for kind, text in each.items()} for each in (told, printed)]


@test(seconds=150, cost=2)
def api_events_tell_it_all(trial):
    """The events of a whole batch, applied one after the other, are what /api/v1/phones says at the end."""
    count = 60 if trial.everything else 6
    words = ("--mixed", str(count))
    box = trial.start(card=prepared(trial, words, settings={"web": {"password": "secret"}}))
    early = trial.keep(Viewer(box))
    play(trial, words, 90)
    late = trial.keep(Viewer(box, validated=False))

    def agree(viewer):
        told = viewer.seen()
        return told == {p["mac"] or p["id"]: p for p in box.phones()} and told
    told = wait_until("what was told and what is", lambda: agree(early), 20)
    same([p["state"] for p in told.values()], ["done"] * count, "states")
    wait_until("what a late viewer was told", lambda: agree(late), 20)
    wait_until("the summary", lambda: early.summary and early.summary["states"]["done"] == count)
    assert early.counts["reset"] == 1 and early.counts["phone"] > 5 * count and early.counts["log"] > 5 * count, early.counts
    before = reports(box)
    same(before[0], before[1], "what the command prints")
    assert all(before[0]["csv"].count(mac) == 1 for mac in told), before[0]["csv"]
    box.stop()
    box.start()
    same(reports(box), before, "the reports after a restart")


@test()
def api_events_tell_of_a_lost_address(trial):
    """A phone whose address another one has now, and one that only talks: viewers know."""
    box = a_box(trial)
    viewer = trial.keep(Viewer(box))
    wait_until("the phone", lambda: len(viewer.seen()) == 1)
    box.http("/spa.xml", headers=NO_MAC)
    def agree():
        return viewer.seen() == {p["mac"] or p["id"]: p for p in box.phones()}
    wait_until("what was told and what is", agree)
    same(sorted(str(p["ip"]) for p in viewer.seen().values()), ["192.168.10.2", "None"], "addresses")
    with box.operator, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
        def later():
            talker.sendto(b"<134>hello", (box.address, 514))
            return box.phone("CCQ16380FYX")["last_seen_uptime_s"] > box.phone("CCQ16380FYX")["first_seen_uptime_s"]
        wait_until("the second in which it was heard", later, every=0.2)
    wait_until("when it was heard last", agree)
    box.http("/x.xml", headers={"User-Agent": "Cisco/SPA514G-7.5.5 (58BFEA2204E6)(CCQ16380FYX)"})  # now it tells its MAC
    wait_until("its row has another name", lambda: "CCQ16380FYX" not in viewer.seen() and agree())
    same(Session(box, "secret").post("/api/v1/phones/58bfea1104e6/forget").status, 202, "forget")
    wait_until("one is gone", lambda: len(viewer.seen()) == 1 and agree())
