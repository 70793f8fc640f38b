"""Facts: what the lines of a block say, as numbers, and what of it is counted already.

What depends on the lines before and after, such as which lines are one traceback, is left to
`counting`, which sees the blocks in order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.frame.lines import Lines
from logtool.reports.tallies import Groups, Packing
from parsers.classes import dataclass
from parsers.items import LEVELS

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: In keys: no level.
NO_LEVEL = len(LEVELS)

#: Lines over time; `offset` is 0 for none, else seconds east of UTC above `OFFSET_ZERO`.
FLOW = Packing(part=11, level=5, who=12, offset=19)
OFFSET_ZERO = 1 << 18
#: Messages; `part` is one of the parts of a trend, or `period.NO_PART`.
MESSAGE = Packing(template=19, level=5, module=12, part=5)

#: The module that tells when a connection ends, long after its last request.
CLOSING_MODULE = "ssl"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Lines of a block that some rule may hold on.

    Attributes:
        at: int64[k], which lines, rising.
        manner: uint64[k], one number for all that rules look at but for messages.
        pid: int64[k], NO_PID for none.
        client: uint64[k], one number for each client with its port; 0 for none.
    """

    at: Ints
    manner: NDArray[np.uint64]
    pid: Ints
    client: NDArray[np.uint64]

    def copy(self) -> Asked:
        """The same in memory of its own."""
        return Asked(*(getattr(self, name).copy() for name in self.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What the lines of a block say.

    Attributes:
        lines: the lines, n of them.
        utc_us: int64[n], NO_TIME where the instant is not known.
        message: int64[n], packed by MESSAGE.
        message_hash: uint64[n], of the message and its referer; 0 where there is none.
        wording: int64[n], packed by `wordings.WORDING`.
        addressed: bool[n], whether they name a client.
        python: int64[m], the lines that may hold Python's text.
        thread: uint64[n], one number for each file, pid and tid.
        stream: uint64[m], one number for each file, pid, tid and client of those lines.
        raw: bool[m], which of those lines have no pid.
        asking: uint64[n], one number for each client with its port or log ID; 0 for none.
        side: int64[n], one number for the daemons, one for all other processes.
        closing: bool[n], lines of the module that tells of the ends of connections.
        asked: the lines that some rule may hold on.
        flow: lines by FLOW, errors among them.
        modules: lines by their numbers in `Vocabulary`, at no time.
        clients: lines by their numbers there.
        python_levels: int64[6], lines by the level that Python wrote, 0 for none.
        hours: int64[168], lines by hour of the week from Monday in UTC.
        total: one group, of all lines; lines that no layout reads count as errors.
        untimed: how many lines that a layout reads have no time.
        unclocked: how many have a time whose clock is not known.
        assumed: how many have a clock that is only assumed.
    """

    lines: Lines
    utc_us: Ints
    message: Ints
    message_hash: NDArray[np.uint64]
    wording: Ints
    addressed: Mask
    python: Ints
    thread: NDArray[np.uint64]
    stream: NDArray[np.uint64]
    raw: Mask
    asking: NDArray[np.uint64]
    side: Ints
    closing: Mask
    asked: Asked
    flow: Groups
    modules: Groups
    clients: Groups
    python_levels: Ints
    hours: Ints
    total: Groups
    untimed: int
    unclocked: int
    assumed: int


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What is needed of the facts of a block as long as an event of it may go on.

    Attributes:
        lines, utc_us, message, message_hash, addressed, asked: see `Facts`.
    """

    lines: Lines
    utc_us: Ints
    message: Ints
    message_hash: NDArray[np.uint64]
    addressed: Mask
    asked: Asked

    @classmethod
    def of(cls, facts: Facts) -> Held:
        """Of these facts, over the same memory."""
        return cls(*(getattr(facts, name) for name in cls.__slots__))

    def later(self) -> Held:
        """The same in memory of its own."""
        return Held(
            self.lines.later(),
            self.utc_us.copy(),
            self.message.copy(),
            self.message_hash.copy(),
            self.addressed.copy(),
            self.asked.copy(),
        )
