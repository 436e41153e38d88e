"""broken - what the plugin `broken` does wrong, and the case that must find it: so no case is there in vain.

{plugin: {what it does: the beginning of the case's sentence, or a regular expression}}
"""
ANY = {
    "takes verbs in any case": "1.1 an unknown CNI_COMMAND 'add'",
    "takes any container ID": "1.1 the container ID '../a' is error 4",
    "takes percent signs in interface names": "1.1 a percent sign",
    "needs CNI_NETNS in DEL": "1.8 DEL with CNI_NETNS empty",
    "crashes in DEL": "1.8 DEL of what was never added is no error",
    "leaves a process behind": "1.3 ADD prints one object",
    "fails in a second DEL": "1.8 DEL of what was deleted already",
    "always passes CHECK": "1.9 CHECK of .*another container",
    "collects nothing": "1.10 GC with an empty list",
    "collects everything": "1.10 GC keeps",
    "forgets the name": "1.1 a missing network name",
    "takes any version for one it knows": "1.5 a version is compared as it is written: 'abc'",
    "prints its result twice": "1.3 ADD prints one object",
    "prints a line of log first": "1.3 ADD prints one object",
    "prints nothing": "1.6 .*result in version 1.0.0 has its shape",
    "prints its result without a line break": "1.3 ADD prints one object",
    "prints another version": "1.6 .*result in version 1.0.0 has its shape",
    "prints an address without a prefix": "1.6 .*result in version 1.0.0 has its shape",
    "prints a version in every address": "1.6 .*result in version 1.0.0 has its shape",
    "prints an index that is text": "1.6 .*result in version 1.0.0 has its shape",
    "prints what it was not asked": "1.6 .*result in version 1.0.0 has its shape",
    "prints in DEL": "1.3 DEL prints nothing",
    "fails with status 0": "1.1 a missing network name",
    "fails without an object": "1.1 a missing network name",
    "fails with a code that is text": "1.1 a missing network name",
    "fails with code 0": "1.1 a missing network name",
    "fails with one code for all": "1.1 a missing network name",
    "fails without words": "1.1 a missing network name",
    "fails without details": "1.1 ADD without CNI_IFNAME",
    "fails without a version": "1.3 an error object names the version",
    "waits for input in VERSION": "1.2 VERSION does not care for standard input: never ending",
    "hangs in ADD": "1.3 ADD prints one object",
    "touches a file of others": "size a configuration beyond 4 MiB",
}

BROKEN = {
    "rail-ipam": dict(ANY, **{
        "ignores CNI_ARGS": "1.13 the address that CNI_ARGS asks for",
        "forgets runtimeConfig": "1.13 the address that runtimeConfig.ips asks for",
        "is always ready": "1.11 STATUS of a full pool",
    }),
    "rail-sriov": {
        "forgets prevResult": "1.14 prevResult comes out again",
        "is always ready": "1.11 STATUS asks the IPAM plugin",
        "hides its environment from the IPAM plugin": "1.12 it gets the verb and the variables of the call: DEL",
        "writes the configuration anew for its IPAM plugin": "1.12 it gets the configuration byte by byte",
        "keeps what its IPAM plugin says to itself": "1.12 what it says on standard error",
        "prints an interface of the node": "1.6 sandbox is CNI_NETNS",
    },
}
