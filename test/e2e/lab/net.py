"""Network namespaces without names: a Lan is a bridge, a Station is a namespace with eth0 on it.

A namespace lives by an open descriptor of this process and by the processes inside, so nothing is
left behind however the test ends. setns(2) is per thread: `with station:` puts the calling thread
into the namespace, sockets and children made there stay there.
"""
import contextlib
import ctypes
import os
import re
import subprocess

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _call(name, *arguments):
    if getattr(_libc, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def _here():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class Namespace:
    def __init__(self):
        home = _here()
        try:
            _call("unshare", CLONE_NEWNET)
            self.fd = _here()
        finally:
            _call("setns", home, CLONE_NEWNET)
            os.close(home)
        self._homes = []
        with self:
            _sysctl("net/ipv6/conf/all/disable_ipv6", "1")
            # Debian's default, for every server: where a machine's is BBR, benches would measure its pacing. A namespace
            # gets CUBIC only where the machine allows it to all; Reno, which is everywhere, does the same without loss.
            for control in ("reno", "cubic"):
                _sysctl("net/ipv4/tcp_congestion_control", control)
        self.ip("link set lo up")

    def __enter__(self):
        self._homes.append(_here())
        _call("setns", self.fd, CLONE_NEWNET)
        return self

    def __exit__(self, *error):
        home = self._homes.pop()
        _call("setns", home, CLONE_NEWNET)
        os.close(home)

    @property
    def path(self):
        return f"/proc/{os.getpid()}/fd/{self.fd}"

    def ip(self, arguments):
        """Runs ip(8) inside."""
        with self:
            done = subprocess.run(["ip", *arguments.split()], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"ip {arguments}: {done.stderr.strip()}")
        return done.stdout

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def _sysctl(path, value):
    with contextlib.suppress(OSError), open("/proc/sys/" + path, "w", encoding="ascii") as file:
        file.write(value)


class Station(Namespace):
    """A machine on the bench: eth0, by default without an address."""

    def __init__(self, lan, name, mac=None, address=None):
        super().__init__()
        self.name = name
        self.has_tap = False
        lan.plug(self, "eth0", mac)
        if address:
            self.ip(f"addr add {address} dev eth0")

    def mac(self, interface="eth0"):
        with self:
            return subprocess.run(["ip", "-br", "link", "show", interface], capture_output=True, text=True,
                                  check=True).stdout.split()[2]

    def tap(self):
        """Puts a TAP device in eth0's place, on the same wire: for a box with a network stack of its own."""
        self.ip("link set eth0 down")
        self.ip("link set eth0 name wire0")
        self.ip("tuntap add dev eth0 mode tap")
        self.ip("link add wall0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0 group_fwd_mask 0x4000")
        for end in ("wire0", "eth0"):
            self.ip(f"link set {end} master wall0")
            self.ip(f"link set {end} up")
        self.ip("link set wall0 up")
        self.has_tap = True

    def carrier(self, state):
        """A TAP device does not see what happens to the wire behind its bridge: it is told."""
        if self.has_tap:
            self.ip(f"link set eth0 carrier {state}")

    def tap_is_on(self):
        """A bridge takes up to a second to see that somebody has opened the device."""
        return "state forwarding" in self.ip("-d link show eth0")

    def addresses(self, interface="eth0"):
        return [w for line in self.ip(f"-o -4 addr show dev {interface}").splitlines()
                for w in line.split() if w.count(".") == 3 and "/" in w]


class Lan:
    """The switch of the staging VLAN."""

    def __init__(self):
        self.switch = Namespace()
        self.switch.ip("link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0")
        self.switch.ip("link set br0 up")
        self.stations = []
        self._ports = 0

    def plug(self, station, interface, mac=None):
        """Gives the station an interface whose other end, a port of the switch, is told."""
        port = f"p{self._ports}"
        self._ports += 1
        self.switch.ip(f"link add {port} type veth peer name {interface} netns {station.path}")
        self.switch.ip(f"link set {port} master br0")
        self.switch.ip(f"link set {port} up")
        if mac:
            station.ip(f"link set {interface} address {mac}")
        station.ip(f"link set {interface} up")
        return port

    def lose(self, percent):
        """From now on so many of all frames that go through the switch are lost, in both directions."""
        self._nft(f"""table bridge loss {{
            counter lost {{ }}
            chain forward {{
                type filter hook forward priority 0;
                numgen random mod 100 < {percent} counter name lost drop
            }}
        }}""")

    def lost(self):
        """How many frames that were, and the end of it."""
        said = self._nft("list counter bridge loss lost")
        self._nft("delete table bridge loss")
        return int(re.search(r"packets (\d+)", said)[1])

    def _nft(self, text):
        with self.switch:
            done = subprocess.run(["nft", "-f", "-"], input=text, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"nft: {done.stderr.strip()}")
        return done.stdout

    def station(self, name, mac=None, address=None):
        station = Station(self, name, mac, address)
        self.stations.append(station)
        return station

    def close(self):
        for station in self.stations:
            station.close()
        self.switch.close()
