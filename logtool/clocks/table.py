"""ClockTable: what is known of every process's clock, and the offset it gives each line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.distinct import distinct
from parsers.classes import dataclass
from parsers.kernel import Kernel
from parsers.lines import NO_OFFSET, Stamps

#: So many lines at once, and so many for each process, are told by process, not line by line.
_MANY_AT_ALL, _MANY = 1024, 8
#: Pids are told apart by their low bits, and the few that share them otherwise: by so many bits,
#: and more where there are more processes, so that one slot in so many is taken.
_LEAST_SLOTS, _MOST_SLOTS, _SPARSE = 1 << 10, 1 << 16, 32

_SECOND = 1_000_000
#: Line numbers take the low bits of a span's sort key, the process the high ones.
_LINE_BITS = 40


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


#: The kind of what is told of a log that was put back to front.
BACKWARDS = "backwards"


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
        runs: how many unbroken runs of its process's lines these are; more than 1 where it flips.
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
    evidence: tuple[Evidence, ...] = ()
    conflicts: tuple[Evidence, ...] = ()
    server: int = 0


@dataclass(slots=True, eq=False)
class Runs:
    """Which clock each process keeps from which line on.

    Attributes:
        file: int32[n].
        pid: int64[n].
        first_line: int64[n].
        clock: int64[n], index into ClockTable.clocks.
    """

    file: NDArray[np.int32]
    pid: NDArray[np.int64]
    first_line: NDArray[np.int64]
    clock: NDArray[np.int64]


class ClockTable:
    """The clocks of a set of files, and fast answers for their lines.

    Attributes:
        clocks: every clock, in order of first appearance.
        notes: what the user should know of the whole (an assumed anchor, contradicting evidence).
    """

    def __init__(self, clocks: Sequence[Clock], runs: Runs, notes: Sequence[Evidence] = ()) -> None:
        self.clocks = tuple(clocks)
        self.notes = tuple(notes)
        self._offsets = np.array([*(clock.offset_s for clock in self.clocks), NO_OFFSET], np.int64)
        self._pids = distinct(runs.pid)
        rank = np.searchsorted(self._pids, runs.pid).astype(np.int64)
        keys = (rank << _LINE_BITS) | runs.first_line
        self._keys: dict[int, NDArray[np.int64]] = {}
        self._clock_of: dict[int, NDArray[np.int64]] = {}
        for file in distinct(runs.file).tolist():
            rows = np.flatnonzero(runs.file == file)
            rows = rows[np.argsort(keys[rows], kind="stable")]
            self._keys[file] = keys[rows]
            self._clock_of[file] = runs.clock[rows]

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

    def clock_rows(
        self, file: int, lines: NDArray[np.int64], pids: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Index into `clocks` for each line (file line number, pid); -1 where no clock is known."""
        if file not in self._keys or not len(lines):
            return np.full(len(lines), -1, np.int64)
        if len(lines) < _MANY * len(self._pids) or len(lines) < _MANY_AT_ALL:
            return self._clock_rows(file, lines, pids)
        owner, of_slot = self._slots(file, int(lines.min()), int(lines.max()))
        wanted = pids & (len(owner) - 1)
        answer = of_slot.take(wanted)
        rest = np.flatnonzero(owner.take(wanted) != pids)
        if len(rest):
            answer[rest] = self._clock_rows(file, lines[rest], pids[rest])
        return answer

    def _slots(
        self, file: int, first: int, last: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """By the low bits of a pid: one whose clock is the same from line to line, and the clock.

        Slots of nobody have a pid that there is not, and the clock -1.
        """
        steady, clocks = self._steady(file, first, last)
        size = 1 << (_SPARSE * len(steady)).bit_length()
        size = min(max(size, _LEAST_SLOTS), _MOST_SLOTS)
        slots = steady & (size - 1)
        owner = np.full(size, np.iinfo(np.int64).min)
        of_slot = np.full(size, -1, np.int64)
        owner[slots], of_slot[slots] = steady, clocks
        return owner, of_slot

    def instants(
        self, file: int, first: int, stamps: Stamps, kernel: Kernel
    ) -> NDArray[np.int64] | None:
        """Instants of consecutive lines, where one look at each tells them: most blocks are such.

        Args:
            file: their file.
            first: the number of the first of them.
            stamps: all of them.
            kernel: has room for a loop on them.

        Returns:
            int64[n], microseconds UTC; None unless each line has a time, writes no offset, and is
            of a process whose one clock is known.
        """
        count = len(stamps.pid)
        if file not in self._keys or count < max(_MANY * len(self._pids), _MANY_AT_ALL):
            return None
        if np.any(stamps.offset_s != NO_OFFSET):
            return None
        owner, clocks = self._slots(file, first, first + count - 1)
        offsets = self._offsets[clocks]
        owner[offsets == NO_OFFSET] = np.iinfo(np.int64).min
        slots = np.stack([owner, offsets * _SECOND], axis=1)
        return kernel.less(stamps.pid, stamps.local_us, slots)

    def _clock_rows(
        self, file: int, lines: NDArray[np.int64], pids: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """What `clock_rows` gives, line by line."""
        rank = np.minimum(np.searchsorted(self._pids, pids), len(self._pids) - 1)
        at, found = self._runs_at(file, rank, lines)
        found &= self._pids[rank] == pids
        return np.where(found, self._clock_of[file][at], -1)

    def _runs_at(
        self, file: int, rank: NDArray[np.int64], lines: NDArray[np.int64] | int
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The run that each process is in at a line, and whether there is one."""
        at = np.searchsorted(self._keys[file], (rank << _LINE_BITS) | lines, side="right") - 1
        safe = np.maximum(at, 0)
        return safe, (at >= 0) & ((self._keys[file][safe] >> _LINE_BITS) == rank)

    def _steady(
        self, file: int, first: int, last: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The pids whose clock is the same from one line to another, and which one that is."""
        rank = np.arange(len(self._pids))
        before, known = self._runs_at(file, rank, first)
        after, known_after = self._runs_at(file, rank, last)
        same = (before == after) & (known == known_after)
        clocks = np.where(known, self._clock_of[file][before], -1)
        return self._pids[same], clocks[same]

    def offsets(self, file: int, lines: NDArray[np.int64], stamps: Stamps) -> NDArray[np.int64]:
        """Seconds east of UTC for each line of a block.

        A written offset counts before the table. Lines of a pid that the table does not know get
        the offset NO_OFFSET.
        """
        return self.offsets_of(self.clock_rows(file, lines, stamps.pid), stamps.offset_s)

    def offsets_of(
        self, rows: NDArray[np.int64], written_s: NDArray[np.int32]
    ) -> NDArray[np.int64]:
        """The same, for lines whose `clock_rows` are known, and the offsets that they write."""
        # -1, for no clock, is the last place.
        offsets = self._offsets.take(rows)
        written = written_s != NO_OFFSET
        return np.where(written, written_s, offsets) if written.any() else offsets
