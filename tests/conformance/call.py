"""call - run a CNI plugin once as a runtime does, and take its answer apart."""
import json
import os
import signal
import subprocess
import tempfile
import time

import sandbox

VARIABLES = ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_ARGS", "CNI_PATH")
patience = 20  # seconds; those that take longer on purpose say so
broken = {}  # more of the environment: see broken.py
alone = True  # nothing else runs here: a process that is left is the plugin's


class Failure(Exception):
    """A rule was broken."""


def expect(condition, message):
    if not condition:
        raise Failure(message)


def documents(text):
    """The JSON values that stand in a text one behind the other; a ValueError when there is anything else."""
    decoder, found, at = json.JSONDecoder(), [], 0
    text = text.decode("utf-8")
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


class Answer:
    """What a call came to."""

    def __init__(self, verb, status, out, err, seconds, left):
        self.verb, self.out, self.err, self.seconds, self.left = verb, out, err, seconds, left
        self.status = status if status >= 0 else None
        self.signal = -status if status < 0 else None
        try:
            found = documents(out)
        except ValueError:
            found = None
        self.documents = found
        self.json = found[0] if found and len(found) == 1 else None

    def __str__(self):
        ended = f"signal {self.signal}" if self.signal else f"exit status {self.status}"
        return f"{self.verb}: {ended} after {self.seconds:.1f} s, printed {self.out[:400]!r}" + (
            f", said {self.err[:300]!r}" if self.err else "") + (f", left {self.left}" if self.left else "")

    @property
    def code(self):
        return self.json.get("code") if isinstance(self.json, dict) else None

    @property
    def text(self):
        """What a person would read of an error."""
        if not isinstance(self.json, dict):
            return ""
        return f"{self.json.get('msg', '')}; {self.json.get('details', '')}"

    def check(self):
        """What holds for every call of every plugin (1.3)."""
        expect(not self.signal, f"killed by a signal: {self}")
        expect(not self.left, f"left processes behind: {self}")
        expect(self.documents is not None, f"printed something that is not JSON: {self}")
        expect(len(self.documents) <= 1, f"printed {len(self.documents)} documents: {self}")
        if self.status == 0:
            expect(self.verb in ("ADD", "VERSION") or not self.out, f"printed something: {self}")
            return self
        expect(isinstance(self.json, dict), f"failed without an error object: {self}")
        expect(isinstance(self.code, int) and not isinstance(self.code, bool) and self.code > 0,
               f"an error without a code above 0: {self}")
        expect(isinstance(self.json.get("msg"), str) and self.json["msg"], f"an error without a message: {self}")
        expect(isinstance(self.json.get("details", ""), str), f"details that are no text: {self}")
        return self

    def fine(self):
        expect(self.status == 0, f"should succeed: {self}")
        return self

    def failed(self, *codes, says=()):
        """It failed, with one of these codes if any are given, and says each of these texts."""
        expect(self.status != 0, f"should fail: {self}")
        expect(not codes or self.code in codes, f"should be error {' or '.join(map(str, codes))}: {self}")
        for text in [says] if isinstance(says, str) else says:
            expect(text in self.text, f"should say '{text}': {self}")
        return self


def environment(verb, case, changed):
    """As a library of a runtime makes it: all variables are there, if only empty."""
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "CNI_COMMAND": verb, "CNI_ARGS": "",
           "CNI_PATH": case.plugin.path, "FAKE": case.fake.directory}
    attached = verb not in ("GC", "STATUS", "VERSION")
    env["CNI_CONTAINERID"] = case.container if attached else ""
    env["CNI_NETNS"] = case.netns if attached else ""
    env["CNI_IFNAME"] = case.ifname if attached else ""
    env.update(changed)
    if "ASAN_OPTIONS" in os.environ:
        env["ASAN_OPTIONS"] = os.environ["ASAN_OPTIONS"]
    return {key: value for key, value in env.items() if value is not None}


def _wait(process, deadline):
    try:
        return process.wait(deadline)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise Failure(f"did not end within {deadline} s") from None


def run(verb, command, env, stdin, deadline=None, keeps=False, **popen):
    """Run it; stdin is bytes, or a file. `keeps`: processes that it leaves are not looked at."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        text = None
        if isinstance(stdin, bytes):
            text = tempfile.TemporaryFile()
            text.write(stdin)
            text.seek(0)
        popen = dict({"stdin": text or stdin, "stdout": out, "stderr": err}, **popen)
        begin = time.monotonic()
        process = subprocess.Popen(command, env=dict(env, **broken), cwd="/", **popen)
        status = _wait(process, deadline or patience)
        seconds = time.monotonic() - begin
        if text:
            text.close()
        left = sandbox.processes() if alone and not keeps else {}
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        if alone:
            sandbox.reap()
        out.seek(0)
        err.seek(0)
        return Answer(verb, status, out.read(), err.read(), seconds, list(left.values()))
