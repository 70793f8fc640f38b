"""Format lints: takes an ErrorLogFormat, gives what to improve in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from logtool.formats.samples import sample_time
from parsers.classes import dataclass
from parsers.error_log_format.ambiguities import is_json, written
from parsers.error_log_format.better import (
    BEST_TIME,
    additions,
    good_time,
    may_drop,
    time_arguments,
    unpaired,
)
from parsers.error_log_format.fields import Directive, ErrorLogFormat, Literal
from parsers.times.strftime import conversions

#: From this httpd on `%t` takes `z` and strftime (CHANGES).
OFFSET_SINCE = "2.4.58"
#: httpd's built-in format with the offset in each line. `\\ ` keeps `tid` in the pid's field, so
#: that prefork does not lose the bracket; `%{g}T` is the system's thread id, under every MPM.
BUILT_IN_WITH_OFFSET = (
    r"[%{cuz}t] [%-m:%l] [pid\ %P:tid\ %{g}T] %7F: %E: [client\ %a] %M% ,\ referer:\ %{Referer}i"
)
_OPTIONS = frozenset("cumz")


@dataclass(frozen=True, slots=True)
class Lint:
    """Something to improve.

    Attributes:
        rule: a short name: `offset`, `percent`, `pid`, `log-id`, `brackets`, …
        says: what is wrong.
        cure: what to write instead.
    """

    rule: str
    says: str
    cure: str


def lints(parsed: ErrorLogFormat) -> Iterator[Lint]:
    """What to improve, the gravest first."""
    for check in _CHECKS:
        yield from check(parsed)


def _percent(parsed: ErrorLogFormat) -> Iterator[Lint]:
    for argument in time_arguments(parsed):
        if re.fullmatch(r"%[cuzm]{2,}|%usec_frac|%msec_frac", argument):
            letters = "".join(c for c in "cumz" if c in argument[1:].split("_")[0])
            yield Lint(
                "percent",
                f"%{{{argument}}}t: the % makes it strftime's, which prints "
                f"`{sample_time(argument)}`; the letters were meant as options.",
                f"%{{{letters}}}t",
            )


def _unknown_letters(parsed: ErrorLogFormat) -> Iterator[Lint]:
    for argument in time_arguments(parsed):
        kept = "".join(c for c in "cumz" if c in argument)
        if "%" not in argument and set(argument) - set(_OPTIONS):
            yield Lint(
                "letters",
                f"%{{{argument}}}t: only c, u, m and z mean something here, so it prints "
                f"`{sample_time(argument)}`, a whole time.",
                f"%{{{kept}}}t",
            )


def _offset(parsed: ErrorLogFormat) -> Iterator[Lint]:
    times = time_arguments(parsed)
    if not times:
        yield Lint("time", "There is no time.", f"[{BEST_TIME}]")
    elif not any(has_offset(argument) for argument in times):
        yield Lint(
            "offset",
            "The time has no offset, and every process stamps in its own zone: lines of several "
            "zones cannot be told apart.",
            f"add z, as in {good_time(parsed)} (httpd {OFFSET_SINCE} or later)",
        )


def has_offset(argument: str) -> bool:
    """Whether `%{argument}t` tells the offset, or the instant itself."""
    if "%" not in argument:
        return "z" in argument
    letters = {c.letter for c in conversions(argument) if not isinstance(c, str)}
    return bool(letters & {"z", "s"})


def _fraction(parsed: ErrorLogFormat) -> Iterator[Lint]:
    times = time_arguments(parsed)
    if times and not any("%" not in argument and set("um") & set(argument) for argument in times):
        yield Lint(
            "fraction",
            "The time has no fraction of a second: lines of one second have no order.",
            "add u for microseconds",
        )


def _strftime(parsed: ErrorLogFormat) -> Iterator[Lint]:
    letters = {
        c.text
        for argument in time_arguments(parsed)
        for c in conversions(argument)
        if not isinstance(c, str) and "%" in argument
    }
    if "%f" in letters:
        yield Lint("strftime", "%f is copied as it stands: strftime has no fractions.", BEST_TIME)
    if "%Z" in letters:
        yield Lint(
            "strftime",
            "%Z is a name that may mean several zones (IST, CST).",
            "%z, or the option z",
        )
    if re.search(r"%t\}?Z|\}tZ", parsed.text):
        yield Lint(
            "strftime",
            "A Z behind the time says UTC, but the time is local to the writing process.",
            BEST_TIME,
        )


def _missing(parsed: ErrorLogFormat) -> Iterator[Lint]:
    for rule, addition in additions(parsed):
        yield Lint(rule, _WITHOUT[rule], addition.bracket)


_WITHOUT = {
    "pid": "There is no process ID: nothing tells which clock stamped a line.",
    "log-id": "There is no log ID, which joins the lines of one request in all its processes.",
    "level": "There is no level.",
}


def _unpaired(parsed: ErrorLogFormat) -> Iterator[Lint]:
    """A bracket that another one neither closes nor opens."""
    for one in unpaired(parsed):
        alone = "A [ is not closed" if one.bracket == "[" else "A ] closes nothing"
        yield Lint("unpaired", f"{alone}.", one.whole)


def _brackets(parsed: ErrorLogFormat) -> Iterator[Lint]:
    """A field that closes a bracket which another field opened: dropped, it leaves it open."""
    for field in parsed.fields:
        droppable = [p for p in field.parts if isinstance(p, Directive) and may_drop(p)]
        text = "".join(p.text for p in field.parts if isinstance(p, Literal))
        if droppable and text.count("]") + text.count(")") > text.count("[") + text.count("("):
            item = written(droppable[0])
            yield Lint(
                "brackets",
                f"When {item} is empty, its field with the closing bracket is left out, and the "
                "opening one stays alone.",
                rf"escape the space before it (`\ {item}`), or write %-{item[1:]}",
            )


def _json(parsed: ErrorLogFormat) -> Iterator[Lint]:
    """Items that may be empty, in a format that means to be JSON."""
    empty = [written(p) for p in parsed.directives() if may_drop(p)]
    if is_json(parsed) and empty:
        yield Lint(
            "json",
            f"Where {' or '.join(dict.fromkeys(empty))} is empty, httpd leaves out what stands "
            "round it up to the next space: the line is no JSON then.",
            f"%-{empty[0][1:]}, a hyphen for nothing",
        )


#: The gravest first.
_CHECKS: tuple[Callable[[ErrorLogFormat], Iterator[Lint]], ...] = (
    _percent, _unknown_letters, _unpaired, _offset, _strftime, _brackets, _json, _missing,
    _fraction,
)  # fmt: skip
