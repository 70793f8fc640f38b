"""Finishing: takes what was counted, gives the finished numbers of a host."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime

import numpy as np

from logtool.events.fingerprints import fingerprint_of
from logtool.events.lives import LIVES
from logtool.flags.finding import Finding
from logtool.people.instants import instant
from logtool.reports.counted.counting import Counting
from logtool.reports.counted.raised import RAISED
from logtool.reports.finished.flow import Flow, from_to, instants, most_first
from logtool.reports.numbers import (
    ClientNumbers,
    Count,
    ExceptionNumbers,
    FileNumbers,
    MessageNumbers,
    Numbers,
    Unread,
)
from logtool.reports.period import NEW_PARTS, TREND, is_late
from logtool.reports.tallies.keys import MESSAGE
from logtool.reports.tallies.packing import Packing
from logtool.reports.tallies.tally import Tally
from parsers.classes import dataclass
from parsers.error_log_format.items import LEVELS
from parsers.lines import NO_TIME
from parsers.python_levels import LEVELS as PYTHON_LEVELS

_SHOWN = 20
_SEVERE = LEVELS[: LEVELS.index("error") + 1]


def numbers_of(
    host: str,
    counting: Counting,
    findings: Sequence[Finding],
    faults: Mapping[str, Sequence[str]],
    known: Collection[str] | None = None,
) -> Numbers:
    """The numbers of one host, but for those `OfClocks`.

    Args:
        host: its name.
        counting: all that was counted.
        findings: the known problems in them.
        faults: for each file, in true order, what could not be read of it.
        known: list only exceptions, messages and findings that these keys (see `told_by`) do not
            name; None lists all.
    """
    kinds = list(_exceptions(counting, known))
    exceptions = [one for one in kinds if one.fingerprint not in (known or ())]
    messages = list(_messages(counting, known))
    listed = tuple(one for one in findings if finding_key(one) not in (known or ()))
    flow = Flow.of(counting)
    first, last = instants(counting.flow.groups())
    news = [one.since_utc for one in exceptions if one.is_new]
    news += [one.first_utc for one in messages if one.is_new and one.level in _SEVERE]
    seen = [one.since_utc for one in listed]
    news += [when for when in seen if known is not None or is_late(when, first, last)]
    return Numbers(
        host=host,
        lines=counting.lines,
        events=counting.events,
        first_utc=first,
        last_utc=last,
        gaps=flow.gaps(),
        files=_files(counting.files, faults),
        levels=flow.levels(),
        python_levels=_python_levels(counting),
        modules=_modules(counting),
        roles=flow.roles(),
        clocks=(),
        clock_notes=(),
        processes=(),
        findings=listed,
        told_findings=len(findings) - len(listed),
        exceptions=tuple(exceptions[:_SHOWN]),
        exception_groups=len(kinds),
        told_exceptions=len(kinds) - len(exceptions),
        messages=tuple(messages[:_SHOWN]),
        forgotten_messages=counting.forgotten_messages(),
        clients=_clients(counting),
        forgotten_clients=counting.clients.dropped,
        slowest=counting.slowest.found(),
        life_counts=_life_counts(counting),
        lives=counting.lives.events,
        rate=flow.rate(news),
        hours=tuple(tuple(day) for day in counting.hours.reshape(7, 24).tolist()),
        unread=_unread(counting),
    )


def told_by(counting: Counting, findings: Sequence[Finding]) -> frozenset[str]:
    """The keys of all exceptions, messages and findings, shown or not, for another report."""
    told = {finding_key(finding) for finding in findings}
    told |= {group.fingerprint for group in counting.exceptions.groups if group}
    texts = counting.vocabulary.wordings.templates.texts
    used = np.unique(MESSAGE.unpack(counting.messages.groups().key)["template"]).tolist()
    return frozenset(told | {fingerprint_of(texts[number]) for number in used if number in texts})


def finding_key(finding: Finding) -> str:
    """What makes two findings the same: the rule and the place in the application."""
    return f"{finding.rule}|{finding.file or ''}|{finding.function or ''}"


def _files(
    totals: Mapping[int, Tally], faults: Mapping[str, Sequence[str]]
) -> tuple[FileNumbers, ...]:
    """The logs in true order."""
    return tuple(
        FileNumbers(
            name, int(total.lines.sum()), int(total.errors.sum()), *instants(total), tuple(told)
        )
        for number, (name, told) in enumerate(faults.items())
        for total in (totals.get(number, Tally()).groups(),)
    )


def _python_levels(counting: Counting) -> tuple[Count, ...]:
    lines = counting.python_levels.tolist()[1:]
    return tuple(Count(*one) for one in zip(PYTHON_LEVELS, lines, strict=True) if one[1])


def _modules(counting: Counting) -> tuple[Count, ...]:
    groups, names = counting.modules.groups(), counting.vocabulary.modules.texts
    counts = zip(groups.key.tolist(), groups.lines.tolist(), strict=True)
    return most_first(Count(names[key], lines) for key, lines in counts)


def _life_counts(counting: Counting) -> tuple[Count, ...]:
    counts = counting.lives.counts.items()
    return most_first(Count(LIVES[number - 1].name, lines) for number, lines in counts)


def _clients(counting: Counting) -> tuple[ClientNumbers, ...]:
    groups, names = counting.clients.groups(), counting.vocabulary.clients.texts
    named = [names[key] for key in groups.key.tolist()]
    most = sorted(range(len(named)), key=lambda at: (-groups.lines[at], named[at]))[:_SHOWN]
    return tuple(
        ClientNumbers(
            named[at],
            int(groups.lines[at]),
            int(groups.errors[at]),
            *instants(groups.at(slice(at, at + 1))),
        )
        for at in most
    )


@dataclass(slots=True)
class _Counted:
    """Events that are told together, while they are summed up."""

    events: int = 0
    first_us: int = int(np.iinfo(np.int64).max)
    last_us: int = int(np.iinfo(np.int64).min)
    trend: list[int] = field(default_factory=lambda: [0] * TREND)

    def add(self, part: int, events: int, first_us: int, last_us: int) -> None:
        self.events += events
        self.first_us = min(self.first_us, first_us)
        self.last_us = max(self.last_us, last_us)
        if part < TREND:
            self.trend[part] += events

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        return from_to(self.first_us, self.last_us)


def _summed(tally: Tally, packing: Packing, *names: str) -> dict[tuple[int, ...], _Counted]:
    """What was counted, by the numbers of these names, over all parts."""
    groups = tally.groups()
    numbers = packing.unpack(groups.key)
    keys = zip(*(numbers[name].tolist() for name in names), strict=True)
    counts = (numbers["part"], groups.lines, groups.first_us, groups.last_us)
    found: dict[tuple[int, ...], _Counted] = {}
    for key, *told in zip(keys, *(one.tolist() for one in counts), strict=True):
        if key not in found:
            found[key] = _Counted()
        found[key].add(*told)
    return found


def _is_new(trend: Sequence[int]) -> bool:
    return not any(trend[:-NEW_PARTS]) and any(trend)


def _exceptions(counting: Counting, known: Collection[str] | None) -> Iterator[ExceptionNumbers]:
    every = counting.exceptions
    counted = [
        (group, found)
        for (number,), found in _summed(every.tally, RAISED, "group").items()
        if (group := every.groups[number])
    ]
    for group, found in sorted(counted, key=lambda one: (-one[1].events, one[0].fingerprint)):
        yield ExceptionNumbers(
            group.fingerprint,
            group.exception,
            group.value,
            found.events,
            *found.span,
            instant(group.about_us) if not any(found.span) and group.about_us != NO_TIME else None,
            tuple(found.trend),
            known is not None or _is_new(found.trend),
            group.frame_file,
            group.frame_line,
            group.frame_function,
            group.file,
            group.line,
            group.sample,
        )


def _messages(counting: Counting, known: Collection[str] | None) -> Iterator[MessageNumbers]:
    texts = counting.vocabulary.wordings.templates.texts
    modules, levels = counting.vocabulary.modules.texts, (*LEVELS, "")
    counted = [
        (texts[template], levels[level], modules[module], found)
        for (template, level, module), found in _summed(
            counting.messages, MESSAGE, "template", "level", "module"
        ).items()
        if template in texts
    ]
    for text, level, module, found in sorted(counted, key=lambda one: (-one[3].events, *one[:3])):
        fingerprint = fingerprint_of(text)
        if fingerprint in (known or ()):
            continue
        yield MessageNumbers(
            fingerprint,
            text,
            level,
            module,
            found.events,
            *found.span,
            tuple(found.trend),
            known is not None or _is_new(found.trend),
        )


def _unread(counting: Counting) -> Unread:
    return Unread(
        sum(int(total.groups().errors.sum()) for total in counting.files.values()),
        counting.untimed,
        counting.unclocked,
        counting.assumed,
        tuple(counting.unread),
    )
