"""Messages: the tags that they begin with."""

from __future__ import annotations

import pytest

from tests.parsers.test_decode import read


@pytest.mark.parametrize(
    ("message", "tag"),
    [
        ("AH00163: x", "AH00163"), ("AH100163: x", "AH100163"), ("WSGI0174: x", "WSGI0174"),
        ("AH00163:", "AH00163"), ("AH0016: x", None), ("AH0100163: x", None), ("AH00163 x", None),
        ("AH00163", None), ("WSGI174: x", None), ("WSGI01745: x", None), ("4711: x", None),
        ("x: AH00163: x", None), ("ah00163: x", None), ("[AH00163: x", None), ("x", None),
    ],
)  # fmt: skip
def test_tags(message: str, tag: str | None) -> None:
    """Five or six digits behind AH, four behind WSGI, a colon, and all at the very start."""
    line = f"[Fri Jun 05 08:42:36.123456 2026] [core:error] [pid 7] {message}"
    assert read(line.encode()).get("tag") == tag
