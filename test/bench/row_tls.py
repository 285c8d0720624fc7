"""HTTPS: handshakes with RSA-2048, resumed ones, and bulk."""
import concurrent.futures
import os

from frame import OURS, Figure, row, run_inside
from lab import box, images
from lab.case import ADDRESS
from lab.process import exists

CLIENTS = 8
CLIENT = os.path.join(os.path.dirname(box.BINARY), "tls_handshakes")
LIGHTTPD, NGINX = "192.168.10.21", "192.168.10.22"
# What old phones speak, what their guides list besides, and what today's browsers take.
SUITES = (("RSA key exchange, as the phones do", "+RSA:+AES-128-CBC:+SHA1", 3),
          ("DHE", "+DHE-RSA:+AES-128-CBC:+SHA1", None),
          ("ECDHE", "+ECDHE-RSA:+AES-128-GCM:+AEAD", None))
PRIORITIES = "NONE:+VERS-TLS1.2:+SIGN-ALL:+COMP-NULL:+CTYPE-ALL:+GROUP-SECP256R1:+GROUP-ALL:"


def handshakes(bench, address, suite, *words):
    """Handshakes a second, of CLIENTS connections at once; the client's own ceiling goes to bench.ceilings."""
    def measure(seconds):
        done = run_inside(bench.operator, [CLIENT, address, "443", f"{seconds}", str(CLIENTS), PRIORITIES + suite, *words], seconds + 30)
        if done.returncode != 0:
            print(f"    {address}: {done.stderr.decode().strip().rpartition(chr(10))[2]}")
            return None
        count, wall, cpu = map(float, done.stdout.split())
        bench.ceilings.append(count / cpu * (os.cpu_count() or 1))
        return count / wall
    return measure


def download(bench, address, name):
    def measure(_):
        done = run_inside(bench.operator, ["curl", "-sk", "--tls-max", "1.2", "--ciphers", "AES128-SHA:@SECLEVEL=0", "-o",
                                           "/dev/null", "-w", "%{http_code} %{speed_download}",
                                           f"https://{address}/{name}"], 60)
        code, speed = done.stdout.split()
        assert code == b"200", done
        return float(speed) / 1e6
    return measure


def answers(station):
    return run_inside(station, ["curl", "-sk", "-o", "/dev/null", "https://127.0.0.1/"], 10).returncode == 0


def servers(bench):
    card = bench.card()
    images.put_ladder(card)
    card.settings({"profile": {"auth": "none", "transport": "any"}})
    for what in ("ca", "server"):
        done = box.command("-c", card.ini, "cert", what)
        assert done.returncode == 0, done
    bench.start(card=card)
    root = bench.path("www")
    os.makedirs(root)
    name = "bulk.bin"
    with open(os.path.join(root, name), "wb") as file:
        file.write(os.urandom(4_400_000))
    card.write("files/" + name, open(os.path.join(root, name), "rb").read())
    bench.box.reload()
    pem = {"certificate": card.path("certs/server.crt"), "key": card.path("certs/server.key")}
    found = {OURS: ADDRESS}
    for peer, address, command in (("lighttpd-mbedtls", LIGHTTPD, ["lighttpd", "-D", "-f"]),
                                   ("nginx", NGINX, ["nginx", "-c"])):
        assert exists(command[0]), f"{command[0]} is not installed"
        config = bench.configuration(peer + ".conf", root=root, folder=bench.folder, **pem)
        bench.peer(address, [*command, config], answers)
        found[peer] = address
    return found, name


@row("full RSA-2048 handshakes a second, resumed ones, and bulk, beside lighttpd with mbedTLS and nginx")
def tls(bench):
    found, name = servers(bench)
    figures = [Figure(f"full handshakes, {title}", "1/s",
                      {peer: handshakes(bench, address, suite) for peer, address in found.items()},
                      {"lighttpd-mbedtls": floor} if floor else None, note=f"{suite[1:]}, {CLIENTS} connections")
               for title, suite, floor in SUITES]
    figures.append(Figure("resumed handshakes", "1/s", {peer: handshakes(bench, address, SUITES[0][1], "reuse")
                                                        for peer, address in found.items()}, note="by session id"))
    figures.append(Figure("one 4.4 MB file", "MB/s", {peer: download(bench, address, name) for peer, address in
                                                      found.items()}, note="AES128-SHA"))
    return figures
