"""Lines: what is told of their texts in passing is what is told of them where they stand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from logtool.clocks.table import ClockTable
from logtool.frame.hashing import signing, told_of
from logtool.frame.lines import Lines, Places
from logtool.passes.logs import Log
from logtool.remembered import RememberedStamps
from parsers.blocks import Block
from parsers.built_in import BUILT_IN, HTTPD_24
from parsers.compiled.kinds import Sign
from parsers.decode import Decoder
from parsers.layouts import Layout
from parsers.steps.message_step import TAIL
from tests import places
from tests.kernel_memory import lent

_SAMPLE = places.SAMPLE_LOGS / "berlin_utc_django" / "error.log"
_COLUMNS = {"client": Sign.CLIENT, TAIL: Sign.NUMBER, "status": Sign.NUMBER}
#: Lines that no layout reads, also the first and the last one, and one that is too long for loops.
_ODD = (b"a line without a stamp\r\n", b"\n", b"\r\n", b"x" * 2000 + b"\n")


def _log(layouts: tuple[Layout, ...]) -> Log:
    told = SimpleNamespace(decoder=Decoder(layouts), remembered=RememberedStamps())
    return cast("Log", told)


@pytest.mark.parametrize("layouts", [(HTTPD_24,), BUILT_IN], ids=["one", "all"])
@pytest.mark.parametrize("step", [1, 3])
def test_lines_that_no_layout_reads_are_told_of_too(layouts: tuple[Layout, ...], step: int) -> None:
    """Their tail is all their text; where texts stand is found when somebody asks."""
    raw = []
    for number, line in enumerate(_SAMPLE.read_bytes().splitlines(keepends=True) * 20):
        raw += [_ODD[number % len(_ODD)]] * (number % 7 == 0) + [line]
    text = b"".join([*raw, _ODD[0]])
    log, table = _log(layouts), ClockTable.empty()
    plain = Lines(log, Block.of(text), table)
    plain = plain.at(np.arange(len(plain))[::step])
    expected = plain.spans(_COLUMNS)
    assert (plain.layouts < 0).any()
    with lent() as memory:
        lines = Lines(log, memory.block(text), table)
        lines = lines.at(np.arange(len(lines))[::step])
        got = lines.spans(_COLUMNS, signing(_COLUMNS))
        for name, sign in _COLUMNS.items():
            one, spans = expected[name], got[name]
            told = told_of(sign, plain.block.data, one.start, one.end)
            for column, right in zip(spans.signs or (), told, strict=True):
                np.testing.assert_array_equal(column, right, name)
            for rows in (np.array([], np.int64), np.arange(len(lines))[::5]):
                some = spans.at(rows)
                np.testing.assert_array_equal(some.start, one.start[rows], name)
                np.testing.assert_array_equal(some.end, one.end[rows], name)
            np.testing.assert_array_equal(spans.start, one.start, name)
            np.testing.assert_array_equal(spans.end, one.end, name)


@pytest.mark.parametrize("torn", [False, True])
@pytest.mark.parametrize("step", [1, 3])
def test_a_forgotten_block_is_read_again_for_its_texts(step: int, *, torn: bool) -> None:
    """Which lines there are, and their numbers, is known without it."""
    block = replace(Block.of(_SAMPLE.read_bytes()), first_line=1001, offset=7 << 20, torn_head=torn)
    expected = Lines(_log((HTTPD_24,)), block, ClockTable.empty())
    lines = Lines(expected.log, block, expected.table)
    if step > 1:
        expected, lines = (one.at(np.arange(len(one))[::step]) for one in (expected, lines))
    asked: list[Places | None] = []

    def again(rows: Places | None) -> Block:
        asked.append(rows)
        return block

    lines.again = again
    lines.forget_block()
    later = lines.later()
    assert (len(later), later.offset) == (len(expected), 7 << 20)
    np.testing.assert_array_equal(later.rows, np.arange(len(block))[torn::step])
    np.testing.assert_array_equal(later.numbers, 1001 + later.rows)
    assert not asked
    np.testing.assert_array_equal(later.pids, expected.pids)
    asked.clear()
    assert later.block is later.block is block
    (rows,) = asked
    assert (None if rows is None else rows.tolist()) == (later.rows.tolist() if step > 1 else None)


def test_of_a_forgotten_block_no_more_is_read_than_some_lines() -> None:
    """What is remembered of it needs none of its bytes, and some of its lines only their own."""
    block = Block.of(_SAMPLE.read_bytes())
    lines = Lines(_log((HTTPD_24,)), block, ClockTable.empty())
    lines.log.remembered.keep(block, lines.stamps)
    expected = lines.at(np.array([3, 5])).spans(("message",))["message"]
    asked: list[list[int] | None] = []

    def again(rows: Places | None) -> Block:
        asked.append(None if rows is None else rows.tolist())
        return block

    lines.again = again
    lines.forget_block()
    assert lines.at(np.array([3, 5])).stamps.pid.tolist() == lines.stamps.pid.tolist()
    got = lines.at(np.array([3, 5])).spans(("message",))["message"]
    assert (got.start.tolist(), got.end.tolist()) == (
        expected.start.tolist(),
        expected.end.tolist(),
    )
    assert [] in asked
    assert [3, 5] in asked
    assert None not in asked
