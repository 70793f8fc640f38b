"""Sampling: takes blocks with their stamps, gives the few lines that are looked at closely.

Only the first lines of a process and the lines at its jumps are read: cheap for a log of any size.
"""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.received import received_us
from logtool.clocks.seen.roles import OWN_WORDS, Sample
from logtool.clocks.seen.turns import BACKWARD, FAR_US, FORWARD, SAMPLE
from parsers.arrays import Ints, Mask
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.compiled.turns import Turns
from parsers.decode import Decoder
from parsers.distinct import distinct
from parsers.excerpts import Excerpt, excerpt, joined
from parsers.lines import NO_PID, NO_TIME, Spans, Stamps
from parsers.units import SECOND

Value = TypeVar("Value")

#: Of lines with a log ID, but without a pid, those after a longer pause are read.
_PAUSE_US = 30 * SECOND
#: Of a log with more samples than these, only what tells something new of a process is added,
SAMPLE_LIMIT = 60_000
#: until there are so many.
_MOST_SAMPLES = 400_000
#: So many lines of a kind tell all that a process's lines of that kind can tell.
_OF_A_KIND = 3
#: Lines of so many bytes are read at once.
_AT_ONCE = 1 << 20
#: What is read of each line, and how much of it.
_NAMES = ("module", "client", "client_marker", "message", "log_id", "connection_log_id")
_LENGTH = 512
_IDS = frozenset({"log_id", "connection_log_id"})
#: First bytes are compared as numbers.
_WORD = np.dtype("<u4")
_OWN = np.frombuffer(b"".join(OWN_WORDS), _WORD)
_WSGI, _REMOTE, _MOD = (int.from_bytes(x, "little") for x in (b"wsgi", b"remo", b"mod_"))


class _Waiting(NamedTuple):
    """Lines of one block that are to be read: their file, numbers, bytes and stamps."""

    file: int
    lines: Ints
    few: Excerpt


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """Samples that nobody has asked for yet.

    As objects they would take several times as much memory, which cannot be given back as a whole.

    Attributes:
        numbers: int64[n], their files, lines, pids, local times, and when they were received.
        texts: the texts of each, pickled: a list for each of `_NAMES`.
    """

    numbers: tuple[Ints, ...]
    texts: bytes

    def __len__(self) -> int:
        """How many there are."""
        return len(self.numbers[0])

    def samples(self) -> Iterator[Sample]:
        """All of them."""
        files, lines, pids, times, received = (one.tolist() for one in self.numbers)
        modules, clients, markers, messages, *ids = pickle.loads(self.texts)
        texts = (modules, markers, messages, clients, *ids)
        return map(Sample, files, lines, _shared(pids), times, *texts, _shared(received))


class _Heard:
    """How much was heard of each process in one rotated set, and when last."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._newest: dict[int, int] = {}

    def choose(self, turns: Turns) -> Ints:
        """The first SAMPLE rows of each process, and rows at a jump of its local time."""
        seen = np.array([self._seen.get(pid, 0) for pid in turns.pids], np.int64)
        newest = [
            self._newest.get(pid, time)
            for pid, time in zip(turns.pids, turns.first_us.tolist(), strict=True)
        ]
        step = turns.first_us - np.array(newest, np.int64)
        leapt = turns.firsts[(step < -BACKWARD) | (step > FORWARD)]
        self._seen.update(zip(turns.pids, (seen + turns.counts).tolist(), strict=True))
        self._newest.update(zip(turns.pids, turns.newest_us.tolist(), strict=True))
        few = leapt[:0]
        if len(seen) and seen.min() < SAMPLE:
            early = turns.early
            few = early.rows[early.nth + seen.take(early.of) < SAMPLE]
        return distinct(np.concatenate([few, leapt, turns.jumps]))


class Sampler:
    """Takes blocks in true order, collects samples."""

    def __init__(
        self, limit: int = SAMPLE_LIMIT, most: int = _MOST_SAMPLES, sequences: Sequence[int] = ()
    ) -> None:
        """Begin; `sequences` are the numbers of the files' rotated sets, if there are several."""
        self._samples: list[Sample] = []
        self._kept: list[_Kept] = []
        self._waiting: list[_Waiting] = []
        self._count = 0
        self._decoder: Decoder | None = None
        self._limit, self._most = limit, most
        self._sequences = sequences
        self._heard: defaultdict[int, _Heard] = defaultdict(_Heard)

    def add(self, file: int, block: Block, stamps: Stamps, decoder: Decoder, turns: Turns) -> None:
        """Look at some stamped lines of a block."""
        rows = self._heard[self._sequences[file] if self._sequences else 0].choose(turns)
        if NO_PID in turns.pids and _has_ids(decoder):
            rows = distinct(np.concatenate([rows, _after_pauses(stamps)]))
        if not len(rows):
            return
        if decoder is not self._decoder or self._count >= self._limit:
            self._read()
        if self._count >= self._most:
            return
        self._decoder = decoder
        few = excerpt(block, stamps, rows)
        self._waiting.append(_Waiting(file, block.first_line + rows, few))
        self._count += len(rows)
        if sum(one.few.block.size for one in self._waiting) >= _AT_ONCE:
            self._read()

    @property
    def samples(self) -> list[Sample]:
        """The lines looked at, in true order."""
        self._read()
        kept, self._kept = self._kept, []
        for one in kept:
            self._samples += one.samples()
        return self._samples

    def forget(self) -> None:
        """Give up what was looked at, for a process that will not be asked."""
        self._samples, self._kept, self._waiting = [], [], []

    def _read(self) -> None:
        """Read the lines that wait: what is asked of few costs as much as what is asked of many."""
        if not self._waiting:
            return
        assert self._decoder is not None
        block, stamps = joined([one.few for one in self._waiting])
        files = np.concatenate([np.full(len(one.lines), one.file) for one in self._waiting])
        lines = np.concatenate([one.lines for one in self._waiting])
        self._waiting = []
        rows = np.arange(len(block))
        spans = self._decoder.fields(block, stamps, rows, _NAMES)
        known = len(self._samples) + sum(map(len, self._kept))
        if known >= self._limit:
            rows = np.flatnonzero(_telling(block, stamps.pid, spans))
            spans = {name: Spans(one.start[rows], one.end[rows]) for name, one in spans.items()}
        self._kept.append(_kept(files, lines, block, stamps, rows, spans))
        self._count = known + len(rows)


def _has_ids(decoder: Decoder) -> bool:
    """Whether some layout has log IDs, which tell clocks apart."""
    return any(not _IDS.isdisjoint(layout.columns) for layout in decoder.layouts)


def _after_pauses(stamps: Stamps) -> Ints:
    """The lines without a pid after a pause or a fall: from there on another clock may speak."""
    mine = np.flatnonzero((stamps.pid == NO_PID) & (stamps.local_us != NO_TIME))
    step = np.diff(stamps.local_us[mine])
    return mine[np.flatnonzero((step > _PAUSE_US) | (step < -FAR_US)) + 1]


def samples_of(
    file: int, block: Block, stamps: Stamps, decoder: Decoder, rows: Ints
) -> Iterator[Sample]:
    """Some lines of a block, by their rows, as samples."""
    files = np.full(len(block), file)
    lines = block.first_line + np.arange(len(block))
    spans = decoder.fields(block, stamps, rows, _NAMES)
    return _kept(files, lines, block, stamps, rows, spans).samples()


def _kept(
    files: Ints, lines: Ints, block: Block, stamps: Stamps, rows: Ints, spans: dict[str, Spans]
) -> _Kept:
    raw = block.data.tobytes()  # to take a piece of these takes a sixth of the time
    texts = pickle.dumps([_shared(_texts(raw, spans[name])) for name in _NAMES])
    numbers = (one[rows] for one in (files, lines, stamps.pid, stamps.local_us))
    return _Kept((*numbers, np.array(received_us(block, stamps, rows), np.int64)), texts)


def _shared(values: list[Value]) -> list[Value]:
    """The values, equal ones as one object: of a large log there are many samples."""
    same: dict[Value, Value] = {}
    return [same.setdefault(value, value) for value in values]


def _telling(block: Block, pid: Ints, spans: dict[str, Spans]) -> Mask:
    """bool[m]: what tells something new of its process."""
    words = _first_bytes(block, spans["message"])
    marked = spans["client"].start >= 0
    # What httpd says of a client's request only tells that it is a child's, as every such line.
    own = np.isin(words, _OWN) & (~marked | (words == _MOD))
    module = spans["module"]
    wsgi = (module.start < 0) | (_first_bytes(block, module) == _WSGI)
    dated = spans["log_id"].start >= 0
    remote = _first_bytes(block, spans["client_marker"]) == _REMOTE
    kind = np.where(own, 16, marked + 2 * wsgi + 4 * dated + 8 * remote)
    order = np.lexsort((kind, pid))
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (np.diff(pid[order]) != 0) | (np.diff(kind[order]) != 0)
    heads = np.flatnonzero(fresh)
    rank = np.zeros(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(heads, np.diff(np.append(heads, len(order))))
    telling: Mask = own | (rank < _OF_A_KIND)
    return telling


def _first_bytes(block: Block, spans: Spans) -> NDArray[np.uint32]:
    """The first bytes of a field as a number; 0 where there is none, or fewer bytes than that."""
    there = spans.end - spans.start >= _WORD.itemsize
    every = np.ndarray((len(block.data) - _WORD.itemsize + 1,), _WORD, block.data, 0, (1,))
    return np.where(there, every[np.where(there, spans.start, 0)], 0)


def _texts(raw: bytes, spans: Spans) -> list[bytes]:
    """The beginning of a field of each line; empty where there is none."""
    if not len(spans.start) or np.maximum.reduce(spans.start) < 0:
        return [b""] * len(spans.start)
    ends = np.minimum(spans.end, spans.start + _LENGTH)
    return [
        raw[a:b] if a >= 0 else b""
        for a, b in zip(spans.start.tolist(), ends.tolist(), strict=True)
    ]
