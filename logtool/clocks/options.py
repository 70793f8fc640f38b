"""Options: what the user or an earlier run said of clocks; without the engine, slow to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logtool.clocks.tzdb.zones import load_zone
from parsers.classes import dataclass

if TYPE_CHECKING:
    from parsers.httpd_conf import AccessFormats


@dataclass(frozen=True, slots=True)
class Seen:
    """A line that was the last of its file when an earlier run saw by when that was modified.

    Attributes:
        line: its number.
        pid: of the process that wrote it.
        offset_s: the offset at which it was written then.
    """

    line: int
    pid: int
    offset_s: int


@dataclass(frozen=True, slots=True)
class ClockOptions:
    """What the user said of clocks.

    Attributes:
        server_tz: the zone Apache was started in, or None.
        clocks: (WHO, ZONE): a pid, a daemon group's name, `parent`, `child` or `daemon`.
        config_tz: the zone that an Apache configuration sets, and where it stands, or None.
        access_logs, audit_logs: paths of neighbours that the user named.
        neighbours: look for other neighbours beside the logs.
        seen: numbers of files, and what an earlier run saw of each.
        access_formats: the LogFormats of an Apache configuration, or None.
    """

    server_tz: str | None = None
    clocks: tuple[tuple[str, str], ...] = ()
    config_tz: tuple[str, str] | None = None
    access_logs: tuple[str, ...] = ()
    audit_logs: tuple[str, ...] = ()
    neighbours: bool = True
    seen: tuple[tuple[int, Seen], ...] = ()
    access_formats: AccessFormats | None = None

    def __post_init__(self) -> None:
        for zone in (self.server_tz, *(zone for _, zone in self.clocks)):
            if zone is not None:
                load_zone(zone)
