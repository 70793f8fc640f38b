"""Asked line: takes the line that `errlog clocks --explain` names, tells why its instant is so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field

import numpy as np

from logtool.clocks.seen.constraints import order_slack_us
from logtool.clocks.table import Clock, ClockTable, hours
from logtool.clocks.telling.fitting_zones import FittingZones
from logtool.clocks.telling.grounds import offset_range
from logtool.clocks.telling.kinds import who
from logtool.commands.clock_table import zones_told
from logtool.commands.places import at
from logtool.errors import UsageError
from logtool.passes.logs import StampedBlock
from logtool.people.instants import utc_text
from logtool.people.terminal import safe
from parsers.classes import dataclass
from parsers.lines import NO_OFFSET, NO_TIME
from parsers.units import SECOND
from parsers.whole_numbers import whole_number

#: So many lines before it and after it are looked at for one of another clock.
_AROUND = 1000


@dataclass(frozen=True, slots=True)
class _Line:
    """A stamped line: its number, its process, and what its stamp says."""

    number: int
    pid: int
    local_us: int
    digits: int
    written_s: int


@dataclass(slots=True)
class AskedLine:
    """The line that is asked for, seen as it passes.

    Attributes:
        file: its file's number.
        line: its number.
        seen: it is there.
        near: it, if it has a stamp, and stamped lines around it, in order.
    """

    file: int
    line: int
    seen: bool = False
    near: list[_Line] = field(default_factory=list)

    @classmethod
    def at(cls, place: str, names: Sequence[str]) -> AskedLine:
        """The line at `FILE:LINE`, of a single file at `LINE`; the end of a path is enough.

        Raises:
            UsageError: it is neither, or the file is not among those read, or several are.
        """
        name, colon, line = place.rpartition(":")
        if not line.isdecimal() or not whole_number(line):
            raise UsageError(f"--explain {place}: say a line number, or FILE:LINE")
        if not colon and len(names) > 1:
            files = f"{len(names)} files are read: say FILE:{line}, such as {names[0]}:{line}"
            raise UsageError(f"--explain {line}: {files}")
        if not colon:
            return cls(0, whole_number(line))
        meant = [name] if name in names else [x for x in names if x.endswith(f"/{name}")]
        if not meant:
            raise UsageError(f"--explain {place}: {name} is not among the files read")
        if len(meant) > 1:
            raise UsageError(f"--explain {place}: which one: {', '.join(meant)}")
        return cls(names.index(meant[0]), whole_number(line))

    def watch(self, stamped: StampedBlock) -> None:
        """Remember what is near the line in this block."""
        block, stamps = stamped.block, stamped.stamps
        row = self.line - block.first_line
        if stamped.log.number != self.file:
            return
        self.seen |= 0 <= row < len(block)
        rows = np.arange(max(0, row - _AROUND), min(len(block), row + _AROUND + 1))
        rows = rows[stamps.local_us[rows] != NO_TIME]
        self.near += [
            _Line(number, *told)
            for number, *told in zip(
                (block.first_line + rows).tolist(),
                *(
                    x[rows].tolist()
                    for x in (stamps.pid, stamps.local_us, stamps.digits, stamps.offset_s)
                ),
                strict=True,
            )
        ]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line and the clock that stamps it."""

    line: _Line
    clock: Clock

    @property
    def offset_s(self) -> int:
        """Seconds east of UTC: as written, else as found."""
        written = self.line.written_s
        return self.clock.offset_s if written == NO_OFFSET else written

    @property
    def utc_us(self) -> int:
        """Its instant."""
        return self.line.local_us - self.offset_s * SECOND

    def told(self) -> str:
        """Whose it is and when, for people."""
        time = utc_text(self.utc_us, self.line.digits).partition("T")[2]
        return f"line {self.line.number} ({who([self.clock])}, {time})"


def explained(table: ClockTable, names: Sequence[str], asked: AskedLine) -> Iterator[str]:
    """Why one line got its instant.

    Raises:
        UsageError: the file has no such line.
    """
    place = safe(f"{names[asked.file]}:{asked.line}")
    if not asked.seen:
        raise UsageError(f"--explain {place}: the file has no such line")
    placed = _placed(table, asked)
    mine = next((one for one in placed if one.line.number == asked.line), None)
    if mine is None:
        yield f"{place}: the line has no stamp that errlog can read; it is left as it is"
        return
    clock = mine.clock
    yield f"{place}: {utc_text(mine.utc_us, mine.line.digits)} in UTC, {clock.confidence}"
    yield safe(f"  {who([clock])} stamps it at {hours(mine.offset_s)}")
    yield safe(f"  zones that fit: {zones_told(clock, FittingZones(table))}")
    yield from map(safe, _neighbours(placed, mine))
    for word, facts in (("because", clock.evidence), ("against it:", clock.conflicts)):
        for fact in facts:
            yield safe(f"  {word} {fact.text}{at(fact, names)}")


def _placed(table: ClockTable, asked: AskedLine) -> list[_Placed]:
    """The lines near, each with its clock."""
    lines = np.array([line.number for line in asked.near], np.int64)
    pids = np.array([line.pid for line in asked.near], np.int64)
    rows = table.clock_rows(asked.file, lines, pids).tolist()
    return [
        _Placed(line, table.clocks[row])
        for line, row in zip(asked.near, rows, strict=True)
        if row >= 0
    ]


def _neighbours(placed: Sequence[_Placed], mine: _Placed) -> Iterator[str]:
    """What the lines before and after it, by other clocks, leave its offset."""
    others = [one for one in placed if one.clock is not mine.clock]
    before = [one for one in others if one.line.number < mine.line.number][-1:]
    after = [one for one in others if one.line.number > mine.line.number][:1]
    if not before and not after:
        return
    coarse = np.array([one.line.digits == 0 for one in (mine, *before, *after)])
    slack = int(order_slack_us(coarse).max())
    high = next((mine.line.local_us - one.utc_us + slack for one in before), None)
    low = next((mine.line.local_us - one.utc_us - slack for one in after), None)
    told = [f"after {one.told()}" for one in before] + [f"before {one.told()}" for one in after]
    yield f"  it must be {' and '.join(told)}: offset {offset_range(low, high)}"
