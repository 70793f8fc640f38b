"""Heading: what is told of lines by their heads is what the steps find on each of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from logtool.frame.hashing import signing, told_of
from parsers.blocks import Block
from parsers.built_in import BUILT_IN
from parsers.compiled.compiling import Kernel
from parsers.compiled.kinds import Headed, Sign
from parsers.compiled.loops import MOST_KINDS
from parsers.decode import Decoder
from parsers.layouts import Layout, compile_layout
from parsers.lines import Spans
from parsers.steps.message_step import TAIL
from tests import places
from tests.kernel_memory import Lent, lent
from tests.trust.mutations import MUTATIONS, Mutation

SAMPLE_LOGS = sorted(places.SAMPLE_LOGS.glob("*/error.log"))
SIGNS = {"client": Sign.CLIENT, **dict.fromkeys((TAIL, "log_id", "status"), Sign.NUMBER)}
OF_HEADS = "level", "module", "tid"


def _line(pid: int, module: str = "core", rest: str = "[client ::1:80] AH1: x") -> str:
    return f"[Fri Jun 05 10:42:36.978307 2026] [{module}:info] [pid {pid}:tid 8] {rest}\n"


def _layout() -> Layout:
    """That of the lines above, of which nothing is known yet."""
    return compile_layout(r"[%{u}t] [%m:%l] [pid %P:tid %T] [client\ %a] %M")


class _Watched:
    """What `Kernel.headed` asks and answers.

    Attributes:
        news: how many heads were new, each time that they were to be learned; 0 for an answer, and
            -1 for none though all were learned.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.news: list[int] = []
        headed = Kernel.headed

        def watched(
            kernel: Kernel, *told: object, learn: Callable[[NDArray[np.int64]], bool]
        ) -> Headed | None:
            able = True

            def watched_learn(rows: NDArray[np.int64]) -> bool:
                nonlocal able
                self.news.append(len(rows))
                able = learn(rows)
                return able

            answer = headed(kernel, *told, watched_learn)  # type: ignore[arg-type, call-arg]
            if able:
                self.news.append(-1 if answer is None else 0)
            return answer

        patch.setattr(Kernel, "headed", watched)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> _Watched:
    """What the loop answers."""
    return _Watched(monkeypatch)


def _agree(memory: Lent, decoder: Decoder, log: bytes) -> dict[str, Spans]:
    """Read a log with and without heads; gives what is told by them."""
    names = (*SIGNS, *OF_HEADS)
    plain = Block.of(log)
    every = np.arange(len(plain))
    expected = Decoder(decoder.layouts).fields(plain, decoder.stamps(plain), every, names)
    block = memory.block(log)
    got = decoder.fields(block, decoder.stamps(block), every, names, signing(SIGNS))
    for name in names:
        one, spans = expected[name], got[name]
        if spans.signs is not None:
            told = told_of(SIGNS[name], plain.data, one.start, one.end)
            for column, right in zip(spans.signs, told, strict=True):
                np.testing.assert_array_equal(column, right, name)
        for rows in (every, every[::-7], every[:0]):
            some = spans.at(rows)
            np.testing.assert_array_equal(some.start, one.start[rows], name)
            there = some.start >= 0
            np.testing.assert_array_equal(some.end[there], one.end[rows][there], name)
        alike = spans.alike
        if alike is not None:
            assert np.array_equal(alike.place[alike.rows], np.arange(len(alike.rows)))
            texts = told_of(Sign.NUMBER, plain.data, one.start, one.end)[0]
            assert np.array_equal(texts[alike.rows][alike.place], texts), name
    return got


@pytest.mark.parametrize(
    ("path", "mutation"),
    [
        pytest.param(path, list(MUTATIONS)[-number % len(MUTATIONS)], id=path.parent.name)
        for number, path in enumerate(SAMPLE_LOGS)
    ],
)
def test_what_is_told_by_heads_is_what_steps_find(path: Path, mutation: Mutation) -> None:
    """Of every sample, forwards and backwards, and of what becomes of it by mutation."""
    raw = path.read_bytes()[: 1 << 17]
    raw *= 1 + 600 * 80 // len(raw)
    back = b"".join(raw.splitlines(keepends=True)[::-1])
    decoder = Decoder(BUILT_IN)
    with lent() as memory:
        for log in (raw, mutation(raw, random.Random(path.parent.name)), back, raw[:-9]):
            _agree(memory, decoder, log)


def test_heads_are_remembered_from_block_to_block(watched: _Watched) -> None:
    """Their texts have the same numbers there; other heads have others."""
    decoder = Decoder([_layout()])
    with lent() as memory:
        texts = []
        for pids in ((1, 2), (2, 1), (2, 3), (1, 3)):
            log = "".join(_line(pids[k % 7 > 3]) for k in range(700)).encode()
            alike = _agree(memory, decoder, log)["level"].alike
            assert alike is not None
            assert alike.texts is not None
            texts.append(dict(zip(pids, alike.texts.tolist(), strict=True)))
    assert watched.news == [2, 0, 0, 1, 0, 0]
    assert texts[1] == texts[0]
    assert texts[3] == {1: texts[0][1], 3: texts[2][3]}
    assert len({*texts[0].values(), texts[2][3]}) == 3


def test_heads_that_depend_on_more_are_left_to_the_steps(watched: _Watched) -> None:
    """More words are compared then; lines whose heads are longer than these may be do not count."""
    decoder = Decoder([_layout()])
    usual = [_line(k % 3) for k in range(600)]
    longer = [*usual, _line(7, "a_module_of_very_many_letters")]
    longest = [*longer, _line(8, "a_module_of_more_letters_than_are_compared_at_once")]
    with lent() as memory:
        for lines in (usual, longer, longer, longest, longest, longer):
            _agree(memory, decoder, "".join(lines).encode())
    # From the second time on as many are compared as can be, which the last head is longer than.
    assert watched.news == [3, 0, 1, 4, 0, 1, -1, -1, 0]


def test_too_many_heads_are_forgotten(watched: _Watched) -> None:
    """All of them, and what comes then is learned anew."""
    decoder = Decoder([_layout()])
    with lent() as memory:
        for begin in (0, 3000, 6000):
            lines = (_line(begin + k % 3000) for k in range(6100))
            _agree(memory, decoder, "".join(lines).encode())
    assert MOST_KINDS < 2 * 3000
    assert watched.news == [3000, 0, -1, 3000, 0]


def test_other_heads_in_the_meantime_make_it_forget(watched: _Watched) -> None:
    """What one layout has learned is not told of another one."""
    one, other = _layout(), _layout()
    log = "".join(_line(k % 3) for k in range(600)).encode()
    with lent() as memory:
        for layout in (one, one, other, one):
            _agree(memory, Decoder([layout]), log)
    assert watched.news == [3, 0, 0, 3, 0, 3, 0]


def test_what_is_handed_over_lies_where_others_read_it() -> None:
    """As far as there is room, elsewhere where that ends; what is told is the same."""
    decoder = Decoder([_layout()])
    log = "".join(_line(k % 3) for k in range(600)).encode()
    with lent() as memory:
        right = _agree(memory, decoder, log)["client"].signs
        assert right is not None
        right = tuple(column.copy() for column in right)
        place, all_of_it = memory.room.ctypes.data, {0: False, 10_000: True}
        for size in (0, 1000, 3000, 10_000):
            block = memory.block(log)
            memory.kernel.begin(memory.columns, memory.room[:size])
            stamps = decoder.stamps(block)
            every = np.arange(len(block))
            got = decoder.fields(block, stamps, every, (*SIGNS, *OF_HEADS), signing(SIGNS))
            for column, one in zip(got["client"].signs or (), right, strict=True):
                np.testing.assert_array_equal(column, one)
            alike = got["level"].alike
            assert alike is not None
            within = [
                0 <= one.ctypes.data - place < max(size, 1)
                for one in (alike.place, *(got["client"].signs or ()))
            ]
            if size in all_of_it:
                assert within == [all_of_it[size], False, all_of_it[size], all_of_it[size]]
            assert memory.kernel.result(7, np.int32).nbytes == 28
