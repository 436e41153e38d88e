"""attack - what every call must hold, whatever it is given: no signal, no hang, one proper error, no process or path left."""
import contextlib
import json
import os
import random

import sandbox
from call import Failure, expect

DEADLINE = 5  # seconds; nothing that fails has a reason to take longer
CODES = {1, 2, 4, 5, 6, 7, 8, 11, 50, 51, 100, 101, 102, 103, 104}
VERBS = ("ADD", "DEL", "CHECK", "STATUS", "GC")
VALID = "cni.dev/valid-attachments"


def attack(t, verb, changed=None, codes=CODES, how=None, **more):
    """Call it; what it came to if that is as it must be."""
    conf = {VALID: []} if verb == "GC" else {}
    conf.update(changed or {})
    answer = t.call(verb, conf, how=dict({"deadline": DEADLINE}, **(how or {})), **more)
    if answer.status:
        expect(answer.code in codes, f"error {answer.code}: {answer}")
        expect(not set(map(chr, range(32))) & set(answer.text), f"control characters in a message: {answer}")
        expect(len(answer.text) < 4000, f"a message of {len(answer.text)} characters")
    return answer


SAMPLE = 1 << 30 if os.environ.get("HOSTILE_ALL") else 25


def each(attempts):
    """Run (name, function) pairs; one Failure for all that failed. Of many, a sample: always the same, from all over.

    With HOSTILE_ALL in the environment, all."""
    failed, attempts = [], list(attempts)
    for name, attempt in random.Random(1).sample(attempts, min(SAMPLE, len(attempts))):
        try:
            attempt()
        except Failure as failure:
            failed.append(f"{name}: {failure}")
    if failed:
        raise Failure(f"{len(failed)} of them: " + "\n".join(failed[:8]))


@contextlib.contextmanager
def untouched(t, *allowed):
    """Nothing comes, goes or changes outside the plugin's own directories."""
    # The pods' own are the suite's; a fake's directory is its notes.
    allowed = t.plugin.traces + (t.fake.directory, "/run/netns", "/run/mount") + allowed
    before = sandbox.tree()
    yield
    found = sandbox.changes(before, sandbox.tree(), allowed)
    expect(not found, f"touched {found}")


def put(path, value):
    """{"a": {"b": VALUE}} of "a.b"."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


def text(t, **more):
    """A configuration as bytes."""
    t.fake.prints(t.addresses(t.version))
    return json.dumps(t.conf(**more)).encode()


def write(path, content=b""):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
