"""Matching: takes a regular expression and rows, gives those whose line it matches.

Whole pieces of a log are searched at once, not line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.errors import UsageError
from logtool.tui.model.indexed.index import LineIndex
from logtool.tui.model.reading.builder import ShownLog
from parsers.classes import dataclass

Rows = NDArray[np.int32]

#: Bytes searched at once; nobody else may run Python meanwhile, so a few milliseconds.
PIECE = 1 << 20
#: Lines searched at once: more only where they are short.
_LINES = 1 << 15
#: More of one line is not searched.
_LONGEST = 64 << 20
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_SPECIAL = re.compile(r"[\\.^$*+?{}\[\]|()]")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression over the bytes of a line.

    Attributes:
        text: as the user wrote it.
        compiled: what is searched for.
        ignore_case: it has no capital letter, so lines are searched in lower case.
        literal: the same bytes, where the expression is nothing but them.
    """

    text: str
    compiled: re.Pattern[bytes]
    ignore_case: bool
    literal: bytes | None

    @classmethod
    def of(cls, text: str) -> Pattern:
        """Compile an expression; without a capital letter it matches either case.

        Raises:
            UsageError: it is no regular expression.
        """
        raw = text.encode()
        ignore_case = not any(letter.isupper() for letter in _ESCAPED.sub("", text))
        try:
            compiled = re.compile(raw, re.MULTILINE)
        except re.error as fault:
            raise UsageError(f"{text}: {fault}") from fault
        literal = None if _SPECIAL.search(text) else raw
        return cls(text, compiled, ignore_case, literal)

    @classmethod
    def literally(cls, raw: bytes) -> Pattern:
        """The pattern of some bytes as they are."""
        text = raw.decode("utf-8", "backslashreplace")
        return cls(text, re.compile(re.escape(raw)), ignore_case=False, literal=raw)

    def places(self, data: bytes) -> Iterator[int]:
        """A place in each line of `data` that matches, in order."""
        data = data.lower() if self.ignore_case else data
        return self._literal_places(data) if self.literal else self._places(data)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it matches in a text that is shown, counted in characters."""
        raw = (text.lower() if self.ignore_case else text).encode()
        found = [match.span() for match in self.compiled.finditer(raw)]
        return [(len(raw[:a].decode()), len(raw[:b].decode())) for a, b in found if a < b]

    def _literal_places(self, data: bytes) -> Iterator[int]:
        assert self.literal is not None
        at = data.find(self.literal)
        while at >= 0:
            yield at
            end = data.find(b"\n", at)
            at = data.find(self.literal, end + 1) if end >= 0 else -1

    def _places(self, data: bytes) -> Iterator[int]:
        at = 0
        while (match := self.compiled.search(data, at)) is not None:
            begin = data.rfind(b"\n", 0, match.start()) + 1
            end = data.find(b"\n", match.start())
            end = len(data) if end < 0 else end
            # An expression such as \s+ may run on into the next line, where it does not count.
            if match.end() <= end or self.compiled.search(data[begin:end]):
                yield match.start()
            if end >= len(data):
                return
            at = end + 1


def matches(
    pattern: Pattern, index: LineIndex, logs: Sequence[ShownLog], first: int, last: int
) -> Iterator[tuple[int, Rows]]:
    """Search the rows from `first` up to `last`.

    Yields:
        After each piece the row up to which all is searched, and the rows that match in it.
    """
    for piece in log_pieces(index, logs, first, last):
        found = np.fromiter(pattern.places(piece.data), np.int64)
        hits = np.searchsorted(piece.place, found, side="right") + piece.row - 1
        yield piece.stop, hits.astype(np.int32)


@dataclass(frozen=True, slots=True)
class LogPiece:
    """Rows that stand one after the other in a log, and their bytes.

    Attributes:
        log: its number.
        row: the first one.
        stop: the row after the last one.
        data: the bytes; of the last line only the first 64 MiB.
        place: int64[stop - row], where each begins in there.
    """

    log: int
    row: int
    stop: int
    data: bytes
    place: NDArray[np.int64]


def log_pieces(
    index: LineIndex, logs: Sequence[ShownLog], first: int, last: int
) -> Iterator[LogPiece]:
    """The rows from `first` up to `last`, few enough at once that others can go on meanwhile."""
    for stretch, end in index.stretches(first, last):
        row = stretch.first_row
        while row < end:
            place = index.place.between(row, min(row + _LINES, end))
            begin = int(place[0])
            stop = int(np.searchsorted(place, begin + PIECE, side="right")) + row
            stop = min(max(stop - 1, row + 1), end)
            place = place[: stop - row]
            whole = stop < end or _goes_on(index, stop)
            size = min(index.place.at(stop) - begin, _LONGEST) if whole else PIECE
            data = logs[stretch.log].bytes.read(begin, size)
            if not whole:  # what was appended since belongs to no row yet
                data = data[: data.find(b"\n", int(place[-1]) - begin) + 1] or data
            yield LogPiece(stretch.log, row, stop, data, place - begin)
            row = stop


def _goes_on(index: LineIndex, row: int) -> bool:
    """Whether the row before and this one stand in the same stretch, so that its end is known."""
    return row < len(index) and index.stretch_of(row) == index.stretch_of(row - 1)
