"""fake - tell fake-ipam what to do, and read how it was called."""
import json
import os
import shlex
import shutil


class Call:
    """One call of fake-ipam."""

    def __init__(self, path):
        def read(name):
            with open(f"{path}.{name}", "rb") as file:
                return file.read()
        environ, _, status = read("environ").rpartition(b"\0\n")
        self.argv = read("argv").decode().splitlines()
        self.env = dict(line.split("=", 1) for line in environ.decode().split("\0") if "=" in line)
        self.status = dict(line.split(":\t", 1) for line in status.decode().splitlines())
        self.verb = self.env["CNI_COMMAND"]
        self.same_netns = os.path.exists(f"{path}.netns")
        self.fds = [line[-1] for line in read("fds").decode().splitlines()][:-1]  # the last is that of the list itself
        self.stdin = read("stdin") if os.path.exists(f"{path}.stdin") else None


def addresses(version, *ips, routes=(), dns=None):
    """A result of an IPAM plugin; an ip is (address, gateway or None)."""
    result = {"cniVersion": version}
    if version in ("0.1.0", "0.2.0"):
        for address, gateway in ips:
            family = result.setdefault("ip6" if ":" in address else "ip4", {"ip": address})
            family.update({"gateway": gateway} if gateway else {})
        for route in routes:
            result["ip6" if ":" in route["dst"] else "ip4"].setdefault("routes", []).append(route)
    else:
        result["ips"] = [{"address": address} for address, _ in ips]
        for one, (address, gateway) in zip(result["ips"], ips):
            if version[0] == "0":
                one["version"] = "6" if ":" in address else "4"
            if gateway:
                one["gateway"] = gateway
        if routes:
            result["routes"] = list(routes)
    if dns:
        result["dns"] = dns
    return result


class Fake:
    """fake-ipam as one case wants it."""

    def __init__(self, directory):
        self.directory = directory
        shutil.rmtree(directory, ignore_errors=True)
        os.makedirs(os.path.join(directory, "calls"))

    def does(self, verb, script, first=False):
        """Run this shell script in calls of the verb, behind its input or before."""
        with open(os.path.join(self.directory, verb + (".first" if first else "")), "w", encoding="utf-8") as file:
            file.write(script + "\n")

    def prints(self, text, verb="ADD"):
        if not isinstance(text, str):
            text = json.dumps(text)
        self.does(verb, f"printf '%s\\n' {shlex.quote(text)}")

    def fails(self, verb, code, msg, details=None):
        error = {"cniVersion": "1.0.0", "code": code, "msg": msg}
        if details:
            error["details"] = details
        self.does(verb, f"printf '%s\\n' {shlex.quote(json.dumps(error))}\nexit 1")

    def behaves(self):
        """From now on it does what is expected of it, as far as that says nothing."""
        for name in os.listdir(self.directory):
            if name != "calls":
                os.unlink(os.path.join(self.directory, name))

    @property
    def calls(self):
        top = os.path.join(self.directory, "calls")
        numbers = [int(name.split(".")[0]) for name in os.listdir(top) if name.endswith(".argv")]
        return [Call(os.path.join(top, str(number))) for number in sorted(numbers)]

    def verbs(self):
        return [call.verb for call in self.calls]

    def forget(self):
        shutil.rmtree(os.path.join(self.directory, "calls"))
        os.mkdir(os.path.join(self.directory, "calls"))
