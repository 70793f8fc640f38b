"""From a log with references to the log under test and its truth.

Every line that Apache formatted carries a reference: `truth<2026-06-05 08:42:36.978306 +0200>`
written by httpd itself through `%{cuz}t`, or `truth<1780641756.978407>` written by the stamper.
httpd asks for the time once per item, and a piped line arrives later than it was stamped, so the
reference is not the stamp's instant; but it tells the stamp's offset beyond doubt.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

PREFIX = "truth<%{cuz}t>% "
"""What goes before an ErrorLogFormat under test: a field of its own, so nothing else changes."""

NO_STAMP = "-"

_REFERENCE = re.compile(rb"truth<([^>]{10,40})>")
_MONTHS = {
    name: number
    for number, name in enumerate(
        b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1
    )
}
_CTIME = re.compile(
    rb"(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) (?P<month>[A-Z][a-z]{2}) (?P<day>[ \d]\d)"
    rb" (?P<clock>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{3,6}))? (?P<year>\d{4})"
)
_COMPACT = re.compile(
    rb"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    rb"[ T](?P<clock>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{3,6}))?"
)
_BUILT_IN = re.compile(_CTIME.pattern.join((rb"\[", rb"\] \[\w*:\w+\] \[pid \d+")))

QUARTER = timedelta(minutes=15)
TRUSTED = timedelta(minutes=1)


def separate(raw: bytes, *, built_in: bool) -> tuple[bytes, list[str]]:
    """The log as it would be without the harness, and the UTC instant of each of its lines."""
    lines = raw.split(b"\n")
    ends_in_newline = not lines[-1]
    if ends_in_newline:
        lines.pop()
    pairs = [_separate_line(line, built_in=built_in) for line in lines]
    log = b"\n".join(line for line, _ in pairs) + (b"\n" if ends_in_newline else b"")
    return log, [instant for _, instant in pairs]


def _separate_line(line: bytes, *, built_in: bool) -> tuple[bytes, str]:
    reference = _REFERENCE.search(line)
    if reference is None:
        return line, NO_STAMP
    rest = line[: reference.start()] + line[reference.end() :]
    if built_in:  # the stamper marks every line, also what C code wrote straight to fd 2
        stamp = _BUILT_IN.search(rest)
    else:
        after = reference.start()
        found = [m for kind in (_CTIME, _COMPACT) if (m := kind.search(rest, after))]
        stamp = min(found, key=lambda match: match.start(), default=None)
    if stamp is None:
        return rest, NO_STAMP
    return rest, _instant(stamp, _moment(reference[1].decode()))


def _moment(reference: str) -> datetime:
    """The instant a reference names: an epoch, or httpd's own local time with its offset."""
    if " " not in reference:
        return datetime.fromtimestamp(float(reference), UTC)
    return datetime.strptime(reference, "%Y-%m-%d %H:%M:%S.%f %z")


def _instant(stamp: re.Match[bytes], reference: datetime) -> str:
    """A stamp in UTC, with the digits it has: the multiple of 15 minutes nearest the reference."""
    month = stamp["month"]
    hour, minute, second = map(int, stamp["clock"].split(b":"))
    fraction = (stamp["fraction"] or b"").decode()
    local = datetime(
        int(stamp["year"]),
        _MONTHS.get(month) or int(month),
        int(stamp["day"]),
        hour,
        minute,
        second,
        int(fraction.ljust(6, "0")),
        tzinfo=UTC,
    )
    utc = local - round((local - reference) / QUARTER) * QUARTER
    if abs(utc - reference) > TRUSTED:
        msg = f"the stamp {stamp[0]!r} is not from around {reference}: the harness is at fault"
        raise ValueError(msg)
    return f"{utc:%Y-%m-%dT%H:%M:%S}" + (f".{fraction}" if fraction else "") + "Z"
