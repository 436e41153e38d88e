"""differences - where Debian's plugins (1.1.1) do not obey a rule as it is read here, and why.

A difference that is not here fails. None is an oversight of ours: the plugins of this project obey every rule,
and where they do so on purpose against the reference, the case says it.
"""
import re

ALL = ("host-local", "static", "bridge", "host-device")
IPAM = ("host-local", "static")
MAIN = ("bridge", "host-device")

# (plugins, the cases as a regular expression, why)
TABLE = [
    # What the library that all of them are made with does.
    (ALL, "1.1 a container ID of 300 bytes", "knows no limit; some fail later, where the file system has one"),
    (ALL, "1.1 a network name of 300 bytes", "knows no limit; host-local fails with mkdir's words"),
    (ALL, "1.1 a percent sign", "lets it through; the kernel then makes another name, or refuses"),
    (ALL, "1.2 keys are told apart by case", "keys match in any case"),
    (ALL, "1.2 a key that is read and stands there twice", "the last one counts"),
    (ALL, "1.3 ADD prints one object, with a line break", "no line break"),
    (ALL, "1.3 an error object names the version", "error objects have no cniVersion"),
    (ALL, "1.3 an error before the version is known", "error objects have no cniVersion"),
    (("host-local",) + MAIN, "1.3 who cannot be told the result", "does not look whether it could print its result"),
    (("host-local", "static", "bridge"), "1.13 keys in CNI_ARGS that nobody knows", "wants IgnoreUnknown for that"),
    # What main plugins do with namespaces and interfaces.
    (MAIN, "1.1 a plugin that runs where the pod is", "1.1.1 does not compare the namespaces; with the override no version does"),
    (MAIN, "1.7 the namespace of the node is refused", "1.1.1 does not compare; later ones do, behind their work, and print two objects"),
    (MAIN, "1.7 a CNI_NETNS that is", "the code of every error of its own is 999"),
    (MAIN, "1.7 an interface that bears the name already", "the code of every error of its own is 999"),
    (MAIN, "1.6 no address in version 0.[12].0", "fails when all is done, and leaves it"),
    (MAIN, "1.6 dns in version", "the dns of the configuration takes the place of the IPAM plugin's, if empty"),
    (MAIN, "1.6 numbers of a route", "1.1.1 does not know them yet"),
    (MAIN, "1.7 an address that the kernel refuses", "the interface stays in the pod until DEL"),
    (MAIN, "1.7 ADD works again after one that failed", "the interface stays in the pod until DEL"),
    (("host-device",), "1.4 no", "an ADD that failed leaves the device in the pod, where DEL with that configuration does not find it"),
    (("host-device",), "1.8 DEL of what was (deleted already|never added)", "fails: there is no interface"),
    (("host-device",), "1.1 the (container ID|interface name|network name) '.*' is legal", "DEL of what was never added fails"),
    (("host-device",), "1.2 the IPAM section may be missing in DEL", "DEL of what was never added fails"),
    (("host-device",), "1.8 DEL with CNI_NETNS (empty|missing)", "does not call its IPAM plugin: the address leaks"),
    (MAIN, "1.8 DEL with CNI_NETNS of", "fails for a path that is no namespace"),
    (MAIN, "1.8 DEL with a prevResult that is (a number|text|a list|true)", "reads the whole configuration first"),
    (("bridge",), "1.8 DEL takes back what ADD did though a key", "reads the whole configuration first"),
    (("host-device",), "1.8 DEL (whose|without its) IPAM plugin", "calls it first, and gives up there"),
    # Delegation.
    (MAIN, "1.12 the IPAM plugin '.*' is none", "the code of every error of its own is 999; and the device is in the pod by then"),
    (MAIN, "1.12 (empty and relative directories|one that may not be executed)", "takes the first file there is, and tells its failure with code 0"),
    (MAIN, "1.12 one that is no program", "tells it with code 0"),
    (MAIN, "1.12 an IPAM plugin that .* in ADD", "errors without a code become code 0, without words none; what was not understood gets no IPAM DEL; "
                                               "types are not looked at closely; the interface stays in the pod"),
    (MAIN, "1.12 an IPAM plugin that answers and leaves a process", "waits until the last process has closed the output"),
    (MAIN, "1.12 an IPAM plugin that is killed in", "tells it with code 0"),
    # IPAM plugins.
    (("static",), "1.13 the address that (runtimeConfig.ips|args.cni.ips|CNI_ARGS) asks", "wants the prefix length: it has no range to take it from"),
]


def differences(plugin):
    """Why a plugin may break a rule: a function from its sentence to the reason, or None."""
    mine = [(re.compile(pattern), why) for plugins, pattern, why in TABLE if plugin in plugins]
    return lambda sentence: next((why for pattern, why in mine if pattern.match(sentence)), None)
