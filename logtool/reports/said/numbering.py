"""Numbering: takes the lines of a block, gives numbers for what they say, and new texts.

It is done in child processes: nothing here loads polars. What the texts mean is found out by
`wordings`, once for all of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.table import ClockTable, Confidence
from logtool.frame.hashing import ODD, SPREAD, hashes, signing, told_of
from logtool.frame.lines import Lines, level_codes
from logtool.reports.period import Period
from logtool.reports.said.distinct import Distinct, Numbers
from logtool.reports.said.lately import Lately, looked_up, mixed
from logtool.reports.said.names import Names
from logtool.reports.said.numbered import (
    NO_MESSAGES,
    PYTHON,
    Learned,
    Messages,
    News,
    Numbered,
    Texts,
    Written,
)
from logtool.reports.said.writers import OF_WRITERS, Writers, alike_of
from logtool.reports.tallies.keys import CLOSING_MODULE, FLOW, MESSAGE, NO_LEVEL, OFFSET_ZERO
from logtool.reports.tallies.sums import Sums
from logtool.reports.tallies.tally import counts, merged, whole
from parsers.arrays import Ints, Mask
from parsers.compiled.kinds import Sign
from parsers.compiled.rows import LookedUp, Sought
from parsers.error_log_format.items import LEVELS
from parsers.layouts import Layout
from parsers.lines import NO_LAYOUT, NO_OFFSET, NO_TIME, Spans
from parsers.python_levels import MODULES as PYTHON_MODULES
from parsers.steps.message_step import TAIL
from parsers.units import SECOND

Hashes = NDArray[np.uint64]

#: Modules that are told apart; what comes later is not among them.
MODULE_NAMES = (1 << 12) - 1
#: Addresses that are remembered; beyond it all are forgotten, and named anew when they come again.
_CLIENTS = 1 << 16
_WORST = LEVELS.index("error")
#: So many heads of lines are remembered with what they say, each at one place.
_HEADS = 1 << 12
_REST = {
    "client": Sign.CLIENT,
    TAIL: Sign.NUMBER,
    "log_id": Sign.NUMBER,
    "status": Sign.NUMBER,
}
_SIGNING = signing(_REST)


class _Said(NamedTuple):
    """What some writers say in each of their lines: numbers of texts, and those of the report."""

    named: Hashes
    tid: Hashes
    level: Ints
    module: Ints

    @classmethod
    def nothing(cls, size: int) -> _Said:
        """That of so many who say nothing."""
        hashes, numbers = np.zeros((2, size), np.uint64), np.zeros((2, size), np.int64)
        return cls(*hashes, *numbers)

    def at(self, some: NDArray[np.signedinteger]) -> _Said:
        """The same of some of them."""
        return _Said(*(column[some] for column in self))


class Numbering:
    """Gives numbers for what lines say, the same in all blocks that it is shown."""

    def __init__(
        self,
        table: ClockTable,
        period: Period,
        learned: Callable[[Messages], Learned | None] = lambda messages: None,
    ) -> None:
        """Take the clocks, and what the report is of.

        Args:
            table: the clocks.
            period: what parts of keys are parts of.
            learned: may find out here what is to be known of messages, where they are many.
        """
        self._period = period
        self._learned = learned
        self._signs: dict[Layout, np.uint64] = {}
        self._layouts: Sequence[Layout] = ()
        self._of_layouts = np.zeros(1, np.uint64)
        self._heads = np.full(_HEADS, -1)
        self._said_by = _Said.nothing(_HEADS)
        self._messages, self._lately, self._clients_lately = Numbers(), Lately(), Lately()
        self._modules, self._clients = Names(most=MODULE_NAMES), Names(_CLIENTS)
        self._python = np.zeros(0, np.bool_)
        self._closing = self._modules.number(CLOSING_MODULE)
        self._module_of = Distinct(self._learn_modules)
        self._client_of = Distinct(self._learn_clients)
        kinds, self._kind_of_clock = table.kinds
        self._is_daemon = np.array([role == "daemon" for role, _ in kinds], np.int64)

    def of(self, lines: Lines) -> Numbered:
        """What the lines of a block say."""
        spans = lines.spans((*OF_WRITERS, *_REST), _SIGNING)
        if clients_anew := self._clients.is_full:
            self._forget_clients()
        signs = {name: _signs(lines, name, spans[name]) for name in _REST}
        (tail,), (log_id,), (status,) = signs[TAIL], signs["log_id"], signs["status"]
        address, asker, marker = signs["client"]
        writers = Writers.of(lines, spans)
        some, said = writers.some(lines), self._said(lines, writers, spans)
        mix, off_us = self._mix(some, said.module), _off_us(some)
        rows = Sought(writers.place, tail, address, lines.local_us, mix, off_us)
        (anew, messages), found = self._looked_up(lines, rows, said.module, spans["client"])
        utc_us = found.us
        split, trend = self._by_trend(writers, utc_us)
        if split is not writers:
            some, said = split.some(lines), said.at(writers.place[split.rows])
        named, tid, level, module = said
        place, who = split.place, self._kind_of_clock[some.clocks]
        sums = Sums.of(utc_us, place, level <= _WORST, found.client, self._period)
        count = np.bincount(sums.writer, sums.of_writers.lines, len(some)).astype(np.int64)
        offset = np.where(utc_us[split.rows] == NO_TIME, 0, some.offsets + OFFSET_ZERO)
        flow = FLOW.pack(part=0, level=level, who=who, offset=offset).take(sums.writer)
        flow |= sums.part << FLOW.place("part")
        flows = merged([replace(sums.of_writers, key=flow)])
        told = np.flatnonzero(status > 0)
        unread = some.layouts == NO_LAYOUT
        sure, clocked = some.confidences
        return Numbered(
            process=os.getpid(),
            news=News(anew, messages, self._modules.news(), clients_anew, self._clients.news()),
            message=found.text,
            writer=place,
            writers=Written(
                MESSAGE.pack(template=0, level=level, module=module, part=trend),
                named ^ who.astype(np.uint64),
                some.pids,
                _threads(some, tid),
                self._is_daemon[who],
                module == self._closing,
            ),
            marker=marker,
            told=told,
            status=status[told],
            lines=lines.bare(),
            utc_us=utc_us,
            addressed=found.addressed,
            asking=np.where(asker > 0, asker, log_id) if log_id.max(initial=0) else asker,
            flow=flows,
            modules=counts(module, count),
            clients=sums.clients,
            hours=sums.hours,
            total=whole(flows, int(count[unread].sum())),
            untimed=int(count[~unread & ~some.timed].sum()),
            unclocked=int(count[~unread & some.timed & (some.offsets == NO_OFFSET)].sum()),
            assumed=int(count[~unread & clocked & (sure == Confidence.ASSUMED)].sum()),
        )

    def _said(self, lines: Lines, writers: Writers, spans: Mapping[str, Spans]) -> _Said:
        """What writers say in each of their lines; found out once for each head of lines."""
        alike = alike_of(spans)
        if alike is None or alike.texts is None:
            return self._found_out(lines, writers.rows, spans)
        texts = alike.texts.take(alike.place.take(writers.rows))
        at = texts & (_HEADS - 1)
        if not np.array_equal(self._heads.take(at), texts):
            said = self._found_out(lines, writers.rows, spans)
            self._heads[at] = texts
            for column, one in zip(self._said_by, said, strict=True):
                column[at] = one
            return said
        return self._said_by.at(at)

    def _found_out(self, lines: Lines, rows: Ints, spans: Mapping[str, Spans]) -> _Said:
        """What some lines say."""
        own = {name: spans[name].at(rows) for name in OF_WRITERS}
        named, tid = _hashed_together(lines, own["module"], own["tid"])
        module = self._module_of.numbers(named, lines, own["module"])
        return _Said(named, tid, _levels(lines, own["level"]), module)

    def _by_trend(self, writers: Writers, utc_us: Ints) -> tuple[Writers, Ints]:
        """Those who write in one part of the trend each, and that: NO_PART for no time."""
        period = self._period
        if len(utc_us):
            early, late = (period.trend_of(int(us)) for us in (utc_us.min(), utc_us.max()))
            if early == late:
                return writers, np.full(len(writers.rows), early)
        timed = utc_us != NO_TIME
        trend = period.trend(period.part(utc_us), timed)
        writers = writers.by(timed).by(trend)
        return writers, trend[writers.rows]

    def _mix(self, some: Lines, module: Ints) -> Hashes:
        """What texts of writers are mixed with, to make one number for each message.

        Layouts differ in where a referer begins: the same text need not be the same message.
        """
        layouts = some.log.decoder.layouts
        if layouts is not self._layouts:
            every = *map(self._sign_of, layouts), np.uint64(0)
            self._layouts, self._of_layouts = layouts, np.array(every, np.uint64)
        signs = self._of_layouts.take(some.layouts)
        return np.where(self._is_python(module), signs ^ PYTHON, signs)

    def _sign_of(self, layout: Layout) -> np.uint64:
        """One number for a layout, the same for that of another log."""
        sign = self._signs.get(layout)
        if sign is None:
            told = f"{layout.name} {layout.format}".encode()
            sign = np.uint64(int.from_bytes(blake2b(told, digest_size=8).digest()))
            self._signs[layout] = sign
        return sign

    def _looked_up(
        self, lines: Lines, rows: Sought, module: Ints, clients: Spans
    ) -> tuple[tuple[bool, Messages | Learned], LookedUp]:
        """Whether all messages before are forgotten, and the new ones; and what lines say."""
        if self._messages.is_full:
            self._lately.forget()
        found = looked_up(rows, self._lately, self._clients_lately, lines.block.data)
        missed = found.missed_clients
        if len(missed):
            hashed = rows.client[missed]
            found.client[missed] = numbers = self._client_of.numbers(hashed, lines, clients, missed)
            self._clients_lately.keep(hashed, numbers)
        missed, hashed = found.missed_texts, mixed(rows, found.missed_texts)
        anew, numbers, new = self._messages.of(hashed)
        if len(missed):
            found.text[missed] = numbers
            self._lately.keep(hashed, numbers)
        if not len(new):
            return (anew, NO_MESSAGES), found
        at = missed[new]
        spans = lines.at(at).spans(("tag", "message"))
        tag, text = (
            Texts(lines.block.data, one.start, one.end) for one in (spans["tag"], spans["message"])
        )
        python = self._is_python(module)[rows.writer[at]]
        messages = Messages(hashed[new], python, tag, text)
        return (anew, self._learned(messages) or messages), found

    def _is_python(self, module: Ints) -> Mask:
        names = self._modules.texts
        if len(self._python) < len(names):
            self._python = np.array([name in PYTHON_MODULES for name in names.values()])
        return self._python[module]

    def _learn_modules(self, rows: Ints, lines: Lines, spans: Spans) -> Ints:
        texts = _texts(lines, spans.at(rows))
        return np.array([self._modules.number(text) for text in texts], np.int64)

    def _forget_clients(self) -> None:
        self._clients, self._client_of = Names(_CLIENTS), Distinct(self._learn_clients)
        self._clients_lately.forget()

    def _learn_clients(self, rows: Ints, lines: Lines, spans: Spans, some: Ints) -> Ints:
        """Httpd prints `192.0.2.7:58619` and `2001:db8::1:58619`."""
        texts = _texts(lines, spans.at(some[rows]))
        names = (_PORT.sub("", text).strip("[]") for text in texts)
        return np.array([self._clients.number(name) for name in names], np.int64)


#: At the end of a client's address.
_PORT = re.compile(r":\d+\Z")


def _texts(lines: Lines, spans: Spans) -> list[str]:
    r"""Texts of a block; bytes that are not UTF-8 come as `\xff`, as in frames."""
    return [
        lines.block.data[start:end].tobytes().decode("utf-8", "backslashreplace")
        for start, end in zip(spans.start.tolist(), spans.end.tolist(), strict=True)
    ]


def _levels(some: Lines, spans: Spans) -> Ints:
    level = level_codes(some.block, spans).astype(np.int64)
    level[level < 0] = NO_LEVEL
    return level


def _hashed_together(lines: Lines, *spans: Spans) -> Sequence[Hashes]:
    """Numbers of the texts of some columns, made at once: there are few."""
    start, end = (
        np.concatenate(ends) for ends in zip(*((x.start, x.end) for x in spans), strict=True)
    )
    return np.split(hashes(lines.block.data, start, end), len(spans))


def _signs(lines: Lines, name: str, spans: Spans) -> tuple[NDArray[Any], ...]:
    """What is told of a column's texts."""
    if spans.signs is not None:
        return spans.signs
    return told_of(_REST[name], lines.block.data, spans.start, spans.end)


def _off_us(some: Lines) -> Ints:
    """What is to be taken off the times of some lines; NO_TIME where that is not known."""
    offsets = some.offsets
    return np.where(offsets == NO_OFFSET, NO_TIME, offsets * SECOND)


def _threads(some: Lines, tid: Hashes) -> Hashes:
    """One number for each thread of each process in each log, from those of threads' names."""
    mixed = some.pids.astype(np.uint64)
    mixed += np.uint64(some.log.number + 1)
    mixed *= ODD
    mixed ^= (tid + np.uint64(1)) * SPREAD
    mixed ^= mixed >> np.uint64(31)
    return mixed
