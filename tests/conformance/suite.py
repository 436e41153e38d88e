"""suite - cases, each a rule that a plugin must obey, and how they are run.

    @case("1.1", "a verb in lower case is unknown: error 4", kind="any")
    def lower_case(t):
        t.call("add").failed(4, says="add")

A case gets `t`: a container, a network and a pod of its own, the plugin, and a fake IPAM plugin.
`kind`: main, ipam, any, or the name of the one plugin that the rule is for. `needs`: words that the plugin
must not lack. `since`: the CNI version that the rule came with. `each`: values to run it with, one case each. `slow`: it mostly waits; such cases run all at once, and are asked for.
"""
import collections
import json
import os
import re
import threading
import time
import traceback

import call as caller
import sandbox
from call import Failure, environment
from fake import Fake, addresses
from plugin import VERSIONS, shell

Rule = collections.namedtuple("Rule", "section sentence kind needs since value run slow")
RULES = []
REMOVE = object()  # as a value: leave the key out


def case(section, sentence, kind="any", needs="", since="0.1.0", each=(None,), slow=False):
    def register(run):
        for value in each:
            shown = value if not isinstance(value, str) or value.isprintable() else ascii(value)[1:-1]
            named = sentence.format(shown) if "{}" in sentence else sentence + ("" if value is None else f": {shown}")
            assert (kind, named) not in [(rule.kind, rule.sentence) for rule in RULES], f"two cases are called: {named}"
            RULES.append(Rule(section, named, kind, needs.split(), since, value, run, slow))
        return run
    return register


def merge(into, changed):
    """A configuration with keys changed, objects within objects as well."""
    merged = dict(into)
    for key, value in changed.items():
        if value is REMOVE:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def make_pod(name):
    # Nobody else is there: the second that it takes to make sure of an IPv6 address is saved.
    shell(f"ip netns add {name}; ip netns exec {name} sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0")


class Case:
    """One case at work."""

    def __init__(self, plugin, rule, number):
        self.plugin, self.rule, self.value, self.number = plugin, rule, rule.value, number
        self.container, self.network = f"c{number}0123456789abcdef", f"net{number}"
        self.ifname, self.version = "net1", plugin.version
        self.pod, self.netns = "pod", "/run/netns/pod"
        self.fake = Fake(f"/tmp/fake{number}")
        self.added = []  # of which no DEL has said that it is gone
        self.used = False
        if not os.path.exists(self.netns):  # they cost time: one for all cases that leave it as it was
            make_pod(self.pod)

    def conf(self, changed=None, **more):
        """The configuration, with what is changed."""
        own = merge({"cniVersion": self.version, "name": self.network}, self.plugin.conf(self))
        return merge(merge(own, changed or {}), more)

    def request(self, verb, changed=None, env=None, stdin=None, **more):
        """Environment and standard input of a call; an ADD will be taken back."""
        if stdin is None:
            whole = self.conf(changed, **more)
            if verb == "ADD" and self.plugin.kind == "main" and not os.path.exists(f"{self.fake.directory}/ADD"):
                self.fake.prints(self.addresses(whole.get("cniVersion")))
            stdin = json.dumps(whole).encode()
        env = environment(verb, self, env or {})
        if verb == "ADD":
            self.used = True
            self.added.append((self.attachment(), env, stdin))
        return env, stdin

    def attachment(self):
        return self.network, self.container, self.ifname

    def call(self, verb, *changed, how=None, **more):
        """Call the plugin. `changed`, `more`: what is different in the configuration; `stdin`: instead of all that,
        bytes or a file; `env`: what is different there; `how`: what call.run() takes."""
        env, stdin = self.request(verb, *changed, **more)
        answer = caller.run(verb, [self.plugin.binary], env, stdin, **(how or {}))
        if verb == "DEL" and answer.status == 0:
            self.added[:] = [added for added in self.added if added[0] != self.attachment()]
        return answer.check()

    def addresses(self, version=None, dual=False):
        ips = [("192.168.7.5/24", "192.168.7.1")] + ([("fd00:7::5/64", "fd00:7::1")] if dual else [])
        return addresses(version if version in VERSIONS else "0.2.0", *ips)

    def add(self, changed=None, **more):
        """The result of an ADD that succeeds."""
        return self.call("ADD", changed, **more).fine().json

    def delete(self, changed=None, **more):
        return self.call("DEL", changed, **more).fine()

    def attach(self, ifname=None, container=None, network=None, netns=None):
        """The same case with another attachment."""
        self.used = True
        other = Case.__new__(Case)
        other.__dict__.update(self.__dict__)
        other.ifname, other.container = ifname or self.ifname, container or self.container
        other.network, other.netns = network or self.network, netns or self.netns
        return other

    def another_fake(self):
        return Fake(f"{self.fake.directory}b")

    def take_back(self):
        """DEL of all that was added, as a runtime does whatever the answer was."""
        self.fake.behaves()
        for _, env, stdin in reversed(self.added):
            if isinstance(stdin, bytes):
                caller.run("DEL", [self.plugin.binary], dict(env, CNI_COMMAND="DEL"), stdin)

    def end(self):
        """Take all back; what is then left."""
        if not self.used:
            return []
        self.take_back()
        left = self.plugin.left(self)
        if left:
            self.plugin.clean(self)
        return left


def applies(rule, plugin):
    newest = VERSIONS.index(plugin.version)
    return rule.kind in ("any", plugin.kind, plugin.name) and VERSIONS.index(rule.since) <= newest and (
        rule.value not in VERSIONS or VERSIONS.index(rule.value) <= newest)


def why_not(rule, plugin):
    """Why the rule cannot be told of this plugin here, or None."""
    return next((plugin.lacks[need] for need in rule.needs if need in plugin.lacks), None)


def run_one(rule, plugin, number):
    """None when it holds, else what was wrong."""
    t, wrong, left = Case(plugin, rule, number), None, []
    try:
        rule.run(t)
    except Failure as failure:
        wrong = str(failure)
    except Exception:  # pylint: disable=broad-except
        wrong = traceback.format_exc()  # of an answer that the case did not think of
    try:
        left = t.end()
    except Failure as failure:
        wrong = wrong or f"DEL afterwards: {failure}"
    return wrong or (f"after DEL there is left: {', '.join(left)}" if left else None)


class Tap:
    """What held and what did not, as tests/run understands it."""

    def __init__(self):
        self.count = self.failed = 0

    def say(self, held, sentence, note="", skip=""):
        self.count += 1
        self.failed += not held
        print(f"{'ok' if held else 'not ok'} {self.count} - {sentence}{' # SKIP ' + skip if skip else ''}")
        for line in note.splitlines():
            print(f"# {line[:1500]}")

    def done(self):
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed else 0


def run_rules(plugin, differences, only="", tap=None):
    """Run all rules that apply and are not slow; `differences` tells of a sentence why the plugin is known to break it, or None."""
    tap, skipped = tap or Tap(), collections.Counter()
    for number, rule in enumerate(RULES, 1):
        sentence = f"{rule.section} {rule.sentence}"
        if rule.slow or not applies(rule, plugin) or not re.search(only, sentence):
            continue
        if why_not(rule, plugin):
            skipped[why_not(rule, plugin)] += 1
            continue
        begin = time.process_time() + sum(os.times()[2:4])
        wrong = run_one(rule, plugin, number)
        spent = time.process_time() + sum(os.times()[2:4]) - begin
        if spent > 1:
            print(f"# {spent:.1f} s of processor time:")
        known = wrong and differences(sentence)
        tap.say(known or not wrong, f"{sentence} (differs: {known})" if known else sentence, wrong or "")
    for why, count in skipped.items():
        tap.say(True, f"{count} rules more", skip=why)
    return tap


def run_slow(plugin, only="", tap=None):
    """Run the slow rules, all at once; what they leave is looked for when all are done."""
    tap, results = tap or Tap(), {}
    rules = [(number, rule) for number, rule in enumerate(RULES, 1)
             if rule.slow and applies(rule, plugin) and re.search(only, f"{rule.section} {rule.sentence}")]

    def one(number, rule):
        results[number] = run_one(rule, plugin, number)
    caller.alone = False
    make_pod("pod")
    threads = [threading.Thread(target=one, args=pair) for pair in rules]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, rule in rules:
        tap.say(not results[number], f"{rule.section} {rule.sentence}", results[number] or "")
    left = sandbox.processes()
    tap.say(not left, "endless no process is left of all these", str(left))
    return tap


def prove(plugin, defects, tap=None):
    """Each defect is found by the case that it is said to be; `defects` is {what: pattern}."""
    tap = tap or Tap()
    real, plugin.binary, caller.patience = plugin.binary, "/suite/broken", 5
    for what, pattern in defects.items():
        rules = [pair for pair in enumerate(RULES, 1) if applies(pair[1], plugin) and
                 re.match(pattern, f"{pair[1].section} {pair[1].sentence}")]
        caller.broken = {"BROKEN": what, "REAL": real}
        found = [run_one(rule, plugin, number) for number, rule in rules]
        tap.say(rules and any(found), f"a plugin that {what} is found by: {pattern}", "; ".join(map(str, found)))
    return tap
