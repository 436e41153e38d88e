"""1.8: DEL."""
import os

from call import expect
from plugin import shell
from suite import REMOVE, case


def all_back(t):
    left = t.plugin.left(t)
    expect(not left, f"left: {left}")


@case("1.8", "DEL takes back what ADD did")
def takes_back(t):
    t.add()
    t.delete()
    all_back(t)


@case("1.8", "DEL of what was deleted already is no error")
def twice(t):
    t.add()
    t.delete()
    t.delete()
    t.delete()


@case("1.8", "DEL of what was never added is no error")
def never(t):
    t.delete()


@case("1.8", "DEL of what was never added still tells the IPAM plugin: it may know more", kind="main")
def never_tells(t):
    t.delete()
    expect(t.fake.verbs() == ["DEL"], f"{t.fake.verbs()}")


@case("1.8", "DEL behind an ADD that failed is no error")
def after_failure(t):
    t.fake.fails("ADD", 11, "not now")
    t.call("ADD", ipam={} if t.plugin.kind == "main" else {"range": "x", "subnet": "x", "addresses": "x"}).failed()
    t.fake.behaves()
    t.delete()
    all_back(t)


@case("1.8", "DEL with CNI_NETNS {} takes back what ADD did", each=("empty", "missing", "of a path that is gone", "of a plain file"))
def odd_netns(t):
    with open("/tmp/plain-file", "w", encoding="utf-8"):
        pass
    t.add()
    # In the pod's absence the kernel takes its interfaces away: those made for it end, physical ones come home.
    shell(f"ip netns del {t.pod}")
    netns = {"empty": "", "missing": None, "of a path that is gone": t.netns, "of a plain file": "/tmp/plain-file"}[t.value]
    t.call("DEL", env={"CNI_NETNS": netns}).fine()
    expect(t.plugin.kind != "main" or "DEL" in t.fake.verbs(), "IPAM was not told")
    all_back(t)


@case("1.8", "DEL with an empty CNI_NETNS takes back what ADD did though the pod lives", kind="rail-sriov")
def empty_netns_alive(t):
    # The record knows where it is. The reference has none, and leaves the interface there.
    t.add()
    t.call("DEL", env={"CNI_NETNS": ""}).fine()
    all_back(t)


@case("1.8", "DEL needs no prevResult")
def no_previous(t):
    t.add()
    t.delete(prevResult=REMOVE)
    all_back(t)


MALFORMED = {"null": None, "{}": {}, "a number": 7, "text": "x", "a list": [], "true": True, "an unknown version": {"cniVersion": "9.9.9"},
             "an address that is none": {"cniVersion": "1.0.0", "ips": [{"address": "x"}]},
             "addresses that are no list": {"cniVersion": "1.0.0", "ips": "x"},
             "interfaces that are text": {"cniVersion": "1.0.0", "interfaces": ["x"]},
             "an index out of range": {"cniVersion": "1.0.0", "ips": [{"address": "10.0.0.1/8", "interface": 99}]}}


@case("1.8", "DEL with a prevResult that is {} takes back what ADD did", each=MALFORMED)
def malformed_previous(t):
    # Debian's main plugins read it first, and fail.
    t.add()
    t.delete(prevResult=MALFORMED[t.value])
    all_back(t)


@case("1.8", "DEL needs no deviceID: a meta plugin may have lost it", kind="rail-sriov")
def no_device(t):
    t.add()
    t.delete(deviceID=REMOVE)
    all_back(t)


@case("1.8", "DEL of another device than ADD's takes ADD's back, and leaves the other alone", kind="rail-sriov")
def other_device(t):
    t.add()
    t.delete(t.plugin.other(t))
    all_back(t)


@case("1.8", "DEL without CNI_ARGS takes back what ADD did")
def no_args(t):
    t.call("ADD", env={"CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=p"}).fine()
    t.call("DEL", env={"CNI_ARGS": None}).fine()
    all_back(t)


@case("1.8", "DEL takes back what ADD did though a key of the configuration is broken since", each=("vlan", "mtu", "mac", "routes", "rdma", "runtimeConfig", "args", "dns"))
def broken_since(t):
    t.add()
    t.delete({t.value: {"nonsense": [7]}})
    all_back(t)


@case("1.8", "DEL whose IPAM plugin fails has taken back all else, tells that error, and works when it is repeated", kind="main")
def ipam_fails(t):
    t.add()
    t.fake.fails("DEL", 11, "the store sleeps")
    t.call("DEL").failed(11, says="the store sleeps")
    pod = [one for one in t.plugin.left(t) if "pod" in one]
    expect(not pod, f"left: {pod}")
    t.fake.behaves()
    t.delete()
    all_back(t)


@case("1.8", "a device whose address could not be given back is free for the next pod", kind="rail-sriov")
def device_is_free(t):
    t.add()
    t.fake.fails("DEL", 11, "the store sleeps")
    t.call("DEL").failed(11)
    t.fake.behaves()
    t.attach(container=t.container + "b").add()
    t.attach(container=t.container + "b").delete()
    t.delete()


@case("1.8", "DEL without its IPAM plugin has taken back all else, and says what is missing", kind="main")
def ipam_gone(t):
    t.add()
    answer = t.call("DEL", env={"CNI_PATH": "/nowhere"}).failed(says="fake-ipam")
    pod = [one for one in t.plugin.left(t) if "pod" in one]
    expect(not pod, f"left: {pod}")
    # Runtimes take errors with these words for "it is gone already", and never try again.
    expect("not found" not in answer.text and "no such file or directory" not in answer.text, str(answer))


@case("1.8", "DEL leaves attachments of other containers alone", kind="ipam", needs="leases")
def others(t):
    t.add()
    other = t.attach(container=t.container + "b")
    other.delete()
    t.attach(ifname="net2").delete()
    expect(len(t.plugin.held(t)) == 1, f"held: {t.plugin.held(t)}")


@case("1.8", "DEL of another container or interface leaves the attachment alone", kind="rail-sriov")
def others_device(t):
    t.add()
    t.attach(container=t.container + "b").delete()
    t.attach(ifname="net2").delete()
    t.attach(network=t.network + "b").delete()
    expect(t.plugin.left(t), "it is gone")
    if "interface" not in t.plugin.lacks:
        expect(any("net1" in one for one in t.plugin.left(t)), "its interface is gone")


@case("1.8", "DEL in another version than ADD's takes back what ADD did")
def other_version(t):
    t.add(cniVersion="0.4.0")
    t.delete(cniVersion="0.3.1")
    all_back(t)


@case("1.8", "an address that was deleted can be had again", kind="ipam", needs="leases")
def reusable(t):
    t.add(ipam=t.plugin.full(t))
    t.delete(ipam=t.plugin.full(t))
    t.attach(container=t.container + "b").add(ipam=t.plugin.full(t))


@case("1.8", "a device that cannot be reset is refused when it shall be, and one that could is taken back all the same", kind="rail-sriov")
def no_reset(t):
    # What a retry cannot mend must not fail DEL for ever.
    reset = f"/sys/bus/pci/devices/{t.plugin.vfs[0]}/reset"
    if t.plugin.has_sysfs:
        return  # a real one can
    t.add(flr=True)
    os.unlink(reset)
    t.delete(flr=True)
    all_back(t)
    t.call("ADD", flr=True).failed(2, says="flr")
    with open(reset, "w", encoding="utf-8"):
        pass
