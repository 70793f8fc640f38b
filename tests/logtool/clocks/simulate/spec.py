"""Spec: the knobs of a simulation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from .zones import SECOND, directed, us


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
        lazy: an application sets its zone only at its so many-th request, not as it is loaded.
    """

    name: str
    zones: tuple[str, ...]
    processes: int = 2
    flips: bool = False
    preload: bool = False
    late: bool = False
    maximum_requests: int = 0
    layout: str = ""
    lazy: int = 0


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
        embedded_flips: every request sets its application's zone anew there.
        children: how many children.
        threaded: MPM event, else prefork.
        layouts: the layout at start, and after each restart the next one (the last one stays).
        level: LogLevel.
        mod_wsgi: 4 or 6, whose words differ.
        tls: share of connections that are TLS.
        plain: share of requests that no application serves.
        rhythm: `steady`, `office`, `sparse`, `bursts` or `regular`.
        restarts: kinds in order: `graceful`, `hard`, `stop`.
        every_us: restarts come so far apart, at full hours, as by cron; 0 for any time.
        linger_us: old children may end so long after a graceful restart.
        slow: share of requests that an application takes up to `linger_us` for.
        turnover: how many times a child ends and another is born.
        pid_reuse: newborn processes like to take pids of the dead.
        container: Apache that is started anew gets the pids that it had before.
        quiet_us: nobody comes so shortly before or after a change of any zone.
        steps_us: by so much NTP sets the system's clock, at any times.
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
    embedded_flips: bool = False
    children: int = 3
    threaded: bool = True
    layouts: tuple[str, ...] = ("built-in",)
    level: str = "info"
    mod_wsgi: int = 4
    tls: float = 0.7
    plain: float = 0.2
    rhythm: str = "steady"
    restarts: tuple[str, ...] = ()
    every_us: int = 0
    linger_us: int = 60 * 1_000_000
    slow: float = 0.0
    turnover: int = 0
    pid_reuse: bool = False
    container: bool = False
    quiet_us: int = 0
    steps_us: tuple[int, ...] = ()
    fresh: bool = True
    race_us: int = 300
    inner: str = ""
    spills: float = 0.0
    glued: float = 0.0
    forged: float = 0.0
    unique_id: bool = False


def zones_of(spec: Spec) -> list[str]:
    """The zones a spec names, each once, the server's first."""
    zones = [spec.server_zone, spec.moved_zone, *spec.embedded]
    zones += [zone for group in spec.groups for zone in group.zones]
    return [zone for zone in dict.fromkeys(zones) if zone]


def jumps_within(spec: Spec) -> list[tuple[int, bool]]:
    """The jumps (seconds UTC, forward) of any of a spec's zones within its span, in order."""
    first, last = spec.start_us // SECOND, (spec.start_us + spec.span_us) // SECOND
    years = {datetime.fromtimestamp(second, UTC).year for second in (first, last)}
    found = {j for zone in zones_of(spec) for year in years for j in directed(zone, year)}
    return sorted(j for j in found if first < j[0] < last)
