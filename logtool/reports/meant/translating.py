"""Translating: takes what lines say in the numbers of a process, gives it in those of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from logtool.frame.hashing import ODD, SPREAD
from logtool.reports.meant.facts import Asked, Facts, Words
from logtool.reports.meant.signs import signs_of
from logtool.reports.meant.vocabulary import Vocabulary
from logtool.reports.meant.wordings import WORDING
from logtool.reports.said.names import Names
from logtool.reports.said.numbered import Learned, News, Numbered
from logtool.reports.tallies.keys import MESSAGE
from logtool.reports.tallies.packing import Packing
from logtool.reports.tallies.tally import Groups
from parsers.arrays import Ints

_NOWHERE = np.zeros(0, np.int64)


class Translator:
    """Gives what processes have numbered the numbers of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._processes: dict[int, _Process] = {}

    def facts(self, told: Numbered) -> Facts:
        """The facts of a block; those of one process come in the order in which it read them."""
        known = self._processes.setdefault(told.process, _Process())
        known.hear(told.news, self._vocabulary)
        self._vocabulary.told_clients[told.process] = known.clients.numbers
        words = known.words
        flagged = WORDING.holds(words.wording, "flagged")
        lines = np.bincount(told.message, minlength=len(flagged))
        at = np.flatnonzero(flagged.take(told.message)) if lines[flagged].any() else _NOWHERE
        return Facts(
            told,
            words,
            lines,
            known.modules.packed(told.writers.manner, MESSAGE, "module"),
            _asked(told, at),
            known.modules.of(told.modules),
            known.clients.of(told.clients),
        )


def _asked(told: Numbered, at: Ints) -> Asked:
    """What is to be known of lines that rules may hold on, besides their messages."""
    writer = told.writer[at]
    manner = told.marker[at].astype(np.uint64) << np.uint64(32) ^ told.writers.named[writer]
    place = np.searchsorted(told.told, at)
    status = np.flatnonzero(np.append(told.told, -1)[place] == at)
    manner[status] = (manner[status] ^ told.status[place[status]]) * ODD
    level = MESSAGE.number(told.writers.manner[writer], "level").astype(np.uint64)
    manner = (manner ^ level * SPREAD) * ODD
    manner ^= manner >> np.uint64(31)
    client = np.where(told.addressed[at], told.asking[at], np.uint64(0))
    return Asked(at, manner, told.writers.pid[writer], client)


class _Process:
    """What the numbers of a process stand for here.

    Attributes:
        modules, clients: their numbers.
    """

    def __init__(self) -> None:
        self.modules, self.clients = _Map(), _Map()
        self._templates = _Map()
        self._forget()

    def _forget(self) -> None:
        self._wordings, self._packed, self._said = _Map(), _Map(), _Map()
        self._signs, self._python = _Map(), _Map()

    @property
    def words(self) -> Words:
        """What is known of its messages."""
        return Words(
            self._wordings.numbers,
            self._packed.numbers,
            self._said.numbers.view(np.uint64),
            self._signs.numbers.view(np.uint64),
            self._python.numbers > 0,
        )

    def hear(self, news: News, vocabulary: Vocabulary) -> None:
        """Learn what its next numbers stand for."""
        self.modules.name(news.modules, vocabulary.modules)
        if news.clients_anew:
            self.clients = _Map()
        self.clients.name(news.clients, vocabulary.clients)
        if news.anew:
            self._forget()
        if not len(news.messages.said):
            return
        if isinstance(news.messages, Learned):
            if news.messages.anew:
                self._templates = _Map()
            self._templates.name(news.messages.templates, vocabulary.wordings.templates)
            wording = WORDING.mapped(news.messages.wording, "template", self._templates.numbers)
        else:
            wording = vocabulary.wordings.of(news.messages)
        self._wordings.add(wording)
        template = WORDING.number(wording, "template")
        self._packed.add(MESSAGE.pack(template=template, level=0, module=0, part=0))
        said = news.messages.said
        self._said.add(said.view(np.int64))
        self._signs.add(signs_of(wording, said).view(np.int64))
        self._python.add(news.messages.python.astype(np.int64))


class _Map:
    """For each number of another process one of this; for 0 it is 0."""

    def __init__(self) -> None:
        self._room, self._size = np.zeros(64, np.int64), 1
        self._is_same = True

    @property
    def numbers(self) -> Ints:
        """That of each number."""
        return self._room[: self._size]

    def add(self, numbers: Ints) -> None:
        """Add those of the next numbers there."""
        end = self._size + len(numbers)
        if end > len(self._room):
            self._room = np.append(self._room, np.zeros(end, np.int64))
        self._room[self._size : end] = numbers
        if len(numbers):
            self._is_same &= np.array_equal(numbers, np.arange(self._size, end))
        self._size = end

    def name(self, texts: Sequence[str], names: Names) -> None:
        """Add texts that have the next numbers there."""
        if texts:
            self.add(np.array([names.number(text) for text in texts], np.int64))

    def packed(self, key: Ints, packing: Packing, name: str) -> Ints:
        """Keys with one of their numbers replaced."""
        return key if self._is_same else packing.mapped(key, name, self.numbers)

    def of(self, groups: Groups) -> Groups:
        """Groups by number, in memory of their own."""
        held = groups.copy()
        return held if self._is_same else replace(held, key=self.numbers.take(groups.key))
