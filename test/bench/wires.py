"""A cable of its own from each server to the clients, and what keeps the figures steady."""
import array
import fcntl
import functools
import os
import socket
import struct
import subprocess

from lab.net import Namespace
from lab.process import run

SIOCETHTOOL = 0x8946
ETHTOOL_SFEATURES, ETHTOOL_GSTRINGS, ETHTOOL_GSSET_INFO, ETH_SS_FEATURES = 0x3b, 0x1b, 0x37, 4
NAME_LEN = 32


def _ethtool(name, data):
    buffer = array.array("B", data)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCETHTOOL, struct.pack("16sP", name.encode(), buffer.buffer_info()[0]))
    return buffer.tobytes()


def feature_off(name, feature):
    """Turns an offload of an interface of this namespace off, as ethtool -K does (linux/ethtool.h)."""
    info = _ethtool(name, struct.pack("IIQI", ETHTOOL_GSSET_INFO, 0, 1 << ETH_SS_FEATURES, 0))
    count = struct.unpack("IIQI", info)[3]
    names = _ethtool(name, struct.pack("III", ETHTOOL_GSTRINGS, ETH_SS_FEATURES, count) + bytes(count * NAME_LEN))[12:]
    index = [names[i * NAME_LEN:(i + 1) * NAME_LEN].rstrip(b"\0").decode() for i in range(count)].index(feature)
    blocks = (count + 31) // 32
    words = [(1 << index % 32, 0) if i == index // 32 else (0, 0) for i in range(blocks)]
    _ethtool(name, struct.pack("II", ETHTOOL_SFEATURES, blocks) + b"".join(struct.pack("II", *word) for word in words))


class Machine(Namespace):
    """A namespace that is on no switch."""

    def __init__(self, name):
        super().__init__()
        self.name = name


def cable(server, clients, end, address=None):
    """eth0 of the server to the interface `end` of the clients. What is sent over it is sent as frames of 1514 bytes at
    most, as on a real wire: no end takes whole windows of datagrams as one."""
    server.ip(f"link add eth0 type veth peer name {end} netns {clients.path}")
    for machine, name in ((server, "eth0"), (clients, end)):
        with machine:
            feature_off(name, "tx-udp-segmentation")
        machine.ip(f"link set {name} up")
    # The clients read frames as they come in. That their own kernel does no more with these, ports of a bridge that is
    # down are good for.
    clients.ip(f"link add sink-{end} type bridge")
    clients.ip(f"link set {end} master sink-{end}")
    if address:
        server.ip(f"addr add {address} dev eth0")


def receive_on(machine, interface, cores):
    """What comes in at an interface is handled by these cores, as by a network card's interrupts, and not by the one that
    happened to send it (Receive Packet Steering, the kernel's networking/scaling.rst)."""
    mask = f"{sum(1 << core for core in cores):x}"
    done = run(machine, ["unshare", "--mount", "sh", "-c", "mount -t sysfs none /sys && "
                         f"echo {mask} > /sys/class/net/{interface}/queues/rx-0/rps_cpus"], 10)
    if done.returncode != 0:
        print(f"    receiving cannot be put on a core of its own here: {done.stderr.decode().strip()}")


def of_clients():
    """The core that clients have for themselves, and the servers' others; all of them where there is one only."""
    cores = sorted(os.sched_getaffinity(0))
    return (cores[-1:], cores[:-1]) if len(cores) > 1 else (cores, cores)


@functools.cache
def _may_be_urgent():
    """Not everywhere: a container may lack the right, or its control group the time."""
    return subprocess.run(["chrt", "-f", "1", "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def urgent(command):
    """A command that comes before whatever else the machine has to do: for delays that are shorter than somebody else's turn on
    the processor. Only for what is mostly idle."""
    return ["chrt", "-f", "1", *command] if _may_be_urgent() else command


def make_urgent(pid):
    """The same for a program that runs, with the threads that it has."""
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.sched_setscheduler(int(thread), os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        print("    real-time scheduling is not allowed here: delays contain the machine's other work")


def pinned(command):
    """A command for the last core, where there is more than one: servers, which may use all of them, and clients would
    change places all the time."""
    return ["taskset", "-c", ",".join(map(str, of_clients()[0])), *command]
