"""What does not end: input, IPAM plugins, locks. These take long, and all run at once."""
import fcntl
import os
import threading
import time

from attack import VERBS, attack
from call import expect
from suite import case

# What rail-sriov grants its IPAM plugin, below the minute that a runtime grants a DEL; and both plugins their input.
IPAM_SECONDS, INPUT_SECONDS, LOCK_SECONDS = 45, 10, 50
SLACK = 8


def late(t, verb, seconds, *codes, **more):
    """It fails, with one of these codes, when the time is over and not before."""
    answer = attack(t, verb, how={"deadline": seconds + 30}, **more).failed(*codes)
    expect(seconds - 1 < answer.seconds < seconds + SLACK, f"after {answer.seconds:.1f} s: {answer}")
    return answer


def vf(t):
    """A device of its own for each case: they run at once."""
    return {"deviceID": t.plugin.vfs[t.number % len(t.plugin.vfs)]} if t.plugin.name == "rail-sriov" else {}


@case("endless", "{} whose standard input is never closed is error 5 after ten seconds", slow=True, each=VERBS)
def input_open(t):
    reader, writer = os.pipe()
    os.write(writer, b'{"cniVersion":"1.1.0",')
    late(t, t.value, INPUT_SECONDS, 5, stdin=reader)
    os.close(reader)
    os.close(writer)
    t.added.clear()


@case("endless", "ADD whose standard input comes a byte at a time is error 5 after ten seconds in all", slow=True)
def input_drips(t):
    reader, writer = os.pipe()
    over = threading.Event()

    def drip():
        while not over.wait(0.1):
            os.write(writer, b" ")
    feeder = threading.Thread(target=drip)
    feeder.start()
    try:
        late(t, "ADD", INPUT_SECONDS, 5, stdin=reader)
    finally:
        over.set()
        feeder.join()
        os.close(reader)
        os.close(writer)
        t.added.clear()


@case("endless", "{} on standard input is error 6 as soon as it is too much", slow=True, each=("zeros", "spaces", "brackets", "digits"))
def input_endless(t):
    byte = {"zeros": b"\0", "spaces": b" ", "brackets": b"[", "digits": b"7"}[t.value]
    reader, writer = os.pipe()

    def flood():
        try:
            while True:
                os.write(writer, byte * 65536)
        except BrokenPipeError:
            pass
    feeder = threading.Thread(target=flood)
    feeder.start()
    answer = attack(t, "ADD", stdin=reader, how={"deadline": INPUT_SECONDS + SLACK}).failed(6)
    expect(answer.seconds < INPUT_SECONDS - 1, str(answer))
    os.close(reader)
    feeder.join()
    os.close(writer)
    t.added.clear()


HANGS = {"hangs": "exec sleep 1000", "stops itself": "kill -STOP $$", "drips": "while :; do echo -n ' '; sleep 1; done"}


@case("endless", "an IPAM plugin that {} in ADD: error 11 after 45 seconds, and all is taken back", kind="rail-sriov", slow=True, each=HANGS)
def ipam_add(t):
    t.fake.does("ADD", HANGS[t.value])
    late(t, "ADD", IPAM_SECONDS, 11, **vf(t))
    expect(t.fake.verbs() == ["ADD", "DEL"], f"{t.fake.verbs()}")
    expect(not t.plugin.records(t), f"left: {t.plugin.records(t)}")


@case("endless", "an IPAM plugin that hangs in {}: error 11 after 45 seconds", kind="rail-sriov", slow=True, each=("DEL", "CHECK", "STATUS", "GC"))
def ipam_other(t):
    result = t.add(vf(t))
    t.fake.does(t.value, HANGS["hangs"])
    # GC of the slow ones must not collect each other's: a network each.
    late(t, t.value, IPAM_SECONDS, 11, prevResult=result, **vf(t))
    t.fake.behaves()
    t.delete(vf(t))
    expect(not t.plugin.records(t), f"left: {t.plugin.records(t)}")


@case("endless", "an IPAM plugin that has closed its output and does not end is an error after two seconds", kind="rail-sriov", slow=True)
def ipam_silent(t):
    t.fake.does("ADD", "exec >&-; exec sleep 1000")
    answer = attack(t, "ADD", how={"deadline": 20}, **vf(t)).failed()
    expect(answer.seconds < 2 + SLACK, str(answer))
    expect(not t.plugin.records(t), f"left: {t.plugin.records(t)}")


@case("endless", "while one VF waits for its IPAM plugin, another is served at once", kind="rail-sriov", slow=True)
def others_served(t):
    t.fake.does("ADD", "sleep 10; exit 1")
    waiting = threading.Thread(target=lambda: attack(t, "ADD", how={"deadline": 60}, **vf(t)))
    waiting.start()
    time.sleep(1)
    other = t.attach(container=t.container + "b")
    other.fake = t.another_fake()
    conf = {"deviceID": t.plugin.vfs[-1]}
    answer = attack(other, "ADD", conf).fine()
    attack(other, "DEL", conf).fine()
    expect(answer.seconds < SLACK, str(answer))
    waiting.join()


one_holder = threading.Lock()


def lock(path, kind):
    """Hold a lock on a file as another process would; close what is returned to let go."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    file = open(path, "w+b")  # pylint: disable=consider-using-with
    kind(file, fcntl.LOCK_EX)
    return file


@case("endless", "a VF's lock that somebody holds for ever: {} is error 11 in less than a minute", kind="rail-sriov", slow=True, each=("ADD", "DEL"))
def vf_lock(t):
    if t.value == "DEL":
        t.add(vf(t))
    with lock(f"/run/rail-cni/sriov/.{vf(t)['deviceID']}.lock", fcntl.flock):
        late(t, t.value, LOCK_SECONDS, 11, **vf(t))


@case("endless", "locks that somebody holds for ever: {}", kind="rail-ipam", slow=True,
      each=("ADD is error 11 when its deadline is over", "DEL succeeds then, and a later call releases the address"))
def ipam_lock(t):
    # What else runs now never comes as far as these locks.
    verb = t.value[:3]
    with one_holder:
        t.add()
        with lock("/run/rail-cni/ipam/lock", fcntl.lockf):
            answer = attack(t, verb, how={"deadline": 30}, ipam={"deadline": 3})
        expect(2 < answer.seconds < 3 + SLACK, str(answer))
        answer.failed(11) if verb == "ADD" else answer.fine()  # pylint: disable=expression-not-assigned
        attack(t, "DEL").fine()
        attack(t, "STATUS").fine()
    expect(not t.plugin.held(t), f"held: {t.plugin.held(t)}")
