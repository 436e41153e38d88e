#!/usr/bin/python3
"""cri.py - the part of the Container Runtime Interface that makes and ends pods, as kubelet calls it.

    cri.py SOCKET run NAME          make a pod; prints its id
    cri.py SOCKET ips ID            the addresses that the runtime tells of it
    cri.py SOCKET stop ID           stop and remove it
    cri.py SOCKET conditions        what the runtime says of itself, a line each

Debian has no crictl. The messages below are those fields of runtime/v1 that are used here, by the numbers
that its definition gives them.
"""
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SECONDS = 120
TYPES = {"string": 9, "uint32": 13, "bool": 8, "message": 11}

# message: (field, number, type, repeated)
MESSAGES = {
    "Metadata": [("name", 1, "string", 0), ("uid", 2, "string", 0), ("namespace", 3, "string", 0),
                 ("attempt", 4, "uint32", 0)],
    "Config": [("metadata", 1, "Metadata", 0), ("hostname", 2, "string", 0), ("log_directory", 3, "string", 0)],
    "RunPodSandboxRequest": [("config", 1, "Config", 0)],
    "RunPodSandboxResponse": [("pod_sandbox_id", 1, "string", 0)],
    "PodSandboxStatusRequest": [("pod_sandbox_id", 1, "string", 0)],
    "Ip": [("ip", 1, "string", 0)],
    "Network": [("ip", 1, "string", 0), ("additional_ips", 2, "Ip", 1)],
    "PodStatus": [("id", 1, "string", 0), ("network", 5, "Network", 0)],
    "PodSandboxStatusResponse": [("status", 1, "PodStatus", 0)],
    "StopPodSandboxRequest": [("pod_sandbox_id", 1, "string", 0)],
    "StopPodSandboxResponse": [],
    "RemovePodSandboxRequest": [("pod_sandbox_id", 1, "string", 0)],
    "RemovePodSandboxResponse": [],
    "StatusRequest": [("verbose", 1, "bool", 0)],
    "Condition": [("type", 1, "string", 0), ("status", 2, "bool", 0), ("reason", 3, "string", 0),
                  ("message", 4, "string", 0)],
    "RuntimeStatus": [("conditions", 1, "Condition", 1)],
    "StatusResponse": [("status", 1, "RuntimeStatus", 0)],
}


def define():
    """The messages as classes, by name."""
    file = descriptor_pb2.FileDescriptorProto(name="cri.proto", package="cri", syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind, repeated in fields:
            f = message.field.add(name=field, number=number, label=3 if repeated else 1,
                                  type=TYPES.get(kind, TYPES["message"]))
            if kind not in TYPES:
                f.type_name = ".cri." + kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    get = getattr(message_factory, "GetMessageClass", None) or message_factory.MessageFactory(pool).GetPrototype
    return {name: get(pool.FindMessageTypeByName("cri." + name)) for name in MESSAGES}


def main():
    socket, verb, args = sys.argv[1], sys.argv[2], sys.argv[3:]
    m = define()
    channel = grpc.insecure_channel("unix://" + socket)

    def call(method, **fields):
        stub = channel.unary_unary("/runtime.v1.RuntimeService/" + method,
                                   request_serializer=lambda r: r.SerializeToString(),
                                   response_deserializer=m[method + "Response"].FromString)
        return stub(m[method + "Request"](**fields), timeout=SECONDS, wait_for_ready=True)

    if verb == "run":
        metadata = m["Metadata"](name=args[0], uid="uid-" + args[0], namespace="default")
        config = m["Config"](metadata=metadata, hostname=args[0], log_directory="/run")
        print(call("RunPodSandbox", config=config).pod_sandbox_id)
    elif verb == "ips":
        network = call("PodSandboxStatus", pod_sandbox_id=args[0]).status.network
        print("\n".join([network.ip] + [more.ip for more in network.additional_ips]))
    elif verb == "stop":
        call("StopPodSandbox", pod_sandbox_id=args[0])
        call("RemovePodSandbox", pod_sandbox_id=args[0])
    elif verb == "conditions":
        for c in call("Status").status.conditions:
            print(c.type, c.status, c.reason, c.message)
    else:
        sys.exit(__doc__)


try:
    main()
except grpc.RpcError as error:
    sys.exit(f"{sys.argv[2]}: {error.code().name}: {error.details()}")
