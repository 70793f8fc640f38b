"""Reading: requests of rows that are not all held are those of all rows together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.events import access_passing
from logtool.events.folding import fold
from logtool.events.ranges import Rows
from logtool.events.reading import requests_in
from logtool.events.requests import requests
from tests.logtool.events.rows import SCHEMA

_START = datetime(2026, 11, 22, 10, tzinfo=UTC)
_CLIENTS = ("1.2.3.4:5", "1.2.3.4:55", "1.2.3.4:5#", "1.2.3.4:5#1", "1.2.3.4:5!", "::1", "1")
_IDS = ("1.2", "1.2.3.4:5", "1.2.3.4:5#", "x", "1.2.3.4:5!x")
#: Tag, module and the rest of what is said.
_SAID = (
    ("AH01964", "ssl", "Connection to child 1 established (server x:443)"),
    ("AH01998", "ssl", "Connection closed to child 1 with standard shutdown (server x:443)"),
    ("AH02034", "ssl", "Initial (No.1) HTTPS request received for child 1 (server x:443)"),
    ("AH02034", "ssl", "Subsequent (No.2) HTTPS request received for child 1 (server x:443)"),
    ("AH00128", "core", "File does not exist: /srv/x"),
    (None, "wsgi", "mod_wsgi (pid=9): Exception occurred processing WSGI script '/srv/x.wsgi'."),
    (None, "wsgi", "Traceback (most recent call last):"),
    (None, "wsgi", "ERROR shop: no such cart"),
    (None, None, "hello"),
)


def _perhaps(*values: object) -> st.SearchStrategy[object]:
    return st.sampled_from([None, *values])


#: Lines: who wrote what to whom, and how long after the one before; in no time where that is None.
LINES = st.lists(
    st.tuples(
        st.sampled_from(_SAID),
        _perhaps(*_CLIENTS),
        _perhaps(*_IDS),
        _perhaps(*_IDS),
        _perhaps(7, 8),
        st.sampled_from(["child", "daemon", ""]),
        _perhaps(0, 0, 3, 1000, -2, 1200),
        st.booleans(),
    ),
    min_size=1,
    max_size=60,
)


def _frame(lines: list[tuple[Any, ...]]) -> pl.DataFrame:
    rows, at = [], _START
    for number, (said, client, log_id, connection, pid, role, after, _) in enumerate(lines, 1):
        tag, module, text = said
        at += timedelta(seconds=after or 0)
        rows.append({
            **dict.fromkeys(SCHEMA), "file": "error.log", "line": number, "level": "error",
            "utc": None if after is None else at, "module": module, "pid": pid, "tid": pid,
            "role": role, "group": "", "client": client, "log_id": log_id, "tag": tag,
            "connection_log_id": connection, "message": f"{tag}: {text}" if tag else text,
        })  # fmt: skip
    return fold(pl.DataFrame(rows, SCHEMA, orient="row"))


@settings(max_examples=70, deadline=None)
@given(LINES, st.sampled_from([1, 2, 7, 1000]), st.booleans())
def test_requests_are_those_of_all_rows(
    lines: list[tuple[Any, ...]], at_once: int, chosen: bool
) -> None:
    """Whatever clients, IDs and times are like, however few rows are held, and in order."""
    folded = _frame(lines)
    wanted = [number for number, line in enumerate(lines, 1) if line[-1]]
    some = pl.col("line").is_in(wanted) if chosen else None
    events = folded.partition_by("event", maintain_order=True)
    assert [*requests_in(events, None, some, at_once)] == [*requests(folded, None, some)]


#: Lines of access logs: seconds after the beginning, host, port, request, status, log ID.
ACCESS = st.lists(
    st.tuples(
        st.sampled_from([-1, 0, 1, 3, 4, 1000, 1003, 2000, 0.5]),
        st.sampled_from(["1.2.3.4", "1.2.3.4", ":", "::1"]),
        _perhaps(5, 55),
        st.sampled_from(["GET /a", "GET /srv/x", "GET /b"]),
        st.sampled_from([200, 404]),
        _perhaps(None, *_IDS),
    ),
    min_size=1,
    max_size=40,
)


def _access(lines: list[tuple[Any, ...]]) -> pl.DataFrame:
    rows = [
        (_START + timedelta(seconds=after), *rest, number)
        for number, (after, *rest) in enumerate(sorted(lines, key=lambda line: line[0]))
    ]
    schema: dict[str, Any] = {
        **{"utc": pl.Datetime("us", "UTC"), "host": pl.String, "port": pl.Int64},
        **{"request": pl.String, "status": pl.Int64, "log_id": pl.String, "duration_us": pl.Int64},
    }
    return pl.DataFrame(rows, schema, orient="row")


@settings(max_examples=60, deadline=None)
@given(LINES, ACCESS, st.sampled_from([1, 3, 9]))
def test_access_lines_are_those_of_all(
    lines: list[tuple[Any, ...]], access: list[tuple[Any, ...]], at_once: int
) -> None:
    """Each request gets the line it would get of all, though few of them are held at a time."""
    folded, every = _frame(lines), _access(access)

    def read(rows: Callable[[], Rows]) -> list[Rows]:
        one = rows()
        for part in every.iter_slices(7):
            one.add(part)
        return [one]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access_passing, "_FEW", at_once)
        found = [*requests_in([folded], read, None, at_once)]
    assert found == [*requests(folded, every)]
