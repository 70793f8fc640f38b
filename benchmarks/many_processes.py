"""Logs of many processes: takes a shape and how many processes, gives a log as bytes.

Every server here is started in Europe/Berlin; its daemons are in UTC or New York. Time passes from
ten days before the night in which Berlin leaves summer time to ten days after it, so that New York
leaves it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

_SECOND = 1_000_000
_BEGIN_US = int(datetime(2026, 10, 15, tzinfo=UTC).timestamp()) * _SECOND
_SPAN_US = 20 * 86_400 * _SECOND
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (local times are naive)
#: UTC of a change, and hours east of UTC before it and after.
_ZONES = {
    "Europe/Berlin": (datetime(2026, 10, 25, 1, tzinfo=UTC), 2, 1),
    "UTC": (datetime(2026, 10, 25, 1, tzinfo=UTC), 0, 0),
    "America/New_York": (datetime(2026, 11, 1, 6, tzinfo=UTC), -4, -5),
}
_CHANGES = {
    zone: (int(at.timestamp()) * _SECOND, before * 3600 * _SECOND, after * 3600 * _SECOND)
    for zone, (at, before, after) in _ZONES.items()
}
_SERVER = "Europe/Berlin"
#: Children and daemons of each group in one life of a server.
_CHILDREN, _DAEMONS = 4, 2
#: Lines in one life of a server.
_LIFE = 124
#: No pid of Linux is higher.
_PID_MAX = 4_194_304
#: How long a line comes after the one before it, within one life.
_STEP_US = 200_000


@dataclass(frozen=True, slots=True)
class _Line:
    """Who writes what; `second` more pass before it, or it bears a forged stamp."""

    zone: str
    module: str
    pid: int
    text: str
    second: float = 0.0
    local_us: int | None = None


class _Pids:
    """Gives new pids, and begins anew at the end of their range."""

    def __init__(self, most: int) -> None:
        self._most, self._next = most, 1000

    def __call__(self) -> int:
        self._next = self._next + 1 if self._next < self._most else 301
        return self._next


def many_processes(shape: str, processes: int, seed: int = 1) -> bytes:
    """A log of a shape in SHAPES or HOSTILE with about so many processes."""
    return b"".join(_stamped(list((SHAPES | HOSTILE)[shape](processes, Random(seed)))))


def _stamped(lines: list[_Line]) -> Iterator[bytes]:
    """The lines with their stamps; silences fill what time is left."""
    busy_us = len(lines) * _STEP_US + round(sum(line.second for line in lines) * _SECOND)
    silences = sum(line.second > 0 for line in lines)
    # Pauses before a life are stretched or left out, so that the log spans the same days always.
    pause_us = max(0, _SPAN_US - busy_us) // max(1, silences)
    step_us = min(_STEP_US, _SPAN_US // max(1, len(lines)))
    utc_us = _BEGIN_US
    for line in lines:
        utc_us += step_us + (pause_us + round(line.second * _SECOND) if line.second else 0)
        at, before, after = _CHANGES[line.zone]
        local_us = utc_us + (before if utc_us < at else after)
        local = _EPOCH + timedelta(microseconds=line.local_us or local_us)
        yield (
            f"[{local:%a %b %d %H:%M:%S.%f %Y}] [{line.module}] [pid {line.pid}:tid {line.pid}] "
            f"{line.text}\n"
        ).encode()


def _lives(
    processes: int,
    rng: Random,
    groups: dict[str, str],
    *,
    roles: bool = True,
    embedded: bool = False,
    most_pid: int = _PID_MAX,
) -> Iterator[_Line]:
    """A server that starts anew again and again, each time with new processes."""
    new = _Pids(most_pid)
    each = 1 + _CHILDREN + _DAEMONS * len(groups)
    for _ in range(max(1, processes // each)):
        parent, children = new(), [new() for _ in range(_CHILDREN)]
        daemons = [(new(), group) for group in groups for _ in range(_DAEMONS)]
        if roles:
            yield from _started(parent, daemons)
        shifted: set[int] = set()
        for turn in range(_LIFE):
            client = f"[client 10.1.{rng.randrange(250)}.{rng.randrange(250)}:{50000 + turn}] "
            second = 1.0 if not roles and turn == 0 else 0.0
            if daemons and rng.random() < 0.5:
                pid, group = rng.choice(daemons)
                marked = client.replace("client", "remote") if roles else ""
                yield _Line(groups[group], "wsgi:error", pid, f"{marked}order {turn}", second)
            elif embedded:
                pid = rng.choice(children)
                if pid not in shifted and rng.random() < 0.2:
                    shifted.add(pid)
                    words = (
                        f"mod_wsgi (pid={pid}, process='', application='shop|'): "
                        "Loading Python script file '/srv/shop/wsgi.py'."
                    )
                    yield _Line(_SERVER, "wsgi:info", pid, words)
                zone = "UTC" if pid in shifted else _SERVER
                yield _Line(zone, "wsgi:error", pid, f"{client}order {turn}", second)
            else:
                words = f"{client}AH00128: File does not exist: /srv/www/{turn}"
                module = "core:error"
                if not roles:
                    words, module = f"no file {turn}", "wsgi:error"
                yield _Line(_SERVER, module, rng.choice(children), words, second)


def _started(parent: int, daemons: Iterable[tuple[int, str]]) -> Iterator[_Line]:
    """The first lines of a server's life."""
    words = (
        "AH00489: Apache/2.4.66 (Debian) mod_wsgi/5.0.2 configured -- resuming normal operations"
    )
    yield _Line(_SERVER, "mpm_event:notice", parent, words, 1.0)
    for pid, group in daemons:
        words = (
            f"mod_wsgi (pid={pid}): Starting process '{group}' with uid=33, gid=33 and threads=5."
        )
        yield _Line(_SERVER, "wsgi:info", pid, words)


def _one_line(processes: int, rng: Random) -> Iterator[_Line]:
    """Every line has a pid of its own: CGI scripts, or children of MaxConnectionsPerChild 1."""
    new = _Pids(_PID_MAX)
    for turn in range(processes):
        yield _Line(_SERVER, "cgi:error", new(), f"script {rng.randrange(10**6)} failed {turn}")


def _by_turns(processes: int, rng: Random) -> Iterator[_Line]:
    """The same, but every other process is in another zone."""
    new = _Pids(_PID_MAX)
    for turn in range(processes):
        zone = "UTC" if turn % 2 else _SERVER
        yield _Line(zone, "cgi:error", new(), f"script {rng.randrange(10**6)} failed {turn}")


def _forged(
    lines: int, rng: Random, pid: Callable[[int], int], moment: Callable[[int], int]
) -> Iterator[_Line]:
    """Lines of some pids, stamped as somebody likes who writes to standard error."""
    for turn in range(lines):
        yield _Line(_SERVER, "wsgi:error", pid(turn), f"line {turn}", local_us=moment(turn))


def _anywhere(rng: Random) -> Callable[[int], int]:
    return lambda turn: _BEGIN_US + rng.randrange(_SPAN_US)


def _any_year(rng: Random) -> Callable[[int], int]:
    return lambda turn: rng.randrange(1, 4_000_000_000) * _SECOND


#: Logs that nobody's server writes: the number is that of lines.
HOSTILE: dict[str, Callable[[int, Random], Iterator[_Line]]] = {
    "backwards": lambda n, rng: _forged(
        n, rng, lambda turn: 7, lambda turn: _BEGIN_US - turn * 600 * _SECOND
    ),
    "backwards, pids": lambda n, rng: _forged(
        n, rng, lambda turn: 7 + turn, lambda turn: _BEGIN_US - turn * 600 * _SECOND
    ),
    "back and forth": lambda n, rng: _forged(
        n, rng, lambda turn: 7, lambda turn: _BEGIN_US + (turn % 2 * 3600 + turn // 9) * _SECOND
    ),
    "anywhere": lambda n, rng: _forged(n, rng, lambda turn: 7, _anywhere(rng)),
    "anywhere, pids": lambda n, rng: _forged(n, rng, lambda turn: 7 + turn, _anywhere(rng)),
    "anywhere, some pids": lambda n, rng: _forged(
        n, rng, lambda turn: rng.randrange(n // 10 + 1), _anywhere(rng)
    ),
    "any year": lambda n, rng: _forged(n, rng, lambda turn: 7, _any_year(rng)),
    "any year, pids": lambda n, rng: _forged(n, rng, lambda turn: 7 + turn, _any_year(rng)),
    "one second": lambda n, rng: _forged(n, rng, lambda turn: 7 + turn % 9, lambda turn: _BEGIN_US),
}

SHAPES: dict[str, Callable[[int, Random], Iterator[_Line]]] = {
    "restarts": lambda n, rng: _lives(n, rng, {"shop": "UTC"}),
    "two groups": lambda n, rng: _lives(n, rng, {"shop": "UTC", "till": "America/New_York"}),
    "pids reused": lambda n, rng: _lives(n, rng, {"shop": "UTC"}, most_pid=32_768),
    "no roles": lambda n, rng: _lives(n, rng, {"shop": "UTC"}, roles=False),
    "embedded": lambda n, rng: _lives(n, rng, {}, embedded=True),
    "one line": _one_line,
    "by turns": _by_turns,
}
