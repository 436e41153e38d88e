"""1.13: runtimeConfig, args, CNI_ARGS. 3.3: the device information file."""
import json
import os
import stat

from call import expect
from plugin import links
from suite import REMOVE, case

MAC = "02:00:00:00:00:09"


def address(result):
    return result["ips"][0]["address"].split("/")[0]


# --- addresses that are asked for ---

@case("1.13", "the address that {} asks for is given", kind="ipam",
      each=("runtimeConfig.ips", "runtimeConfig.ips with a prefix length", "args.cni.ips", "CNI_ARGS"))
def wanted(t):
    # Two, of which it would give one at most by itself. static has another idea of args and CNI_ARGS.
    for ip in "192.168.1.9", "192.168.1.8":
        ask = {"runtimeConfig.ips": {"runtimeConfig": {"ips": [ip]}},
               "runtimeConfig.ips with a prefix length": {"runtimeConfig": {"ips": [ip + "/28"]}},
               "args.cni.ips": {"args": {"cni": {"ips": [ip]}}}, "CNI_ARGS": {}}[t.value]
        env = {"CNI_ARGS": "IgnoreUnknown=1;IP=" + ip} if t.value == "CNI_ARGS" else {}
        expect(address(t.call("ADD", ask, env=env).fine().json) == ip, "another one was given")
        t.delete()


@case("1.13", "runtimeConfig.ips counts before args.cni.ips, that before CNI_ARGS", kind="rail-ipam")
def wanted_order(t):
    env = {"CNI_ARGS": "IgnoreUnknown=1;IP=192.168.1.7"}
    ask = {"args": {"cni": {"ips": ["192.168.1.8"]}}, "runtimeConfig": {"ips": ["192.168.1.9"]}}
    for expected in "192.168.1.9", "192.168.1.8", "192.168.1.7":
        expect(address(t.call("ADD", ask, env=env).fine().json) == expected, f"not {expected}")
        t.delete()
        ask.popitem() if ask else None  # pylint: disable=expression-not-assigned


@case("1.13", "an address that is asked for twice, as a meta plugin does, is given once", kind="ipam", needs="leases")
def wanted_twice(t):
    result = t.call("ADD", runtimeConfig={"ips": ["192.168.1.9/28"]}, env={"CNI_ARGS": "IgnoreUnknown=1;IP=192.168.1.9/28"}).fine().json
    expect([ip["address"] for ip in result["ips"]] == ["192.168.1.9/28"], f"{result}")


@case("1.13", "an address of each family can be asked for", kind="ipam", needs="leases")
def wanted_dual(t):
    result = t.add(ipam=t.plugin.dual(t), runtimeConfig={"ips": ["fd00:1::9", "192.168.1.9"]})
    expect({ip["address"].split("/")[0] for ip in result["ips"]} == {"192.168.1.9", "fd00:1::9"}, f"{result}")


@case("1.13", "an address that is asked for and {} is an error, and nothing is leased", kind="ipam", needs="leases",
      each=("in no range", "the gateway's", "the network's", "taken", "none"))
def not_to_be_had(t):
    if t.value == "taken":
        t.attach(container=t.container + "b").add(runtimeConfig={"ips": ["192.168.1.9"]})
    before = t.plugin.held(t)
    ip = {"in no range": "10.0.0.9", "the gateway's": "192.168.1.1", "the network's": "192.168.1.0", "taken": "192.168.1.9", "none": "x"}[t.value]
    t.call("ADD", runtimeConfig={"ips": [ip]}).failed()
    expect(t.plugin.held(t) == before, f"held: {t.plugin.held(t)}")


@case("1.13", "CNI_ARGS may repeat keys, the last one counts, and pairs that are malformed are passed by", kind="rail-ipam")
def lenient_args(t):
    # A meta plugin repeats all of them. The reference fails for a malformed pair.
    args = "IgnoreUnknown=true;;=;x;K8S_POD_NAMESPACE=a;K8S_POD_NAMESPACE=b;IP=192.168.1.8;IP=192.168.1.9;"
    expect(address(t.call("ADD", env={"CNI_ARGS": args}).fine().json) == "192.168.1.9", "the last one did not count")


@case("1.13", "what a runtime says of the pod in CNI_ARGS is accepted: {}",
      each=("IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=p;K8S_POD_INFRA_CONTAINER_ID=0123;K8S_POD_UID=u", "IgnoreUnknown=true;X=y",
            "IgnoreUnknown=TRUE;K8S_POD_NAME=" + "p" * 250))
def pod_args(t):
    t.call("ADD", env={"CNI_ARGS": t.value}).fine()


@case("1.13", "keys in CNI_ARGS that nobody knows are passed by, asked to or not", kind="any")
def unknown_args(t):
    # The reference fails without IgnoreUnknown; what another plugin of the chain understands is none of our business.
    t.call("ADD", env={"CNI_ARGS": "COLOUR=red"}).fine()


@case("1.13", "ranges in runtimeConfig are ranges to take an address from", kind="ipam", needs="leases")
def ranges(t):
    result = t.add(runtimeConfig={"ipRanges": [[{"subnet": "10.7.0.0/24", "rangeStart": "10.7.0.9", "rangeEnd": "10.7.0.9"}]]},
                   ipam={"range": REMOVE, "subnet": REMOVE, "gateway": REMOVE})
    expect(result["ips"][0]["address"] == "10.7.0.9/24", f"{result}")
    t.delete(runtimeConfig={"ipRanges": [[{"subnet": "10.7.0.0/24"}]]}, ipam={"range": REMOVE, "subnet": REMOVE, "gateway": REMOVE})


@case("1.13", "ranges in runtimeConfig may be written with capitals, as one runtime does", kind="ipam", needs="leases")
def capital_ranges(t):
    result = t.add(runtimeConfig={"ipRanges": [[{"Subnet": "10.7.0.0/24", "RangeStart": "10.7.0.9", "RangeEnd": "10.7.0.9", "Gateway": "10.7.0.254"}]]},
                   ipam={"range": REMOVE, "subnet": REMOVE, "gateway": REMOVE})
    expect(result["ips"][0] == {"address": "10.7.0.9/24", "gateway": "10.7.0.254"}, f"{result}")


@case("1.13", "{} of another type than it must be is error 6 or 7, and nothing is done", kind="rail-ipam",
      each=("runtimeConfig", "runtimeConfig.ips", "runtimeConfig.ipRanges", "args", "args.cni", "args.cni.ips"))
def ipam_types(t):
    for value in 7, "x", True, [7], {"x": 7}:
        if isinstance(value, dict) == (t.value in ("runtimeConfig", "args", "args.cni")):
            continue
        conf = value
        for key in reversed(t.value.split(".")):
            conf = {key: conf}
        t.call("ADD", conf).failed(6, 7, says=t.value)
    expect(not t.plugin.held(t), f"held: {t.plugin.held(t)}")


# --- devices ---

def mac_of(t, result):
    if "interface" not in t.plugin.lacks:
        expect(links(f"-n {t.pod}")[t.ifname]["address"] == result["interfaces"][0]["mac"], "the result tells another one")
    return result["interfaces"][0].get("mac")


@case("1.13", "the MAC that {} asks for is given", kind="rail-sriov", needs="interface", each=("runtimeConfig.mac", "CNI_ARGS", "mac"))
def mac(t):
    conf = {"runtimeConfig.mac": {"runtimeConfig": {"mac": MAC}}, "mac": {"mac": MAC}, "CNI_ARGS": {}}[t.value]
    env = {"CNI_ARGS": f"IgnoreUnknown=1;MAC={MAC}"} if t.value == "CNI_ARGS" else {}
    expect(mac_of(t, t.call("ADD", conf, env=env).fine().json) == MAC, "another one was given")


@case("1.13", "a MAC in capitals is told in lower case", kind="rail-sriov", needs="interface")
def mac_capitals(t):
    expect(mac_of(t, t.add(mac="02:00:00:00:0A:0B")) == "02:00:00:00:0a:0b", "it is not")


@case("1.13", "runtimeConfig.mac counts before CNI_ARGS, that before mac", kind="rail-sriov", needs="interface")
def mac_order(t):
    env = {"CNI_ARGS": "IgnoreUnknown=1;MAC=02:00:00:00:00:02"}
    expect(mac_of(t, t.call("ADD", mac="02:00:00:00:00:03", runtimeConfig={"mac": "02:00:00:00:00:01"}, env=env).fine().json)[-1] == "1", "not the first")
    t.delete()
    expect(mac_of(t, t.call("ADD", mac="02:00:00:00:00:03", env=env).fine().json)[-1] == "2", "not the second")


@case("1.13", "a MAC that is none, or a group's, is error 7 that names the key", kind="rail-sriov")
def bad_mac(t):
    for value in "x", "02:00:00:00:00", "02:00:00:00:00:09:0a", "01:00:5e:00:00:01", "00:00:00:00:00:00", "02-00-00-00-00-09x":
        t.call("ADD", runtimeConfig={"mac": value}).failed(7, says="runtimeConfig.mac")
        t.call("ADD", mac=value).failed(7, says="mac")
        t.call("ADD", env={"CNI_ARGS": f"MAC={value}"}).failed(7, says="CNI_ARGS")


@case("1.13", "runtimeConfig.deviceID counts before deviceID, that before pciBusID", kind="rail-sriov")
def device_order(t):
    first, second = t.plugin.vfs[:2]
    result = t.add({"deviceID": second, "pciBusID": second, "runtimeConfig": {"deviceID": first}})
    expect(result["interfaces"][0]["pciID"] == first, f"{result}")
    t.delete()
    result = t.add({"deviceID": second, "pciBusID": first})
    expect(result["interfaces"][0]["pciID"] == second, f"{result}")
    t.delete()
    result = t.add({"deviceID": REMOVE, "pciBusID": first})
    expect(result["interfaces"][0]["pciID"] == first, f"{result}")


@case("1.13", "no device at all is error 7 that tells where one comes from", kind="rail-sriov")
def no_device(t):
    t.call("ADD", deviceID=REMOVE).failed(7, says="deviceID")


@case("1.13", "the deviceID '{}' is none: an error that names the key, before anything is touched", kind="rail-sriov",
      each=("0000:03:10", "x", "../../../etc", "0000:03:10.2/../x", "0000:03:10.9", "..", "/dev/null", "0000:99:00.0"))
def bad_device(t):
    for conf, key in ({"deviceID": t.value}, "deviceID"), ({"runtimeConfig": {"deviceID": t.value}}, "deviceID"), ({"deviceID": REMOVE, "pciBusID": t.value}, "pciBusID"):
        answer = t.call("ADD", conf).failed(7, 101)
        expect(answer.code == 101 or key in answer.text, str(answer))
    expect(not t.fake.calls and not t.plugin.left(t), "something was done")


@case("1.13", "a device's {} of another type than it must be is error 6 or 7, and nothing is done", kind="rail-sriov",
      each=("runtimeConfig", "runtimeConfig.mac", "runtimeConfig.deviceID", "runtimeConfig.CNIDeviceInfoFile", "deviceID", "pciBusID", "mac", "ipam", "ipam.type"))
def sriov_types(t):
    for value in 7, True, [7], {"x": 7}:
        if isinstance(value, dict) == (t.value in ("runtimeConfig", "ipam")) or t.value == "pciBusID":
            continue
        conf = value
        for key in reversed(t.value.split(".")):
            conf = {key: conf}
        t.call("ADD", conf).failed(6, 7, says=t.value)
    expect(not t.fake.calls and not t.plugin.left(t), "something was done")


# --- device information ---

def info(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


@case("3.3", "the device information file is made, with its directory, and can be read by all", kind="rail-sriov")
def info_made(t):
    path = f"/run/k8s.cni.cncf.io/{t.network}/devinfo/cni/ns-net-c_net1"
    t.add(runtimeConfig={"CNIDeviceInfoFile": path})
    found = info(path)
    expect(found["type"] == "pci" and found["version"] == "1.1.0", f"{found}")
    expect(found["pci"]["pci-address"] == t.plugin.vfs[0], f"{found}")
    expect(stat.S_IMODE(os.stat(path).st_mode) == 0o644, oct(os.stat(path).st_mode))


@case("3.3", "what is in the device information file already stays there", kind="rail-sriov")
def info_kept(t):
    os.makedirs("/run/devinfo", exist_ok=True)
    path = f"/run/devinfo/{t.network}"
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"type": "pci", "version": "1.0.0", "x": [1], "pci": {"pci-address": t.plugin.vfs[0], "vhost-net": "/dev/vhost-net", "y": 2}}, file)
    os.chmod(path, 0o444)
    t.add(runtimeConfig={"CNIDeviceInfoFile": path})
    found = info(path)
    expect(found["version"] == "1.0.0" and found["x"] == [1] and found["pci"]["vhost-net"] == "/dev/vhost-net" and found["pci"]["y"] == 2, f"{found}")


@case("3.3", "no temporary file is left beside the device information file", kind="rail-sriov")
def info_alone(t):
    directory = f"/run/devinfo-{t.network}"
    t.add(runtimeConfig={"CNIDeviceInfoFile": f"{directory}/file"})
    expect(os.listdir(directory) == ["file"], f"{os.listdir(directory)}")


@case("3.3", "a device information file that is {} is an error, and nothing is left", kind="rail-sriov",
      each=("a relative path", "garbage", "a list", "a directory", "of a type that its key is not", "in a place that cannot be"))
def info_bad(t):
    os.makedirs("/run/devinfo/dir", exist_ok=True)
    for name, text in ("garbage", "x"), ("list", "[]"), ("typed", '{"type":"pci","version":"1.0.0","pci":7}'):
        with open(f"/run/devinfo/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    path = {"a relative path": "devinfo/x", "garbage": "/run/devinfo/garbage", "a list": "/run/devinfo/list", "a directory": "/run/devinfo/dir",
            "of a type that its key is not": "/run/devinfo/typed", "in a place that cannot be": "/etc/machine-id/x"}[t.value]
    t.call("ADD", runtimeConfig={"CNIDeviceInfoFile": path}).failed()
    expect(t.fake.verbs() in ([], ["ADD", "DEL"]) and not t.plugin.left(t), f"{t.fake.verbs()} {t.plugin.left(t)}")


@case("3.3", "DEL does not need the device information file", kind="rail-sriov")
def info_gone(t):
    path = f"/run/devinfo-{t.network}/file"
    t.add(runtimeConfig={"CNIDeviceInfoFile": path})
    os.unlink(path)
    t.delete()
