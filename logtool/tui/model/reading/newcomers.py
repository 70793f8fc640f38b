"""Newcomers: take what comes while logs are followed, tell who wrote it and by which clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.roles import Process, Sample, processes_of, stage_of
from logtool.clocks.seen.sampling import samples_of
from logtool.clocks.table import Clock, Confidence, Evidence
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.decode import Decoder
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Stamps
from parsers.units import SECOND

#: So many lines of a process are asked who it is.
_FEW = 40
#: What every line holds that tells of a process's start.
_START = b"Starting "

_WHY = Evidence("arrival", "read off this machine's clock as the lines came")


@dataclass(frozen=True, slots=True)
class Span:
    """Lines of one process by one offset that came.

    Attributes:
        log: number of the log where the first stands.
        first_line: its number there.
        last_line: that of the last one, in the log where that stands.
        lines: how many there are.
        first_us, last_us: their first and last instant, µs UTC.
    """

    log: int
    first_line: int
    last_line: int
    lines: int
    first_us: int
    last_us: int


class Newcomers:
    """The processes that write to the logs of one name while these are followed.

    A thread takes what comes, another may ask at any time.

    Attributes:
        processes: what is known of those that were not known before, by their pids.
    """

    def __init__(self, before: Sequence[Clock]) -> None:
        """Begin behind the lines of which these clocks are known, in order."""
        self.before = tuple(before)
        self._last = {(clock.pid, clock.offset_s): clock for clock in before}
        self._known = {clock.pid for clock in before} | {NO_PID}
        self._samples: dict[int, list[Sample]] = {}
        self._spans: dict[tuple[int, int], Span] = {}
        self.processes: dict[int, Process] = {}

    def take(
        self, log: int, block: Block, stamps: Stamps, offsets: NDArray[np.int64], decoder: Decoder
    ) -> None:
        """Look at lines that have come.

        Args:
            log: number of their log.
            block: the lines.
            stamps: theirs, as written.
            offsets: what tells their clocks, seconds east of UTC, or NO_OFFSET.
            decoder: reads them.
        """
        self._name(log, block, stamps, decoder)
        utc_us = stamps.local_us - offsets * SECOND
        counted = (stamps.local_us != NO_TIME) & (offsets != NO_OFFSET)
        rows = np.flatnonzero(counted & (stamps.offset_s == NO_OFFSET))
        whose = np.stack([stamps.pid[rows], offsets[rows]])
        every, which = np.unique(whose, axis=1, return_inverse=True)
        for at, (pid, offset_s) in enumerate(every.T.tolist()):
            some = rows[which.ravel() == at]
            first, last = block.first_line + int(some[0]), block.first_line + int(some[-1])
            span = Span(
                log, first, last, len(some), int(utc_us[some].min()), int(utc_us[some].max())
            )
            self._spans[pid, offset_s] = _joined(self._spans.get((pid, offset_s)), span)

    def clocks(self) -> list[Clock]:
        """The clocks of before, with the lines that came by them, and those of other lines."""
        spans = dict(self._spans)
        told = []
        for clock in self.before:
            whose = clock.pid, clock.offset_s
            goes_on = self._last[whose] is clock and clock.pid not in self.processes
            span = spans.pop(whose, None) if goes_on else None
            told.append(clock if span is None else _with(clock, span))
        return [*told, *(self._clock(*whose, span) for whose, span in spans.items())]

    def _clock(self, pid: int, offset_s: int, span: Span) -> Clock:
        before = next((clock for clock in reversed(self.before) if clock.pid == pid), None)
        process = self.processes.get(pid) or before or Process()
        return Clock(
            -1 - pid, pid, process.role, process.group, span.log, span.first_line, span.last_line,
            span.lines, 1, span.first_us, span.last_us, offset_s, "", Confidence.LIKELY, (_WHY,),
        )  # fmt: skip

    def _name(self, log: int, block: Block, stamps: Stamps, decoder: Decoder) -> None:
        """Find out who writes, of those that are not known."""
        starts = _START in block.data[: block.size].tobytes()
        asked = [
            row
            for row, pid in enumerate(stamps.pid.tolist())
            if starts or (pid not in self._known and len(self._samples.get(pid, ())) < _FEW)
        ]
        named = set()
        for sample in samples_of(log, block, stamps, decoder, np.array(asked, np.int64)):
            if stage_of(sample.message).begins and sample.pid != NO_PID:
                self._known.discard(sample.pid)
                self._samples[sample.pid] = []
            if sample.pid not in self._known:
                few = self._samples.setdefault(sample.pid, [])
                few += [sample] * (len(few) < _FEW)
                named.add(sample.pid)
        told = processes_of(sample for pid in named for sample in self._samples[pid])
        if told:
            self.processes = {**self.processes, **told}
        for pid in named:
            if len(self._samples[pid]) == _FEW:  # it is not asked any more
                self._known.add(pid)
                del self._samples[pid]


def _joined(before: Span | None, span: Span) -> Span:
    if before is None:
        return span
    return replace(
        before,
        last_line=span.last_line,
        lines=before.lines + span.lines,
        first_us=min(before.first_us, span.first_us),
        last_us=max(before.last_us, span.last_us),
    )


def _with(clock: Clock, span: Span) -> Clock:
    """A clock by which more lines came."""
    return replace(
        clock,
        lines=clock.lines + span.lines,
        first_us=min(clock.first_us, span.first_us),
        last_us=max(clock.last_us, span.last_us),
    )
