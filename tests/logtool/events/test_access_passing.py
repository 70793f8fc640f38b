"""Access passing: a request gets the line it would get of all, though few are held at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.events import access_passing
from logtool.events.access_lines import AccessLines
from logtool.events.access_passing import NEVER, PassingLines
from logtool.events.ranges import Kept, Rows

_START = datetime(2026, 11, 22, 10, tzinfo=UTC)
_SECONDS = st.sampled_from([0, 0, 0.5, 1, 2, 5, 60])
_IDS = st.sampled_from([None, None, "a", "b", "c", "d"])
_SCHEMA: dict[str, Any] = {
    **{"utc": pl.Datetime("us", "UTC"), "host": pl.String, "port": pl.Int64},
    **{"request": pl.String, "status": pl.Int64, "log_id": pl.String, "duration_us": pl.Int64},
}
#: Seconds after the one before, host, port, path, status, log ID.
ACCESS = st.lists(
    st.tuples(
        _SECONDS,
        st.sampled_from(["1.2.3.4", "::1"]),
        st.sampled_from([None, None, 5]),
        st.sampled_from(["GET /a", "GET /b"]),
        st.sampled_from([200, 404]),
        _IDS,
    ),
    min_size=1,
    max_size=25,
)
#: Seconds after the one before, how long it took, client, log ID, message; in no time at last.
ASKED = st.lists(
    st.tuples(
        _SECONDS,
        _SECONDS,
        st.sampled_from(["1.2.3.4:5", "1.2.3.4:6", "::1:5", None]),
        _IDS,
        st.sampled_from(["hello", "Not Found: /a", "/b"]),
    ),
    max_size=20,
)


def _access(lines: list[tuple[Any, ...]]) -> pl.DataFrame:
    rows, at = [], _START
    for number, (after, *rest) in enumerate(lines):
        at += timedelta(seconds=after)
        rows.append((at, *rest, number))
    return pl.DataFrame(rows, _SCHEMA, orient="row")


def _asked(lines: list[tuple[Any, ...]], timeless: int) -> list[tuple[Any, ...]]:
    """What is asked of each request, in the order they began."""
    at, asked = _START, []
    for number, (after, took, client, log_id, message) in enumerate(lines):
        at += timedelta(seconds=after)
        known = number < len(lines) - timeless
        times = (at, at + timedelta(seconds=took)) if known else (None, None)
        asked.append((client, log_id, *times, [message]))
    return asked


@settings(max_examples=150, deadline=None)
@given(ACCESS, ASKED, st.integers(0, 2), st.sampled_from([1, 3, 100]), st.sampled_from([0, 5]))
def test_lines_are_those_of_all(
    access: list[tuple[Any, ...]],
    asked: list[tuple[Any, ...]],
    timeless: int,
    at_once: int,
    few: int,
) -> None:
    """Whatever IDs, hosts and times requests and lines have."""
    every, requests = _access(access), _asked(asked, timeless)
    begins = [
        (log_id, NEVER if first is None else (first - datetime(1970, 1, 1, tzinfo=UTC)))
        for _, log_id, first, *_ in requests
        if log_id is not None
    ]
    numbers = [
        (log_id, begin if isinstance(begin, int) else begin // timedelta(microseconds=1))
        for log_id, begin in begins
    ]
    whole = AccessLines(every)
    with Kept("access") as kept, pytest.MonkeyPatch.context() as patch:
        patch.setattr(access_passing, "_FEW", few)
        log, ids = Rows(kept, at_once), Rows(kept, at_once)
        for part in every.iter_slices(7):
            log.add(part)
        ids.add(pl.DataFrame(numbers, {"log_id": pl.String, "begin": pl.Int64}, orient="row"))
        passing = PassingLines([log], ids, partial(Rows, kept, at_once), at_once)
        for one in requests:
            assert passing.take(*one) == whole.take(*one)
