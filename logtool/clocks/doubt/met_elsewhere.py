"""Met elsewhere: takes spans as they are placed, tells which met a request where they are not put.

One request may be met by chance under any offset, hardly under the one that the group of a process
keeps before or after a night.
"""

from __future__ import annotations

from logtool.clocks.evidence.anchors import OF_THE_SERVER
from logtool.clocks.evidence.placed import Placed
from logtool.clocks.seen.constraints import Link


def met_elsewhere(placed: Placed) -> list[Link]:
    """Votes of requests for an offset that a span's group keeps elsewhere, and not in it.

    Where another witness tells the answer's offset, that is no doubt.
    """
    scene, offset = placed.scene, placed.offset.tolist()
    _, votes = placed.requests
    if not votes:
        return []
    told = {span for span, kinds in placed.told.items() if not kinds <= OF_THE_SERVER}
    kept = {(scene.voice(span), offset[span]) for span in range(1, len(offset))}
    return [
        link for link in votes if link.b not in told and (scene.voice(link.b), link.delta_s) in kept
    ]
