"""Access lines: which of them a request gets, and whether that is a guess."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from logtool.events.access_lines import AccessLines

_BEGUN = datetime(2026, 11, 27, 14, 39, 55, tzinfo=UTC)
_WRITTEN = _BEGUN + timedelta(milliseconds=695)


def taken(
    message: str, *lines: tuple[str, int], port: int | None = None, log_id: str | None = None
) -> tuple[str, int, bool] | None:
    """Request, status and certainty of the line that a request with this message gets."""
    requests, statuses = zip(*lines, strict=True)
    access = pl.DataFrame(
        {
            "utc": [_BEGUN] * len(lines),
            "host": ["1.2.3.4"] * len(lines),
            "port": [port] * len(lines),
            "request": requests,
            "status": statuses,
            "log_id": [log_id] * len(lines),
            "duration_us": [None] * len(lines),
        },
        schema_overrides={"port": pl.Int64, "log_id": pl.String},
    )
    line = AccessLines(access).take("1.2.3.4:5", log_id, _WRITTEN, _WRITTEN, [message])
    return None if line is None else (line["request"], line["status"], line["certain"])


@pytest.mark.parametrize(
    ("message", "request_line", "status"),
    [
        ("Not Found: /thread", "GET /multi HTTP/1.1", 404),
        ("Not Found: /thread", "GET /thread HTTP/1.1", 200),
        ("Not Found: /thread", "GET /thread/9 HTTP/1.1", 404),
        ("WARNING django.request: Forbidden (CSRF cookie not set.): /in/", "GET /in/", 404),
        ("ERROR app: Exception on /grp [GET]", "GET /boom HTTP/1.1", 500),
        ("ERROR app: Exception on /grp [POST]", "GET /grp HTTP/1.1", 500),
    ],
)
def test_what_contradicts_a_message_does_not_join(
    message: str, request_line: str, status: int
) -> None:
    """A line of another path, status or method than the message names is another request's."""
    assert taken(message, (request_line, status)) is None


@pytest.mark.parametrize(
    ("message", "request_line", "status"),
    [
        ("Not Found: /thread", "GET /thread?page=2 HTTP/1.1", 404),
        ("Not Found: /, referer: http://x/y", "GET / HTTP/1.1", 404),
        (
            "WARNING django.request: Forbidden (CSRF cookie not set.): /in/",
            "POST /in/ HTTP/1.1",
            403,
        ),
        (r"Not Found: /\xc3\xbcn n", "GET //%C3%BCn%20n HTTP/1.1", 404),
        ("ERROR app: Exception on /grp [GET]", "GET /mounted/grp HTTP/1.1", 500),
    ],
)
def test_what_agrees_with_a_message_joins(message: str, request_line: str, status: int) -> None:
    """The one that agrees joins, as paths are written, and the message makes it certain."""
    line = request_line, status
    assert taken(message, ("GET /multi HTTP/1.1", status), line) == (*line, True)


def test_an_access_line_by_host_and_second_is_a_guess() -> None:
    """Without log ID, port or a path that is named nothing but the second says whose it is."""
    line = "GET /multi HTTP/1.1", 200
    assert taken("hello", line) == (*line, False)
    assert taken("hello", line, port=5) == (*line, True)
    assert taken("hello", line, log_id="a") == (*line, True)
    assert taken("hello from /multi", line) == (*line, True)
