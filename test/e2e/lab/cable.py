"""A cable between a station and the switch that can be pulled, and made bad: test/faults/bad_cable.c."""
import array
import fcntl
import os
import re
import socket
import struct

from lab.box import ROOT
from lab.net import Namespace, Station
from lab.process import Process, wait_until

PROGRAM = os.environ.get("BAD_CABLE", os.path.join(ROOT, "build/debug/bad_cable"))
SIOCETHTOOL = 0x8946
OFFLOADS = (0x17, 0x1F, 0x24)  # linux/ethtool.h: ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO


def no_offload(space, interface):
    """Frames leave with their checksums, none longer than the link allows: as on a real wire."""
    with space, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for command in OFFLOADS:
            value = array.array("B", struct.pack("II", command, 0))
            fcntl.ioctl(sock, SIOCETHTOOL, struct.pack("16sP", interface.encode(), value.buffer_info()[0]))


class Cable:
    """cable.station is at its end. Frames pass once it is made."""

    def __init__(self, trial, name="box", **faults):
        self.trial = trial
        self.space = Namespace()
        self.process = None
        self.station = Station(self, name)
        trial.lan.stations.append(self.station)
        trial.keep(self)
        self.make(**faults)

    def plug(self, station, interface, mac=None):
        """For Station: in the place of a switch."""
        self.space.ip(f"link add near type veth peer name {interface} netns {station.path}")
        self.space.ip("link set near up")
        if mac:
            station.ip(f"link set {interface} address {mac}")
        station.ip(f"link set {interface} up")
        port = self.trial.lan.plug(self.space, "far")
        no_offload(station, interface)
        no_offload(self.trial.lan.switch, port)

    def make(self, **faults):
        """Another cable, at once: loss=5, delay=20 … as bad_cable.c says."""
        self.unmake()
        words = [f"{name}={amount}" for name, amount in faults.items()]
        log = self.trial.log_path("cable")
        self.process = Process(self.space, [PROGRAM, "near", "far", *words], log)
        wait_until("the cable", lambda: "ready" in self.process.log(), alive=self.process.running)

    def unmake(self):
        """What was done to frames so far: {"carried", "loss", …}."""
        if self.process is None:
            return {}
        assert self.process.running(), self.process.log()
        self.process.signal(15)
        assert self.process.wait(10) == 0, self.process.log()
        said, self.process = self.process.log(), None
        done = {name: int(count) for name, count in re.findall(r"(\w+) (\d+)", said)}
        done["carried"] = int(re.search(r"(\d+) carried", said)[1])
        return done

    def pull(self):
        self.station.carrier("off")
        self.space.ip("link set near down")

    def put(self):
        self.space.ip("link set near up")
        self.station.carrier("on")

    def close(self):
        if self.process is not None:
            self.process.kill()
        self.space.close()
