"""Rules: what a rule file may say, and how a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtool.events.folding import fold
from logtool.flags.findings import Flagger
from logtool.flags.rule import BadRule, parse_rules, read_rules
from tests.logtool.events.rows import rows

GOOD = """\
[[rule]]
id = "shop-slow"
title = "The shop is slow"
severity = "notice"
when = { message = ["slow: "], level = ["error"] }
cause = "It is slow."
cure = "Make it fast."
see = "the shop's handbook"
hits = []
misses = []
"""


def flagged(rule: str, text: str) -> list[tuple[str, int]]:
    """Rule and count of what these rules find in these lines."""
    flagger = Flagger(parse_rules(rule, "mine.toml"))
    flagger.add(fold(rows(text)))
    return [(found.rule, found.count) for found in flagger.findings()]


def logged(*messages: str, seconds: int = 1) -> str:
    """The messages as lines of one thread, some seconds apart."""
    return "\n".join(
        f"[Sun Nov 22 10:{i * seconds // 60:02d}:{i * seconds % 60:02d}.000000 2026] "
        f"[wsgi:error] [pid 7:tid 7] {message}"
        for i, message in enumerate(messages)
    )


def test_a_rule_of_the_user() -> None:
    """A user's rule flags the lines it describes."""
    assert flagged(GOOD, logged("slow: /cart", "not slow: /cart", "slow: /")) == [("shop-slow", 2)]


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ('severity = "notice"', 'severity = "bad"', "mine.toml:4: 'severity' must be one of"),
        ("cause = ", "couse = ", "mine.toml:6: a rule has no 'couse'"),
        ('message = ["slow: "]', 'massage = ["slow: "]', "mine.toml:5: there is no condition"),
        ('message = ["slow: "], ', "", "mine.toml:5: nothing here narrows the search"),
        ('message = ["slow: "]', "message = 3", "mine.toml:5: 'message' takes a list of texts"),
        (
            'message = ["slow: "]',
            "regex = '(x'",
            "mine.toml:5: 'regex' is no regular expression: unclosed group",
        ),
        ('id = "shop-slow"', 'id = "Shop slow"', "mine.toml:2: 'id' must be lower-case"),
        ('see = "the shop\'s handbook"\n', "", "mine.toml:1: the rule 'shop-slow' lacks 'see'"),
        ("hits = []", "hits = 'x'", "mine.toml:9: 'hits' must be a list of texts"),
        ("[[rule]]", "[[rules]]", "mine.toml:1: a rule file holds [[rule]] tables only"),
        ('severity = "notice"', "severity = notice", "mine.toml:4: Invalid value"),
        (
            "hits = []",
            "hits = []\npartner = { whan = {} }",
            "mine.toml:10: a partner has no 'whan'",
        ),
        (
            "hits = []",
            "hits = []\npartner = { same = 'pid' }",
            "mine.toml:10: the rule's 'partner' lacks 'when'",
        ),
        (
            "hits = []",
            "hits = []\nwithin = '5s'\npartner = { when = { says = ['x'] }, within = 'x' }",
            "mine.toml:11: 'within' must be a time",
        ),
        (
            "hits = []",
            "hits = []\npartner = { when = { says = ['x'] }, same = 'id' }",
            "mine.toml:10: 'same' must be one of about_pid, pid, client, process: 'id'",
        ),
        (
            "hits = []",
            "hits = []\npartner = { when = { says = ['x'] }, absent = 'false' }",
            "mine.toml:10: 'absent' must be true or false",
        ),
    ],
)
def test_bad_rules(change: str, place: str, words: str) -> None:
    """A wrong rule is told with its file and line."""
    assert change in GOOD
    with pytest.raises(BadRule) as raised:
        parse_rules(GOOD.replace(change, place), "mine.toml")
    assert str(raised.value).startswith(words)


def test_the_second_rule_is_found_by_its_own_line() -> None:
    """Errors count lines through the whole file."""
    second = GOOD.replace("notice", "nice").replace("shop-slow", "shop-slower")
    with pytest.raises(BadRule, match=r"mine\.toml:15: 'severity'"):
        parse_rules(GOOD + "\n" + second, "mine.toml")


def test_an_id_twice() -> None:
    """Two rules of one file may not share an id."""
    with pytest.raises(BadRule, match=r"mine\.toml:12: the id 'shop-slow' is taken"):
        parse_rules(GOOD + GOOD, "mine.toml")


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there is one line, not a traceback."""
    with pytest.raises(BadRule, match="No such file"):
        read_rules(str(tmp_path / "nix.toml"))


def test_repetition() -> None:
    """`at_least` within `within` is one finding; slower repetition is none."""
    rule = GOOD.replace("cause =", 'at_least = 3\nwithin = "10s"\ncause =')
    often = logged(*["slow: /"] * 4, seconds=2)
    seldom = logged(*["slow: /"] * 4, seconds=9)
    assert flagged(rule, often) == [("shop-slow", 1)]
    assert flagged(rule, seldom) == []


@pytest.mark.parametrize(("absent", "expected"), [("false", [("shop-slow", 1)]), ("true", [])])
def test_partner(absent: str, expected: list[tuple[str, int]]) -> None:
    """A partner line of the same process must be near, or must not."""
    partner = f'partner = {{ when = {{ message = ["busy"] }}, same = "pid", absent = {absent} }}\n'
    rule = GOOD.replace("cause =", partner + "cause =")
    assert flagged(rule, logged("slow: /", "busy")) == expected


def test_once_per_pid() -> None:
    """Lines that tell of one occurrence are counted once."""
    rule = GOOD.replace("cause =", 'once_per = "pid"\nonce_within = "5s"\ncause =')
    assert flagged(rule, logged("slow: /", "slow: /", "slow: /", seconds=4)) == [("shop-slow", 1)]
    assert flagged(rule, logged("slow: /", "slow: /", seconds=40)) == [("shop-slow", 2)]
