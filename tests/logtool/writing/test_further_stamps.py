"""Lines with several times: all of them are written in UTC, where they stand."""

from __future__ import annotations

import pytest

from logtool.writing.styles import TimeStyle
from parsers.layouts import compile_layouts
from tests.logtool.test_normalize import normalized

CASES = [
    # the one with an offset counts, else the one with a fraction
    (
        "[%{u}t] [pid %P] %M at %{c}t",
        "[Fri Jun 05 08:42:36.123456 2026] [pid 7] hi at 2026-06-05 08:42:36",
        {
            TimeStyle.CUZ: "[2026-06-05 06:42:36.123456 +0000] [pid 7] hi at"
            " 2026-06-05 06:42:36 +0000",
            TimeStyle.ISO: "[2026-06-05T06:42:36.123456Z] [pid 7] hi at 2026-06-05T06:42:36Z",
            TimeStyle.KEEP: "[Fri Jun 05 06:42:36.123456 2026] [pid 7] hi at 2026-06-05 06:42:36",
        },
    ),
    (
        "%t [%P] %t %M, %{cz}t",
        "Fri Jun 05 10:42:36 2026 [7] Fri Jun 05 10:42:36 2026 hi, 2026-06-05 10:42:36 +0400",
        {
            TimeStyle.CUZ: "2026-06-05 06:42:36 +0000 [7] 2026-06-05 06:42:36 +0000 hi,"
            " 2026-06-05 06:42:36 +0000",
            TimeStyle.KEEP: "Fri Jun 05 06:42:36 2026 [7] Fri Jun 05 06:42:36 2026 hi,"
            " 2026-06-05 06:42:36 +0000",
        },
    ),
    # part of a time is none
    (
        "%{%H}t [%{c}t] [%P] %M",
        "08 [2026-06-05 08:42:36] [7] hi",
        {TimeStyle.CUZ: "08 [2026-06-05 06:42:36 +0000] [7] hi"},
    ),
]


@pytest.mark.parametrize(("form", "line", "expected"), CASES)
def test_every_time_of_a_line_is_written(
    form: str, line: str, expected: dict[TimeStyle, str]
) -> None:
    """Lines between them, and what is no time, stay as they were."""
    layouts = tuple(compile_layouts(form))
    raw = f"{line}\r\nraw\n\n{line}"
    for style, text in expected.items():
        once, tally = normalized(raw.encode(), style, layouts, {7: 7200})
        assert once.decode() == f"{text}\r\nraw\n\n{text}"
        assert (tally.lines, tally.rewritten) == (4, 2)
        if style != TimeStyle.KEEP:
            assert normalized(once, style, layouts, {7: 7200})[0] == once


def test_stamps_in_any_line_of_a_record_are_written() -> None:
    """By the pid that stands in another of its lines."""
    layouts = tuple(compile_layouts(r"[%l]\n pid %P\n at %{cu}t\n %M"))
    record = "[error]\n pid {}\n at {}\n hi\n"
    raw = record.format(7, "2026-06-05 08:42:36.1") + record.format(8, "2026-06-05 07:42:36.1")
    raw = raw.replace(".1", ".100000")
    once, tally = normalized(raw.encode(), TimeStyle.ISO, layouts, {7: 7200, 8: 3600})
    stamp = "2026-06-05T06:42:36.100000Z"
    assert once.decode() == record.format(7, stamp) + record.format(8, stamp)
    assert (tally.rewritten, sum(tally.kept.values())) == (2, 6)
