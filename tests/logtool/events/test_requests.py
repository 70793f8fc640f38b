"""Requests: which lines of worker and daemon belong together."""

from __future__ import annotations

import polars as pl
import pytest

from logtool.clocks.options import ClockOptions
from logtool.events.folding import fold
from logtool.events.requests import requests
from tests import places
from tests.logtool.events.found_requests import CLOSED, OPENED, found, line, messages
from tests.logtool.events.rows import rows
from tests.logtool.events.told_apart import told_apart


def test_joined_by_client() -> None:
    """Worker and daemon lines of one client are one request, in UTC order."""
    (request,) = found(
        line("00:00.100000", "daemon/9/91", "hello"),
        line("00:00.000000", "worker", OPENED),
        line("00:01.000000", "worker", CLOSED),
    )
    assert (request.joined_by, request.client) == ("client", "1.2.3.4:5")
    assert messages([request]) == [["AH01964:", "hello", "AH01998:"]]
    assert request.to_json()["worker_to_daemon_ms"] == 100.0
    assert request.to_json()["daemon"] == {"pid": 9, "tid": 91, "group": ""}


def test_port_used_again() -> None:
    """The same port in a later connection is another request."""
    lines = [
        line("00:00.000000", "worker", OPENED),
        line("00:00.100000", "daemon/9/91", "one"),
        line("01:00.000000", "worker", OPENED),
        line("01:00.100000", "daemon/9/91", "two"),
    ]
    both = found(*lines)
    assert messages(both) == [["AH01964:", "one"], ["AH01964:", "two"]]
    assert [request.connection for request in both] == [1, 2]


def test_other_clients_stay_apart() -> None:
    """Lines of two clients in turn are two requests."""
    both = found(
        line("00:00.000000", "daemon/9/91", "one", "1.1.1.1:1"),
        line("00:00.100000", "daemon/9/92", "two", "2.2.2.2:2"),
        line("00:00.200000", "daemon/9/91", "one", "1.1.1.1:1"),
    )
    assert messages(both) == [["one", "one"], ["two"]]


def test_keep_alive() -> None:
    """Other daemon threads and mod_ssl's `Subsequent` line begin requests of one connection."""
    many = found(
        line("00:00.000000", "worker", OPENED),
        line("00:00.100000", "daemon/9/91", "one"),
        line("00:00.200000", "daemon/9/92", "two"),
        line("00:00.300000", "worker", "AH02034: Subsequent (No.3) HTTPS request received"),
        line("00:00.400000", "daemon/9/92", "three"),
    )
    assert [request.number for request in many] == [1, 2, 3]
    assert messages(many) == [["AH01964:", "one"], ["two"], ["AH02034:", "three"]]


def test_joined_by_log_id() -> None:
    """A log ID decides, whatever the thread; lines without one belong to their connection's."""
    lines = [
        line("00:00.000000", "worker", OPENED),
        line("00:00.100000", "worker", "AH1: proxied"),
        line("00:00.200000", "daemon/9/91", "one"),
        line("00:00.300000", "worker", "AH2: proxied"),
        line("00:00.400000", "daemon/9/91", "two"),
    ]
    both = found(*lines, log_id=[None, "a", "a", "b", "b"])
    assert [request.joined_by for request in both] == ["log-id", "log-id"]
    assert messages(both) == [["AH01964:", "AH1:", "one"], ["AH2:", "two"]]


def test_exception_ends_a_request() -> None:
    """What one daemon thread writes after mod_wsgi's traceback is the next request."""
    both = found(
        line(
            "00:00.000000",
            "daemon/9/91",
            "mod_wsgi (pid=9): Exception occurred processing WSGI script 'x'.",
        ),
        line("00:00.000100", "daemon/9/91", "Traceback (most recent call last):"),
        line("00:00.000200", "daemon/9/91", "ValueError"),
        line("00:02.000000", "daemon/9/91", "next"),
        line("00:02.000100", "daemon/9/91", "of it"),
    )
    assert messages(both) == [["mod_wsgi", "Traceback", "ValueError"], ["next", "of"]]


def test_access_line_joins() -> None:
    """The access-log line of the same client at that time is given once."""
    frame = fold(rows(line("00:00.500000", "daemon/9/91", "one")))
    when = frame["utc"].dt.truncate("1s")
    access = pl.DataFrame(
        {
            "utc": when.append(when),
            "host": ["9.9.9.9", "1.2.3.4"],
            "port": [None, None],
            "request": ["GET /other", "GET /mine"],
            "status": [200, 500],
            "log_id": [None, None],
            "duration_us": [None, 1200],
        }
    )
    (request,) = requests(frame, access)
    assert request.access is not None
    assert request.access["request"] == "GET /mine"


def test_access_lines_that_could_be_either_do_not_join() -> None:
    """Of several requests of a host in one second only one that the lines name joins."""
    frame = fold(rows(line("00:00.500000", "daemon/9/91", "Not Found: /mine")))
    when = pl.concat([frame["utc"].dt.truncate("1s")] * 2)
    access = pl.DataFrame(
        {
            "utc": when,
            "host": ["1.2.3.4", "1.2.3.4"],
            "port": [None, None],
            "request": ["GET /minerals HTTP/1.1", "GET /mine?x HTTP/1.1"],
            "status": [200, 404],
            "log_id": [None, None],
            "duration_us": [None, None],
        }
    )
    (named,) = requests(frame, access)
    (unnamed,) = requests(frame, access.with_columns(request=pl.lit("GET / HTTP/1.1")))
    assert named.access is not None
    assert named.access["status"] == 404
    assert unnamed.access is None


def test_access_lines_that_say_the_same_are_as_good_as_one() -> None:
    """Each of them joins one request, and once they are given away none is left."""
    lines = [
        line(f"00:00.{at}00000", f"daemon/9/{at}", "hello", f"1.2.3.4:{at}") for at in (1, 2, 3)
    ]
    frame = fold(rows("\n".join(lines)))
    access = pl.DataFrame(
        {
            "utc": frame["utc"].dt.truncate("1s")[:2],
            "host": ["1.2.3.4"] * 2,
            "port": [None] * 2,
            "request": ["GET / HTTP/1.1"] * 2,
            "status": [200, 200],
            "log_id": [None] * 2,
            "duration_us": [None] * 2,
        }
    )
    assert [one.access is not None for one in requests(frame, access)] == [True, True, False]
    other = access.with_columns(status=pl.Series([200, 304]))
    assert [one.access for one in requests(frame, other)] == [None] * 3


def test_access_line_joins_by_file() -> None:
    """Httpd names the file that is not there, not the path that was asked for."""
    lost = "AH00128: File does not exist: /srv/htdocs/a/missing.css"
    frame = fold(rows(line("00:00.500000", "worker", lost)))
    access = pl.DataFrame(
        {
            "utc": pl.concat([frame["utc"].dt.truncate("1s")] * 3),
            "host": ["1.2.3.4"] * 3,
            "port": [None] * 3,
            "request": [f"GET {path} HTTP/1.1" for path in ("/missing.css", "/a/missing.css", "/")],
            "status": [404] * 3,
            "log_id": [None] * 3,
            "duration_us": [None] * 3,
        }
    )
    (request,) = requests(frame, access)
    assert request.access is not None
    assert request.access["request"] == "GET /a/missing.css HTTP/1.1"


def test_duration_ends_before_the_connection() -> None:
    """A client that leaves later makes no request longer."""
    (request,) = found(
        line("00:00.000000", "worker", OPENED),
        line("00:00.250000", "daemon/9/91", "hello"),
        line("00:05.000000", "worker", CLOSED),
    )
    told = request.to_json()
    assert (told["duration_ms"], told["last_utc"]) == (250.0, "2026-11-22T10:00:05Z")


def test_what_no_daemon_served_stands_apart() -> None:
    """A file that is not there is a request of its own, before and after a daemon's."""
    lost = "AH00128: File does not exist: /srv/htdocs/x"
    some = found(
        line("00:00.000000", "worker", OPENED),
        line("00:00.100000", "worker", lost),
        line("00:00.200000", "worker", lost),
        line("00:00.300000", "daemon/9/91", "hello"),
        line("00:00.400000", "worker", lost),
        line("00:00.500000", "daemon/9/91", "again"),
    )
    assert messages(some) == [
        ["AH01964:", "AH00128:"],
        ["AH00128:"],
        ["hello"],
        ["AH00128:"],
        ["again"],
    ]
    assert all(request.is_certain for request in some)


def test_without_log_ids() -> None:
    """In a real capture no request is cut, and none that is said to be one holds two."""
    sample = places.SAMPLE_LOGS / "log_ids" / "error.log"
    told = told_apart(sample, ClockOptions(server_tz="Asia/Amman", neighbours=False))
    assert (told.mixed, told.split) == (0, 0)
    assert (told.requests, told.certain) == (39, 29)


def test_side_of_unknown_role() -> None:
    """A format that writes `client` for all tells no side of what Python wrote; httpd's words do.

    Where the role is known it decides.
    """
    lines = [
        "[Sun Nov 22 10:00:00.1 2026] [authz_core:error] [pid 5:tid 5] [client 1.2.3.4:5] AH01630: "
        "client denied by server configuration: /srv/denied",
        "[Sun Nov 22 10:00:01.1 2026] [wsgi:error] [pid 9:tid 91] [client 1.2.3.4:6] ERROR shop",
        "[Sun Nov 22 10:00:02.1 2026] [error] [client 1.2.3.4:7] ERROR shop",
        "[Sun Nov 22 10:00:03.1 2026] [wsgi:error] [pid 8:tid 81] [client 1.2.3.4:8] ERROR shop",
    ]
    some = found(*lines, role=[None, None, None, "child"])
    assert [one.lines[0]["side"] for one in some] == ["worker", "", "", "worker"]
    assert [one.to_json()["worker"] is None for one in some] == [False, True, True, False]


def test_no_question_over_groups_is_within_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polars would ask it anew in each group: many clients would take many times their time."""

    def over(asked: pl.Expr, *names: str) -> pl.Expr:
        assert ".over(" not in str(asked)
        return ask_over(asked, *names)

    ask_over = pl.Expr.over
    monkeypatch.setattr(pl.Expr, "over", over)
    assert found(line("00:00.000000", "worker", OPENED), line("00:00.100000", "daemon/9/91", "one"))
