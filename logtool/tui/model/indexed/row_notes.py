"""RowNotes: a word for each of some rows, eight bytes a row however often a word comes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]


class RowNotes:
    """Which word stands at which row; read by one thread while nobody writes."""

    def __init__(self) -> None:
        """No row has one."""
        self._rows = array("i")
        self._which = array("i")
        self._words: dict[str, int] = {}
        self._sorted: tuple[Numbers, Numbers, tuple[str, ...]] | None = None

    def add(self, rows: Iterable[int], word: str) -> None:
        """Put a word at some rows; the first word of a row stays."""
        number = self._words.setdefault(word, len(self._words))
        before = len(self._rows)
        self._rows.extend(rows)
        self._which.extend([number] * (len(self._rows) - before))
        self._sorted = None

    def __len__(self) -> int:
        """How many rows have a word."""
        return len(self._by_row()[0])

    def __contains__(self, row: int) -> bool:
        """Whether a row has one."""
        return self.get(row) is not None

    def get(self, row: int) -> str | None:
        """The word of a row, if it has one."""
        rows, which, words = self._by_row()
        at = int(np.searchsorted(rows, row))
        if at == len(rows) or rows[at] != row:
            return None
        return words[int(which[at])]

    def __getitem__(self, row: int) -> str:
        """The word of a row that has one."""
        word = self.get(row)
        if word is None:
            raise KeyError(row)
        return word

    def _by_row(self) -> tuple[Numbers, Numbers, tuple[str, ...]]:
        if self._sorted is None:
            rows, first = np.unique(np.array(self._rows, np.int32), return_index=True)
            which = np.array(self._which, np.int32)[first]
            self._sorted = rows, which, tuple(self._words)
        return self._sorted
