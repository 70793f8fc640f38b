"""Ballots: take votes between groups, tell the weight of those that a story goes against."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from parsers.arrays import Ints

#: Groups a and b, the differences b minus a that suit it, a weight, a voice, nothing but a default.
Ballot = tuple[int, int, frozenset[int], float, str, bool]


def lost(ballots: Sequence[Ballot], shift: Ints) -> float:
    """The weight of votes that these offsets (int64[groups], seconds) go against.

    Of votes of one voice on two groups the strongest counts, and only by what it outweighs those
    of that voice that are content: who of several keeps the server's clock may be a guess.
    """
    return lost_if(ballots, (), (0,), shift)[0]


def lost_if(
    ballots: Sequence[Ballot], moved: Collection[int], deltas: Sequence[int], shift: Ints
) -> list[float]:
    """The same for each of some differences, if the groups `moved` were so much further east."""
    parties: dict[tuple[int, int, str], int] = {}
    votes = [
        (
            shift.item(b) - shift.item(a),
            (b in moved) - (a in moved),
            options,
            weight,
            parties.setdefault((a, b, voice), len(parties)),
        )
        for a, b, options, weight, voice, _ in ballots
    ]
    count = _alone if len(parties) == len(votes) else _together
    return [count(votes, delta) for delta in deltas]


#: How far b is from a, by how much that grows as groups are moved, what suits it, a weight, and a
#: number that it shares with ballots of its voice on the same two groups.
_Vote = tuple[int, int, frozenset[int], float, int]


def _alone(votes: Sequence[_Vote], delta: int) -> float:
    """The weight of votes that go unheard, where each has a party of its own."""
    told = 0.0
    for far, by, options, weight, _ in votes:
        if far + by * delta not in options:
            told += weight
    return told


def _together(votes: Sequence[_Vote], delta: int) -> float:
    """The same where some share a party."""
    angry: dict[int, float] = {}
    content: dict[int, float] = {}
    for far, by, options, weight, party in votes:
        box = content if far + by * delta in options else angry
        box[party] = max(box.get(party, 0.0), weight)
    told = 0.0
    for party, weight in angry.items():  # not by sum(), which rounds otherwise since Python 3.12
        told += max(0.0, weight - content.get(party, 0.0))
    return told


class BallotBox:
    """All votes of a log as columns: `lost` gives the same as the function, for thousands at once.

    Ballots of one voice on two groups stand together; those come in the order of `ballots`.
    """

    def __init__(self, ballots: Sequence[Ballot]) -> None:
        numbers: dict[tuple[int, int, str], int] = {}
        party = np.array(
            [numbers.setdefault((a, b, voice), len(numbers)) for a, b, _, _, voice, _ in ballots],
            np.int64,
        )
        self._place: Ints = np.argsort(party, kind="stable")
        rows = [ballots[at] for at in self._place.tolist()]
        self._starts: Ints = np.searchsorted(party[self._place], np.arange(len(numbers)))
        self._a = np.array([row[0] for row in rows], np.int64)
        self._b = np.array([row[1] for row in rows], np.int64)
        self._weight = np.array([row[3] for row in rows], np.float64)
        self._options = np.array([option for row in rows for option in sorted(row[2])], np.int64)
        self._voter: Ints = np.repeat(np.arange(len(rows)), [len(row[2]) for row in rows])

    def lost(self, shift: Ints) -> float:
        """The weight of votes that these offsets (int64[groups], seconds) go against."""
        size = len(self._place)
        if not size:
            return 0.0
        away = shift[self._b] - shift[self._a]
        content = np.zeros(size, np.bool_)
        content[self._voter[away[self._voter] == self._options]] = True
        angry = np.maximum.reduceat(np.where(content, 0.0, self._weight), self._starts)
        angry -= np.maximum.reduceat(np.where(content, self._weight, 0.0), self._starts)
        # Added up in the order in which ballots that are lost come, as the function does: the
        # order of a sum is its last bit, and stories are compared.
        first = np.minimum.reduceat(np.where(content, size, self._place), self._starts)
        told = np.zeros(size + 1)
        told[first] = np.maximum(angry, 0.0)
        return float(np.cumsum(told[:size])[-1])
