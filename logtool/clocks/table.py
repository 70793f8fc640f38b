"""ClockTable: what is known of every process's clock, and the offset it gives each line."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from parsers.lines import NO_OFFSET, NO_PID, Stamps

#: Line numbers take the low bits of a span's sort key, the process the high ones.
_LINE_BITS = 40


class Confidence(IntEnum):
    """How sure an offset is; the higher, the surer."""

    ASSUMED = 0
    LIKELY = 1
    CERTAIN = 2
    WRITTEN = 3

    def __str__(self) -> str:
        """The word shown to users."""
        return self.name.lower()


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
    """The zone or offset in which one process stamps its lines during one span of lines.

    Attributes:
        process: number of the process, unique in the table (a pid in one life).
        pid: its pid, or NO_PID for a stand-in.
        role: `parent`, `child`, `daemon` or empty where unknown.
        group: name of its daemon process group, or empty.
        file, first_line, last_line: the span, line numbers from 1, inclusive.
        lines: how many stamped lines it wrote in the span.
        first_us, last_us: its first and last instant, microseconds UTC.
        offset_s: seconds east of UTC.
        zone: the tzdb zone if it is known, else empty.
        zone_candidates: tzdb zones that fit.
        confidence: how sure the offset is.
        evidence: why, strongest first.
        conflicts: evidence that speaks against it.
    """

    process: int
    pid: int
    role: str
    group: str
    file: int
    first_line: int
    last_line: int
    lines: int
    first_us: int
    last_us: int
    offset_s: int
    zone: str
    zone_candidates: tuple[str, ...]
    confidence: Confidence
    evidence: tuple[Evidence, ...] = ()
    conflicts: tuple[Evidence, ...] = ()


@dataclass(slots=True, eq=False)
class ClockTable:
    """The clocks of a set of files, and fast answers for their lines.

    Attributes:
        clocks: every clock, in order of first appearance.
        notes: what the user should know of the whole (an assumed anchor, contradicting evidence).
    """

    clocks: tuple[Clock, ...]
    notes: tuple[Evidence, ...] = ()
    _keys: dict[int, NDArray[np.int64]] = field(default_factory=dict, repr=False)
    _clock_of: dict[int, NDArray[np.int64]] = field(default_factory=dict, repr=False)
    _offsets: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)
    _pids: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)

    def __post_init__(self) -> None:
        self._pids = np.unique(np.array([c.pid for c in self.clocks], np.int64))
        self._offsets = np.array([c.offset_s for c in self.clocks] or [0], np.int64)
        for file in {c.file for c in self.clocks}:
            rows = [(i, c) for i, c in enumerate(self.clocks) if c.file == file]
            pid_rank = np.searchsorted(self._pids, [c.pid for _, c in rows])
            keys = (pid_rank.astype(np.int64) << _LINE_BITS) | np.array(
                [c.first_line for _, c in rows], np.int64
            )
            order = np.argsort(keys)
            self._keys[file] = keys[order]
            self._clock_of[file] = np.array([i for i, _ in rows], np.int64)[order]

    def clock_rows(
        self, file: int, lines: NDArray[np.int64], pids: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Index into `clocks` for each line (file line number, pid); -1 where no clock is known."""
        answer = np.full(len(lines), -1, np.int64)
        if file not in self._keys or not len(lines):
            return answer
        rank = np.minimum(np.searchsorted(self._pids, pids), len(self._pids) - 1)
        known = self._pids[rank] == pids
        keys = (rank.astype(np.int64) << _LINE_BITS) | lines
        at = np.searchsorted(self._keys[file], keys, side="right") - 1
        safe = np.maximum(at, 0)
        found = known & (at >= 0) & ((self._keys[file][safe] >> _LINE_BITS) == rank)
        answer[found] = self._clock_of[file][at[found]]
        return answer

    def offsets(self, file: int, lines: NDArray[np.int64], stamps: Stamps) -> NDArray[np.int64]:
        """Seconds east of UTC for each line of a block.

        A written offset counts before the table. Lines of a pid that the table does not know get
        the offset NO_OFFSET.
        """
        rows = self.clock_rows(file, lines, stamps.pid)
        offsets = np.where(rows >= 0, self._offsets[np.maximum(rows, 0)], NO_OFFSET)
        return np.where(stamps.offset_s != NO_OFFSET, stamps.offset_s, offsets)


__all__ = ["NO_PID", "Clock", "ClockTable", "Confidence", "Evidence"]
