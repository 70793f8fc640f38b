"""Processes and ports of this machine, as far as the harness needs to know them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

PATIENCE = 120.0
"""Seconds after which something that should happen will not."""


def patiently(true: Callable[[], bool], otherwise: str, *, give_up: bool = True) -> None:
    """Wait until something is true; complain, or go on, when it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            if give_up:
                raise TimeoutError(otherwise)
            return
        time.sleep(0.02)


def free_ports(count: int) -> list[int]:
    """Ports on loopback where nobody listens, and that no other worker of the tests is given.

    A server begins to listen some time after it was given its ports.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    ports: list[int] = []
    with contextlib.ExitStack() as open_ones:
        while len(ports) < count:
            each = open_ones.enter_context(socket.socket())
            each.bind(("127.0.0.1", 0))
            port = each.getsockname()[1]
            if port // 2 % workers == worker:  # Linux may give odd ones only
                ports.append(port)
    return ports


def answers(port: int) -> bool:
    """Whether somebody listens on a port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def sessions() -> Iterator[tuple[int, int]]:
    """Every living process with its session."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
            if state != "Z":
                yield int(stat.parent.name), int(session)


def alive(pid: int) -> bool:
    """Whether a process lives; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def members(own: Collection[int]) -> list[int]:
    """Every living process of some sessions, and none other."""
    return [pid for pid, session in sessions() if session in own]


def terminate(server: int) -> None:
    """Ask a server to stop, and wait until it has."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(server, signal.SIGTERM)
    patiently(lambda: not alive(server), "Apache does not stop", give_up=False)


def kill(pids: Collection[int]) -> None:
    """End processes at once, those that live."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def command_line(pid: int) -> bytes:
    """What `ps` would show for a process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
