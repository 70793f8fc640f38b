"""At once: what compiled loops make of lines is what the steps read."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parsers.built_in import HTTPD_22, HTTPD_24
from parsers.decode import Decoder
from parsers.layouts import Layout, compile_layout
from parsers.lines import Stamps
from parsers.scanning import Text
from parsers.steps.at_once import read_at_once
from tests.kernel_memory import lent

MICROSECONDS = compile_layout("[%{u}t] [%l] [pid %P] %M")
MILLISECONDS = compile_layout("[%{cmz}t] [%-m:%l] [pid %P] %M")
#: Layouts that are read so, and a line of each.
LAYOUTS = {
    "2.4": (HTTPD_24, "[Mon Nov 23 {H}:{M}:{S}.{f} 2026] [{m}:{l}] [pid {p}:tid {t}] AH1: x"),
    "microseconds": (MICROSECONDS, "[Mon Nov 23 {H}:{M}:{S}.{f} 2026] [{l}] [pid {p}] x"),
    "compact": (
        compile_layout("[%{cu}t] [%-m:%l] [pid %P:tid %T] %M"),
        "[2026-11-23 {H}:{M}:{S}.{f}] [{m}:{l}] [pid {p}:tid {t}] x",
    ),
    "written by errlog": (
        compile_layout("[%{cu}t] [%-m:%l] [pid %P:tid %T] %M"),
        "[2026-11-23 {H}:{M}:{S}.{f} +0000] [{m}:{l}] [pid {p}:tid {t}] x",
    ),
    "milliseconds": (
        MILLISECONDS, "[2026-11-23 {H}:{M}:{S}.{f:.3} +0100] [{m}:{l}] [pid {p}] x"
    ),
}  # fmt: skip
_NO_TIMES = {"H": ("24", "1x"), "M": ("60", "7 "), "S": ("61", "-1"), "f": ("12345", "1234567")}
_MODULES = ("ssl", "core", "mpm_event", "wsgi", "-", "", "mod_with_a_name_that_is_not_short_at_all")
_LEVELS = ("info", "error", "trace8", "warnn")


def _lines(line: str, chance: random.Random, faults: float) -> Iterator[str]:
    """Lines of some processes in some minutes, a share of them with a fault."""
    pids = [chance.randrange(1, 10 ** chance.randint(1, 10)) for _ in range(5)]
    minutes = [(chance.randrange(24), chance.randrange(60)) for _ in range(3)]
    for _ in range(chance.randint(505, 560)):
        hour, minute = chance.choice(minutes)
        told = {
            "H": f"{hour:02}", "M": f"{minute:02}", "S": f"{chance.randrange(61):02}",
            "f": f"{chance.randrange(10**6):06}", "m": chance.choice(_MODULES[:4]), "l": "info",
            "p": chance.choice(pids), "t": chance.choice(pids),
        }  # fmt: skip
        if chance.random() < faults:
            name = chance.choice("HMSf")
            told[name] = chance.choice(_NO_TIMES[name])
        if chance.random() < faults:
            told["m"], told["l"] = chance.choice(_MODULES), chance.choice(_LEVELS)
        text = line.format(**told)
        if chance.random() < faults:
            text = text[: chance.randrange(len(text))]
        if chance.random() < faults:
            text += "\r"
        yield text


@pytest.mark.parametrize("name", LAYOUTS)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), faults=st.sampled_from([0, 0.01, 0.3]), ended=st.booleans())
@example(seed=93796, faults=0.3, ended=True)  # an empty line before a head that others have
def test_block_after_block_is_read_as_step_by_step(
    name: str, seed: int, faults: float, ended: bool
) -> None:
    """What is known of the blocks before is right for others, also when others were between."""
    layout, line = LAYOUTS[name]
    chance = random.Random(seed)
    decoders = Decoder([layout]), Decoder([HTTPD_22, HTTPD_24, MICROSECONDS])
    for number in range(4):
        told = line if number != 2 else LAYOUTS["2.4"][1]
        raw = "\n".join(_lines(told, chance, faults)).encode() + b"\n" * (ended or number < 3)
        _is_read_alike(decoders[number % 3 == 2], raw)


def _is_read_alike(decoder: Decoder, raw: bytes) -> None:
    with lent() as memory:
        block = memory.block(raw)
        got = decoder.stamps(block)
        # The same bytes where the kernel does not see them.
        expected = Decoder(decoder.layouts).stamps(memory.block(raw).of(raw))
        handed_over, some = pickle.loads(pickle.dumps(got)), np.arange(0, len(block), 7)
        pairs = zip(got.behind(block.starts), expected.behind(block.starts), strict=True)
        for left, right in pairs:
            np.testing.assert_array_equal(left, right)
        _are_equal(got.at(some), expected.at(some))  # before somebody asked where times stand
        _are_equal(handed_over, expected)
        _are_equal(got.with_offsets(got.offset_s), expected)


def _are_equal(got: Stamps, expected: Stamps) -> None:
    for field in fields(Stamps):
        left, right = getattr(got, field.name), getattr(expected, field.name)
        np.testing.assert_array_equal(left, right, field.name)
        assert left.dtype == right.dtype


@pytest.mark.parametrize("name", [name for name in LAYOUTS if name != "written by errlog"])
def test_usual_lines_are_read_at_once(name: str) -> None:
    """What the property above checks is in use: no line is left, in a second block at least."""
    layout, line = LAYOUTS[name]
    for seed in range(2):
        left = _left(layout, "\n".join(_lines(line, random.Random(seed), 0)) + "\n")
    assert left == 0


def _left(layout: Layout, text: str) -> int | None:
    with lent() as memory:
        block = memory.block(text.encode())
        read = read_at_once(Text(block), layout.plan.stamp_steps, 0, block.starts, block.ends)
        return None if read is None else len(read.left)


def test_heads_of_too_many_kinds_are_left_to_the_steps() -> None:
    """And those after them are read at once again."""
    line = LAYOUTS["2.4"][1]
    told = {"H": "12", "M": "00", "S": "00", "f": "000000", "m": "core", "l": "info"}
    many = "".join(line.format(p=pid, t=pid, **told) + "\n" for pid in range(5000))
    few = "".join(line.format(p=pid % 9, t=1, **told) + "\n" for pid in range(5000))
    assert _left(HTTPD_24, many) is None
    assert _left(HTTPD_24, few) == 0


@pytest.mark.parametrize(
    "form", ["%t %M", "[%l] [%{cu}t] [pid %P] %M", "[%{%T}t] [%P] [%{%F}t] %M"]
)
def test_other_layouts_are_left_to_the_steps(form: str) -> None:
    """Where no time of fixed width comes first, and all heads right behind it."""
    assert _left(compile_layout(form), "x\n" * 600) is None
