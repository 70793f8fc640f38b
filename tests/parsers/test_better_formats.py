"""Better formats: where what is missing is written."""

from __future__ import annotations

import pytest

from parsers.better_formats import improved
from parsers.error_log_format import parse

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
