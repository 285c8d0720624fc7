"""The OpenWrt packages (boards/openwrt): what is in them, and what the init script makes of /etc/config/stagebox. UCI and
procd are small stand-ins (test/boards/openwrt), busybox's shell is real, and so is the dnsmasq in the way."""
import io
import os
import re
import subprocess
import tarfile

from lab import http, process
from lab.box import ROOT
from lab.case import same, test
from lab.process import Process, wait_until

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "openwrt")
BOARD = os.path.join(ROOT, "boards/openwrt")
FOLDER = "/mnt/sda1/stagebox"
INI = FOLDER + "/stagebox.ini"
# ELF's number of the machine, and whether it is big-endian
ARCHES = {"x86_64": ("x86_64", 62, False), "aarch64": ("aarch64_cortex-a53", 183, False),
          "arm": ("arm_cortex-a7_neon-vfpv4", 40, False), "mips": ("mips_24kc", 8, True),
          "mipsel": ("mipsel_24kc", 8, False)}
FILES = {"./usr/bin/stagebox": 0o755, "./etc/config/stagebox": 0o600, "./etc/init.d/stagebox": 0o755,
         "./usr/share/stagebox/ini.sh": 0o644}

UCI = r"""
config stagebox 'main'
	option enabled '1'
	option folder '/mnt/sda1/stagebox'

config box 'box'
	option network 'staging'

config dhcp
	option pool '192.168.10.50-192.168.10.99'
	option rogue 'warn'
	list option150 '192.168.10.10'
	list option150 '192.168.10.11'

config gate 'mine'
	option family 'spa50x-30x'
	option to '>7.5.2b'
	option needs '>=7.5.2b'

config dhcp_option
	option code '43'
	option value 'hex:01'

config firmware
	option version '7.5.2b'
	option name 'spa50x-30x-custom.bin'
	option family 'spa50x-30x'

config dhcp_host
	option mac '58:bf:ea:11:04:e6'
	option address '192.168.10.77'

config dhcp_option
	option code '128'
	option value 'text:it'\''s here'
"""
MADE = """[box]
interface = eth0
address = 192.168.10.10/24
[dhcp]
pool = 192.168.10.50-192.168.10.99
rogue = warn
option150 = 192.168.10.10, 192.168.10.11
[gate mine]
family = spa50x-30x
to = >7.5.2b
needs = >=7.5.2b
[firmware spa50x-30x-custom.bin]
version = 7.5.2b
family = spa50x-30x
[dhcp.option]
43 = hex:01
128 = text:it's here
[dhcp.host]
58:bf:ea:11:04:e6 = 192.168.10.77
"""


def made(arch):
    return subprocess.run([os.path.join(ROOT, "tools/ipk"), arch], check=True, capture_output=True, text=True).stdout.strip()


def members(archive, name):
    with tarfile.open(fileobj=io.BytesIO(archive.extractfile(name).read()), mode="r:gz") as inner:
        return {m.name: (m, inner.extractfile(m).read() if m.isfile() else None) for m in inner.getmembers()}


def look(arch):
    """All that opkg reads of the package."""
    architecture, machine, big = ARCHES[arch]
    package = made(arch)
    same(os.path.basename(package), f"stagebox_0.1.0-1_{architecture}.ipk", "name")
    with tarfile.open(package, "r:gz") as archive:
        same(archive.getnames(), ["./debian-binary", "./data.tar.gz", "./control.tar.gz"], "members")
        same(archive.extractfile("./debian-binary").read(), b"2.0\n", "debian-binary")
        control, data = members(archive, "./control.tar.gz"), members(archive, "./data.tar.gz")
    fields = dict(re.findall(r"^(\S+): ?(.*)$", control["./control"][1].decode(), re.M))
    same({k: fields[k] for k in ("Package", "Version", "Architecture", "Depends")},
         {"Package": "stagebox", "Version": "0.1.0-1", "Architecture": architecture, "Depends": ""}, "control")
    same(control["./conffiles"][1], b"/etc/config/stagebox\n", "conffiles")
    same({n: m.mode for n, (m, _) in control.items() if n in ("./postinst", "./prerm")},
         {"./postinst": 0o755, "./prerm": 0o755}, "scripts")
    same({n: m.mode for n, (m, _) in data.items() if m.isfile()}, FILES, "files")
    same({(m.uid, m.gid, m.mode) for m, _ in data.values() if m.isdir()}, {(0, 0, 0o755)}, "folders")
    same({(m.uid, m.gid) for m, _ in [*data.values(), *control.values()]}, {(0, 0)}, "owners")
    program = data["./usr/bin/stagebox"][1]
    same(program[:4], b"\x7fELF", "program")
    same(int.from_bytes(program[18:20], "big" if big else "little"), machine, f"{arch}: the ELF's machine")
    assert b"ld-musl" not in program, f"{arch}: it wants a C library"
    assert len(program) < 900_000, f"{arch}: {len(program)} bytes"


@test(seconds=60)
def openwrt_packages(_trial):
    for arch in ARCHES:
        look(arch)


@test(seconds=60)
def openwrt_makefile(trial):
    """The Makefile for the SDK installs the same files with the same modes. The SDK's own parts are stand-ins."""
    for name in ("rules.mk", "package.mk", "cmake.mk"):
        with open(trial.path(name), "w", encoding="ascii") as file:
            file.write("" if name != "rules.mk" else
                       "INSTALL_DIR=install -d\nINSTALL_BIN=install -m0755\nINSTALL_CONF=install -m0600\n"
                       "INSTALL_DATA=install -m0644\nCP=cp -a\nPKG_BUILD_DIR=$(TOPDIR)/build\n"
                       "define BuildPackage\nall:\n\t$$(call Build/Prepare)\n\ttouch $$(PKG_BUILD_DIR)/stagebox\n"
                       "\t$$(call Package/$(1)/install,$(TOPDIR)/out)\nendef\n")
    subprocess.run(["make", "-C", BOARD, f"TOPDIR={trial.folder}", f"INCLUDE_DIR={trial.folder}", "all"], check=True,
                   capture_output=True, text=True)
    got = {}
    for folder, _, names in os.walk(trial.path("out")):
        for name in names:
            path = os.path.join(folder, name)
            got["./" + os.path.relpath(path, trial.path("out"))] = os.stat(path).st_mode & 0o777
    same(got, FILES, "files")
    for needed in ("CMakeLists.txt", "net/tls/mbedtls_user.h", "boards/linux/main.c", "boards/hosted/program.c", "toolchain/sources"):
        assert os.path.exists(trial.path("build", needed)), needed
    with open(os.path.join(BOARD, "Makefile"), encoding="utf-8") as file:
        version = re.search(r"^PKG_VERSION:=(.*)$", file.read(), re.M)[1]
    with open(os.path.join(ROOT, "CMakeLists.txt"), encoding="utf-8") as file:
        assert f"VERSION {version} " in file.read(), f"CMakeLists.txt is not of version {version}"


class Router:
    """A system on which the package is installed as opkg would do it."""

    def __init__(self, trial, package):
        self.station = trial.station("router")
        self.log = trial.log_path("router")
        self.keeper = Process(self.station, ["unshare", "--mount", "--propagation", "private", os.path.join(HERE, "root"),
                                             trial.path("router"), HERE], self.log)
        trial.stack.callback(self.keeper.kill)
        wait_until("the router's file system", lambda: "there\n" in self.keeper.log(), alive=self.keeper.running)
        self.enter = ["nsenter", f"--mount=/proc/{self.keeper.pid}/ns/mnt", "chroot", trial.path("router/root")]
        with open(package, "rb") as file:
            self.sh("mkdir /tmp/package && tar -xz -C /tmp/package", stdin=file.read())
        self.sh("tar -xzf /tmp/package/data.tar.gz -C / --no-same-owner --keep-directory-symlink")
        self.sh("tar -xzf /tmp/package/control.tar.gz -C /tmp/package")

    def call(self, script, stdin=None):
        return process.run(self.station, [*self.enter, "sh", "-c", "export EMULATOR=qemu-mipsel; " + script], 60,
                           stdin=stdin)

    def sh(self, script, stdin=None):
        done = self.call(script, stdin)
        said = (done.stdout + done.stderr).decode()
        same(done.returncode, 0, f"{script}: {said}")
        return said

    def settings(self, text):
        self.sh("cat >/etc/config/stagebox", text.encode())

    def service(self, action):
        """(exit status, what it said)"""
        done = self.call("/etc/init.d/stagebox " + action)
        return done.returncode, (done.stdout + done.stderr).decode()

    def said(self):
        return self.sh("cat /run/stagebox.log")

    def ini(self):
        """stagebox.ini less its first line."""
        first, _, rest = self.sh("cat " + INI).partition("\n")
        assert first.startswith("; Made of /etc/config/stagebox"), first
        return rest


def as_installed(router):
    router.sh("sh /tmp/package/postinst")
    router.sh("[ -L /etc/rc.d/S95stagebox ] && [ ! -e /run/stagebox.pid ]")
    same(router.service("triggers"),
         (0, "config stagebox\ninterface staging: /etc/init.d/stagebox reload\n"), "triggers")
    # A stick that is not there, a network that is not up.
    router.settings(UCI)
    status, said = router.service("start")
    assert status == 1 and f"there is no folder {FOLDER} (is the stick mounted?)" in said, said
    router.sh("mkdir -p " + FOLDER)
    router.settings(UCI.replace("'staging'", "'lan'"))
    status, said = router.service("start")
    assert status == 1 and "lan is no network that is up" in said, said


def in_the_way(trial, router):
    """The sentence about the ports' holder, and its advice taken."""
    router.sh("ip link add lan0 type veth peer name lan1 && ip link set lan1 up && ip link set lan0 up && ip addr add 192.168.1.1/24 dev lan0")
    common = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--log-facility=-", "--pid-file=",
              "--bind-dynamic", "--dhcp-leasefile=/run/leases", "--dhcp-range=192.168.1.100,192.168.1.200,1h"]

    def dnsmasq(*words):
        other = Process(router.station, [*router.enter, *common, *words], trial.log_path("dnsmasq"))
        wait_until("dnsmasq", lambda: "DHCP, IP range" in other.log(), alive=other.running)
        return other

    def refused(*words):
        other = dnsmasq(*words)
        router.sh("rm -f /run/stagebox.log")
        router.service("start")
        wait_until("the end of stagebox", lambda: not router.call("kill -0 $(cat /run/stagebox.pid)").returncode == 0)
        other.kill()
        return other.pid, router.said()

    pid, said = refused("--port=0")
    assert f"UDP port 67 on eth0 is held by dnsmasq (pid {pid}): `uci add_list dhcp.@dnsmasq[0].interface=lan` keeps it to " \
           "the network lan, `uci set dhcp.lan.ignore=1` ends its DHCP there; then `uci commit dhcp; " \
           "/etc/init.d/dnsmasq restart`\n" in said, said
    pid, said = refused("--port=0", "--interface=lan0", "--enable-tftp=lo,eth0", "--tftp-root=/tmp",
                        "--listen-address=192.168.10.10")
    assert f"UDP port 69 on eth0 is held by dnsmasq (pid {pid}): `uci set dhcp.@dnsmasq[0].enable_tftp=0; " in said, said
    # As OpenWrt starts it once the first advice was taken.
    trial.stack.callback(dnsmasq("--interface=lan0").kill)


@test(seconds=120)
def openwrt_service(trial):
    router = Router(trial, made("mipsel"))
    as_installed(router)
    router.settings(UCI)
    in_the_way(trial, router)
    router.sh("rm -f /run/stagebox.log")
    same(router.service("start"), (0, ""), "start")
    wait_until("`ready`", lambda: "ready\n" in router.said(), 30)
    same(router.ini(), MADE, "stagebox.ini")
    same(router.sh("stat -c %a " + INI), "600\n", "mode of stagebox.ini")
    same(http.fetch(trial.operator, "192.168.10.10", "/healthz").status, 200, "healthz")
    # Another setting, while it runs.
    router.settings(UCI.replace("'warn'", "'ignore'"))
    same(router.service("reload")[0], 0, "reload")
    wait_until("the settings read again", lambda: "inventory anew" in router.said())
    same(router.ini(), MADE.replace("= warn", "= ignore"), "stagebox.ini")
    # What cannot be said in the INI.
    router.settings(UCI.replace("'warn'", "'warn ; no'"))
    status, said = router.service("reload")
    assert status == 1 and "option rogue must not have" in said, said
    # A file of the operator's own.
    router.sh("sed -i 1d " + INI)
    status, said = router.service("reload")
    assert status == 0 and "somebody's own" in said, said
    same(router.sh("head -n 1 " + INI), "[box]\n", "the operator's own file")
    pid = router.sh("cat /run/stagebox.pid").strip()
    router.sh("sh /tmp/package/prerm")
    wait_until("its end", lambda: router.call("kill -0 " + pid).returncode != 0)
    router.sh("[ ! -e /etc/rc.d/S95stagebox ]")
