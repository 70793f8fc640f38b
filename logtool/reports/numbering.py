"""Numbering: takes the lines of a block, gives numbers for what they say, and new texts.

It is done in child processes: nothing here loads polars. What the texts mean is found out by
`vocabulary`, once for all of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.table import ClockTable, Confidence
from logtool.frame.hashing import ODD, SPREAD, hashes, signing, told_of
from logtool.frame.lines import Lines, level_codes
from logtool.reports.distinct import Distinct, Names, Numbers
from logtool.reports.facts import CLOSING_MODULE, FLOW, MESSAGE, NO_LEVEL, OFFSET_ZERO
from logtool.reports.numbered import (
    NO_MESSAGES,
    PYTHON,
    Learned,
    Messages,
    News,
    Numbered,
    Texts,
    Written,
)
from logtool.reports.period import Period
from logtool.reports.sums import Sums
from logtool.reports.tallies import counts, merged, whole
from logtool.reports.writers import OF_WRITERS, Writers
from parsers.items import LEVELS
from parsers.kinds import Sign
from parsers.layouts import Layout
from parsers.lines import NO_LAYOUT, NO_OFFSET, NO_TIME, Spans
from parsers.message_step import TAIL
from parsers.python_levels import MODULES as PYTHON_MODULES

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Mask = NDArray[np.bool_]

#: Modules and addresses that are told apart; what comes later is not among them.
MODULE_NAMES, CLIENT_NAMES = 1 << 12, 300_000
_WORST = LEVELS.index("error")
_REST = {
    "client": Sign.CLIENT,
    TAIL: Sign.NUMBER,
    "log_id": Sign.NUMBER,
    "status": Sign.NUMBER,
}
_SIGNING = signing(_REST)


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
        self._messages = Numbers()
        self._modules, self._clients = Names(MODULE_NAMES), Names(CLIENT_NAMES)
        self._closing = self._modules.number(CLOSING_MODULE)
        self._module_of = Distinct(self._learn_modules)
        self._client_of = Distinct(self._learn_clients)
        kinds, self._kind_of_clock = table.kinds
        self._is_daemon = np.array([role == "daemon" for role, _ in kinds], np.int64)

    def of(self, lines: Lines) -> Numbered:
        """What the lines of a block say."""
        spans = lines.spans((*OF_WRITERS, *_REST), _SIGNING)
        signs = {name: _signs(lines, name, spans[name]) for name in _REST}
        (tail,), (log_id,), (status,) = signs[TAIL], signs["log_id"], signs["status"]
        address, asker, marker = signs["client"]
        tail = self._tails(lines, tail)
        writers = Writers.of(lines, spans)
        utc_us = lines.utc_us
        writers, trend = self._by_trend(writers, utc_us)
        some, place = writers.some(lines), writers.place
        own = {name: spans[name].at(writers.rows) for name in OF_WRITERS}
        named, tid = _hashed_together(some, own["module"], own["tid"])
        level = _levels(some, own["level"])
        module = self._module_of.numbers(named, some, own["module"])
        python = self._is_python(module).take(place) & (tail > 0)
        anew, message, messages = self._numbered(lines, tail, python)
        number = self._client_of.numbers(address, lines, spans["client"])
        sums = Sums.of(utc_us, place, level <= _WORST, number, self._period)
        count = np.bincount(sums.writer, sums.of_writers.lines, len(some)).astype(np.int64)
        who = self._kind_of_clock[some.clocks]
        offset = np.where(utc_us[writers.rows] == NO_TIME, 0, some.offsets + OFFSET_ZERO)
        flow = FLOW.pack(part=0, level=level, who=who, offset=offset).take(sums.writer)
        flow |= sums.part << FLOW.place("part")
        flows = merged([replace(sums.of_writers, key=flow)])
        told = np.flatnonzero(status > 0)
        unread = some.layouts == NO_LAYOUT
        sure, clocked = some.confidences
        return Numbered(
            process=os.getpid(),
            news=News(anew, messages, self._modules.news(), self._clients.news()),
            message=message.astype(np.int32),
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
            addressed=address > 0,
            asking=np.where(asker > 0, asker, log_id) if (log_id > 0).any() else asker,
            flow=flows,
            modules=counts(module, count),
            clients=sums.clients,
            hours=sums.hours,
            total=whole(flows, int(count[unread].sum())),
            untimed=int(count[~unread & ~some.timed].sum()),
            unclocked=int(count[~unread & some.timed & (some.offsets == NO_OFFSET)].sum()),
            assumed=int(count[~unread & clocked & (sure == Confidence.ASSUMED)].sum()),
        )

    def _by_trend(self, writers: Writers, utc_us: Ints) -> tuple[Writers, Ints]:
        """Those who write in one part of the trend each, and that: NO_PART for no time."""
        period = self._period
        if len(utc_us):
            ends = np.array([utc_us.min(), utc_us.max()])
            early, late = period.trend(period.part(ends), ends != NO_TIME).tolist()
            if early == late:
                return writers, np.full(len(writers.rows), early)
        timed = utc_us != NO_TIME
        trend = period.trend(period.part(utc_us), timed)
        writers = writers.by(timed).by(trend)
        return writers, trend[writers.rows]

    def _tails(self, lines: Lines, tail: Hashes) -> Hashes:
        """One number for each message and its referer, from that of its text; 0 for none.

        Layouts differ in where a referer begins: the same text need not be the same message.
        """
        layout = lines.layouts
        every = *(self._sign_of(one) for one in lines.log.decoder.layouts), np.uint64(0)
        if len(layout):
            none = None if tail.all() else np.flatnonzero(tail == 0)
            same = bool((layout == layout[0]).all())
            tail ^= every[layout[0]] if same else np.array(every).take(layout)
            if none is not None:
                tail[none] = 0
        return tail

    def _sign_of(self, layout: Layout) -> np.uint64:
        """One number for a layout, the same for that of another log."""
        sign = self._signs.get(layout)
        if sign is None:
            told = f"{layout.name} {layout.format}".encode()
            sign = np.uint64(int.from_bytes(blake2b(told, digest_size=8).digest()))
            self._signs[layout] = sign
        return sign

    def _numbered(
        self, lines: Lines, tail: Hashes, python: Mask
    ) -> tuple[bool, Ints, Messages | Learned]:
        """Whether all before is forgotten, the number of each line's message, and the new ones."""
        hashed = np.where(python, tail ^ PYTHON, tail)
        anew, message, rows = self._messages.of(hashed)
        if not len(rows):
            return anew, message, NO_MESSAGES
        spans = lines.at(rows).spans(("tag", "message"))
        tag, text = (
            Texts(lines.block.data, one.start, one.end) for one in (spans["tag"], spans["message"])
        )
        messages = Messages(hashed[rows], python[rows], tag, text)
        return anew, message, self._learned(messages) or messages

    def _is_python(self, module: Ints) -> Mask:
        names = self._modules.texts
        return np.array([name in PYTHON_MODULES for name in names], np.bool_)[module]

    def _learn_modules(self, rows: Ints, lines: Lines, spans: Spans) -> Ints:
        texts = _texts(lines, spans.at(rows))
        return np.array([self._modules.number(text) for text in texts], np.int64)

    def _learn_clients(self, rows: Ints, lines: Lines, spans: Spans) -> Ints:
        """Httpd prints `192.0.2.7:58619` and `2001:db8::1:58619`."""
        texts = _texts(lines, spans.at(rows))
        some = (_PORT.sub("", text).strip("[]") for text in texts)
        return np.array([self._clients.number(text) for text in some], np.int64)


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


def _threads(some: Lines, tid: Hashes) -> Hashes:
    """One number for each thread of each process in each log, from those of threads' names."""
    mixed = some.pids.astype(np.uint64)
    mixed += np.uint64(some.log.number + 1)
    mixed *= ODD
    mixed ^= (tid + np.uint64(1)) * SPREAD
    mixed ^= mixed >> np.uint64(31)
    return mixed
