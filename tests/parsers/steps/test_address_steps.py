"""Addresses that a colon ends."""

from __future__ import annotations

import pytest

from parsers.decode import Decoder
from parsers.layouts import compile_layout
from tests.parsers.test_decode import read


@pytest.mark.parametrize(
    ("text", "client", "message"),
    [
        ("1.2.3.4:5:hello", "1.2.3.4:5", "hello"),
        ("1.2.3.4:5:a:b", "1.2.3.4:5", "a:b"),
        ("1.2.3.4:5:", "1.2.3.4:5", ""),
        ("::1:7:bad request", "::1:7", "bad request"),
        ("2001:db8::d36d:61000:x", "2001:db8::d36d:61000", "x"),
        ("-:hello", None, "hello"),
        (
            "fe80:0:0:0:1111:2222:3333:4444:65535:(2)x",
            "fe80:0:0:0:1111:2222:3333:4444:65535",
            "(2)x",
        ),
    ],
)
@pytest.mark.parametrize("behind", ["", " "])
def test_an_address_ends_with_its_port(
    text: str, client: str | None, message: str, behind: str
) -> None:
    """Dotted or not, the colon behind the port is not part of it."""
    address = text[: len(text) - len(message) - 1]
    got = read(
        f"{address}:{behind}{message}".encode(), Decoder([compile_layout(f"%-a:{behind}%M")])
    )
    assert (got.get("client"), got["message"]) == (client, message)


@pytest.mark.parametrize("text", ["hello", "1.2.3.4:x", "1.2.3.4", ":", "x" * 200])
def test_what_is_no_address_is_the_message(text: str) -> None:
    """A field that may be missing is missing then."""
    got = read(text.encode(), Decoder([compile_layout("%a:%M")]))
    assert (got.get("client"), got["message"]) == (None, text)
