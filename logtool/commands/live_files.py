"""Live files: takes files and a task, writes what is there and what comes, in UTC."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from math import inf

import numpy as np

from logtool.clocks.table import ClockTable
from logtool.commands.appending import appended_output, taken_back_unless_settled
from logtool.commands.choosing import chooser
from logtool.commands.default_clocks import default_clock
from logtool.commands.live_opening import Opened, is_unended, opened_logs
from logtool.commands.live_options import Task
from logtool.commands.normalize import tell_found
from logtool.commands.output import open_output
from logtool.commands.progress import Progress
from logtool.commands.resuming import Resumed, Sink
from logtool.commands.sparing import written_files
from logtool.commands.summary import clock_lines, nothing_lines
from logtool.commands.waiting import Waiting
from logtool.errors import ReadError, UsageError
from logtool.following.arrivals import ArrivalClocks
from logtool.following.coming import (
    Choose,
    Coming,
    LiveLog,
    coming_log,
    only,
    open_minded,
    written_in_utc,
)
from logtool.following.cursors import Cursor, opened_cursor
from logtool.following.families import fault_of
from logtool.following.merging import Merger, Stood
from logtool.following.tails import PAUSE_S, Arrived, Tail
from logtool.normalize import Tally, Written, in_file_order, in_utc_order, rewrite
from logtool.passes.first import find_clocks, open_logs
from logtool.passes.logs import StampedBlock
from logtool.passes.working import worked_blocks
from logtool.people.terminal import say
from logtool.sources.opening import open_sources
from parsers.classes import dataclass

#: Seconds for which lines of several logs wait for each other; between two savings of the cursor;
#: after which it is saved though waiting lines must be written for that, whatever comes late.
WINDOW, _SAVING, _LONG = 1.0, 5.0, 30.0
#: The exit status where a log could not be read, or not all of it.
_FAULTY = 3


def normalize_files(task: Task) -> int:
    """Write what is in the files, and what comes if that is asked for; gives the exit status."""
    with opened_cursor(task.live.cursor_file) as cursor:
        return _normalized(task, cursor)


def _normalized(task: Task, cursor: Cursor | None) -> int:
    lasting = task.live.follow or cursor is not None
    opens = (
        appended_output
        if lasting
        else partial(open_output, of_log=True, to_the_end=task.read.strict)
    )
    with (
        opened_logs(task, cursor) as opened,
        opens(task.output_file) as opened_output,
        nullcontext() if cursor is None else taken_back_unless_settled(opened_output),
    ):
        output: Sink = opened_output if cursor is None else Resumed(opened_output, cursor)
        opened.spare(written_files(task.output_file))
        if cursor is not None:
            opened.begin(cursor)
        table, tally, given = _write_what_is_there(task, opened, output, cursor)
        # Where lines are only awaited, that there is none says nothing.
        silent = task.read.quiet or (task.live.follow and not table.clocks)
        for line in opened.find_cut_off():
            if not task.read.quiet:
                say(line)
        status = tell_found(replace(task.read, quiet=silent), opened.logs, table, tally)
        if not (silent or task.live.follow or cursor or given):
            filtered = bool(task.selection.level or task.selection.grep)
            for line in nothing_lines(table, task.selection.told(), filtered=filtered):
                say(line)
        faulty = cursor is not None and cursor.tell_faults(say)
        if cursor is not None:
            opened.save(cursor, output, {})
        if task.live.follow:
            faulty = faulty or status == _FAULTY
            ended = _Live(task, opened, table, output, cursor).run(faulty=faulty)
            return ended or (_FAULTY if faulty or any(map(fault_of, opened.shut)) else 0)
    return _FAULTY if faulty else status


def _write_what_is_there(
    task: Task, opened: Opened, output: Sink, cursor: Cursor | None
) -> tuple[ClockTable, Tally, int]:
    """Write the logs up to where they ended when they were opened; tells how many bytes that is."""
    tally, given, options = Tally(), 0, task.read.clock_options()
    lasting = task.live.follow or cursor is not None
    sources = [log.source for log in opened.logs]
    if cursor is not None:
        options = replace(options, seen=cursor.seen_of(sources, opened.places))
    with Progress(shown=not task.read.quiet) as progress:
        table = find_clocks(opened.logs, options, progress.of_clocks())
    if cursor is not None:
        cursor.see(sources, table, options.seen)
    choose = chooser(task.selection, table)

    def counted() -> Iterator[Written]:
        work = _Work(task, opened, table, choose, lasting)
        for written in worked_blocks(opened.logs, work):
            progress.tell("writing", written.log, written.block.offset)
            if not opened.took(written):
                continue
            tally.add(written.tally)
            if len(written.text):
                yield written

    several = task.live.follow and len({log.source.sequence for log in opened.logs}) > 1
    with Progress(shown=not (task.read.quiet or output.is_terminal)) as progress:
        for text in (in_utc_order if task.sort or several else in_file_order)(counted()):
            output.write(text.data)
            given += len(text)
    return table, tally, given


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """Puts a block in UTC, without the lines that are not wanted."""

    task: Task
    opened: Opened
    table: ClockTable
    choose: Choose | None
    lasting: bool

    def __call__(self, stamped: StampedBlock) -> Written:
        """The lines of a block that are wanted, in UTC."""
        block, number = stamped.block, stamped.log.number
        chosen = None if self.choose is None else self.choose(stamped)
        rows = np.arange(len(block)) if chosen is None else chosen
        if place := self.opened.places.get(number):
            rows = rows[block.offset + block.starts[rows] >= place]
        if self.lasting and number in self.opened.tails and is_unended(stamped):
            rows = rows[rows < len(block) - 1]  # its end is still to come
        return only(rewrite(stamped, self.table, self.task.style), rows)


class _Live:
    """Writes what comes, until a signal."""

    def __init__(
        self,
        task: Task,
        opened: Opened,
        table: ClockTable,
        output: Sink,
        cursor: Cursor | None,
    ) -> None:
        self._task, self._opened, self._output, self._cursor = task, opened, output, cursor
        self._choose = chooser(task.selection)
        self._lives = [*self._grown(table), *self._awaited()]
        several = len(self._lives) > 1 or task.sort
        self._merger = Merger(WINDOW) if several else None
        self._saved = time.monotonic()
        until = task.selection.until  # what comes later is not wanted; a line may come a bit late
        self._until_s = until.timestamp() + WINDOW if until else inf

    def run(self, *, faulty: bool) -> int:
        """Follow the logs, of which what was there may have faults; gives the exit status."""
        to_stdout = self._task.output_file in (None, "-")
        if not self._lives:
            worse = ReadError if faulty else UsageError
            raise worse("--follow: none of these files can grow")
        with Waiting(to_stdout=to_stdout) as waiting:
            while waiting.signal is None and time.time() < self._until_s:
                came = any([self._take(live, tail.poll()) for tail, live in self._lives])
                if self._merger is not None:
                    self._output.write(self._merger.ripe(time.monotonic()).data)
                self._save_sometimes()
                if not came:
                    waiting.wait(PAUSE_S)
            self._end()
            return waiting.exit_status

    def _grown(self, table: ClockTable) -> Iterator[tuple[Tail, LiveLog]]:
        """The logs that were there and may grow, with the clocks found in them."""
        layouts = tuple(self._task.read.layouts())
        for number, tail in self._opened.tails.items():
            log = self._opened.logs[number]
            if log.source.compression:
                continue
            clocks = self._clocks()
            of_set = [
                one for one in self._opened.logs if one.source.sequence == log.source.sequence
            ]
            for one in of_set:
                clocks.learn(table, one.number)
            yield tail, LiveLog(open_minded(log), clocks, layouts)

    def _awaited(self) -> Iterator[tuple[Tail, LiveLog]]:
        layouts = tuple(self._task.read.layouts())
        for number, tail in enumerate(self._opened.awaited, len(self._opened.logs)):
            source = Coming(tail.path, tail.path, number)
            solve = partial(self._solved, tail.path)
            log = coming_log(number, source, layouts)
            yield tail, LiveLog(log, self._clocks(), layouts, solve)

    def _solved(self, path: str, arrived: Arrived) -> ClockTable | None:
        """The clocks of a log that has come, as far as it goes by now.

        None if it cannot be read, or if by now another file has its name than that of what arrived.
        What was found is told as it is of logs that are there from the beginning.
        """
        read = self._task.read
        with suppress(ReadError, OSError), open_sources([path], read.spool_limit, read.tell) as one:
            if arrived.part is None or one[0].identity != arrived.part.identity:
                return None
            table = find_clocks(open_logs(one, read.layouts()), read.clock_options())
            for told in () if read.quiet else clock_lines(table, [path], verbose=read.verbose):
                say(told)
            return table
        return None

    def _clocks(self) -> ArrivalClocks:
        return ArrivalClocks(default_clock(self._task), self._task.read.tell)

    def _take(self, live: LiveLog, came: Iterable[Arrived]) -> bool:
        """Put in UTC what came to a log; gives whether anything did."""
        any_came = False
        for arrived in came:
            any_came = True
            for stamped in live.stamped(arrived):
                written, starts = written_in_utc(stamped, self._task.style, self._choose)
                if self._merger is None:
                    self._output.write(written.text.data)
                else:
                    now, stood = time.monotonic(), Stood(arrived.file, arrived.place + starts)
                    self._merger.add(live.log.number, written.text, written.utc_us, now, stood)
        return any_came

    def _end(self) -> None:
        """Write what came last or is held back; the next run, if there is one, reads the rest."""
        if self._cursor is None:
            for tail, live in self._lives:
                self._take(live, tail.ended())
        if self._merger is not None:
            self._output.write(self._merger.all().data)
        if self._cursor is not None:
            self._opened.save(self._cursor, self._output, {})

    def _save_sometimes(self) -> None:
        now = time.monotonic()
        if self._cursor is None or now - self._saved < _SAVING:
            return
        held = {} if self._merger is None else self._merger.first_held()
        if held is None or not self._opened.can_save(self._cursor, held):
            if self._merger is None or now - self._saved < _LONG:
                return
            self._output.write(self._merger.all().data)
            held = {}
        self._saved = now
        self._opened.save(self._cursor, self._output, held)
