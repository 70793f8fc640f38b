"""Certainty: of which lines the log itself says that they are of one request."""

from __future__ import annotations

import re

import pytest

from logtool.events.certainty import TELLING, joined_by
from logtool.events.requests import Request
from tests.logtool.events.found_requests import CLOSED, OPENED, found, line

LOST = "AH00128: File does not exist: /srv/x"
TRACE = (
    "Traceback (most recent call last):",
    '  File "/srv/app.wsgi", line 3, in f',
    "KeyError: 1",
)


def child(at: str, thread: str, message: str, module: str = "wsgi:error") -> str:
    """A line that a thread of child 5 writes about one client."""
    return line(at, f"worker/5/{thread}", message).replace("ssl:info", module)


def only(*lines: str) -> Request:
    """The one request that these lines of daemon 9 and of children are."""
    roles: list[str | None] = ["daemon" if "[pid 9" in text else "child" for text in lines]
    (request,) = found(*lines, role=roles)
    return request


def test_announced_request_is_one() -> None:
    """What stands between two announcements of mod_ssl is one request, however much it says."""
    first, second = found(
        line("00:00.000000", "worker", OPENED),
        line("00:00.010000", "worker", "AH02034: Initial (No.1) HTTPS request received for child"),
        line("00:00.100000", "daemon/9/91", "one"),
        line("00:00.200000", "daemon/9/91", "still one"),
        line("00:00.300000", "worker", "AH02034: Subsequent (No.2) HTTPS request received"),
        line("00:00.400000", "daemon/9/91", "two"),
        line("00:00.500000", "daemon/9/91", "still two"),
    )
    assert (first.number, second.number) == (1, 2)
    assert first.is_certain
    assert second.is_certain


def test_requests_that_nothing_parts() -> None:
    """Two events of one thread may be two requests, also where its side is unknown."""
    said = [line(f"00:0{at}.000000", "daemon/9/91", "hello") for at in (1, 2)]
    (request,) = found(*said)
    assert not request.is_certain
    (request,) = found(*(text.replace("remote", "client") for text in said))
    assert not request.is_certain


@pytest.mark.parametrize("daemons", ["c3", "c1"])
def test_ids_taken_for_each_other_make_nothing_certain(daemons: str) -> None:
    """A request of which one process knows several connections is no request.

    A daemon may call the connection by an ID of its own.
    """
    lines = [
        line("00:00.000000", "worker", "AH00128: File does not exist: /srv/x"),
        line("00:01.000000", "worker", "AH00128: File does not exist: /srv/y"),
        line("00:01.100000", "daemon/9/91", "hello"),
    ]
    (swapped,) = found(*lines, log_id=["r", "r", "r"], connection_log_id=["c1", "c2", daemons])
    assert not swapped.is_certain
    (fine,) = found(*lines, log_id=["r", "r", "r"], connection_log_id=["c1", "c1", daemons])
    assert fine.is_certain


@pytest.mark.parametrize("threads", [("50", "50"), ("51", "52")])
def test_events_of_a_child_may_be_of_several(threads: tuple[str, str]) -> None:
    """A connection that is kept alive goes from thread to thread, or to the same again."""
    one, other = threads
    said = [
        line("00:00.000000", "worker/5/50", OPENED),
        child("00:00.100000", one, "WARNING shop: warned q=31"),
        child("00:00.200000", other, "INFO shop: before err q=38"),
        line("00:00.300000", "worker/5/53", CLOSED),
    ]
    assert not only(*said).is_certain
    assert not only(*said[1:3]).is_certain
    assert only(*said[:2], said[3]).is_certain
    assert only(said[1]).is_certain


def test_what_a_child_says_after_a_lost_file_may_be_of_another() -> None:
    """Its own application speaks of the next request."""
    assert not only(
        child("00:00.100000", "50", LOST, "core:info"), child("00:03.100000", "50", "INFO shop")
    ).is_certain


@pytest.mark.parametrize("module", ["wsgi:error", "log_debug:info", "security2:error"])
def test_what_a_child_says_beside_a_daemon_may_be_of_another(module: str) -> None:
    """A request is served in the child or in a daemon; of some only one of them speaks."""
    said = [
        line("00:00.000000", "worker/5/50", OPENED),
        child("00:00.100000", "50", "INFO shop: q=30", module),
        line("00:00.200000", "daemon/9/91", "INFO shop: q=37"),
    ]
    assert not only(*said).is_certain
    assert not only(said[0], said[2], said[1].replace(":00.1", ":00.3")).is_certain
    assert only(said[0], said[2]).is_certain


def test_one_traceback_is_of_one() -> None:
    """However many lines it has, whoever wrote it."""
    lines = [f"00:00.10000{at}" for at in range(3)]
    in_child = [child(at, "50", text) for at, text in zip(lines, TRACE, strict=True)]
    in_daemon = [line(at, "daemon/9/91", text) for at, text in zip(lines, TRACE, strict=True)]
    shakes = child("00:00.000000", "50", "OpenSSL: Handshake: start", "ssl:trace3")
    ends = line("00:01.000000", "worker/5/51", "AH01992: SSL library error 6 reading data")
    for traceback in (in_child, in_daemon):
        assert only(*traceback).is_certain
        assert only(*traceback, ends).is_certain
        assert only(shakes, *traceback).is_certain
        assert not only(*traceback, child("00:00.200000", "50", "INFO shop")).is_certain


def test_request_of_mod_ssl_is_no_word_of_the_connection() -> None:
    """It may be refused, and the next one is served."""
    refused = "AH02219: access to /srv/x failed, reason: SSL connection required"
    served = line("00:00.200000", "daemon/9/91", "hello")
    assert not only(line("00:00.100000", "worker/5/50", refused), served).is_certain


def test_announcement_tells_nothing_of_others() -> None:
    """Not of what came before it, nor of another thread of the child."""
    begins = line(
        "00:00.100000", "worker/5/50", "AH02034: Subsequent (No.2) HTTPS request received"
    )
    said = child("00:00.200000", "50", "one"), child("00:00.300000", "50", "still one")
    assert only(begins, *said).is_certain
    assert not only(child("00:00.000000", "50", "before"), begins, *said).is_certain
    assert not only(begins, said[0], said[1].replace("tid 50", "tid 51")).is_certain


def test_announcements_of_http_2_tell_nothing_of_who_answers() -> None:
    """Several requests of a connection are served at once, and each is called the second."""
    said = [
        line("00:00.100000", "worker/5/51", "AH02034: Subsequent (No.2) HTTPS request received"),
        line("00:00.200000", "worker/5/52", "AH02034: Subsequent (No.{}) HTTPS request received"),
        *(line(f"00:00.{at}00000", "daemon/9/91", "hello") for at in (3, 4)),
    ]
    at_once = found(*(text.format(2) for text in said))
    assert [one.is_certain for one in at_once] == [True, False]
    one_by_one = found(*(text.format(3) for text in said))
    assert [one.is_certain for one in one_by_one] == [True, True]
    other = [text.format(2).replace("1.2.3.4:5", "1.2.3.4:6") for text in said[1:]]
    assert [one.is_certain for one in found(said[0], *other)] == [True, True]


def without(item: str, *lines: str) -> list[str]:
    """The lines in a format that lacks something."""
    return [re.sub(item, "", text).replace("[remote ", "[client ") for text in lines]


def test_without_pid_nobody_is_named() -> None:
    """The clock of such lines has a role and a group, but nothing says who wrote one of them."""
    lines = [line(f"00:00.10000{at}", "daemon/9/91", text) for at, text in enumerate(TRACE)]
    opened = line("00:00.000000", "worker/5/50", OPENED)
    said = without(r"\[pid [^]]*\] ", opened, *lines)
    roles: list[str | None] = ["daemon", "child", "daemon", "child"]
    (request,) = found(*said[1:], role=roles[1:], group=["a", "b", "a"])
    assert (request.joined_by, request.is_certain, len(request.lines)) == ("alone", True, 3)
    assert {(row["side"], row["role"], row["group"]) for row in request.lines} == {("", "", "")}
    (request,) = found(*said, role=roles)
    assert (request.joined_by, request.is_certain) == ("client", False)
    assert [row["side"] for row in request.lines] == ["worker", "", "", ""]


def test_without_pid_two_events_are_joined_by_what_they_share() -> None:
    """They are not said to be of one thread; an ID says that they are of one request."""
    lines = [line(f"00:00.{at}00000", "daemon/9/91", "hello") for at in (1, 2)]
    said = without(r"\[pid [^]]*\] ", *lines)
    some = [*found(*said), *found(*said, log_id=["r", "r"])]
    some += found(*said, connection_log_id=["c", "c"])
    assert [(one.joined_by, one.is_certain) for one in some] == [
        ("client", False),
        ("log-id", True),
        ("connection-log-id", False),
    ]


def test_connection_id_says_what_pids_do() -> None:
    """That a connection is one."""
    opened, hello = line("00:00.000000", "worker", OPENED), line("00:00.1", "daemon/9/91", "hello")
    said = without(r"\[pid [^]]*\] ", opened, hello)
    (request,) = found(*said, connection_log_id=["c", "c"])
    assert (request.joined_by, request.is_certain) == ("connection-log-id", True)


def test_daemon_without_tid() -> None:
    """Its traceback is one request; two events of it may be two."""
    lines = [line(f"00:00.10000{at}", "daemon/9/91", text) for at, text in enumerate(TRACE)]
    said = [text.replace(":tid 91", "") for text in lines]
    (request,) = found(*said)
    assert (request.joined_by, request.is_certain, len(request.lines)) == ("alone", True, 3)
    (request,) = found(*said, line("00:00.500000", "daemon/9/91", "hello").replace(":tid 91", ""))
    assert not request.is_certain


def test_one_thread_is_alone() -> None:
    """Whatever else joins its events: nobody else wrote."""
    said = [line(f"00:00.{at}00000", "daemon/9/91", "hello") for at in (1, 2)]
    assert only(*said).joined_by == "alone"


@pytest.mark.parametrize("worker", ["a", None])
@pytest.mark.parametrize(
    ("column", "daemon"),
    [("log_id", None), ("connection_log_id", None), ("connection_log_id", "b")],
)
def test_ids_that_are_not_shared_join_nothing(
    column: str, worker: str | None, daemon: str | None
) -> None:
    """The client does, where each side calls the connection by another, or only one by any."""
    row = dict.fromkeys(TELLING)
    sides = [
        row | {"pid": 5, "side": "worker", column: worker},
        row | {"pid": 9, "side": "daemon", column: daemon},
    ]
    assert joined_by(sides) == joined_by(sides[::-1]) == "client"


@pytest.mark.parametrize(("module", "certain"), [(":info", True), ("core:info", False)])
def test_who_speaks_of_the_connection(module: str, certain: bool) -> None:
    """A line that names no module may be mod_ssl's, one of another module is not."""
    opened = line("00:00.000000", "worker", OPENED).replace("ssl:info", module)
    assert only(opened, line("00:00.100000", "daemon/9/91", "hello")).is_certain == certain
