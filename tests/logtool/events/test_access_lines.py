"""Access lines: which of them a request gets, and whether that is a guess."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from logtool.events.access_lines import AccessLines, access_lines
from parsers.access_log import LogFormat
from parsers.blocks import Block

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


def _read(log_format: str, *lines: str) -> pl.DataFrame | None:
    """What is known of the requests of lines that a LogFormat printed."""
    block = Block.of("".join(f"{line}\n" for line in lines).encode())
    parts = [*access_lines([block], [LogFormat.compile(log_format)])]
    return pl.concat(parts) if parts else None


def test_a_format_that_is_told() -> None:
    """What only its LogFormat tells of a line is read; no ID is none, no request is no line."""
    form = '{"t":%{usec}t,"ip":"%a","port":%{remote}p,"r":"%r","s":%>s,"id":"%L"}'
    line = '{"t":1795790395000123,"ip":"1.2.3.4","port":5,"r":"GET /a","s":404,"id":"%s"}'
    access = _read(form, line.replace("%s", "-"), line.replace("%s", "awL4SBxyzAA"), "other")
    assert access is not None
    assert access.select("host", "port", "request", "status", "log_id").rows() == [
        ("1.2.3.4", 5, "GET /a", 404, None),
        ("1.2.3.4", 5, "GET /a", 404, "awL4SBxyzAA"),
    ]
    assert access["utc"].dt.microsecond().to_list() == [123, 123]
    nothing = _read("%{sec}t %a %>s", "1795790395 1.2.3.4 200")
    assert nothing is not None
    assert nothing.is_empty()


def test_a_log_of_ends() -> None:
    """When a request began is known by its duration; without it the line joins nothing."""
    access = _read('%{end:sec}t %a "%r" %D', '1795790395 1.2.3.4 "GET /" 1500000')
    assert access is not None
    assert access["utc"].dt.epoch("ms").to_list() == [1_795_790_393_500]
    unknown = _read('%{end:sec}t %a "%r"', '1795790395 1.2.3.4 "GET /"')
    assert unknown is not None
    assert unknown.is_empty()


def _request(**known: object) -> dict[str, object]:
    nothing: dict[str, object] = {"port": None, "log_id": None, "duration_us": None}
    told = {"utc": _BEGUN, "host": "1.2.3.4", "request": "GET /a", "status": 404}
    return nothing | told | known


def test_several_logs_of_one_request() -> None:
    """Lines that say the same to the second are one request; the one that tells most is taken."""
    finer = _BEGUN + timedelta(milliseconds=300)
    lines = [_request(), _request(utc=finer, port=5, log_id="awL4SBxyzAA"), _request()]
    access = AccessLines(pl.DataFrame(lines, infer_schema_length=None))
    taken = [access.take("1.2.3.4:5", None, _WRITTEN, _WRITTEN, []) for _ in range(4)]
    assert [line and line["port"] for line in taken] == [5, None, None, None]
    assert taken[3] is None


def test_equal_requests_that_took_their_time() -> None:
    """What is shown of them is the same; which of them it was is a guess."""
    lines = [_request(duration_us=9), _request(duration_us=7), _request()]
    access = AccessLines(pl.DataFrame(lines, infer_schema_length=None))
    taken = [access.take("1.2.3.4:5", None, _WRITTEN, _WRITTEN, ["/a"]) for _ in range(2)]
    assert [line and (line["duration_us"], line["certain"]) for line in taken] == [
        (9, False),
        (7, True),
    ]


def test_a_line_with_an_id_is_given_once() -> None:
    """Whoever writes the ID has its line; a request without one may have what is left."""
    access = AccessLines(pl.DataFrame([_request(log_id="awL4SBxyzAA")]))
    assert access.take("1.2.3.4:5", "another", _WRITTEN, _WRITTEN, []) is None
    assert access.take("1.2.3.4:5", "awL4SBxyzAA", _WRITTEN, _WRITTEN, []) is not None
    assert access.take("1.2.3.4:5", None, _WRITTEN, _WRITTEN, []) is None


@pytest.mark.parametrize(
    ("log_format", "line", "request_line"),
    [
        ("%t %m %U%q %s", "%s GET /a?b=1 200", "GET /a?b=1"),
        ("%t %m %U %s", "%s GET /a 200", "GET /a"),
        ('{"t":"%t","m":"%m","u":"%U","q":"%q","s":%s}',
         '{"t":"%s","m":"GET","u":"/a","q":"?b=1","s":200}', "GET /a?b=1"),
        ('{"t":"%t","q":"%q","u":"%U","m":"%m","s":%s}',
         '{"t":"%s","q":"","u":"/a","m":"POST","s":200}', "POST /a"),
        ('%t %m %U "%r" %s', '%s GET /b "GET /a HTTP/1.1" 200', "GET /a HTTP/1.1"),
        ("%t %m %s", "%s GET 200", None),
        ("%t %U %s", "%s /a 200", None),
        ("%t %m %V%U%q %s", "%s GET example.com/a?b=1 200", None),
    ],
)  # fmt: skip
def test_a_request_of_parts(log_format: str, line: str, request_line: str | None) -> None:
    """Where no item holds the request's line, it is made of method, path and query."""
    written = line.replace("%s", "[27/Nov/2026:15:39:55 +0100]")
    (found,) = access_lines([Block.of(written.encode() + b"\n")], [LogFormat.compile(log_format)])
    assert found is not None
    expected = [] if request_line is None else [(_BEGUN, request_line, 200)]
    assert found.select("utc", "request", "status").rows() == expected
