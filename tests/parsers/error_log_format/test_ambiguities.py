"""Where lines of an ErrorLogFormat can be read two ways, and what users are told of it."""

from __future__ import annotations

import pytest

from parsers.error_log_format.ambiguities import ambiguities, is_json, written
from parsers.error_log_format.fields import parse


def missing(item: str) -> str:
    """What is told of an item whose field may be missing."""
    return (
        f"When {item} is empty, its field is missing and what follows may be taken for it: put a "
        "name before it, as in [name\\ %…], or write `-` after its %."
    )


def cut(item: str, cure: str) -> str:
    """What is told of a text that ends nowhere."""
    return (
        f"{item} is followed by a space, and its text may have spaces too: it is cut at the first "
        f"one. {cure}"
    )


def together(item: str) -> str:
    """What is told of an item that the message's field is lost with."""
    return (
        f"{item} stands in one field with %M: when it is empty, httpd drops what stands around the "
        "message, and may lose the message itself."
    )


def inside(what: str, taken: str) -> str:
    """What is told of a text that a literal ends."""
    return f"{what}, which ends it here: {taken}."


QUOTED = (
    'httpd does not escape a `"` in a message, so a line with one is no JSON: the message is taken '
    "to end where what follows it can be read to the line's end."
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # httpd's own formats, but for its thread, can be read in one way
        ("[%{u}t] [%-m:%l] [pid %P] %7F: %E: [client\\ %a] %M", []),
        ("[%t] [%l] [pid %P] %E: [client\\ %a] %M", []),
        # what is empty is dropped, with all of its field
        ("%v %M", [missing("%v")]),
        ("[%t] [%m] [%L] %M", [missing("%m")]),
        ("[%t] [%-m] [%-L] %M", []),
        ("[%t] [a\\ %m] [b\\ %L] %M", []),
        ("[%t] [client %a] [remote %A] %M", []),
        ("[%t] [%a] [%{UA}i] %M", [missing("%a")]),
        ("[%t] [%-{UA}i] [%a] %M", []),
        ("[%t] [%L] [%{c}L] [client\\ %a] %M", []),
        ("[%t] [%{c}L] [%L] %M", []),
        ("[%t] [%L] [%{C}L] %M", [missing("%L")]),
        ("[%t] [%L] [%V] %M", [missing("%L")]),
        ("[%t] [%L] [%V:%l] %M", []),
        ("[%t] %L %{%d/%b/%Y}t %M", [missing("%L")]),
        ("[%t] %L %{%F}t %M", []),
        ("[%t] %a %M", []),
        ("[%t] %k %{c}k %M", [missing("%k"), missing("%{c}k")]),
        ("[%t] %m%l %M", ["%m and %l run together: %m is taken to be as long as it can be.",
                          missing("%m")]),
        ("[%t] %M %a", []),
        # the message's field
        ("[%t] %M,\\ x:\\ %{Referer}i", [together("%{Referer}i")]),
        ("[%t] [%{Referer}i]\\ %M", [together("%{Referer}i")]),
        ("[%t] [%-{Referer}i]\\ %M", []),
        # twice
        ("[%t] %P %P %M", ["%P stands in the format twice: the last one that is printed counts."]),
        ("[%t] %{u}t %{u}t %M", []),
        # texts with spaces
        ("[%t] %E: %M", []),
        ("[%t] %E %M", [cut("%E", "Write %E: with a colon.")]),
        ("[%t] %-{Referer}i %M", [
            cut("%{Referer}i", "Put it in quotes or brackets, as in [%{Referer}i]."),
        ]),
        # JSON
        ('{"t":"%t","m":"%M"}', [QUOTED]),
        ('{"t":"%t","m":%M}', []),
        ('[%t] "%M"', []),
    ],
)  # fmt: skip
def test_what_is_told(text: str, told: list[str]) -> None:
    """Each doubt is told once, with the item's name and what to do."""
    assert ambiguities(parse(text)) == tuple(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[%t] %v: %M", []),
        ("[%t] %v-%P %M", [inside("%v may itself contain '-'", "it is cut at the first one")]),
        ("[%t] [%a: %M", []),
        ("[%t] %a:x %M", [inside("%a may itself contain ':'", "it is taken to end with its port")]),
    ],
)  # fmt: skip
def test_what_ends_a_text(text: str, told: list[str]) -> None:
    """A literal that may be part of the text before it is told."""
    assert [one for one in ambiguities(parse(text)) if "ends it here" in one] == told


def test_lines_that_break() -> None:
    """A format of several lines is told so."""
    assert any(
        one.startswith("The format breaks its line: ") for one in ambiguities(parse("[%t]\\n%M"))
    )


def test_json() -> None:
    """A format is JSON if it begins like an object."""
    assert [is_json(parse(text)) for text in (' { "m":"%M"}', '{m:"%M"}', 'x{"m":"%M"}')] == [
        True, False, False,
    ]  # fmt: skip


def test_how_an_item_is_written() -> None:
    """With its argument and without its modifiers."""
    assert [written(one) for one in parse("%-4{c}L %{u}t %-m %M").directives()] == [
        "%{c}L", "%{u}t", "%m", "%M",
    ]  # fmt: skip
