"""1.9: CHECK."""
from call import expect
from fake import addresses
from plugin import shell
from suite import REMOVE, case

CODES = (103, 999, 100, 7, 11)


@case("1.9", "CHECK passes right behind ADD, in version {}", since="0.4.0", each=("0.4.0", "1.0.0", "1.1.0"))
def passes(t):
    result = t.add(cniVersion=t.value)
    t.call("CHECK", cniVersion=t.value, prevResult=result).fine()


@case("1.9", "CHECK passes for both families, routes and DNS", since="0.4.0", kind="main")
def passes_full(t):
    t.fake.prints(addresses("1.0.0", ("192.168.7.5/24", "192.168.7.1"), ("fd00:7::5/64", "fd00:7::1"), routes=[
        {"dst": "10.0.0.0/8", "gw": "192.168.7.1"}, {"dst": "fd00:8::/32", "gw": "fd00:7::1"}], dns={"nameservers": ["192.168.7.53"]}))
    result = t.add()
    t.call("CHECK", prevResult=result).fine()


@case("1.9", "CHECK passes for a route in a table of its own", kind="rail-sriov")
def passes_table(t):
    # The reference looks into the main table only.
    t.fake.prints(addresses("1.0.0", ("192.168.7.5/24", "192.168.7.1"), routes=[{"dst": "10.0.0.0/8", "gw": "192.168.7.1", "table": 100}]))
    t.call("CHECK", prevResult=t.add()).fine()


@case("1.9", "CHECK asks the IPAM plugin, with prevResult in its configuration", since="0.4.0", kind="main")
def asks(t):
    result = t.add()
    t.fake.forget()
    t.call("CHECK", prevResult=result).fine()
    expect(t.fake.verbs() == ["CHECK"] and b'"prevResult"' in t.fake.calls[0].stdin, f"{t.fake.verbs()}")


@case("1.9", "CHECK without prevResult, or with null, is an error that names it", since="0.4.0", kind="main")
def no_previous(t):
    t.add()
    t.call("CHECK", prevResult=REMOVE).failed(7, 999, says="prevResult")
    t.call("CHECK", prevResult=None).failed(7, 999, says="prevResult")


@case("1.9", "CHECK of an IPAM plugin does without prevResult: its own records know more", kind="rail-ipam")
def ipam_no_previous(t):
    t.add()
    t.call("CHECK", prevResult=REMOVE).fine()


@case("1.9", "CHECK with a prevResult that is malformed is an error: {}", since="0.4.0", kind="main",
      each=("a number", "text", "a list", "a bad address", "no list"))
def malformed(t):
    value = {"a number": 7, "text": "x", "a list": [], "a bad address": {"ips": [{"address": "x"}]}, "no list": {"ips": 7}}[t.value]
    t.add()
    t.call("CHECK", prevResult=value).failed(6, 7, 999)


@case("1.9", "CHECK with a prevResult that lacks the interface is an error", since="0.4.0", kind="main")
def lacks_interface(t):
    t.add()
    t.call("CHECK", prevResult={"cniVersion": t.version, "interfaces": [{"name": "other", "sandbox": t.netns}]}).failed(*CODES)


@case("1.9", "CHECK does not mind what plugins behind it have added to prevResult", since="0.4.0", kind="main")
def later_plugins(t):
    result = t.add()
    result["interfaces"].append({"name": "tap7", "mac": "02:00:00:00:00:07", "sandbox": t.netns})
    result["interfaces"].append({"name": "veth9", "mac": "02:00:00:00:00:09"})
    t.call("CHECK", prevResult=result).fine()


@case("1.9", "CHECK of what was never added is an error", since="0.4.0", needs="leases")
def never(t):
    result = {"cniVersion": t.version, "interfaces": [{"name": t.ifname, "sandbox": t.netns}], "ips": [{"address": "192.168.1.5/28"}]}
    if t.plugin.kind == "ipam":
        del result["interfaces"]
    t.call("CHECK", prevResult=result).failed(*CODES)


@case("1.9", "CHECK of what was deleted is an error", since="0.4.0", needs="leases")
def deleted(t):
    result = t.add()
    t.delete()
    t.call("CHECK", prevResult=result).failed(*CODES)


@case("1.9", "CHECK of another container than ADD's is an error", since="0.4.0", needs="leases", kind="ipam")
def other_container(t):
    t.attach(container=t.container + "b").call("CHECK", prevResult=t.add()).failed(*CODES)


@case("1.9", "CHECK of another container than ADD's is an error, of a device", kind="rail-sriov")
def other_container_device(t):
    t.attach(container=t.container + "b").call("CHECK", prevResult=t.add()).failed(*CODES)


@case("1.9", "CHECK finds out that {}", since="0.4.0", kind="main", needs="interface",
      each=("an address is gone", "a route is gone", "the interface is gone", "the interface is another one"))
def finds(t):
    t.fake.prints(addresses("1.0.0", ("192.168.7.5/24", "192.168.7.1"), routes=[{"dst": "10.0.0.0/8", "gw": "192.168.7.1"}]))
    result = t.add()
    there = f"ip -n {t.pod} "
    shell(there + {"an address is gone": "addr del 192.168.7.5/24 dev net1", "a route is gone": "route del 10.0.0.0/8",
                   "the interface is gone": "link set net1 down name hidden",
                   "the interface is another one": f"link set net1 down name hidden && {there} link add net1 type veth peer name x"}[t.value])
    answer = t.call("CHECK", prevResult=result)
    shell(f"{there} link del x 2> /dev/null; {there} link set hidden name net1 2> /dev/null", check=False)
    answer.failed(*CODES)


@case("1.9", "CHECK changes nothing", since="0.4.0")
def harmless(t):
    result = t.add()
    before = t.plugin.left(t)
    t.call("CHECK", prevResult=result).fine()
    expect(t.plugin.left(t) == before, "it did")
