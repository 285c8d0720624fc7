"""HTTPS: handshakes with RSA-2048, resumed ones, and bulk."""
import concurrent.futures
import os
import re

from frame import OURS, Figure, row, run_inside
from lab import images
from lab.case import ADDRESS
from lab.process import exists

CLIENTS = 4
LIGHTTPD, NGINX = "192.168.10.21", "192.168.10.22"
# What old phones speak, what their guides list besides, and what today's browsers take.
SUITES = (("RSA key exchange, as the phones do", "AES128-SHA", 3), ("DHE", "DHE-RSA-AES128-SHA", None),
          ("ECDHE", "ECDHE-RSA-AES128-GCM-SHA256", None))


def s_time(station, address, seconds, suite, words):
    """Handshakes a second of CLIENTS clients at once; each counts for itself."""
    command = ["openssl", "s_time", "-connect", f"{address}:443", "-tls1_2", "-cipher", suite + ":@SECLEVEL=0", "-time",
               str(max(1, round(seconds))), *words]
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        done = list(pool.map(lambda _: run_inside(station, command, seconds + 30), range(CLIENTS)))
    rates = [re.search(rb"(\d+) connections in (\d+) real seconds", d.stdout) for d in done]
    if not all(rates):
        return None
    return sum(int(r[1]) / max(1, int(r[2])) for r in rates)


def download(station, address, name):
    done = run_inside(station, ["curl", "-sk", "--tls-max", "1.2", "--ciphers", "AES128-SHA:@SECLEVEL=0", "-o", "/dev/null",
                                "-w", "%{http_code} %{speed_download}", f"https://{address}/{name}"], 60)
    code, speed = done.stdout.split()
    assert code == b"200", done
    return float(speed) / 1e6


def answers(station):
    return run_inside(station, ["curl", "-sk", "-o", "/dev/null", "https://127.0.0.1/"], 10).returncode == 0


def servers(bench):
    card = bench.card()
    images.put_ladder(card)
    card.settings({"profile": {"auth": "none", "transport": "any"}})
    for what in ("ca", "server"):
        from lab import box
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
    client = bench.operator

    def rate(address, suite, words):
        return lambda seconds: s_time(client, address, seconds, suite, words)
    figures = [Figure(f"full handshakes, {title}", "1/s",
                      {peer: rate(address, suite, ["-new"]) for peer, address in found.items()},
                      {"lighttpd-mbedtls": floor} if floor else None, note=f"{suite}, {CLIENTS} clients")
               for title, suite, floor in SUITES]
    figures.append(Figure("resumed handshakes", "1/s",
                          {peer: rate(address, "AES128-SHA", ["-reuse"]) for peer, address in found.items()}))
    figures.append(Figure("one 4.4 MB file", "MB/s", {peer: (lambda a: lambda seconds: download(client, a, name))(address)
                                                       for peer, address in found.items()}, note="AES128-SHA"))
    return figures
