"""The README of the rules names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from logtool.flags.gates import WORDS
from logtool.flags.rule import parse_rules, shipped_rules

README = (Path(__file__).parents[3] / "logtool" / "flags" / "rules" / "README.md").read_text(
    "utf-8"
)


@pytest.mark.parametrize("name", [*WORDS, *(rule.id for rule in shipped_rules())])
def test_every_word_is_told(name: str) -> None:
    """Each condition and each rule is in the README."""
    assert f"`{name}`" in README


def test_every_rule_it_names_is_there() -> None:
    """What it tells of sections of the document, and of rules beyond, names rules alone."""
    told = README.split("## What the document")[1].split("## Known limits")[0]
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", told))
    assert named == {rule.id for rule in shipped_rules()}


def test_its_example_is_a_rule() -> None:
    """The example is read without a fault."""
    example = README.split("```toml\n")[1].split("```")[0]
    assert [rule.id for rule in parse_rules(example, "README.md")] == ["stock-empty"]
