"""1.12: how an IPAM plugin is found, run, and understood, well behaved or not."""
import json
import os
import shlex
import stat

from call import expect
from suite import REMOVE, case


# --- found ---

@case("1.12", "the IPAM plugin '{}' is none: error before anything is touched", kind="main", each=("a/b", "../fake-ipam", "/opt/fake/fake-ipam", "no-such"))
def bad_type(t):
    t.call("ADD", ipam={"type": t.value}).failed(7, says=t.value)
    expect(not t.plugin.left(t) and not t.fake.calls, "something was done")


@case("1.12", "an IPAM section without a type, or with an empty one, delegates to nobody", kind="main")
def no_type(t):
    for value in "", REMOVE:
        t.add(ipam={"type": value})
        t.delete(ipam={"type": value})
    expect(not t.fake.calls, "somebody was called")


@case("1.12", "the first directory of CNI_PATH that has it is taken", kind="main")
def first(t):
    os.makedirs("/tmp/first", exist_ok=True)
    os.symlink("/suite/fake-ipam", f"/tmp/first/{t.network}")
    os.symlink("/bin/false", f"/opt/fake/{t.network}")
    t.call("ADD", env={"CNI_PATH": "/nowhere:/tmp/first:/opt/fake"}, ipam={"type": t.network}).fine()
    expect(t.fake.calls[0].argv == [f"/tmp/first/{t.network}"], f"called as {t.fake.calls[0].argv}")
    os.unlink(f"/opt/fake/{t.network}")


@case("1.12", "what bears its name and is no file is passed by", kind="main")
def no_file(t):
    os.makedirs("/tmp/dirs/fake-ipam", exist_ok=True)
    t.call("ADD", env={"CNI_PATH": f"/tmp/dirs:{t.plugin.path}"}).fine()


@case("1.12", "empty and relative directories in CNI_PATH are passed by", kind="main")
def relative(t):
    # The directory of the process is nobody's promise. The reference takes them.
    os.makedirs("/relative", exist_ok=True)
    if not os.path.exists("/relative/fake-ipam"):
        os.symlink("/bin/false", "/relative/fake-ipam")
    t.call("ADD", env={"CNI_PATH": f":relative:./relative:{t.plugin.path}::"}).fine()


@case("1.12", "one that may not be executed is an error before anything is touched", kind="main")
def not_executable(t):
    os.makedirs("/tmp/plain", exist_ok=True)
    with open("/tmp/plain/plain-ipam", "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\n")
    t.call("ADD", env={"CNI_PATH": "/tmp/plain"}, ipam={"type": "plain-ipam"}).failed(7, says="plain-ipam")
    expect(not t.plugin.left(t), "something was done")


@case("1.12", "one that is no program is an error; DEL is one, too, until it has been put right", kind="main")
def no_program(t):
    # Whoever has taken an address with what was there before must get its DEL: so that is never taken for granted.
    os.makedirs("/tmp/garbage", exist_ok=True)
    with open("/tmp/garbage/garbage-ipam", "wb") as file:
        file.write(b"\x7fELF garbage")
        os.fchmod(file.fileno(), stat.S_IRWXU)
    request = {"env": {"CNI_PATH": "/tmp/garbage"}, "ipam": {"type": "garbage-ipam"}}
    t.call("ADD", **request).failed(says="garbage-ipam")
    t.call("DEL", **request).failed(says="garbage-ipam")
    os.unlink("/tmp/garbage/garbage-ipam")
    os.symlink("/suite/fake-ipam", "/tmp/garbage/garbage-ipam")
    t.call("DEL", **request).fine()
    expect(t.fake.verbs() == ["DEL"] and not t.plugin.left(t), "something is left")


# --- run ---

@case("1.12", "it gets the configuration byte by byte, the main plugin's keys included", kind="main")
def same_bytes(t):
    t.fake.prints(t.addresses(t.version))
    text = json.dumps(t.conf({"args": {"cni": {"é": "\u20ac"}}, "runtimeConfig": {"ips": ["192.168.7.5"]}}), indent=3).encode() + b"\n\t\n"
    t.call("ADD", stdin=text).fine()
    expect(t.fake.calls[0].stdin == text, f"it got {t.fake.calls[0].stdin}")


@case("1.12", "a megabyte of configuration goes through, read or not", kind="main")
def large(t):
    t.add(filler="x" * (1 << 20))
    expect(len(t.fake.calls[0].stdin) > 1 << 20, "it got less")
    t.delete(filler="x" * (1 << 20))
    t.fake.does("ADD", says(result()), first=True)
    t.add(filler="x" * (1 << 20))


@case("1.12", "it gets the verb and the variables of the call: {}", kind="main", each=("ADD", "DEL", "CHECK", "STATUS", "GC"))
def variables(t):
    if t.value in ("GC", "STATUS") and t.plugin.version != "1.1.0":
        return  # this plugin does not know it
    args = {"CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAME=p", "TRACEPARENT": "00-1-2-01", "EXTRA": "a=b c"}
    previous = t.call("ADD", env=args).fine().json
    t.fake.forget()
    valid = [{"containerID": t.container, "ifname": t.ifname}]
    env, stdin = t.request(t.value, {"prevResult": previous, "cni.dev/valid-attachments": valid}, env=args)
    if t.value == "ADD":
        t.delete()
        t.fake.forget()
    t.call(t.value, stdin=stdin, env=args).fine()
    expect(t.fake.verbs() == [t.value], f"it was called for {t.fake.verbs()}")
    got = t.fake.calls[0].env
    for name, value in env.items():
        expect(got.get(name) == value, f"{name} was {got.get(name)!r} for {value!r}")


@case("1.12", "it has no arguments", kind="main")
def no_arguments(t):
    t.add()
    expect(len(t.fake.calls[0].argv) == 1, f"{t.fake.calls[0].argv}")


@case("1.12", "it runs in the namespace of the runtime, for ADD and DEL", kind="main")
def same_netns(t):
    t.add()
    t.delete()
    expect([call.same_netns for call in t.fake.calls] == [True, True], "it did not")


@case("1.12", "no signal is blocked or ignored for it", kind="main")
def signals(t):
    t.add()
    status = t.fake.calls[0].status
    expect(int(status["SigBlk"], 16) == 0, "blocked: " + status["SigBlk"])
    expect(int(status["SigIgn"], 16) & 1 << 12 == 0, "SIGPIPE is ignored: " + status["SigIgn"])


@case("1.12", "no descriptors leak into it", kind="main")
def descriptors(t):
    # rail-sriov keeps a lock open in it as descriptor 3: when it is killed, a DEL waits until its IPAM plugin is done.
    t.add()
    t.delete()
    for call in t.fake.calls:
        expect(set(call.fds) <= ({"0", "1", "2", "3"} if t.plugin.name == "rail-sriov" else {"0", "1", "2"}), f"open: {call.fds}")


@case("1.12", "what it says on standard error comes through", kind="main")
def stderr(t):
    t.fake.does("ADD", "echo a word of advice >&2; " + says(result()))
    expect(b"a word of advice" in t.call("ADD").fine().err, "it did not")


# --- understood ---

@case("1.12", "its result without a version is taken for one of the configuration's, {}", kind="main", each=("0.2.0", "0.4.0", "1.0.0"))
def no_version(t):
    answer = t.addresses(t.value)
    del answer["cniVersion"]
    t.fake.prints(answer)
    t.add(cniVersion=t.value)
    t.fake.prints(dict(answer, cniVersion=""))
    t.delete(cniVersion=t.value)
    t.add(cniVersion=t.value)


@case("1.12", "keys of its result that nobody knows do no harm", kind="main")
def unknown_keys(t):
    answer = t.addresses("1.0.0")
    answer["x"] = answer["ips"][0]["x"] = {"y": [None]}
    t.fake.prints(answer)
    t.add()


@case("1.12", "its error is told with its code, its words and its details", kind="main")
def its_error(t):
    # The reference makes 999 of some of them.
    t.fake.fails("ADD", 11, "the pool is busy", "come back on Tuesday")
    t.call("ADD").failed(11, says=("the pool is busy", "come back on Tuesday"))


def says(text, status=0):
    return f"printf '%s\\n' {shlex.quote(text)}; exit {status}"


def result(**changed):
    return json.dumps(dict({"cniVersion": "1.0.0", "ips": [{"address": "192.168.7.5/24", "gateway": "192.168.7.1"}]}, **changed))


def address(**address):
    return says(result(ips=[address]))


# What the fake does, and what the message must have of it: whatever it is, ADD fails and IPAM DEL is called.
BAD = {
    "exits with 1 and says nothing": ("exit 1", ""),
    "exits with 3 and garbage": (says("garbage", 3), "garbage"),
    "exits with 1 and half an error object": (says('{"code":7,', 1), ""),
    "exits with 1 and a result": (says(result(), 1), ""),
    "exits with 1 and null": (says("null", 1), ""),
    "exits with 1 and an array": (says("[]", 1), ""),
    "exits with 1 and an error without words": (says('{"code":7}', 1), ""),
    "exits with 1 and an error without a code": (says('{"msg":"oh"}', 1), "oh"),
    "exits with 1 and an error with the code 0": (says('{"code":0,"msg":"oh"}', 1), "oh"),
    "exits with 1 and an error with a negative code": (says('{"code":-5,"msg":"oh"}', 1), "oh"),
    "exits with 1 and an error with a code that is text": (says('{"code":"7","msg":"oh"}', 1), "oh"),
    "exits with 1 and an error with a huge code": (says('{"code":1e30,"msg":"oh"}', 1), "oh"),
    "exits with 1 and an error with words that are a number": (says('{"code":7,"msg":7}', 1), ""),
    "succeeds and says nothing": ("exit 0", ""),
    "succeeds with garbage": (says("garbage"), "garbage"),
    "succeeds with a line of log before its result": (says("# log\n" + result()), ""),
    "succeeds with two results": (says(result() + result()), ""),
    "succeeds with half a result": (says(result()[:-9]), ""),
    "succeeds with null": (says("null"), ""),
    "succeeds with an array": (says("[]"), ""),
    "succeeds with an error object": (says('{"code":7,"msg":"oh"}'), ""),
    "succeeds with a NUL byte behind its result": (f"printf '%s\\0' {shlex.quote(result())}", ""),
    "succeeds with a version of the future": (says(result(cniVersion="9.9.9")), "9.9.9"),
    "succeeds with a version that is a number": (says(result(cniVersion=1)), ""),
    "succeeds without an address": (says('{"cniVersion":"1.0.0"}'), ""),
    "succeeds with an empty list of addresses": (says(result(ips=[])), ""),
    "succeeds with a list of addresses that is an object": (says(result(ips={})), ""),
    "succeeds with an address that is text": (says(result(ips=["192.168.7.5/24"])), ""),
    "succeeds with an address without a prefix length": (address(address="192.168.7.5"), "192.168.7.5"),
    "succeeds with an address that is none": (address(address="192.168.7.256/24"), "192.168.7.256"),
    "succeeds with a prefix length of 33": (address(address="192.168.7.5/33"), "192.168.7.5/33"),
    "succeeds with an address that is a number": (address(address=7), ""),
    "succeeds with a gateway that is none": (address(address="192.168.7.5/24", gateway="192.168.7.x"), "192.168.7.x"),
    "succeeds with a route to nowhere": (says(result(routes=[{"dst": "nowhere"}])), "nowhere"),
    "succeeds with a route over nothing": (says(result(routes=[{"dst": "10.0.0.0/8", "gw": "via"}])), "via"),
    "is killed before it says anything": ("kill -KILL $$", ""),
    "is killed behind its result": (f"printf '%s\\n' {shlex.quote(result())}; kill -KILL $$", ""),
    "closes its output and exits with 1": ("exec >&-; exit 1", ""),
    "closes its output and succeeds": ("exec >&-; exit 0", ""),
    "answers with two megabytes of white space and a result": (f"head -c 2000000 /dev/zero | tr '\\0' ' '; {says(result())}", ""),
    "fails with two megabytes of words": ("head -c 2000000 /dev/zero | tr '\\0' x; exit 1", ""),
    "answers 10000 levels deep": ("printf '[%.0s' $(seq 10000)", ""),
}


@case("1.12", "an IPAM plugin that {} in ADD: an error, IPAM DEL, and nothing is left", kind="main", each=BAD)
def bad_add(t):
    script, words = BAD[t.value]
    t.fake.does("ADD", script)
    t.call("ADD").failed(says=words)
    expect(t.fake.verbs() == ["ADD", "DEL"], f"IPAM was called for {t.fake.verbs()}")
    expect(not t.plugin.left(t), f"left: {t.plugin.left(t)}")


@case("1.12", "an IPAM plugin whose output never ends is not listened to for long", kind="rail-sriov")
def endless(t):
    # The reference reads until memory is out: not tried here.
    t.fake.does("ADD", "exec cat /dev/zero")
    t.call("ADD").failed()
    expect(t.fake.verbs() == ["ADD", "DEL"], f"IPAM was called for {t.fake.verbs()}")


@case("1.12", "an IPAM plugin that answers and leaves a process with its output open: ADD does not wait for that", kind="main")
def grandchild(t):
    # The reference waits until the last one has closed it, as a runtime waits for plugins.
    t.fake.does("ADD", "sleep 5 < /dev/null & " + says(result()))
    answer = t.call("ADD", how={"keeps": True}).fine()
    expect(answer.seconds < 4, str(answer))


@case("1.12", "an IPAM plugin that reads nothing of its input is understood", kind="main")
def reads_nothing(t):
    t.fake.does("ADD", "exec <&-; " + says(result()), first=True)
    t.add()


@case("1.12", "an IPAM plugin that takes a second is waited for", kind="main")
def slow(t):
    t.fake.does("ADD", "sleep 1; " + says(result()))
    t.add()


@case("1.12", "what it prints in DEL, CHECK, STATUS or GC when it succeeds is nobody's business", kind="main")
def junk_elsewhere(t):
    verbs = ("CHECK", "STATUS", "GC", "DEL") if t.plugin.version == "1.1.0" else ("CHECK", "DEL")
    previous = t.add()
    for verb in verbs:
        t.fake.does(verb, "echo junk; echo '{}'")
        t.call(verb, {"prevResult": previous, "cni.dev/valid-attachments": [
            {"containerID": t.container, "ifname": t.ifname}]}).fine()


@case("1.12", "the error of its {} is told with its code and its words", kind="main", each=("CHECK", "STATUS", "GC"))
def error_elsewhere(t):
    if t.value != "CHECK" and t.plugin.version != "1.1.0":
        return  # this plugin does not know it
    previous = t.add()
    t.fake.fails(t.value, 50, "the store has gone")
    t.call(t.value, {"prevResult": previous, "cni.dev/valid-attachments": [
        {"containerID": t.container, "ifname": t.ifname}]}).failed(50, says="the store has gone")


@case("1.12", "an IPAM plugin that is killed in {} fails it", kind="main", each=("DEL", "CHECK", "STATUS", "GC"))
def killed_elsewhere(t):
    if t.value in ("GC", "STATUS") and t.plugin.version != "1.1.0":
        return  # this plugin does not know it
    previous = t.add()
    t.fake.does(t.value, "kill -KILL $$")
    t.call(t.value, {"prevResult": previous, "cni.dev/valid-attachments": [
        {"containerID": t.container, "ifname": t.ifname}]}).failed()
