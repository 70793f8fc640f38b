"""Translating: takes facts in the numbers of another process, gives them in those of this one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from logtool.reports.distinct import Names
from logtool.reports.facts import MESSAGE, Facts, Vocabulary
from logtool.reports.tallies import Groups
from logtool.reports.wordings import WORDING
from parsers.classes import dataclass

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Foreign:
    """The facts of a block as another process has them.

    Attributes:
        process: which one.
        facts: in its numbers.
        news: the texts that it has numbered since its last ones, of each of `Vocabulary.names`.
    """

    process: int
    facts: Facts
    news: tuple[list[str], ...]


class Translator:
    """Gives facts of other processes the numbers of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._names = vocabulary.names
        self._maps: dict[int, tuple[_Map, ...]] = {}

    def facts(self, foreign: Foreign) -> Facts:
        """The same facts; those of one process come in the order in which it made them."""
        maps = self._maps.setdefault(foreign.process, tuple(_Map() for _ in self._names))
        for known, names, news in zip(maps, self._names, foreign.news, strict=True):
            known.add(names, news)
        modules, templates, clients = maps
        facts, message, wording = foreign.facts, foreign.facts.message, foreign.facts.wording
        if not modules.is_same:
            message = MESSAGE.mapped(message, "module", modules.numbers)
        if not templates.is_same:
            message = MESSAGE.mapped(message, "template", templates.numbers)
            wording = WORDING.mapped(wording, "template", templates.numbers)
        return replace(
            facts,
            message=message,
            wording=wording,
            flow=facts.flow.copy(),  # sums are kept
            modules=_mapped(facts.modules, modules),
            clients=_mapped(facts.clients, clients),
        )


class _Map:
    """For each number of another process that of this one.

    Attributes:
        is_same: all are equal.
    """

    def __init__(self) -> None:
        self._room, self._size = np.zeros(64, np.int64), 1
        self.is_same = True

    @property
    def numbers(self) -> Ints:
        return self._room[: self._size]

    def add(self, names: Names, news: list[str]) -> None:
        """Add the texts that have the next numbers there."""
        if not news:
            return
        end = self._size + len(news)
        if end > len(self._room):
            self._room = np.append(self._room, np.zeros(end, np.int64))
        self._room[self._size : end] = new = [names.number(text) for text in news]
        self.is_same &= new == list(range(self._size, end))
        self._size = end


def _mapped(groups: Groups, known: _Map) -> Groups:
    held = groups.copy()
    return held if known.is_same else replace(held, key=known.numbers.take(groups.key))
