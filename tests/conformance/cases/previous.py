"""1.14: prevResult, and plugins in a chain."""
import shape
from call import expect
from fake import addresses
from suite import case

OTHERS = {"cniVersion": "1.0.0",
          "interfaces": [{"name": "cni0", "mac": "02:00:00:00:00:01"}, {"name": "eth0", "mac": "02:00:00:00:00:02", "sandbox": "/run/netns/pod"}],
          "ips": [{"interface": 1, "address": "10.1.0.5/16", "gateway": "10.1.0.1"}, {"address": "10.2.0.5/16"}],
          "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.0.1"}], "dns": {"nameservers": ["10.1.0.53"]}}


@case("1.14", "prevResult comes out again, the own interface behind it, and own addresses point there", kind="rail-sriov")
def appended(t):
    # The reference plugins that make interfaces want to be first in a chain, and drop it.
    t.fake.prints(addresses("1.0.0", ("192.168.7.5/24", "192.168.7.1"), routes=[{"dst": "10.9.0.0/16", "gw": "192.168.7.1"}]))
    result = t.add(prevResult=OTHERS)
    shape.check(dict(result, ips=[dict(ip, interface=ip.get("interface", 0)) for ip in result["ips"]]), t.version, main=True)
    expect(result["interfaces"][:2] == OTHERS["interfaces"] and result["interfaces"][2]["name"] == t.ifname, f"{result}")
    expect(result["ips"][:2] == OTHERS["ips"] and result["ips"][2]["interface"] == 2, f"{result}")
    expect(result["routes"] == OTHERS["routes"] + [{"dst": "10.9.0.0/16", "gw": "192.168.7.1"}], f"{result}")
    expect(result["dns"] == OTHERS["dns"], f"{result}")


@case("1.14", "a prevResult of 1.1.0 keeps what only 1.1.0 knows", kind="rail-sriov")
def rich(t):
    previous = {"cniVersion": "1.1.0", "interfaces": [{"name": "eth0", "mac": "02:00:00:00:00:02", "mtu": 1450, "sandbox": "/run/netns/pod",
                                                       "socketPath": "/run/x.sock", "pciID": "0000:01:00.1"}],
                "ips": [], "routes": [{"dst": "10.0.0.0/8", "mtu": 1400, "advmss": 1300, "priority": 0, "table": 100, "scope": 0}]}
    result = t.add(prevResult=previous)
    expect(result["interfaces"][0] == previous["interfaces"][0] and result["routes"][0] == previous["routes"][0], f"{result}")


@case("1.14", "a prevResult of null is none", kind="main")
def null(t):
    t.add(prevResult=None)


@case("1.14", "an empty prevResult is a result without anything", kind="rail-sriov")
def empty(t):
    result = t.add(prevResult={})
    expect(len(result["interfaces"]) == 1, f"{result}")


@case("1.14", "a prevResult in the shape of the configuration's version {} is understood", kind="rail-sriov", each=("0.2.0", "0.3.1", "0.4.0", "1.0.0"))
def shapes(t):
    previous = addresses(t.value, ("10.1.0.5/16", "10.1.0.1"))
    result = t.add(cniVersion=t.value, prevResult=previous)
    first = result["ip4"]["ip"] if t.value == "0.2.0" else result["ips"][0]["address"]
    expect(first == "10.1.0.5/16", f"{result}")


@case("1.14", "a prevResult in an older shape than the configuration's is understood, too", kind="rail-sriov")
def older(t):
    # The reference refuses. Nothing can be misunderstood: it says which version it is.
    result = t.add(prevResult=addresses("0.3.1", ("10.1.0.5/16", "10.1.0.1")))
    expect([ip["address"] for ip in result["ips"]] == ["10.1.0.5/16", "192.168.7.5/24"], f"{result}")


MALFORMED = {"a number": 7, "text": "x", "a list": [], "true": True, "of an unknown version": {"cniVersion": "9.9.9"},
             "with an address that is none": {"cniVersion": "1.0.0", "ips": [{"address": "x"}]},
             "with an address that is missing": {"cniVersion": "1.0.0", "ips": [{}]},
             "with addresses that are no list": {"cniVersion": "1.0.0", "ips": "x"},
             "with interfaces that are text": {"cniVersion": "1.0.0", "interfaces": ["x"]},
             "with an index that is text": {"cniVersion": "1.0.0", "ips": [{"address": "10.0.0.1/8", "interface": "0"}]},
             "with an index below zero": {"cniVersion": "1.0.0", "ips": [{"address": "10.0.0.1/8", "interface": -1}]},
             "with a route to nowhere": {"cniVersion": "1.0.0", "routes": [{"dst": "x"}]},
             "with dns that is a list": {"cniVersion": "1.0.0", "dns": []}}


@case("1.14", "a prevResult {} is an error in ADD that names it, before anything is touched", kind="rail-sriov", each=MALFORMED)
def malformed(t):
    t.call("ADD", prevResult=MALFORMED[t.value]).failed(1, 6, 7, says="prevResult")
    expect(not t.fake.calls and not t.plugin.left(t), "something was done")


@case("1.14", "a prevResult with an index beyond its interfaces is an error in ADD, before anything is touched", kind="rail-sriov")
def beyond(t):
    # It would point at ours, once that is behind them.
    previous = {"cniVersion": "1.0.0", "interfaces": [{"name": "eth0"}], "ips": [{"address": "10.0.0.1/8", "interface": 1}]}
    t.call("ADD", prevResult=previous).failed(7, says="prevResult")
    expect(not t.fake.calls and not t.plugin.left(t), "something was done")


@case("1.14", "an IPAM plugin returns what it has allocated and nothing of prevResult", kind="ipam")
def ipam_alone(t):
    result = t.add(prevResult=OTHERS)
    expect(len(result["ips"]) == 1 and "10.1.0.5" not in str(result) and not result.get("interfaces"), f"{result}")


@case("1.14", "an IPAM plugin does not mind what prevResult is in ADD: {}", kind="ipam", each=MALFORMED)
def ipam_malformed(t):
    t.add(prevResult=MALFORMED[t.value])
