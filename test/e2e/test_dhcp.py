"""DHCP, with a client that looks at every byte."""
import socket
import struct

from lab import dhcp, images, machine
from lab.case import ADDRESS, same, test
from lab.dhcp import ACK, DECLINE, INFORM, NAK, OFFER, RELEASE, REQUEST, Client, ip_bytes
from lab.process import wait_until
from lab.profile import ask

MAC = "58:bf:ea:11:04:e6"
PROVISIONING = {
    66: b"http://192.168.10.10",
    150: ip_bytes(ADDRESS),
    159: b"http://192.168.10.10/$MA.xml",
    160: b"http://192.168.10.10/$MA.xml",
}


def client(trial, mac=MAC, **more):
    if not hasattr(trial, "clients"):
        trial.clients = trial.station("clients", address="192.168.10.4/24")
    return trial.keep(Client(trial.clients, mac, **more))


def check_provisioning(message, expected=None):
    for code, value in (expected or PROVISIONING).items():
        same(message.options.get(code), value, f"option {code} in a message of type {message.type}")
    same(message.siaddr, ADDRESS, "siaddr")


@test()
def dhcp_options_go_to_everybody(trial):
    trial.start()
    for wanted in ((1, 3, 6, 66, 150, 159, 160), (1,), ()):
        phone = client(trial, "58:bf:ea:00:00:%02x" % len(wanted), vendor="Cisco SPA504G" if wanted else None)
        phone.send(dhcp.DISCOVER, wanted=wanted)
        offer = phone.receive(kinds=(OFFER,))
        assert offer, "no OFFER"
        check_provisioning(offer)
        ack = phone.request(offer)
        same(ack.type, ACK, "type")
        check_provisioning(ack)
        same(ack.address(54), ADDRESS, "option 54")
        same(ack.address(1), "255.255.255.0", "option 1")
        same(ack.options[51], struct.pack("!I", 3600), "option 51")
        if 6 in wanted:
            same(ack.address(6), ADDRESS, "option 6")
        assert 3 not in ack.options, "a router on an isolated VLAN"
        phone.send(INFORM, ciaddr=ack.yiaddr, src=ack.yiaddr, wanted=wanted)
        informed = phone.receive(kinds=(ACK,))
        assert informed, "no ACK of the INFORM"
        check_provisioning(informed)
        assert 51 not in informed.options and informed.yiaddr == "0.0.0.0", "a lease in the ACK of an INFORM"


@test()
def dhcp_old_vendor_gets_a_bare_address(trial):
    trial.start()
    for vendor in ("LINKSYS SPA-942", "linksys spa942"):
        phone = client(trial, "00:0e:08:00:00:%02x" % len(vendor), vendor=vendor)
        check_provisioning(phone.discover(tries=3), PROVISIONING | {66: b"192.168.10.10"})


@test()
def dhcp_options_as_the_settings_say(trial):
    trial.start({"dhcp": {"option66": "http://other/x", "option150": "off", "router": "192.168.10.1"},
                 "dhcp.option": {"43": "hex:0102ff", "125": "text:hello", "128": "ip:10.1.2.3", "15": "text:bench"}})
    offer = client(trial).discover(tries=3, wanted=(1, 3, 6, 15, 42, 43, 125, 128))
    same(offer.options[66], b"http://other/x", "option 66")
    assert 150 not in offer.options, "option150 = off"
    same(offer.address(3), "192.168.10.1", "router")
    same(offer.options[43], b"\x01\x02\xff", "option 43")
    same(offer.options[125], b"hello", "option 125")
    same(offer.options[128], ip_bytes("10.1.2.3"), "option 128")
    same(offer.options[15], b"bench", "option 15")
    same(offer.address(42), ADDRESS, "option 42 while the clock is set")


@test()
def dhcp_no_time_server_without_a_clock(trial):
    """Option 42 points at the box only while its own clock is set."""
    bad = machine.Machine(trial)
    bad.wall(-40 * 365 * 86400)
    trial.start(environment=bad.environment)
    phone = client(trial)
    offer = phone.discover(tries=3, wanted=(1, 42))
    assert 42 not in offer.options, "option 42 without a clock"
    bad.wall(0)
    same(phone.discover(tries=3, wanted=(1, 42)).address(42), ADDRESS, "option 42 once the clock is set")


@test()
def dhcp_nak_for_another_subnet(trial):
    trial.start()
    phone = client(trial)
    nak = phone.reboot("10.9.8.7")
    assert nak, "silence"
    same(nak.type, NAK, "type")
    for code in PROVISIONING:
        assert code not in nak.options, f"option {code} in a NAK"
    same(nak.yiaddr, "0.0.0.0", "yiaddr of a NAK")


@test()
def dhcp_forgotten_address_is_acknowledged(trial):
    """authoritative = auto: free and in the pool."""
    trial.start()
    ack = client(trial).reboot("192.168.10.77")
    assert ack, "silence"
    same((ack.type, ack.yiaddr), (ACK, "192.168.10.77"), "answer")


@test()
def dhcp_known_client_asks_for_another_address(trial):
    trial.start()
    phone = client(trial)
    mine = phone.obtain().yiaddr
    answer = phone.reboot("192.168.10.99" if mine != "192.168.10.99" else "192.168.10.98")
    assert answer, "silence"
    same(answer.type, NAK, "answer")
    same(phone.reboot(mine).type, ACK, "its own address")


@test()
def dhcp_one_address_whatever_identifier(trial):
    """The loader's and the application's client identifiers differ; the phone is one."""
    trial.start()
    address = client(trial, client_id=b"\x01" + dhcp.mac_bytes(MAC)).obtain().yiaddr
    for identifier in (None, b"\x00TI-dhcp 0.1", b"\xff\x00\x00\x00\x01\x00\x01abcdef"):
        ack = client(trial, client_id=identifier).obtain()
        same(ack.yiaddr, address, f"address with client identifier {identifier}")
        same(ack.options.get(61), identifier, "option 61 comes back (RFC 6842)")
    other = client(trial, "58:bf:ea:11:04:e7", client_id=b"\x00TI-dhcp 0.1").obtain()
    assert other.yiaddr != address, "two phones with one identifier share an address"


@test()
def dhcp_renew_and_rebind(trial):
    trial.start({"dhcp": {"lease": "2m"}})
    phone = client(trial)
    ack = phone.obtain()
    same([struct.unpack("!I", ack.options[c])[0] for c in (51, 58, 59)], [120, 60, 105], "T, T1, T2")
    box_mac = dhcp.mac_bytes(trial.box.mac())
    for where, way in (("unicast", {"dst": ADDRESS, "dst_mac": box_mac}), ("broadcast", {})):
        phone.send(REQUEST, ciaddr=ack.yiaddr, src=ack.yiaddr, **way)
        again = phone.receive(kinds=(ACK, NAK))
        assert again, f"silence ({where})"
        same((again.type, again.yiaddr), (ACK, ack.yiaddr), where)


@test()
def dhcp_to_the_right_mac(trial):
    """Without the broadcast flag the answer is a frame for the client alone; with it a broadcast."""
    trial.start()
    phone = client(trial)
    offer = phone.discover(tries=3)
    same((offer.dst_mac, offer.dst), (phone.mac, offer.yiaddr), "destination")
    other = client(trial, "58:bf:ea:11:04:e7")
    offer = other.discover(tries=3, flags=0x8000)
    same((offer.dst_mac, offer.dst), (dhcp.BROADCAST, "255.255.255.255"), "destination with the flag")


@test()
def dhcp_release_and_return(trial):
    trial.start()
    phone = client(trial)
    ack = phone.obtain()
    phone.send(RELEASE, [(54, ip_bytes(ADDRESS))], ciaddr=ack.yiaddr, src=ack.yiaddr, wanted=())
    same(client(trial).obtain().yiaddr, ack.yiaddr, "address after RELEASE")


@test()
def dhcp_decline(trial):
    """A declined address is not offered again; a flood of declines leaves enough to live on."""
    trial.start({"dhcp": {"pool": "192.168.10.50-192.168.10.59"}})
    phone = client(trial)
    ack = phone.obtain()
    phone.send(DECLINE, [(50, ip_bytes(ack.yiaddr)), (54, ip_bytes(ADDRESS))], wanted=())
    again = phone.obtain()
    assert again.yiaddr != ack.yiaddr, "the declined address again"
    vandal = client(trial, "58:bf:ea:66:66:66")
    for n in range(50, 60):
        vandal.send(DECLINE, [(50, ip_bytes(f"192.168.10.{n}")), (54, ip_bytes(ADDRESS))], wanted=())
    for _ in range(20):
        offer = vandal.discover(seconds=1)
        if offer is None:
            break
        if vandal.request(offer):
            vandal.send(DECLINE, [(50, ip_bytes(offer.yiaddr)), (54, ip_bytes(ADDRESS))], wanted=())
    same(client(trial).obtain().yiaddr, again.yiaddr, "the phone's own address after the flood")
    client(trial, "58:bf:ea:11:04:e8").obtain()


@test()
def dhcp_conflict(trial):
    """An address that somebody uses already is not offered."""
    trial.station("squatter", address="192.168.10.50/24")
    trial.station("squatter2", address="192.168.10.51/24")
    trial.start({"dhcp": {"pool": "192.168.10.50-192.168.10.53"}})
    got = {client(trial, f"58:bf:ea:00:00:0{n}").obtain().yiaddr for n in range(2)}
    same(got, {"192.168.10.52", "192.168.10.53"}, "addresses")


@test()
def dhcp_pool_is_full(trial):
    """A refusal is no OFFER, and the operator is told."""
    trial.start({"dhcp": {"pool": "192.168.10.50-192.168.10.52"}})
    for n in range(3):
        client(trial, f"58:bf:ea:00:00:0{n}").obtain()
    assert client(trial, "58:bf:ea:00:00:09").discover(seconds=2) is None
    trial.box.wait_said(r"No address is left in \[dhcp\] pool")
    same(trial.box.http("/healthz").status, 200, "healthz")


@test()
def dhcp_gives_sparingly_while_phones_wait(trial):
    """Somebody was turned away: a phone that is done is not given its address again, others are for a short time."""
    card = trial.card({"dhcp": {"pool": "192.168.10.50-192.168.10.51"}})
    images.put(card, "spa50x-30x", "7.6.1")
    box = trial.start(card=card)
    done, other = client(trial), client(trial, "58:bf:ea:11:04:e7")
    addresses = [phone.obtain().yiaddr for phone in (done, other)]
    ask(box, "SPA504G", "7.6.1", MAC.replace(":", ""))
    wait_until("one that is done", lambda: box.phone(MAC.replace(":", ""))["state"] == "done")

    def renew(phone, address):
        phone.send(REQUEST, ciaddr=address, src=address, dst=ADDRESS, dst_mac=dhcp.mac_bytes(box.mac()))
        return phone.receive(seconds=2, kinds=(ACK, NAK))
    same(renew(done, addresses[0]).options[51], struct.pack("!I", 3600), "its lease while nobody waits")
    assert client(trial, "58:bf:ea:11:04:e8").discover(seconds=2) is None, "an address too many"
    same(renew(done, addresses[0]), None, "an answer to the one that is done")
    ack = renew(other, addresses[1])
    same((ack.type, struct.unpack("!I", ack.options[51])[0] <= 90), (ACK, True), "the other's lease")
    assert any("turned away" in w for w in box.api("summary")["warnings"]), box.api("summary")["warnings"]


@test()
def dhcp_fixed_addresses(trial):
    trial.start({"dhcp.host": {MAC: "192.168.10.33"}})
    same(client(trial).obtain().yiaddr, "192.168.10.33", "fixed address")
    assert client(trial, "58:bf:ea:11:04:e7").obtain().yiaddr != "192.168.10.33"


@test()
def dhcp_answers_whom_it_should(trial):
    """answer = phones, by vendor class or OUI; answer = inventory, by phones.csv."""
    trial.start({"dhcp": {"answer": "phones"}, "phones": {"oui": "02:11:22"}})
    assert client(trial, "02:00:00:00:00:01", vendor="MSFT 5.0").discover(seconds=2) is None
    assert client(trial, "02:00:00:00:00:02", vendor="Cisco SPA525g2").discover(tries=3)
    assert client(trial, "50:3d:e5:00:00:03", vendor=None).discover(tries=3), "a Cisco OUI"
    assert client(trial, "02:11:22:00:00:04", vendor=None).discover(tries=3), "an OUI of the settings"
    trial.box.stop()
    trial.box.card.settings({"dhcp": {"answer": "inventory"}})
    trial.box.card.inventory([{"mac": "58-BF-EA-11-04-E6", "name": "a"}])
    trial.box.start()
    assert client(trial).discover(tries=3), "a MAC of phones.csv"
    assert client(trial, "58:bf:ea:11:04:e7").discover(seconds=2) is None


@test()
def dhcp_relay(trial):
    """giaddr: the answer goes to the relay's port 67 and option 82 comes back as it was (RFC 3046)."""
    trial.start()
    relay = trial.station("relay", address="192.168.10.3/24")
    phone = trial.keep(Client(relay, MAC))
    agent = b"\x01\x04port\x02\x03rem"
    with relay:
        port67 = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    trial.keep(port67)
    port67.bind(("192.168.10.3", 67))
    box_mac = dhcp.mac_bytes(trial.box.mac())
    for _ in range(3):
        phone.send(dhcp.DISCOVER, [(82, agent)], giaddr="192.168.10.3", src="192.168.10.3", dst=ADDRESS,
                   dst_mac=box_mac, frame_mac=dhcp.mac_bytes(relay.mac()), sport=67)
        offer = phone.receive(3, (OFFER,), port=67)
        if offer:
            break
    assert offer, "no OFFER to the relay"
    same(offer.dst, "192.168.10.3", "destination")
    same((offer.giaddr, offer.chaddr), ("192.168.10.3", phone.mac), "giaddr and chaddr")
    same(offer.options.get(82), agent, "option 82")
    same(offer.order[-1], 82, "option 82 comes last")
    check_provisioning(offer)


@test()
def dhcp_lease_survives_a_restart(trial):
    trial.start()
    before = {n: client(trial, f"58:bf:ea:00:00:{n:02x}").obtain().yiaddr for n in range(12)}
    for how in ("stop", "kill"):
        getattr(trial.box, how)()
        trial.box.start()
        for n in reversed(before):
            same(client(trial, f"58:bf:ea:00:00:{n:02x}").obtain().yiaddr, before[n], f"a fresh start after {how}")
        for n, address in before.items():
            ack = client(trial, f"58:bf:ea:00:00:{n:02x}").reboot(address)
            assert ack, f"silence after {how}"
            same((ack.type, ack.yiaddr), (ACK, address), f"after {how}")
        fresh = client(trial, "58:bf:ea:00:01:%02x" % len(how)).obtain().yiaddr
        assert fresh not in before.values(), f"{fresh} was given twice after {how}"


@test()
def dhcp_off(trial):
    trial.start({"dhcp": {"enabled": "no"}})
    assert client(trial).discover(seconds=2) is None
    same(trial.box.http("/healthz").status, 200, "healthz")
