"""Lines and words come out as httpd's own reader makes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.config_words import directive_lines, next_word, resolve, words


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b"  A b \t\r\n\n# c\nD\n", [(1, "A b"), (4, "D")]),
        # a backslash at the end joins, before any trimming
        (b"A \\\n b\\\r\nc\nD", [(1, "A  bc"), (4, "D")]),
        # a comment goes on in the next line too
        (b"# no \\\nErrorLog x\nE", [(3, "E")]),
        (b"A \\", [(1, "A")]),
        (b"\xff\n", [(1, "\udcff")]),
    ],
)
def test_directive_lines(raw: bytes, lines: list[tuple[int, str]]) -> None:
    """Continuation, white space and comments are httpd's."""
    assert list(directive_lines(raw)) == lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a "b c" \'d "e\' f', ["a", "b c", 'd "e', "f"]),
        (r'"%h \"%r\" \\ \n #%L"', [r'%h "%r" \ \n #%L']),
        (r"[client\ %a]", ["[client\\", "%a]"]),
        (r'"[client\ %a]"', [r"[client\ %a]"]),
        ('"never closed', ["never closed"]),
        ('""', [""]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    """Quotes and backslashes are ap_getword_conf's."""
    assert words(text) == expected


@given(st.text(st.characters(exclude_categories=["Zs", "Cc", "Cs"])))
def test_quoting_is_undone(text: str) -> None:
    """What is quoted and escaped comes back as it was."""
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert next_word(f"{quoted} rest") == (text, "rest")


def test_resolve() -> None:
    """Known variables are replaced, unknown ones stay and are told; map lookups are neither."""
    known = {"A": "1", "B": "${A}"}
    text, faults = resolve("${A}/${B}/${C}/${map:key}/$A", known.get)
    assert text == "1/${A}/${C}/${map:key}/$A"
    assert faults == ["${C} is not defined"]


def test_what_is_not_closed_is_no_variable() -> None:
    """Half a million beginnings stay as they stand, before and behind one that is closed."""
    rest, known = "${" * 500_000, {"A": "1"}
    assert resolve(rest, known.get) == (rest, [])
    assert resolve("${A}" + rest, known.get) == ("1" + rest, [])
