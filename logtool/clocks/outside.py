"""Outside: takes a scene and what is known besides its lines, gives votes that tie it to UTC."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from logtool.clocks.evidence.anchors import Vote, by_rules, hearsay, modification_times, own_words
from logtool.clocks.evidence.coincidences import Meetings, requests
from logtool.clocks.evidence.earlier import seen_earlier
from logtool.clocks.evidence.keepers import ServerKeeper
from logtool.clocks.evidence.named_keepers import named_keeper
from logtool.clocks.evidence.neighbours import NeighbourFacts
from logtool.clocks.evidence.witnesses import Witness, denials, rotations
from logtool.clocks.options import ClockOptions, Seen
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.scene import Scene
from logtool.clocks.solver import ordered
from logtool.clocks.tzdb.zones import Rules, load_zone, rules_of
from logtool.errors import UsageError
from parsers.classes import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Outside:
    """What is known of a server's logs besides their lines.

    Attributes:
        names: of the files.
        mtimes: file index -> when it was modified last, µs UTC.
        seen: what an earlier run saw of files, by index.
        beside: what was found beside them.
        meetings: the requests of access logs.
        witnesses: who knows the server's clock.
    """

    names: Sequence[str]
    mtimes: dict[int, int]
    seen: Sequence[tuple[int, Seen]]
    beside: NeighbourFacts
    meetings: Meetings
    witnesses: Sequence[Witness]

    def heard(self, scene: Scene, *, alone: bool, mixed: bool) -> list[Heard]:
        """Each witness with its standing.

        Args:
            scene: the log.
            alone: no other server's lines were read with these, so that what is told holds here.
            mixed: another server's lines are among these, so that none tells whose it knows.
        """
        every = [(one, *one.standing(scene, alone=alone)) for one in self.witnesses]
        return [
            Heard(one, weight, told and not mixed, assumed=mixed or not (told or alone))
            for one, weight, told in every
        ]

    def links(
        self, scene: Scene, every: Knots, zones: Sequence[tuple[str, Rules]], heard: Sequence[Heard]
    ) -> list[Link]:  # fmt: skip
        """All votes on UTC from outside the log.

        Args:
            scene: the log.
            every: its knots as read: true pids and the offsets they write.
            zones: WHO and a zone that the user named.
            heard: the witnesses.
        """
        told = [*_told(scene, zones), *_witnessed(scene, heard)]
        return [
            *told,
            *requests(scene, self.meetings, told),
            *denials(scene, self.beside.denials),
            *rotations(scene, self.names, self.beside.epochs_s),
            *hearsay(scene),
            *own_words(scene, every),
            *modification_times(scene, self.mtimes, self.names),
            *seen_earlier(scene, every, self.seen, self.names),
        ]


class Heard(NamedTuple):
    """A witness with its standing.

    Attributes:
        witness: who it is.
        weight: of its word.
        told: its word may be sure.
        assumed: whether it speaks of this server at all is assumed.
    """

    witness: Witness
    weight: float
    told: bool
    assumed: bool


def _told(scene: Scene, rules: Sequence[tuple[str, Rules]]) -> Iterator[Link]:
    """What the user said."""
    groups = ordered(scene) if any(who != "server" for who, _ in rules) else None
    for who, zone in rules:
        if who == "server" or groups is None:
            text = f"Apache was started in {zone.name} (--server-tz)"
            keeper = ServerKeeper(scene, zone, 100.0, strict=True)
            yield from by_rules(scene, zone, keeper, "server-tz", text, taken=keeper.takes)
        else:
            text = f"{who} keeps {zone.name} (--clock)"
            server = ServerKeeper(scene, zone, 95.0, strict=True)
            named = named_keeper(scene, who, zone, groups, server)
            yield from by_rules(scene, zone, named, "clock", text)


def _witnessed(scene: Scene, heard: Sequence[Heard]) -> Iterator[Link]:
    """What stands beside the logs."""
    for witness, strength, told, assumed in heard:
        keeper = ServerKeeper(scene, witness.rules, strength)

        def weigh(
            span: int, keeper: ServerKeeper = keeper, told: bool = told, witness: Witness = witness
        ) -> Vote:
            weight, sure = keeper(span) if witness.speaks_of(scene, span) else (0.0, False)
            return weight, sure and told and witness.vouches_for(scene, span)

        yield from by_rules(
            scene, witness.rules, weigh, witness.kind, witness.text, assumed=assumed
        )


def host_zone() -> str:
    """This host's zone: TZ, /etc/localtime, or UTC."""
    named = os.environ.get("TZ", "").lstrip(":")
    target = os.path.realpath("/etc/localtime")
    for name in (named, target.partition("zoneinfo/")[2]):
        try:
            if name:
                load_zone(name)
                return name
        except UsageError:
            continue  # a TZ such as EST5EDT,M3.2.0,M11.1.0 has no name
    return "UTC"


def last_resort(scene: Scene, options: ClockOptions, *, changed: bool) -> Iterator[Link]:
    """The last resort: the zone that the configuration names, or this host's.

    Where Apache changed zones: the one that the user named, for some of its lives keep it.
    """
    low, high = int(scene.knots.local_us.min()), int(scene.knots.local_us.max())
    if options.server_tz is not None:
        # Who does not keep that zone keeps no other for want of a better.
        if changed:
            rules = rules_of(options.server_tz, low, high)
            some = ServerKeeper(scene, rules, 10.0, strict=True)
            text = f"Apache was started in {rules.name} (--server-tz), but not each time"
            yield from by_rules(
                scene, rules, lambda span: (some(span)[0], False), "server-tz", text, assumed=True
            )
        return
    if options.config_tz is not None:
        zone, where = options.config_tz
        rules = rules_of(zone, low, high)
        told = ServerKeeper(scene, rules, 10.0)
        text = f"{where} sets TZ={zone}"
        yield from by_rules(
            scene, rules, lambda span: (told(span)[0], False), "config", text, assumed=changed
        )
    zone = host_zone()
    rules = rules_of(zone, low, high)
    text = f"this host's zone, {zone}"
    keeper = ServerKeeper(scene, rules, 0.1)
    yield from by_rules(
        scene, rules, lambda span: (keeper(span)[0], False), "host", text, assumed=True
    )
