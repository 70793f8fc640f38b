"""Heading: takes lines that begin with heads that come again, tells of the texts behind these.

Heads (`parsers.steps.once`) are found by the loop that tells of these texts
(`parsers.steps.peeling`). What steps find on a head is remembered from block to block.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Mask
from parsers.compiled.kinds import KIND_WORDS, NO_LEVELS, Headed, Heads, Lines
from parsers.lines import NO_PID, Alike, Spans
from parsers.scanning import Places
from parsers.steps.cursor import UNSHARED, Cursor, Findings, Step, columns_of, read_by
from parsers.steps.message_step import MessageStep
from parsers.steps.once import FIRST_WIDTH, OnceStep, numbers, places_of_kinds
from parsers.steps.peeling import PeelStep

#: Fewer lines than this are read step by step.
_LEAST_ROWS = 512
#: As loops are told of heads.
_READ, _UNREAD, _UNSURE = 1, 0, 2


class HeadedStep:
    """Steps for heads, and those behind them, of whose texts one loop tells if there is a kernel.

    Attributes:
        columns: those of both.
    """

    reach = UNSHARED

    def __init__(self, once: OnceStep, peel: PeelStep, *, tells_pids: bool) -> None:
        """Take the steps for heads, and those up to the message.

        `tells_pids`: no other step does.
        """
        self.columns = (*once.columns, *peel.columns)
        self._tells_pids = tells_pids
        self._once, self._peel = once, peel
        self._begin((), FIRST_WIDTH)

    def _begin(self, wanted: tuple[str, ...], words: int) -> None:
        """Forget all heads: other columns are wanted, or so many words are to be compared."""
        self._wanted, self._heads = wanted, Heads(0, words)
        self._known = np.zeros((2 + 2 * len(wanted), 0), np.int64)

    def run(self, c: Cursor) -> Mask:
        """Read what all the steps read; the rows on which one of them fails are not read."""
        fine = self._told(c)
        return read_by((self._once, self._peel), c) if fine is None else fine

    def _told(self, c: Cursor) -> Mask | None:
        """What the loop tells of columns, whose places are found later; None if it cannot."""
        found, kernel = c.found, c.text.kernel
        asked = self._peel.asked(found)
        wanted = tuple(x for x in dict.fromkeys(self._once.columns) if x in found.wanted)
        if kernel is None or asked is None or found.signing is None or found.alike is not None:
            return None
        if not _LEAST_ROWS <= len(c.rows) == found.size or c.goes_on or found.spans:
            return None
        if wanted != self._wanted:
            self._begin(wanted, FIRST_WIDTH)
        ends, is_raw = c.raw_end
        program = self._peel.program(asked)
        lines = Lines(c.at, ends, is_raw, NO_LEVELS)
        learn = partial(self._learn, c)
        read = kernel.headed(c.text.data, lines, program, found.signing, self._heads, learn=learn)
        if read is None:
            return None
        self._note(c, read)
        of_heads = kernel.of_heads[read.heads]
        moved, level = of_heads[:, 0].astype(np.int64), of_heads[:, 1].astype(np.int8)
        behind = partial(_behind, lines, read.kinds, moved, level)
        self._peel.note(c, program, (read.signs, read.long), read.fine, behind)
        return read.fine

    def _learn(self, c: Cursor, rows: Places) -> bool:
        """Read heads that are new; whether the loop can go on with the words that it compares."""
        kernel, heads = c.text.kernel, self._heads
        assert kernel is not None
        ends, is_raw = c.raw_end
        every = np.arange(len(rows))
        found = Findings(len(rows), self._wanted)
        some = Cursor(c.text, found, every, c.at[rows], ends[rows], is_raw=is_raw)
        read = self._once.read_heads(some, every, 8 * heads.words, self._wanted, 1.0)
        wider = min(self._once.width, KIND_WORDS)
        if wider > heads.words and not read.sure.all():
            self._begin(self._wanted, wider)  # for what comes
            return False
        before = heads.count - len(rows)
        state = np.where(read.sure, np.where(read.fine, _READ, _UNREAD), _UNSURE)
        told = read.moved, read.level, state
        kernel.of_heads[before : heads.count, :3] = np.stack(told, axis=1)
        names = list(islice(numbers, len(rows)))
        pid = read.pid if self._tells_pids else np.full(len(rows), NO_PID)
        columns = names, pid, *(ends for places in read.places for ends in places)
        self._known = np.hstack((self._known[:, :before], np.array(columns, np.int64)))
        return True

    def _note(self, c: Cursor, read: Headed) -> None:
        """Note where columns of heads stand, and which lines have the same one."""
        texts, pids, *ends = self._known[:, read.heads]
        for name, start, end in zip(self._wanted, ends[::2], ends[1::2], strict=True):
            find = partial(places_of_kinds, c.at, read.kinds, start, end)
            c.found.spans[name] = Spans.later(find)
        c.found.alike = Alike(read.firsts, read.kinds, texts, pids)
        c.found.alike_columns = self._once.columns


def _behind(
    lines: Lines,
    kinds: NDArray[np.int32],
    moved: Places,
    level: NDArray[np.int8],
    rows: Places | slice,
) -> Lines:
    """What is left of some lines behind their heads."""
    some = kinds[rows]
    places = lines.places[rows] + moved.take(some)
    return Lines(places, lines.ends[rows], lines.is_raw, level.take(some))


def headed(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps, of which those up to the message are one where they begin with heads."""
    match steps:
        case [*before, OnceStep() as once, PeelStep() as peel, MessageStep() as message]:
            others = columns_of((*before, peel, message))
            return *before, HeadedStep(once, peel, tells_pids="pid" not in others), message
    return tuple(steps)
