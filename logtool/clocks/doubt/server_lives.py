"""Server lives: takes a scene, cuts it where Apache was started; tells where witnesses agree.

Each time that it is started Apache may be in another zone. What a witness says of one of its lives
tells nothing of the others, nor does one who agrees in one of them confirm what is told of all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from logtool.clocks.evidence.anchors import vouches_for_its_process
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.knots import place_of, places
from logtool.clocks.seen.roles import telling
from logtool.clocks.seen.scene import Scene
from parsers.arrays import Ints
from parsers.classes import dataclass
from parsers.units import SECOND

#: Kinds of votes by which somebody says what zone is kept, and of which no witness tells.
SAID = frozenset({"server-tz", "clock", "config"})
#: One who agrees does so by chance, perhaps, where more than so many deny.
_BY_CHANCE = 5
#: Who is started together speaks for the first time within this.
_BURST_US = 10 * SECOND


class Start(NamedTuple):
    """A start of Apache that nobody announced.

    Attributes:
        before: the knot of what was told last of the life of a parent, or -1.
        at: the knot with which a parent has started.
    """

    before: int
    at: int


def unannounced(scene: Scene) -> list[Start]:
    """Where a parent has started though none says that it ends, or begins anew.

    Of what is in two files some between may be missing.
    """
    every = places(scene.knots.file, scene.knots.line)
    found: list[Start] = []
    awaited, file = False, scene.samples[0].file if scene.samples else -1
    before = -1
    for number, stage in telling(scene.samples):
        if not (stage.resumes or stage.stops or stage.renews):
            continue
        one = scene.samples[number]
        at = int(np.searchsorted(every, place_of(one.file, one.line)))
        if stage.resumes and not awaited and one.file == file:
            found.append(Start(before, at))
        awaited, file, before = not stage.resumes, one.file, at
    return found


def witnessed(links: Sequence[Link]) -> Iterator[Link]:
    """The votes of witnesses, each of its own span."""
    return (one for one in links if vouches_for_its_process(one) and one.kind not in SAID)


@dataclass(frozen=True, slots=True, eq=False)
class ServerLives:
    """The lives of the server in a log, from start to start.

    Attributes:
        starts: the knots with which they begin, but the first.
        of_span: int64[spans], the number of each one's life.
    """

    starts: Sequence[int]
    of_span: Ints

    @classmethod
    def of(cls, scene: Scene, sudden: Sequence[Start]) -> ServerLives:
        """Those of a log of which is known where Apache started `unannounced`."""
        begun = [_first_of(scene, start) for start in sudden]
        told = [
            stop for stop in scene.stops if not any(one.before < stop <= one.at for one in sudden)
        ]
        starts = sorted({*begun, *told} - {0})
        return cls(starts, np.searchsorted(starts, scene.spans.first, side="right"))

    def agreeing(self, links: Sequence[Link], offset: Ints) -> set[int]:
        """The lives of which witnesses say what the answer (int64[spans]) says.

        One who does by chance is outweighed by many who say another offset.
        """
        agree: Counter[int] = Counter()
        deny: Counter[int] = Counter()
        for link in witnessed(links):
            votes = agree if offset[link.b] == link.delta_s else deny
            votes[int(self.of_span[link.b])] += 1
        return {life for life, votes in agree.items() if votes * _BY_CHANCE >= deny[life]}


def _first_of(scene: Scene, start: Start) -> int:
    """The knot with which the first of the new ones speaks, which their parent need not be.

    Of those who spoke last before, nobody knows who was killed with whom: only the time tells.
    """
    away_us = np.abs(
        scene.knots.local_us[start.before + 1 : start.at] - scene.knots.local_us[start.at]
    )
    others = np.flatnonzero(away_us > _BURST_US)
    return start.before + 1 + (int(others[-1]) + 1 if len(others) else 0)
