"""Masks of all rows of a log: worked on piece by piece, for they are long and memory is short."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import numpy as np

from logtool.tui.model.index import CHUNK, Mask, Rows


def rows_of(mask: Mask) -> Rows:
    """The rows that a mask holds, in order: int32[n]."""
    rows = np.empty(int(np.count_nonzero(mask)), np.int32)
    end = 0
    for first in range(0, len(mask), CHUNK):
        some = np.flatnonzero(mask[first : first + CHUNK])
        rows[end : end + len(some)] = some + first
        end += len(some)
    return rows


def hide_insides(shown: Mask, folds: Rows, opened: AbstractSet[int]) -> None:
    """Take out of a mask the rows inside events whose heads are not among those opened.

    Args:
        shown: changed where it stands.
        folds: for each row the row of its event's head.
        opened: heads.
    """
    heads = np.array(sorted(opened), np.int32)
    for first in range(0, len(folds), CHUNK):
        part = folds[first : first + CHUNK]
        closed = part != np.arange(first, first + len(part), dtype=np.int32)
        if len(heads):
            closed &= ~np.isin(part, heads)
        shown[first : first + len(part)] &= ~closed
