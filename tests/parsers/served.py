"""Lines of a server with keep-alive: takes a format, gives what httpd prints of some connections.

Each connection speaks before its first request, and the requests of one have its ID in common; a
daemon calls the connection by an ID of its own (mod_wsgi hands on only the request's).
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from tests.parsers.httpd_model import print_line

_ZONE = timezone(timedelta(hours=5, minutes=30))
#: Three children and a daemon.
PIDS = (4711, 4712, 4713, 4720)
_MESSAGES = (
    "AH00128: File does not exist: /srv/x", "mod_wsgi (pid=7): Attach interpreter ''.",
    "hello, world", "Traceback (most recent call last):", "-1 is too few", "[x] y",
)  # fmt: skip


def log_id(chance: random.Random) -> str:
    """An ID as httpd makes them: 64 bits in base64 (server/log.c core_generate_log_id)."""
    return base64.b64encode(chance.randbytes(8)).decode().rstrip("=")


def served(
    directive: str,
    chance: random.Random,
    *,
    connections: int = 12,
    early: bool = True,
    requests: int = 3,
) -> str:
    """The log of a format.

    Args:
        directive: the format.
        chance: for IDs, times and texts.
        connections: how many.
        early: a connection speaks before it has a request.
        requests: of each connection.
    """
    when = datetime(2026, 11, 22, 14, 5, 9, 123456, _ZONE)
    lines = []
    for facts in _messages(chance, connections, requests, early=early):
        when += timedelta(microseconds=chance.randrange(900_000))
        lines.append(print_line(directive, facts, 3, when).text + "\n")
    return "".join(lines)


def _messages(
    chance: random.Random, connections: int, requests: int, *, early: bool
) -> Iterator[dict[str, str]]:
    base = {"m": "core", "l": "error", "v": "www.example.com"}
    for number in range(connections):
        child = base | _process(PIDS[number % 3])
        client = f"192.0.2.{chance.randrange(9)}:{chance.randrange(1024, 65535)}"
        yield child | {"M": "AH00489: Apache/2.4.71 (Debian) configured"}
        child |= {
            "a": client, "a:c": client, "A": "192.0.2.99:80", "V": "www.example.com", "k": "1",
            "L:c": log_id(chance),
        }  # fmt: skip
        if early:
            yield child | {"M": "AH01964: Connection to child 2 established"}
        for _ in range(requests):
            request = {"L": log_id(chance), "i:Referer": "http://a.example/", "n:name": "x"}
            request |= {"e:UNIQUE_ID": "x1", "e:REQ": "/x", "i:X-Forwarded-For": "192.0.2.1"}
            for _ in range(2):
                yield child | request | {"M": chance.choice(_MESSAGES)}
            yield child | request | {"E": "(13)Permission denied", "M": "no"}
            daemon = _process(PIDS[-1]) | {"m": "wsgi", "L:c": log_id(chance)}
            yield child | request | daemon | {"M": chance.choice(_MESSAGES)}


def _process(pid: int) -> dict[str, str]:
    return {"P": str(pid), "T": str(pid * 100), "T:g": str(pid)}
