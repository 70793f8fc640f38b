"""The simulator tells the truth about the logs it makes."""

from __future__ import annotations

from random import Random

from tests.logtool.clocks.simulate import Spec, simulate


def test_the_same_seed_gives_the_same_log() -> None:
    """A failing case can be run again."""
    first, again = (simulate(Random(7), Spec()) for _ in range(2))
    assert first.log == again.log
    assert first.truth_us == again.truth_us
    assert first.access_log == again.access_log
