"""Remote offsets: take what was found and all votes, tell which clocks are too rare to be certain.

An anchor that is hours wrong (a zone that the user mistook, another server's access log) moves all
clocks of a log; one of them may then come out where hardly any server stands.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.spans import UTC

#: Offsets that the tz database knows in one place of some thousand people each: Kiritimati, Chatham
#: (standard and summer time), Eucla, Marquesas, and that of ships at UTC-12.
REMOTE_S = (14 * 3600, 49_500, 45_900, 31_500, -34_200, -12 * 3600)
#: Witnesses of absolute time of so many kinds are not wrong together.
_WITNESSES = 2


def remote_doubt(offset_s: NDArray[np.int64], links: Iterable[Link]) -> NDArray[np.bool_]:
    """bool[spans], those at an offset of a remote place that nothing sure names by itself.

    Nobody is doubted where two kinds of witnesses agree with what was found.

    Args:
        offset_s: int64[spans], the answer.
        links: all votes.
    """
    agreed = [
        link
        for link in links
        if link.a == UTC and not link.assumed and link.delta_s == offset_s[link.b]
    ]
    doubtful = np.isin(offset_s, REMOTE_S)
    # What an earlier run saw was a modification time too.
    if len({link.kind for link in agreed} - {"earlier"}) >= _WITNESSES:
        doubtful[:] = False
    named = {link.delta_s for link in agreed if link.sure}
    return np.asarray(doubtful & ~np.isin(offset_s, list(named)), np.bool_)
