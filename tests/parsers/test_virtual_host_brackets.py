"""A virtual host in brackets: httpd's own messages tell that it is the format's."""

from __future__ import annotations

import random

import pytest

from parsers.layouts import compile_layout
from tests.parsers.columns import columns, found_columns
from tests.parsers.served import served

HEADS = (
    "[%{u}t] [%-m:%l] [%v] [pid %P]", "[%{cu}t] [%-m:%l] [pid %P:tid %T] [%v]", "[%t] [%v] [%l]",
    "%{cuz}t [%l] [%v] [pid %P]", "[%{u}t] [%v] [%-m:%l] [pid %P:tid %T]",
    "[%v] [%t] [%l] [pid %P]", "[%v] [%{cuz}t] [%-m:%l] [pid %P:tid %T]",
)  # fmt: skip
IDS = ("", " [%-L]", " [%-{c}L] [%-L]")
#: What an application writes.
SAYS = "[Sun Nov 22 14:05:09.123456 2026] [wsgi:error] [pid 7:tid 8] [remote 192.0.2.1:5] {}\n"


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize("head", HEADS)
def test_a_virtual_host_is_found(head: str, ids: str) -> None:
    """Wherever it stands in the head or before it, and with it whatever stands behind it."""
    directive = rf"{head}{ids} %E: [client\ %a] %M"
    log = served(directive, random.Random(directive))

    assert found_columns(log) == columns(log, [compile_layout(directive)])


def test_lines_without_ids_have_their_host_and_client() -> None:
    """Fields that httpd leaves out leave the others where they are."""
    directive = r"[%{u}t] [%-m:%l] [%v] [pid %P] [%L] [%{c}L] [client\ %a] %M"
    log = served(directive, random.Random(directive))

    for found, told in zip(
        found_columns(log), columns(log, [compile_layout(directive)]), strict=True
    ):
        assert found is not None
        assert told is not None
        names = ("virtual_host", "pid", "client", "message")
        assert [found.get(name) for name in names] == [told.get(name) for name in names]


def test_a_message_may_begin_with_a_host() -> None:
    """Messages of httpd would have one, too, if it were the format's."""
    own = "[Sun Nov 22 14:05:09.123456 2026] [core:notice] [pid 7:tid 8] AH00094: Command line\n"
    log = own + SAYS.format("x") + 9 * SAYS.replace("[remote 192.0.2.1:5] ", "").format("[a.b] x")

    found = found_columns(log)

    assert all(line and "virtual_host" not in line for line in found)
    assert [line and line["message"] for line in found[-2:]] == ["[a.b] x"] * 2


def test_where_httpd_says_nothing_a_host_is_the_message() -> None:
    """An application's logger may have written it."""
    found = found_columns(9 * SAYS.replace("[remote 192.0.2.1:5] ", "").format("[a.b] [pid 9] x"))

    assert [line and line["message"] for line in found] == ["[a.b] [pid 9] x"] * 9
