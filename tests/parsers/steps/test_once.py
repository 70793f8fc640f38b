"""Once: lines with equal heads, read once, are what they are when each is read by itself."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.blocks import Block
from parsers.built_in import HTTPD_22, HTTPD_24, HTTPD_24_SYSLOG
from parsers.decode import Decoder
from parsers.layouts import Layout, compile_layout
from parsers.lines import NO_LAYOUT, Stamps
from parsers.scanning import Places, Text
from parsers.steps.cursor import Cursor, Findings, Step, run_steps
from parsers.steps.once import OnceStep
from tests.kernel_memory import everywhere

_TIME = "Mon Nov 23 20:58:2{}.24011{} 2026"
#: Layouts, and heads that they print, nearly print, or do not print.
LAYOUTS = {
    "2.4": (HTTPD_24, [
        "[{t}] [ssl:info] [pid 12560:tid 12566] ", "[{t}] [ssl:info] [pid 12560:tid 12566]",
        "[{t}] [core:error] [pid 7] ", "[{t}] [core:error] [pid 7:tid ] ",
        "[{t}] [:error] [pid 7] ",
        "[{t}] [authz_core:notice] [pid 4194304:tid 139855465744128] ", "[{t}] [a:warnn] [pid 7] ",
        "[{t}] [core:error] [pid 9223372036854775808] ", "[{t}] [core:error] [pid 7:tid 8x] ",
        "[{t}] [" + 60 * "m" + ":error] [pid 7:tid 8] ", "[{t}] [core:error\x00] [pid 7] ",
    ]),
    "2.2": (HTTPD_22, ["[Mon Nov 23 20:58:22 2026] [error] ", "[{t}] [error] "]),
    "syslog": (HTTPD_24_SYSLOG, ["[core:error] [pid 7:tid 8] ", "[core:error] [pid 7] "]),
    "json": (
        compile_layout('{"time":"%{cu}t","level":"%l","pid":%P,"ip":"%-a","m":"%M"}'),
        ['{{"time":"2026-11-23 20:58:2{n}.24011{n}","level":"error","pid":7{n},"ip":"-","m":"',
         '{{"time":"2026-11-23 20:58:2{n}.24011{n}","level":"error","pid":7,"ip":"::1:80","m":"',
         '{{"time":"2026-11-23 20:58:2{n}.24011{n}","level":"error","pid":,"ip":"-","m":"'],
    ),
    "optional": (
        compile_layout("[%l] [pid %P] %{warn}E [%{cu}t] [%-m] [client %a] %M"),
        ["[error] [pid 7] [2026-11-23 20:58:2{n}.24011{n}] [core] [client 1.2.3.4:5] ",
         "[info] [pid 7] [2026-11-23 20:58:2{n}.24011{n}] [-] ",
         "[error] [pid 8] (2)No such file [2026-11-23 20:58:2{n}.24011{n}] [core] "],
    ),
    "twice": (
        compile_layout("[%{u}t] [%-m:%l] [pid %P:tid %T] [client %a] [g %{g}T] %M"),
        ["[{t}] [ssl:info] [pid 7:tid 8] [client 1.2.3.4:5] [g 9{n}] ",
         "[{t}] [core:error] [pid 7:tid 8{n}] [client 1.2.3.4:5] [g 9] "],
    ),
    "IDs": (
        compile_layout("[%{cu}t] [%L] [%{c}L] [pid %P] [%l] %M"),
        ["[2026-11-23 20:58:2{n}.24011{n}] [abcdefghi{n}E] [bcdefghij{n}E] [pid 7] [error] ",
         "[2026-11-23 20:58:2{n}.24011{n}] [abcdefghijE] [pid {n}] [error] ",
         "[2026-11-23 20:58:2{n}.24011{n}] [abcdefghijE] [bcdefghijE] [client 1.2.3.4:5] ",
         "[2026-11-23 20:58:2{n}.24011{n}] [pid 7] [error] "],
    ),
    "until": (
        compile_layout("%{cu}t|%-{User-Agent}i|%P|%-k|%M"),
        ["2026-11-23 20:58:2{n}.24011{n}|curl 8|7|1|", "2026-11-23 20:58:2{n}.24011{n}|curl 8|7",
         "2026-11-23 20:58:2{n}.24011{n}|" + 90 * "a " + "|7{n}|1|"],
    ),
}  # fmt: skip
_MESSAGES = ("", "x", "AH01964: Connection", "7] x", ":tid 9] x", "\x00\xff", '"}', "\r", " ")


def _lines(name: str, chance: random.Random) -> Iterator[bytes]:
    heads = chance.sample(LAYOUTS[name][1], chance.randint(1, len(LAYOUTS[name][1])))
    for _ in range(chance.randint(500, 700)):
        digit = chance.choice("0123456789")
        head = chance.choice(heads).format(t=_TIME.format(digit, digit), n=digit)
        line = bytearray((head + chance.choice(_MESSAGES)).encode("latin-1"))
        if chance.random() < 0.02:
            del line[chance.randrange(len(line)) :]
        if line and chance.random() < 0.02:
            line[chance.randrange(len(line))] = chance.randrange(256)
        yield bytes(line).replace(b"\n", b".")


def _plain_steps(layout: Layout) -> list[Step]:
    steps: list[Step] = []
    for step in layout.plan.stamp_steps:
        steps += step.steps if isinstance(step, OnceStep) else [step]
    return steps


def _plainly(layout: Layout, block: Block) -> Stamps:
    """The stamps by the same steps, without looking for equal heads."""
    last = block.data[np.maximum(block.ends - 1, 0)] == ord("\r")
    end = block.ends - (last & (block.ends > block.starts))
    found = Findings(len(block), ())
    cursor = Cursor(Text(block), found, np.arange(len(block)), block.starts, end)
    _, kept = run_steps(_plain_steps(layout), cursor)
    fresh = Findings(len(block), ())
    layouts = np.full(len(block), NO_LAYOUT, np.int16)
    read = np.arange(len(block)) if kept is None else kept
    layouts[read] = 0
    for name in ("time_start", "time_end", "local_us", "digits", "offset_s", "pid"):
        getattr(fresh, name)[read] = getattr(found, name)[read]
    return Stamps(
        layouts, fresh.time_start, fresh.time_end, fresh.local_us, fresh.digits, fresh.offset_s,
        fresh.pid,
    )  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), ended=st.booleans())
def test_heads_read_once_are_read_right(name: str, seed: int, ended: bool) -> None:
    """Whatever lines a block has, and whether or not it ends in a newline."""
    layout = LAYOUTS[name][0]
    raw = b"\n".join(_lines(name, random.Random(seed))) + b"\n" * ended
    expected = _plainly(layout, Block.of(raw))

    def is_read_right(made: Callable[[bytes], Block]) -> None:
        got = Decoder([layout]).stamps(made(raw))
        for field in fields(Stamps):
            np.testing.assert_array_equal(getattr(got, field.name), getattr(expected, field.name))

    everywhere(is_read_right)


@pytest.mark.parametrize("name", LAYOUTS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), ended=st.booleans())
def test_fields_of_heads_read_once_stand_where_they_stand(
    name: str, seed: int, ended: bool
) -> None:
    """As the plain steps say; and lines said to be alike in a field have the same text there."""
    raw = b"\n".join(_lines(name, random.Random(seed))) + b"\n" * ended
    everywhere(partial(_fields_stand_where_they_stand, LAYOUTS[name][0], raw))


def _fields_stand_where_they_stand(
    layout: Layout, raw: bytes, made: Callable[[bytes], Block]
) -> None:
    block = made(raw)
    decoder = Decoder([layout])
    for _ in range(2):  # the second time, heads are known
        stamps = decoder.stamps(block)
        got = decoder.fields(block, stamps, np.arange(len(block)), layout.columns)
    found = Findings(len(block), layout.columns)
    last = block.data[np.maximum(block.ends - 1, 0)] == ord("\r")
    end = block.ends - (last & (block.ends > block.starts))
    rows = np.flatnonzero(stamps.layout >= 0)
    cursor = Cursor(Text(block), found, rows, block.starts[rows], end[rows])
    _, kept = run_steps(layout.plan.steps, cursor)
    unread = np.ones(len(block), np.bool_)
    unread[rows if kept is None else rows[kept]] = False
    for column in set(layout.columns) - {"time"}:
        start, end = (np.where(unread, -1, ends) for ends in _ends(found, column))
        np.testing.assert_array_equal(got[column].start, start, column)
        np.testing.assert_array_equal(got[column].end, end, column)
        if (alike := got[column].alike) is not None:
            like = alike.rows[alike.place]
            texts = [block.data[a:b].tobytes() for a, b in zip(start, end, strict=True)]
            assert texts == [texts[row] for row in like]
            np.testing.assert_array_equal(start < 0, start[like] < 0)
            np.testing.assert_array_equal(like[alike.rows], alike.rows)


def _ends(found: Findings, column: str) -> tuple[Places, Places]:
    spans = found.spans.get(column)
    nowhere = np.full(found.size, -1, np.int64)
    return (nowhere, nowhere) if spans is None else (spans.start, spans.end)


def test_fields_of_a_busy_block_are_known_to_be_alike() -> None:
    """What the property above checks of likenesses is in use."""
    lines = b"[Mon Nov 23 20:58:23.240113 2026] [ssl:info] [pid 12560:tid 12566] hello\n" * 600
    block = Block.of(lines + lines.replace(b"12566", b"76543"))
    decoder = Decoder([HTTPD_24])
    names = ("module", "level", "tid", "message", "log_id")
    # How much of a head is compared is learnt from block to block, also from those of other tests.
    for _ in range(2):
        fields = decoder.fields(block, decoder.stamps(block), np.arange(len(block)), names)
    for column in ("module", "level", "tid", "log_id"):
        alike = fields[column].alike
        assert alike is not None
        assert len(alike.rows) < 20
    assert fields["message"].alike is None


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_here_reads_heads_once(name: str) -> None:
    """What the properties above check is in use."""
    if name not in ("2.2", "syslog"):
        steps = LAYOUTS[name][0].plan.stamp_steps
        assert any(isinstance(step, OnceStep) for step in steps), steps
