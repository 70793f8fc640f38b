"""Translating: takes what lines say in the numbers of a process, gives it in those of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from logtool.reports.distinct import Names
from logtool.reports.facts import MESSAGE, Asked, Facts
from logtool.reports.numbered import Learned, News, Numbered
from logtool.reports.tallies import Groups, Packing
from logtool.reports.vocabulary import Vocabulary
from logtool.reports.wordings import WORDING, with_templates
from parsers.lines import NO_PID
from parsers.python_levels import LEVELS as PYTHON_LEVELS

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_ODD, _SPREAD = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
#: What both have in common.
_SAME = (
    *("lines", "utc_us", "addressed", "asking"),
    *("hours", "total", "untimed", "unclocked", "assumed"),
)


class Translator:
    """Gives what processes have numbered the numbers of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._processes: dict[int, _Process] = {}

    def facts(self, told: Numbered) -> Facts:
        """The facts of a block; those of one process come in the order in which it read them."""
        known = self._processes.setdefault(told.process, _Process())
        known.hear(told.news, self._vocabulary)
        wording = known.wordings.numbers.take(told.message)
        manner = known.modules.packed(told.writers.manner, MESSAGE, "module")
        message = known.templates.numbers.take(told.message)
        message |= manner.take(told.writer)
        thread, python = told.writers.thread.take(told.writer), np.flatnonzero(told.is_python)
        client = np.where(told.addressed, told.asking, np.uint64(0))
        return Facts(
            message=message,
            message_hash=known.said.numbers.take(told.message).view(np.uint64),
            wording=wording,
            python=python,
            thread=thread,
            stream=(thread[python] ^ client[python]) * _ODD,
            raw=(told.writers.pid == NO_PID).take(told.writer[python]),
            side=told.writers.side.take(told.writer),
            closing=told.writers.closing.take(told.writer),
            asked=_asked(told, client, np.flatnonzero(WORDING.holds(wording, "flagged"))),
            flow=told.flow.copy(),  # sums are kept
            modules=known.modules.of(told.modules),
            clients=_named(known.clients.of(told.clients)),
            python_levels=np.bincount(
                WORDING.number(wording[python], "python_level"),
                minlength=len(PYTHON_LEVELS) + 1,
            ),
            **{name: getattr(told, name) for name in _SAME},
        )


def _named(groups: Groups) -> Groups:
    """Those that have a number: what another process has named may be too many here."""
    return groups if groups.key.all() else groups.at(np.flatnonzero(groups.key))


def _asked(told: Numbered, client: Hashes, at: Ints) -> Asked:
    """What is to be known of lines that rules may hold on, besides their messages."""
    writer = told.writer[at]
    manner = told.marker[at].astype(np.uint64) << np.uint64(32) ^ told.writers.named[writer]
    place = np.searchsorted(told.told, at)
    status = np.flatnonzero(np.append(told.told, -1)[place] == at)
    manner[status] = (manner[status] ^ told.status[place[status]]) * _ODD
    level = MESSAGE.number(told.writers.manner[writer], "level").astype(np.uint64)
    manner = (manner ^ level * _SPREAD) * _ODD
    manner ^= manner >> np.uint64(31)
    return Asked(at, manner, told.writers.pid[writer], client[at])


class _Process:
    """What the numbers of a process stand for here.

    Attributes:
        wordings: of messages, packed by WORDING.
        templates: of messages, packed by MESSAGE.
        said: of messages, what they and their referers say, as bits of a signed number.
        modules, clients: their numbers.
    """

    def __init__(self) -> None:
        self.wordings, self.templates, self.said = _Map(), _Map(), _Map()
        self.modules, self.clients = _Map(), _Map()
        self._templates = _Map()

    def hear(self, news: News, vocabulary: Vocabulary) -> None:
        """Learn what its next numbers stand for."""
        self.modules.name(news.modules, vocabulary.modules)
        self.clients.name(news.clients, vocabulary.clients)
        if news.anew:
            self.wordings, self.templates, self.said = _Map(), _Map(), _Map()
        if isinstance(news.messages, Learned):
            self._templates.name(news.messages.templates, vocabulary.wordings.templates)
            wording = with_templates(news.messages.wording, self._templates.numbers)
        else:
            wording = vocabulary.wordings.of(news.messages)
        self.wordings.add(wording)
        self.said.add(news.messages.said.view(np.int64))
        template = WORDING.number(wording, "template")
        self.templates.add(MESSAGE.pack(template=template, level=0, module=0, part=0))


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
        self.add(np.array([names.number(text) for text in texts], np.int64))

    def packed(self, key: Ints, packing: Packing, name: str) -> Ints:
        """Keys with one of their numbers replaced."""
        return key if self._is_same else packing.mapped(key, name, self.numbers)

    def of(self, groups: Groups) -> Groups:
        """Groups by number, in memory of their own."""
        held = groups.copy()
        return held if self._is_same else replace(held, key=self.numbers.take(groups.key))
