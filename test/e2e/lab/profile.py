"""Profiles as phones get them, and phones that are only a User-Agent."""
import re
import xml.etree.ElementTree as ElementTree

# Contract section 5: what every stage but `final` and `idle` states.
STATED = """Provision_Enable Resync_On_Reset Resync_Random_Delay Resync_Periodic Resync_Error_Retry_Delay
Resync_After_Upgrade_Attempt Profile_Rule Profile_Rule_B Profile_Rule_C Profile_Rule_D Upgrade_Enable Upgrade_Rule
Upgrade_Error_Retry_Delay Downgrade_Rev_Limit Syslog_Server Debug_Level Log_Resync_Request_Msg
Log_Resync_Success_Msg Log_Resync_Failure_Msg Log_Upgrade_Request_Msg Log_Upgrade_Success_Msg
Log_Upgrade_Failure_Msg SPCP_Auto-detect Signaling_Protocol""".split()


def agent(model, version, mac=None, serial="CCQ16380FYH", vendor="Cisco"):
    """The User-Agent of a phone; the MAC may be written in any way."""
    middle = f" ({mac.replace(':', '').upper()})" if mac else " "
    return f"{vendor}/{model}-{version}{middle}({serial})"


def parse(body):
    """Parameters of a flat-profile; fails where a phone of the old kind could stumble."""
    text = body.decode("ascii")
    assert "<!--" not in text and "//" not in re.sub(r"\w+://", "", text), f"a comment: {text}"
    assert text.rstrip().endswith("</flat-profile>"), text[-80:]
    root = ElementTree.fromstring(text)
    assert root.tag == "flat-profile", root.tag
    names = [child.tag for child in root]
    assert len(names) == len(set(names)), f"stated twice: {sorted(n for n in names if names.count(n) > 1)}"
    return {child.tag: (child.text or "").strip() for child in root}


def ask(box, model, version, mac=None, name=None, serial="CCQ16380FYH", **more):
    """What such a phone gets as its profile: (parameters, response)."""
    target = "/" + name if name is not None else f"/spa{model.removeprefix('SPA')}.cfg"
    answer = box.http(target, headers={"User-Agent": agent(model, version, mac, serial)}, **more)
    assert answer.status == 200, f"{target} for {model} {version}: {answer}"
    return parse(answer.body), answer


def rung(parameters):
    """The file name (with its token) of the Upgrade_Rule; None where there is none."""
    rule = parameters.get("Upgrade_Rule", "")
    return rule.rsplit("/", 1)[1] if rule else None


def check_stated(parameters):
    missing = [name for name in STATED if name not in parameters]
    assert not missing, f"left out: {missing}"
    for name in ("Resync_Error_Retry_Delay", "Upgrade_Error_Retry_Delay"):
        assert 30 <= int(parameters[name]) <= 60, f"{name} = {parameters[name]}"
