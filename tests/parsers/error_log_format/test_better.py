"""Better formats: where what is missing is written."""

from __future__ import annotations

import pytest

from parsers.error_log_format.ambiguities import ambiguities
from parsers.error_log_format.better import improved, unpaired
from parsers.error_log_format.fields import parse

ADDED = "[%-m:%l] [pid %P] [%-{c}L] [%-L]"


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("%{uz}t %M", f"%{{uz}}t {ADDED} %M"),
        ("%{uz}t:%M", f"{ADDED} %{{uz}}t:%M"),
        ("[%{uz}t]%M", f"{ADDED} [%{{uz}}t]%M"),
        ("%M", f"[%{{cuz}}t] {ADDED} %M"),
    ],
)
def test_what_is_added_stands_before_the_message(text: str, better: str) -> None:
    """Also where there is no place for a field but before all others."""
    assert improved(parse(text)) == better


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("[%t] [%{cu}t] %M", f"[%{{cuz}}t] {ADDED} %M"),
        ("[%t] %{cu}t %M", f"[%{{cuz}}t] {ADDED} %M"),
        ("%t [%{cu}t] %M", f"[%{{cuz}}t] {ADDED} %M"),
        ("%{%F}tT%{%T}tZ %M", f"%{{cuz}}t {ADDED} %M"),
        ("[%t] [%l] [pid %P] [%{cu}t] %L %M", "[%{cuz}t] [%l] [pid %P] %L %M"),
        ("[%t] %l %{cu}t %P %L %M", "[%{cuz}t] %l %P %L %M"),
    ],
)
def test_one_time_is_left(text: str, better: str) -> None:
    """No item between several times is lost, nor half of a pair of brackets."""
    assert improved(parse(text)) == better


@pytest.mark.parametrize("head", ["[%v] [%{uz}t] [%l] [pid %P]", "%V [%{uz}t] [%l] [pid %P]"])
def test_no_field_is_taken_for_one_that_is_missing(head: str) -> None:
    """It has a hyphen, as is advised; so there is nothing more to say of it."""
    better = improved(parse(f"{head} %M"))

    assert better == f"{head} [%-{{c}}L] [%-L] %M".replace("%v", "%-v").replace("%V", "%-V")
    assert ambiguities(parse(better)) == ()


def test_times_of_json_stay() -> None:
    """Each is a member of its own."""
    text = '{"a":"%t","b":"%{u}t","l":"%l","c":"%{u}t","p":"%P","i":"%-L","m":"%M"}'
    expected = '{"a":"%{cuz}t","b":"%{u}t","l":"%l","c":"%{u}t","p":"%P","i":"%-L","m":"%M"}'
    assert improved(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "wholes", "better"),
    [
        ("[%{cuz}t> %L %M", ["[%{cuz}t]"], "[%{cuz}t]> [%-m:%l] [pid %P] %L %M"),
        ("%{cuz}t] %P %L %l %M", ["[%{cuz}t]"], "[%{cuz}t] %P %L %l %M"),
        ("[[%{cuz}t] %P %L %l %M", ["[[%{cuz}t]]"], "[[%{cuz}t]] %P %L %l %M"),
        ("[%{cuz}t] [%l %P] %L] %M", ["[%L]"], "[%{cuz}t] [%l %P] [%L] %M"),
        ("[%{cuz}t] [%l [pid %P] %L %M", ["[%l]"], "[%{cuz}t] [%l] [pid %P] %L %M"),
        ("[%{cuz}t] %l %P %L %M [", [], "[%{cuz}t] %l %P %L %M ["),
    ],
)
def test_brackets_are_paired(text: str, wholes: list[str], better: str) -> None:
    """One without a partner gets it, at the items of its field; one beside no item stays."""
    assert [one.whole for one in unpaired(parse(text))] == wholes
    assert improved(parse(text)) == better
