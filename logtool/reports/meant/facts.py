"""Facts: what the lines of a block say, as numbers, and what of it is counted already.

What depends on the lines before and after, such as which lines are one traceback, is left to
`counting`, which sees the blocks in order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.events.joining import WORTH
from logtool.frame.lines import Lines
from logtool.reports.meant.wordings import WORDING
from logtool.reports.said.numbered import Numbered, Written
from logtool.reports.tallies.tally import Groups, grouped, groups_of
from parsers.arrays import Ints, Mask
from parsers.classes import dataclass
from parsers.compiled import kernel as kernels
from parsers.compiled.rows import Keyed, Rows, Told
from parsers.lines import NO_PID
from parsers.python_levels import LEVELS as PYTHON_LEVELS

Numbers = NDArray[np.int32]
Hashes = NDArray[np.uint64]

_NOWHERE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Lines of a block that some rule may hold on.

    Attributes:
        at: int64[k], which lines, rising.
        manner: uint64[k], one number for all that rules look at but for messages.
        pid: int64[k], NO_PID for none.
        client: uint64[k], one number for each client with its port; 0 for none.
    """

    at: Ints
    manner: NDArray[np.uint64]
    pid: Ints
    client: NDArray[np.uint64]

    def copy(self) -> Asked:
        """The same in memory of its own."""
        return Asked(*(getattr(self, name).copy() for name in self.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """What is known of the messages that a process has numbered, by their numbers.

    Attributes:
        wording: int64[m], packed by `wordings.WORDING`.
        template: int64[m], packed by `keys.MESSAGE`.
        said: uint64[m], one number for each text and its referer; 0 for none.
        sign: uint64[m], by which stacks are told apart; see `signs.signs_of`.
        python: bool[m], whether Python's text may be in it.
    """

    wording: Ints
    template: Ints
    said: Hashes
    sign: Hashes
    python: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What is needed of the facts of a block as long as an event or a request of it may go on.

    Attributes:
        lines, utc_us, addressed, asking, asked: see `Facts`.
        number, writer: int32[n], of the message of each line, and who wrote it.
        words: what is known of messages.
        manner: int64[w], packed by `keys.MESSAGE`, but for the template.
        writers: what else is known of these.
    """

    lines: Lines
    utc_us: Ints
    addressed: Mask
    asking: Hashes
    asked: Asked
    number: Numbers
    writer: Numbers
    words: Words
    manner: Ints
    writers: Written

    @property
    def rows(self) -> Rows:
        """What stretches are found by; messages tell `wordings.WORDING`."""
        writers = self.writers
        return Rows(
            self.asking, self.utc_us, self.writer, self.number,
            writers.side, writers.thread, writers.closing, self.words.wording,
        )  # fmt: skip

    def message(self, at: Ints) -> Ints:
        """Messages of some lines, packed by `keys.MESSAGE`."""
        message: Ints = self.words.template[self.number[at]]
        message |= self.manner[self.writer[at]]
        return message

    def said(self, at: Ints) -> Hashes:
        """One number for what each of some lines says; 0 for nothing."""
        return self.words.said[self.number[at]]

    def later(self) -> Held:
        """The same in memory of its own."""
        return Held(
            self.lines.later(),
            self.utc_us.copy(),
            self.addressed.copy(),
            self.asking.copy(),
            self.asked.copy(),
            self.number.copy(),
            self.writer.copy(),
            self.words,
            self.manner.copy(),
            self.writers.copy(),
        )


class Facts:
    """What the lines of a block say.

    Attributes:
        lines: the lines, n of them.
        utc_us: int64[n], NO_TIME where the instant is not known.
        addressed: bool[n], whether they name a client.
        asking: uint64[n], one number for each client with its port or log ID; 0 for none.
        asked: the lines that some rule may hold on.
        flow: lines by FLOW, errors among them.
        modules: lines by their numbers in `Vocabulary`, at no time.
        clients: lines by their numbers there.
        hours: int64[168], lines by hour of the week from Monday in UTC.
        total: one group, of all lines; lines that no layout reads count as errors.
        untimed: how many lines that a layout reads have no time.
        unclocked: how many have a time whose clock is not known.
        assumed: how many have a clock that is only assumed.
    """

    def __init__(
        self,
        told: Numbered,
        words: Words,
        counts: Ints,
        manner: Ints,
        asked: Asked,
        modules: Groups,
        clients: Groups,
    ) -> None:
        """Take what a process tells, and what its numbers stand for; `manner` as in `Held`.

        `counts` is how many lines have each message: int64[m].
        """
        self.lines, self.utc_us, self.flow = told.lines, told.utc_us, told.flow.copy()
        self.addressed, self.asking = told.addressed, told.asking
        self.asked, self.modules, self.clients = asked, modules, clients
        self.hours, self.total = told.hours, told.total.copy()
        self.untimed, self.unclocked, self.assumed = told.untimed, told.unclocked, told.assumed
        self._told, self._words, self._counts, self._manner = told, words, counts, manner

    @property
    def held(self) -> Held:
        """What is needed of them later, over the same memory."""
        return Held(
            self.lines, self.utc_us, self.addressed, self.asking, self.asked,
            self._told.message, self._told.writer, self._words, self._manner, self._told.writers,
        )  # fmt: skip

    @property
    def told(self) -> Told:
        """What stacks are found by; rows tell `wordings.WORDING`."""
        told, words, lines = self._told, self._words, self.lines
        return Told(
            told.message, told.writer, told.utc_us, told.asking, told.addressed,
            words.wording, words.sign, words.python, told.writers.thread,
            told.writers.pid == NO_PID, lines.rows, lines.first_line,
        )  # fmt: skip

    def wording(self, at: Ints) -> Ints:
        """What is known of the messages of some lines, packed by `wordings.WORDING`."""
        return self._words.wording[self._told.message[at]]

    def among(self, *names: str) -> Ints:
        """The lines whose messages hold one of these numbers of `wordings.WORDING`."""
        held = WORDING.holds(self._words.wording, *names)
        if not self._counts[held].any():
            return _NOWHERE
        return np.flatnonzero(held.take(self._told.message))

    def messages(self, some: Mask) -> Groups:
        """Some of the lines by `keys.MESSAGE`, if they talk.

        Args:
            some: bool[n], which lines.
        """
        told, words = self._told, self._words
        talks = WORDING.holds(words.wording, "talks")
        kernel = kernels.loaded() if len(some) >= WORTH else None
        if kernel is not None:
            rows = Keyed(
                told.message, told.writer, told.utc_us, some, talks, words.template, self._manner
            )
            if (groups := kernel.keyed(rows)) is not None:
                return groups_of(groups)
        at = np.flatnonzero(some & talks.take(told.message))
        return grouped(self.held.message(at), self.utc_us[at])

    @property
    def python_levels(self) -> Ints:
        """int64[6], lines by the level that Python wrote, 0 for none; of those that may hold it."""
        words = self._words
        lines = self._counts * words.python
        level = WORDING.number(words.wording, "python_level")
        return np.bincount(level, lines, len(PYTHON_LEVELS) + 1).astype(np.int64)
