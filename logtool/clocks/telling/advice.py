"""Advice: takes a ClockTable, tells what to change so that all processes agree.

The advice is that of mod_wsgi's documentation (Application Issues, "Timezones and the Apache Error
Log").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logtool.clocks.table import YEAR, Clock, ClockTable, Confidence, hours
from logtool.clocks.telling.app_zones import AppZone, zones_of_server
from parsers.lines import NO_PID

#: Stands for the application's zone where texts speak of none in particular.
ZONE = "TZ=ZONE"


def no_one_zone(zones: Sequence[AppZone]) -> str:
    """What to say where applications keep several zones."""
    each = "; ".join(f"{zone.keepers()}: {zone.told()}" for zone in zones)
    groups = [group for zone in zones for group in zone.groups]
    apart = all(zone.groups and not zone.pids for zone in zones)
    if apart and len({*groups}) == len(groups):
        cure = "their daemon process groups are separate, so only one zone for all would help"
    else:
        cure = "one daemon process group for each zone"
    return f"one TZ cannot serve all ({each}): {cure}"


def advice_on(table: ClockTable) -> Iterator[str]:
    """Sentences, the most helpful first; none where all clocks agree and are written."""
    flips = [clock for clock in table.clocks if clock.runs > 1 and clock.role != "parent"]
    for clocks in table.of_servers():
        yield from _on_zones(clocks, named=table.server_named)
    # Lines without a pid may be of many processes, each true to its zone.
    groups = {clock.group for clock in flips if clock.group and clock.pid != NO_PID}
    if groups:
        yield (
            f"daemons of {', '.join(sorted(groups))} change their clock again and again: give each "
            "application that sets TIME_ZONE a WSGIDaemonProcess group of its own"
        )
    if any(note.kind == YEAR for note in table.first_notes):
        yield "have syslog write years and offsets: rsyslog's RSYSLOG_FileFormat does"
    if any(clock.confidence != Confidence.WRITTEN for clock in table.clocks):
        yield (
            "write the offset into each line: %{cuz}t for %{cu}t or %{u}t in ErrorLogFormat (httpd "
            "2.4.58 and later); it tells clocks apart, it does not make them agree"
        )


def _on_zones(clocks: Sequence[Clock], *, named: bool) -> Iterator[str]:
    """How to make processes of a server agree that have several offsets.

    Args:
        clocks: of the server.
        named: the user has named its zone.
    """
    offsets = sorted({clock.offset_s for clock in clocks})
    if len(offsets) < 2:
        return
    told = f"processes stamp in {', '.join(hours(offset) for offset in offsets)}"
    assumed = any(clock.confidence == Confidence.ASSUMED for clock in clocks)
    if assumed:
        told += ", of which only the differences are known"
    zones = zones_of_server(clocks)
    if len(zones) > 1:
        yield f"{told}: {no_one_zone(zones)}"
        return
    setting = f"TZ={zones[0].zone}" if zones else ZONE
    which = f", {zones[0].told()}" if zones and not assumed else ""
    if which and len(zones[0].zones) > 1:
        which += ": its TIME_ZONE says which"
    name_it = (
        "; --server-tz ZONE or an access log lets errlog name it" if assumed and not named else ""
    )
    yield (
        f"{told}: start Apache in the application's zone{which} (export {setting} in envvars, or "
        f"Environment={setting} in the systemd unit); nothing else makes them agree while their "
        f"zones differ{name_it}"
    )
