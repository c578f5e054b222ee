"""Ports for the servers of tests, each for one server of one run of tests."""

from __future__ import annotations

import os
import socket
from functools import cache

# Below those that the system gives to outgoing connections. One of theirs may be taken while a
# server is being started (or started again), even by who asks whether the server is there already.
_FIRST, _EACH, _RUNS = 12_000, 50, 400
_given = 0


@cache
def _guard() -> socket.socket:
    """Keeps a range of ports for this process: its first one is held as long as it lives."""
    for number in range(_RUNS):
        held = socket.socket()
        try:
            held.bind(("127.0.0.1", _FIRST + (os.getpid() + number) % _RUNS * _EACH))
        except OSError:
            held.close()
            continue
        return held
    raise RuntimeError("no range of ports is free on 127.0.0.1: end what other tests left running")


def free_ports(count: int) -> list[int]:
    """So many ports of 127.0.0.1 that nobody uses and no other run of tests is given."""
    global _given
    first = _guard().getsockname()[1]
    found: list[int] = []
    for _ in range(_EACH):
        port = first + 1 + _given % (_EACH - 1)
        _given += 1
        if _is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError(f"{count} ports are not free from {first} on: end what uses them")


def free_ports_in_a_row(count: int) -> int:
    """The first of so many neighbours."""
    (first,) = free_ports(1)
    while free_ports(count - 1) != list(range(first + 1, first + count)):
        (first,) = free_ports(1)
    return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
