"""plugin - the plugins that the suite knows: what to configure them with, and what they should leave.

A profile tells its `kind` (main or ipam), the newest `version` it speaks, what it `lacks` (a word that
a case needs, and why it is not there), and where it may leave `traces`.
"""
import glob
import json
import os
import shlex
import shutil
import subprocess

VERSIONS = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]
FAKE_DIR = "/opt/fake"
DEBIAN_DIR = "/usr/lib/cni"


def shell(command, check=True):
    """Run a command, or several in a shell; what they print."""
    words = ["sh", "-c", command] if set(command) & set(";|&<>") else shlex.split(command)
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{command}: {done.stderr}")
    return done.stdout


def links(netns=""):
    """The interfaces of a namespace: {name: what ip tells}."""
    return {link["ifname"]: link for link in json.loads(shell(f"ip -j -d {netns} addr show"))}


class Plugin:
    kind = "main"
    version = "1.1.0"
    lacks = {}
    traces = ()  # directories that it may write to

    def __init__(self, binary):
        self.name = os.path.basename(binary)
        self.binary = binary
        self.path = f"{FAKE_DIR}:{os.path.dirname(binary)}:{DEBIAN_DIR}"
        self.versions = VERSIONS[:VERSIONS.index(self.version) + 1]

    def set_up(self):
        """Once."""

    def conf(self, case):
        """What is its own in a configuration."""
        raise NotImplementedError

    def left(self, case):
        """What of the case is still there though it should not be: texts."""
        return []

    def clean(self, case):
        """Remove it."""


class Ipam(Plugin):
    kind = "ipam"

    def conf(self, case):
        return {"type": "some-main", "ipam": dict({"type": self.name}, **self.section(case))}

    def section(self, case):
        raise NotImplementedError

    def held(self, case):
        """The addresses that somebody holds in the case's network; None when that is not to be seen."""


class RailIpam(Ipam):
    traces = ("/run/rail-cni", "/store", "/var/lib/cni/rail-ipam")
    store = "/store"

    def set_up(self):
        os.makedirs(self.store)
        subprocess.run([self.binary, "init", self.store], check=True, capture_output=True)

    def section(self, case):
        return {"store": self.store, "range": "192.168.1.0/28", "gateway": "192.168.1.1"}

    def dual(self, case):
        return {"ipRanges": [{"range": "fd00:1::/120", "gateway": "fd00:1::1"}]}

    def full(self, case):
        return {"range": "192.168.1.0/30", "gateway": "192.168.1.1"}

    def held(self, case):
        names = glob.glob(f"{glob.escape(self.store)}/{case.network}/*/*=*")
        return sorted(os.path.basename(name).split("=")[0] for name in names)

    def left(self, case):
        return [f"leased {address}" for address in self.held(case)] + [
            f"record {name}" for name in glob.glob(f"/run/rail-cni/ipam/{case.container}*")]

    def clean(self, case):
        shutil.rmtree(f"{self.store}/{case.network}", ignore_errors=True)


class HostLocal(Ipam):
    version = "1.0.0"
    traces = ("/run/host-local",)

    def section(self, case):
        return {"subnet": "192.168.1.0/28", "gateway": "192.168.1.1", "dataDir": "/run/host-local"}

    def dual(self, case):
        return {"ranges": [[{"subnet": "fd00:1::/120", "gateway": "fd00:1::1"}]]}

    def full(self, case):
        return {"subnet": "192.168.1.0/30", "gateway": "192.168.1.1"}

    def held(self, case):
        names = glob.glob(f"/run/host-local/{case.network}/*")
        return sorted(os.path.basename(name) for name in names if name.split("/")[-1][0].isdigit())

    def left(self, case):
        return [f"leased {address}" for address in self.held(case)]

    def clean(self, case):
        shutil.rmtree(f"/run/host-local/{case.network}", ignore_errors=True)


class Static(Ipam):
    version = "1.0.0"
    lacks = {"leases": "static remembers nothing"}

    def section(self, case):
        return {"addresses": [{"address": "192.168.1.5/28", "gateway": "192.168.1.1"}]}

    def dual(self, case):
        return {"addresses": self.section(case)["addresses"] + [{"address": "fd00:1::5/120", "gateway": "fd00:1::1"}]}


class Main(Plugin):
    """Delegates to fake-ipam; what it may leave is interfaces, in the pod or on the node."""

    def conf(self, case):
        return dict({"type": self.name, "ipam": {"type": "fake-ipam"}}, **self.device(case))

    def device(self, case):
        """The device that the case's interface shall have."""
        return {}

    def other(self, case):
        """Another device, of the same case."""
        return self.device(case)

    def left(self, case):
        found = links(f"-n {case.pod}") if os.path.exists(f"/run/netns/{case.pod}") else {}
        return [f"{name} in the pod" for name in found if name != "lo"]

    def clean(self, case):
        shell(f"ip netns del {case.pod}", check=False)


class RailSriov(Main):
    """On VFs for user space that a made-up /sys shows, or on the machine's own that are given.

    Such a VF stays out of the pod: what happens there needs one with an interface. All the rest is the same.
    """
    traces = ("/run/rail-cni",)
    state = "/run/rail-cni/sriov"
    vfs = [f"0000:03:{slot:02x}.{function}" for slot in range(4) for function in range(8)][2:]
    has_sysfs = False

    def __init__(self, binary, vfs=None):
        super().__init__(binary)
        self.vfs = vfs or self.vfs
        self.has_sysfs = bool(vfs)
        if not vfs:
            self.lacks = {"interface": "no VF with an interface on this machine: see tests/lab/conformance.sh"}

    def set_up(self):
        if self.has_sysfs:
            self.before = self.look()
            return
        os.makedirs("/sys/class/net")
        os.makedirs("/sys/bus/pci/drivers/vfio-pci")
        for vf in self.vfs:
            os.makedirs(f"/sys/bus/pci/devices/{vf}")
            os.symlink("../../drivers/vfio-pci", f"/sys/bus/pci/devices/{vf}/driver")
            with open(f"/sys/bus/pci/devices/{vf}/reset", "w", encoding="utf-8"):
                pass

    def look(self):
        """All that an attachment may change of the VFs."""
        found = links()
        keys = ("ifname", "address", "mtu", "vfinfo_list", "altnames", "ifalias")
        return {name: {key: found[name].get(key) for key in keys}
                for name in found if found[name].get("parentbus") == "pci"}

    def device(self, case):
        return {"deviceID": self.vfs[0]}

    def other(self, case):
        return {"deviceID": self.vfs[1]}

    def left(self, case):
        changed = self.has_sysfs and self.look() != self.before
        return super().left(case) + self.records(case) + ([f"VFs have changed: {self.look()}"] if changed else [])

    def records(self, case):
        """The case's; and what nobody can have left but it."""
        found = glob.glob(f"{self.state}/*") if not case.rule.slow else glob.glob(f"{self.state}/*,{case.container}*")
        return [f"record {name}" for name in found]

    def clean(self, case):
        super().clean(case)
        for name in glob.glob(f"{self.state}/*"):
            os.unlink(name)


class HostDevice(Main):
    version = "1.0.0"

    def device(self, case):
        return self.veth("hd0")

    def other(self, case):
        return self.veth("hd1")

    def veth(self, name):
        """One end is the device; it may have been moved into the pod just now."""
        if f"{name}peer" not in links():
            shell(f"ip link add {name} type veth peer name {name}peer; ip link set {name}peer up")
        return {"device": name}

    def clean(self, case):
        super().clean(case)
        shell("ip link del hd0peer; ip link del hd1peer; ip link del net1", check=False)


class Bridge(Main):
    version = "1.0.0"
    traces = ("/var/lib/cni",)

    def device(self, case):
        return {"bridge": "cbr0"}

    def clean(self, case):
        super().clean(case)
        shell("ip link del cbr0", check=False)


PROFILES = {"rail-sriov": RailSriov, "rail-ipam": RailIpam, "host-local": HostLocal, "static": Static,
            "host-device": HostDevice, "bridge": Bridge}


def profile(binary, vfs):
    """The profile of a plugin by its file's name; `vfs` are for rail-sriov."""
    name = os.path.basename(binary)
    if name not in PROFILES:
        raise SystemExit(f"{name}: no profile in plugin.py; known are {', '.join(PROFILES)}")
    return RailSriov(binary, vfs) if PROFILES[name] is RailSriov else PROFILES[name](binary)
