"""Kinds: takes clocks, gives those together that people want to hear of as one."""

from __future__ import annotations

from collections.abc import Sequence

from logtool.clocks.table import Clock
from parsers.lines import NO_PID


def kinds(clocks: Sequence[Clock]) -> list[list[Clock]]:
    """Clocks of the same role, group, offset, zone and confidence together, first come first."""
    together: dict[tuple[object, ...], list[Clock]] = {}
    for clock in clocks:
        key = clock.role, clock.group, clock.offset_s, clock.zone, clock.confidence
        together.setdefault(key, []).append(clock)
    return list(together.values())


def line_count(clocks: Sequence[Clock]) -> int:
    """Lines that some clocks stamp."""
    return sum(clock.lines for clock in clocks)


def span_of(clocks: Sequence[Clock]) -> tuple[int, int]:
    """The earliest and the latest instant of some clocks, µs UTC, whichever line stands first."""
    return min(clock.first_us for clock in clocks), max(clock.last_us for clock in clocks)


def who(clocks: Sequence[Clock]) -> str:
    """The processes of clocks of one kind: `parent 4711`, `2 daemons of shop`."""
    first = clocks[0]
    processes = {clock.process for clock in clocks if clock.pid != NO_PID}
    if len(processes) < 2:
        return named(first.role, first.group, max(clock.pid for clock in clocks))
    group = f" of {first.group}" if first.group else ""
    return f"{len(processes):,} {_plural(first.role or 'process')}{group}"


def named(role: str, group: str, pid: int) -> str:
    """One process: `daemon 4711 of shop`; lines without a pid may be of many."""
    of_group = f" of {group}" if group else ""
    if pid == NO_PID:
        return "lines without pid" + (f", {role}{of_group} among them" if role else "")
    return f"{role or 'process'} {pid}{of_group}"


def _plural(role: str) -> str:
    return {"child": "children", "process": "processes"}.get(role, f"{role}s")
