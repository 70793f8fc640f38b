"""Restarted: takes a scene and the server's zone, tells of a start by which Apache changed zones.

Apache may be stopped and started anew in another zone. One zone that is told holds for some of its
lives then, and does not tell for which: that of a start which contradicts it may be the right one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from logtool.clocks.constraints import SLACK_US
from logtool.clocks.knots import SECOND
from logtool.clocks.scene import Scene
from logtool.clocks.table import Evidence, hours
from logtool.clocks.voices import is_voice
from logtool.clocks.zones import Rules


def changed_zones(scene: Scene, zones: Sequence[Rules], names: Sequence[str]) -> Iterator[Evidence]:
    """A note where a start of Apache shows that the server's zone is not that of all its lives.

    Args:
        scene: the log.
        zones: the server's, if it is told.
        names: of the files.
    """
    for zone in zones:
        found = _too_early(scene, zone)
        if found is None:
            continue
        knot, back_us = found
        file, line = int(scene.knots.file[knot]), int(scene.knots.line[knot])
        yield Evidence(
            "server-tz",
            f"--server-tz {zone.name} contradicts the log: by it Apache, started anew before line "
            f"{line} of {names[file]}, would write {hours(back_us // SECOND)[1:]} earlier than it "
            "wrote before. It was started in another zone then or before, so "
            f"{zone.name} is no more than assumed of any start",
            file,
            line,
        )


def _too_early(scene: Scene, zone: Rules) -> tuple[int, int] | None:
    """The first start that would be earlier, by a zone, than what the parent before it wrote.

    Real time never runs back in a file, and each parent keeps the zone that it was started in.

    Returns:
        Its knot, and by how much it is too early, µs.
    """
    knots, pid, part = scene.knots, scene.knots.pid, np.cumsum(scene.breaks)
    parents = [one for one, its in scene.processes.items() if its.role == "parent"]
    rows = np.flatnonzero(np.isin(pid, [one for one in parents if not is_voice(one)]))
    ends, begins = rows[:-1], rows[1:]
    other = (pid[ends] != pid[begins]) & (part[ends] == part[begins])
    ends, begins = ends[other], begins[other]
    # The earliest that one may have written so, and the latest that the other may.
    ended = knots.local_us[ends] - zone.at_local(knots.local_us[ends])[0] * SECOND
    begun = knots.local_us[begins] - zone.at_local(knots.local_us[begins])[1] * SECOND
    early = np.flatnonzero(ended - begun > SLACK_US)
    if not len(early):
        return None
    return int(begins[early[0]]), int((ended - begun)[early[0]])
