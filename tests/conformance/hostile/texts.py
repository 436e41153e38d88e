"""Sizes, depths, encodings, broken and doubled text."""
import json
import random

from attack import VALID, VERBS, attack, each, put, text, untouched
from call import expect
from suite import case

MIB = 1 << 20
LIMIT = 4 * MIB
SIZES = [1, 2, 3, 4095, 4096, 4097, 16383, 16384, 16385, 65535, 65536, 65537, 262143, 262144, 262145, MIB - 1, MIB, MIB + 1,
         LIMIT - 1, LIMIT, LIMIT + 1, 5 * MIB, 64 * MIB]


def of_size(t, size):
    start, end = text(t)[:-1] + b',"filler":"', b'"}'
    return start + b"x" * (size - len(start) - len(end)) + end


@case("size", "a configuration of every size up to 4 MiB is read, and one beyond is error 6")
def sizes(t):
    def one(size):
        stdin = of_size(t, size) if size > 1000 else b" " * size
        answer = attack(t, "ADD", stdin=stdin)
        if 1000 < size <= LIMIT:
            answer.fine()
            t.delete()
        else:
            answer.failed(6)
    with untouched(t):
        each((f"{size} bytes", lambda size=size: one(size)) for size in SIZES)


@case("size", "a configuration beyond 4 MiB is error 6 for every verb")
def too_large(t):
    with untouched(t):
        each((verb, lambda verb=verb: attack(t, verb, stdin=of_size(t, LIMIT + 1)).failed(6)) for verb in VERBS)


DEEP = {"lists": (b"[", b"]"), "objects": (b'{"a":', b"}"), "lists that do not end": (b"[", b""), "ends of lists": (b"", b"]")}


@case("depth", "{}, a hundred to a million deep, are read or error 6", each=DEEP)
def depths(t):
    begin, end = DEEP[t.value]

    def one(levels):
        stdin = text(t)[:-1] + b',"x":' + begin * levels + (b"0" if b"{" in begin else b"") + end * levels + b"}"
        answer = attack(t, "ADD", stdin=stdin)
        if begin and end and levels < 128:  # the object is one more
            answer.fine()
            t.delete()
        else:
            answer.failed(6)
    with untouched(t):
        each((f"{levels} levels", lambda levels=levels: one(levels)) for levels in (100, 127, 128, 129, 1000, 100000, 1000000)
             if len(begin + end) * levels < LIMIT)


@case("width", "a hundred thousand keys or elements are read in time")
def wide(t):
    many = 100000
    with untouched(t):
        attack(t, "ADD", {f"k{i}": i for i in range(many)}).fine()
        t.delete()
        attack(t, "ADD", x=[0] * many).fine()
        t.delete()
        attack(t, "ADD", x=[{}] * many).fine()


LISTS = {"rail-sriov": {"routes": {"dst": "10.0.0.0/8"}, "runtimeConfig.ips": "10.0.0.1/8", "prevResult.ips": {"address": "10.0.0.1/8"},
                        "prevResult.routes": {"dst": "10.0.0.0/8"}, "prevResult.interfaces": {"name": "eth0"}},
         "rail-ipam": {"ipam.routes": {"dst": "10.0.0.0/8"}, "ipam.exclude": "192.168.1.9", "ipam.ipRanges": {"range": "10.0.0.0/24"},
                       "ipam.ranges": [{"subnet": "10.0.0.0/24"}], "ipam.addresses": {"address": "10.0.0.1/8"},
                       "runtimeConfig.ips": "192.168.1.5", "args.cni.ips": "192.168.1.5", "runtimeConfig.ipRanges": [{"subnet": "10.0.0.0/24"}]}}


@case("width", "a list of fifty thousand that is read is an error, or read in time")
def long_lists(t):
    with untouched(t):
        def one(verb, path, item):
            attack(t, verb, put(path, [item] * 50000))
            t.delete()
        each((f"{verb} {path}", lambda verb=verb, path=path, item=item: one(verb, path, item))
             for path, item in LISTS[t.plugin.name].items() for verb in ("ADD", "CHECK", "STATUS"))


@case("width", "GC with fifty thousand valid attachments ends in time")
def long_valid(t):
    t.add()
    attack(t, "GC", {VALID: [{"containerID": f"c{i}", "ifname": "net1"} for i in range(50000)]}).fine()


BYTES = {"a byte that no character begins with": b"\xff", "a character cut short": b"\xe2\x82", "a character too long": b"\xc0\xaf",
         "a character far too long": b"\xf0\x80\x80\xaf", "half a surrogate pair": b"\xed\xa0\x80", "what is beyond Unicode": b"\xf4\x90\x80\x80",
         "an escaped NUL": b"\\u0000", "half an escaped pair": b"\\ud800", "an escaped pair the wrong way": b"\\udc00\\ud800",
         "an escape cut short": b"\\u12", "an escape of no digits": b"\\uzzzz", "a NUL": b"\0", "a line break": b"\n", "a bell": b"\x07"}


@case("encoding", "{} in a string or a key, anywhere, is error 6 for every verb", each=BYTES)
def encodings(t):
    bad = BYTES[t.value]
    whole = text(t)
    places = {"a value": whole[:-1] + b',"x":"a' + bad + b'b"}', "a key": whole[:-1] + b',"a' + bad + b'b":1}',
              "the name": whole.replace(b'"name": "', b'"name": "' + bad), "ipam": whole.replace(b'"ipam": {', b'"ipam": {"' + bad + b'": 1, ')}
    with untouched(t):
        each((f"{verb}, {place}", lambda verb=verb, place=place: attack(t, verb, stdin=places[place]).failed(6))
             for verb in VERBS for place in places)


@case("encoding", "a configuration in UTF-16 or UTF-32, or with a byte order mark, is error 6")
def other_encodings(t):
    with untouched(t):
        each((name, lambda name=name: attack(t, "ADD", stdin=text(t).decode().encode(name)).failed(6))
             for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"))


@case("encoding", "bytes of all values, no JSON at all, are error 6 for every verb")
def noise(t):
    generator = random.Random(1)
    with untouched(t):
        each((f"{verb} {i}", lambda verb=verb: attack(t, verb, stdin=generator.randbytes(300)).failed(6)) for verb in VERBS for i in range(10))


@case("broken", "a configuration cut off at any byte is error 6")
def cut_off(t):
    whole = text(t)
    with untouched(t):
        each((f"{n} bytes", lambda n=n: attack(t, "ADD", stdin=whole[:n]).failed(6)) for n in range(0, len(whole), 3))


@case("broken", "a configuration with any byte changed is an error, or is carried out and taken back")
def changed(t):
    whole, generator = bytearray(text(t)), random.Random(2)

    def one(at):
        copy = bytearray(whole)
        copy[at] = generator.choice(b'"{}[]:,\\0x \0\xff')
        attack(t, "ADD", stdin=bytes(copy))
        t.take_back()
        t.added.clear()
    # What is changed may be where to go: that is done there, and so it shall.
    each((f"byte {at}", lambda at=at: one(at)) for at in range(0, len(whole), 2))


KEYS = {"rail-sriov": ["cniVersion", "name", "deviceID", "ipam", "ipam.type", "vlan", "mtu", "mac", "routes", "rdma", "rail", "runtimeConfig",
                       "prevResult", "dns", "logFile", "trust"],
        "rail-ipam": ["cniVersion", "name", "ipam", "ipam.store", "ipam.range", "ipam.gateway", "ipam.routes", "ipam.exclude", "ipam.perNode",
                      "ipam.sticky", "ipam.deadline", "ipam.nodeName", "runtimeConfig", "args"]}


def doubled(conf, path):
    """The text of a configuration in which the key stands twice."""
    first, _, rest = path.partition(".")
    members = []
    for key, value in conf.items():
        inner = doubled(value, rest) if rest and key == first else json.dumps(value)
        members += [f"{json.dumps(key)}:{inner}"] * (2 if key == first and not rest else 1)
    if first not in conf:
        members += [f"{json.dumps(first)}:{{}}"] * 2
    return "{" + ",".join(members) + "}"


@case("doubled", "a key that is read and stands there twice is error 6 in ADD, and no obstacle to DEL but the name's and the version's")
def doubles(t):
    def one(path):
        t.fake.prints(t.addresses(t.version))
        stdin = doubled(t.conf(), path).encode()
        attack(t, "ADD", stdin=stdin).failed(6, says=path)
        answer = attack(t, "DEL", stdin=stdin)
        expect(answer.status == 0 or path in ("cniVersion", "name") or path.startswith("ipam"), str(answer))
        for verb in "CHECK", "STATUS", "GC":
            attack(t, verb, stdin=stdin)
    with untouched(t):
        each((path, lambda path=path: one(path)) for path in KEYS[t.plugin.name])
