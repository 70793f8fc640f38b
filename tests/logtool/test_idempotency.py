"""What is normalised stays as it is when it is normalised again, whatever the format."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from logtool.writing.styles import TimeStyle
from parsers.blocks import Block
from parsers.detection.detect import detect
from parsers.error_log_format.ambiguities import ambiguities
from parsers.error_log_format.fields import parse
from parsers.error_log_format.known import ANY_TIME, KNOWN_FORMATS, KnownFormat
from parsers.layouts import Layout, compile_layout
from tests.logtool.test_normalize import normalized
from tests.parsers.detection.test_json_formats import FORMATS as JSON_FORMATS
from tests.parsers.error_log_format.test_known import LETTERS
from tests.parsers.httpd_model import print_line
from tests.parsers.served import PIDS, served
from tests.parsers.test_read_back import formats, records

STYLES = (TimeStyle.CUZ, TimeStyle.ISO, TimeStyle.EPOCH)
TIMES = (
    *(f"%{{{letters}}}t" for letters in LETTERS),
    "%{%FT%T}tZ", "%{%FT%TZ}t", "%{%F}tT%{%T}tZ", "%{cu}tZ", "%{%F %T +0000}t", "%{c}t +0000",
    "%{%FT%T%z}t", "%{%F %T %Z}t", "%{%F %T %z}t", "%{%FT%T %Z}t", "%{%FT%T}t+00:00",
    "%{%d/%b/%Y:%H:%M:%S %z}t", "%{%c}t", "%{%s}t",
    "%{%F}tT%{%T}t.%{msec_frac}tZ",
)  # fmt: skip
AROUND = ("[{}] [pid %P] %M", "{} %P %M", '{{"t":"{}","p":"%P","m":"%M"}}', "%P|{}|%M")
#: All processes print one hour east of UTC.
OFFSET_S = 3600


def _is_stable(layout: Layout, lines: list[str], pids: set[int]) -> None:
    raw = "".join(f"{line}\n" for line in lines).encode()
    layouts = (layout,)
    offsets = dict.fromkeys(pids, OFFSET_S)
    for style in STYLES:
        once, _ = normalized(raw, style, layouts, offsets)
        assert normalized(once, style, layouts, offsets)[0] == once
        for other in STYLES:
            # Into another form and back: the instant has not changed.
            there, _ = normalized(once, other, layouts, offsets)
            assert normalized(there, style, layouts, offsets)[0] == once


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("around", AROUND)
def test_every_form_of_time(around: str, time: str) -> None:
    """Also where the format says UTC by itself, as httpd prints it."""
    directive = around.format(time)
    when = datetime(2026, 6, 5, 1, 42, 36, 978307, UTC)
    lines = [
        print_line(directive, {"P": "4711", "M": message}, 3, when).text
        for message in ("AH00128: x", "", "12 +0000 Z")
    ]
    _is_stable(compile_layout(directive), lines, {4711})


@given(formats(), records(), st.sampled_from(TIMES))
@settings(max_examples=150, deadline=None)
def test_random_formats(fmt: str, record: tuple[dict[str, str], int, datetime], time: str) -> None:
    """Lines that a model of httpd prints, with a time in front."""
    directive = f"[{time}] [%P] {fmt}"
    assume(not ambiguities(parse(directive)))
    facts, level, when = record
    _is_stable(
        compile_layout(directive),
        [print_line(directive, facts, level, when).text],
        {int(facts["P"])},
    )


@pytest.mark.parametrize("known", KNOWN_FORMATS, ids=lambda known: str(known.name))
def test_known_formats(known: KnownFormat) -> None:
    """Those that are found by themselves."""
    directive = known.directive.replace(ANY_TIME, "%{cu}t")
    when = datetime(2026, 6, 5, 1, 42, 36, 978307, UTC)
    facts = {"P": "4711", "T": "9", "m": "core", "l": "error", "L": "awL4SB8AAQE", "M": "x",
             "L:c": "oVYEEd7eRQA", "a": "::1:9", "A": "::1:80", "k": "0", "v": "a"}  # fmt: skip
    text = print_line(directive, facts, 3, when).text
    _is_stable(compile_layout(parse(directive, known.kind)), [text], {4711})


@pytest.mark.parametrize("directive", JSON_FORMATS)
@pytest.mark.parametrize("style", STYLES)
def test_formats_that_only_lines_show(directive: str, style: TimeStyle) -> None:
    """What the lines of the second run show is another format, perhaps, and no other instants."""
    raw = served(directive, random.Random(directive)).encode()
    once, tally = normalized(raw, style, _found(raw), dict.fromkeys(PIDS, OFFSET_S))
    assert tally.rewritten > 0.9 * raw.count(b"\n")
    assert normalized(once, style, _found(once), dict.fromkeys(PIDS, OFFSET_S))[0] == once


def _found(raw: bytes) -> tuple[Layout, ...]:
    return tuple(one.layout for one in detect([Block.of(raw)]))


def test_a_z_of_the_format_is_not_taken_for_utc() -> None:
    """The time before it is local; what errlog writes there ends in a number."""
    layouts = (compile_layout("[%{%FT%T}tZ] [pid %P] %M"),)
    raw = b"[2026-06-05T01:42:36Z] [pid 4711] x\n"
    once, tally = normalized(raw, TimeStyle.ISO, layouts, {4711: 7200})
    assert once == b"[2026-06-04T23:42:36+00:00] [pid 4711] x\n"
    assert tally.rewritten == 1
