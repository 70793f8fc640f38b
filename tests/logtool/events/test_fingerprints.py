"""Fingerprints: what makes two exceptions, or two messages, the same."""

from __future__ import annotations

import traceback

import polars as pl
import pytest

from logtool.events.fingerprints import exceptions, fingerprint_of, template
from logtool.events.folding import fold
from tests.logtool.events.rows import rows


def raised(lines: list[str]) -> dict[str, str]:
    """The only exception in some lines of one thread."""
    text = "\n".join(
        f"[Sun Nov 22 10:00:00.{i:06} 2026] [wsgi:error] [pid 7:tid 7] [remote 1.2.3.4:5] {line}"
        for i, line in enumerate(lines)
    )
    (row,) = exceptions(fold(rows(text))).iter_rows(named=True)
    return row


def fingerprint(
    value: str = "no order 17", line: int = 9, release: str = "20260101", kind: str = "KeyError"
) -> tuple[str, str]:
    """Fingerprint and explanation of an exception in the shop."""
    lines = [
        "mod_wsgi (pid=7): Exception occurred processing WSGI script '/srv/app.wsgi'.",
        "Traceback (most recent call last):",
        '  File "/usr/lib/python3/dist-packages/django/x.py", line 3, in inner',
        f'  File "/srv/{release}/shop.py", line {line}, in order',
        "    return ORDERS[number]",
        f"{kind}: {value}",
    ]
    row = raised(lines)
    return row["fingerprint"], row["explanation"]


@pytest.mark.parametrize(
    "same", [{"value": "no order 4711"}, {"line": 10}, {"release": "20260202"}]
)
def test_the_same_exception(same: dict[str, str]) -> None:
    """Numbers in its text, line numbers and the release's folder do not matter."""
    assert fingerprint() == fingerprint(**same)  # type: ignore[arg-type]


def printed(error: BaseException) -> list[str]:
    """The lines that Python prints of an exception."""
    return "".join(traceback.format_exception(error)).splitlines()


def test_an_exception_group() -> None:
    """It is that of the outermost group, as Python prints it; the frames are those of all."""
    try:
        try:
            raise KeyError("lost")
        except KeyError as error:
            inner = ExceptionGroup("inner", [ValueError("two\nlines"), error])
            raise ExceptionGroup("several", [TypeError("t"), inner]) from error
    except ExceptionGroup as error:
        group = error
    row = raised(["Exception on /grp [GET]", *printed(group)])
    assert (row["exception"], row["value"]) == ("ExceptionGroup", "several (2 sub-exceptions)")
    place = "events/test_fingerprints.py:test_an_exception_group"
    assert row["explanation"] == (
        f"ExceptionGroup; frames {place} < {place} < {place}; value several (<n> sub-exceptions)"
    )


def test_what_a_group_led_to() -> None:
    """Of a chain that begins with a group it is the last exception, as of any chain."""
    try:
        try:
            raise ExceptionGroup("several", [ValueError(1)])
        except ExceptionGroup as error:
            raise KeyError("lost") from error
    except KeyError as error:
        last = error
    row = raised(printed(last))
    assert (row["exception"], row["value"]) == ("KeyError", "'lost'")


def test_a_word_alone_is_no_other_exception() -> None:
    """A key, of the same place; without frames nothing else tells two exceptions apart."""
    hashed, explanation = fingerprint("abc")
    assert explanation == "KeyError; frames <n>/shop.py:order; value <word>"
    assert {fingerprint(word)[0] for word in ("item17", "b.c", "/no/path.txt:9")} == {hashed}
    assert fingerprint("'abc'")[1].endswith("; value <text>")
    assert fingerprint("")[1].endswith("; value ")

    bare = {raised(["Traceback (most recent call last):", f"KeyError: {key}"])["explanation"]
            for key in ("abc", "b.c")}  # fmt: skip
    assert bare == {"KeyError; frames none; value abc", "KeyError; frames none; value b.c"}


@pytest.mark.parametrize("other", [{"kind": "ValueError"}, {"value": "no cart 17"}])
def test_another_exception(other: dict[str, str]) -> None:
    """Another type or another text is another exception."""
    assert fingerprint() != fingerprint(**other)  # type: ignore[arg-type]


def test_the_explanation() -> None:
    """The version leads, and what was hashed can be read: the application's frames only."""
    hashed, explanation = fingerprint()
    assert hashed.startswith("v2:")
    assert explanation == "KeyError; frames <n>/shop.py:order; value no order <n>"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("took 12.5 s for user 7", "took <n> s for user <n>"),
        ("1,234,567.5 of 12,345 rows", "<n> of <n> rows"),
        ("rows 1,23 and 12345,678 and 1,2345", "rows <n>,<n> and <n>,<n> and <n>,<n>"),
        ("AH00957: HTTP/1.1 by python3.11 as utf8", "AH00957: HTTP/<n> by python3.<n> as utf8"),
        ("at 0x7f8c10 in 'x y'", "at <hex> in <text>"),
        ("from 10.0.0.1:80 to a@b.org", "from <ip> to <email>"),
        ("read /srv/app/data.json", "read <path>"),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id <uuid>"),
        ("at 2026-11-23 10:00:00,123", "at <time>"),
        ("AH01964: Connection to child 3", "AH01964: Connection to child <n>"),
    ],
)
def test_templates(text: str, masked: str) -> None:
    """What varies is masked; words and tags stay."""
    assert pl.select(template(pl.lit(text))).item() == masked


def test_messages_of_one_template_share_a_fingerprint() -> None:
    """Two messages that differ in a number are one group."""
    texts = pl.Series(["user 1 came", "user 2 came", "user 3 left"])
    masked = pl.select(template(pl.lit(texts))).to_series()
    assert len({fingerprint_of(text) for text in masked}) == 2
