"""Once: takes a run of steps, reads equal texts once and gives all lines that have them the same.

Behind its stamp, a line of a log begins like many others: few modules, levels, processes and
threads make all heads. What the steps of a `OnceStep` find depends on no more bytes than they look
at, so lines whose bytes are equal that far need no second look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from parsers.cursor import UNSHARED, Cursor, Step, columns_of, run_steps
from parsers.scanning import Mask, Places, Words
from parsers.steps import Ahead, OptionalStep

#: Fewer rows than this are read one by one.
_LEAST_ROWS = 512
#: Runs of fewer steps are not worth looking for equal texts.
_LEAST_STEPS = 3
#: Words compared: at first, and at most.
_FIRST_WIDTH, _MOST_WIDTH = 5, 14
#: Share of different texts above which looking for equal ones is a waste.
_MOST_DIFFERENT = 0.5
#: Bytes behind its end that a step looks at where it succeeds: what ends a token or a number.
_SLACK = 1
#: Share of different texts that the words compared shall reach over.
_USUAL = 0.98
#: An odd number that spreads words over slots by their highest bits (2**64 by the golden ratio).
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SLOT_BITS = 16
_SLOT_SHIFT = np.uint64(64 - _SLOT_BITS)


def alike(words: Sequence[Words]) -> tuple[Places, Places]:
    """Find equal rows of words.

    Returns:
        Rows that stand for all, most texts by one row; and for each row which of those it is like.
    """
    mixed = words[0]
    for word in words[1:]:
        mixed = (mixed * _MIX) ^ word
    slot = ((mixed ^ (mixed >> np.uint64(32))) * _MIX) >> _SLOT_SHIFT
    slot = slot.view(np.int64)
    rows = np.arange(len(slot))
    # Only slots that were written are read.
    newest = np.empty(1 << _SLOT_BITS, np.int64)
    newest[slot] = rows
    like = newest.take(slot)
    differing = words[0].take(like) ^ words[0]
    for word in words[1:]:
        differing |= word.take(like) ^ word
    if differing.any():
        like = np.where(differing == 0, like, rows)
    stands = like == rows
    return np.flatnonzero(stands), (np.cumsum(stands) - 1).take(like)


class OnceStep:
    """Steps that are run on different texts only.

    Attributes:
        steps: the steps.
        columns: those of the steps.
    """

    reach = UNSHARED

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)
        self.columns = columns_of(self.steps)
        ahead = (len(step.text) for step in _every(self.steps) if isinstance(step, Ahead))
        self._slack = max(_SLACK, *ahead, 0)
        # Learnt from block to block: it changes how fast, not what is read.
        self._width = _FIRST_WIDTH

    def run(self, c: Cursor) -> Mask:
        """Read what all the steps read; the rows on which one of them fails are not read."""
        if len(c.rows) < _LEAST_ROWS or c.found.wanted:
            return self._plainly(c)
        width = self._width
        heads, like = alike(c.words(width))
        if len(heads) > _MOST_DIFFERENT * len(like):
            return self._plainly(c)
        read, moved, sure = self._read_heads(c, heads, 8 * width)
        c.found.copy_heads(self.columns, c.rows, heads, like)
        fine: Mask = read.take(like)
        at = c.at + moved.take(like)
        rest = ~sure.take(like)
        rest[-1] |= c.end[-1] >= c.text.size
        if rest.any():
            some = c.keep(np.flatnonzero(rest))
            fine[rest] = self._plainly(some)
            at[rest] = some.at
        c.at = at
        return fine

    def _plainly(self, c: Cursor) -> Mask:
        sub, kept = run_steps(self.steps, c.fork())
        if kept is None:
            c.at = sub.at
            return np.ones(len(c.rows), np.bool_)
        fine = np.zeros(len(c.rows), np.bool_)
        fine[kept] = True
        at = c.at.copy()
        at[kept] = sub.at
        c.at = at
        return fine

    def _read_heads(self, c: Cursor, heads: Places, width: int) -> tuple[Mask, Places, Mask]:
        """Run the steps on some rows.

        Returns:
            For each of them whether the steps read it, how far they came, and whether that depends
            on no more than `width` bytes.
        """
        sub = c.keep(heads)
        begin = sub.at
        c.found.looked = looked = np.zeros(c.found.size, np.int64)
        fine = self._plainly(sub)
        c.found.looked = None
        moved = sub.at - begin
        seen = np.maximum(looked[sub.rows] - begin, np.where(fine, moved + self._slack, 0))
        if fine.any():
            usual = np.sort(seen[fine])[int(_USUAL * (int(fine.sum()) - 1))]
            self._width = min(max(-(-int(usual) // 8), 1), _MOST_WIDTH)
        # Where the block ends without a newline, the same bytes may be a longer line elsewhere.
        return fine, moved, (seen <= width) & (sub.end < c.text.size)


def shared(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps, those joined to `OnceStep` that look only at what they read."""
    out: list[Step] = []
    run: list[Step] = []
    levelled = False
    for step in steps:
        if _is_shared(step, levelled=levelled):
            run.append(step)
            continue
        levelled |= "level" in columns_of(run)
        out += _joined(run)
        run = []
        levelled |= "level" in step.columns
        out.append(step)
    return (*out, *_joined(run))


def _joined(run: Sequence[Step]) -> Sequence[Step]:
    return [OnceStep(run)] if len(run) >= _LEAST_STEPS else run


def _is_shared(step: Step, *, levelled: bool) -> bool:
    """Whether what a step finds depends on nothing but the bytes it looks at.

    The level that a field with `min_level` depends on must not come from elsewhere.
    """
    if isinstance(step, OptionalStep):
        inner = all(_is_shared(one, levelled=levelled) for one in step.steps)
        return inner and not (step.min_level and levelled)
    return step.reach != UNSHARED


def _every(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, OptionalStep):
            yield from _every(step.steps)
