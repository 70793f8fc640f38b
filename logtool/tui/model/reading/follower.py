"""Follower: reads what is appended to logs while they are shown, whatever rotation does.

A line that has just come was written now: its stamp and the present tell its offset.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from logtool.clocks.table import ClockTable
from logtool.errors import ReadError, WriteError
from logtool.following.arrivals import ArrivalClocks
from logtool.following.coming import Coming
from logtool.following.parts import Part
from logtool.following.tails import PAUSE_S, Arrived, Tail, now_us
from logtool.mistakes import fault_of_work
from logtool.sources.raw import Spool
from logtool.tui.model.indexed.glance import glance
from logtool.tui.model.reading.builder import Builder, ShownLog
from logtool.tui.model.reading.late_reading import LateReading
from logtool.tui.model.reading.newcomers import Newcomers
from logtool.tui.model.reading.places import LogBytes
from parsers.blocks import Block
from parsers.classes import dataclass

_MOST = 16 << 20


@dataclass(slots=True, eq=False)
class _Shown:
    """A log that is shown, the next line's number and place in it, and who reads and dates it."""

    number: int
    log: ShownLog
    line: int
    place: int
    reading: LateReading
    clocks: ArrivalClocks
    newcomers: Newcomers


class _Named:
    """One log by its name, and those that are shown for the files that have it, or had it."""

    def __init__(
        self, first: _Shown, shown: Callable[[_Shown, int], _Shown], tell: Callable[[str], None]
    ) -> None:
        """Begin where a log ends that is shown; `shown` shows another beside it, of a descriptor.

        Of one that is not there nothing is shown yet.
        """
        self._last, self._show = first, shown
        self._shown: dict[Part, _Shown] = {}
        part = None
        # What was lost before goes on as another log.
        if not (first.log.bytes.is_kept or first.log.bytes.lost):
            part = Part(first.log.bytes.another(), first.place)
            self._shown[part] = first
        path = Path(first.log.source.path)

        def tell_shortly(note: str) -> None:
            tell(note.replace(str(path), path.name, 1))

        self._tail = Tail(str(path), tell_shortly, part, self._cut, first.log.siblings)

    def poll(self) -> Iterator[tuple[_Shown, Arrived]]:
        """What came since the last call, and where it is to be shown."""
        for arrived in self._tail.poll():
            assert arrived.part is not None
            if arrived.part not in self._shown:
                self._last = self._show(self._last, os.dup(arrived.part.fd))
                self._shown[arrived.part] = self._last
            yield self._shown[arrived.part], arrived

    def _cut(self, part: Part, copy: Part | None) -> None:
        """Read on in the copy of a file that was cut short; what comes in it is another log."""
        shown = self._shown.pop(part, None)
        if shown is None:
            return
        shown.log.bytes.turn_to(None if copy is None else os.dup(copy.fd))
        if copy is not None:
            self._shown[copy] = shown

    def close(self) -> None:
        """Give all descriptors back."""
        self._tail.close()


class _Piped:
    """A pipe that is still open."""

    def __init__(self, shown: _Shown, pipe: Spool) -> None:
        self._shown, self._pipe = shown, pipe
        self._held = b""
        self._looked_us = now_us()

    def poll(self) -> Iterator[tuple[_Shown, Arrived]]:
        """Whole lines that are new; at its end also the last one."""
        since_us, self._looked_us = self._looked_us, now_us()
        data = self._held + self._pipe.more()
        end = data.rfind(b"\n") + 1 if self._pipe.is_open else len(data)
        self._held = data[end:]
        if end:
            place = self._shown.place
            block = Block.of(data[:end], first_line=self._shown.line, offset=place)
            self._shown.log.bytes.keep(block)
            yield self._shown, Arrived(data[:end], since_us, now_us(), place=place)

    def close(self) -> None:
        """It is closed by whoever has opened it."""


def is_open_pipe(log: ShownLog) -> bool:
    """Whether it is a pipe that trickles; nobody but us can empty it."""
    return log.source.pipe is not None and log.source.pipe.is_open


def can_grow(log: ShownLog) -> bool:
    """Whether more lines may come: a plain file can be appended to, a pipe may not have ended.

    One that is not there may come.
    """
    if not log.bytes.is_kept or log.source.size is None or is_open_pipe(log):
        return True
    return not log.source.is_open and not Path(log.source.path).exists()


class Follower:
    """Appends new lines to the index of a builder that is done."""

    def __init__(self, builder: Builder) -> None:
        """Follow the plain files of a builder from where its index ends."""
        self._builder = builder
        self._stop = threading.Event()
        self._note, self._faults = "", builder.fault
        # What is new came after the logs were opened.
        self._since_us = min((log.bytes.opened_us for log in builder.logs), default=0)
        self._thread = threading.Thread(target=self._run, name="follow", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join(5)

    def _newest(self) -> Iterator[_Named | _Piped]:
        """What may grow: the newest log of each set."""
        index = self._builder.index
        ends = {stretch.log: (stretch, end) for stretch, end in index.stretches()}
        newest = {log.source.sequence: number for number, log in enumerate(self._builder.logs)}
        for number in newest.values():
            log = self._builder.logs[number]
            if not can_grow(log):
                continue
            place, line = 0, 1
            if number in ends:
                stretch, end = ends[number]
                last = index.place.at(end - 1)
                text, newline, _ = log.bytes.read(last, _MOST).partition(b"\n")
                place = last + len(text) + len(newline)
                line = stretch.first_line + end - stretch.first_row
            newcomers = self._newcomers(log)
            self._builder.follow(log.name, newcomers)
            reading = LateReading(log)
            shown = _Shown(number, log, line, place, reading, self._clocks(log), newcomers)
            if log.bytes.is_kept and log.source.pipe:
                yield _Piped(shown, log.source.pipe)
            else:
                yield _Named(shown, self._beside, self._tell)

    def _clocks(self, log: ShownLog) -> ArrivalClocks:
        """The last clocks of the processes that write a set of logs."""
        clocks = ArrivalClocks()
        for number, other in enumerate(self._builder.logs):
            if other.source.sequence == log.source.sequence:
                clocks.learn(self._builder.table or ClockTable.empty(), number)
        return clocks

    def _newcomers(self, log: ShownLog) -> Newcomers:
        """Of a set of logs."""
        files = {
            number
            for number, other in enumerate(self._builder.logs)
            if other.source.sequence == log.source.sequence
        }
        table = self._builder.table or ClockTable.empty()
        return Newcomers([clock for clock in table.clocks if clock.file in files])

    def _run(self) -> None:
        logs = [*self._newest()]
        while not self._stop.wait(PAUSE_S):
            note, grown = self._note, False
            for log in logs:
                try:
                    for shown, arrived in log.poll():
                        self._take(shown, arrived)
                        grown = True
                except WriteError as fault:
                    self._faults = self._faults or f"lines are missing: {fault}"
                    self._tell(self._note)
                except (ReadError, OSError):  # gone for a moment; look again
                    continue
            self._since_us = now_us()
            if grown and note and note == self._note:
                self._tell("")
        for log in logs:
            log.close()

    def _tell(self, note: str) -> None:
        """Let people know what became of a log, until lines come again."""
        self._note = note
        self._builder.fault = "; ".join(filter(None, (self._faults, note)))

    def _beside(self, before: _Shown, fd: int) -> _Shown:
        """Show another file of a log, whose descriptor is taken over, as a log of its own."""
        log, number = before.log, len(self._builder.logs)
        source = Coming(log.source.path, log.name, log.source.sequence)
        shown = ShownLog(log.name, source, LogBytes(source, fd), log.decoder)
        self._builder.logs.append(shown)
        self._builder.index.names.append(log.name)
        reading = LateReading(shown)
        return _Shown(number, shown, 1, 0, reading, before.clocks, before.newcomers)

    def _take(self, shown: _Shown, arrived: Arrived) -> None:
        index = self._builder.index
        block = Block.of(arrived.text, first_line=shown.line, offset=arrived.place)
        shown.line += len(block)
        shown.place = arrived.place + block.size
        stamps, decoder = shown.reading.stamps(block), shown.log.decoder
        since_us = min(arrived.since_us, self._since_us)
        offsets = shown.clocks.offsets(stamps, since_us, arrived.now_us, arrived.written_us)
        try:
            shown.newcomers.take(shown.number, block, stamps, offsets, decoder)
        except Exception as fault:  # the lines are shown all the same, and those that come
            self._faults = self._faults or f"who writes is not known: {fault_of_work(fault)}"
            self._tell(self._note)
        before = len(index)
        told = stamps.with_offsets(offsets)
        index.append(shown.number, block, told, glance(decoder, block, stamps))
        index.fill(before)
