"""Which profile, and which file, for whom: phones that are only a User-Agent."""
import os

from lab import dhcp, images, tftp
from lab.case import ADDRESS, same, test
from lab.process import wait_until
from lab.profile import STATED, agent, ask, check_stated, parse, rung

MAC = "58bfea1104e6"
OTHER = "58bfea1104e7"
SECRET = "s3cret-of-this-phone"
TEMPLATE = """<flat-profile>
<Station_Name>{{name}}</Station_Name><Password_1_>{{password}}</Password_1_>
<Display_Name_1_>{{mac}} {{model}}</Display_Name_1_><Proxy_1_>{{box.address}}</Proxy_1_>
</flat-profile>"""


def staged(trial, settings=None, profile=None, **more):
    """A box with the usual images and a template; phones.csv lists MAC and OTHER."""
    card = trial.card()
    images.put_ladder(card, **more)
    card.write("profiles/full.xml", TEMPLATE)
    card.inventory([{"mac": MAC, "name": "Reception", "password": SECRET},
                    {"mac": OTHER, "name": "a<b & \"c\"", "password": "other-secret"}])
    changes = {"profile": dict({"template": "profiles/full.xml", "auth": "none", "transport": "any"},
                               **(profile or {}))}
    changes.update(settings or {})
    card.settings(changes)
    trial.start(card=card)
    return trial.box


def version_of(name):
    """The version in a rung's file name: 1a2b3c4d1-spa50x-30x-7-5-2b.bin → 7.5.2b."""
    return ".".join(name[:-len(".bin")].split("-")[-3:])


@test()
def stage_ladder(trial):
    box = staged(trial)
    for model, version, expected in (("SPA504G", "7.3.7", "7.5.2b"), ("SPA504G", "7.1.3a", "7.5.2b"),
                                     ("SPA303", "7.5.2b", "7.6.1"), ("SPA504G", "7.5.6(XU)", "7.5.7"),
                                     ("SPA514G", "7.5.2b", "7.6.1")):
        parameters, answer = ask(box, model, version, MAC[:-1] + version[-1:].encode().hex()[-1])
        check_stated(parameters)
        name = rung(parameters)
        assert name, f"{model} {version}: no rung in {parameters}"
        same(version_of(name), expected, f"rung of {model} {version}")
        assert parameters["Upgrade_Rule"].startswith(f"http://{ADDRESS}/"), parameters["Upgrade_Rule"]
        assert "?" not in parameters["Upgrade_Rule"], "a condition"
        token = name.split("-")[0]
        assert len(token) >= 9 and int(token[:8], 16) >= 0 and token[8:].isdigit(), f"token {token}"
        assert SECRET.encode() not in answer.body
        same(answer.headers["cache-control"], "no-store", "Cache-Control")
        assert parameters["Profile_Rule"].startswith("http://") or parameters["Profile_Rule_B"].startswith("http://")


@test()
def stage_final(trial):
    box = staged(trial)
    for version in ("7.6.1", "7.6.2a"):
        parameters, answer = ask(box, "SPA504G", version, MAC)
        same(parameters.get("Station_Name"), "Reception", f"{version}: template")
        same(parameters.get("Password_1_"), SECRET, "column")
        same(parameters.get("Display_Name_1_"), f"{MAC} SPA504G", "built-in values")
        same(parameters.get("Proxy_1_"), ADDRESS, "{{box.address}}")
        same(rung(parameters), None, "a rung in final")
        assert ADDRESS not in "".join(v for k, v in parameters.items() if k != "Proxy_1_"), \
            f"of the box is left: {parameters}"
        same(answer.headers["cache-control"], "no-store", "Cache-Control")
    parameters, _ = ask(box, "SPA504G", "7.6.1", OTHER)
    same(parameters["Station_Name"], 'a<b & "c"', "escaping")


@test()
def stage_final_puts_back_what_was_set(trial):
    box = staged(trial)
    ladder, _ = ask(box, "SPA504G", "7.5.2b", MAC)
    final, _ = ask(box, "SPA504G", "7.6.1", MAC)
    factory = {"Provision_Enable": "Yes", "Resync_On_Reset": "Yes", "Resync_Random_Delay": "2",
               "Resync_Periodic": "3600", "Resync_Error_Retry_Delay": "3600", "Resync_After_Upgrade_Attempt": "Yes",
               "Profile_Rule": "/spa$PSN.cfg", "Profile_Rule_B": "", "Profile_Rule_C": "", "Profile_Rule_D": "",
               "Upgrade_Enable": "Yes", "Upgrade_Rule": "", "Upgrade_Error_Retry_Delay": "3600",
               "Downgrade_Rev_Limit": "", "Syslog_Server": ""}
    for name in STATED:
        assert name in final, f"{name} was set ({ladder[name]}) and is not put back"
    for name, value in factory.items():
        same(final[name], value, name)


@test()
def stage_final_rule(trial):
    box = staged(trial, profile={"final_rule": "https://prov.example.net/$MA.xml"})
    final, _ = ask(box, "SPA504G", "7.6.1", MAC)
    same(final["Profile_Rule"], "https://prov.example.net/$MA.xml", "Profile_Rule")


@test()
def stage_without_a_template(trial):
    card = trial.card()
    images.put_ladder(card)
    trial.start(card=card)
    ladder, _ = ask(trial.box, "SPA504G", "7.3.7", MAC)
    same(version_of(rung(ladder)), "7.5.2b", "rung")
    ask(trial.box, "SPA504G", "7.6.1", MAC)
    ask(trial.box, "SPA504G", "7.6.1", MAC)
    same(trial.box.phone(MAC)["state"], "done", "state")


@test()
def stage_first_by_tftp(trial):
    """The version is not known: come by HTTP, and that is all."""
    box = staged(trial)
    for name in ("spa504G.cfg", "/spa504g.cfg", "//SPA504G.CFG", "spa.cfg", MAC + ".cfg", MAC + ".xml",
                 f"spa{MAC}.cfg", f"spa{MAC}.xml", "some/path/spa504G.cfg", "a\\b\\spa504G.cfg"):
        parameters = parse(tftp.fetch(trial.operator, ADDRESS, name))
        check_stated(parameters)
        same(rung(parameters), None, f"{name}: a rung")
        for rule in ("Profile_Rule", "Profile_Rule_B"):
            assert parameters[rule].startswith(f"http://{ADDRESS}/"), f"{name}: {rule} {parameters[rule]}"
        assert SECRET not in str(parameters)
    same(box.http("/healthz").status, 200, "healthz")


@test()
def stage_wait_on_hold(trial):
    """parallel = 1: the second phone waits, with nothing but its resync."""
    box = staged(trial, {"upgrade": {"parallel": 1}})
    first, _ = ask(box, "SPA504G", "7.3.7", MAC)
    assert rung(first)
    second, answer = ask(box, "SPA504G", "7.3.7", OTHER)
    same(rung(second), None, "a rung while another loads")
    check_stated(second)
    same(second["Resync_Periodic"], "180", "Resync_Periodic")
    same(box.phone(OTHER)["stage"], "wait", "stage")
    assert SECRET.encode() not in answer.body
    name = rung(ask(box, "SPA504G", "7.3.7", MAC)[0])
    same(box.http("/" + name, headers={"User-Agent": agent("SPA504G", "7.3.7", OTHER)}).status, 200,
         "a firmware request never waits")
    same(box.http("/" + name, headers={"User-Agent": agent("SPA504G", "7.3.7", MAC)}).status, 200, "its file")
    wait_until("room for the second", lambda: rung(ask(box, "SPA504G", "7.3.7", "58bfea1104e8")[0]), 5)


@test()
def stage_canary(trial):
    box = staged(trial, {"upgrade": {"canary": 1}})
    assert rung(ask(box, "SPA504G", "7.3.7", MAC)[0])
    same(rung(ask(box, "SPA504G", "7.3.7", OTHER)[0]), None, "before the first of its like is done")
    assert rung(ask(box, "SPA303", "7.4.9c", "58bfea1104e8")[0]), "another starting version has a canary of its own"
    ask(box, "SPA504G", "7.6.1", MAC)
    ask(box, "SPA504G", "7.6.1", MAC)
    same(box.phone(MAC)["state"], "done", "state of the canary")
    assert rung(ask(box, "SPA504G", "7.3.7", OTHER)[0]), "after the canary is done"


@test()
def stage_refused(trial):
    box = staged(trial)
    answer = box.http("/spa942.cfg", headers={"User-Agent": "Linksys/SPA-942-6.1.5(a) (88019FA42805)"})
    parameters = parse(answer.body)
    same(rung(parameters), None, "a rung for a model that has none")
    assert SECRET not in str(parameters)
    phone = [p for p in box.phones() if p["serial"] == "88019FA42805"][0]
    same(phone["state"], "refused", "state")
    assert phone["note"], "a reason"


@test()
def stage_no_rung_in_the_folder(trial):
    box = staged(trial)
    os.remove(box.card.path("firmware/spa50x-30x-7-5-2b.bin"))
    box.reload()
    parameters, _ = ask(box, "SPA504G", "7.3.7", MAC)
    same(rung(parameters), None, "a rung that skips 7.5.2b")
    phone = box.phone(MAC)
    same(phone["state"], "refused", "state")
    assert "7.5.2b" in phone["note"] or "7-5-2b" in phone["note"], phone["note"]


@test()
def auth_inventory(trial):
    """The listed MAC, asking from the address leased to it, and nobody else."""
    box = staged(trial, profile={"auth": "inventory"})
    answer, _ = ask(box, "SPA504G", "7.6.1", MAC)
    assert SECRET not in str(answer), "the final configuration without a lease"
    station = trial.station("phone", mac="58:bf:ea:11:04:e6")
    client = trial.keep(dhcp.Client(station, MAC))
    lease = client.obtain().yiaddr
    station.ip(f"addr add {lease}/24 dev eth0")
    answer, _ = ask(box, "SPA504G", "7.6.1", MAC, station=station)
    same(answer.get("Password_1_"), SECRET, "from its own lease")
    # another phone's words from this address
    answer, _ = ask(box, "SPA504G", "7.6.1", OTHER, station=station)
    assert SECRET not in str(answer) and "other-secret" not in str(answer), "secrets where two disagree"
    # not listed
    station2 = trial.station("phone2", mac="58:bf:ea:11:04:e9")
    lease = trial.keep(dhcp.Client(station2, "58bfea1104e9")).obtain().yiaddr
    station2.ip(f"addr add {lease}/24 dev eth0")
    answer, _ = ask(box, "SPA504G", "7.6.1", "58bfea1104e9", station=station2)
    assert "Password_1_" not in answer, "the template for a phone that is not listed"
    assert box.phone("58bfea1104e9")["note"], "a note"
    box.card.write("profiles/full.xml", "<flat-profile><Proxy_1_>the-site</Proxy_1_></flat-profile>")
    box.reload()
    answer, _ = ask(box, "SPA504G", "7.6.1", "58bfea1104e9", station=station2)
    assert "Proxy_1_" not in answer, "a template without columns for a phone that is not listed"


@test()
def auth_certificate_means_no_plain_http(trial):
    """The default: without the phone's certificate there is no final configuration."""
    card = trial.card()
    images.put_ladder(card)
    card.write("profiles/full.xml", TEMPLATE)
    card.inventory([{"mac": MAC, "name": "Reception", "password": SECRET}])
    card.write("certs/client-ca.pem", "-")
    card.settings({"profile": {"template": "profiles/full.xml", "auth": "inventory", "transport": "https"},
                   "https": {"enabled": "no"}})
    box = trial.make_box(card)
    box.start(wait=False)
    same(box.ended(), 1, "a template that no phone could ever get")
    assert box.said("error: "), box.log()


@test()
def missing_column_waits(trial):
    box = staged(trial)
    box.card.inventory([{"mac": MAC, "name": "Reception", "password": ""}])
    box.card.write("phones.csv", f"mac,name\n{MAC},Reception\n")
    box.reload()
    parameters, _ = ask(box, "SPA504G", "7.6.1", MAC)
    assert "Station_Name" not in parameters, parameters
    assert box.phone(MAC)["note"], "a note"


@test()
def guard_wrong_family(trial):
    box = staged(trial)
    ask(box, "SPA514G", "7.5.2b", MAC)
    ask(box, "SPA504G", "7.3.7", OTHER)
    token = rung(ask(box, "SPA504G", "7.3.7", OTHER)[0]).split("-")[0]
    for prefix in ("", "/", "x/y/", token + "-", "00000000" + "1-"):
        for name in ("spa50x-30x-7-6-1.bin", "SPA50X-30X-7-5-2B.BIN"):
            answer = box.http("/" + prefix + name, headers={"User-Agent": agent("SPA514G", "7.5.2b", MAC)})
            same(answer.status, 404, f"{prefix}{name} for a 514G")
    assert box.phone(MAC)["note"], "a note on its row"
    same(box.http("/spa51x-7-6-1.bin", headers={"User-Agent": agent("SPA514G", "7.5.2b", MAC)}).status, 200,
         "its own family")


@test()
def guard_skipped_rung_and_downgrade(trial):
    box = staged(trial)
    for version, name, status in (("7.3.7", "spa50x-30x-7-6-1.bin", 404), ("7.3.7", "spa50x-30x-7-5-2b.bin", 200),
                                  ("7.5.2b", "spa50x-30x-7-6-1.bin", 200), ("7.5.6(XU)", "spa50x-30x-7-6-1.bin", 404),
                                  ("7.5.6(XU)", "spa50x-30x-7-5-7.bin", 200), ("7.6.1", "spa50x-30x-7-5-2b.bin", 404),
                                  ("7.6.1", "spa50x-30x-7-5-7.bin", 404)):
        mac = f"58bfea22{len(version):02x}{version.encode()[-2]:02x}"
        answer = box.http("/" + name, headers={"User-Agent": agent("SPA504G", version, mac)})
        same(answer.status, status, f"{name} for {version}")


@test()
def guard_unidentified_gets_the_file(trial):
    box = staged(trial)
    content = box.card.read("firmware/spa50x-30x-7-6-1.bin")
    assert box.http("/spa50x-30x-7-6-1.bin").body == content
    assert tftp.fetch(trial.operator, ADDRESS, "spa50x-30x-7-6-1.bin", options={"blksize": 1400}) == content


@test()
def last_url_stays_served(trial):
    """Its power went while it flashed: it comes back for the last URL, whatever its version is now said to be."""
    box = staged(trial)
    name = rung(ask(box, "SPA504G", "7.3.7", MAC)[0])
    content = box.http("/" + name, headers={"User-Agent": agent("SPA504G", "7.3.7", MAC)}).body
    ask(box, "SPA504G", "7.5.2b", MAC)
    for restart in (False, True):
        if restart:
            box.stop()
            box.start()
        same(box.http("/" + name).body == content, True, "by HTTP, unnamed")
        same(tftp.fetch(trial.operator, ADDRESS, "/" + name, options={"blksize": 1400}) == content, True, "by TFTP")
        same(box.http("/" + name.upper()).status, 200, "in capitals")
        same(box.http("/" + name, headers={"User-Agent": agent("SPA504G", "7.5.2b", MAC)}).status, 200,
             "for the phone that was given it, though no rung of its ladder any more")


@test()
def spa_bin_is_the_next_rung(trial):
    box = staged(trial)
    same(box.http("/spa.bin").status, 404, "for nobody")
    same(tftp.error_of(trial.operator, ADDRESS, "//spa.bin"), 1, "for nobody, by TFTP")
    ask(box, "SPA504G", "7.3.7", MAC)
    answer = box.http("//spa.bin", headers={"User-Agent": agent("SPA504G", "7.3.7", MAC)})
    same(answer.body == box.card.read("firmware/spa50x-30x-7-5-2b.bin"), True, "the next rung")
    same(box.http("/spa.bin", headers={"User-Agent": agent("SPA504G", "7.6.1", OTHER)}).status, 404, "for one that is done")


@test()
def any_name_for_a_phone(trial):
    """Second-hand phones ask for an old provider's names; 7.4.3a leaves the name out."""
    box = staged(trial)
    for name in ("", "cisco1.py", "provision/old/init_58bfea1104e6", "cfg/generic.xml", "x/"):
        parameters, _ = ask(box, "SPA504G", "7.4.3a", MAC, name=name)
        same(version_of(rung(parameters)), "7.5.2b", f"rung under the name {name!r}")
    answer = box.http("/", headers={"User-Agent": "Linksys/SPA504G-7.4.3a"})
    same(answer.status, 200, "an agent without a MAC")
    parse(answer.body)
    for name in ("XMLDefault.cnf.xml", "SEP58BFEA1104E6.cnf.xml", "CTLSEP58BFEA1104E6.tlv", "logo.bmp", "x.dat",
                 "nothing-7-9-9.bin"):
        same(box.http("/" + name, headers={"User-Agent": agent("SPA504G", "7.4.3a", MAC)}).status, 404, name)


@test()
def every_form_of_name_and_agent(trial):
    box = staged(trial)
    for words, version in (("Cisco/SPA504G-7.4.9c (649EF3788E6A)(CCQ162306EA)", "7.4.9c"),
                           ("Cisco/SPA501G-7.4.4 (8843E157DDCC)(CBT141100HR)", "7.4.4"),
                           ("Cisco/SPA508G-7.4.8a (0002FDFF2103)(CBT141400UK)", "7.4.8a"),
                           ("Cisco/SPA525G-7.4.4 (CBT141900G7)", "7.4.4"),
                           ("Cisco/SPA504G-7.5.6(XU) (58BFEA1104E6)(CCQ16380FYH)", "7.5.6(XU)"),
                           ("Cisco/SPA504G-7.6.1(ES_RC01) (58BFEA1104EA)(CCQ16380FYX)", "7.6.1(ES_RC01)")):
        answer = box.http("/cisco1.py", headers={"User-Agent": words})
        parse(answer.body)
        serial = words.rsplit("(", 1)[1].rstrip(")")
        phone = [p for p in box.phones() if p["serial"] == serial]
        same([p["version"] for p in phone], [version], words)


@test()
def downgrade_never_and_allowed(trial):
    box = staged(trial, {"upgrade": {"target": "7.5.7"}})
    same(rung(ask(box, "SPA504G", "7.6.1", MAC)[0]), None, "a rung above the target")
    box.stop()
    box.card.settings({"upgrade": {"target": "7.5.7", "downgrade": "allow"},
                       "profile": {"template": "profiles/full.xml", "auth": "none", "transport": "any"}})
    box.start()
    same(version_of(rung(ask(box, "SPA504G", "7.6.1", MAC)[0])), "7.5.7", "with downgrade = allow")


@test()
def an_inventory_line_without_a_mac(trial):
    box = staged(trial)
    box.card.write("phones.csv", "mac,name,password\n,first,p1\n,second,p2\n")
    box.reload()
    first, _ = ask(box, "SPA504G", "7.6.1", MAC)
    second, _ = ask(box, "SPA504G", "7.6.1", OTHER)
    same((first["Station_Name"], second["Station_Name"]), ("first", "second"), "in the order of arrival")
    box.stop()
    box.start()
    second, _ = ask(box, "SPA504G", "7.6.1", OTHER)
    same(second.get("Station_Name", "second"), "second", "after a restart")
