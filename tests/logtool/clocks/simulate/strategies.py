"""Hypothesis strategies: simulated logs of all kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import note
from hypothesis import strategies as st

from .presets import PRESETS, varied
from .recorder import Simulated, simulate


@st.composite
def simulations(
    draw: st.DrawFn, kinds: Sequence[str] = tuple(PRESETS), most_requests: int = 120
) -> Simulated:
    """Logs of the kinds given, with a seed that shrinks to 0 and few requests."""
    kind = draw(st.sampled_from(kinds))
    seed = draw(st.integers(0, 2**32 - 1))
    requests = draw(st.integers(1, most_requests))
    rng = Random(seed)
    spec = replace(varied(PRESETS[kind], rng), requests=requests)
    note(f"simulate(Random({seed}), {spec!r})")
    return simulate(Random(seed), spec)
