"""1.1: container IDs, interface names, network names."""
from call import expect
from suite import REMOVE, case


@case("1.1", "the container ID '{}' is legal", each=("a", "0", "a..b", "A_9.z-", "0123456789abcdef" * 4))
def good_container(t):
    t.attach(container=t.value).delete()


@case("1.1", "the container ID '{}' is error 4 that names CNI_CONTAINERID",
      each=(".", "..", ".a", "-a", "_a", "a/b", "../a", "a b", "a%", "a,b", "a=b", "a;b", "a:b", "é", "a\x01", "a\\b"))
def bad_container(t):
    for verb in "ADD", "DEL":
        answer = t.attach(container=t.value).call(verb)
        # The reference says "containerID" instead of the variable's name.
        expect("containerid" in answer.failed(4).text.lower(), str(answer))


@case("1.1", "a container ID that ends in a line break is error 4")
def container_line_break(t):
    t.attach(container="abc\n").call("ADD").failed(4)


@case("1.1", "a container ID of 300 bytes is a clean error 4, as file names end at 255")
def long_container(t):
    # Legal by the specification, which knows no limit; the reference fails where its file system does.
    t.attach(container="a" * 300).call("ADD").failed(4, says="CNI_CONTAINERID")


@case("1.1", "a container ID of 200 bytes is not too long")
def longish_container(t):
    other = t.attach(container="a" * 200)
    other.add()
    other.delete()


@case("1.1", "the interface name '{}' is legal", each=("a", "..a", "a" * 15, "a\x01b", "é", "a-b_c.d", "a,b", "a=b", "@x"))
def good_ifname(t):
    t.attach(ifname=t.value).delete()


SPACES = ["\t", "\v", "\f", "\r", " ", "\u0085", "\u00a0", "\u1680", "\u2000", "\u200a", "\u2028", "\u2029", "\u202f",
          "\u205f", "\u3000"]


@case("1.1", "an interface name of 16 bytes is error 4")
def long_ifname(t):
    for verb in "ADD", "DEL":
        t.attach(ifname="a" * 16).call(verb).failed(4)


@case("1.1", "an interface name of 8 characters in 16 bytes is error 4")
def long_ifname_bytes(t):
    t.attach(ifname="é" * 8).call("ADD").failed(4)


@case("1.1", "the interface name '{}' is error 4", each=(".", "..", "a/b", "/", "../a", "a:b"))
def bad_ifname(t):
    for verb in "ADD", "DEL":
        t.attach(ifname=t.value).call(verb).failed(4)


@case("1.1", "white space of every kind in an interface name is error 4")
def space_ifname(t):
    for space in SPACES:
        t.attach(ifname=f"a{space}b").call("ADD").failed(4)


@case("1.1", "a percent sign as in the interface name '{}' is error 4: the kernel would take it for a template", each=("a%d", "%d", "100%"))
def template_ifname(t):
    # The reference code lets it through, and the interface then has another name than was asked for.
    t.attach(ifname=t.value).call("ADD").failed(4)


@case("1.1", "the network name '{}' is legal", each=("a", "a..b", "A_9.z-"))
def good_network(t):
    t.delete(name=t.value)


@case("1.1", "the network name '{}' is error 7", each=(".", "..", ".a", "-a", "_a", "a/b", "../a", "a b", "a%", "é", "a\x01", "a\n"))
def bad_network(t):
    for verb in "ADD", "DEL":
        t.call(verb, name=t.value).failed(7, says="name")


@case("1.1", "a missing network name is error 7")
def no_network(t):
    t.call("ADD", name=REMOVE).failed(7, says="name")


@case("1.1", "an empty network name, or null, is a missing one")
def empty_network(t):
    t.call("ADD", name="").failed(7, says="name")
    t.call("ADD", name=None).failed(7, says="name")


@case("1.1", "a network name that is no string is error 6 or 7")
def typed_network(t):
    for value in 7, True, [], {}:
        t.call("ADD", name=value).failed(6, 7)


@case("1.1", "a network name of 300 bytes is a clean error 7")
def long_network(t):
    t.call("ADD", name="a" * 300).failed(7, says="name")
