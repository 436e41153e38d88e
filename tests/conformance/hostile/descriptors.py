"""Descriptors that are closed or full, limits that are low, disks that are full or read-only."""
import itertools
import os
import resource
import subprocess

from attack import VERBS, attack, each, untouched
from call import expect, run
from plugin import shell
from suite import case

CLOSED = [closed for n in (1, 2, 3) for closed in itertools.combinations((0, 1, 2), n)]


def content(t):
    """All text in the plugin's own directories."""
    found = b""
    for top in t.plugin.traces:
        for directory, _, names in os.walk(top):
            for name in names:
                path = os.path.join(directory, name)
                if os.path.isfile(path) and os.path.getsize(path) < 1 << 20:
                    with open(path, "rb") as file:
                        found += file.read()
    return found


def call_without(t, verb, closed):
    """With descriptors closed; the answer, which only has output if that was open."""
    env, stdin = t.request(verb, {"cni.dev/valid-attachments": []} if verb == "GC" else {})
    closing = " ".join(f"{fd}>&-" for fd in closed)
    command = ["sh", "-c", f'exec "$0" {closing}', t.plugin.binary]
    return run(verb, command, dict(env, PATH="/usr/bin:/bin"), stdin, deadline=5)


@case("descriptors", "{} with standard descriptors closed, in every combination: no signal, and no file of ours has the output in it", each=VERBS)
def closed_fds(t):
    def one(closed):
        answer = call_without(t, t.value, closed)
        expect(answer.signal is None and not answer.left, str(answer))
        if 1 not in closed:
            answer.check()
        expect(answer.status == 0 or 0 in closed or t.value == "CHECK", str(answer))
        text = content(t)
        expect(b'"code"' not in text and b" info " not in text and b'"supportedVersions"' not in text, "a file has our output in it")
        t.take_back()
        t.added.clear()
    with untouched(t):
        each((f"without {closed}", lambda closed=closed: one(closed)) for closed in CLOSED)


@case("descriptors", "a full device as standard output: {} fails, or has nothing to say, and an ADD is taken back", each=VERBS)
def full_output(t):
    if t.value == "CHECK":
        t.add()
    with open("/dev/full", "wb") as full:
        env, stdin = t.request(t.value, {"cni.dev/valid-attachments": []} if t.value == "GC" else {})
        answer = run(t.value, [t.plugin.binary], env, stdin, stdout=full, deadline=5)
    expect(answer.signal is None and not answer.left, str(answer))
    if t.value == "ADD":
        expect(answer.status == 1 and not t.plugin.left(t), f"{answer}; left: {t.plugin.left(t)}")


@case("descriptors", "a full device as standard error is no reason to fail")
def full_error(t):
    with open("/dev/full", "wb") as full:
        env, stdin = t.request("ADD", logLevel="debug")
        run("ADD", [t.plugin.binary], env, stdin, stderr=full, deadline=5).check().fine()


@case("descriptors", "a reader that has gone: {} ends without a signal, and an ADD is taken back", each=("ADD", "DEL", "VERSION"))
def broken_pipe(t):
    reader, writer = os.pipe()
    os.close(reader)
    env, stdin = t.request(t.value)
    answer = run(t.value, [t.plugin.binary], env, stdin, stdout=writer, deadline=5)
    os.close(writer)
    expect(answer.signal is None and not answer.left, str(answer))
    expect(t.value != "ADD" or not t.plugin.left(t), f"left: {t.plugin.left(t)}")


@case("descriptors", "standard input that is {} is error 5 or 6", each=("a directory", "write-only", "a terminal's other end"))
def odd_input(t):
    if t.value == "a directory":
        stdin = os.open("/run", os.O_RDONLY)
    elif t.value == "write-only":
        stdin = os.open("/dev/null", os.O_WRONLY)
    else:
        reader, writer = os.pipe()
        os.close(writer)
        stdin = reader
    try:
        attack(t, "ADD", stdin=stdin).failed(5, 6)
    finally:
        os.close(stdin)
        t.added.clear()


LIMITS = {"descriptors": (resource.RLIMIT_NOFILE, [3, 4, 5, 6, 7, 8, 9, 10, 12, 16]), "memory": (resource.RLIMIT_AS, [2 << 20, 3 << 20, 4 << 20, 8 << 20, 16 << 20])}


@case("descriptors", "ADD and DEL with hardly any {} work, or fail with an error object; the next DEL takes all back", each=LIMITS)
def limits(t):
    kind, values = LIMITS[t.value]
    with open(t.plugin.binary, "rb") as file:
        dynamic = b"/ld-linux" in file.read()

    def one(value):
        for verb in "ADD", "DEL":
            env, stdin = t.request(verb)
            command = ["prlimit", f"--{'nofile' if kind == resource.RLIMIT_NOFILE else 'as'}={value}", t.plugin.binary]
            answer = run(verb, command, dict(env, PATH="/usr/bin:/bin"), stdin, deadline=5)
            if b"prlimit" in answer.err or answer.signal == 9 and t.value == "memory":
                continue  # it could not even be started
            if dynamic and (b"loading shared libraries" in answer.err or answer.signal == 11 and t.value == "memory"):
                continue  # nor could its libraries be loaded
            answer.check()
        t.delete()
        expect(not t.plugin.left(t), f"left: {t.plugin.left(t)}")
    with untouched(t):
        each((str(value), lambda value=value: one(value)) for value in values)


def mounted(path, options, attempt):
    os.makedirs(path, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path], check=True)
    try:
        attempt()
    finally:
        subprocess.run(["umount", path], check=True)


@case("disks", "a state directory that is {} is an error for ADD, before anything is touched, and STATUS says so", each=("read-only", "full", "out of inodes"))
def state(t):
    options = {"read-only": "ro", "full": "size=4k,mode=755", "out of inodes": "nr_inodes=2,mode=755"}[t.value]

    def attempt():
        if t.value == "full":
            with open("/run/rail-cni/filler", "wb", buffering=0) as file:
                try:
                    file.write(b"x" * 8192)
                    file.write(b"x")
                except OSError:
                    pass
        attack(t, "ADD").failed()
        expect(not t.plugin.left(t), f"left: {t.plugin.left(t)}")
        attack(t, "DEL")
        expect(t.value != "read-only" or attack(t, "STATUS").status != 0, "STATUS is content")
        attack(t, "STATUS")
        attack(t, "GC")
        attack(t, "CHECK")
    with untouched(t):
        mounted("/run/rail-cni", options, attempt)
    t.added.clear()
    t.add()  # and it works again


def fill(path):
    """Take all the room of a file system."""
    with open(path, "wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            pass


@case("disks", "a state directory that becomes {} behind an ADD: DEL is an error or succeeds, and works when it can be written again", each=("read-only", "full"))
def state_later(t):
    def attempt():
        t.add()
        if t.value == "read-only":
            shell("mount -o remount,ro /run/rail-cni")
        else:
            fill("/run/rail-cni/filler")
        attack(t, "CHECK")
        attack(t, "DEL")
        attack(t, "GC")
        shell("mount -o remount,rw /run/rail-cni; rm -f /run/rail-cni/filler")
        t.delete()
        left = [one for one in t.plugin.left(t)]
        expect(not left, f"left: {left}")
    with untouched(t):
        mounted("/run/rail-cni", "size=64k,mode=755", attempt)


@case("disks", "a store that is {} is an error for ADD, and leaks nothing", kind="rail-ipam", each=("read-only", "full", "out of inodes"))
def store(t):
    options = {"read-only": "size=256k,mode=755", "full": "size=16k,mode=755", "out of inodes": "nr_inodes=8,mode=755"}[t.value]

    def attempt():
        subprocess.run([t.plugin.binary, "init", "/disk"], check=True, capture_output=True)
        conf = {"ipam": {"store": "/disk"}}
        if t.value == "read-only":
            shell("mount -o remount,ro /disk")
        if t.value == "full":
            fill("/disk/filler")
        answer = attack(t, "ADD", conf)
        expect(answer.status != 0 or t.value == "full", str(answer))
        attack(t, "CHECK", conf)
        attack(t, "GC", conf)
        attack(t, "DEL", conf).fine()
        leases = shell("find /disk -name '*=*'")
        expect(not leases or t.value == "read-only", f"leased: {leases}")
    with untouched(t, "/disk"):
        mounted("/disk", options, attempt)
    t.added.clear()
    shell("rmdir /disk; rm -rf /run/rail-cni/ipam/pending")
