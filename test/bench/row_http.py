"""HTTP: one firmware image to many phones, and the delay of a profile meanwhile, beside lighttpd and nginx."""
import os

from lab import dhcp
from frame import OURS, Figure, row, run_inside
from lab import box, images
from lab.case import ADDRESS
from lab.process import exists
from meter import Meter
from wires import pinned

LOAD = os.path.join(os.path.dirname(box.BINARY), "http_load")
PEERS = {"lighttpd": ("192.168.10.21", ["lighttpd", "-D", "-f"], "lighttpd.conf"),
         "nginx": ("192.168.10.22", ["nginx", "-c"], "nginx-http.conf")}
PROFILE, IMAGE = "/spa504G.cfg", "/spa50x-30x-7-6-1.bin"
SIZE, PROFILE_SIZE = 4_400_000, 4096
PHONES = 32
CONNECTIONS = 640  # [limits] connections: the default of 128 is for phones that take turns, not for 256 at once


def phone_mac(number):
    """As http_load says it in the User-Agent; the first is number 1."""
    return f"00:02:fd:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


def lease(bench, count):
    """The phones get leases, as on any staging network, and the clients' machine takes their addresses: in their order."""
    leases = []
    for number in range(1, count + 1):
        client = dhcp.Client(bench.operator, phone_mac(number))
        leases.append(client.obtain().yiaddr)
        client.close()
        bench.operator.ip(f"addr add {leases[-1]}/24 dev eth0")
    return "from=" + ",".join(leases)


def load_command(address, *words, seconds, phones, version, path):
    return [LOAD, address, "80", f"{seconds}", str(phones), "1", version, path, *words]


def run_load(bench, address, *words, seconds=3, phones=PHONES, version="7.6.1", path=PROFILE, wrap=pinned):
    """One run of http_load: the figures that it prints, or None where it failed. `wrap`: makes the command that is run."""
    command = wrap(load_command(address, *words, seconds=seconds, phones=phones, version=version, path=path))
    done = run_inside(bench.operator, command, seconds + 30)
    if done.returncode != 0:
        print("    " + done.stderr.decode().strip())
        return None
    return [float(word) for word in done.stdout.split()]


def bulk(bench, address, meter, phones):
    """MB/s, the server's seconds of the processor for 1 GB, and what the client could do with its core."""
    def measure(seconds):
        before = meter.seconds()
        said = run_load(bench, address, seconds=seconds, phones=phones, version="7.5.2b", path=IMAGE)
        if said is None:
            return None
        _, size, wall, cpu = said[:4]
        return size / wall / 1e6, (meter.seconds() - before) / size * 1e9, size / cpu / 1e6
    return measure


def beside(bench, address, others, own):
    """The delay of a profile in ms, median and 99th percentile, while so many others load an image as fast as they can."""
    def measure(seconds):
        loading = bench.process(bench.operator, pinned(load_command(address, seconds=seconds + 60, phones=others,
                                                                    version="7.5.2b", path=IMAGE)))
        # In a shorter time none would be answered before all the others have connected.
        said = run_load(bench, address, own, "rate=50", seconds=max(seconds, 1))
        loading.kill()
        return said and (said[4] / 1000, said[5] / 1000)
    return measure


def template():
    """A final configuration of so many bytes, or a few more or less: what is asked of the box is to render it."""
    lines = ["<flat-profile>"]
    for i in range(1, 32):
        lines.append(f"<User_ID_{i}_>{{{{mac}}}}</User_ID_{i}_><Display_Name_{i}_>Extension {i}</Display_Name_{i}_>")
    return "\n".join([*lines, "</flat-profile>", ""])


def answers(station):
    return run_inside(station, ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1/"], 10).returncode == 0


def fetch(bench, path, version):
    done = run_inside(bench.operator, ["curl", "-sf", "-A", f"Cisco/SPA504G-{version} (0002FD000001)(CCQ10000001)",
                                       f"http://{ADDRESS}{path}"], 10)
    assert done.returncode == 0, done
    return done.stdout


def servers(bench):
    """{contestant: (address, meter)}; the peers have the same bytes that the box sends."""
    card = bench.card()
    content = images.put(card, "spa50x-30x", "7.6.1", size=SIZE)
    card.write("profiles/full.xml", template())
    card.settings({"profile": {"auth": "none", "transport": "any", "template": "profiles/full.xml"},
                   "limits": {"connections": CONNECTIONS, "phones": 512}})
    bench.start(card=card)
    profile = fetch(bench, PROFILE, "7.6.1")
    assert abs(len(profile) - PROFILE_SIZE) < 100, f"the profile has {len(profile)} bytes"
    root = bench.path("www")
    os.makedirs(root)
    for name, what in ((PROFILE, profile), (IMAGE, content)):
        with open(root + name, "wb") as file:
            file.write(what)
    found = {OURS: (ADDRESS, bench.keep(Meter(OURS)).put(bench.box.process.pid))}
    for peer, (address, command, config) in PEERS.items():
        assert exists(command[0]), f"{command[0]} is not installed"
        meter = bench.keep(Meter(peer))
        process = bench.peer(address, [*command, bench.configuration(config, root=root, folder=bench.folder)], answers)
        for pid in process_and_children(process.pid):
            meter.put(pid)
        found[peer] = (address, meter)
    return found


def process_and_children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [pid, *map(int, file.read().split())]


def bulk_figure(bench, found, phones):
    cost = Figure(f"…{phones} phones: the server's processor time", "s a GB", less=True)
    client = Figure(f"…{phones} phones: what the client could do alone", "MB/s", note="its own processor time counted only")
    return Figure(f"an image of 4.4 MB to {phones} phones", "MB/s",
                  {peer: bulk(bench, *where, phones) for peer, where in found.items()}, {"nginx": 1}, also=(cost, client))


def beside_figure(bench, found, others, own):
    late = Figure("…99th percentile", "ms", less=True)
    return Figure(f"delay of a profile beside {others} phones that load, median", "ms",
                  {peer: beside(bench, address, others, own) for peer, (address, _) in found.items()},
                  less=True, note="50 profiles a second; it fails where one takes 640 ms", also=(late,))


@row("an image to 16 and 256 phones, and a profile beside those, beside lighttpd and nginx")
def http(bench):
    found = servers(bench)
    own = lease(bench, PHONES)
    return [bulk_figure(bench, found, 16), bulk_figure(bench, found, 256),
            beside_figure(bench, found, 256, own)]
