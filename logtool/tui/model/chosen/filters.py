"""Filters: takes what the user wrote, says which lines are shown.

Words are `level>=warn`, `meant>=warn`, `module=wsgi`, `process=shop`, `pid=4711` (whoever had it),
`clock=+02:00`, `since=08:42`, `until=…`, `rule=…`, `exception=…`, `log=error.log.1`; each may be
negated with a `!` before it. What is left is a regular expression that the line must match, or with
a `!` before it one that it must not. Quotes keep blanks together. `level` is httpd's, for which all
that Python prints is an `error`, as for `-l`; `meant` is Python's, in capitals in its column, where
it is written, else httpd's, and `e` goes by it. `>=` is that severe or worse, `<=` that severe or
less; in `errlog query` and in Python, where httpd's numbers are compared, `<=` is or worse.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logtool.errors import UsageError
from logtool.people.misspelled import did_you_mean
from logtool.tui.model.chosen.clocks import ShownClocks
from logtool.tui.model.chosen.matching import Pattern
from logtool.tui.model.chosen.times import read_time
from logtool.tui.model.indexed.index import LineIndex
from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.error_log_format.items import LEVELS
from parsers.lines import NO_OFFSET
from parsers.python_levels import IN_HTTPD, SAME
from parsers.whole_numbers import whole_number

_WORD = re.compile(r'(!?)(?:([a-z]+)(>=|<=|[=:<>]))?("(?:[^"\\]|\\.)*"|\S+)')
_LEVEL_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    # A lower number is a worse level; httpd's `LogLevel warn` means warn and worse.
    ">=": operator.le, ":": operator.le, "<=": operator.ge,
    "=": operator.eq, ">": operator.lt, "<": operator.gt,
}  # fmt: skip
_OFFSET = re.compile(r"(?:UTC)?([+-])(\d{1,2}):?(\d\d)?")
#: From here on a word that is none of NAMES is taken for one written wrongly.
_ALIKE = 0.8
NAMES = (
    *("level", "meant", "module", "process", "pid", "clock", "since", "until", "rule"),
    *("exception", "log"),
)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition on lines.

    Attributes:
        name: one of NAMES.
        sign: how the value is compared.
        value: as written.
        negated: lines that fulfil it are hidden.
    """

    name: str
    sign: str
    value: str
    negated: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines are shown.

    Attributes:
        text: as the user wrote it; empty shows all.
        terms: conditions on columns.
        include: regular expressions that a line must match.
        exclude: such that it must not match.
    """

    text: str = ""
    terms: tuple[Term, ...] = ()
    include: tuple[Pattern, ...] = ()
    exclude: tuple[Pattern, ...] = ()

    @property
    def meant(self) -> tuple[Term, ...]:
        """Its conditions on what is read of the lines themselves: `columns` does not ask them."""
        return tuple(term for term in self.terms if term.name == "meant")

    @property
    def needs_clocks(self) -> bool:
        """Its answer changes when the clocks are found."""
        return any(term.name in ("clock", "process", "since", "until") for term in self.terms)

    @property
    def needs_events(self) -> bool:
        """Its answer changes when lines have been put together and rules were asked."""
        return any(term.name in ("rule", "exception") for term in self.terms)

    def columns(
        self, index: LineIndex, clocks: ShownClocks, first: int, last: int, flagged: Flagged
    ) -> tuple[Mask, Mask]:
        """Ask the terms on columns of the rows from `first` up to `last`.

        Returns:
            Which rows fulfil all that is wanted; and which fulfil something that is not wanted.
        """
        wanted, unwanted = np.ones(last - first, np.bool_), np.zeros(last - first, np.bool_)
        for term in self.terms:
            if term.name == "meant":
                continue
            fulfilled = _TESTS[term.name](term, index, clocks, slice(first, last), flagged)
            if term.negated:
                unwanted |= fulfilled
            else:
                wanted &= fulfilled
        return wanted, unwanted


#: Rule or fingerprint -> its rows, for the filters `rule=` and `exception=`.
Flagged = dict[str, NDArray[np.int32]]


def parse_filter(text: str) -> Filter:
    """Read a filter.

    Raises:
        UsageError: a word makes no sense, or an expression is none.
    """
    terms: list[Term] = []
    include: list[Pattern] = []
    exclude: list[Pattern] = []
    for term, pattern, negated in _words(text):
        if term is not None:
            _check(term)
            terms.append(term)
        elif pattern:
            (exclude if negated else include).append(Pattern.of(pattern))
    return Filter(text.strip(), tuple(terms), tuple(include), tuple(exclude))


def _words(text: str) -> Iterator[tuple[Term | None, str, bool]]:
    """Terms one by one; neighbouring other words are one expression.

    Raises:
        UsageError: a word looks like a term of a name that is none.
    """
    pattern, negated = "", False
    place = 0
    for match in _WORD.finditer(text):
        bang, name, sign, value = match.groups()
        if name and name not in NAMES:
            meant = did_you_mean(name, NAMES, alike=_ALIKE)
            if meant or sign in (">=", "<="):
                told = meant or f"there are {', '.join(NAMES)}."
                raise UsageError(f'{name}: {told} Quotes search for the text: "{match[0]}"')
        if name in NAMES:
            if pattern:
                yield None, pattern, negated
                pattern = ""
            yield Term(name, sign, _unquoted(value), bool(bang)), "", False
        elif bang or not pattern:
            if pattern:
                yield None, pattern, negated
            pattern, negated = _unquoted(match[0][len(bang) :]), bool(bang)
        else:
            pattern += text[place : match.start()] + match[0]
        place = match.end()
    if pattern:
        yield None, pattern, negated


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('\\"', '"')
    return text


def _check(term: Term) -> None:
    if term.name in ("level", "meant"):
        _level_number(term.value)
    elif term.sign not in "=:":
        raise UsageError(f"{term.name}{term.sign}{term.value}: write {term.name}={term.value}")
    if term.name in ("since", "until"):
        read_time(term.value, 0)
    if term.name == "clock":
        _offset_s(term.value)
    if term.name == "rule":
        _check_rules(term.value.split(","))
    if term.name == "pid" and not all(pid.isdecimal() for pid in term.value.split(",")):
        raise UsageError(f"{term.value}: no pid; process={term.value} takes the name of a group")


def _check_rules(names: Sequence[str]) -> None:
    from logtool.flags.explanations import no_such_rule  # a tenth of a second, and seldom needed
    from logtool.flags.wsgi_codes import default_rules

    known = [rule.id for rule in default_rules()]
    for name in names:
        if name not in known:
            raise no_such_rule(name, known)


def _offset_s(text: str) -> int:
    """Seconds of `+02:00`, `UTC` or `unknown`."""
    if text in ("unknown", "?"):
        return NO_OFFSET
    if text in ("UTC", "Z"):
        return 0
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise UsageError(f"{text}: no clock, such as UTC, +02:00 or unknown")
    seconds = int(match[2]) * 3600 + int(match[3] or 0) * 60
    return -seconds if match[1] == "-" else seconds


def _level_number(name: str) -> int:
    """The index of a level, which may have Python's name."""
    level = IN_HTTPD.get(SAME.get(name.upper(), name.upper()), name.lower())
    if level not in LEVELS:
        meant = did_you_mean(name, LEVELS)
        there = f"levels are {', '.join(LEVELS[:8])}, trace1 …"
        raise UsageError(f"{name}: no level; {meant or there}")
    return LEVELS.index(level)


def fulfils(term: Term, levels: NDArray[np.int8]) -> Mask:
    """Which of some levels, index into LEVELS or -1, a term on them wants."""
    compared = _LEVEL_SIGNS[term.sign](levels, _level_number(term.value))
    return np.asarray(compared) & (levels >= 0)


def _level(
    term: Term, index: LineIndex, clocks: ShownClocks, rows: slice, flagged: Flagged
) -> Mask:
    return fulfils(term, index.level.values[rows])


def _module(
    term: Term, index: LineIndex, clocks: ShownClocks, rows: slice, flagged: Flagged
) -> Mask:
    module = index.module.values[rows]
    wanted = term.value.split(",")
    numbers = [number for number, name in enumerate(index.modules) if name in wanted]
    return np.isin(module, numbers)


def _process(
    term: Term, index: LineIndex, clocks: ShownClocks, rows: slice, flagged: Flagged
) -> Mask:
    # All rows that are asked for at once are of one log.
    found = np.zeros(rows.stop - rows.start, np.bool_)
    for who in term.value.split(","):
        found |= clocks.are_of(who, index, rows)
    return found


def _pid(term: Term, index: LineIndex, clocks: ShownClocks, rows: slice, flagged: Flagged) -> Mask:
    pids = [whole_number(pid) for pid in term.value.split(",")]
    return np.isin(index.pid.values[rows], pids)


def _clock(
    term: Term, index: LineIndex, clocks: ShownClocks, rows: slice, flagged: Flagged
) -> Mask:
    return np.asarray(index.offset.values[rows] == index.number_of(_offset_s(term.value)))


def _time(term: Term, index: LineIndex, clocks: ShownClocks, rows: slice, flagged: Flagged) -> Mask:
    limit = read_time(term.value, index.near_us(0))
    time = index.time_us.values[rows]
    return np.asarray(time >= limit if term.name == "since" else time < limit)


def _rule(term: Term, index: LineIndex, clocks: ShownClocks, rows: slice, flagged: Flagged) -> Mask:
    hit = np.zeros(rows.stop - rows.start, np.bool_)
    for rule in term.value.split(","):
        some = flagged.get(rule, np.zeros(0, np.int32))
        some = some[(some >= rows.start) & (some < rows.stop)]
        hit[some - rows.start] = True
    return hit


def _log(term: Term, index: LineIndex, clocks: ShownClocks, rows: slice, flagged: Flagged) -> Mask:
    # All rows that are asked for at once are of one log.
    name = index.names[index.stretch_of(rows.start).log]
    return np.full(rows.stop - rows.start, term.value in (name, PurePath(name).name))


_TESTS: dict[str, Callable[[Term, LineIndex, ShownClocks, slice, Flagged], Mask]] = {
    "level": _level, "module": _module, "process": _process, "pid": _pid, "clock": _clock,
    "since": _time, "until": _time, "rule": _rule, "exception": _rule, "log": _log,
}  # fmt: skip
