"""Masks of all rows of a log: worked on piece by piece, for they are long and memory is short."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import numpy as np

from logtool.tui.model.indexed.index import CHUNK, Rows
from parsers.arrays import Mask


def rows_of(mask: Mask) -> Rows:
    """The rows that a mask holds, in order: int32[n]."""
    rows = np.empty(int(np.count_nonzero(mask)), np.int32)
    end = 0
    for first in range(0, len(mask), CHUNK):
        some = np.flatnonzero(mask[first : first + CHUNK])
        rows[end : end + len(some)] = some + first
        end += len(some)
    return rows


def resized(mask: Mask, size: int) -> Mask:
    """A copy of another length; rows that are new are not in it, and take no memory."""
    copy = np.zeros(size, np.bool_)
    if mask.any():
        copy[: min(len(mask), size)] = mask[:size]
    return copy


def spread(mask: Mask, folds: Rows) -> None:
    """Have a mask hold all rows of the events of which it holds some.

    Args:
        mask: changed where it stands, as long as `folds`.
        folds: for each row the row of its event's head.
    """
    heads = np.zeros(len(folds), np.bool_)
    for first in range(0, len(folds), CHUNK):
        heads[folds[first : first + CHUNK][mask[first : first + CHUNK]]] = True
    for first in range(0, len(folds), CHUNK):
        mask[first : first + CHUNK] = heads[folds[first : first + CHUNK]]


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
