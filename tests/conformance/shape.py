"""shape - what the success object of ADD looks like in every version (rule 1.6): no key more, each of its type."""
import ipaddress
import re

from call import expect
from plugin import VERSIONS


def _text(value):
    return isinstance(value, str) and value != ""


def _number(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _address(value):
    try:
        return _text(value) and "/" not in value and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def _cidr(value):
    try:
        return _text(value) and "/" in value and bool(ipaddress.ip_interface(value))
    except ValueError:
        return False


def _mac(value):
    return _text(value) and bool(re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", value))


def _texts(value):
    return isinstance(value, list) and all(map(_text, value))


DNS = {"nameservers": _texts, "domain": _text, "search": _texts, "options": _texts}
ROUTE = {"dst": _cidr, "gw": _address}
ROUTE_NUMBERS = {"mtu": _number, "advmss": _number, "priority": _number, "table": _number, "scope": _number}
INTERFACE = {"name": _text, "mac": _mac, "sandbox": _text}
INTERFACE_MORE = {"mtu": _number, "socketPath": _text, "pciID": _text}


def _hold(where, value, keys, required=()):
    expect(isinstance(value, dict), f"{where} is no object: {value}")
    for key, item in value.items():
        expect(key in keys, f"{where} has a key '{key}' that this version does not know")
        expect(keys[key](item), f"{where}.{key} is {item!r}")
    for key in required:
        expect(key in value, f"{where} has no {key}: {value}")


def _each(where, values, keys, required):
    expect(isinstance(values, list), f"{where} is no list: {values}")
    for i, value in enumerate(values):
        _hold(f"{where}[{i}]", value, keys, required)
    return True


def _family(where, keys):
    def check(value):
        _hold(where, value, dict(keys, routes=lambda routes: _each(f"{where}.routes", routes, ROUTE, ["dst"])), ["ip"])
        return True
    return check


def _old(result):
    """0.1.0, 0.2.0."""
    keys = {"ip": _cidr, "gateway": _address}
    _hold("the result", result, {"cniVersion": _text, "ip4": _family("ip4", keys), "ip6": _family("ip6", keys),
                                 "dns": lambda dns: _hold("dns", dns, DNS) is None}, ["cniVersion"])


def _new(result, version, main):
    """0.3.0 and later."""
    late = VERSIONS.index(version) >= VERSIONS.index("1.0.0")
    address = {"address": _cidr, "gateway": _address}
    required = ["address"]
    if not late:
        address["version"] = lambda value: value in ("4", "6")
        required.append("version")
    if main:
        address["interface"] = lambda value: _number(value) and value < len(result.get("interfaces", []))
        required.append("interface")
    interface = dict(INTERFACE, **INTERFACE_MORE) if version == "1.1.0" else INTERFACE
    keys = {"cniVersion": _text, "dns": lambda dns: _hold("dns", dns, DNS) is None,
            "ips": lambda ips: _each("ips", ips, address, required),
            "routes": lambda routes: _each("routes", routes, dict(ROUTE, **ROUTE_NUMBERS), ["dst"])}
    if main:
        keys["interfaces"] = lambda interfaces: _each("interfaces", interfaces, interface, ["name"])
    _hold("the result", result, keys, ["cniVersion"])
    for one in result.get("ips", []) if not late else []:
        expect((one["version"] == "6") == (":" in one["address"]), f"an address of another family: {one}")


def check(result, version, main):
    """A Failure names the first place that is wrong. `main`: of a plugin that makes interfaces."""
    expect(isinstance(result, dict), f"the result is no object: {result}")
    expect(result.get("cniVersion") == version, f"cniVersion is {result.get('cniVersion')}, asked for {version}")
    if version in ("0.1.0", "0.2.0"):
        _old(result)
    else:
        _new(result, version, main)
