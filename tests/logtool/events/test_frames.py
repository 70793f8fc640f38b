"""Which places of dumps of threads are told, and in what order."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from logtool.events.folding import fold
from logtool.events.frames import frames
from tests.logtool.events.rows import rows

_FRAMES = st.lists(st.integers(1, 99), max_size=3)


def dump(threads: list[list[int]], crashed: int) -> str:
    """What faulthandler writes of threads, by the lines they were at, innermost first."""
    lines = ["Fatal Python error: Segmentation fault"]
    for number, thread in enumerate(threads):
        head = "Current thread" if number == crashed else "Thread"
        lines += ["", f"{head} 0x00007f{number:x} (most recent call first):"]
        lines += [f'  File "/srv/shop/views.py", line {line} in order' for line in thread]
        lines += [] if thread else ["  <no Python frame>"]
    return "".join(f"{line}\n" for line in lines)


@given(st.lists(_FRAMES, min_size=1, max_size=4), st.integers(0, 4))
@example([[], [7, 6], []], 1)
@example([[], [], [5]], 3)
def test_of_a_crash_the_thread_is_told_that_crashed(threads: list[list[int]], crashed: int) -> None:
    """A dump is one event; of the thread that crashed, frames are told, the outermost first.

    Where it says of none, because nobody held the interpreter's lock, all are, as they stand.
    """
    folded = fold(rows(dump(threads, crashed)))
    assert folded["event"].n_unique() == 1

    told = frames(folded)["frame_line"].to_list()
    if crashed < len(threads):
        assert told == threads[crashed][::-1]
    else:
        assert told == [line for thread in threads for line in thread]
