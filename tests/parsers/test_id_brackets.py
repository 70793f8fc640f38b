"""Log IDs in brackets without a name: known by their looks, and which is which by the lines."""

from __future__ import annotations

import random
import re

import pytest

from parsers.blocks import Block
from parsers.detection.detect import detect
from parsers.id_brackets import NOT_TOLD
from parsers.layouts import compile_layout, compile_layouts
from tests.parsers.columns import columns, found_columns
from tests.parsers.served import served

HEADS = (
    "[%{uz}t] [%l] [pid %P]", "[%{cu}t] [%-m:%l] [pid %P]", "[%{cu}t] [%-m:%l]", "[%t] [%l]",
    "[%{u}t] [%-m:%l] [pid %P:tid %T]", r"[%{u}t] [%-m:%l] [pid %P] [client\ %a]",
    "%{cuz}t [%-m:%l] [pid %P]",
)  # fmt: skip
IDS = ("[%-{c}L] [%-L]", "[%-L] [%-{c}L]", "[%-L]", "[%-{c}L]", "[%-{c}L][%-L]")
BOTH = IDS[:2]
#: An ID as mod_unique_id makes them.
UNIQUE = "awjK639G9EIgi8L56DHp{:07}"
FORMAT = r"[%{uz}t] [%-m:%l] [pid %P] IDS %E: [client\ %a] %M"


def with_unique_ids(log: str) -> str:
    """A log with mod_unique_id's IDs where requests have others, which served() calls x1."""
    numbers = iter(range(10**5))
    return re.sub(r"\bx1\b", lambda _: UNIQUE.format(next(numbers) // 3), log)


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize("head", HEADS)
def test_bare_log_ids_are_found(head: str, ids: str) -> None:
    """Behind whatever head, in either order, one or both of them."""
    directive = f"{head} {ids} %M"
    log = served(directive, random.Random(directive))

    assert found_columns(log) == columns(log, [compile_layout(directive)])


@pytest.mark.parametrize("ids", IDS)
def test_brackets_behind_the_ids(ids: str) -> None:
    """They are no part of the message, nor of the head."""
    directive = f"[%{{uz}}t] {ids} [%-m:%l] [pid %P] %M"
    log = served(directive, random.Random(directive))

    assert found_columns(log) == columns(log, [compile_layout(directive)])


@pytest.mark.parametrize("ids", BOTH)
def test_the_connection_has_an_id_before_any_request(ids: str) -> None:
    """An ID beside a hyphen is the connection's."""
    directive = FORMAT.replace("IDS", ids)
    log = served(directive, random.Random(ids), requests=1)

    assert found_columns(log) == columns(log, [compile_layout(directive)])


@pytest.mark.parametrize("ids", BOTH)
def test_the_connection_has_several_requests(ids: str) -> None:
    """An ID that comes with several others in one process is the connection's.

    A request, too, comes with two connection IDs: its child's and its daemon's.
    """
    directive = FORMAT.replace("IDS", ids)
    log = served(directive, random.Random(ids), early=False, requests=2)

    assert found_columns(log) == columns(log, [compile_layout(directive)])


@pytest.mark.parametrize("ids", BOTH)
def test_where_nothing_tells_the_order_is_the_proposed_one(ids: str) -> None:
    """One request for each connection, and no line before it."""
    log = served(FORMAT.replace("IDS", ids), random.Random(ids), early=False, requests=1)

    assert found_columns(log) == columns(log, [compile_layout(FORMAT.replace("IDS", BOTH[0]))])


def test_a_server_that_has_served_nobody_yet() -> None:
    """Two hyphens are no words of a message."""
    directive = FORMAT.replace("IDS", BOTH[0])
    log = served(directive, random.Random(1), connections=9, early=False, requests=0)

    assert "[-] [-]" in log
    assert found_columns(log) == columns(log, [compile_layout(directive)])


def test_a_log_that_takes_up_log_ids_is_read_by_both_formats() -> None:
    """Lines without IDs stay what they were, and IDs are no part of the message."""
    before, after = r"[%{u}t] [%-m:%l] [pid %P] %E: [client\ %a] %M", FORMAT.replace("IDS", BOTH[0])
    logs = [served(directive, random.Random(directive)) for directive in (before, after)]

    got = found_columns("".join(logs))

    told = [
        columns(log, [compile_layout(form)])
        for log, form in zip(logs, (before, after), strict=True)
    ]
    for found, expected in zip(got, [*told[0], *told[1]], strict=True):
        assert found is not None
        found.pop("client_marker", None)  # httpd 2.4 without a directive prints the first part too
        assert found == expected


@pytest.mark.parametrize(
    "word", ["[HttpClient0]", "[connections]", "[-]", "[Http2Stream]", "[my-app.worker]"]
)
def test_a_word_in_brackets_is_no_log_id(word: str) -> None:
    """Also not where it is as long as one, and of the same letters."""
    directive = r"[%{u}t] [%l] [pid %P] %E: [client\ %a] " + f"{word} %M"
    log = served(directive, random.Random(word))

    messages = [line["message"] for line in found_columns(log) if line]

    assert all(message.startswith(word) for message in messages)
    assert len(messages) == log.count("\n")


def test_a_message_may_begin_like_an_id() -> None:
    """What follows the IDs is the message's, brackets and all."""
    directive = FORMAT.replace("IDS", BOTH[0])
    log = served(directive.replace("%M", "[-] [-] %M"), random.Random(3))

    assert found_columns(log) == columns(log, [compile_layout(directive)])


@pytest.mark.parametrize("ids", ["[%{UNIQUE_ID}e] [%{c}L]", "[%{c}L] [%{UNIQUE_ID}e]"])
def test_what_is_told_reads_all_that_it_can(ids: str) -> None:
    """Whatever the lines seem to be: only what it does not read is left to what is found."""
    directive = rf"[%{{u}}t] [%-m:%l] [pid %P:tid %T] {ids} %E: [client\ %a] %M"
    log = with_unique_ids(served(directive, random.Random(directive)))
    told = compile_layouts(directive)
    found = [one.layout for one in detect([Block.of(log.encode())])]

    assert columns(log, [*told, *found]) == columns(log, told)
    assert columns(log, found) != columns(log, told)


@pytest.mark.parametrize("ids", ["[%L] [%{c}L]", "[%{c}L] [%L]"])
@pytest.mark.parametrize("head", HEADS)
def test_brackets_that_are_left_out(head: str, ids: str) -> None:
    """An ID alone is the connection's, whatever order both have."""
    client = "" if "client" in head else r" [client\ %a]"
    directive = f"{head} {ids} %E:{client} %M"
    log = served(directive, random.Random(directive))

    assert of_ids(found_columns(log)) == of_ids(columns(log, [compile_layout(directive)]))


@pytest.mark.parametrize("ids", [r"[uid\ %{UNIQUE_ID}e]", "[%{UNIQUE_ID}e]", "[R:%{UNIQUE_ID}e]"])
@pytest.mark.parametrize("head", HEADS)
def test_ids_of_mod_unique_id_are_requests(head: str, ids: str) -> None:
    """With a name and without; it makes none for connections."""
    client = "" if "client" in head else r" [client\ %a]"
    directive = f"{head} {ids} %E:{client} %M"
    log = with_unique_ids(served(directive, random.Random(directive)))
    expected = columns(log, [compile_layout(directive.replace("%{UNIQUE_ID}e", "%L"))])

    assert of_ids(found_columns(log)) == of_ids(expected)


def of_ids(lines: list[dict[str, str] | None]) -> list[dict[str, str]]:
    """Of some lines those that have log IDs; lines without them may be told of other formats."""
    ids = {"log_id", "connection_log_id"}
    return [line for line in lines if line is not None and ids & line.keys()]


@pytest.mark.parametrize(
    ("ids", "behind"),
    [
        ("[R:%L] [C:%{C}L]", " [pid %P:tid %T]"),
        ("[R:%L] [C:%{c}L]", " [pid %P]"),
        (r"[cid\ %{c}L] [rid\ %L]", ""),
        ("[req=%-L] [conn=%-{c}L]", ""),
        (r"[request:\ %L]", ""),
    ],
)
def test_names_tell_whose_ids_they_are(ids: str, behind: str) -> None:
    """Of the request or of the connection, before the pid or without any."""
    directive = rf"[%{{u}}t] [%-m:%l] {ids}{behind} %E: [client\ %a] %M"
    log = served(directive, random.Random(directive))

    assert found_columns(log) == columns(log, [compile_layout(directive)])


@pytest.mark.parametrize("ids", ["[R:%L]", "[C:%{c}L]", "[%{c}L]"])
def test_one_id_before_the_pid_is_one(ids: str) -> None:
    """A short log may have a single connection; no message begins before the pid."""
    directive = rf"[%{{u}}t] [%-m:%l] {ids} [pid %P] %E: [client\ %a] %M"
    line = "[Fri Nov 27 04:54:25.086276 2026] [wsgi:error] {}[pid 8823] [client 192.0.2.1:5] a\n"
    one = re.sub(r"%.*L", "xvn1BDrrJQA", ids)
    log = 2 * line.format(f"{one} ")

    assert found_columns(log + line.format(""))[:2] == columns(log, [compile_layout(directive)])


def test_a_word_with_a_name_is_no_log_id_where_clients_have_none() -> None:
    """What httpd writes of requests would have it."""
    directive = r"[%{u}t] [%-m:%l] [pid %P] %E: [client\ %a] %M"
    log = served(directive, random.Random(5))
    tasks = "[Sun Nov 22 14:05:09.123456 2026] [wsgi:error] [pid 7] [task:awL4SB8AAQE] begins\n"

    assert found_columns(log + tasks * 3)[-1] == {
        "module": "wsgi", "level": "error", "pid": "7", "message": "[task:awL4SB8AAQE] begins",
        "time": "Sun Nov 22 14:05:09.123456 2026",
    }  # fmt: skip


def test_names_beside_lines_of_httpd_itself() -> None:
    """A log that takes up a format with names: the lines before it stay what they were."""
    directive = r"[%{u}t] [%-m:%l] [R:%L] [C:%{c}L] [pid %P] %E: [client\ %a] %M"
    log = served(directive, random.Random(directive))
    before = "[Sun Nov 22 14:05:09.123456 2026] [wsgi:error] [pid 7:tid 8] [remote 192.0.2.1:5] x\n"

    got = found_columns(before * 9 + log)

    assert [line and line.get("client") for line in got[:9]] == ["192.0.2.1:5"] * 9
    assert of_ids(got) == of_ids(columns(log, [compile_layout(directive)]))


@pytest.mark.parametrize(
    ("ids", "early", "told"),
    [("[%-{c}L] [%-L]", True, True), ("[%-{c}L] [%-L]", False, False), ("[%-L]", True, True),
     ("[%-{c}L]", False, False), ("[%L] [%{c}L]", True, True), ("[R:%L]", False, True),
     ("[from:%L]", False, False)],
)  # fmt: skip
def test_the_name_says_where_nothing_tells_whose_ids_are(ids: str, early: bool, told: bool) -> None:
    """A format's name tells that it is a guess which of them are requests'."""
    directive = rf"[%{{uz}}t] [%-m:%l] [pid %P] {ids} %E: [client\ %a] %M"
    log = served(directive, random.Random(directive), early=early, requests=1)
    names = {one.layout.name for one in detect([Block.of(log.encode())])}

    assert any(name.startswith(NOT_TOLD) for name in names) is not told
