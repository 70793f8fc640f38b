"""Log IDs of a format that was told, where httpd leaves out those that there are not."""

from __future__ import annotations

import pytest

from parsers.layouts import compile_layout
from tests.parsers.columns import columns

REQUEST, UNIQUE, CONNECTION = "awL4SB8AAQE", "awjK639G9EIgi8L56DHpAwAAAAA", "oVYEEd7eRQA"


@pytest.mark.parametrize("around", ["[{}]", "{}", "({})"])
@pytest.mark.parametrize("items", [("%L", "%{c}L"), ("%{c}L", "%L")])
@pytest.mark.parametrize("request_id", [REQUEST, UNIQUE])
def test_an_id_alone_is_the_connections(
    around: str, items: tuple[str, str], request_id: str
) -> None:
    """What is done for a request knows its connection as well, in whatever order both stand."""
    layout = compile_layout(rf"[%t] [%l] {' '.join(map(around.format, items))} [client\ %a] %M")
    ids = {"%L": request_id, "%{c}L": CONNECTION}
    both = " ".join(around.format(ids[item]) for item in items)
    head, client = "[Fri Nov 27 02:02:57 2026] [error] ", "[client 127.0.0.1:38850] "
    alone = around.format(CONNECTION)
    log = "".join(f"{head}{one} {client}x\n" for one in (both, alone)) + f"{head}x\n"
    got = [
        one and (one.get("log_id"), one.get("connection_log_id")) for one in columns(log, [layout])
    ]
    assert got == [(request_id, CONNECTION), (None, CONNECTION), (None, None)]
    assert [one and one["message"] for one in columns(log, [layout])] == ["x"] * 3


@pytest.mark.parametrize("items", ["[%L] [%-{c}L]", "[%L] [%{c}L]"])
@pytest.mark.parametrize("behind", ["[%-m:%l]", "[%l]"])
def test_a_bracket_behind_the_ids_is_no_id(items: str, behind: str) -> None:
    """Where the request's is left out, the connection's stands before it."""
    log = f"[Fri Nov 27 02:02:57 2026] [{CONNECTION}] {behind} x\n"
    log = log.replace("%-m", "core").replace("%l", "error")
    (got,) = columns(log, [compile_layout(f"[%t] {items} {behind} %M")])
    assert got is not None
    assert (got.get("log_id"), got["connection_log_id"]) == (None, CONNECTION)
    assert (got["level"], got["message"]) == ("error", "x")


@pytest.mark.parametrize("message", ["[INFO] started", "[INFO] [shop.tasks] started", "(x) (y) z"])
def test_a_message_in_brackets_is_no_id(message: str) -> None:
    """Python's words at the beginning of a message do not look like log IDs."""
    around = f"{message[0]}{{}}{')' if message[0] == '(' else ']'}"
    layout = compile_layout(f"[%t] [%l] {around.format('%L')} {around.format('%{c}L')} %M")
    log = f"[Fri Nov 27 02:02:57 2026] [error] {message}\n"
    (got,) = columns(log, [layout])
    assert got is not None
    assert (got["message"], {"log_id", "connection_log_id"} & {*got}) == (message, set())


def test_an_id_with_a_name_may_look_like_anything() -> None:
    """Another module may make the IDs; a name tells what they are."""
    (got,) = columns("[Fri Nov 27 02:02:57 2026] [R:42] x\n", [compile_layout("[%t] [R:%L] %M")])
    assert got is not None
    assert got["log_id"] == "42"
