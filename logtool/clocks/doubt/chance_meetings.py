"""Chance meetings: takes spans as they are placed, tells which rest on requests that others deny.

Where an access log is another server's, some line always meets some request under some offset. But
then most others meet theirs under offsets that are not those of the answer.
"""

from __future__ import annotations

from logtool.clocks.evidence.placed import Placed

#: So many spans meet requests elsewhere than they are put, and so many times those that do not.
_SEVERAL, _MOST = 3, 2


def met_by_chance(placed: Placed) -> list[int]:
    """The spans that nothing but requests ties to UTC, where most that meet any deny the answer."""
    agreed, denied = placed.requests
    right = {link.b for link in agreed}
    wrong = {link.b for link in denied} - right
    if len(wrong) < max(_SEVERAL, _MOST * len(right)):
        return []
    return [
        span
        for span, tie in placed.held.items()
        if tie.links and all(link.kind == "requests" for link in tie.links)
    ]
