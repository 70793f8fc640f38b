"""Overview: takes the numbers of a host, gives the few lines that stand above its tables."""

from __future__ import annotations

from collections.abc import Iterator

from logtool.normalize import WHAT_TO_DO
from logtool.people.instants import moment_text
from logtool.reports.finished.clock_numbers import utc_offset
from logtool.reports.numbers import Numbers
from logtool.reports.outputs.sections import duration_text
from parsers.escapes import unescape

#: Characters of an exception that are shown here, and names of logs.
_MOST, _LOGS = 80, 3


def overview(numbers: Numbers) -> Iterator[tuple[str, str]]:
    """The first things to know: pairs of a name and what is to be said."""
    if numbers.files:
        yield "Log" if len(numbers.files) == 1 else "Logs", _logs(numbers)
    if numbers.is_unread:
        what = "NO TIME OR LEVEL" if numbers.findings or numbers.exceptions else "NOTHING"
        yield "Understood", f"{what} of {_many(numbers.lines, 'line')}: {WHAT_TO_DO}"
    if numbers.first_utc and numbers.last_utc:
        span = numbers.last_utc - numbers.first_utc
        text = f"{moment_text(numbers.first_utc)} to {moment_text(numbers.last_utc)}"
        yield "Period", f"{text} ({duration_text(span)})"
    yield "Lines", f"{numbers.lines:,} in {_many(_read(numbers), 'file')}"
    yield "Events", f"{numbers.events:,} (a traceback counts as one)"
    severe = {level.name: level.lines for level in numbers.levels}
    bad = [f"{severe[name]:,} {name}" for name in ("emerg", "alert", "crit", "error", "warn")
           if severe.get(name)]  # fmt: skip
    none = "not known" if numbers.is_unread else "none"
    yield "Severe", ", ".join(bad) or none
    if numbers.python_levels:
        own = ", ".join(f"{one.lines:,} {one.name}" for one in numbers.python_levels)
        yield "To Python", f"{own} (mod_wsgi calls all of it error)"
    worst = [one.severity for one in numbers.findings]
    told = ", ".join(f"{worst.count(one)} {one}" for one in dict.fromkeys(worst))
    told = _of_all(told or none, len(numbers.findings), numbers.told_findings)
    yield (
        "Known problems",
        told + "".join(f"; worst: {one.title} ({one.count:,})" for one in numbers.findings[:1]),
    )
    new = numbers.exception_groups - numbers.told_exceptions
    told = _of_all(_many(new, "kind") if new else none, new, numbers.told_exceptions)
    yield (
        "Exceptions",
        told
        + "".join(
            f"; most often: {_cut(unescape(one.name))} ({one.events:,})"
            for one in numbers.exceptions[:1]
        ),
    )
    yield "Clocks", _clock_summary(numbers)
    unread = numbers.unread
    yield "Not understood", _many(unread.lines, "line") if unread.lines else "nothing"
    faults = [fault for file in numbers.files for fault in file.faults]
    if faults:
        yield "Not read", "; ".join(faults)


def _read(numbers: Numbers) -> int:
    """How many files were read, in part at least."""
    return sum(file.lines > 0 or not file.faults for file in numbers.files)


def _logs(numbers: Numbers) -> str:
    """Their names, in true order; of many the first ones and the last one."""
    names = [file.name for file in numbers.files]
    if len(names) > _LOGS:
        names[_LOGS - 1 :] = [f"… {names[-1]}"]
    return ", ".join(names)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"


def _of_all(listed: str, count: int, told: int) -> str:
    """What is listed, and how many there are in all where the last report told some."""
    if not told:
        return listed
    return f"{listed} new ({count + told:,} in all)"


def _clock_summary(numbers: Numbers) -> str:
    offsets = dict.fromkeys(clock.offset_s for clock in numbers.clocks)
    if not offsets:
        return "none: no line has a known time"
    told = ", ".join(utc_offset(offset) for offset in offsets)
    assumed = numbers.unread.assumed
    return told + (f"; {_many(assumed, 'line')} only assumed" if assumed else "")


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
