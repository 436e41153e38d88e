"""Every known key with values of every type, for every verb."""
import json

from attack import VERBS, attack, each, put, untouched
from call import expect
from suite import REMOVE, case

ANY = [None, True, 0, -1, 1.5, 1e308, 2 ** 53 + 1, "", "x", "é" * 40, "x" * 70000, [], [None], ["x"], {}, {"x": 1}]

KEYS = {
    "rail-sriov": [
        "cniVersion", "name", "type", "deviceID", "pciBusID", "pf", "vlan", "vlanQoS", "vlanProto", "mac", "spoofchk", "trust", "link_state",
        "min_tx_rate", "max_tx_rate", "mtu", "rdma", "rdma.mode", "rdma.name", "rdma.tos", "rdma.gidTimeout", "rdma.preflight", "rail",
        "rail.sourceRouting", "rail.table", "rail.arp", "routes", "announce", "dad", "flr", "logLevel", "ipam", "ipam.type", "dns",
        "dns.nameservers", "runtimeConfig", "runtimeConfig.mac", "runtimeConfig.deviceID", "runtimeConfig.ips", "args", "args.cni",
        "capabilities", "prevResult", "prevResult.cniVersion", "prevResult.interfaces", "prevResult.ips", "prevResult.routes", "prevResult.dns"],
    "rail-ipam": [
        "cniVersion", "name", "type", "ipam", "ipam.type", "ipam.store", "ipam.dataDir", "ipam.pool", "ipam.network_name", "ipam.range",
        "ipam.subnet", "ipam.range_start", "ipam.range_end", "ipam.rangeStart", "ipam.rangeEnd", "ipam.exclude", "ipam.gateway", "ipam.ipRanges",
        "ipam.ranges", "ipam.routes", "ipam.dns", "ipam.resolvConf", "ipam.addresses", "ipam.perNode", "ipam.perNode.prefix",
        "ipam.perNode.gatewayIndex", "ipam.node_slice_size", "ipam.sticky", "ipam.reuseDelay", "ipam.nodeName", "runtimeConfig",
        "runtimeConfig.ips", "runtimeConfig.ipRanges", "args", "args.cni", "args.cni.ips", "prevResult", "prevResult.cniVersion", "prevResult.ips"]}

# One element of a list, with each of its keys.
ITEMS = {
    "rail-sriov": {
        "routes": ({"dst": "10.0.0.0/8"}, ["dst", "gw", "mtu", "advmss", "priority", "table", "scope", "src", "onlink", "multipath"]),
        "prevResult.interfaces": ({"name": "x"}, ["name", "mac", "mtu", "sandbox", "socketPath", "pciID"]),
        "prevResult.ips": ({"address": "10.0.0.1/8"}, ["address", "gateway", "interface", "version"])},
    "rail-ipam": {
        "ipam.routes": ({"dst": "10.0.0.0/8"}, ["dst", "gw", "mtu", "advmss", "priority", "table", "scope"]),
        "ipam.ipRanges": ({"range": "10.0.0.0/24"}, ["range", "subnet", "range_start", "range_end", "exclude", "gateway", "perNode"]),
        "ipam.addresses": ({"address": "10.0.0.1/8"}, ["address", "gateway"]),
        "prevResult.ips": ({"address": "192.168.1.5/28"}, ["address", "gateway", "interface"])}}

ESSENTIAL = ("cniVersion", "name", "runtimeConfig")  # without which DEL does not know what it is about


def calls(t, verb, conf):
    # Without an IPAM plugin unless that is what it is about: there are thousands of calls.
    if t.plugin.kind == "main" and "ipam" not in conf:
        conf = dict(conf, ipam=REMOVE)
    answer = attack(t, verb, conf)
    if verb == "ADD":
        t.take_back()
        t.added.clear()
        left = t.plugin.left(t)
        expect(not left, f"left: {left}")
    return answer


def shown(value):
    return repr(value)[:30]


@case("types", "{} with a value of any type for any key is carried out, or an error that names it", each=VERBS)
def keys(t):
    def one(path, value):
        answer = calls(t, t.value, put(path, value))
        if answer.status == 0 or t.value == "DEL" and path in ESSENTIAL:
            return
        expect(t.value != "DEL" or path in ESSENTIAL or path.startswith("ipam") or answer.code not in (6, 7), f"DEL fails: {answer}")
    with untouched(t):
        each((f"{path} {shown(value)}", lambda path=path, value=value: one(path, value)) for path in KEYS[t.plugin.name]
             for value in (ANY if t.value in ("ADD", "DEL") else ANY[::3]))


@case("types", "{} with a value of any type for any key of what a list holds is carried out, or an error that names it", each=("ADD", "CHECK"))
def items(t):
    def one(path, item, key, value):
        calls(t, t.value, put(path, [dict(item, **{key: value})]))
    with untouched(t):
        each((f"{path}[0].{key} {shown(value)}", lambda path=path, item=item, key=key, value=value: one(path, item, key, value))
             for path, (item, names) in ITEMS[t.plugin.name].items() for key in names for value in ANY)


NUMBERS = ["1e400", "-1e400", "1e-400", "0.1e1", "-0", "9" * 400, "0." + "9" * 400, "1E+3", "18446744073709551616"]


@case("types", "numbers of any size and form where numbers are read are read, or an error")
def numbers(t):
    paths = {"rail-sriov": ["vlan", "mtu", "max_tx_rate", "rdma.tos", "rail.table"], "rail-ipam": ["ipam.reuseDelay", "ipam.perNode.prefix"]}

    def one(path, number):
        t.fake.prints(t.addresses(t.version))
        stdin = json.dumps(t.conf(put(path, "NUMBER"))).replace('"NUMBER"', number).encode()
        attack(t, "ADD", stdin=stdin)
        t.delete()
    with untouched(t):
        each((f"{path} {number[:20]}", lambda path=path, number=number: one(path, number)) for path in paths[t.plugin.name] for number in NUMBERS)


@case("types", "a deadline of any type is read, or an error", kind="rail-ipam")
def deadline(t):
    with untouched(t):
        each((f"{verb} {shown(value)}", lambda verb=verb, value=value: calls(t, verb, {"ipam": {"deadline": value}})) for verb in VERBS for value in ANY)


ARGS = ["=", ";", "=;=", "IP", "IP=", "IP=;IP=", "=x", "IP=x=y", ";;;;", "IP=" + "1" * 2000, "MAC=" + "x" * 200, "K8S_POD_NAME=" + "é" * 300,
        "K8S_POD_NAMESPACE=../..;K8S_POD_NAME=../../x", "K8S_POD_NAMESPACE=a\nb;K8S_POD_NAME=c\nd", "IP=10.0.0.1,,,10.0.0.2", "IP=" + ",".join(["192.168.1.5"] * 500),
        "x" * 100000, "a=b;" * 20000, "\x01\x02\x7f", "K8S_POD_NAME=%n%s%s%s;K8S_POD_NAMESPACE=%s"]


@case("types", "whatever stands in CNI_ARGS is passed by, or an error that says so: {}", each=("ADD", "DEL", "CHECK"))
def args(t):
    def one(value):
        attack(t, t.value, env={"CNI_ARGS": value})
        t.take_back()
        t.added.clear()
    with untouched(t):
        each((shown(value), lambda value=value: one(value)) for value in ARGS)


@case("types", "bytes that are no characters in CNI_ARGS are passed by, or an error")
def byte_args(t):
    with untouched(t):
        for value in b"K8S_POD_NAMESPACE=a;K8S_POD_NAME=\xff\xfe", b"IP=\xff", b"MAC=\xff", b"\xff=\xff", b"K8S_POD_NAMESPACE=\xc3;K8S_POD_NAME=\xc3":
            attack(t, "ADD", env={"CNI_ARGS": value})
            t.delete()
            attack(t, "DEL", env={"CNI_ARGS": value}).fine()
