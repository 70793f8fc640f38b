"""Records of several lines: each line with a time gets its record's pid."""

from __future__ import annotations

import numpy as np

from parsers.error_log_format.fields import parse
from parsers.layouts import compile_layout
from parsers.lines import NO_LAYOUT, NO_OFFSET, NO_PID, NO_TIME, Stamps
from parsers.records import with_pids_of_records

#: A line that begins a record, and one that goes on with it.
FIRST = compile_layout(parse("[%t] [pid %P] %M"))
FURTHER = compile_layout(parse("%M"))
FURTHER.is_further = True
#: One that goes on with a record right behind a first line, and else begins one.
EITHER = compile_layout(parse("%P: %M"))
EITHER.goes_on = (FIRST,)


def pids(*rows: tuple[int, bool, int]) -> list[int]:
    """The pids of lines of a layout, with a time or without, and the pid that each tells."""
    count = len(rows)
    layout, timed, pid = (np.array(column) for column in zip(*rows, strict=True))
    stamps = Stamps(
        layout.astype(np.int16),
        np.full(count, -1),
        np.full(count, -1),
        np.where(timed, 1, NO_TIME),
        np.zeros(count, np.int8),
        np.full(count, NO_OFFSET, np.int32),
        pid.astype(np.int64),
    )
    return [int(pid) for pid in with_pids_of_records(stamps, [FIRST, FURTHER, EITHER]).pid]


def test_a_further_line_tells_the_pid() -> None:
    """The line that has the time gets it; one without a time needs none."""
    assert pids((0, True, NO_PID), (1, False, 7), (1, False, NO_PID), (1, True, NO_PID)) == [
        7, 7, NO_PID, 7,
    ]  # fmt: skip


def test_each_record_for_itself() -> None:
    """What a line says of its pid stays, and ends with the record; a line of no layout has none."""
    rows = [
        (0, True, 9),
        (1, True, 8),
        (0, True, NO_PID),
        (NO_LAYOUT, False, NO_PID),
        (1, False, 5),
    ]
    assert pids(*rows) == [9, 8, NO_PID, NO_PID, 5]


def test_what_a_block_begins_with() -> None:
    """The record before it is not known."""
    assert pids((1, True, NO_PID), (1, False, 7), (0, True, NO_PID)) == [NO_PID, 7, NO_PID]


def test_a_line_that_may_begin_a_record_or_go_on_with_one() -> None:
    """What stands right before it tells; at the beginning of a block it begins one."""
    rows = [(2, True, NO_PID), (1, False, 4), (0, True, NO_PID), (2, True, 7), (2, True, NO_PID),
            (1, False, 8)]  # fmt: skip
    assert pids(*rows) == [4, 4, 7, 7, 8, 8]
