"""Rooms of memory that child processes share with us."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from logtool.machine import rooms
from logtool.machine.rooms import (
    BYTES_END,
    COLUMNS_END,
    TEXT_END,
    TO_READ,
    TO_WRITE,
    TO_WRITE_ONLY,
    WAITING,
    Touched,
    alone_again,
    pages_made,
    parts_of,
    wait_until_gone,
)
from logtool.machine.workers import ROOM, shared_size

_TASKS = Path("/proc/self/task")


def test_parts_begin_at_pages_and_end_in_their_room() -> None:
    """Else no page is made, or those of somebody else."""
    for begin, end in (*TO_READ, *TO_WRITE, *TO_WRITE_ONLY):
        assert begin % (64 << 10) == 0
        assert begin < end <= ROOM
    assert BYTES_END < TEXT_END < COLUMNS_END < ROOM


def test_no_thread_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children can be forked only where there is none: not for Python, and not for the system."""
    monkeypatch.setattr(rooms, "can_work_apart", lambda: True)
    before = {path.name for path in _TASKS.iterdir()}
    for _ in range(20):
        with pages_made(TO_READ):
            begun = {path.name for path in _TASKS.iterdir()} - before
        assert not [one for one in threading.enumerate() if one.name == "pages"]
        assert not begun & {path.name for path in _TASKS.iterdir()}


def test_nothing_is_changed() -> None:
    """Pages are only looked at, also where the room ends before them."""
    room = np.full(TEXT_END + 9, 3, np.uint8)
    touched = Touched(None, TO_READ, TO_WRITE)
    for _ in range(2):
        touched.take(room)
    assert (room == 3).all()


def test_a_thread_that_goes_late_is_waited_for(tmp_path: Path) -> None:
    """However long the system takes, within reason."""
    entry = tmp_path / "17"
    entry.mkdir()
    later = threading.Timer(0.05, entry.rmdir)
    later.start()
    wait_until_gone(17, tmp_path)
    assert not entry.exists()
    later.join()


def test_pages_are_taken_once() -> None:
    """Of each room all parts, when it comes first."""
    taken: list[tuple[int, int]] = []

    class Room(np.ndarray):
        def __getitem__(self, part: slice) -> np.ndarray:  # type: ignore[override]
            taken.append((part.start, part.stop))
            return np.asarray(self)[part]

    rooms = [np.zeros(9, np.uint8).view(Room) for _ in range(2)]
    touched = Touched(None, TO_READ)
    for room in (*rooms, *rooms):
        touched.take(room)
    assert taken == [*TO_READ] * 2


def test_a_child_takes_its_own_rooms_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them with the first one, each once."""
    taken: list[tuple[int, int]] = []
    monkeypatch.setattr(rooms, "take", lambda place, size: taken.append((place, size)))
    shared = np.empty(shared_size(WAITING), np.uint8)
    touched = Touched(shared, (), [(0, 4096)])
    for nth in (WAITING + 1, WAITING, WAITING + 1):
        touched.take(shared[nth * ROOM :][:COLUMNS_END])
    begin = shared.ctypes.data
    assert taken == [(begin + nth * ROOM, 4096) for nth in range(WAITING, 2 * WAITING)]


def test_spare_parts_of_shared_rooms_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all of a child's rooms with the first one; who has memory of his own keeps it."""
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(rooms, "give_back", lambda place, size: given.append((place, size)))
    shared = np.empty(shared_size(WAITING), np.uint8)
    for all_rooms in (shared, None):
        touched = Touched(all_rooms, (), (), [(TEXT_END, TEXT_END + 4096)])
        for nth in (1, 0, 1):
            touched.take(shared[nth * ROOM :][:COLUMNS_END])
    begin = shared.ctypes.data + TEXT_END
    assert given == [(begin + nth * ROOM, 4096) for nth in range(WAITING)]


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("only_text", [True, False])
def test_no_part_that_is_needed_is_given_back(again: bool, only_text: bool) -> None:
    """What is spare is neither taken nor new, nor where a text is written; all had pages."""
    made, new, spare = parts_of(again=again, only_text=only_text)
    assert not {*spare} & {*made, *new}
    assert {*spare} <= {*TO_READ}
    assert all(begin >= TEXT_END for begin, _ in spare)
    assert {*made, *spare} == {*TO_READ}


def test_alone_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that have ended are waited for, not those that go on."""
    answers = iter([False, False, True])
    monkeypatch.setattr(rooms, "can_work_apart", lambda: next(answers))
    monkeypatch.setattr(rooms, "active_count", lambda: 1)  # other tests may have left some
    assert alone_again()

    monkeypatch.setattr(rooms, "can_work_apart", lambda: False)
    monkeypatch.setattr(rooms, "active_count", lambda: 2)
    assert not alone_again()
