"""Rooms of memory that child processes share with us."""

from __future__ import annotations

import threading

import numpy as np

from logtool.rooms import BYTES_END, COLUMNS_END, TEXT_END, TO_READ, TO_WRITE, Touched, pages_made
from logtool.workers import ROOM


def test_parts_begin_at_pages_and_end_in_their_room() -> None:
    """Else no page is made, or those of somebody else."""
    for begin, end in (*TO_READ, *TO_WRITE):
        assert begin % (64 << 10) == 0
        assert begin < end <= ROOM
    assert BYTES_END < TEXT_END < COLUMNS_END < ROOM


def test_no_thread_is_left() -> None:
    """Children can be forked only where there is none."""
    with pages_made(TO_READ):
        pass
    assert not [one for one in threading.enumerate() if one.name == "pages"]


def test_nothing_is_changed() -> None:
    """Pages are only looked at, also where the room ends before them."""
    room = np.full(TEXT_END + 9, 3, np.uint8)
    touched = Touched((*TO_READ, *TO_WRITE))
    for _ in range(2):
        touched.take(room)
    assert (room == 3).all()
