"""Met elsewhere: takes spans as they are placed, tells which met a request where they are not put.

One request may be met by chance under any offset, hardly under the one that the group of a process
keeps before or after a night.
"""

from __future__ import annotations

from logtool.clocks.evidence.anchors import OF_THE_SERVER
from logtool.clocks.evidence.placed import Placed
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.spans import UTC


def met_elsewhere(placed: Placed) -> list[Link]:
    """Votes of requests for an offset that a span's group keeps elsewhere, and not in it.

    Where another witness tells the answer's offset, that is no doubt.
    """
    scene, offset = placed.scene, placed.offset.tolist()
    votes = [link for link in placed.links if link.kind == "requests"]
    votes = [link for link in votes if link.delta_s != offset[link.b]]
    if not votes:
        return []
    told = {
        link.b
        for link in placed.links
        if link.a == UTC and not link.assumed and link.delta_s == offset[link.b]
        if link.kind not in OF_THE_SERVER
    }
    kept = {(scene.voice(span), offset[span]) for span in range(1, len(offset))}
    return [
        link for link in votes if link.b not in told and (scene.voice(link.b), link.delta_s) in kept
    ]
