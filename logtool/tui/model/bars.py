"""Bars: takes a view, gives the texts of the title above and the status below the lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from logtool.terminal import safe
from logtool.tui.model.times import TimeMode, date_and_time, utc_offset
from logtool.tui.model.view import LogView

#: The last line teaches the keys that matter most.
HINTS = "/ search  & filter  Enter why  + open  t time  e error  C clocks  ? help  q quit"


@dataclass(frozen=True, slots=True)
class Bar:
    """The left and the right part of a line."""

    left: str
    right: str = ""


def title(view: LogView, names: Sequence[str]) -> Bar:
    """What is shown: logs, lines, clocks, whose time."""
    parts = [_names(names), f"{view.total:,} lines"]
    offsets = view.clocks.offsets
    if view.clocks.table is None:
        parts.append(
            f"{view.progress.doing} {view.progress.share:.0%}" if view.progress.doing else ""
        )
    elif len(offsets) == 1:
        parts.append(f"1 clock: {utc_offset(offsets[0])}")
    elif offsets:
        told = ", ".join(utc_offset(offset) for offset in offsets[:3])
        parts.append(f"{len(offsets)} clocks: {told}{' …' if len(offsets) > 3 else ''}")
    else:
        parts.append("no clock")
    if view.flagged:
        parts.append(f"{len(view.flagged):,} flagged")
    return Bar("   ".join(filter(None, parts)), _whose_time(view))


def _names(names: Sequence[str]) -> str:
    if not names:
        return ""
    last = safe(PurePath(names[-1]).name)
    return last if len(names) == 1 else f"{last} +{len(names) - 1}"


def _whose_time(view: LogView) -> str:
    if view.clocks.table is None and view.time.mode is not TimeMode.LOGGED:
        return "as logged so far"
    return "elapsed" if view.elapsed else view.time.label


def status(view: LogView, place: int, count: str = "") -> Bar:
    """What is hidden, what is searched, and where the cursor is."""
    parts = []
    if view.following:
        parts.append("following")
    if view.filter.text:
        share = "" if view.choosing >= 1 else f" ({view.choosing:.0%} looked at)"
        parts.append(
            f"{len(view):,} of {view.total:,} shown{share}, filter: {safe(view.filter.text)}"
        )
    if view.found is not None:
        share = "" if view.found.share >= 1 else f" so far ({view.found.share:.0%})"
        parts.append(f"{view.found.count:,} hits{share}: /{safe(view.found.pattern.text)}")
    if view.progress.fault:
        parts.append(safe(view.progress.fault))
    if not parts:
        parts.append(f"all {view.total:,} shown")
    return Bar(
        "   ".join(parts), "   ".join(filter(None, (count, _day(view, place), _where(view, place))))
    )


def _day(view: LogView, place: int) -> str:
    if not len(view) or not view.index.settled:
        return ""
    utc_us = view.time_at(place)
    if view.time.mode is TimeMode.ZONE:
        utc_us += view.time.zone_offset_s(utc_us) * 1_000_000
    elif view.time.mode is TimeMode.LOGGED:
        utc_us += (view.offset_of(view.row_at(place)) or 0) * 1_000_000
    return date_and_time(utc_us)[:10]


def _where(view: LogView, place: int) -> str:
    if not len(view):
        return ""
    return f"{place + 1:,}/{len(view):,} {(place + 1) / len(view):.0%}"
