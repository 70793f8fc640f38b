"""Escapes: the text before httpd escaped it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.escapes import unescape


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"caf\xc3\xa9", "café"),
        (r"a\nb\tc\\d", "a\nb\tc\\d"),
        (r"\\xc3", r"\xc3"),
        (r"\xff and \xe2\x82\xac", "\\xff and €"),
        (r"\q stays", r"\q stays"),
        ('"quotes"', '"quotes"'),
    ],
)
def test_unescape(written: str, text: str) -> None:
    """Each escape of ap_escape_errorlog_item comes back; what is none stays."""
    assert text == unescape(written)


def escape(text: str) -> str:
    """As server/util.c does it."""
    named = {8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 13: "\\r", 92: "\\\\"}
    return "".join(
        named.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}")
        for byte in text.encode()
    )


@given(st.text())
def test_round_trip(text: str) -> None:
    """Whatever httpd escaped is read back."""
    assert text == unescape(escape(text))
