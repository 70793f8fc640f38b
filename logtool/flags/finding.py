"""Finding: what is told of a known problem, and in which order.

Nothing here loads polars: child processes find what we only tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from logtool.flags.rule import Rule
from logtool.flags.severities import SEVERITIES
from logtool.people.instants import rfc3339
from parsers.classes import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A known problem that occurred.

    Attributes:
        rule: the rule's id.
        severity, title, cause, cure, see: the rule's.
        count: how often it occurred.
        first_utc, last_utc: its first and last occurrence; None where no line has a time.
        not_before_utc: where no line has a time, that of the last line before its first occurrence
            in its file; else None.
        file, line, function: the guilty place in the application, of a notice that where it
            happened; None where no stack names one.
        pids: the processes it occurred in, or that it befell.
        log_file, log_line: where its first occurrence stands in the log.
        excerpt: the messages of its first occurrence, as in the log.
        notes: what else is known (an audit record of the same process).
    """

    rule: str
    severity: str
    title: str
    count: int
    first_utc: datetime | None
    last_utc: datetime | None
    not_before_utc: datetime | None
    file: str | None
    line: int | None
    function: str | None
    pids: tuple[int, ...]
    log_file: str | None
    log_line: int | None
    excerpt: tuple[str, ...]
    cause: str
    cure: str
    see: str
    notes: tuple[str, ...] = ()

    @property
    def blames(self) -> bool:
        """Whether the place is guilty: what a notice tells of is nobody's fault."""
        return self.severity != SEVERITIES[-1]

    @property
    def since_utc(self) -> datetime | None:
        """Its first occurrence, or what that is not before."""
        return self.first_utc or self.not_before_utc

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON takes it; times in RFC 3339 with `Z`."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "title": self.title,
            "count": self.count,
            "first_utc": rfc3339(self.first_utc),
            "last_utc": rfc3339(self.last_utc),
            "not_before_utc": rfc3339(self.not_before_utc),
            "file": self.file,
            "line": self.line,
            "function": self.function,
            "pids": list(self.pids),
            "log_file": self.log_file,
            "log_line": self.log_line,
            "excerpt": list(self.excerpt),
            "cause": self.cause,
            "cure": self.cure,
            "see": self.see,
            "notes": list(self.notes),
        }


def finding_of(rule: Rule, count: int) -> Finding:
    """A finding of this rule that knows no place and time yet."""
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        title=rule.title,
        count=count,
        first_utc=None,
        last_utc=None,
        not_before_utc=None,
        file=None,
        line=None,
        function=None,
        pids=(),
        log_file=None,
        log_line=None,
        excerpt=(),
        cause=rule.cause,
        cure=rule.cure,
        see=rule.see,
    )


def worst_first(found: Iterable[Finding], rules: Iterable[Rule]) -> list[Finding]:
    """By severity, then what harms more than stamps, then by how often, then by name."""
    milder = {rule.id for rule in rules if rule.stamps_only}
    return sorted(
        found, key=lambda f: (SEVERITIES.index(f.severity), f.rule in milder, -f.count, f.rule)
    )
