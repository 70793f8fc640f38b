"""When connections arrive: takes a spec, gives instants in order."""

from __future__ import annotations

from datetime import datetime
from random import Random

from .spec import Spec, jumps_within
from .zones import SECOND, zone

#: The office is open on weekdays between these hours of the server's clock.
_OPENS, _CLOSES = 8, 18


def arrivals(rng: Random, spec: Spec) -> list[int]:
    """The instants (microseconds UTC) at which connections arrive, in order."""
    times = _RHYTHMS[spec.rhythm](rng, spec)
    came = sorted(spec.start_us + SECOND + int(t) for t in times)
    if not spec.quiet_us:
        return came
    changes_us = [change * SECOND for change, _ in jumps_within(spec)]
    return [t for t in came if all(abs(t - change) > spec.quiet_us for change in changes_us)]


def _steady(rng: Random, spec: Spec) -> list[float]:
    """Equally likely at any time; for few requests over a month this is a sparse log."""
    return [rng.random() * spec.span_us for _ in range(spec.requests)]


def _office(rng: Random, spec: Spec) -> list[float]:
    """Silence at night and at weekends, but for a rare visitor."""
    times: list[float] = []
    here = zone(spec.server_zone)
    for _ in range(50 * spec.requests):
        if len(times) == spec.requests:
            break
        after = rng.random() * spec.span_us
        local = datetime.fromtimestamp((spec.start_us + after) / SECOND, here)
        if (local.weekday() < 5 and _OPENS <= local.hour < _CLOSES) or rng.random() < 0.002:
            times.append(after)
    return times


def _bursts(rng: Random, spec: Spec) -> list[float]:
    """Floods of requests within seconds, and long silences between them."""
    times: list[float] = []
    length = min(40 * SECOND, spec.span_us / 4)
    while len(times) < spec.requests:
        begin = rng.random() * (spec.span_us - length)
        size = rng.randint(5, max(6, spec.requests // 5))
        times += [begin + rng.random() ** 2 * length for _ in range(size)]
    return times[: spec.requests]


def _regular(rng: Random, spec: Spec) -> list[float]:
    """A job that runs by the clock, a few moments late each time."""
    period = rng.choice([900, 1800, 3600, 7200]) * SECOND
    begin = rng.random() * period
    runs = min(spec.requests, int((spec.span_us - begin) / period))
    return [begin + run * period + rng.random() * SECOND for run in range(runs)]


_RHYTHMS = {
    "steady": _steady, "sparse": _steady, "office": _office, "bursts": _bursts,
    "regular": _regular,
}  # fmt: skip
