"""Pacing: takes lines of a stream as they come, gives them to be written before a second is over.

All that a line waits for is counted from when the first line of its block came, not one after the
other: others that come together with it, a look ahead, and the engine, which works in a child
process as long as it likes. What it has not found in time, it tells too late: lines are written by
the clocks known before, and revised in words.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from logtool.following.coming import blocks_of
from logtool.following.streaming import Known
from logtool.passes.logs import StampedBlock
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.lines import NO_OFFSET

#: Seconds after which a line is taken up with those that have come behind it; after which the
#: engine is asked, and lines that it need not be asked about are written; after which all are.
TOGETHER, LOOK_AHEAD, LIMIT = 0.2, 0.5, 0.8
#: How often to see whether the engine has answered.
TICK = 0.02
#: Bytes that are enough to look ahead; and bytes that may wait before no more are taken.
ENOUGH, MOST = 4 << 20, 16 << 20


class Clocks(Protocol):
    """What is asked of `streaming.StreamClocks`."""

    def add(self, stamped: StampedBlock) -> None: ...  # noqa: D102

    def explains(self, stamped: StampedBlock) -> bool: ...  # noqa: D102

    def find(self) -> Known: ...  # noqa: D102

    def take(self, known: Known) -> None: ...  # noqa: D102

    def told(self, stamped: StampedBlock) -> StampedBlock: ...  # noqa: D102


class Engine(Protocol):
    """Asks for clocks without waiting for the answer."""

    def ask(self, find: Callable[[], Known]) -> None:
        """Begin to find."""

    def answer(self) -> Known | None:
        """What was found, once; None if nothing was asked, or nothing is found yet."""


@dataclass(slots=True, eq=False)
class _Held:
    """Lines that wait: when the first of them came, and whether the engine is to be asked."""

    came: float
    stamped: StampedBlock
    is_news: bool

    @property
    def size(self) -> int:
        return self.stamped.block.size

    @property
    def last_line(self) -> int:
        return self.stamped.block.first_line + len(self.stamped.block) - 1


class Paced:
    """Lines of a stream that wait for their clocks; times are seconds of any one clock."""

    def __init__(
        self,
        clocks: Clocks,
        engine: Engine,
        stamp: Callable[[Block], StampedBlock],
        tell: Callable[[str], None] = lambda note: None,
    ) -> None:
        """Begin.

        Args:
            clocks: what is known of the stream.
            engine: finds them.
            stamp: reads the stamps of lines.
            tell: takes a sentence for people.
        """
        self._clocks, self._engine, self._stamp, self._tell = clocks, engine, stamp, tell
        self._line = 1
        self._came = bytearray()
        self._since = 0.0
        self._is_blank = True
        self._held: deque[_Held] = deque()
        self._asked: float | None = None
        self._asked_line = 0
        self._told_late = False

    @property
    def is_full(self) -> bool:
        """Whether so much waits that no more should be taken."""
        return self._waiting_bytes() >= MOST

    def came(self, text: bytes, now: float) -> None:
        """Take whole lines."""
        if not self._came:
            self._since = now
        self._came += text
        if len(self._came) >= ENOUGH:
            self._gather()

    def due(self, now: float) -> Iterator[StampedBlock]:
        """The lines that are to be written now; their stamps tell their offsets."""
        if self._came and now - self._since >= TOGETHER:
            self._gather()
        self._hear()
        self._ask(now)
        while self._held and self._is_ripe(self._held[0], now):
            yield self._clocks.told(self._held.popleft().stamped)

    def rest(self) -> Iterator[StampedBlock]:
        """All lines that are left, when no more will come."""
        self._gather()
        if any(one.is_news for one in self._held):
            self._clocks.take(self._clocks.find())
        while self._held:
            yield self._clocks.told(self._held.popleft().stamped)

    def wait_s(self, now: float) -> float | None:
        """For how long nothing is to be done, if no lines come; None: for ever."""
        if self._asked is not None:
            return TICK
        times = [self._since + TOGETHER] if self._came else []
        times += [one.came + LOOK_AHEAD for one in self._held]
        return max(0.0, min(times) - now) if times else None

    def _gather(self) -> None:
        """Make blocks of what has come, and let the clocks look at them."""
        text = bytes(self._came)
        self._came.clear()
        for block in blocks_of(text, self._line) if text else ():
            self._line += len(block)
            stamped = self._stamp(block)
            self._clocks.add(stamped)
            self._held.append(_Held(self._since, stamped, not self._clocks.explains(stamped)))
            if self._is_blank:  # if the next answer is late, there is nothing else to date lines by
                known = self._clocks.find()
                self._is_blank = known.server_s == NO_OFFSET
                self._clocks.take(known)

    def _ask(self, now: float) -> None:
        """Ask the engine if it knows enough of what comes behind lines that are news."""
        if self._asked is not None:
            return
        behind = self._waiting_bytes()
        for one in self._held:
            behind -= one.size
            if one.is_news and (now - one.came >= LOOK_AHEAD or behind >= ENOUGH):
                self._asked, self._asked_line = now, self._line - 1
                self._engine.ask(self._clocks.find)
                self._hear()
                return

    def _hear(self) -> None:
        """Take over what the engine answers, and see what is news still."""
        if self._asked is None or (known := self._engine.answer()) is None:
            return
        asked, self._asked = self._asked, None
        self._clocks.take(known)
        behind = self._asked_bytes()
        for one in self._held:
            behind -= one.size
            known_long = asked - one.came >= LOOK_AHEAD or behind >= ENOUGH
            is_done = known_long and one.last_line <= known.last_line
            one.is_news = not (is_done or self._clocks.explains(one.stamped))

    def _is_ripe(self, one: _Held, now: float) -> bool:
        if now - one.came >= LIMIT:
            if one.is_news:
                self._tell_late()
            return True
        if one.is_news or (self._asked is not None and one.last_line <= self._asked_line):
            return False
        return now - one.came >= LOOK_AHEAD or self._waiting_bytes() - one.size >= ENOUGH

    def _tell_late(self) -> None:
        if not self._told_late:
            self._told_late = True
            self._tell(
                "--stream: clocks take longer to find than lines may wait; these are written by "
                "the clocks known before"
            )

    def _waiting_bytes(self) -> int:
        return sum(one.size for one in self._held) + len(self._came)

    def _asked_bytes(self) -> int:
        return sum(one.size for one in self._held if one.last_line <= self._asked_line)
