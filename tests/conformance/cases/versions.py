"""1.3, 1.4, 1.5: one object on standard output, error objects, versions."""
from call import expect, run
from plugin import VERSIONS
from suite import REMOVE, case

BEFORE_CHECK = VERSIONS[:VERSIONS.index("0.4.0")]
BEFORE_GC = VERSIONS[:VERSIONS.index("1.1.0")]


@case("1.3", "ADD prints one object, with a line break behind it")
def one_object(t):
    t.fake.prints(t.addresses(t.version))
    answer = t.call("ADD").fine()
    # The reference prints no line break.
    expect(answer.out.endswith(b"}\n") and answer.out.count(b"}\n") == 1, str(answer))


@case("1.3", "{} prints nothing when it succeeds", each=("DEL", "CHECK", "GC", "STATUS"))
def silence(t):
    if t.value in ("GC", "STATUS") and t.plugin.version != "1.1.0":
        return  # this plugin does not know it
    result = t.add()
    expect(not t.call(t.value, {"prevResult": result, "cni.dev/valid-attachments": []}).fine().out, "it printed something")


@case("1.3", "an error goes to standard output, with exit status 1 and nothing on standard error but words")
def error_place(t):
    answer = t.call("ADD", name="../x").failed(7)
    expect(answer.status == 1 and b'"code"' not in answer.err, str(answer))


@case("1.3", "an error object names the version of the call")
def error_version(t):
    # The specification has it; the reference leaves it out.
    for version in t.plugin.versions:
        answer = t.call("ADD", cniVersion=version, name="../x").failed(7)
        expect(answer.json.get("cniVersion") == version, f"{version}: {answer}")


@case("1.3", "an error before the version is known names one that all can read")
def early_error_version(t):
    for answer in t.call("ADD", stdin=b"{"), t.call("NOPE"), t.call("ADD", cniVersion="9.9.9"):
        expect(answer.json.get("cniVersion") in VERSIONS, str(answer))


@case("1.3", "an error object has no key but those four")
def error_keys(t):
    for answer in t.call("ADD", stdin=b"{"), t.call("ADD", name=7), t.call("ADD", cniVersion="9.9.9"):
        expect(not set(answer.json) - {"cniVersion", "code", "msg", "details"}, str(answer))


@case("1.5", "VERSION tells all versions up to the newest, in order")
def version_list(t):
    reply = t.call("VERSION", stdin=b"").fine().json
    expect(reply["supportedVersions"] == t.plugin.versions, str(reply))


@case("1.5", "VERSION names a version it supports as that of its reply")
def version_reply(t):
    # The specification wants the caller's, the reference its own newest: who waits for no input cannot know.
    reply = t.call("VERSION").fine().json
    expect(reply["cniVersion"] in t.plugin.versions and set(reply) == {"cniVersion", "supportedVersions"}, str(reply))


@case("1.5", "ADD and DEL work in version {}", each=VERSIONS)
def every_version(t):
    t.add(cniVersion=t.value)
    t.delete(cniVersion=t.value)


@case("1.5", "a version is compared as it is written: '{}' is error 1", each=("1.1", "v1.1.0", "1.1.0 ", "01.0.0", "0.5.0", "abc", "1.0.0-rc1"))
def exact(t):
    for verb in "ADD", "DEL":
        t.call(verb, cniVersion=t.value).failed(1)


@case("1.5", "a version of the future is error 1 that names it and those there are", each=("9.9.9",))
def future(t):
    answer = t.call("ADD", cniVersion=t.value).failed(1, says=t.value)
    expect(all(version in answer.text for version in t.plugin.versions), str(answer))


@case("1.5", "a cniVersion that is no string is error 6")
def typed(t):
    for value in 1, 1.1, True, [], {}:
        t.call("ADD", cniVersion=value).failed(6)


@case("1.5", "no cniVersion, null or an empty one means 0.1.0")
def absent(t):
    for value in REMOVE, None, "":
        result = t.add(cniVersion=value)
        expect("ip4" in result and result.get("cniVersion") in ("0.1.0", "0.2.0"), str(result))
        t.delete(cniVersion=value)


@case("1.5", "CHECK in version {} is error 1", each=BEFORE_CHECK)
def check_gate(t):
    t.call("CHECK", cniVersion=t.value, prevResult={}).failed(1, says="CHECK")


@case("1.5", "GC in version {} is error 1", since="1.1.0", each=BEFORE_GC)
def gc_gate(t):
    t.call("GC", {"cniVersion": t.value, "cni.dev/valid-attachments": []}).failed(1, says="GC")


@case("1.5", "STATUS in version {} is error 1", since="1.1.0", each=BEFORE_GC)
def status_gate(t):
    t.call("STATUS", cniVersion=t.value).failed(1, says="STATUS")


@case("1.5", "{} in a version that is none is an error", since="1.1.0", each=("CHECK", "GC", "STATUS"))
def unreadable(t):
    # 6 to the reference, which compares numbers here and text in ADD; 1 to us, as everywhere.
    t.call(t.value, cniVersion="abc").failed(1, 6)


def refused(t):
    """Answers of ADDs that must fail, each for another reason."""
    confs = [{"name": "../x"}, {"cniVersion": "9"}, {"cniVersion": 1}, {"ipam": 7}]
    confs += [{"ipam": {"type": "a/b"}}, {"ipam": {"type": "nowhere"}}] if t.plugin.kind == "main" else []
    return [t.call("ADD", conf).failed() for conf in confs]


@case("1.4", "no error has a code that the specification reserves without a meaning")
def codes(t):
    for answer in refused(t):
        expect(answer.code in (1, 2, 3, 4, 5, 6, 7, 8, 11, 50, 51) or answer.code >= 100, str(answer))


@case("1.4", "no failed ADD is error 3: that says there is nothing to clean up")
def never_3(t):
    for answer in refused(t):
        expect(answer.code != 3, str(answer))


@case("1.3", "who cannot be told the result does not keep what it is about: ADD onto a full device leaves nothing")
def full_device(t):
    with open("/dev/full", "wb") as full:
        env, stdin = t.request("ADD")
        answer = run("ADD", [t.plugin.binary], env, stdin, stdout=full)
    expect(answer.status == 1, str(answer))
    left = t.plugin.left(t)
    expect(not left, f"left: {left}")
