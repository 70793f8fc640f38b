"""What it costs to say which of a voice's spans are in its second zone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from logtool.clocks.search.second_zones import Courses, apart_from, changes_of_side, shares
from parsers.arrays import Mask


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


def _courses(first: str, pids: str) -> Courses:
    """Courses of one voice, whose spans stand in order of time."""
    pid = np.array([int(digit) for digit in pids], np.int64)
    place = np.argsort(np.lexsort((np.arange(len(pid)), pid)))
    return Courses(np.zeros(len(pid), np.int64), pid, place, _flags(first), np.array([True]))


def _flags(digits: str) -> Mask:
    return np.array([digit == "1" for digit in digits], np.bool_)


@pytest.mark.parametrize(
    ("first", "second", "pids", "price"),
    [
        ("11110000", "00001111", "77777777", 0),
        ("10001111", "01110000", "77777777", 5),
        ("11001100", "00110011", "77887788", 0),
        ("10101010", "01010101", "77778888", 5),
        ("11111000", "00111111", "77777777", 0),
        ("10111111", "11001111", "77777777", 0),
        ("10100000", "00001111", "77777777", 0),
    ],
)
def test_who_goes_back_pays_for_it(first: str, second: str, pids: str, price: float) -> None:
    """As much as for a second zone; each process for itself, by what is in one zone only."""
    assert _courses(first, pids).price(_flags(second)).tolist() == [price]


def test_three_zones_one_after_the_other() -> None:
    """Nobody goes back, whichever zone is told first."""
    courses = _courses("00001111", "77777777")
    courses.add(_flags("11000000"), courses.price(_flags("11000000")))
    assert courses.price(_flags("00110000")).tolist() == [0]


def test_who_has_paid_pays_no_more() -> None:
    """And a third zone that explains nothing new hides nothing."""
    courses = _courses("10101000", "77777777")
    assert courses.price(_flags("01010000")).tolist() == [5]
    courses.add(_flags("01010000"), np.array([0.0]))
    assert courses.price(_flags("11110000")).tolist() == [5]
    courses.add(_flags("11110000"), np.array([5.0]))
    assert courses.price(_flags("00000001")).tolist() == [0]
