"""Needles: every text that an expression matches holds one of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.flags.gates import gate
from logtool.flags.needles import are_needles, needles, outer_alternatives
from logtool.flags.rule import shipped_rules

WHENS = [when for rule in shipped_rules() for when in rule.whens]
PATTERNS = sorted({gate(when).holds for when in WHENS if not gate(when).tags})

# Expressions whose every piece is optional, repeated, nested or escaped somewhere.
PIECES = st.recursive(
    st.sampled_from([*"abc", r"\.", r"\(", r"\d", ".", "[xyz]", "[^ab]", r"[]\]a]", "word", "^"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: f"(?:{'|'.join(some)})"),
        inner.map(lambda one: f"(?P<name>{one})" if "<" not in one else one),
        st.tuples(
            inner, st.sampled_from(["?", "*", "+", "{0,2}", "{1,3}", "{2}", "{0}", "??", "*?"])
        ).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_shipped_rule_needs_some_text(pattern: str) -> None:
    """No rule that comes with errlog makes all lines pass the sieve."""
    found = needles(pattern)
    assert found
    assert min(map(len, found)) >= 6


@settings(deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=4))
def test_words_need_no_expression(words: list[str]) -> None:
    """What is known to be needles is what would be found of an expression for them."""
    if are_needles(words):
        assert needles("|".join(map(re.escape, words))) == frozenset(words)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_match_holds_a_needle(data: st.DataObject) -> None:
    """Whatever an expression matches holds one of its needles."""
    pattern = data.draw(st.one_of(st.sampled_from(PATTERNS), PIECES))
    found = needles(pattern)
    if found is None or pattern.count("(?P<name>") > 1:
        return
    text = data.draw(st.from_regex(re.compile(pattern, re.ASCII)))
    assert any(needle in text for needle in found), (pattern, found)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("abcdef", {"abcdef"}),
        ("abcdefg?h", {"abcdef"}),
        ("(?:abcde|fghij)+x", None),
        ("(?:abcde|fghij)x", {"abcde", "fghij"}),
        ("ab: (?:cd|(?:efg|hi)x)", {"ab: cd", "ab: efg", "ab: hi"}),
        ("abcde(?:f|g?h)", {"abcde"}),
        ("abcde|.*", None),
        ("abcde|fgh", None),
        ("(?i)abcde", None),
        ("(?i:abcde)", None),
        ("[abcdef]", None),
        (r"\x41bcdef", {"41bcdef"}),
        ("Größenwahn", {"enwahn"}),
        (r"C:\\windows", {"windows"}),
    ],
)
def test_cases(pattern: str, expected: set[str] | None) -> None:
    """What is sure, and what is not."""
    assert needles(pattern) == expected


def test_alternatives() -> None:
    """Only bars outside groups and classes cut."""
    assert outer_alternatives(r"a(?:b|c)|[|]\||d") == ["a(?:b|c)", r"[|]\|", "d"]


@pytest.mark.parametrize("end", [r"\)", "[)]", "[^)]", r"[]\])]", r"\\\)", "(?:x)"])
def test_parentheses_that_stand_for_themselves_end_no_group(end: str) -> None:
    """Nor does that of a group within; what stands behind the group's own is outside of it."""
    group = f"(?:gone{end}|lost{end})"
    assert outer_alternatives(group) == [group]
    assert outer_alternatives(f"{group}|a") == [group, "a"]
