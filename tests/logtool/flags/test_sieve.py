"""Sieve: few texts stand for many, and everyday lines hold none of them."""

from __future__ import annotations

import re
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.flags.engine import Engine
from logtool.flags.lives import GATES
from logtool.flags.ordinary import is_ordinary
from logtool.flags.sieve import Gate, Sieve, fewest
from logtool.flags.wsgi_codes import default_rules
from parsers.blocks import Block

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


def test_everyday_lines_do_not_pass() -> None:
    """Of the lines of everyday logs, hardly one has its fields read for the rules of errlog.

    But those where a life begins or ends: each process has one of them.
    """
    lines = (files("logtool.flags") / "rules" / "ordinary.txt").read_bytes().splitlines()[1:]
    passed, _ = Engine(default_rules()).sieve.passes(
        Block.of(b"".join(b"%s\n" % one for one in lines))
    )
    held = np.array([[bool(re.search(g.holds.encode(), line)) for line in lines] for g in GATES])
    assert held.sum(axis=1).max() == 1
    assert (passed & ~held.any(axis=0)).sum() <= 2
    assert len(lines) > 90


@pytest.mark.parametrize(
    "texts",
    [["child process"], [f"word {n} of many" for n in range(200)], ["Traceback \\(most"], ["."]],
    ids=["some", "many", "tracebacks", "all"],
)
def test_tracebacks_are_counted(texts: list[str]) -> None:
    """Whatever is looked for; and they pass where a rule asks for them, or for every line."""
    lines = [
        b"[core:notice] child process died",
        b"[wsgi:error] Traceback (most recent call last):",
        b"Traceback (most recent call last)",
        b"[wsgi:error] Tracebacks are long",
        b'[wsgi:error]   | Traceback (most recent call last): "word 7 of many"',
    ]
    sieve = Sieve([Gate(holds=text) for text in texts])
    passed, tracebacks = sieve.passes(Block.of(b"".join(b"%s\n" % line for line in lines)))
    assert tracebacks == 3
    assert passed.tolist() == [
        any(re.search(text.encode(), line) for text in texts) for line in lines
    ]
