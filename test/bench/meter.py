"""What a server costs: seconds of the processor, by a control group, so that no child is forgotten."""
import contextlib
import os
import signal

from lab.process import wait_until


def _hierarchy():
    """Where cgroup2 is mounted (cgroups(7)); None where it is not."""
    with open("/proc/mounts", encoding="utf-8") as file:
        for line in file:
            _, where, kind = line.split()[:3]
            if kind == "cgroup2" and os.access(where, os.W_OK):
                return where
    return None


class Meter:
    """Of the processes that are put into it, with all threads and children that they make from then on."""

    def __init__(self, name):
        where = _hierarchy()
        if not where:
            raise RuntimeError("the servers' processor time is measured by control groups, and /proc/mounts names no cgroup2 "
                               "that can be written to: mount one (mount -t cgroup2 none /sys/fs/cgroup, as root)")
        self.path = os.path.join(where, f"stagebox-bench-{os.getpid()}-{name}")
        os.mkdir(self.path)

    def put(self, pid):
        with open(os.path.join(self.path, "cgroup.procs"), "w", encoding="ascii") as file:
            file.write(str(pid))
        return self

    def seconds(self):
        with open(os.path.join(self.path, "cpu.stat"), encoding="ascii") as file:
            return int(dict(line.split() for line in file)["usage_usec"]) / 1e6

    def close(self):
        """Ends what is still in it, such as a child of a server that is gone."""
        wait_until("the end of a server's children", self._removed, 10)

    def _removed(self):
        with open(os.path.join(self.path, "cgroup.procs"), encoding="ascii") as file:
            for pid in file.read().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
        try:
            os.rmdir(self.path)
        except OSError:
            return False
        return True
