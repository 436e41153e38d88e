"""1.6: results, in the shape of their version."""
import shape
from call import expect
from fake import addresses
from plugin import VERSIONS
from suite import REMOVE, case

TWO = [("192.168.7.5/24", "192.168.7.1"), ("fd00:7::5/64", "fd00:7::1")]
ROUTES = [{"dst": "0.0.0.0/0", "gw": "192.168.7.1"}, {"dst": "10.0.0.0/8", "gw": "192.168.7.254"},
          {"dst": "fd00:8::/32", "gw": "fd00:7::1"}]
OLD = ("0.1.0", "0.2.0")


@case("1.6", "an IPAM plugin's result in version {} has its shape", kind="ipam", each=VERSIONS)
def ipam(t):
    result = t.add(cniVersion=t.value)
    shape.check(result, t.value, main=False)
    address = result["ip4"]["ip"] if t.value in OLD else result["ips"][0]["address"]
    expect(address.startswith("192.168.1.") and address.endswith("/28"), str(result))
    gateway = result["ip4"]["gateway"] if t.value in OLD else result["ips"][0]["gateway"]
    expect(gateway == "192.168.1.1", str(result))


@case("1.6", "an IPAM plugin's result for both families in version {} has its shape", kind="ipam", each=VERSIONS)
def ipam_dual(t):
    result = t.add(cniVersion=t.value, ipam=t.plugin.dual(t))
    shape.check(result, t.value, main=False)
    if t.value in OLD:
        expect("ip4" in result and "ip6" in result, str(result))
    else:
        expect([":" in ip["address"] for ip in result["ips"]] == [False, True], str(result))


@case("1.6", "an IPAM plugin's routes in version {} are in their place", kind="ipam", each=VERSIONS)
def ipam_routes(t):
    routes = [{"dst": "0.0.0.0/0"}, {"dst": "10.0.0.0/8", "gw": "192.168.1.14"}]
    result = t.add(cniVersion=t.value, ipam={"routes": routes})
    shape.check(result, t.value, main=False)
    expect((result["ip4"] if t.value in OLD else result)["routes"] == routes, str(result))


@case("1.6", "a main plugin's result in version {} has its shape", kind="main", each=VERSIONS)
def main(t):
    t.fake.prints(addresses(t.value, *TWO, routes=ROUTES))
    result = t.add(cniVersion=t.value)
    shape.check(result, t.value, main=True)
    if t.value in OLD:
        expect(result["ip4"]["ip"] == TWO[0][0] and result["ip6"]["ip"] == TWO[1][0], str(result))
        expect(result["ip4"]["routes"] == ROUTES[:2] and result["ip6"]["routes"] == ROUTES[2:], str(result))
    else:
        expect([(ip["address"], ip["gateway"]) for ip in result["ips"]] == TWO, str(result))
        expect(result["routes"] == ROUTES, str(result))


@case("1.6", "what the IPAM plugin answers in version 1.0.0 is told in version {} all the same", kind="main", each=VERSIONS)
def converted(t):
    t.fake.prints(addresses("1.0.0", *TWO, routes=ROUTES))
    shape.check(t.add(cniVersion=t.value), t.value, main=True)


@case("1.6", "a result of old, ip4 and ip6, is told as a list in version {}", kind="main", each=VERSIONS[2:])
def converted_up(t):
    t.fake.prints(addresses("0.2.0", *TWO, routes=ROUTES))
    result = t.add(cniVersion=t.value)
    shape.check(result, t.value, main=True)
    expect([ip["address"] for ip in result["ips"]] == [ip for ip, _ in TWO], str(result))


@case("1.6", "version {} has room for one address a family: the first ones", kind="main", each=OLD)
def first_of_family(t):
    t.fake.prints(addresses("1.0.0", *TWO, ("192.168.8.5/24", None), ("fd00:8::5/64", None)))
    result = t.add(cniVersion=t.value)
    shape.check(result, t.value, main=True)
    expect(result["ip4"]["ip"] == TWO[0][0] and result["ip6"]["ip"] == TWO[1][0], str(result))


@case("1.6", "no address in version {}: the version alone, or a refusal before anything was done", kind="main", each=OLD)
def no_address(t):
    answer = t.call("ADD", cniVersion=t.value, ipam=REMOVE)
    if answer.status == 0:
        expect(answer.json.keys() <= {"cniVersion", "dns"}, str(answer))
    else:
        answer.failed(7)
        expect(not t.plugin.left(t), "it was done")


@case("1.6", "no address from 0.3.0 on: the interface alone", kind="main", since="0.3.0")
def interface_alone(t):
    result = t.add(ipam=REMOVE)
    shape.check(result, t.version, main=True)
    expect(not result.get("ips") and t.ifname in [one["name"] for one in result["interfaces"]], str(result))


@case("1.6", "sandbox is CNI_NETNS as it was written", kind="main", since="0.3.0")
def sandbox(t):
    odd = t.attach(netns="/run/../run/netns/./" + t.pod)
    result = odd.add()
    mine = [one for one in result["interfaces"] if one["name"] == t.ifname]
    expect(mine and mine[0]["sandbox"] == odd.netns, str(result))


@case("1.6", "addresses point at the interface in the pod", kind="main", since="0.3.0")
def points(t):
    t.fake.prints(addresses("1.0.0", *TWO))
    result = t.add()
    for ip in result["ips"]:
        one = result["interfaces"][ip["interface"]]
        expect(one["name"] == t.ifname and one.get("sandbox") == t.netns, str(result))


@case("1.6", "an IPAM plugin names no interfaces", kind="ipam", since="0.3.0")
def no_interfaces(t):
    result = t.add()
    expect(not result.get("interfaces") and all("interface" not in ip for ip in result["ips"]), str(result))


@case("1.6", "a default route without a gateway gets the one of its family", kind="rail-sriov")
def default_gateway(t):
    # As it is programmed. Without, a meta plugin shows the gateway "<nil>" to people; the reference leaves it out.
    t.fake.prints(addresses("1.0.0", *TWO, routes=[{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]))
    result = t.add()
    expect([route.get("gw") for route in result["routes"]] == ["192.168.7.1", "fd00:7::1"], str(result))


@case("1.6", "numbers of a route are numbers, zero included", kind="main", since="1.0.0")
def numbers(t):
    # Version 1.0.0 does not know them; the reference of today passes them on all the same, Debian's does not yet.
    route = {"dst": "10.0.0.0/8", "gw": "192.168.7.1", "mtu": 1400, "advmss": 1360, "priority": 10, "table": 100, "scope": 0}
    t.fake.prints(addresses("1.0.0", *TWO, routes=[route]))
    expect(t.add()["routes"] == [route], "they changed")


@case("1.6", "version 1.1.0 tells the device: PCI address", kind="rail-sriov")
def device(t):
    one = t.add()["interfaces"][0]
    expect(one["pciID"] == t.plugin.vfs[0], str(one))


@case("1.6", "version 1.1.0 tells the interface: MAC and MTU, as they are", kind="rail-sriov", needs="interface")
def mtu(t):
    from plugin import links
    one = t.add(mtu=1400)["interfaces"][0]
    there = links(f"-n {t.pod}")[t.ifname]
    expect((one["mtu"], one["mac"]) == (1400, there["address"]) and there["mtu"] == 1400, str(one))


@case("1.6", "dns in version {} comes through", kind="main", each=VERSIONS)
def dns(t):
    wanted = {"nameservers": ["192.168.7.53"], "domain": "example.org", "search": ["a.example.org"], "options": ["ndots:1"]}
    t.fake.prints(addresses("1.0.0", *TWO, dns=wanted))
    expect(t.add(cniVersion=t.value)["dns"] == wanted, "it did not")


@case("1.6", "dns of the configuration counts when the IPAM plugin has none", kind="main")
def own_dns(t):
    wanted = {"nameservers": ["192.168.7.54"]}
    expect(t.add(dns=wanted)["dns"] == wanted, "it did not")


@case("1.6", "dns of an IPAM plugin's configuration is in its result", kind="ipam")
def ipam_dns(t):
    if t.plugin.name == "host-local":
        return  # takes it from a file only
    wanted = {"nameservers": ["192.168.7.53"], "domain": "example.org", "search": ["a.example.org"], "options": ["ndots:1"]}
    expect(t.add(ipam={"dns": wanted})["dns"] == wanted, "it is not")
