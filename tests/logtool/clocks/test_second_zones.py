"""What it costs to say which of a voice's spans are in its second zone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from logtool.clocks.second_zones import apart_from, changes_of_side, shares


@pytest.mark.parametrize(
    ("one", "other", "often"),
    [
        ("1100", "0011", 1),
        ("1010", "0101", 3),
        ("1111", "0011", 0),
        ("1100", "0111", 1),
        ("1001", "0110", 2),
        ("1000", "0001", 1),
        ("1001", "0000", 0),
        ("0011", "1111", 0),
        ("1101", "0111", 1),
        ("", "", 0),
    ],
)
def test_changes_of_side(one: str, other: str, often: int) -> None:
    """Who is in both zones, or in neither, stays where those before him were."""
    first, second = ([digit == "1" for digit in digits] for digits in (one, other))
    flags = np.array([second], np.bool_).reshape(1, -1)
    assert changes_of_side(np.array(first, np.bool_), flags).tolist() == [often]


def test_many_kinds_at_once() -> None:
    """Each of the others is compared for itself."""
    others = np.array([[0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 1, 1]], np.bool_)
    one = np.array([1, 1, 0, 0], np.bool_)
    assert changes_of_side(one, others).tolist() == [1, 1, 0]


def test_to_tell_half_of_them_costs_most() -> None:
    """A bit for each of eight where four are elsewhere, and nothing where all or none are."""
    some = np.array([0.0, 1.0, 4.0, 8.0])
    none, few, half, every = apart_from(some, np.full(4, 8.0)).tolist()
    assert half == pytest.approx(8 * math.log(2))
    assert none == pytest.approx(0, abs=1e-6)
    assert every == pytest.approx(0, abs=1e-6)
    assert none < few < half


def test_the_rarer_zone_costs_more() -> None:
    """Of ten spans two are in the second zone."""
    (home, much), (away, more) = shares([3, 5], [0.0, 2.0], 10.0)
    assert (home, away) == (3, 5)
    assert much == pytest.approx(-math.log(8.5 / 11))
    assert more == pytest.approx(-math.log(2.5 / 11))
