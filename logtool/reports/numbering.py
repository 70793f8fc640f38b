"""Numbering: takes the lines of a block, gives numbers for what they say, and new texts.

It is done in child processes: nothing here loads polars. What the texts mean is found out by
`vocabulary`, once for all of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.table import ClockTable, Confidence
from logtool.frame.hashing import client_hashes, hashes
from logtool.frame.lines import Lines, level_codes
from logtool.reports.distinct import Distinct, Names, Numbers
from logtool.reports.facts import CLOSING_MODULE, FLOW, MESSAGE, NO_LEVEL, OFFSET_ZERO
from logtool.reports.period import Period, hours_of_week
from logtool.reports.tallies import Groups, counts, grouped, whole
from parsers.classes import dataclass
from parsers.items import LEVELS
from parsers.layouts import Layout
from parsers.lines import NO_LAYOUT, NO_OFFSET, NO_PID, NO_TIME, Spans
from parsers.message_step import TAIL
from parsers.python_levels import MODULES as PYTHON_MODULES

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Mask = NDArray[np.bool_]

#: Modules and addresses that are told apart; what comes later is not among them.
MODULE_NAMES, CLIENT_NAMES = 1 << 12, 300_000
_WORST = LEVELS.index("error")
_HEAD = ("level", "module", "tid")
_REST = ("client", TAIL, "log_id", "client_marker", "status")
_ODD, _SPREAD = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
#: Makes a message of Python's module another one than the same text elsewhere.
_PYTHON = np.uint64(0x9E3779B97F4A7C15)
#: Bytes that whoever reads texts may look at behind the last one.
_PADDING = 16


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Some texts.

    Attributes:
        data: uint8, where they stand, and some more bytes that can be read.
        start, end: int64[k], half-open places there; -1 for none.
    """

    data: Bytes
    start: Ints
    end: Ints

    def copied(self) -> Texts:
        """The same in memory of their own, without what stands between them."""
        there = self.start >= 0
        length = np.where(there, self.end - self.start, 0)
        end = np.cumsum(length)
        start, total = end - length, int(length.sum())
        held = np.zeros(total + _PADDING, np.uint8)
        held[:total] = self.data[np.arange(total) + np.repeat(self.start - start, length)]
        return Texts(held, np.where(there, start, -1), np.where(there, end, -1))

    def at(self, chosen: Ints) -> Texts:
        """Some of them."""
        return Texts(self.data, self.start[chosen], self.end[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class Messages:
    """Messages that are new.

    Attributes:
        hash: uint64[k], of what `Numbered.message` numbers.
        python: bool[k], whether Python's text may be in it.
        tag, text: what it is.
    """

    hash: Hashes
    python: Mask
    tag: Texts
    text: Texts

    def at(self, chosen: Ints) -> Messages:
        """Some of them."""
        return Messages(
            self.hash[chosen], self.python[chosen], self.tag.at(chosen), self.text.at(chosen)
        )

    def copied(self) -> Messages:
        """The same, of which no text lies in a block."""
        return Messages(self.hash, self.python, self.tag.copied(), self.text.copied())


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What is to be known of messages that are new, where their process found it out.

    Attributes:
        wording: int64[k], packed by `wordings.WORDING`, in its numbers of templates.
        templates: the texts that it has numbered since its last ones.
    """

    wording: Ints
    templates: Sequence[str]


@dataclass(frozen=True, slots=True, eq=False)
class News:
    """What a process has numbered since its last block.

    Attributes:
        anew: it has forgotten all messages that it numbered before.
        messages: those with the next numbers, or what is to be known of them.
        modules: names with the next numbers.
        clients: addresses with the next numbers.
    """

    anew: bool
    messages: Messages | Learned
    modules: Sequence[str]
    clients: Sequence[str]

    def copied(self) -> News:
        """The same, of which nothing lies in a block."""
        if isinstance(self.messages, Learned):
            return self
        return replace(self, messages=self.messages.copied())


@dataclass(frozen=True, slots=True, eq=False)
class Numbered:
    """What the lines of a block say, in numbers of the process that read them.

    What is not told here is as in `facts.Facts`, but that modules and clients have other numbers.

    Attributes:
        process: which one.
        news: what it has numbered first in this block.
        message: int64[n], the number of the message; 0 for none.
        manner: int64[n], packed by `facts.MESSAGE`, but for the template.
        told_by: uint64[n], one number for all that rules look at but for messages and levels.
        pid: int64[n], NO_PID for none.
    """

    process: int
    news: News
    message: Ints
    manner: Ints
    told_by: Hashes
    pid: Ints
    lines: Lines
    utc_us: Ints
    message_hash: Hashes
    addressed: Mask
    python: Ints
    thread: Hashes
    stream: Hashes
    raw: Mask
    asking: Hashes
    side: Ints
    closing: Mask
    flow: Groups
    modules: Groups
    clients: Groups
    hours: Ints
    total: Groups
    untimed: int
    unclocked: int
    assumed: int


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
        spans = lines.spans((*_HEAD, *_REST))
        head = _heads(spans)
        tail, named_ids = self._tails(lines, spans[TAIL]), spans["log_id"].start >= 0
        log_id = _hashed(lines, spans["log_id"]) if named_ids.any() else None
        client = spans["client"]
        address, asker = client_hashes(lines.block.data, client.start, client.end)
        utc_us, timed = lines.utc_us, lines.utc_us != NO_TIME
        level = _levels(lines, head["level"])
        bad = level <= _WORST
        module, named, modules = self._modules_of(lines, head["module"])
        clients = grouped(self._client_of.numbers(address, lines, client), utc_us, bad)
        python = self._is_python(module) & (tail > 0)
        anew, message, messages = self._numbered(lines, tail, python)
        part = self._period.part(utc_us)
        who = self._kind_of_clock[lines.clocks]
        offset = np.where(timed, lines.offsets + OFFSET_ZERO, 0)
        flow = FLOW.pack(part=part, level=level, who=who, offset=offset)
        trend = self._period.trend(part, timed)
        some = np.flatnonzero(python)
        when = utc_us if timed.all() else utc_us[timed]
        sure, clocked = lines.confidences
        unread = lines.layouts == NO_LAYOUT
        return Numbered(
            process=os.getpid(),
            news=News(anew, messages, self._modules.news(), self._clients.news()),
            message=message,
            manner=MESSAGE.pack(template=0, level=level, module=module, part=trend),
            told_by=_told_by(lines, named ^ who.astype(np.uint64), spans),
            pid=lines.pids,
            lines=lines.bare(),
            utc_us=utc_us,
            message_hash=tail,
            addressed=client.start >= 0,
            python=some,
            thread=(thread := _threads(lines, head["tid"])),
            stream=(thread[some] ^ asker[some]) * _ODD,
            raw=lines.pids[some] == NO_PID,
            asking=asker if log_id is None else np.where(asker > 0, asker, log_id),
            side=self._is_daemon[who],
            closing=module == self._closing,
            flow=grouped(flow, utc_us, bad),
            modules=modules,
            clients=clients.at(np.flatnonzero(clients.key)),
            hours=hours_of_week(when),
            total=whole(utc_us, unread),
            untimed=int(np.count_nonzero(~unread & ~lines.timed)),
            unclocked=int(np.count_nonzero(~unread & lines.timed & (lines.offsets == NO_OFFSET))),
            assumed=int(np.count_nonzero(~unread & clocked & (sure == Confidence.ASSUMED))),
        )

    def _tails(self, lines: Lines, spans: Spans) -> Hashes:
        """One number for each message and its referer; 0 for none.

        Layouts differ in where a referer begins: the same text need not be the same message.
        """
        tail, layout = _hashed(lines, spans), lines.layouts
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
        hashed = np.where(python, tail ^ _PYTHON, tail)
        anew, message, rows = self._messages.of(hashed)
        spans = lines.at(rows).spans(("tag", "message")) if len(rows) else _NO_SPANS
        tag, text = (
            Texts(lines.block.data, one.start, one.end) for one in (spans["tag"], spans["message"])
        )
        messages = Messages(hashed[rows], python[rows], tag, text)
        return anew, message, self._learned(messages) or messages

    def _is_python(self, module: Ints) -> Mask:
        names = self._modules.texts
        return np.array([name in PYTHON_MODULES for name in names], np.bool_)[module]

    def _modules_of(self, lines: Lines, some: _Alike) -> tuple[Ints, Hashes, Groups]:
        """The number of each line's module, one for its name, and how many lines each has."""
        named = _hashed(lines, some.spans)
        number = self._module_of.numbers(named, lines, some.spans).take(some.place)
        lined = np.bincount(number)
        there = np.flatnonzero(lined)
        return number, named.take(some.place), counts(there, lined[there])

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
_NO_SPANS = dict.fromkeys(("tag", "message"), Spans(np.zeros(0, np.int64), np.zeros(0, np.int64)))


def _texts(lines: Lines, spans: Spans) -> list[str]:
    r"""Texts of a block; bytes that are not UTF-8 come as `\xff`, as in frames."""
    return [
        lines.block.data[start:end].tobytes().decode("utf-8", "backslashreplace")
        for start, end in zip(spans.start.tolist(), spans.end.tolist(), strict=True)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Alike:
    """Lines that stand for all as to one field.

    Attributes:
        rows: int64[k], which lines.
        spans: where their field stands.
        place: int64[n], for each line which of them it is like.
    """

    rows: Ints
    spans: Spans
    place: Ints


def _heads(spans: Mapping[str, Spans]) -> dict[str, _Alike]:
    """Few lines for each field of the head, where it was found out which are alike, else all."""
    answer = {}
    for name in _HEAD:
        alike = spans[name].alike
        if alike is None:
            every = np.arange(len(spans[name].start))
            answer[name] = _Alike(every, spans[name], every)
        else:
            answer[name] = _Alike(alike.rows, spans[name].at(alike.rows), alike.place)
    return answer


def _levels(lines: Lines, some: _Alike) -> Ints:
    level = level_codes(lines.block, some.spans).astype(np.int64)
    level[level < 0] = NO_LEVEL
    return level.take(some.place)


def _hashed(lines: Lines, spans: Spans) -> Hashes:
    if not (spans.start >= 0).any():
        return np.zeros(len(spans.start), np.uint64)
    return hashes(lines.block.data, spans.start, spans.end)


def _told_by(lines: Lines, writer: Hashes, spans: Mapping[str, Spans]) -> Hashes:
    """One number for what wrote each line, its word before the client, and its status."""
    marker = spans["client_marker"].start
    begins = lines.block.data.take(marker)  # it is `client` or `remote`
    begins[marker < 0] = 0
    told = begins.astype(np.uint64)
    told <<= np.uint64(32)
    told ^= writer
    status = spans["status"]
    some = np.flatnonzero(status.start >= 0)
    if len(some):
        hashed = hashes(lines.block.data, status.start[some], status.end[some])
        told[some] = (told[some] ^ hashed) * _ODD
    return told


def _threads(lines: Lines, some: _Alike) -> Hashes:
    """One number for each thread of each process in each log."""
    tid = (_hashed(lines, some.spans) + np.uint64(1)) * _SPREAD
    mixed = lines.pids.astype(np.uint64)
    mixed += np.uint64(lines.log.number + 1)
    mixed *= _ODD
    mixed ^= tid.take(some.place)
    mixed ^= mixed >> np.uint64(31)
    return mixed
