"""Overview: takes the numbers of a host, gives the few lines that stand above its tables."""

from __future__ import annotations

from collections.abc import Iterator

from logtool.reports.clock_numbers import utc_offset
from logtool.reports.numbers import Numbers
from logtool.reports.sections import duration_text, moment_text


def overview(numbers: Numbers) -> Iterator[tuple[str, str]]:
    """The first things to know: pairs of a name and what is to be said."""
    if numbers.first_utc and numbers.last_utc:
        span = numbers.last_utc - numbers.first_utc
        text = f"{moment_text(numbers.first_utc)} to {moment_text(numbers.last_utc)}"
        yield "Period", f"{text} ({duration_text(span)})"
    yield "Lines", f"{numbers.lines:,} in {_many(len(numbers.files), 'file')}"
    yield "Events", f"{numbers.events:,} (a traceback counts as one)"
    severe = {level.name: level.lines for level in numbers.levels}
    bad = [f"{severe[name]:,} {name}" for name in ("emerg", "alert", "crit", "error", "warn")
           if severe.get(name)]  # fmt: skip
    yield "Severe", ", ".join(bad) or "none"
    if numbers.python_levels:
        own = ", ".join(f"{one.lines:,} {one.name}" for one in numbers.python_levels)
        yield "To Python", f"{own} (mod_wsgi calls all of it error)"
    worst = [one.severity for one in numbers.findings]
    told = ", ".join(f"{worst.count(one)} {one}" for one in dict.fromkeys(worst))
    yield "Known problems", _of_all(told, len(numbers.findings), numbers.told_findings)
    new = numbers.exception_groups - numbers.told_exceptions
    yield "Exceptions", _of_all(new and _many(new, "kind"), new, numbers.told_exceptions)
    yield "Clocks", _clock_summary(numbers)
    unread = numbers.unread
    yield "Not understood", _many(unread.lines, "line") if unread.lines else "nothing"
    faults = [fault for file in numbers.files for fault in file.faults]
    if faults:
        yield "Not read", "; ".join(faults)


def _of_all(listed: str | int, count: int, told: int) -> str:
    """What is listed, and how many there are in all where the last report told some."""
    if not told:
        return str(listed or "none")
    return f"{listed or 'none'} new ({count + told:,} in all)"


def _clock_summary(numbers: Numbers) -> str:
    offsets = dict.fromkeys(clock.offset_s for clock in numbers.clocks)
    if not offsets:
        return "none: no line has a known time"
    told = ", ".join(utc_offset(offset) for offset in offsets)
    assumed = numbers.unread.assumed
    return told + (f"; {_many(assumed, 'line')} only assumed" if assumed else "")


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
