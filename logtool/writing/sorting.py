"""Sorting: takes lines and their instants block by block, gives the lines in UTC order.

Lines come almost sorted, and may be more than memory holds. So runs of some megabytes are sorted
as they come, kept in a temporary file, and merged: only chunks that overlap in time are in memory
together.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from logtool.sources.temporary import TemporaryBytes
from logtool.writing.splice import copy_spans
from parsers.arrays import Bytes, Ints
from parsers.classes import dataclass

#: Bytes that are sorted in memory, and bytes of lines that are read back at once.
RUN_SIZE = 32 << 20
CHUNK_SIZE = 256 << 10
#: Bytes that are held of a line beside itself: its length and its key.
_BESIDE = 16


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Lines in order: their bytes, lengths and keys."""

    text: Bytes
    lengths: Ints
    keys: Ints

    def ordered(self) -> _Lines:
        """The same lines by key; lines of the same key stay as they are."""
        if not np.any(self.keys[1:] < self.keys[:-1]):
            return self
        order = np.argsort(self.keys, kind="stable")
        lengths = self.lengths[order]
        text = np.empty_like(self.text)
        starts = np.cumsum(self.lengths) - self.lengths
        copy_spans(self.text, starts[order], text, np.cumsum(lengths) - lengths, lengths)
        return _Lines(text, lengths, self.keys[order])

    def split(self, count: int) -> tuple[_Lines, _Lines]:
        """The first `count` lines, and the rest."""
        size = int(self.lengths[:count].sum())
        return (
            _Lines(self.text[:size], self.lengths[:count], self.keys[:count]),
            _Lines(self.text[size:], self.lengths[count:], self.keys[count:]),
        )

    @staticmethod
    def joined(parts: list[_Lines]) -> _Lines:
        """One after the other."""
        if len(parts) == 1:
            return parts[0]
        return _Lines(
            np.concatenate([part.text for part in parts]),
            np.concatenate([part.lengths for part in parts]),
            np.concatenate([part.keys for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Where some lines of a run stand in the temporary file, and their first key."""

    place: int
    size: int
    lines: int
    first: int


class LineSorter:
    """Takes lines with keys, gives them sorted; a context that drops its temporary file."""

    def __init__(self) -> None:
        self._held: list[_Lines] = []
        self._held_size = 0
        self._runs: list[list[_Chunk]] = []
        self._file = TemporaryBytes("lines to sort")
        self._end = 0

    def __enter__(self) -> LineSorter:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, text: Bytes, lengths: Ints, keys: Ints) -> None:
        """Take lines.

        Args:
            text: uint8, their bytes with their newlines; not to be changed afterwards.
            lengths: int64[n], of each line.
            keys: int64[n], what to sort by; lines of the same key keep their order.
        """
        self._held.append(_Lines(text, lengths, keys))
        self._held_size += len(text) + _BESIDE * len(keys)
        if self._held_size >= RUN_SIZE:
            self._spill()

    def sorted_text(self) -> Iterator[Bytes]:
        """Everything that was added, sorted, in pieces."""
        if not self._runs:
            if self._held:
                yield _Lines.joined(self._held).ordered().text
            return
        if self._held:
            self._spill()
        yield from self._merged()

    def _spill(self) -> None:
        run = _Lines.joined(self._held).ordered()
        self._held, self._held_size = [], 0
        chunks = []
        ends = np.cumsum(run.lengths)
        row = 0
        while row < len(ends):
            begin = int(ends[row] - run.lengths[row])
            last = max(int(np.searchsorted(ends, begin + CHUNK_SIZE, side="right")), row + 1)
            text = run.text[begin : int(ends[last - 1])]
            place = self._write(text.data, run.lengths[row:last].data, run.keys[row:last].data)
            chunks.append(_Chunk(place, len(text), last - row, int(run.keys[row])))
            row = last
        self._runs.append(chunks)

    def _write(self, *parts: memoryview) -> int:
        place = self._end
        for part in parts:
            self._file.write_at(part, self._end)
            self._end += part.nbytes
        return place

    def _read(self, chunk: _Chunk) -> _Lines:
        text = np.empty(chunk.size, np.uint8)
        lengths, keys = np.empty(chunk.lines, np.int64), np.empty(chunk.lines, np.int64)
        place = chunk.place
        for part in (text, lengths, keys):
            self._file.read_at(part.data, place)
            place += part.nbytes
        return _Lines(text, lengths, keys)

    def _merged(self) -> Iterator[Bytes]:
        """Merge the runs: at each step, all lines up to the end of the chunk that ends first."""
        waiting = sorted(range(len(self._runs)), key=lambda run: self._runs[run][0].first)
        left = [iter(chunks) for chunks in self._runs]
        heads: dict[int, _Lines] = {}
        while waiting or heads:
            if not heads:
                first = waiting.pop(0)
                heads[first] = self._read(next(left[first]))
            # Of equal keys, those of an earlier run come first.
            bound = min((int(lines.keys[-1]), run) for run, lines in heads.items())
            while waiting and (self._runs[waiting[0]][0].first, waiting[0]) <= bound:
                run = waiting.pop(0)
                heads[run] = self._read(next(left[run]))
                bound = min(bound, (int(heads[run].keys[-1]), run))
            yield self._step(heads, left, bound).text

    def _step(
        self, heads: dict[int, _Lines], left: list[Iterator[_Chunk]], bound: tuple[int, int]
    ) -> _Lines:
        taken = []
        for run in sorted(heads):
            side = "right" if run <= bound[1] else "left"
            count = int(np.searchsorted(heads[run].keys, bound[0], side=side))  # type: ignore[call-overload]
            if not count:
                continue
            part, rest = heads[run].split(count)
            taken.append(part)
            if len(rest.keys):
                heads[run] = rest
            elif chunk := next(left[run], None):
                heads[run] = self._read(chunk)
            else:
                del heads[run]
        return _Lines.joined(taken).ordered()
