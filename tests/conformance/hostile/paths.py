"""Strings that become paths: nothing is made or changed outside the directories that are ours."""
from attack import VERBS, attack, each, put, untouched
from suite import case

EVIL = ["..", ".", "/", "//", "../x", "../../../../etc/evil", "/etc/evil", "/tmp/evil", "a/../../../etc/evil", "a/b", "./x", "x/.", "~", "~root/x", "-rf",
        "--help", "*", "?", "$(touch /etc/evil)", "`touch /etc/evil`", "; touch /etc/evil", "| touch /etc/evil", "a\nb", "a\tb", "a b", "%2e%2e%2fx", "%s%n",
        "..\\..\\x", "con", "/proc/self/root/etc/evil", "/proc/self/fd/1", "/dev/null", "/dev/full", "a" * 255, "a" * 256, "a" * 5000, "a/" * 2500,
        "../" * 1000 + "etc/evil", "é" * 127, "\u202e", "a\u0301", "x\u2028y"]

KEYS = {"rail-sriov": ["name", "deviceID", "pciBusID", "runtimeConfig.deviceID", "pf", "rdma.name", "ipam.type"],
        "rail-ipam": ["name", "ipam.type", "ipam.pool", "ipam.network_name", "ipam.nodeName", "ipam.resolvConf"]}


def one(t, verb, conf, env=None):
    attack(t, verb, conf, env=env)
    if verb == "ADD":
        attack(t, "DEL", conf, env=env)
        attack(t, "DEL", env=env)


@case("paths", "{} with a path for any name touches nothing outside", each=VERBS)
def names(t):
    def attempt(path, value):
        one(t, t.value, put(path, value))
    with untouched(t):
        each((f"{path} {value[:40]!r}", lambda path=path, value=value: attempt(path, value)) for path in KEYS[t.plugin.name] for value in EVIL)


@case("paths", "{} with a path for a container ID, an interface, a namespace or CNI_PATH touches nothing outside", each=VERBS)
def variables(t):
    def attempt(name, value):
        one(t, t.value, {}, {name: value})
    with untouched(t):
        each((f"{name} {value[:40]!r}", lambda name=name, value=value: attempt(name, value))
             for name in ("CNI_CONTAINERID", "CNI_IFNAME", "CNI_NETNS", "CNI_PATH") for value in EVIL if "\0" not in value)


@case("paths", "a valid attachment with a path for its names touches nothing outside")
def valid(t):
    t.add()
    with untouched(t):
        each((value[:40], lambda value=value: attack(t, "GC", {"cni.dev/valid-attachments": [
            {"containerID": value, "ifname": value}, {"containerID": t.container, "ifname": t.ifname}]})) for value in EVIL)


@case("paths", "a store with an odd path is an error, or is that path and no other: {}", kind="rail-ipam", each=VERBS)
def stores(t):
    # Who names a store has made it before: rail-ipam makes none but its own default.
    with untouched(t):
        each((value[:40], lambda value=value: one(t, t.value, {"ipam": {key: value}})) for value in EVIL for key in ("store", "dataDir"))


@case("paths", "a prevResult with paths for its names touches nothing outside", kind="rail-sriov")
def previous(t):
    def attempt(value):
        result = {"cniVersion": "1.1.0", "interfaces": [{"name": value, "mac": value, "sandbox": value, "pciID": value, "socketPath": value}]}
        for verb in "ADD", "CHECK", "DEL":
            attack(t, verb, prevResult=result)
    with untouched(t):
        each((value[:40], lambda value=value: attempt(value)) for value in EVIL)


@case("paths", "what an IPAM plugin answers is no path: odd strings in it touch nothing outside", kind="rail-sriov")
def answers(t):
    def attempt(value):
        t.fake.prints({"cniVersion": "1.0.0", "ips": [{"address": "192.168.7.5/24"}], "dns": {"nameservers": [value], "domain": value},
                       "interfaces": [{"name": value, "sandbox": value}]})
        attack(t, "ADD")
        attack(t, "DEL")
        t.fake.fails("ADD", 7, value, value)
        attack(t, "ADD")
        t.fake.behaves()
    with untouched(t):
        each((value[:40], lambda value=value: attempt(value)) for value in EVIL)
