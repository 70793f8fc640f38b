"""Spec: the knobs of a simulation."""

from __future__ import annotations

from dataclasses import dataclass

from .zones import us


@dataclass(frozen=True, slots=True)
class Group:
    """A daemon process group (WSGIDaemonProcess).

    Attributes:
        zones: the zone each of its applications sets when it is loaded; empty text for an
            application that leaves TZ alone.
        processes: how many daemons.
        flips: every request sets its application's zone anew, not only the first.
        preload: applications are loaded at birth, not at the first request.
        late: speaks only in the last twentieth of the log.
        maximum_requests: a daemon restarts after so many; 0 for never.
        layout: layout of its virtual host where it is not the server's.
    """

    name: str
    zones: tuple[str, ...]
    processes: int = 2
    flips: bool = False
    preload: bool = False
    late: bool = False
    maximum_requests: int = 0
    layout: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """The knobs of a simulation.

    Attributes:
        kind: the kind of scenario, for tables.
        start_us, span_us: the log's first instant and its length, microseconds.
        requests: how many connections arrive.
        server_zone: TZ of Apache at its start.
        moved_zone: TZ of Apache after a full stop and start; empty for the same.
        groups: daemon process groups.
        embedded: zones of applications that run inside Apache's children.
        children: how many children.
        threaded: MPM event, else prefork.
        layouts: the layout at start, and after each restart the next one (the last one stays).
        level: LogLevel.
        mod_wsgi: 4 or 6, whose words differ.
        tls: share of connections that are TLS.
        plain: share of requests that no application serves.
        rhythm: `steady`, `office`, `sparse`, `bursts` or `regular`.
        restarts: kinds in order: `graceful`, `hard`, `stop`.
        turnover: how many times a child ends and another is born.
        pid_reuse: newborn processes like to take pids of the dead.
        fresh: the log begins with Apache's start; else everything runs already.
        race_us: how long a line may wait between its stamp and its write.
        inner: time stamps within messages: empty, `iso` (offset), `utc` (Z) or `asctime` (naive).
        spills: share of messages followed by raw standard error.
        glued: share of messages whose line begins with raw text without a newline.
        forged: share of messages followed by a raw line that imitates a stamped one.
        unique_id: mod_unique_id makes the request ids.
    """

    kind: str = "plain"
    start_us: int = us(2026, 6, 8, 6)
    span_us: int = 6 * 3_600_000_000
    requests: int = 120
    server_zone: str = "Europe/Berlin"
    moved_zone: str = ""
    groups: tuple[Group, ...] = (Group("app", ("UTC",)),)
    embedded: tuple[str, ...] = ()
    children: int = 3
    threaded: bool = True
    layouts: tuple[str, ...] = ("built-in",)
    level: str = "info"
    mod_wsgi: int = 4
    tls: float = 0.7
    plain: float = 0.2
    rhythm: str = "steady"
    restarts: tuple[str, ...] = ()
    turnover: int = 0
    pid_reuse: bool = False
    fresh: bool = True
    race_us: int = 300
    inner: str = ""
    spills: float = 0.0
    glued: float = 0.0
    forged: float = 0.0
    unique_id: bool = False
