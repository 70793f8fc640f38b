"""Of all pairs and triples of zones, each group gets the one that suits its neighbours."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from benchmarks.clock_accuracy import anchors_of, load, reproduce
from logtool.clocks.constraints import Groups
from logtool.clocks.few_zones import FewZones
from logtool.clocks.prices import Evidence, Prices
from logtool.clocks.scene import Scene
from logtool.clocks.zone_prices import Ints

solver = importlib.import_module("logtool.clocks.solver")
ENGINE = load("benchmarks.clock_accuracy:errlog")


def test_all_groups_find_their_zone_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two applications fight over the zone of each process, none right to begin with.

    What differs by one shift of all is the same story.
    """
    log = reproduce("flips", 630046)
    shares: list[float] = []

    def watched(scene: Scene, evidence: Evidence, start: Groups) -> Ints:
        prices = Prices(scene, evidence)
        wrong = np.zeros(len(prices), np.int64)
        loose = prices.loose()
        rows = scene.knots.line[prices.first[loose]] - 1
        true = np.array([(log.process_zone[row] or ("", 0))[1] for row in rows.tolist()])
        true -= np.array([prices.over_root(group) for group in loose])
        for story in FewZones(scene, prices, loose).stories(wrong, 3):
            away = story[loose] - true
            shares.append(float(np.mean(away == np.median(away))))
        offsets: Ints = start.above_s - start.above_s[0]
        return offsets

    monkeypatch.setattr(solver, "cheapest", watched)
    ENGINE(log.log, **anchors_of(log, "none"))
    assert max(shares) > 0.9
