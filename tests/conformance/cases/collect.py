"""1.10: GC. 1.11: STATUS."""
import time

from call import expect
from suite import REMOVE, case

VALID = "cni.dev/valid-attachments"
OLD = "cni.dev/attachments"  # as the first text of 1.1.0 had it


def attachment(t, **changed):
    return dict({"containerID": t.container, "ifname": t.ifname}, **changed)


def kept(t):
    return bool(t.plugin.left(t))


@case("1.10", "GC keeps what is in the list", since="1.1.0", needs="leases")
def keeps(t):
    t.add()
    t.call("GC", {VALID: [attachment(t)]}).fine()
    expect(kept(t), "it is gone")


@case("1.10", "GC with {} takes back all of this network", since="1.1.0", needs="leases", each=("an empty list", "null", "another container", "another interface"))
def collects(t):
    t.add()
    t.call("GC", {VALID: {"an empty list": [], "null": None, "another container": [attachment(t, containerID="other")],
                          "another interface": [attachment(t, ifname="net9")]}[t.value]}).fine()
    expect(not kept(t), f"left: {t.plugin.left(t)}")


@case("1.10", "GC without a list is error 7 and takes back nothing", since="1.1.0", needs="leases")
def no_list(t):
    # cnitool means "all of it" by that, for one node. A store is everybody's, and a forgotten key is no order.
    t.add()
    t.call("GC").failed(7, says=VALID)
    expect(kept(t), "it is gone")


@case("1.10", "GC reads the list under its old name when there is none under the new one", since="1.1.0", needs="leases")
def old_name(t):
    t.add()
    t.call("GC", {OLD: [attachment(t)]}).fine()
    expect(kept(t), "it is gone")
    t.call("GC", {OLD: []}).fine()
    expect(not kept(t), "it is left")


@case("1.10", "GC with both lists believes the new one", since="1.1.0", needs="leases")
def both(t):
    t.add()
    t.call("GC", {OLD: [], VALID: [attachment(t)]}).fine()
    expect(kept(t), "it is gone")


MALFORMED = {"text": "x", "a number": 7, "an object": {}, "true": True, "a list of text": ["x"], "a list with null": [None],
             "an element without containerID": [{"ifname": "net1"}], "an element without ifname": [{"containerID": "c"}],
             "an element whose containerID is a number": [{"containerID": 7, "ifname": "net1"}]}


@case("1.10", "GC with a list that is {} is error 7 and takes back nothing", since="1.1.0", needs="leases", each=MALFORMED)
def malformed(t):
    t.add()
    t.call("GC", {VALID: MALFORMED[t.value]}).failed(7, says=VALID)
    expect(kept(t), "it is gone")


@case("1.10", "GC reads nothing from a list half of which is malformed", since="1.1.0", needs="leases")
def half_malformed(t):
    t.add()
    t.call("GC", {VALID: [{"containerID": "other", "ifname": "net1"}, {"containerID": "x"}]}).failed(7)
    expect(kept(t), "it is gone")


@case("1.10", "GC of another network leaves this one alone", since="1.1.0", needs="leases")
def other_network(t):
    t.add()
    t.attach(network=t.network + "b").call("GC", {VALID: []}).fine()
    expect(kept(t), "it is gone")


@case("1.10", "GC that is repeated, or has nothing to do, is no error", since="1.1.0")
def repeated(t):
    for _ in range(3):
        t.call("GC", {VALID: []}).fine()


@case("1.10", "GC with a thousand attachments is no trouble", since="1.1.0", needs="leases")
def many(t):
    t.add()
    t.call("GC", {VALID: [attachment(t, containerID=f"other{i}") for i in range(1000)] + [attachment(t)]}).fine()
    expect(kept(t), "it is gone")


@case("1.10", "GC is told to the IPAM plugin with the same list", since="1.1.0", kind="main")
def told(t):
    t.call("GC", {VALID: [attachment(t)]}).fine()
    expect(t.fake.verbs() == ["GC"] and VALID.encode() in t.fake.calls[0].stdin, f"{t.fake.verbs()}")


@case("1.10", "GC collects its own though the IPAM plugin fails, and tells the error", since="1.1.0", kind="rail-sriov")
def ipam_fails(t):
    t.add()
    t.fake.fails("GC", 11, "not now")
    t.call("GC", {VALID: []}).failed(11, says="not now")
    expect(not kept(t), "it is left")


@case("1.10", "GC tells the IPAM plugin though collecting its own failed", since="1.1.0", kind="rail-sriov")
def own_fails(t):
    t.add()
    t.fake.forget()
    t.fake.fails("DEL", 11, "not now")
    t.call("GC", {VALID: []}).failed(11, says="not now")
    expect(t.fake.verbs() == ["DEL", "GC"], f"{t.fake.verbs()}")


@case("1.10", "GC works though a key of the configuration is broken", since="1.1.0", kind="rail-sriov")
def broken_conf(t):
    t.add()
    t.call("GC", {VALID: [], "vlan": "x", "routes": 7, "deviceID": REMOVE}).fine()
    expect(not kept(t), "it is left")


@case("1.11", "STATUS of a network that works is silence and success, before the first ADD and after", since="1.1.0")
def works(t):
    t.call("STATUS").fine()
    t.add()
    t.call("STATUS").fine()
    t.delete()
    t.call("STATUS").fine()


@case("1.11", "STATUS asks the IPAM plugin and keeps the code of its error: {}", since="1.1.0", kind="main", each=(50, 51, 11))
def asks(t):
    t.fake.fails("STATUS", t.value, "the pool is full")
    t.call("STATUS").failed(t.value, says="the pool is full")


@case("1.11", "STATUS with an IPAM plugin that is not there is an error that names it", since="1.1.0", kind="main")
def no_ipam(t):
    t.call("STATUS", ipam={"type": "nowhere"}).failed(says="nowhere")


@case("1.11", "STATUS of a full pool is error 50", since="1.1.0", kind="ipam", needs="leases")
def full(t):
    t.add(ipam=t.plugin.full(t))
    t.call("STATUS", ipam=t.plugin.full(t)).failed(50, says="full")
    t.delete(ipam=t.plugin.full(t))


@case("1.11", "STATUS of a store that is {} is error 50", since="1.1.0", kind="rail-ipam", each=("not there", "an empty directory", "a file"))
def no_store(t):
    store = {"not there": "/nowhere", "an empty directory": "/run/netns", "a file": "/etc/machine-id"}[t.value]
    t.call("STATUS", ipam={"store": store}).failed(50, says=store)


@case("1.11", "STATUS of a device or a PF that is not there is error 50 that names it", since="1.1.0", kind="rail-sriov")
def no_device(t):
    t.call("STATUS", deviceID="0000:99:00.0").failed(50, says="0000:99:00.0")
    t.call("STATUS", deviceID=REMOVE, pf="rail99").failed(50, says="rail99")


@case("1.11", "STATUS needs no device: which one it will be, nobody knows yet", since="1.1.0", kind="rail-sriov")
def any_device(t):
    t.call("STATUS", deviceID=REMOVE).fine()


@case("1.11", "STATUS of a configuration that is broken is error 7: no waiting will mend it", since="1.1.0")
def broken(t):
    t.call("STATUS", {"vlan": "x", "ipam": {"range": 7}} if t.plugin.kind == "ipam" else {"vlan": "x"}).failed(7)


@case("1.11", "STATUS is cheap: runtimes ask every half second", since="1.1.0")
def cheap(t):
    begin = time.monotonic()
    for _ in range(5):
        t.call("STATUS", ipam=REMOVE if t.plugin.kind == "main" else {}).fine()
    expect(time.monotonic() - begin < 2.5, "five took longer than 2.5 s")


@case("1.11", "STATUS changes nothing", since="1.1.0", needs="leases")
def harmless(t):
    t.add()
    before = t.plugin.left(t)
    t.call("STATUS").fine()
    expect(t.plugin.left(t) == before, "it did")
