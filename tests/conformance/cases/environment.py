"""1.1: the verbs and their variables."""
from call import expect, run
from suite import case


def bare(t, env, stdin=b""):
    """With no other environment."""
    return run("ADD", [t.plugin.binary], env, stdin)


@case("1.1", "without CNI_COMMAND a person is told on standard error what this is; standard output stays empty")
def no_command(t):
    # The reference code does so; code 4 would be as good to a runtime, which never comes here.
    answer = bare(t, {})
    expect(answer.status == 0 and not answer.out and b"0.1.0" in answer.err, str(answer))


@case("1.1", "an empty CNI_COMMAND is an absent one")
def empty_command(t):
    answer = bare(t, {"CNI_COMMAND": ""})
    expect(answer.status == 0 and not answer.out and answer.err, str(answer))


@case("1.1", "an unknown CNI_COMMAND '{}' is error 4 that names it",
      each=("NOPE", "add", "ADD ", " ADD", "ADDX", "UPDATE"))
def unknown_command(t):
    t.call(t.value).failed(4, says=t.value.strip())


def without(t, verb, names):
    return t.call(verb, env={name: None for name in names}).failed(4, says=names)


@case("1.1", "ADD without {} is error 4 that names it", each=("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"))
def add_without(t):
    without(t, "ADD", [t.value])


@case("1.1", "CHECK without {} is error 4 that names it", since="0.4.0",
      each=("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"))
def check_without(t):
    without(t, "CHECK", [t.value])


@case("1.1", "DEL without {} is error 4 that names it", each=("CNI_CONTAINERID", "CNI_IFNAME"))
def del_without(t):
    without(t, "DEL", [t.value])


@case("1.1", "all variables that are missing are named in one message, in their order")
def all_missing(t):
    answer = without(t, "ADD", ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"])
    at = [answer.text.index(name) for name in ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME")]
    expect(at == sorted(at), str(answer))


@case("1.1", "an empty {} is a missing one", each=("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"))
def empty_variable(t):
    t.call("ADD", env={t.value: ""}).failed(4, says=t.value)


@case("1.1", "variables that are missing are told before anything is read: no input, no wait")
def missing_first(t):
    answer = t.call("ADD", env={"CNI_IFNAME": ""}, stdin=open("/dev/zero", "rb"), how={"deadline": 5})
    expect(answer.failed(4, says="CNI_IFNAME").seconds < 3, str(answer))


@case("1.1", "ADD without CNI_ARGS is fine")
def no_args(t):
    t.call("ADD", env={"CNI_ARGS": None}).fine()


@case("1.1", "{} with all variables of an attachment there and empty is fine", since="1.1.0", each=("GC", "STATUS"))
def empty_is_fine(t):
    t.call(t.value, {"cni.dev/valid-attachments": []}).fine()


@case("1.1", "{} without any variable of an attachment is fine", since="1.1.0", each=("GC", "STATUS"))
def none_is_fine(t):
    # CNI_PATH alone is there: who delegates needs it.
    env = {"CNI_CONTAINERID": None, "CNI_NETNS": None, "CNI_IFNAME": None, "CNI_ARGS": None}
    t.call(t.value, {"cni.dev/valid-attachments": []}, env=env).fine()


@case("1.1", "{} ignores values of variables that it does not need", since="1.1.0", each=("GC", "STATUS"))
def junk_is_unused(t):
    env = {"CNI_CONTAINERID": "../x", "CNI_IFNAME": "a/b", "CNI_NETNS": "/nowhere"}
    t.call(t.value, {"cni.dev/valid-attachments": []}, env=env).fine()


@case("1.1", "VERSION needs no other variable")
def version_needs_nothing(t):
    run("VERSION", [t.plugin.binary], {"CNI_COMMAND": "VERSION"}, b"").check().fine()


@case("1.1", "VERSION ignores the values of all other variables")
def version_ignores(t):
    t.call("VERSION", env={"CNI_CONTAINERID": "../x", "CNI_NETNS": "dummy", "CNI_IFNAME": "a/b", "CNI_PATH": "dummy"}).fine()


@case("1.1", "variables that no verb has are ignored: CNI_VERSION of old, others' CNI_ names, tracing")
def foreign_variables(t):
    t.call("ADD", env={"CNI_VERSION": "9.9.9", "CNI_FUTURE": "x", "TRACEPARENT": "00-0-0-01", "BAGGAGE": "a=b"}).fine()


@case("1.1", "an environment of a hundred kilobytes is no obstacle")
def large_environment(t):
    t.call("ADD", env={f"FILLER{i}": "x" * 1000 for i in range(100)}).fine()


@case("1.1", "ADD with an IPAM plugin and no CNI_PATH is error 4 that names it, before anything is touched", kind="main")
def no_path(t):
    t.call("ADD", env={"CNI_PATH": None}).failed(4, says="CNI_PATH")
    expect(not t.fake.calls and not t.plugin.left(t), "something was done")


@case("1.1", "DEL without CNI_PATH takes back what is its own, then is error 4 that names it", kind="main")
def del_no_path(t):
    t.add()
    t.fake.forget()
    t.call("DEL", env={"CNI_PATH": None}).failed(4, says="CNI_PATH")
    expect(not t.fake.calls, "the IPAM plugin was found all the same")


@case("1.1", "a plugin that runs where the pod is, CNI_NETNS_OVERRIDE or not, refuses its own namespace")
def override(t):
    # Not in the specification. The reference code lets "1" through; a VF never belongs into the node's namespace.
    if t.plugin.kind == "ipam":
        t.call("ADD", env={"CNI_NETNS_OVERRIDE": "1"}).fine()
    else:
        t.call("ADD", env={"CNI_NETNS_OVERRIDE": "1", "CNI_NETNS": "/proc/1/ns/net"}).failed(8, 7, says="namespace")


@case("1.1", "what is on the path of the process, its directory and its home are not needed")
def no_surroundings(t):
    t.call("ADD", env={"PATH": "", "HOME": None}).fine()
