"""Default clocks: takes a task, gives the clock of processes of which nothing is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from logtool.clocks.tzdb.zones import load_zone
from logtool.commands.live_options import Task

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local times are naive


def default_clock(task: Task) -> Callable[[int], int] | None:
    """The clock of processes of which nothing is known: that of --server-tz."""
    if task.read.server_tz is None:
        return None
    zone = load_zone(task.read.server_tz)

    def offset(local_us: int) -> int:
        try:
            shift = zone.utcoffset((_EPOCH + timedelta(microseconds=local_us)).replace(tzinfo=zone))
        except OverflowError:
            shift = zone.utcoffset(datetime.now(UTC).replace(tzinfo=zone))
        return int(shift.total_seconds()) if shift is not None else 0

    return offset
