"""Odd things where files are expected, and files that others have changed."""
import contextlib
import os
import shutil
import socket

from attack import DEADLINE, attack, each, untouched, write
from call import expect
from plugin import shell
from suite import case


def fifo(path):
    os.mkfifo(path)


def listening(path):
    one = socket.socket(socket.AF_UNIX)
    one.bind(path)
    one.close()


def device(path):
    os.symlink("/dev/zero", path)


def huge(path):
    with open(path, "wb") as file:
        file.truncate(1 << 40)


def loop(path):
    os.symlink(path, path)


def elsewhere(path):
    write("/etc/elsewhere", b"others'\n")
    os.symlink("/etc/elsewhere", path)


def unreadable(path):
    write(path)
    os.chmod(path, 0)


def nobodys(path):
    write(path)
    os.chown(path, 65534, 65534)


ODD = {"a directory": os.makedirs, "a fifo": fifo, "a socket": listening, "a link to a device": device, "a terabyte of nothing": huge, "an empty file": write,
       "a link to itself": loop, "a link to nothing": lambda path: os.symlink("/nowhere/at/all", path), "a link to a file of others": elsewhere,
       "a file of noise": lambda path: write(path, bytes(range(256))), "a file without permissions": unreadable, "a file of somebody else": nobodys}


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def instead(path, kind):
    """Put something odd in the place of a file; a function that puts back what was there."""
    kept = None
    if os.path.lexists(path):
        kept = "/tmp/kept"
        remove(kept)
        os.rename(path, kept)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    ODD[kind](path)

    def back():
        remove(path)
        if kept:
            os.rename(kept, path)
    return back


def with_odd(t, path, verbs, conf=None, kinds=tuple(ODD)):
    """Call every verb with every odd thing at the path."""
    def one(kind, verb):
        back = instead(path, kind)
        try:
            attack(t, verb, conf)
            t.take_back()  # as the records are that it made
        finally:
            back()
            t.take_back()
            t.added.clear()
    each((f"{path} is {kind}, {verb}", lambda kind=kind, verb=verb: one(kind, verb)) for kind in kinds for verb in verbs)
    other = t.attach(container=t.container + "b")
    other.add()  # whatever that was, it works again when it is over
    other.delete()


ALL = ("ADD", "DEL", "CHECK", "STATUS", "GC")


@case("files", "an odd thing in the place of {} hangs nobody and touches nothing else", kind="rail-sriov",
      each=("/run/rail-cni", "/run/rail-cni/sriov", "/run/rail-cni/sriov/.VF.lock", "/run/rail-cni/sriov/foreign", "/run/rail-cni/sriov/VF,c,net1,other"))
def sriov_state(t):
    t.add()
    t.delete()
    with untouched(t, "/etc/elsewhere"):
        with_odd(t, t.value.replace("VF", t.plugin.vfs[0]), ALL)


@case("files", "a record that is an odd thing is an error that names it, and what it is about is not forgotten", kind="rail-sriov")
def sriov_record(t):
    def one(kind):
        t.add()
        back = instead(record, kind)
        try:
            for verb in "DEL", "CHECK", "GC":
                attack(t, verb)
        finally:
            back()
        t.delete()
        expect(not t.plugin.left(t), f"left: {t.plugin.left(t)}")
    record = f"/run/rail-cni/sriov/{t.plugin.vfs[0]},{t.container},{t.ifname},{t.network}"
    with untouched(t, "/etc/elsewhere"):
        each((kind, lambda kind=kind: one(kind)) for kind in ODD)
    expect(open("/etc/elsewhere", "rb").read() == b"others'\n", "a file of others was written")


@case("files", "an odd thing in the place of {} hangs nobody and touches nothing else", kind="rail-ipam",
      each=("/run/rail-cni", "/run/rail-cni/ipam", "/run/rail-cni/ipam/lock", "/run/rail-cni/ipam/pending", "/run/rail-cni/ipam/failed=ADD",
            "/run/rail-cni/ipam/CONTAINER,net1,NETWORK", "/etc/rail-cni/node-name", "/etc/machine-id", "STORE", "STORE/store.json", "STORE/nodes",
            "STORE/NETWORK", "STORE/NETWORK/pool.json", "STORE/NETWORK/192.168.1.0-24", "STORE/NETWORK/192.168.1.0-24/192.168.1.9"))
def ipam_files(t):
    t.add()
    t.delete()
    path = t.value.replace("STORE", "/store").replace("NETWORK", t.network).replace("CONTAINER", t.container)
    with untouched(t, "/etc/elsewhere", "/etc/rail-cni"):
        with_odd(t, path, ALL)
    # A record that could not be read is kept for a person to look at.
    shell(f"rm -rf /run/rail-cni/ipam/pending; {t.plugin.binary} release 192.168.1.9 /store/{t.network}", check=False)


@case("files", "a name in a pool that no lease has is passed by", kind="rail-ipam")
def odd_leases(t):
    t.add()
    top = f"/store/{t.network}/192.168.1.0-24"
    names = ["x", "192.168.1.99", "192.168.1.9=", "192.168.1.9=a", "192.168.1.9=a,b", "192.168.1.9=,,,,", "192.168.1.9@", "192.168.1.9@x", "192.168.1.9@" + "9" * 200,
             "192.168.1.9=" + "a" * 200, "=", "@", "%2f", "192.168.1.9=%,%,%,%,%", "\n", "\x01", b"\xff\xfe", "192.168.1.256", "10.0.0.1", ".hidden", "é" * 100]
    for name in names:
        path = os.path.join(top.encode(), name if isinstance(name, bytes) else name.encode())
        with open(path, "wb"):
            pass
    other = t.attach(container=t.container + "b")
    with untouched(t):
        for verb in ALL:
            attack(other, verb)
        attack(other, "DEL").fine()
    t.plugin.clean(t)


@contextlib.contextmanager
def odd(t, path):
    """Something odd in place of a file; neither it, nor what it points to, is written."""
    top = os.path.dirname(path)
    os.makedirs(top, exist_ok=True)
    back = instead(path, t.value)
    try:
        with untouched(t, top, "/etc/elsewhere"):
            yield
    finally:
        back()
    expect(not os.path.exists("/etc/elsewhere") or open("/etc/elsewhere", "rb").read() == b"others'\n", "a file of others was written")


@case("files", "a logFile that is {} is no reason to fail, to hang or to touch anything else", each=ODD, kind="rail-sriov")
def log(t):
    with odd(t, "/var/log/plugin.log"):
        attack(t, "ADD", logFile="/var/log/plugin.log", logLevel="debug").fine()
        attack(t, "DEL", logFile="/var/log/plugin.log").fine()


@case("files", "a device information file that is {} hangs nobody and touches nothing else", each=ODD, kind="rail-sriov")
def device_info(t):
    with odd(t, "/var/info/file"):
        attack(t, "ADD", runtimeConfig={"CNIDeviceInfoFile": "/var/info/file"})
        attack(t, "DEL", runtimeConfig={"CNIDeviceInfoFile": "/var/info/file"}).fine()


@case("files", "a device information file is no way to write into others' JSON", kind="rail-sriov")
def not_device_info(t):
    text = b'{"cniVersion":"1.0.0","name":"other","plugins":[]}'
    write("/etc/cni/net.d/10-other.conflist", text)
    attack(t, "ADD", runtimeConfig={"CNIDeviceInfoFile": "/etc/cni/net.d/10-other.conflist"}).failed()
    with open("/etc/cni/net.d/10-other.conflist", "rb") as file:
        expect(file.read() == text, "it was written into")


@case("files", "a resolvConf that is {} is an error or is read", each=ODD, kind="rail-ipam")
def resolv(t):
    back = instead("/etc/odd-resolv.conf", t.value)
    try:
        with untouched(t, "/etc/elsewhere"):
            attack(t, "ADD", ipam={"resolvConf": "/etc/odd-resolv.conf"})
    finally:
        back()


@case("files", "an odd thing as CNI_NETNS hangs nobody: {}", each=ODD)
def netns(t):
    back = instead("/run/netns/odd", t.value)
    try:
        with untouched(t, "/etc/elsewhere"):
            for verb in "ADD", "CHECK", "DEL":
                attack(t, verb, env={"CNI_NETNS": "/run/netns/odd"})
    finally:
        back()


@case("files", "an odd thing in the place of the IPAM plugin hangs nobody: {}", each=ODD, kind="rail-sriov")
def ipam_plugin(t):
    back = instead("/opt/odd/odd-ipam", t.value)
    try:
        with untouched(t, "/etc/elsewhere"):
            for verb in ALL:
                attack(t, verb, ipam={"type": "odd-ipam"}, env={"CNI_PATH": "/opt/odd"})
    finally:
        back()
    for verb in ("DEL",):  # what could not be told then
        attack(t, verb)


@case("files", "twenty thousand foreign files beside the records are no trouble")
def many(t):
    top = {"rail-sriov": "/run/rail-cni/sriov", "rail-ipam": "/run/rail-cni/ipam"}[t.plugin.name]
    os.makedirs(top, exist_ok=True)
    for i in range(20000):
        with open(f"{top}/x{i}", "wb"):
            pass
    try:
        for verb in ALL:
            answer = attack(t, verb)
            expect(answer.seconds < DEADLINE, str(answer))
    finally:
        shell(f"find {top} -name 'x*' -delete")
