"""Templates: take texts, number the different ones; of very many the rare ones are given up."""

from __future__ import annotations

import numpy as np

from parsers.arrays import Ints

#: So many texts are known at once, of which each takes some 300 bytes.
LIMIT = 1 << 18
#: Of those that are known last so many are kept: lines of theirs may not be counted yet.
_YOUNG = 1 << 14


class Templates:
    """Texts numbered in the order in which they come, from 1; 0 stands for none.

    No number is given twice, so that one whose text was given up stands for no other.

    Attributes:
        texts: those that are known, by their numbers.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        """Of more than `limit` texts some are to be given up."""
        self.texts: dict[int, str] = {}
        self._limit, self._last = limit, 0
        self._numbers: dict[str, int] = {}
        self._news: list[str] = []

    @property
    def is_full(self) -> bool:
        """Whether there are more than are to be known at once."""
        return len(self.texts) > self._limit

    def number(self, text: str | None) -> int:
        """The number of a text."""
        if not text:
            return 0
        number = self._numbers.get(text)
        if number is None:
            self._last = number = self._last + 1
            self._numbers[text] = number
            self.texts[number] = text
            self._news.append(text)
        return number

    def news(self) -> list[str]:
        """The texts numbered since this was last asked."""
        news, self._news = self._news, []
        return news

    def keep_frequent(self, number: Ints, lines: Ints) -> None:
        """Give up what is rare, until half as many are left as may be known.

        Args:
            number: of texts, each once.
            lines: how many each has.
        """
        # Of those that are as rare as each other the younger ones may become frequent yet.
        often = number[np.lexsort((number, lines))][-self._limit // 2 :]
        kept = {*often.tolist(), *range(max(1, self._last - _YOUNG), self._last + 1)}
        self.texts = {number: text for number, text in self.texts.items() if number in kept}
        self._numbers = {text: number for number, text in self.texts.items()}
        self._news = []
