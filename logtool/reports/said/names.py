"""Names: take texts, number the different ones; of very many the rare ones are given up."""

from __future__ import annotations

import sys

import numpy as np

from parsers.arrays import Ints

#: Of those that are known last so many are kept: lines of theirs may not be counted yet.
_YOUNG = 1 << 14
_NONE: Ints = np.zeros(0, np.int64)


class Names:
    """Texts numbered in the order in which they come, from 1; 0 stands for none.

    No number is given twice, so that one whose text was given up stands for no other.

    Attributes:
        texts: those that are known, by their numbers; none by 0.
    """

    def __init__(self, limit: int = sys.maxsize, most: int = sys.maxsize) -> None:
        """Of more than `limit` texts some are to be given up; what comes after `most` has none."""
        self.texts: dict[int, str] = {0: ""}
        self._numbers: dict[str, int] = {"": 0}
        self._limit, self._most = limit, most
        self._room = limit
        self._last = self._told = 0

    @property
    def is_full(self) -> bool:
        """Whether there are more than are to be known at once."""
        return len(self.texts) - 1 > self._room

    def number(self, text: str | None) -> int:
        """The number of a text."""
        if not text:
            return 0
        number = self._numbers.get(text)
        if number is None:
            if self._last == self._most:
                return 0
            self._last = number = self._last + 1
            self._numbers[text] = number
            self.texts[number] = text
        return number

    def news(self) -> list[str]:
        """The texts numbered since this was last asked, if none of them was given up."""
        before, self._told = self._told, self._last
        return [self.texts[number] for number in range(before + 1, self._last + 1)]

    def keep_frequent(self, number: Ints, lines: Ints, needed: Ints = _NONE) -> None:
        """Give up what is rare, until half as many are left as may be known.

        Args:
            number: of texts, each once.
            lines: how many each has.
            needed: numbers that are kept however rare, besides.
        """
        # Of those that are as rare as each other the younger ones may become frequent yet.
        often = number[np.lexsort((number, lines))][-self._limit // 2 :]
        young = range(max(1, self._last - _YOUNG), self._last + 1)
        kept = {0, *often.tolist(), *young, *needed.tolist()}
        self.texts = {number: text for number, text in self.texts.items() if number in kept}
        self._numbers = {text: number for number, text in self.texts.items()}
        # Much may be needed: it is not looked through again before as much has come.
        self._room = max(self._limit, len(self.texts) - 1 + self._limit // 2)
