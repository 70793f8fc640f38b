"""Advice: takes a ClockTable, tells what to change so that all processes agree.

The advice is that of mod_wsgi's documentation (Application Issues, "Timezones and the Apache Error
Log").
"""

from __future__ import annotations

from collections.abc import Iterator

from logtool.clocks.table import ClockTable, Confidence, hours


def advice_on(table: ClockTable) -> Iterator[str]:
    """Sentences, the most helpful first; none where all clocks agree and are written."""
    offsets = sorted({clock.offset_s for clock in table.clocks})
    flips = [clock for clock in table.clocks if clock.runs > 1 and clock.role != "parent"]
    if len(offsets) > 1:
        told = ", ".join(hours(offset) for offset in offsets)
        yield (
            f"processes stamp in {told}: start Apache with the application's TZ (export TZ=UTC in "
            "envvars, or Environment=TZ=UTC in the systemd unit); nothing else makes them agree"
        )
    groups = {clock.group for clock in flips if clock.group}
    if groups:
        yield (
            f"daemons of {', '.join(sorted(groups))} change their clock again and again: give each "
            "application that sets TIME_ZONE a WSGIDaemonProcess group of its own"
        )
    if any(clock.confidence != Confidence.WRITTEN for clock in table.clocks):
        yield (
            "write the offset into each line: %{cuz}t for %{cu}t or %{u}t in ErrorLogFormat (httpd "
            "2.4.58 and later); it tells clocks apart, it does not make them agree"
        )
