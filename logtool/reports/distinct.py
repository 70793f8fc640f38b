"""Distinct: takes the hashes of texts, gives what was learned of each text when it first came."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

#: Texts that are remembered; beyond it all are forgotten, and learned anew when they come again.
_LIMIT = 500_000


class Distinct:
    """One number for each distinct text, found by its hash; several threads may ask.

    What is costly to find out of a text is asked of each text once, not of each line.
    """

    def __init__(self, learn: Callable[..., Ints], limit: int = _LIMIT) -> None:
        """`learn` takes the rows of new texts and whatever else `numbers` was given."""
        self._learn = learn
        self._limit = limit
        self._lock = threading.Lock()
        self._known: tuple[Hashes, Ints] = np.zeros(0, np.uint64), np.zeros(0, np.int64)

    def numbers(self, hashes: Hashes, *given: object) -> Ints:
        """The number of each text; `learn` is asked for those that are new, in order of rows."""
        if not len(hashes):
            return np.zeros(0, np.int64)
        unique, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        answer, found = _found(*self._known, unique)
        if not found.all():
            with self._lock:
                answer, found = _found(*self._known, unique)
                new = np.flatnonzero(~found)
                new = new[np.argsort(first[new])]
                if len(new):
                    answer[new] = self._learn(first[new], *given)
                    self._keep(unique[new], answer[new])
        return answer[inverse]

    def _keep(self, hashes: Hashes, numbers: Ints) -> None:
        known, answers = self._known
        if len(known) + len(hashes) > self._limit:
            known, answers = known[:0], answers[:0]
        order = np.argsort(hashes)
        hashes, numbers = hashes[order], numbers[order]
        place = np.searchsorted(known, hashes)
        self._known = np.insert(known, place, hashes), np.insert(answers, place, numbers)


def _found(known: Hashes, answers: Ints, asked: Hashes) -> tuple[Ints, NDArray[np.bool_]]:
    if not len(known):
        return np.zeros(len(asked), np.int64), np.zeros(len(asked), np.bool_)
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return answers[place], known[place] == asked


class Names:
    """Texts numbered in the order in which they come, from 1; 0 stands for none, or too many."""

    def __init__(self, limit: int) -> None:
        """Give numbers to so many texts; what comes later has none."""
        self._limit = limit
        self._numbers: dict[str, int] = {"": 0}
        self.texts: list[str] = [""]

    def number(self, text: str | None) -> int:
        """The number of a text."""
        if not text:
            return 0
        number = self._numbers.get(text)
        if number is None:
            if len(self.texts) >= self._limit:
                return 0
            number = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return number
