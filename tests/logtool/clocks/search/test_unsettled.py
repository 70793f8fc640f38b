"""Groups that would say the same again are not asked, and nothing else changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from benchmarks.clock_accuracy import Engine, anchors_of, errlog, reproduce
from benchmarks.many_processes import many_processes
from logtool.clocks.search import story
from logtool.clocks.search.prices import Prices
from logtool.clocks.search.second_zones import Zones
from logtool.clocks.search.unsettled import Unsettled
from parsers.arrays import Ints


class Everybody:
    """All groups, in every round."""

    def __init__(self, prices: Prices, loose: Sequence[int], window: int) -> None:
        self._count = len(loose)
        self.asked = 0

    def begin(self, shift: Ints, zones: Sequence[Zones], most: int) -> None:
        """Another round."""

    def __iter__(self) -> Iterator[int]:
        """Their places."""
        return iter(range(self._count))

    def moved(self, groups: Sequence[int]) -> None:
        """Some have."""

    def stays(self, at: int, margin: float) -> None:
        """One has not."""

    def end(self, shift: Ints) -> None:
        """The round is over."""


@pytest.mark.parametrize(
    ("kind", "seed", "anchor"),
    [
        ("embedded", 90_001, "none"), ("flips", 90_002, "mtime"), ("autumn", 90_003, "none"),
        ("hard", 90_004, "none"), ("spring", 90_005, "mtime"), ("pid reuse", 90_006, "mtime"),
    ],
)  # fmt: skip
def test_the_same_story(kind: str, seed: int, anchor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is asked again and again, the answer for every line is the same."""
    log = reproduce(kind, seed)
    engine: Engine = errlog
    answers = engine(log.log, **anchors_of(log, anchor))
    monkeypatch.setattr(story, "Unsettled", Everybody)
    assert engine(log.log, **anchors_of(log, anchor)) == answers


@pytest.mark.parametrize("shape", ["no roles", "embedded", "by turns"])
def test_the_same_story_of_many(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where there are many processes."""
    log = many_processes(shape, 120)
    answers = errlog(log)
    monkeypatch.setattr(story, "Unsettled", Everybody)
    assert errlog(log) == answers


def test_few_are_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many groups hardly any is asked in a second round."""
    asked: list[int] = []
    each = Unsettled.__iter__

    def counted(self: Unsettled) -> Iterator[int]:
        asked.append(0)
        for at in each(self):
            asked[-1] += 1
            yield at

    monkeypatch.setattr(Unsettled, "__iter__", counted)
    errlog(many_processes("by turns", 600), server_tz="Europe/Berlin")
    assert asked[0] == 600
    assert sum(asked[1:]) < 600


def test_no_more_are_asked_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many groups there are, questions have an end; the rest stay where they are."""
    asked = 0
    each = Unsettled.__iter__

    def counted(self: Unsettled) -> Iterator[int]:
        nonlocal asked
        for at in each(self):
            asked += 1
            yield at

    monkeypatch.setattr(Unsettled, "__iter__", counted)
    monkeypatch.setattr(story, "_MOST_ASKED", 100)
    answers = errlog(many_processes("by turns", 600), server_tz="Europe/Berlin")
    assert 100 <= asked <= 4 * 100
    assert None not in [utc for utc, _ in answers]
