"""ClockTable: what is known of every process's clock, and the offset it gives each line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from enum import IntEnum
from functools import cached_property
from itertools import chain
from typing import overload

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.line_offsets import LineOffsets, Runs
from parsers.classes import dataclass


def hours(delta_s: int) -> str:
    """An offset or a difference as people write it: +05:45, -03:30; seconds where there are any."""
    minutes, rest = divmod(abs(delta_s), 60)
    sign = "-" if delta_s < 0 else "+"
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}" + (f":{rest:02}" if rest else "")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


class Confidence(IntEnum):
    """How sure an offset is; the higher, the surer."""

    ASSUMED = 0
    LIKELY = 1
    CERTAIN = 2
    WRITTEN = 3

    def __str__(self) -> str:
        """The word shown to users."""
        return self.name.lower()


#: The kinds of what is told of a log that was put back to front, or sorted or shuffled.
BACKWARDS, DISORDER = "backwards", "disorder"
OUT_OF_ORDER = (BACKWARDS, DISORDER)
#: The kind of a note on lines whose instants rest on an assumption.
ASSUMED = "assumed"
#: The kind of what is told of lines that write no year.
YEAR = "year"
#: The kind of a note on a zone that the user named for nobody who is in the log.
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact about a clock.

    Attributes:
        kind: what kind of fact: `order`, `birth`, `written`, `server-tz`, `access-log`, `mtime` …
        text: the fact in a sentence for people.
        file: index of the file it stands in, or -1.
        line: number of its line, or 0.
    """

    kind: str
    text: str
    file: int = -1
    line: int = 0


class Facts(Sequence[Evidence]):
    """Facts that are put into words when somebody asks: most clocks are never asked about."""

    def __init__(self, told: Callable[[], tuple[Evidence, ...]]) -> None:
        """`told` gives them; asked once."""
        self._told: Callable[[], tuple[Evidence, ...]] | None = told
        self._facts: tuple[Evidence, ...] = ()

    @property
    def facts(self) -> tuple[Evidence, ...]:
        """All of them."""
        told = self._told
        if told is not None:  # several threads may ask at once: all are told the same
            self._facts = told()
            self._told = None
        return self._facts

    def __len__(self) -> int:
        """How many there are."""
        return len(self.facts)

    @overload
    def __getitem__(self, at: int) -> Evidence: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Evidence, ...]: ...

    def __getitem__(self, at: int | slice) -> Evidence | tuple[Evidence, ...]:
        """Some of them."""
        return self.facts[at]

    def __eq__(self, other: object) -> bool:
        """Whether they are the same as others, told or not."""
        return self.facts == (other.facts if isinstance(other, Facts) else other)

    def __hash__(self) -> int:
        """As that of a tuple."""
        return hash(self.facts)

    def __repr__(self) -> str:
        """As that of a tuple."""
        return repr(self.facts)

    def __reduce__(self) -> tuple[type, tuple[tuple[Evidence, ...]]]:
        """A copy holds what was told, not what knows it."""
        return tuple, (self.facts,)


@dataclass(frozen=True, slots=True)
class Clock:
    """One offset in which one process stamps lines of one file, from first to last.

    Attributes:
        process: number of the process, unique in the table.
        pid: its pid, or NO_PID where the format has none.
        role: `parent`, `child`, `daemon` or empty where unknown.
        group: name of its daemon process group, or empty.
        file: index of the file.
        first_line, last_line: line numbers from 1, inclusive; lines between may be another clock's.
        lines: how many lines it stamped.
        runs: how many unbroken runs of its process's lines have this offset, however sure it is;
            more than 1 where it flips.
        first_us, last_us: its smallest and largest instant, microseconds UTC, whichever lines these
            are; to the second, or to minutes in a log of many processes, where lines overtake.
        offset_s: seconds east of UTC.
        zone: the tzdb zone if the user named it, else empty.
        confidence: how sure the offset is.
        evidence: why, strongest first.
        conflicts: evidence that speaks against it.
        server: number of the Apache whose process it is, where logs are of several.
    """

    process: int
    pid: int
    role: str
    group: str
    file: int
    first_line: int
    last_line: int
    lines: int
    runs: int
    first_us: int
    last_us: int
    offset_s: int
    zone: str
    confidence: Confidence
    evidence: Sequence[Evidence] = ()
    conflicts: tuple[Evidence, ...] = ()
    server: int = 0


class ClockTable(LineOffsets):
    """The clocks of a set of files, and fast answers for their lines.

    Attributes:
        clocks: every clock, in order of first appearance.
        first_notes: those of the `notes` that need no evidence to be put into words.
    """

    def __init__(
        self,
        clocks: Sequence[Clock],
        runs: Runs,
        notes: Sequence[Evidence] = (),
        further: Sequence[Evidence] = (),
    ) -> None:
        """Take the clocks, who keeps which, and notes: those `further` may be `Facts`."""
        self.clocks = tuple(clocks)
        self.first_notes = tuple(notes)
        self._further = further
        super().__init__(
            [clock.offset_s for clock in self.clocks],
            [clock.last_line for clock in self.clocks],
            runs,
        )

    @cached_property
    def notes(self) -> tuple[Evidence, ...]:
        """What the user should know of the whole (an assumed anchor, contradicting evidence)."""
        return *self.first_notes, *self._further

    def __len__(self) -> int:
        """How many clocks there are."""
        return len(self.clocks)

    def __bool__(self) -> bool:
        """A table without clocks is a table too."""
        return True

    def __iter__(self) -> Iterator[Clock]:
        """Each clock, in order of first appearance."""
        return iter(self.clocks)

    def __repr__(self) -> str:
        """How many clocks of how many processes, and how sure the least sure one is."""
        clocks = _counted(len(self.clocks), "clock", "clocks")
        if not self.clocks:
            return f"<ClockTable: {clocks}>"
        number = len({clock.process for clock in self.clocks})
        worst = min(clock.confidence for clock in self.clocks)
        processes = _counted(number, "process", "processes")
        return f"<ClockTable: {clocks} of {processes}, worst: {worst}>"

    def bare(self) -> ClockTable:
        """The same without evidence and notes: putting all of them into words takes a while."""
        only = copy(self)
        only.clocks = tuple(replace(one, evidence=(), conflicts=()) for one in self.clocks)
        only.notes = only.first_notes = only._further = ()
        return only

    def of_servers(self) -> Iterator[tuple[Clock, ...]]:
        """The clocks of each server."""
        for server in sorted({clock.server for clock in self.clocks}):
            yield tuple(clock for clock in self.clocks if clock.server == server)

    @cached_property
    def server_named(self) -> bool:
        """Whether the user named the server's zone, as evidence or a note tells."""
        facts = chain(self.notes, *(clock.evidence for clock in self.clocks))
        return any(fact.kind == "server-tz" for fact in facts)

    @cached_property
    def kinds(self) -> tuple[Sequence[tuple[str, str]], NDArray[np.int64]]:
        """Roles and groups, and for each clock which of them it has: int64[n + 1].

        The first is that of no role; so is the last clock's, which stands for none: the index -1.
        """
        kinds = [(clock.role, clock.group) for clock in self.clocks]
        every = list(dict.fromkeys([("", ""), *kinds]))
        number = {kind: at for at, kind in enumerate(every)}
        return every, np.array([*(number[kind] for kind in kinds), 0], np.int64)

    @cached_property
    def confidences(self) -> NDArray[np.uint8]:
        """How sure each clock is, as numbers of `Confidence`; the last stands for no clock."""
        return np.array([*(clock.confidence for clock in self.clocks), 0], np.uint8)

    @classmethod
    def empty(cls) -> ClockTable:
        """The table of a log without a stamp."""
        none = np.zeros(0, np.int64)
        return cls((), Runs(none.astype(np.int32), none, none, none))
