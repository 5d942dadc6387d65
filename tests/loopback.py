"""A chief and workers that are processes on one machine."""

import socket


def cluster(count):
    """TF_CONFIG for each of them, as the service would set it."""
    hosts = [f"127.0.0.1:{port}" for port in free_ports(count)]
    names = {"chief": hosts[:1], "worker": hosts[1:]}
    tasks = [("chief", 0), *(("worker", k) for k in range(count - 1))]
    return [{"cluster": names, "task": {"type": kind, "index": index}} for kind, index in tasks]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
