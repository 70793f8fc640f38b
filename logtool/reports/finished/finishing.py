"""Finishing: takes what was counted, gives the finished numbers of a host."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from logtool.events.fingerprints import fingerprint_of
from logtool.events.lives import LIVES
from logtool.flags.finding import Finding
from logtool.people.instants import instant
from logtool.reports.counted.counting import Counting
from logtool.reports.counted.raised import RAISED
from logtool.reports.finished.flow import Flow, from_to, instants, most_first
from logtool.reports.finished.summed import Summed
from logtool.reports.numbers import (
    ClientNumbers,
    Count,
    ExceptionNumbers,
    FileNumbers,
    MessageNumbers,
    Numbers,
    Unread,
)
from logtool.reports.period import is_late
from logtool.reports.tallies.keys import MESSAGE
from logtool.reports.tallies.tally import Tally
from parsers.arrays import Ints
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
    messages, news_us = _messages(counting, known)
    listed = tuple(one for one in findings if finding_key(one) not in (known or ()))
    flow = Flow.of(counting)
    first, last = instants(counting.flow.groups())
    news = [one.since_utc for one in exceptions if one.is_new]
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
        messages=messages,
        forgotten_messages=counting.forgotten_messages(),
        clients=_clients(counting),
        forgotten_clients=counting.clients.dropped,
        slowest=counting.slowest.found(),
        life_counts=_life_counts(counting),
        lives=counting.lives.events,
        rate=flow.rate(news, news_us),
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


def _exceptions(counting: Counting, known: Collection[str] | None) -> Iterator[ExceptionNumbers]:
    groups = counting.exceptions.groups
    summed = Summed(counting.exceptions.tally.groups(), RAISED)
    numbers, events = RAISED.number(summed.key, "group").tolist(), summed.events.tolist()
    counted = [(group, at) for at, number in enumerate(numbers) if (group := groups[number])]
    for group, at in sorted(counted, key=lambda one: (-events[one[1]], one[0].fingerprint)):
        span = from_to(int(summed.first_us[at]), int(summed.last_us[at]))
        yield ExceptionNumbers(
            group.fingerprint,
            group.exception,
            group.value,
            events[at],
            *span,
            instant(group.about_us) if not any(span) and group.about_us != NO_TIME else None,
            summed.trend(at),
            known is not None or bool(summed.is_new[at]),
            group.frame_file,
            group.frame_line,
            group.frame_function,
            group.file,
            group.line,
            group.sample,
        )


def _messages(
    counting: Counting, known: Collection[str] | None
) -> tuple[tuple[MessageNumbers, ...], Ints]:
    """Those to be listed; and when each that is severe and new was first seen, microseconds."""
    texts = counting.vocabulary.wordings.templates.texts
    summed = Summed(counting.messages.groups(), MESSAGE)
    template, level, module = (
        MESSAGE.number(summed.key, name) for name in ("template", "level", "module")
    )
    is_listed = np.isin(template, np.array([*texts], np.int64))
    if known:
        prints = [fingerprint_of(texts.get(number, "")) in known for number in template.tolist()]
        is_listed &= ~np.array(prints, np.bool_)
    is_new = summed.is_new | (known is not None)
    is_timed = summed.first_us <= summed.last_us
    news = np.flatnonzero(is_listed & is_new & is_timed & (level < len(_SEVERE)))
    levels, modules = (*LEVELS, ""), counting.vocabulary.modules.texts

    def said(kind: int) -> tuple[str, str, str]:
        return texts[template[kind]], levels[level[kind]], modules[module[kind]]

    listed = np.flatnonzero(is_listed)
    least = np.sort(summed.events[listed])[-_SHOWN:][:1]
    most = listed[summed.events[listed] >= least].tolist()  # some may be equal: by their texts
    most = heapq.nsmallest(_SHOWN, most, key=lambda kind: (-summed.events[kind], said(kind)))
    told = tuple(
        MessageNumbers(
            fingerprint_of(said(kind)[0]),
            *said(kind),
            int(summed.events[kind]),
            *from_to(int(summed.first_us[kind]), int(summed.last_us[kind])),
            summed.trend(kind),
            bool(is_new[kind]),
        )
        for kind in most
    )
    return told, summed.first_us[news]


def _unread(counting: Counting) -> Unread:
    return Unread(
        sum(int(total.groups().errors.sum()) for total in counting.files.values()),
        counting.untimed,
        counting.unclocked,
        counting.assumed,
        tuple(counting.unread),
    )
