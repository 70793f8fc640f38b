"""Moved lives: takes an answer by the zone that is told, tells in which lives of Apache it fails.

Witnesses that deny it in one life, and agree with it in another, are both right: Apache was started
in another zone. They are believed where they speak, and the zone that is told elsewhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from logtool.clocks.doubt.conclusion import Solution
from logtool.clocks.doubt.server_lives import ServerLives, unannounced, witnessed
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.scene import Scene
from logtool.clocks.table import Evidence, hours
from logtool.clocks.tzdb.zones import Rules
from parsers.classes import dataclass

#: So many spans of a life that witnesses put elsewhere, all alike, are no chance.
_SEVERAL = 3


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """The lives of the server in which the zone that is told does not hold.

    Attributes:
        scene: the log.
        lives: all of the server's.
        agreeing: those in which a witness agrees with that zone.
        east_s: life -> by how much further east witnesses put it.
    """

    scene: Scene
    lives: ServerLives
    agreeing: Collection[int]
    east_s: Mapping[int, int]

    @classmethod
    def of(cls, scene: Scene, solution: Solution) -> Moved | None:
        """Those in which several witnesses deny an answer alike, and none agrees with it.

        None where no witness agrees in any other: then it is for the user to say whom to believe.
        """
        lives = ServerLives.of(scene, unannounced(scene))
        offset = solution.offset_s
        agreeing = lives.agreeing(solution.links, offset)
        if not agreeing or not solution.losers:
            return None
        away: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for link in witnessed(solution.links):
            life = int(lives.of_span[link.b])
            if link in solution.losers.get(link.b, ()) and life not in agreeing:
                away[life][link.delta_s - int(offset[link.b])].add(link.b)
        east_s = {}
        for life, spans in sorted(away.items()):
            counts = Counter({shift: len(some) for shift, some in spans.items()})
            shift, most = counts.most_common(1)[0]
            if most >= _SEVERAL and 2 * most > counts.total():
                east_s[life] = shift
        return cls(scene, lives, agreeing, east_s) if east_s else None

    def believed(self, anchors: Sequence[Link]) -> Iterator[Link]:
        """The anchors, but for what `--server-tz` says of lives that were moved.

        Of a life in which a witness agrees with it, that is likely; of others, assumed.
        """
        for link in anchors:
            life = int(self.lives.of_span[link.b])
            if link.kind != "server-tz":
                yield link
            elif life not in self.east_s:
                taken, assumed = link.taken or link.sure, life not in self.agreeing
                yield replace(link, sure=False, taken=taken, assumed=assumed)

    def told(self, zones: Sequence[Rules], names: Sequence[str]) -> Iterator[Evidence]:
        """A note on each life in which the zone that is told does not hold.

        Args:
            zones: the server's, as it is told.
            names: of the files.
        """
        knots = self.scene.knots
        for life, by_s in self.east_s.items():
            start = self.lives.starts[life - 1] if life else 0
            file, line = int(knots.file[start]), int(knots.line[start])
            way = "east" if by_s > 0 else "west"
            for zone in zones:
                yield Evidence(
                    "server-tz",
                    f"--server-tz {zone.name} does not hold from line {line} of {names[file]} on, "
                    f"where Apache starts: witnesses put it {hours(abs(by_s))[1:]} further {way}, "
                    "and are believed there",
                    file,
                    line,
                )
