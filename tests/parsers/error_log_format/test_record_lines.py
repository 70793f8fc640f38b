r"""Formats with `\n` in them: every line of a record is read, and they share its pid."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from parsers.blocks import Block
from parsers.built_in import BUILT_IN
from parsers.decode import Decoder
from parsers.error_log_format.ambiguities import ambiguities
from parsers.error_log_format.fields import parse
from parsers.error_log_format.record_lines import record_lines
from parsers.layouts import compile_layouts
from parsers.lines import NO_PID, NO_TIME
from tests.parsers.httpd_model import print_line
from tests.parsers.test_decode import read
from tests.parsers.test_read_back import formats, records

FACTS = {"P": "7", "l": "error", "m": "core", "a": "::1:9", "E": "(13)Permission denied", "M": "hi"}
WHEN = datetime(2026, 6, 5, 8, 42, 36, 123456, UTC)
PRETTY = '{\\n "pid": %P,\\n "time":"%{cu}t",\\n "client":"%-a",\\n "message":"%M"\\n}'


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (r"[%t] %M\n", [(True, "[%t] %M"), (False, "")]),
        (r"%t\r\n  %M\r", [(True, "%t"), (False, "  %M")]),
        # a dropped field takes its line break along
        (r"[%l] %E:\n %M", [(True, "[%l] %E:"), (True, "[%l] %M"), (False, " %M")]),
        # also with the message's field, though not with the message
        (r"[%l] %E:\n%M", [(True, "[%l] %E:"), (True, "[%l]%M"), (False, "%M")]),
        # and what stands behind the message takes that along
        (r"[%l] %M\n%E", [(True, "[%l] %M"), (True, "[%l]"), (False, "%E")]),
    ],
)
def test_a_format_is_cut_into_its_lines(text: str, lines: list[tuple[bool, str]]) -> None:
    """Those that begin a record first, each kind once, without the carriage return."""
    got = [
        (
            line.is_first,
            "".join(
                p.text if hasattr(p, "text") else f"%{p.item.letter}"
                for field in line.format.fields
                for p in field.parts
            ),
        )
        for line in record_lines(parse(text))
    ]
    assert got == lines


@pytest.mark.parametrize("status", [True, False])
@pytest.mark.parametrize(
    ("text", "columns"),
    [
        (r"[%l] [%P]: %E:\n %M\n", {"level": "error", "pid": 7, "message": "hi"}),
        (PRETTY, {"pid": 7, "client": "::1:9", "message": "hi"}),
        (r"%{cu}t [%P]\n%-m:%l\n\t%M", {"pid": 7, "module": "core", "message": "hi"}),
    ],
)
def test_every_line_tells_what_stands_in_it(
    text: str, columns: dict[str, object], status: bool
) -> None:
    """All lines of a record have a layout; together they have all columns."""
    facts = FACTS if status else {key: value for key, value in FACTS.items() if key != "E"}
    decoder = Decoder(compile_layouts(text))
    got: dict[str, object] = {}
    for line in print_line(text, facts, 3, WHEN).text.split("\n"):
        stamps = decoder.stamps(Block.of(line.encode() + b"\n"))
        assert stamps.layout[0] >= 0, line
        got |= read(line.encode(), decoder)
    assert got.items() >= columns.items()
    if status and "%E" in text:
        assert got["status"] == "(13)Permission denied"


@pytest.mark.parametrize(
    "text", [PRETTY, r"%{cu}t\n%P\n%M", r"%M\n at %{cu}t\n by %P", r"%P\n%M\n\n%{cu}t\n"]
)
def test_lines_of_a_record_share_its_pid(text: str) -> None:
    """The time may stand before the pid or behind it; what lies between records has none."""
    decoder = Decoder([*compile_layouts(text), *BUILT_IN])
    first, second = (print_line(text, {**FACTS, "P": pid}, 3, WHEN).text for pid in ("7", "88"))
    stamps = decoder.stamps(Block.of(f"\n{first}\n{second}\n{second}\n{first}\n".encode()))
    timed = stamps.local_us != NO_TIME
    assert stamps.pid[timed].tolist() == [7, 88, 88, 7]
    assert stamps.pid[0] == NO_PID


@given(formats(), records(), st.lists(st.integers(0, 60), min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
@example(
    r"[_:%{}t,%-7k] [%-A] [%-{c}a] [%a] %P: %M", ({"P": "1", "l": "debug", "M": "Q"}, 7, WHEN), [0]
)
def test_formats_broken_anywhere_are_read(
    text: str, record: tuple[dict[str, str], int, datetime], places: list[int]
) -> None:
    """Whatever httpd drops, every line that a model of it prints has a layout, and its pid."""
    assume(not ambiguities(parse(text)))
    fields = text.split(" ")
    for place in places:
        fields[place % len(fields)] += r"\n"
    text = " ".join(fields)
    assume(r"\\" not in text and r"%\n" not in text)  # no break, but part of something else
    assume(all("breaks its line" in told for told in ambiguities(parse(text))))
    facts, level, when = record
    printed = print_line(text, facts, level, when)
    stamps = Decoder(compile_layouts(text)).stamps(Block.of(f"{printed.text}\n".encode()))
    assert (stamps.layout >= 0).all()
    if "P" in printed.spans:
        assert (stamps.pid[stamps.local_us != NO_TIME] == int(facts["P"])).all()
