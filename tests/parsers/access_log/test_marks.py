"""Marks: the places of quotes and literals."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.access_log.marks import find_literal, next_at


@pytest.mark.parametrize(
    ("text", "places"), [(b"a", [0, 2, 5, 6]), (b"ab", [0, 6]), (b"aba", [0]), (b"abx", [])]
)
def test_literals(text: bytes, places: list[int]) -> None:
    """Every place where all bytes of a literal stand, within the text and not in its padding."""
    data = np.frombuffer(b"abac aab....", np.uint8)
    assert find_literal(data, 8, text).tolist() == places


def test_the_next_place() -> None:
    """The first at or after a cursor and before a limit, or -1."""
    places, cursor = np.array([3, 7]), np.array([0, 3, 4, 7, 8])
    assert next_at(places, cursor, np.full(5, 9)).tolist() == [3, 3, 7, 7, -1]
    assert next_at(places, cursor, np.full(5, 7)).tolist() == [3, 3, -1, -1, -1]
    assert next_at(places[:0], cursor, np.full(5, 9)).tolist() == [-1] * 5
