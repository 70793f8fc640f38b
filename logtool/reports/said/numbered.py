"""Numbered: what a process tells of a block: what its lines say, in numbers of its own, and news.

Nothing here loads polars: it is made in child processes. What it says of whoever wrote a line is
said once for all lines of each writer, so little is handed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logtool.frame.lines import Lines
from logtool.reports.tallies.tally import Groups
from parsers.arrays import Bytes, Ints, Mask
from parsers.classes import dataclass

Hashes = NDArray[np.uint64]

#: Makes a message of Python's module another one than the same text elsewhere.
PYTHON = np.uint64(0x9E3779B97F4A7C15)
#: Columns of `Written`.
_WRITTEN = 6
#: What of a `Numbered` is pickled as it is.
_AS_IT_IS = (
    "process", "news", "message", "writer", "marker", "lines", "utc_us", "addressed", "asking",
    "untimed", "unclocked", "assumed",
)  # fmt: skip
#: Bytes that whoever reads texts may look at behind the last one.
_PADDING = 16


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Some texts.

    Attributes:
        data: uint8, where they stand, and some more bytes that can be read.
        start, end: int64[k], half-open places there; -1 for none.
    """

    data: Bytes
    start: Ints
    end: Ints

    def copied(self) -> Texts:
        """The same in memory of their own, without what stands between them."""
        there = self.start >= 0
        length = np.where(there, self.end - self.start, 0)
        end = np.cumsum(length)
        start, total = end - length, int(length.sum())
        held = np.zeros(total + _PADDING, np.uint8)
        held[:total] = self.data[np.arange(total) + np.repeat(self.start - start, length)]
        return Texts(held, np.where(there, start, -1), np.where(there, end, -1))

    def close(self) -> Texts:
        """These, or a copy in which they are at least half of the bytes."""
        length = int((self.end - self.start)[self.start >= 0].sum())
        return self if 2 * length > len(self.data) else self.copied()

    def at(self, chosen: Ints) -> Texts:
        """Some of them."""
        return Texts(self.data, self.start[chosen], self.end[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class Messages:
    """Messages that are new.

    Attributes:
        hash: uint64[k], of what `Numbered.message` numbers.
        python: bool[k], whether Python's text may be in it: the same text elsewhere is another one.
        tag, text: what it is.
    """

    hash: Hashes
    python: Mask
    tag: Texts
    text: Texts

    @property
    def said(self) -> Hashes:
        """uint64[k], of the message and its referer, whoever says it."""
        return np.where(self.python, self.hash ^ PYTHON, self.hash)

    def at(self, chosen: Ints) -> Messages:
        """Some of them."""
        return Messages(
            self.hash[chosen], self.python[chosen], self.tag.at(chosen), self.text.at(chosen)
        )

    def copied(self) -> Messages:
        """The same, of which no text lies in a block."""
        return Messages(self.hash, self.python, self.tag.copied(), self.text.copied())


_NO_TEXTS = Texts(np.zeros(0, np.uint8), np.zeros(0, np.int64), np.zeros(0, np.int64))
#: Most blocks have no new one.
NO_MESSAGES = Messages(np.zeros(0, np.uint64), np.zeros(0, np.bool_), _NO_TEXTS, _NO_TEXTS)


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What is to be known of messages that are new, where their process found it out.

    Attributes:
        wording: int64[k], packed by `wordings.WORDING`, in its numbers of templates.
        anew: it has forgotten all templates that it numbered before.
        templates: the texts that it has numbered since its last ones.
        said, python: as in `Messages`.
    """

    wording: Ints
    anew: bool
    templates: Sequence[str]
    said: Hashes
    python: Mask


@dataclass(frozen=True, slots=True, eq=False)
class News:
    """What a process has numbered since its last block.

    Attributes:
        anew: it has forgotten all messages that it numbered before.
        messages: those with the next numbers, or what is to be known of them.
        modules: names with the next numbers.
        clients_anew: it has forgotten all clients that it numbered before.
        clients: addresses with the next numbers.
    """

    anew: bool
    messages: Messages | Learned
    modules: Sequence[str]
    clients_anew: bool
    clients: Sequence[str]

    def copied(self) -> News:
        """The same, of which nothing lies in a block."""
        if isinstance(self.messages, Learned) or self.messages is NO_MESSAGES:
            return self
        return replace(self, messages=self.messages.copied())


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """What is known of writers: lines that one thread of a process wrote in the same manner.

    Attributes:
        manner: int64[w], packed by `keys.MESSAGE`, but for the template.
        named: uint64[w], one number for their module and the kind of their process.
        pid: int64[w], NO_PID for none.
        thread: uint64[w], one number for each file, pid and tid.
        side: int64[w], one number for the daemons, one for all other processes.
        closing: bool[w], whether they write in the module that tells of the ends of connections.
    """

    manner: Ints
    named: Hashes
    pid: Ints
    thread: Hashes
    side: Ints
    closing: Mask

    @property
    def columns(self) -> tuple[Ints, ...]:
        """The same as six columns of numbers, as `of` takes them."""
        bits = self.named.view(np.int64), self.thread.view(np.int64)
        return self.manner, self.pid, self.side, *bits, self.closing.astype(np.int64)

    @classmethod
    def of(cls, columns: Sequence[Ints]) -> Written:
        """Those whose `columns` these are."""
        manner, pid, side, named, thread, closing = columns
        return cls(manner, named.view(np.uint64), pid, thread.view(np.uint64), side, closing > 0)

    def copy(self) -> Written:
        """The same in memory of its own."""
        return Written(*(getattr(self, name).copy() for name in self.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class Numbered:
    """What the lines of a block say, in numbers of the process that read them.

    What is not told here is as in `facts.Facts`, but that modules and clients have other numbers.

    Attributes:
        process: which one.
        news: what it has numbered first in this block.
        message: int32[n], the number of the message; 0 for none.
        writer: int32[n], which of the writers wrote it.
        writers: what is known of these.
        marker: uint8[n], the first letter of the word before the client; 0 for none.
        told: int64[s], the lines that tell a status.
        status: uint64[s], one number for each of these.
    """

    process: int
    news: News
    message: NDArray[np.int32]
    writer: NDArray[np.int32]
    writers: Written
    marker: Bytes
    told: Ints
    status: Hashes
    lines: Lines
    utc_us: Ints
    addressed: Mask
    asking: Hashes
    flow: Groups
    modules: Groups
    clients: Groups
    hours: Ints
    total: Groups
    untimed: int
    unclocked: int
    assumed: int

    def __reduce__(self) -> tuple[Callable[..., Numbered], tuple[object, ...]]:
        """Pickled with all that is short as one array: to hand over any takes as long."""
        columns = (
            *self.writers.columns,
            *(getattr(groups, name) for groups in self._grouped for name in Groups.__slots__),
            self.hours, self.told, self.status.view(np.int64),
        )  # fmt: skip
        rest = {name: getattr(self, name) for name in _AS_IT_IS}
        return _numbered, (np.concatenate(columns), tuple(map(len, columns)), rest)

    @property
    def _grouped(self) -> tuple[Groups, ...]:
        return self.flow, self.modules, self.clients, self.total


def _numbered(every: Ints, sizes: Sequence[int], rest: Mapping[str, Any]) -> Numbered:
    """What was pickled."""
    ends = list(accumulate(sizes))
    columns = [every[end - size : end] for end, size in zip(ends, sizes, strict=True)]
    *columns, hours, told, status = columns
    written, grouped = columns[:_WRITTEN], columns[_WRITTEN:]
    each = len(Groups.__slots__)
    flow, modules, clients, total = (
        Groups(*grouped[at : at + each]) for at in range(0, len(grouped), each)
    )
    return Numbered(
        **rest, writers=Written.of(written), told=told, status=status.view(np.uint64),
        flow=flow, modules=modules, clients=clients, hours=hours, total=total,
    )  # fmt: skip
