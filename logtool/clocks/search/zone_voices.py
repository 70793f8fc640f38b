"""Zone voices: takes a scene, tells whose spans keep one zone: those of a voice.

A voice is the server, a daemon group, or a process of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import HEARSAY_PID, UTC_PID
from logtool.clocks.seen.voices import is_voice
from parsers.arrays import Ints
from parsers.classes import dataclass
from parsers.distinct import distinct

#: The voice of all who keep the server's clock.
SERVER = "server"
#: Spans of one group in one of a voice's other zones count as so many.
MOST_ELSEWHERE = 4
#: So many spans of a voice in one group are looked at.
_SPANS = 48


@dataclass(slots=True)
class Voice:
    """Spans that keep one clock, group by group.

    Attributes:
        name: `server` or another.
        group: int64[spans], the group of each, ascending.
        first, last: int64[spans], local times, µs.
        above: int64[spans], offsets above the group's, seconds.
        starts: the first span of each group.
        weight: how many spans are counted.
        knot: int64[spans], the first knot of each.
        pid: int64[spans], whose clock each shows.
    """

    name: str
    group: Ints
    first: Ints
    last: Ints
    above: Ints
    starts: Ints
    weight: float
    knot: Ints
    pid: Ints

    @classmethod
    def of(cls, name: str, members: dict[int, list[int]], scene: Scene, above: Ints) -> Voice:
        """The voice of these spans, by group."""
        groups, chosen = [], []
        for at, own in sorted(members.items()):
            few = own
            if len(own) > _SPANS:
                rows = distinct(np.linspace(0, len(own) - 1, _SPANS).astype(np.int64))
                few = [own[row] for row in rows.tolist()]
            groups += [at] * len(few)
            chosen += few
        group, span = np.array(groups, np.int64), np.array(chosen, np.int64)
        starts = np.flatnonzero(np.append(True, np.diff(group) > 0))
        sizes = np.diff(np.append(starts, len(group)))
        local = scene.knots.local_us
        return cls(
            name, group, local[scene.spans.first[span]], local[scene.spans.last[span]],
            above[span], starts, float(np.minimum(sizes, MOST_ELSEWHERE).sum()),
            scene.spans.first[span], scene.spans.pid[span],
        )  # fmt: skip

    @property
    def groups(self) -> list[int]:
        """The groups that have spans of it."""
        return [int(group) for group in self.group[self.starts]]

    def part(self, group: int) -> slice:
        """The rows of a group."""
        low, high = np.searchsorted(self.group, [group, group + 1]).tolist()
        return slice(low, high)

    def by_group(self, flags: NDArray[np.bool_]) -> Ints:
        """How many spans of each group (columns) are so, for each kind of zone (rows)."""
        counts: Ints = np.add.reduceat(flags, self.starts, axis=1, dtype=np.int64)
        return counts


def voices_of(scene: Scene, group: Ints, above: Ints, liars: NDArray[np.bool_]) -> list[Voice]:
    """Everybody who keeps a clock, the server first.

    Args:
        scene: the log.
        group: int64[spans], the group of each span.
        above: int64[spans], its offset above its group's.
        liars: bool[spans], spans that are nobody's clock.
    """
    spans = scene.spans
    members: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for span in np.flatnonzero(~liars).tolist():
        if spans.pid[span] in (UTC_PID, HEARSAY_PID):
            continue  # lines that write their offset
        for name in _names(scene, span):
            members[name][int(group[span])].append(span)
    voices = [Voice.of(name, own, scene, above) for name, own in members.items()]
    return sorted(voices, key=lambda voice: (voice.name != SERVER, -len(voice.starts)))


def _names(scene: Scene, span: int) -> Iterator[str]:
    """Whose clock a span shows; two where an application speaks and never left the server's."""
    process = scene.process(span)
    unloaded, birth = span in scene.unloaded, scene.is_birth(span)
    if unloaded or birth or scene.serves(span):
        yield SERVER
    elsewhere = not birth or (process.group and scene.lasts(span))
    if elsewhere and not (unloaded or scene.serves(span)):
        yield application(scene, span)


def application(scene: Scene, span: int) -> str:
    """The voice of the application whose lines a span holds, if it holds any."""
    pid, process = int(scene.spans.pid[span]), scene.process(span)
    named = not is_voice(pid) and (process.group or process.embedded)
    return f"group {process.group}" if named else f"pid {pid}"
