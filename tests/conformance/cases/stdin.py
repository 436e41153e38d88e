"""1.2: what stands on standard input."""
import json
import os
import subprocess
import threading
import time

from call import expect, run
from suite import REMOVE, case


def text(t, **more):
    t.fake.prints(t.addresses(t.version))
    return json.dumps(t.conf(**more))


@case("1.2", "no configuration is error 6")
def empty(t):
    for stdin in b"", b" \n", open("/dev/null", "rb"):
        t.call("ADD", stdin=stdin).failed(6)


@case("1.2", "a configuration that is {} and no object is error 6", each=("[]", "true", '"x"', "7", "[{}]"))
def no_object(t):
    t.call("ADD", stdin=t.value.encode()).failed(6)


@case("1.2", "a configuration that is null is an error")
def null(t):
    # 7 to the reference, which reads it as an object without a name; 6 to us.
    t.call("ADD", stdin=b"null").failed(6, 7)


BROKEN = {
    "a byte order mark": lambda text: b"\xef\xbb\xbf" + text,
    "something behind the object": lambda text: text + b" x",
    "a second object behind the first": lambda text: text + text,
    "a trailing comma": lambda text: text[:-1] + b",}",
    "single quotes": lambda text: text.replace(b'"', b"'"),
    "NaN": lambda text: text[:-1] + b',"x":NaN}',
    "a number with a leading zero": lambda text: text[:-1] + b',"x":007}',
    "a number with a plus sign": lambda text: text[:-1] + b',"x":+7}',
    "a number without digits": lambda text: text[:-1] + b',"x":-}',
    "a hexadecimal number": lambda text: text[:-1] + b',"x":0x10}',
    "a control character in a string": lambda text: text[:-1] + b',"x":"a\nb"}',
    "an unknown escape": lambda text: text[:-1] + b',"x":"\\q"}',
    "a comment": lambda text: text[:-1] + b'/* no */}',
    "a key without quotes": lambda text: text[:-1] + b',x:1}',
    "a key that is a number": lambda text: text[:-1] + b',1:1}',
    "a missing colon": lambda text: text[:-1] + b',"x" 1}',
    "its end cut off": lambda text: text[:-2],
    "another word than true": lambda text: text[:-1] + b',"x":truE}',
    "a NUL byte behind it": lambda text: text + b"\0",
}


@case("1.2", "a configuration with {} is error 6", each=BROKEN)
def broken(t):
    t.call("ADD", stdin=BROKEN[t.value](text(t).encode())).failed(6)


@case("1.2", "white space around and inside is nothing")
def spaces(t):
    t.call("ADD", stdin=b" \t\r\n" + json.dumps(json.loads(text(t)), indent=8).encode() + b"\n\n ").fine()


@case("1.2", "keys that nobody knows are ignored, at every level")
def unknown_keys(t):
    t.add({"x-unknown": {"deep": [1, {"er": None}]}, "ipam": {"x-unknown": True}, "runtimeConfig": {"x-unknown": "y"},
           "args": {"x-unknown": {}, "cni": {"x-unknown": [], "labels": [{"key": "a", "value": "b"}]}}})


@case("1.2", "'capabilities' is tolerated, though it must not be there: libraries leave it in")
def capabilities(t):
    t.add(capabilities={"mac": True, "ips": True, "portMappings": False})


@case("1.2", "what else a meta plugin puts in is ignored where it means nothing")
def injected(t):
    conf = {"delegates": [], "master": True, "runtimeConfig": {
        "portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": ""}],
        "bandwidth": {"ingressRate": 123, "ingressBurst": 456}, "aliases": {"net": ["a"]}, "cgroupPath": "/x",
        "dns": {"Servers": ["1.1.1.1"], "Searches": [], "Options": []}, "io.kubernetes.cri.pod-annotations": {"a": "b"}}}
    if t.plugin.kind == "ipam":
        conf["deviceID"] = conf["pciBusID"] = "0000:09:00.1"
    t.add(conf)


@case("1.2", "keys that begin with cni.dev/ are reserved, and ignored where they mean nothing")
def reserved(t):
    t.add({"cni.dev/valid-attachments": "?", "cni.dev/attachments": 7, "cni.dev/future": {}})


@case("1.2", "keys are told apart by case at the top: NAME is no name")
def exact_case(t):
    # The reference matches keys in any case, by accident of its language.
    t.call("ADD", name=REMOVE, NAME="n").failed(7, says="name")


@case("1.2", "a key that is read and stands there twice is error 6: which one did the other plugin take?")
def twice(t):
    # The reference takes the last one.
    t.call("ADD", stdin=text(t)[:-1].encode() + b',"name":"other"}').failed(6, says="name")


@case("1.2", "a key that is not read may stand there twice")
def twice_unread(t):
    t.call("ADD", stdin=text(t)[:-1].encode() + b',"x":1,"x":2}').fine()


@case("1.2", "a megabyte of configuration is read whole")
def large(t):
    t.call("ADD", stdin=text(t, filler="x" * (1 << 20)).encode()).fine()


@case("1.2", "a hundred levels are not too deep")
def deep(t):
    t.call("ADD", stdin=text(t)[:-1].encode() + b',"x":' + b"[" * 100 + b"]" * 100 + b"}").fine()


@case("1.2", "{} levels are too deep: error 6", each=(10001, 200000))
def too_deep(t):
    t.call("ADD", stdin=text(t)[:-1].encode() + b',"x":' + b"[" * t.value + b"]" * t.value + b"}").failed(6)


@case("1.2", "numbers of any size are numbers where nobody reads them")
def numbers(t):
    t.call("ADD", stdin=text(t)[:-1].encode() + b',"x":[1e400,-1e-400,123456789012345678901234567890,1E+2,-0,0.5e1]}').fine()


@case("1.2", "text of all planes of Unicode is ignored where nobody reads it, written out and escaped")
def unicode(t):
    conf = '"a":"é€𝄞","b":"\\u00e9\\u20ac\\ud834\\udd1e\\u000a"'
    t.call("ADD", stdin=(text(t)[:-1] + "," + conf + "}").encode()).fine()


@case("1.2", "a configuration that comes in small pieces is waited for")
def pieces(t):
    whole = text(t).encode()
    reader, writer = os.pipe()

    def feed():
        for at in range(0, len(whole), len(whole) // 5):
            os.write(writer, whole[at:at + len(whole) // 5])
            time.sleep(0.05)
        os.close(writer)
    feeder = threading.Thread(target=feed)
    feeder.start()
    with os.fdopen(reader, "rb") as stdin:
        env, _ = t.request("ADD", stdin=whole)
        answer = run("ADD", [t.plugin.binary], env, stdin)
    feeder.join()
    answer.check().fine()


@case("1.2", "VERSION does not care for standard input: {}", each=("garbage", "nothing", "closed", "never ending"))
def version_stdin(t):
    env = {"CNI_COMMAND": "VERSION"}
    reader, writer = os.pipe()
    stdin = {"garbage": b"}{", "nothing": b"", "closed": None, "never ending": reader}[t.value]
    begin = time.monotonic()
    if t.value == "closed":
        command = ["sh", "-c", 'exec "$0" <&-', t.plugin.binary]
        answer = run("VERSION", command, dict(env, PATH="/usr/bin"), subprocess.DEVNULL)
    else:
        answer = run("VERSION", [t.plugin.binary], env, stdin)
    os.close(reader)
    os.close(writer)
    answer.check().fine()
    expect(time.monotonic() - begin < 2, "it waited")


@case("1.2", "the IPAM section may be missing in DEL: there is nothing to delegate then", kind="main")
def del_without_ipam(t):
    t.delete(ipam=REMOVE)
    expect(not t.fake.calls, "called all the same")
