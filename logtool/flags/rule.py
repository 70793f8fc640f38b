"""Rules: take TOML files of known problems, give checked `Rule` values.

A rule's file, its line and what is wrong with it are told in one line; nothing wrong passes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from copy import copy
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from logtool.errors import UsageError
from logtool.flags.gates import WORDS, gate
from logtool.flags.severities import SEVERITIES
from logtool.formats.lints import BUILT_IN_WITH_OFFSET
from logtool.people.misspelled import did_you_mean, with_meant
from parsers.classes import dataclass

#: Facts about clocks and formats that a rule may name instead of lines (see `clock_facts`).
CLOCK_FACTS = ("differs-from-server", "flips-in-process", "without-offset", "strftime-in-options")

#: What one occurrence may be counted by when several lines or events tell of it.
ONCE_PER = ("event", "about_pid", "pid", "client", "process")

#: What stands in a cure for the format that is proposed everywhere.
_PROPOSED = "{built-in format with offset}"
_REQUIRED = ("id", "title", "severity", "cause", "cure", "see", "hits", "misses")
_OPTIONAL = (
    *("when", "unless", "once_per", "once_within", "at_least", "within", "partner", "yields"),
    *("follows", "stamps_only"),
)
_OF_PARTNER = ("when", "same", "within", "absent")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_HEADER = re.compile(r"^\s*\[\[\s*rule\s*\]\]", re.MULTILINE)

When = Mapping[str, Any]


class BadRule(UsageError):  # noqa: N818 - the word that users of rules meet
    """A rule file is wrong; tells which file and line."""


@dataclass(frozen=True, slots=True)
class Partner:
    """Another line that must be near, or must not.

    Attributes:
        whens: any of these holds on it.
        same: what both must share, one of `ONCE_PER` without `event`; `about_pid` is the process
            itself where it speaks of none.
        within: how near in time.
        absent: the rule holds where there is no such line.
    """

    whens: tuple[When, ...]
    same: str
    within: timedelta
    absent: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A known problem.

    Attributes:
        id: its fixed name, `signal-handler-ignored`.
        title: what happened, in a few words.
        severity: one of `SEVERITIES`.
        whens: any of these holds on a line that tells of it; empty for rules about clocks.
        unless: none of these may hold there.
        clock: the fact about clocks that it is, or empty.
        once_per: lines that share this tell of one occurrence when they are within `once_within`.
        at_least: so many occurrences of one process group within `within` make one finding.
        partner: a condition on another line.
        yields: says nothing where another rule explains the same event.
        follows: ids of rules of which it is a consequence while they hold, and shortly after.
        stamps_only: harms nothing but what stamps say; what harms more is told before it.
        cause: why it happens.
        cure: what to do, with the directive to write.
        see: the section of mod_wsgi's or httpd's documentation.
        hits, misses: raw lines it must and must not flag; tests run them.
    """

    id: str
    title: str
    severity: str
    whens: tuple[When, ...]
    unless: tuple[When, ...]
    clock: str
    once_per: str
    once_within: timedelta
    at_least: int
    within: timedelta
    partner: Partner | None
    yields: bool
    follows: tuple[str, ...]
    stamps_only: bool
    cause: str
    cure: str
    see: str
    hits: tuple[str, ...]
    misses: tuple[str, ...]

    @property
    def is_code(self) -> bool:
        """Whether it stands for a WSGInnnn code of mod_wsgi 6 alone."""
        return self.id.startswith("WSGI")


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """The rules that come with errlog, in the order of their files."""
    folder = Path(__file__).with_name("rules")
    rules: list[Rule] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml") and entry.name != "wsgi_codes.toml":
            rules += parse_rules(entry.read_text("utf-8"), entry.name, ours=True)
    return tuple(rules)


def read_rules(path: str) -> tuple[Rule, ...]:
    """The rules of a user's file. A missing or wrong file raises BadRule."""
    try:
        text = Path(path).read_text("utf-8")
    except OSError as error:
        raise BadRule(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadRule(f"{path}: not UTF-8 at byte {error.start}") from error
    return parse_rules(text, path)


def parse_rules(text: str, name: str, *, ours: bool = False) -> tuple[Rule, ...]:
    """The rules of a TOML text; `name` stands before the line in errors.

    In `ours` expressions are not asked for faults, nor conditions whether they narrow a search:
    that would load polars, and takes time at each start; tests do it.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+)", str(error))
        what = re.sub(r" \(at .*\)$", "", str(error))
        raise BadRule(f"{name}:{place[1] if place else '1'}: {what}") from error
    except ValueError as error:  # Python reads no number of thousands of digits
        raise BadRule(f"{name}:1: a number is too long") from error
    unknown = set(document) - {"rule"}
    if unknown or not isinstance(document.get("rule"), list):
        raise BadRule(f"{name}:1: a rule file holds [[rule]] tables only")
    rules = [
        _Reader(text, name, number, table, ours=ours).rule()
        for number, table in enumerate(document["rule"])
    ]
    seen: dict[str, int] = {}
    for number, rule in enumerate(rules):
        if rule.id in seen:
            line = _Reader(text, name, number, {}).line("id")
            raise BadRule(f"{name}:{line}: the id {rule.id!r} is taken by an earlier rule")
        seen[rule.id] = number
    return tuple(rules)


class _Reader:
    """One [[rule]] table, and where it stands."""

    def __init__(
        self, text: str, name: str, number: int, table: dict[str, Any], *, ours: bool = False
    ) -> None:
        self.ours = ours
        self.text = text
        self.name = name
        self.table = table
        headers = [match.start() for match in _HEADER.finditer(text)]
        self.start = headers[number] if number < len(headers) else 0
        self.end = headers[number + 1] if number + 1 < len(headers) else len(text)

    def place(self, key: str) -> int:
        """Where a key of the table stands in the text, or else the table."""
        pattern = re.compile(rf"(?:^|[{{,\s])['\"]?{re.escape(key)}['\"]?\s*=|rule\.{key}\]", re.M)
        found = pattern.search(self.text, self.start, self.end) if key else None
        return found.end() - 1 if found else self.start

    def line(self, key: str) -> int:
        """The line of a key of the table, or of its header."""
        return self.text.count("\n", 0, self.place(key)) + 1

    def bad(self, key: str, what: str) -> BadRule:
        return BadRule(f"{self.name}:{self.line(key)}: {what}")

    def rule(self) -> Rule:
        table = self.table
        keys = (*_REQUIRED, *_OPTIONAL, "clock")
        for key in table:
            if key not in keys:
                raise self.bad(key, with_meant(f"a rule has no {key!r}", key, keys))
        for key in _REQUIRED:
            if key not in table:
                raise self.bad("", f"the rule {table.get('id', '')!r} lacks {key!r}")
        if ("when" in table) == ("clock" in table):
            raise self.bad("id", "a rule needs either 'when' or 'clock'")
        return Rule(
            id=self.matching("id", r"[a-z0-9]+(?:-[a-z0-9]+)*|WSGI\d{4}"),
            title=self.string("title"),
            severity=self.one_of("severity", SEVERITIES),
            whens=self.whens("when"),
            unless=self.whens("unless", gated=False),
            clock=self.one_of("clock", ("", *CLOCK_FACTS)),
            once_per=self.one_of("once_per", ONCE_PER),
            once_within=self.duration("once_within", "60s"),
            at_least=self.number("at_least"),
            within=self.duration("within", "60s"),
            partner=self.partner(),
            yields=self.flag("yields"),
            follows=self.strings("follows"),
            stamps_only=self.flag("stamps_only"),
            cause=self.string("cause").strip(),
            cure=self.string("cure").strip().replace(_PROPOSED, BUILT_IN_WITH_OFFSET),
            see=self.string("see"),
            hits=self.strings("hits"),
            misses=self.strings("misses"),
        )

    def string(self, key: str, default: str = "") -> str:
        value = self.table.get(key, default)
        if not isinstance(value, str) or (key in _REQUIRED and not value.strip()):
            raise self.bad(key, f"{key!r} must be a text")
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.bad(key, f"{key!r} must be a list of texts")
        return tuple(item.strip("\n") for item in value)

    def matching(self, key: str, pattern: str) -> str:
        value = self.string(key)
        if not re.fullmatch(pattern, value):
            raise self.bad(key, f"{key!r} must be lower-case words joined by hyphens: {value!r}")
        return value

    def one_of(self, key: str, words: tuple[str, ...], default: str = "") -> str:
        value = self.string(key, default or words[0])
        if value not in words:
            known = [word for word in words if word]
            told = f"{key!r} must be one of {', '.join(known)}: {value!r}"
            raise self.bad(key, with_meant(told, value, known))
        return value

    def number(self, key: str) -> int:
        value = self.table.get(key, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.bad(key, f"{key!r} must be a whole number from 1")
        return value

    def flag(self, key: str) -> bool:
        value = self.table.get(key, False)
        if not isinstance(value, bool):
            raise self.bad(key, f"{key!r} must be true or false")
        return value

    def duration(self, key: str, default: str) -> timedelta:
        value = self.table.get(key, default)
        match = (
            re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", value) if isinstance(value, str) else None
        )
        if match is None:
            raise self.bad(key, f"{key!r} must be a time such as '90s', '5m' or '1h'")
        try:
            return timedelta(seconds=float(match[1]) * _UNITS[match[2]])
        except OverflowError as error:
            raise self.bad(key, f"{key!r} is longer than any log") from error

    def whens(self, key: str, *, gated: bool = True) -> tuple[When, ...]:
        value = self.table.get(key, [])
        tables = [value] if isinstance(value, dict) else value
        if not isinstance(tables, list) or not all(isinstance(item, dict) for item in tables):
            raise self.bad(key, f"{key!r} must be a table of conditions or a list of them")
        if key in self.table and not all(tables):
            raise self.bad(key, f"{key!r} is empty")
        return tuple(self.conditions(key, item, gated=gated) for item in tables)

    def conditions(self, key: str, when: When, *, gated: bool) -> When:
        for word, value in when.items():
            if word not in WORDS:
                known = did_you_mean(word, WORDS) or f"known are {', '.join(sorted(WORDS))}"
                raise self.bad(word, f"there is no condition {word!r}; {known}")
            self.check_value(word, value)
        if gated and not self.ours:
            try:
                gate(when)
            except ValueError as error:
                raise self.bad(key, str(error)) from error
        return when

    def check_value(self, word: str, value: object) -> None:
        takes = WORDS[word].takes
        items = value if isinstance(value, list) and value else [None]
        if takes == "strings" and not all(isinstance(item, str) and item for item in items):
            raise self.bad(word, f"{word!r} takes a list of texts")
        if takes == "numbers" and not all(type(item) is int for item in items):
            raise self.bad(word, f"{word!r} takes a list of numbers")
        if takes == "flag" and not isinstance(value, bool):
            raise self.bad(word, f"{word!r} takes true or false")
        if takes == "regex":
            self.check_regex(word, value)

    def check_regex(self, word: str, value: object) -> None:
        if not isinstance(value, str) or not value:
            raise self.bad(word, f"{word!r} takes a regular expression")
        if self.ours:
            return
        import polars as pl

        try:
            pl.Series([""]).str.contains(value)
        except pl.exceptions.ComputeError as error:
            why = re.search(r"^error: (.*)", str(error), re.MULTILINE)
            reason = f": {why[1]}" if why else ""
            raise self.bad(word, f"{word!r} is no regular expression{reason}") from error

    def partner(self) -> Partner | None:
        table = self.table.get("partner")
        if table is None:
            return None
        if not isinstance(table, dict):
            raise self.bad("partner", "'partner' must be a table")
        for key in table:
            if key not in _OF_PARTNER:
                raise self.bad(key, with_meant(f"a partner has no {key!r}", key, _OF_PARTNER))
        if not table.get("when"):
            raise self.bad("partner", "the rule's 'partner' lacks 'when'")
        of_partner = copy(self)
        of_partner.table, of_partner.start = table, self.place("partner")
        return Partner(
            whens=of_partner.whens("when"),
            same=of_partner.one_of("same", ONCE_PER[1:], "pid"),
            within=of_partner.duration("within", "10s"),
            absent=of_partner.flag("absent"),
        )
