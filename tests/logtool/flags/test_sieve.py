"""Sieve: few texts stand for many, and everyday lines hold none of them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.flags.engine import Engine
from logtool.flags.gates import OF_LIVES, Gate
from logtool.flags.ordinary import is_ordinary
from logtool.flags.rule import Rule
from logtool.flags.sieve import Sieve, fewest
from logtool.flags.wsgi_codes import default_rules
from parsers.blocks import Block
from tests.kernel_memory import everywhere, lent

WORDS = st.sampled_from(["daemon", " process ", "could not ", "timer expired", "Error: ", "x", "é"])
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=4).map("".join), max_size=12)


@given(TEXTS, st.integers(1, 12))
def test_each_text_holds_one(texts: list[str], wanted: int) -> None:
    """Whatever holds one of the texts holds one of the fewer."""
    chosen = fewest(texts, wanted)
    assert len(chosen) <= len(set(texts))
    assert all(any(one in text for one in chosen) for text in texts)


@given(TEXTS, st.integers(1, 12))
def test_no_text_is_shortened_without_need(texts: list[str], wanted: int) -> None:
    """Where few are left anyway, they stay whole; what is cut is no everyday text."""
    chosen = fewest(texts, wanted)
    cut = set(chosen) - set(texts)
    assert not cut or len(set(texts)) > wanted
    assert not any(map(is_ordinary, cut))


#: Of these, rules ask more than a text: a status, another path, how often they come.
ASKED_MORE = {
    b"mod_wsgi (pid=4711): Python home /usr.",
    b"OSError: Apache/mod_wsgi request data read error",
    b"AH01630: client denied by server configuration: /srv/htdocs/.git",
}


def test_everyday_lines_do_not_pass() -> None:
    """Of the lines of everyday logs, hardly one has its fields read for the rules of errlog.

    But those where a life begins or ends: each process has one of them.
    """
    lines = (files("logtool.flags") / "rules" / "ordinary.txt").read_bytes().splitlines()[1:]
    sieve = Engine(default_rules()).sieve
    held = np.array([[bool(re.search(g.holds.encode(), line)) for line in lines] for g in OF_LIVES])

    def try_it(make: Callable[[bytes], Block]) -> None:
        passed, _ = sieve.passes(make(b"".join(b"%s\n" % one for one in lines)))
        assert held.sum(axis=1).max() == 1
        others = {lines[at] for at in np.flatnonzero(passed & ~held.any(axis=0))}
        assert others <= ASKED_MORE

    everywhere(try_it)
    assert len(lines) > 90


@pytest.mark.parametrize(
    "texts",
    [["child process"], [f"word {n} of many" for n in range(200)], ["Traceback \\(most"], ["."]],
    ids=["some", "many", "tracebacks", "all"],
)
@pytest.mark.parametrize("few", [0, 1 << 18])
def test_tracebacks_are_counted(
    texts: list[str], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is looked for; and they pass where a rule asks for them, or for every line.

    In few bytes and in many.
    """
    monkeypatch.setattr(sys.modules[Sieve.__module__], "_FEW_BYTES", few)
    lines = [
        b"[core:notice] child process died",
        b"[wsgi:error] Traceback (most recent call last):",
        b"Traceback (most recent call last)",
        b"[wsgi:error] Tracebacks are long",
        b'[wsgi:error]   | Traceback (most recent call last): "word 7 of many"',
    ]
    sieve = Sieve([Gate(holds=text) for text in texts])

    def try_it(make: Callable[[bytes], Block]) -> None:
        passed, tracebacks = sieve.passes(make(b"".join(b"%s\n" % line for line in lines)))
        assert tracebacks == 3
        assert passed.tolist() == [
            any(re.search(text.encode(), line) for text in texts) for line in lines
        ]

    everywhere(try_it)


@settings(deadline=None)
@given(
    st.lists(st.text("ab\0", min_size=4, max_size=40), min_size=1, max_size=30),
    st.lists(st.text("ab\0\n", max_size=60)),
    st.data(),
)
def test_the_kernel_finds_texts(texts: list[str], parts: list[str], data: st.DataObject) -> None:
    """A line passes if it holds one of the texts, at whatever place, and no other line does."""
    some = data.draw(st.lists(st.sampled_from(texts), max_size=20))
    text = "".join(data.draw(st.permutations([*parts, *some])))
    sieve = Sieve([Gate(holds=re.escape(text)) for text in texts])
    with lent() as memory:
        block = memory.block(text.encode())
        seen = sieve.seen(block)
        assert seen is not None
        lines = [block.line(row).decode() for row in range(len(block))]
        assert seen.rows.tolist() == [
            row for row, line in enumerate(lines) if any(text in line for text in texts)
        ]


@pytest.mark.parametrize(
    ("gates", "text"),
    [
        ([Gate(holds="gone")], "is gone\n" * 70_000),
        ([Gate(holds="gone"), Gate(holds=".")], "is gone\n"),
    ],
    ids=["places", "lines"],
)
def test_too_many(gates: list[Gate], text: str) -> None:
    """Where there is too much for it, the kernel tells nothing, and polars is asked."""
    sieve = Sieve(gates)
    with lent() as memory:
        block = memory.block(text.encode())
        assert sieve.seen(block) is None
        assert sieve.passes(block)[0].all()


@pytest.mark.parametrize(
    "rule", [rule for rule in default_rules() if rule.hits], ids=lambda r: r.id
)
@pytest.mark.parametrize("few", [0, 1 << 18])
def test_what_a_rule_flags_passes(few: int, rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each example of a rule a line passes, whoever looks for its texts."""
    monkeypatch.setattr(sys.modules[Sieve.__module__], "_FEW_BYTES", few)
    sieve = Engine([rule]).sieve

    def try_it(make: Callable[[bytes], Block]) -> None:
        for hit in rule.hits:
            passed, _ = sieve.passes(make(hit.encode()))
            assert passed.any(), hit

    everywhere(try_it)
