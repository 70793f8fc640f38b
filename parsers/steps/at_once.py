"""At once: takes lines and the steps of a layout, gives most of their stamps by two compiled loops.

Most layouts begin with a time of fixed width, and what tells the pid stands right behind it. Times
differ in few digits, and heads come again and again (`parsers.steps.once`): the kernel finds out
which are alike, and puts together what is read of one line of each kind. The steps stay the only
ones who know what bytes mean. Lines that are not like that are left to them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.compiled.kinds import Kinds, of_each
from parsers.lines import Stamps, StampsAlike
from parsers.scanning import Places, Text
from parsers.steps.cursor import Step
from parsers.steps.once import OnceStep
from parsers.steps.time_steps import TimeStep

#: Fewer lines than this are read step by step.
_LEAST_ROWS = 512


@dataclass(frozen=True, slots=True, eq=False)
class AtOnce:
    """Stamps of most lines.

    Attributes:
        stamps: of n lines; anything where a line is not fine.
        fine: bool[n], whether the layout reads it; None where it reads all of them.
        left: int64[m], the lines of which that is not known yet.
    """

    stamps: Stamps
    fine: Mask | None
    left: Places


def read_at_once(
    text: Text, steps: Sequence[Step], number: int, begin: Places, end: Places
) -> AtOnce | None:
    """What the steps that tell stamps find on some lines; None where that is no use.

    Args:
        text: the bytes of a block.
        steps: of a layout.
        number: that of the layout.
        begin: int64[n], where the lines begin.
        end: int64[n], where each ends, whatever a carriage return may be.
    """
    kernel = text.kernel
    # Where the block ends without a newline, its last line may go on.
    if kernel is None or len(begin) < _LEAST_ROWS or end[-1] >= text.size:
        return None
    match steps:
        case (TimeStep(columns=("time",)) as time, OnceStep(is_last=True) as once):
            segment = time.fixed_segment(text, begin)
        case _:
            return None
    if segment is None or segment.fixed is None:
        return None
    read = kernel.stamps(text.data, begin, segment.fixed, once.heads_behind(segment.width))
    if read is None:
        return None
    kind_fine, said = segment.said_of_kinds(text, begin[read.firsts], read.texts)
    pid, head_fine, sure = once.of_heads(text, begin, end, read)
    around = len(time.lead), segment.width - len(time.trail)
    pids = kernel.settle(read, said.local_us, pid)
    fine, left = _read(read, kind_fine, head_fine, sure)
    alike = number, said.digits, int(said.offset_s[0])
    stamps: Stamps = StampsAlike(begin, around, alike, read.us, pids)
    if len(left) or np.any(said.offset_s != said.offset_s[0]):
        stamps = Stamps(
            np.full(len(begin), number, np.int16), stamps.time_start, stamps.time_end, read.us,
            np.full(len(begin), said.digits, np.int8), of_each(said.offset_s, read.kinds), pids,
        )  # fmt: skip
    return AtOnce(stamps, fine, left)


def _read(read: Kinds, kind_fine: Mask, head_fine: Mask, sure: Mask) -> tuple[Mask | None, Places]:
    """What `AtOnce` has of lines: `fine` and `left`, from what is read of their kinds and heads."""
    if not read.bad and kind_fine.all() and head_fine.all() and sure.all():
        return None, np.zeros(0, np.int64)  # most blocks
    settled = of_each(kind_fine, read.kinds)
    if read.bad:
        settled &= read.fine
    if not sure.all():
        settled &= sure.take(read.heads)
    fine = settled if head_fine.all() else settled & head_fine.take(read.heads)
    return fine, np.flatnonzero(~settled)
