"""Facts: takes the lines of a block, gives numbers for what they say, and what can be counted yet.

What depends on the lines before and after, such as which lines are one traceback, is left to
`counting`, which sees the blocks in order.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.clocks.table import ClockTable, Confidence
from logtool.flags.engine import Engine
from logtool.frame.hashing import hashes
from logtool.frame.lines import Lines, level_codes
from logtool.reports.distinct import Distinct, Names
from logtool.reports.period import Period
from logtool.reports.tallies import Groups, Packing, counts, grouped, whole
from logtool.reports.wordings import WORDING, Wordings
from parsers.classes import dataclass
from parsers.items import LEVELS
from parsers.lines import NO_LAYOUT, NO_OFFSET, NO_PID, NO_TIME, Spans
from parsers.message_step import TAIL
from parsers.python_levels import LEVELS as PYTHON_LEVELS
from parsers.python_levels import MODULES as PYTHON_MODULES
from parsers.scanning import KEEP, Text, port_length

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: In keys: no level; no part of the period.
NO_LEVEL = len(LEVELS)
NO_PART = 31
_WORST = LEVELS.index("error")

#: Lines over time; `offset` is 0 for none, else seconds east of UTC above `OFFSET_ZERO`.
FLOW = Packing(part=11, level=5, who=12, offset=19)
OFFSET_ZERO = 1 << 18
#: Messages; `part` is one of the parts of a trend, or NO_PART.
MESSAGE = Packing(template=19, level=5, module=12, part=5)

_MODULES, _CLIENTS = 1 << 12, 300_000
#: The module that tells when a connection ends, long after its last request.
CLOSING_MODULE = "ssl"
_ODD, _SPREAD = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_HOUR_US = 3_600_000_000
#: 1970-01-01 was a Thursday.
_FIRST_HOUR = 3 * 24
_HEAD, _REST = ("level", "module", "tid"), ("client", TAIL, "log_id")
#: What rules look at of a line besides its message and what wrote it.
_MANNER = ("level", "module", "client_marker", "status")


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Lines of a block that some rule may hold on.

    Attributes:
        at: int64[k], which lines, rising.
        manner: uint64[k], one number for all that rules look at but for messages.
        pid: int64[k], NO_PID for none.
        client: uint64[k], one number for each client with its port; 0 for none.
    """

    at: Ints
    manner: NDArray[np.uint64]
    pid: Ints
    client: NDArray[np.uint64]

    def copy(self) -> Asked:
        """The same in memory of its own."""
        return Asked(*(getattr(self, name).copy() for name in self.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What the lines of a block say.

    Attributes:
        lines: the lines, n of them.
        utc_us: int64[n], NO_TIME where the instant is not known.
        message: int64[n], packed by MESSAGE.
        message_hash: uint64[n], of the message and its referer; 0 where there is none.
        wording: int64[n], packed by `wordings.WORDING`.
        addressed: bool[n], whether they name a client.
        python: int64[m], the lines that may hold Python's text.
        thread: uint64[n], one number for each file, pid and tid.
        stream: uint64[m], one number for each file, pid, tid and client of those lines.
        raw: bool[m], which of those lines have no pid.
        asking: uint64[n], one number for each client with its port or log ID; 0 for none.
        side: int64[n], one number for the daemons, one for all other processes.
        closing: bool[n], lines of the module that tells of the ends of connections.
        asked: the lines that some rule may hold on.
        flow: lines by FLOW, errors among them.
        modules: lines by their numbers in `Vocabulary`, at no time.
        clients: lines by their numbers there.
        python_levels: int64[6], lines by the level that Python wrote, 0 for none.
        hours: int64[168], lines by hour of the week from Monday in UTC.
        total: one group, of all lines; lines that no layout reads count as errors.
        untimed: how many lines that a layout reads have no time.
        unclocked: how many have a time whose clock is not known.
        assumed: how many have a clock that is only assumed.
    """

    lines: Lines
    utc_us: Ints
    message: Ints
    message_hash: NDArray[np.uint64]
    wording: Ints
    addressed: Mask
    python: Ints
    thread: NDArray[np.uint64]
    stream: NDArray[np.uint64]
    raw: Mask
    asking: NDArray[np.uint64]
    side: Ints
    closing: Mask
    asked: Asked
    flow: Groups
    modules: Groups
    clients: Groups
    python_levels: Ints
    hours: Ints
    total: Groups
    untimed: int
    unclocked: int
    assumed: int


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What is needed of the facts of a block as long as an event of it may go on.

    Attributes:
        lines, utc_us, message, message_hash, addressed, asked: see `Facts`.
    """

    lines: Lines
    utc_us: Ints
    message: Ints
    message_hash: NDArray[np.uint64]
    addressed: Mask
    asked: Asked

    @classmethod
    def of(cls, facts: Facts) -> Held:
        """Of these facts, over the same memory."""
        return cls(*(getattr(facts, name) for name in cls.__slots__))

    def later(self) -> Held:
        """The same in memory of its own."""
        return Held(
            self.lines.later(),
            self.utc_us.copy(),
            self.message.copy(),
            self.message_hash.copy(),
            self.addressed.copy(),
            self.asked.copy(),
        )


class Vocabulary:
    """Numbers for what lines say, the same in all blocks.

    Attributes:
        wordings: of messages.
        modules: names of modules.
        clients: addresses without port.
        kinds: role and daemon group, by number.
    """

    def __init__(self, engine: Engine, table: ClockTable) -> None:
        """Take the rules that may flag messages, and the clocks of the log."""
        self.wordings = Wordings(engine)
        self.modules = Names(_MODULES)
        self._closing = self.modules.number(CLOSING_MODULE)
        self.clients = Names(_CLIENTS)
        self._module_of = Distinct(self._learn_modules)
        self._client_of = Distinct(self._learn_clients)
        self.kinds, self._kind_of_clock = table.kinds
        self._is_daemon = np.array([role == "daemon" for role, _ in self.kinds], np.int64)

    @property
    def names(self) -> tuple[Names, Names, Names]:
        """Those of modules, of templates and of clients."""
        return self.modules, self.wordings.templates, self.clients

    def facts(self, lines: Lines, period: Period) -> Facts:
        """What the lines of a block say."""
        spans = lines.spans((*_HEAD, *_REST))
        head = _heads(spans)
        tail, log_id = _hashed(lines, spans[TAIL]), _hashed(lines, spans["log_id"])
        address, asker = _clients(lines, spans["client"])
        utc_us, timed = lines.utc_us, lines.utc_us != NO_TIME
        level = _levels(lines, head["level"])
        bad = level <= _WORST
        module, modules = self._modules(lines, head["module"])
        client = self._client_of.numbers(address, lines)
        python = self._is_python(module) & (tail > 0)
        wording = self.wordings.of(tail, lines, python)
        part = period.part(utc_us)
        who = self._kind_of_clock[lines.clocks]
        offset = np.where(timed, lines.offsets + OFFSET_ZERO, 0)
        flow = FLOW.pack(part=part, level=level, who=who, offset=offset)
        some = np.flatnonzero(python)
        thread = _threads(lines, head["tid"])
        sure, clocked = lines.confidences
        unread = lines.stamps.layout[lines.rows] == NO_LAYOUT
        return Facts(
            lines=lines.bare(),
            utc_us=utc_us,
            message=_message_keys(wording, level, module, period.trend(part, timed)),
            message_hash=tail,
            wording=wording,
            addressed=spans["client"].start >= 0,
            python=some,
            thread=thread,
            stream=(thread[some] ^ asker[some]) * _ODD,
            raw=lines.stamps.pid[lines.rows[some]] == NO_PID,
            asking=np.where(asker > 0, asker, log_id),
            side=self._is_daemon[who],
            closing=module == self._closing,
            asked=_asked(lines, np.flatnonzero(WORDING.holds(wording, "flagged")), who, asker),
            flow=grouped(flow, utc_us, bad),
            modules=modules,
            clients=grouped(client[client > 0], utc_us[client > 0], bad[client > 0]),
            python_levels=np.bincount(
                WORDING.number(wording[some], "python_level"), minlength=len(PYTHON_LEVELS) + 1
            ),
            hours=np.bincount((utc_us[timed] // _HOUR_US + _FIRST_HOUR) % 168, minlength=168),
            total=whole(utc_us, unread),
            untimed=int((~unread & ~lines.timed).sum()),
            unclocked=int((~unread & lines.timed & (lines.offsets == NO_OFFSET)).sum()),
            assumed=int((~unread & clocked & (sure == Confidence.ASSUMED)).sum()),
        )

    def _is_python(self, module: Ints) -> Mask:
        names = self.modules.texts
        return np.array([name in PYTHON_MODULES for name in names], np.bool_)[module]

    def _modules(self, lines: Lines, some: _Alike) -> tuple[Ints, Groups]:
        """The number of each line's module, and how many lines each has."""
        number = self._module_of.numbers(_hashed(lines, some.spans), lines, some.rows)
        return number.take(some.place), counts(number, np.bincount(some.place))

    def _learn_modules(self, rows: Ints, lines: Lines, of: Ints) -> Ints:
        texts = lines.at(of[rows]).frame(("module",))["module"]
        return np.array([self.modules.number(text) for text in texts], np.int64)

    def _learn_clients(self, rows: Ints, lines: Lines) -> Ints:
        """Httpd prints `192.0.2.7:58619` and `2001:db8::1:58619`."""
        text = pl.col("client").str.replace(r":\d+$", "").str.strip_chars("[]")
        texts = lines.at(rows).frame(("client",)).select(text).to_series()
        return np.array([self.clients.number(text) for text in texts], np.int64)


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


def _hashed(lines: Lines, spans: Spans) -> NDArray[np.uint64]:
    if not (spans.start >= 0).any():
        return np.zeros(len(spans.start), np.uint64)
    return hashes(lines.block.data, spans.start, spans.end)


def _clients(lines: Lines, spans: Spans) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """One number for each client's address, and one for each address with its port; 0 for none.

    Ports are many, and addresses few: only those are worth remembering.
    """
    (word,) = Text(lines.block).words(np.maximum(spans.end - 8, 0))
    port = port_length(word)
    port[spans.start < 0] = 0
    address = _hashed(lines, Spans(spans.start, spans.end - port))
    told = (word & ~KEEP[8 - port]) * _SPREAD
    mixed = (address ^ (told ^ (told >> np.uint64(29)))) * _ODD
    return address, np.where(spans.start >= 0, mixed ^ (mixed >> np.uint64(32)), np.uint64(0))


def _asked(lines: Lines, at: Ints, who: Ints, asker: NDArray[np.uint64]) -> Asked:
    """What is to be known of lines that rules may hold on, besides their messages."""
    some = lines.at(at)
    manner = who[at].astype(np.uint64)
    for spans in some.spans(_MANNER).values() if len(at) else ():
        told = hashes(lines.block.data, spans.start, spans.end)
        manner = (manner ^ told) * _ODD
        manner ^= manner >> np.uint64(31)
    return Asked(at, manner, lines.stamps.pid[some.rows], asker[at])


def _message_keys(wording: Ints, level: Ints, module: Ints, part: Ints) -> Ints:
    template = WORDING.number(wording, "template")
    return MESSAGE.pack(template=template, level=level, module=module, part=part)


def _threads(lines: Lines, some: _Alike) -> NDArray[np.uint64]:
    """One number for each thread of each process in each log."""
    tid = _hashed(lines, some.spans).take(some.place)
    pid = lines.stamps.pid[lines.rows].astype(np.uint64)
    mixed = (pid + np.uint64(lines.log.number + 1)) * _ODD
    mixed ^= (tid + np.uint64(1)) * _SPREAD
    return mixed ^ (mixed >> np.uint64(31))
