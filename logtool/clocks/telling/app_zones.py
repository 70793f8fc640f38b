"""Application zones: takes a ClockTable, gives the zones that applications set for their processes.

Apache's own zone is not among them: an application's process is known by a clock that differs from
the server's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.turns import RACE_US
from logtool.clocks.table import Clock, ClockTable, Confidence, hours
from logtool.clocks.tzdb.zones import is_alias, zones_that_fit
from parsers.classes import dataclass
from parsers.lines import NO_PID

#: Processes named one by one; more are counted.
_PIDS = 4


@dataclass(frozen=True, slots=True)
class AppZone:
    """One zone that processes keep against the server.

    Attributes:
        zones: names that fit, the best known first, none of them another's alias; never empty.
        offsets_s: its offsets in the log, seconds east of UTC, ascending.
        groups: the daemon process groups that keep it, sorted.
        pids: the processes of no known group that keep it, sorted.
        assumed: nothing ties the log to UTC, so that the names are right by chance only.
    """

    zones: tuple[str, ...]
    offsets_s: tuple[int, ...]
    groups: tuple[str, ...]
    pids: tuple[int, ...]
    assumed: bool = False

    @property
    def zone(self) -> str:
        """The name to set as TZ; `ZONE` where it is not known."""
        return "ZONE" if self.assumed else self.zones[0]

    def told(self) -> str:
        """The zone for people: its name, and that others fit as well where they do."""
        offsets = " and ".join(hours(offset) for offset in self.offsets_s)
        if self.assumed:
            return f"at {offsets} if the server's clock is as assumed"
        return self.zone if len(self.zones) == 1 else f"{self.zone} or another zone at {offsets}"

    def keepers(self) -> str:
        """Who keeps it, for people."""
        named = [f"daemons of {group}" for group in self.groups]
        if self.pids:
            some = ", ".join(str(pid) for pid in self.pids[:_PIDS])
            more = len(self.pids) - _PIDS
            named.append(f"pid {some}" + (f" and {more} more" if more > 0 else ""))
        return " and ".join(named) or "lines without pid"


def differing(table: ClockTable) -> list[Clock]:
    """Clocks that are known to differ from their server's at the same instant.

    Two clocks that rest on one assumption differ only where the log ties them to each other; one
    that does and one that does not cannot be compared.
    """
    return [clock for clocks in table.of_servers() for clock in _differing_of_server(clocks)]


def _differing_of_server(clocks: Sequence[Clock]) -> list[Clock]:
    assumed = [clock for clock in clocks if clock.confidence < Confidence.LIKELY]
    known = [clock for clock in clocks if clock.confidence >= Confidence.LIKELY]
    return [*_differing_among(known), *_differing_among(assumed)]


def app_zones(table: ClockTable) -> tuple[AppZone, ...]:
    """The zones of the clocks that differ from the server's, in order of appearance.

    Empty where no clock differs, and where an offset is no zone's.
    """
    return _zones_of(differing(table))


def zones_of_server(clocks: Sequence[Clock]) -> tuple[AppZone, ...]:
    """The same of the clocks of one server."""
    return _zones_of(_differing_of_server(clocks))


def _zones_of(differ: Sequence[Clock]) -> tuple[AppZone, ...]:
    found: list[tuple[tuple[str, ...], list[Clock]]] = []
    for clocks in _owners(differ):
        zones = _fitting(clocks)
        if not zones:
            return ()
        for at, (others, members) in enumerate(found):
            # What serves two of them at once is one zone.
            if shared := tuple(name for name in others if name in zones):
                found[at] = (shared, [*members, *clocks])
                break
        else:
            found.append((zones, clocks))
    return tuple(_app_zone(zones, clocks) for zones, clocks in found)


def _app_zone(zones: tuple[str, ...], clocks: Sequence[Clock]) -> AppZone:
    alone = {clock.pid for clock in clocks if not clock.group and clock.pid != NO_PID}
    return AppZone(
        zones=zones,
        offsets_s=tuple(sorted({clock.offset_s for clock in clocks})),
        groups=tuple(sorted({clock.group for clock in clocks if clock.group})),
        pids=tuple(sorted(alone)),
        assumed=any(clock.confidence == Confidence.ASSUMED for clock in clocks),
    )


def _owners(clocks: Sequence[Clock]) -> Iterator[list[Clock]]:
    """The clocks of each group or process; each by itself where no one zone has all of them."""
    owned: dict[tuple[int, str | int], list[Clock]] = {}
    for clock in clocks:
        owned.setdefault((clock.server, clock.group or clock.process), []).append(clock)
    for members in owned.values():
        if _fitting(members):
            yield members
        else:
            yield from ([clock] for clock in members)


def _fitting(clocks: Sequence[Clock]) -> tuple[str, ...]:
    """The zones that fit clocks; the one that the user named, if there is any."""
    named = {clock.zone for clock in clocks}
    if len(named) == 1 and all(named):
        return tuple(named)
    ends = [(at, clock.offset_s) for clock in clocks for at in (clock.first_us, clock.last_us)]
    fitting = zones_that_fit(*zip(*ends, strict=True))
    return tuple(name for name in fitting if not is_alias(name)) or fitting


def _differing_among(clocks: Sequence[Clock]) -> list[Clock]:
    server = [clock for clock in clocks if clock.role == "parent"] or _unmoved(clocks)
    if not server:
        return []
    times = _Kept.of(server)

    def nearest(clock: Clock) -> int:
        away = np.maximum(times.first_us - clock.last_us, clock.first_us - times.last_us)
        return int(times.offset_s[np.maximum(away, 0).argmin()])

    kept = {id(clock) for clock in server}
    return [clock for clock in clocks if id(clock) not in kept and clock.offset_s != nearest(clock)]


def _unmoved(clocks: Sequence[Clock]) -> list[Clock]:
    """The clocks of children in which no application has set a zone, as far as the log tells.

    Those of the zone that the user named; else all but those that differ from what another child
    keeps until it changes its clock, and still keeps then: a zone's own changes come to all.
    """
    children = [clock for clock in clocks if clock.role == "child"]
    named = [clock for clock in children if clock.zone]
    if len({clock.zone for clock in named}) == 1:
        return named
    of_process: dict[int, list[Clock]] = {}
    for clock in children:
        of_process.setdefault(clock.process, []).append(clock)
    begun = _Kept.of(
        own[0] for own in of_process.values() if len(own) > 1 and all(one.runs == 1 for one in own)
    )
    if any(begun.differs(one) for one in begun.clocks):
        return children  # whoever of them has changed its clock before
    moved = _Kept.of(clock for clock in children if begun.differs(clock))
    gone = {id(clock) for clock in moved.clocks}
    # Who comes last to it keeps the zone that others keep by then.
    return [clock for clock in children if id(clock) not in gone and not moved.agrees(clock)]


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """Clocks, and when each was kept.

    Attributes:
        clocks: n of them.
        first_us, last_us: int64[n].
        offset_s: int64[n].
    """

    clocks: Sequence[Clock]
    first_us: NDArray[np.int64]
    last_us: NDArray[np.int64]
    offset_s: NDArray[np.int64]

    @classmethod
    def of(cls, clocks: Iterable[Clock]) -> _Kept:
        """When these were kept."""
        every = list(clocks)
        return cls(every, *(
            np.array([getattr(clock, name) for clock in every], np.int64)
            for name in ("first_us", "last_us", "offset_s")
        ))  # fmt: skip

    def differs(self, clock: Clock) -> bool:
        """Whether one of another offset was kept at the same time."""
        return bool(np.any(self._meets(clock) & (self.offset_s != clock.offset_s)))

    def agrees(self, clock: Clock) -> bool:
        """Whether one of the same offset was kept at the same time."""
        return bool(np.any(self._meets(clock) & (self.offset_s == clock.offset_s)))

    def _meets(self, clock: Clock) -> NDArray[np.bool_]:
        begin = np.maximum(self.first_us, clock.first_us)
        met: NDArray[np.bool_] = np.minimum(self.last_us, clock.last_us) - begin > RACE_US
        return met
