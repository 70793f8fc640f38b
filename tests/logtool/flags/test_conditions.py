"""Conditions: what few rows do not say rules need not be asked about, and nothing else."""

from __future__ import annotations

import polars as pl
import pytest

from logtool.events.folding import fold
from logtool.flags import conditions
from logtool.flags.conditions import Spoken
from logtool.flags.engine import Engine
from logtool.flags.rule import shipped_rules
from logtool.flags.wsgi_codes import default_rules
from tests.logtool.events.rows import rows

SAMPLES = [sample for rule in shipped_rules() for sample in (*rule.hits[:1], *rule.misses[:1])]


def test_the_same_is_found_of_few_rows_and_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what rules find in each of their own samples, nothing goes by how many rows are asked."""
    few, every = Engine(default_rules()), Engine(default_rules())
    found = 0
    for sample in SAMPLES:
        folded = fold(rows(sample))
        monkeypatch.setattr(conditions, "_FEW", 200)
        hits = few.hits(folded)
        monkeypatch.setattr(conditions, "_FEW", -1)
        assert hits.equals(every.hits(folded)), sample
        found += hits.height
    assert found > len(SAMPLES) // 3


def test_what_is_not_said_cannot_hold() -> None:
    """Each word looks into its own column; what looks at no text may hold whatever is said."""
    row = {"code": "AH00045", "said": "a b", "text": "b c", "message": "a b c", "head": "d"}
    spoken = Spoken(pl.DataFrame([row | {"exception": None}]))

    assert spoken.may_hold({"tag": ["AH1", "AH00045"], "says": ["a"], "message": ["c"]})
    assert spoken.may_hold({"status": [1], "regex": "x", "head": ["d"]})
    assert not spoken.may_hold({"says": ["c"]})
    assert not spoken.may_hold({"message": ["c"], "contains": ["d"]})
    assert not spoken.may_hold({"exception": ["KeyError"], "message": ["c"]})
