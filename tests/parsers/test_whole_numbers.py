"""Whole numbers of any length."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsers.whole_numbers import MOST, whole_number


@given(st.integers(0, 1 << 70), st.integers(0, 5000))
def test_it_is_the_number_or_the_largest(number: int, zeros: int) -> None:
    """Zeros before a number are nothing; what needs more than 64 bits is the largest."""
    digits = "0" * zeros + str(number)
    assert whole_number(digits) == whole_number(digits.encode()) == min(number, MOST)


@given(st.integers(20, 20_000))
def test_any_length_is_read(length: int) -> None:
    """Python alone refuses more than 4,300 digits."""
    assert whole_number("9" * length) == MOST
