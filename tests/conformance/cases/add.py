"""1.7: ADD, and the namespaces it is given."""
import json
import os

from call import expect
from fake import addresses
from plugin import links, shell
from suite import case


def nothing_done(t):
    expect(not t.fake.calls, f"IPAM was called for {t.fake.verbs()}")
    left = t.plugin.left(t)
    expect(not left, f"something was done: {left}")


# --- namespaces ---

def odd_namespaces():
    with open("/tmp/plain-file", "w", encoding="utf-8"):
        pass
    if not os.path.exists("/tmp/fifo"):
        os.mkfifo("/tmp/fifo")
    return {"nothing": "/run/netns/nowhere", "a plain file": "/tmp/plain-file", "a directory": "/run", "a fifo": "/tmp/fifo",
            "a device": "/dev/zero", "a namespace of another kind": "/proc/self/ns/mnt", "a relative path": "netns/pod",
            "a path of 5000 bytes": "/run/" + "x/" * 2500, "a symbolic link to itself": "/tmp/loop"}


KINDS = ("nothing", "a plain file", "a directory", "a fifo", "a device", "a namespace of another kind", "a relative path",
         "a path of 5000 bytes", "a symbolic link to itself")


@case("1.7", "a CNI_NETNS that is {} is an error before anything is touched", kind="main", each=KINDS)
def no_namespace(t):
    if not os.path.lexists("/tmp/loop"):
        os.symlink("/tmp/loop", "/tmp/loop")
    # The reference has no code for it.
    t.call("ADD", env={"CNI_NETNS": odd_namespaces()[t.value]}).failed(4, 7, 8)
    nothing_done(t)


@case("1.7", "the namespace of the node is refused, with one object and before anything is touched", kind="main",
      each=("/proc/1/ns/net", "/proc/self/ns/net", "/proc/thread-self/ns/net"))
def own_namespace(t):
    # The reference does all of its work, prints a result, and then an error 8.
    t.call("ADD", env={"CNI_NETNS": t.value}).failed(4, 7, 8, says="namespace")
    nothing_done(t)


@case("1.7", "an IPAM plugin has no business in CNI_NETNS: a path that is nothing is fine", kind="ipam")
def ipam_netns(t):
    for netns in "/run/netns/nowhere", "/tmp/plain-file", "relative":
        other = t.attach(netns=netns, container="c" + netns.replace("/", ""))
        other.add()
        other.delete()


# --- what is there already ---

@case("1.7", "an interface that bears the name already is left alone, and ADD is an error", kind="main")
def name_taken(t):
    shell(f"ip -n {t.pod} link add {t.ifname} type veth peer name other")
    before = links(f"-n {t.pod}")
    answer = t.call("ADD")
    after = links(f"-n {t.pod}")
    shell(f"ip -n {t.pod} link del {t.ifname}", check=False)
    answer.failed(7, 100, says=t.ifname)
    expect(before == after, "it was changed")


@case("1.7", "an ADD that is repeated, as after one that was killed, works or fails cleanly; one DEL puts all back", kind="any")
def again(t):
    t.add()
    answer = t.call("ADD")
    expect(answer.status == 0 or answer.code, str(answer))
    t.delete()
    left = t.plugin.left(t)
    expect(not left, f"left: {left}")


@case("1.7", "an ADD that is repeated gives the same address and no second one", kind="rail-ipam")
def again_same(t):
    # The reference refuses: it cannot tell a repetition from a second attachment.
    first, second = t.add(), t.add()
    expect(first["ips"] == second["ips"] and len(t.plugin.held(t)) == 1, f"{first} {second}")


@case("1.7", "two interfaces of a container are two attachments", kind="ipam", needs="leases")
def two_interfaces(t):
    other = t.attach(ifname="net2")
    one, two = t.add()["ips"][0], other.add()["ips"][0]
    expect(one["address"] != two["address"], f"both have {one}")
    t.delete()
    expect(t.plugin.held(t) == [two["address"].split("/")[0]], f"after DEL of one: {t.plugin.held(t)}")
    other.delete()


@case("1.7", "two interfaces of a container are two attachments, with a device each", kind="main")
def two_devices(t):
    # As the runtime would: the same network, another interface and another device.
    t.add()
    other = t.attach(ifname="net2")
    t.fake.prints(addresses("1.0.0", ("192.168.8.5/24", None)))
    device = t.plugin.other(t)
    other.add(device)
    t.delete()
    if "interface" not in t.plugin.lacks:
        found = set(links(f"-n {t.pod}")) - {"lo"}
        expect(found == {"net2"}, f"after DEL of net1 there is {found}")
    other.delete(device)


@case("1.7", "the same container and interface in two networks are two attachments", kind="ipam", needs="leases")
def two_networks(t):
    other = t.attach(network=t.network + "b")
    t.add()
    other.add()
    t.delete()
    expect(len(t.plugin.held(other)) == 1, f"after DEL in one the other holds {t.plugin.held(other)}")
    other.delete()


@case("1.7", "addresses are given out until the range is full, then ADD is an error that says so", kind="ipam", needs="leases")
def until_full(t):
    # 192.168.1.0/30 with a gateway has one address.
    t.add(ipam=t.plugin.full(t))
    t.attach(container=t.container + "b").call("ADD", ipam=t.plugin.full(t)).failed(11, 102, 100, 999)
    expect(len(t.plugin.held(t)) == 1, f"held: {t.plugin.held(t)}")


# --- all or nothing ---

@case("1.7", "what an ADD that failed behind its IPAM plugin has done, DEL and all, is taken back", kind="rail-sriov")
def fails_late(t):
    # The device information is written last.
    os.makedirs("/tmp/info/is-a-directory", exist_ok=True)
    t.call("ADD", runtimeConfig={"CNIDeviceInfoFile": "/tmp/info/is-a-directory"}).failed(says="device information")
    expect(t.fake.verbs() == ["ADD", "DEL"], f"IPAM was called for {t.fake.verbs()}")
    expect(not t.plugin.left(t), f"left: {t.plugin.left(t)}")


@case("1.7", "an address that the kernel refuses is an error, IPAM DEL, and nothing is left", kind="main", needs="interface")
def refused_by_kernel(t):
    t.fake.prints(addresses("1.0.0", ("192.168.7.5/24", None), routes=[{"dst": "10.0.0.0/8", "gw": "203.0.113.1"}]))
    t.call("ADD").failed()
    expect(t.fake.verbs() == ["ADD", "DEL"], f"IPAM was called for {t.fake.verbs()}")
    expect(not t.plugin.left(t), f"left: {t.plugin.left(t)}")


@case("1.7", "when IPAM DEL fails, too, the first error is told, and the next DEL mends", kind="main")
def undo_fails(t):
    t.fake.fails("ADD", 11, "the first error")
    t.fake.fails("DEL", 11, "the second error")
    t.call("ADD").failed(11, says="the first error")
    t.fake.behaves()
    t.delete()
    expect(not t.plugin.left(t), f"left: {t.plugin.left(t)}")


@case("1.7", "ADD works again after one that failed", kind="main")
def after_failure(t):
    t.fake.fails("ADD", 11, "not now")
    t.call("ADD").failed(11)
    t.fake.behaves()
    t.add()


# --- what is then there ---

def addrs(t):
    return {f"{a['local']}/{a['prefixlen']}" for a in links(f"-n {t.pod}")[t.ifname]["addr_info"] if a["scope"] != "link"}


def routes(t, family=4, table="main"):
    return json.loads(shell(f"ip -{family} -j -d -n {t.pod} route show table {table}"))


@case("1.7", "the interface has the name that was asked for, is up, and is the result's", kind="main", needs="interface")
def interface(t):
    result = t.add()
    link = links(f"-n {t.pod}")[t.ifname]
    one = [one for one in result["interfaces"] if one["name"] == t.ifname][0]
    expect("UP" in link["flags"] and link["address"] == one["mac"], f"{link} {one}")


@case("1.7", "the addresses of both families are on the interface", kind="main", needs="interface")
def has_addresses(t):
    t.fake.prints(addresses("1.0.0", ("192.168.7.5/24", None), ("fd00:7::5/64", None)))
    t.add()
    expect(addrs(t) == {"192.168.7.5/24", "fd00:7::5/64"}, f"{addrs(t)}")


@case("1.7", "several addresses of one family are all there", kind="main", needs="interface")
def many_addresses(t):
    wanted = [f"192.168.7.{i}/24" for i in (5, 6, 7)] + ["10.9.9.9/32"]
    t.fake.prints(addresses("1.0.0", *((ip, None) for ip in wanted)))
    t.add()
    expect(addrs(t) == set(wanted), f"{addrs(t)}")


@case("1.7", "a route without a next hop goes by the gateway of its family", kind="main", needs="interface")
def by_gateway(t):
    t.fake.prints(addresses("1.0.0", ("192.168.7.5/24", "192.168.7.1"), ("fd00:7::5/64", "fd00:7::1"),
                            routes=[{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]))
    t.add()
    for family, gateway in (4, "192.168.7.1"), (6, "fd00:7::1"):
        found = [route for route in routes(t, family) if route["dst"] == "default"]
        expect(found and found[0].get("gateway") == gateway, f"{found}")


@case("1.7", "a route's priority, table and scope are what they were asked to be", kind="rail-sriov", needs="interface")
def route_numbers(t):
    # Debian's plugins do not know them yet.
    t.fake.prints(addresses("1.0.0", ("192.168.7.5/24", "192.168.7.1"), routes=[
        {"dst": "10.1.0.0/16", "gw": "192.168.7.1", "priority": 77, "mtu": 1300, "advmss": 1200},
        {"dst": "10.2.0.0/16", "gw": "192.168.7.1", "table": 100}, {"dst": "10.3.0.0/16", "scope": 253}]))
    t.add()
    found = {route["dst"]: route for route in routes(t) + routes(t, table=100)}
    one = found["10.1.0.0/16"]
    expect(one["metric"] == 77 and {"mtu": 1300, "advmss": 1200}.items() <= one["metrics"][0].items(), f"{one}")
    expect("10.2.0.0/16" in found and found["10.3.0.0/16"]["scope"] == "link", f"{found}")


@case("1.7", "IPv6 is switched on where it is needed", kind="main", needs="interface")
def ipv6_on(t):
    shell(f"ip netns exec {t.pod} sysctl -qw net.ipv6.conf.default.disable_ipv6=1")
    t.fake.prints(addresses("1.0.0", ("fd00:7::5/64", None)))
    answer = t.call("ADD")
    found = addrs(t)
    shell(f"ip netns exec {t.pod} sysctl -qw net.ipv6.conf.default.disable_ipv6=0")
    answer.fine()
    expect(found == {"fd00:7::5/64"}, f"{found}")
