"""Kernel: its loops give what numpy gives, or what plain Python does."""

from __future__ import annotations

import ctypes
import gc
import mmap
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from itertools import cycle, groupby
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.blocks import Block, first_lines, newlines, starts_between
from parsers.built_in import BUILT_IN
from parsers.compiled import compiling as compiled
from parsers.compiled import kernel as kernels
from parsers.decode import Decoder
from parsers.layouts import compile_layout
from parsers.lines import Stamps
from tests import places
from tests.kernel_memory import lent
from tests.trust.mutations import MUTATIONS, Mutation

SAMPLE_LOGS = sorted(places.SAMPLE_LOGS.glob("*/error.log"))
#: Texts with many newlines, long stretches without, and ends at any place of a word.
TEXTS = st.lists(
    st.one_of(st.just(b"\n"), st.binary(max_size=9), st.integers(1, 200).map(lambda n: b"\x0b" * n))
).map(b"".join)
#: One layout for each way in which a time begins, ends, or has its digits in it.
_TIMES = ("%t", "%{u}t", "%{m}t", "%{cu}t", "%{cuz}t", "%{cm}t", "%{%s}t", "%{%d/%b/%Y:%T %z}t",
          "%{%H:%M:%S}t %{%j %Y}t", "%{%T %T %Y-%m-%d}t", "%{%y%m%d%H%M%S}t",
          "%{%e.%m.%y %R}t", "%{%s %F %T}t", "%{%T %s}t.%{%S}t")  # fmt: skip
LAYOUTS = [compile_layout(f"[{item}] [%-m:%l] [pid %P:tid %T] %M") for item in _TIMES]


@settings(deadline=None)
@given(TEXTS, st.integers(1, 60))
def test_lines_are_found(raw: bytes, most: int) -> None:
    """All of them, or the first few, and none behind the bytes that count."""
    plain = np.frombuffer(raw + b"\n" * 80, np.uint8)
    wanted = newlines(plain[: len(raw)])[:most]
    with lent() as memory:
        data = memory.put(plain)[: len(raw)]
        starts, ends = first_lines(data, most)
        beside = memory.kernel.column(1, np.int64)
        assert ends.tolist() == wanted.tolist()
        assert starts.tolist() == starts_between(wanted).tolist()
        assert newlines(data).tolist() == newlines(plain[: len(raw)]).tolist()
        assert beside.ctypes.data >= ends.ctypes.data + ends.nbytes


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.binary(min_size=24, max_size=24), min_size=1, max_size=5),
    st.lists(st.integers(0, 4), min_size=1, max_size=90),
    st.integers(1, 3),
)
def test_equal_rows_are_of_one_kind(texts: list[bytes], chosen: list[int], words: int) -> None:
    """Rows are of one kind just where their words are equal, whatever stands behind these."""
    rows = [texts[number % len(texts)] for number in chosen]
    kept = slice(8 * words)
    raw = np.frombuffer(b"".join(rows) + b"\0" * 16, np.uint8)
    with lent() as memory:
        found = memory.kernel.alike(memory.put(raw), 24 * np.arange(len(rows)), words)
        assert found is not None
        heads, kinds = found
        first: dict[bytes, int] = {}
        for row, text in enumerate(rows):
            first.setdefault(text[kept], row)
        assert heads.tolist() == list(first.values())
        assert [rows[heads[kind]][kept] for kind in kinds] == [text[kept] for text in rows]


def test_rows_with_too_many_keys_are_given_up() -> None:
    """Nothing of them is left for the rows that come next; columns of others stay as they are."""
    numbers = np.arange(5000)
    with lent() as memory:
        column = memory.kernel.column(5000, np.int64)
        column[:] = numbers
        assert memory.kernel.grouped(numbers, numbers, None) is None
        found = memory.kernel.grouped(column % 2 - 1, numbers, column % 5 == 0)
        assert found is not None
        assert found.tolist() == [[-1, 2500, 500, 0, 4998], [0, 2500, 500, 1, 4999]]
        assert column.tolist() == numbers.tolist()
        assert memory.kernel.grouped(numbers[:0], numbers[:0], None).shape == (0, 5)  # type: ignore[union-attr]
        assert memory.kernel.grouped(np.zeros(1 << 18, np.int64), numbers, None) is None


def test_rows_of_too_many_kinds_are_given_up() -> None:
    """And those after them are told apart as if nothing had been."""
    raw = np.arange(1 << 16, dtype=np.int64).view(np.uint8)
    places = 8 * np.arange(1 << 15)
    with lent() as memory:
        data = memory.put(raw)
        assert memory.kernel.alike(data, places, 1) is None
        found = memory.kernel.alike(data, places[:3000], 1)
        assert found is not None
        assert found[0].tolist() == found[1].tolist() == list(range(3000))


def test_more_rows_than_there_is_room_for_are_given_up() -> None:
    """Whoever asks does it by himself then."""
    with lent() as memory:
        memory.kernel.begin(memory.room[: 1 << 20])
        assert memory.kernel.has_room(1000)
        assert not memory.kernel.has_room(100_000)
        places = np.zeros(100_000, np.int64)
        assert memory.kernel.alike(memory.room, places, 1) is None


ANY = st.integers(-(2**62), 2**62)


@given(st.lists(ANY, min_size=1, max_size=9), st.lists(st.integers(0, 8), max_size=50))
def test_values_are_spread(values: list[int], chosen: list[int]) -> None:
    """Each row gets the one of its kind."""
    kinds = np.array([kind % len(values) for kind in chosen], np.int32)
    with lent() as memory:
        memory.kernel.begin(memory.columns)
        found = memory.kernel.spread(np.array(values, np.int64), kinds)
        assert found.tolist() == [values[kind] for kind in kinds.tolist()]


@given(st.lists(st.integers(-200_000_000, 200_000_000), max_size=50), st.sampled_from([1, 60]))
def test_runs_of_seconds_and_of_minutes(us: list[int], size: int) -> None:
    """Neighbours within one stretch of time are of one run, before 1970 too."""
    with lent() as memory:
        memory.kernel.begin(memory.columns)
        begins, runs = memory.kernel.runs(np.array(us, np.int64), size)
        stretches = [time // (size * 1_000_000) * size for time in us]
        assert begins[runs].tolist() == stretches
        assert begins.tolist() == [key for key, _ in groupby(stretches)]


def test_columns_leave_room_for_loops() -> None:
    """A column that would take it is made elsewhere."""
    with lent() as memory:
        memory.kernel.begin(memory.room[: 1 << 20])
        inside = memory.kernel.column(1000, np.int64)
        assert memory.kernel.holds(inside)
        assert memory.kernel.has_room(1000)
        outside = memory.kernel.column(20_000, np.int64)
        assert len(outside) == 20_000
        assert not memory.kernel.holds(outside)
        assert kernels.column_for(np.zeros(1), 7, np.int16).dtype == np.int16


def _same(decoder: Decoder, one: Block, other: Block) -> None:
    # Without a kernel first: what a decoder learns must not be needed.
    expected, got = (decoder.stamps(block) for block in (one, other))
    for field in fields(Stamps):
        left, right = getattr(got, field.name), getattr(expected, field.name)
        np.testing.assert_array_equal(left, right, field.name)
        assert left.dtype == right.dtype


@pytest.mark.parametrize(
    ("path", "mutation"),
    [
        pytest.param(*case, id=f"{case[0].parent.name} {case[1].__name__}")
        for case in zip(SAMPLE_LOGS, cycle(MUTATIONS), strict=False)
    ],
)
def test_stamps_of_mutated_logs(path: Path, mutation: Mutation) -> None:
    """Every sample, and what becomes of it by mutation, is read as without the kernel."""
    raw = path.read_bytes()
    with lent() as memory:
        for log in (raw, mutation(raw, random.Random(path.parent.name))):
            _same(Decoder(BUILT_IN), Block.of(log), memory.block(log))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(range(len(LAYOUTS))), st.booleans())
def test_stamps_of_any_digits(seed: int, number: int, ended: bool) -> None:
    """Times of every form, digits and others in every place, as without the kernel."""
    chance = random.Random(seed)
    stamps = ["Mon Nov 23 20:58:22.240113 2026", "Mon Nov 23 20:58:59 2026", "1764104402",
              "2026-11-23 20:58:22.240113", "2026-11-23 20:58:22.240113 +0000",
              "23/Nov/2026:20:58:22 +0100",
              "Mon Nov 23 20:58:22.240 2026", "2026-11-23 20:58:22.240", "20:58:22 327 2026",
              "20:58:22 20:58:23 2026-11-23", "261123205822", "23.11.26 20:58",
              "1764104402 2026-11-23 20:58:22", "20:58:22 1764104402.22"]  # fmt: skip
    lines = []
    for _ in range(600):
        text = list(f"[{chance.choice(stamps)}] [core:error] [pid {chance.randint(1, 9)}:tid 7] x")
        for _ in range(chance.choice((0, 0, 1, 2))):
            at = chance.randrange(36)
            text[at] = chance.choice("0123456789:.-/ 6")
        lines.append("".join(text))
    raw = "\n".join(lines).encode() + b"\n" * ended
    with lent() as memory:
        _same(Decoder([LAYOUTS[number]]), Block.of(raw), memory.block(raw))


def test_memory_is_lent_once_and_given_back() -> None:
    """It is lent again when no array refers to it, and is empty then."""
    kernel = kernels.load(1 << 20)
    assert kernel is not None
    gc.collect()
    memory = kernel.lend()
    assert memory is not None
    memory[:10] = 7
    part = memory[5:].view(np.int8)[1:]
    del memory
    assert kernel.lend() is None
    assert part[:4].tolist() == [7] * 4
    del part
    memory = kernel.lend()
    assert memory is not None
    assert not memory[:10].any()


def test_pages_are_kept_for_who_is_lent_them_next() -> None:
    """If that was asked for, and only once."""
    kernel = kernels.load(1 << 20)
    assert kernel is not None
    gc.collect()
    for kept, found in ((True, 0), (False, 7), (False, 0)):
        memory = kernel.lend(kept=kept)
        assert memory is not None
        assert memory[0] == found
        memory[0] = 7
        del memory


def test_pages_are_made() -> None:
    """Where they are asked for, and no other, as far as the system can."""
    kernel = kernels.load(4 << 20)
    assert kernel is not None
    gc.collect()
    size = mmap.PAGESIZE
    kernel.fill([(size, 3 << 20)])
    memory = kernel.lend()
    assert memory is not None
    there = np.zeros(len(memory) // size, np.uint8)
    address = ctypes.c_void_p(memory.ctypes.data)
    told = ctypes.c_void_p(there.ctypes.data)
    assert ctypes.CDLL(None).mincore(address, ctypes.c_size_t(len(memory)), told) == 0
    made = there[: (4 << 20) // size] & 1
    if not made.any():
        pytest.skip("this system makes no pages before they are touched")
    assert made.tolist() == [0] + [1] * ((3 << 20) // size - 1) + [0] * ((1 << 20) // size)


def test_nothing_is_lost_where_pages_are_made() -> None:
    """While memory is lent, what is there stays."""
    kernel = kernels.load(1 << 20)
    assert kernel is not None
    gc.collect()
    memory = kernel.lend()
    assert memory is not None
    memory[:] = 7
    kernel.fill([(0, 1 << 20)])
    assert (memory == 7).all()


def test_arrays_elsewhere_are_no_business_of_the_kernel() -> None:
    """It is found for what is in its memory, and when it has begun."""
    with lent() as memory:
        assert kernels.kernel_of(memory.room) is memory.kernel
        assert kernels.kernel_of(np.zeros(9, np.uint8)) is None


#: Loads the kernel where a process may have so many bytes of addresses, and says what came of it.
_CRAMPED = """
import resource, sys
from parsers.compiled import kernel
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
print(kernel.load(1 << 20))
"""


def test_without_addresses_there_is_none() -> None:
    """WebAssembly reserves 4 GiB of them; who has less (`ulimit -v`) does without it."""
    command = [sys.executable, "-c", _CRAMPED, str(3 << 30)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout == "None\n"


def test_without_wasmtime_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on machines that it has no wheel for."""
    monkeypatch.setattr(kernels, "_kernel", None)
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    assert kernels.load(1 << 20) is None


@pytest.mark.parametrize("hidden", [False, True], ids=["quickly", "by wasmtime's own way"])
def test_loops_are_called(hidden: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what wasmtime keeps to itself, or without; a loop that fails is told."""
    if hidden:
        monkeypatch.delattr(wasmtime, "_ffi")
        monkeypatch.setitem(sys.modules, "wasmtime._ffi", None)
    text = """(module
        (func (export "seven") (result i32) (i32.const -7))
        (func (export "nothing"))
        (func (export "failed") (result i32) (unreachable)))"""
    store = wasmtime.Store()
    module = wasmtime.Module(store.engine, text)
    exports = wasmtime.Instance(store, module, []).exports(store)
    seven, nothing, failed = (
        compiled._quick(cast("wasmtime.Func", exports[one.name]), store) for one in module.exports
    )
    assert [(seven(), nothing()) for _ in range(3)] == [(-7, 0)] * 3
    with pytest.raises((RuntimeError, wasmtime.Trap)):
        failed()


def test_other_threads_do_without() -> None:
    """Its loops have one memory, and calls of them let other threads go on."""
    kernel = kernels.load(1 << 20)
    assert kernel is not None
    with ThreadPoolExecutor(1) as another:
        assert another.submit(kernels.loaded).result() is None
    assert kernels.loaded() is kernel
