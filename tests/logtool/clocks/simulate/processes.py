"""Processes, their clocks and what they do: the vocabulary of a simulation's script."""

from __future__ import annotations

from dataclasses import dataclass, field

from .zones import offset_at

FOREVER = 1 << 62


@dataclass(slots=True, eq=False)
class Process:
    """A process in one life.

    Attributes:
        role: `parent`, `child` or `daemon`.
        zone: where its C library thinks it is; only `tzset()` changes it.
        layout: the name of the layout its configuration has.
        ready_us: when it has loaded what it is loading.
        ring: httpd's cache of exploded local times (server/util_time.c cached_explode): 16 slots,
            each holding a second, the zone in which it was exploded, and the offset.
    """

    pid: int
    role: str
    zone: str
    layout: str
    born_us: int
    group: str = ""
    died_us: int = FOREVER
    ready_us: int = 0
    served: int = 0
    threaded: bool = True
    handle: int = 0
    apps: set[int] = field(default_factory=set)
    ring: dict[int, tuple[int, str, int]] = field(default_factory=dict)

    def explode(self, second: int) -> tuple[str, int]:
        """The zone and offset in which httpd prints a second: for all of it, the first it used."""
        slot = self.ring.get(second & 15)
        if slot is None or slot[0] != second:
            slot = self.ring[second & 15] = (second, self.zone, offset_at(self.zone, second))
        return slot[1], slot[2]

    def alive(self, at_us: int) -> bool:
        """Whether it lives at an instant."""
        return self.born_us <= at_us <= self.died_us


@dataclass(slots=True, eq=False)
class Connection:
    """A client's connection to a child."""

    child: Process
    thread: int
    number: int
    client: str
    log_id: str = ""


@dataclass(slots=True, eq=False)
class Request:
    """A request on a connection; ids are made when first logged."""

    connection: Connection
    received_us: int
    path: str
    referer: str = ""
    log_id: str = ""
    daemon_connection_id: str = ""


@dataclass(slots=True, eq=False)
class Say:
    """A process logs a message."""

    at_us: int
    process: Process
    level: str
    module: str
    text: str
    thread: int = 0
    connection: Connection | None = None
    request: Request | None = None
    source: str = ""
    status: str = ""
    inner: str = ""
    layout: str = ""


@dataclass(slots=True, eq=False)
class SetZone:
    """A process calls `tzset()` with another TZ."""

    at_us: int
    process: Process
    zone: str


@dataclass(slots=True, eq=False)
class Finish:
    """A child ends a request and writes its line in the access log."""

    at_us: int
    process: Process
    request: Request
    status: int
    size: int


@dataclass(slots=True, eq=False)
class Spill:
    """A process writes bytes straight to its standard error.

    Attributes:
        kind: `raw` for a line, `glued` for text without a newline, `forged` for an imitation of a
            stamped line, made up when it is written.
    """

    at_us: int
    process: Process
    kind: str
    text: str


Act = Say | SetZone | Finish | Spill
