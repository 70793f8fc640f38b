"""Live files: takes files and a task, writes what is there and what comes, in UTC."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import cache, partial
from itertools import chain
from math import inf
from pathlib import Path

import numpy as np

from logtool.clocks.table import ClockTable
from logtool.commands.appending import appended_output, taken_back_unless_settled
from logtool.commands.choosing import chooser
from logtool.commands.default_clocks import default_clock
from logtool.commands.live_options import Task
from logtool.commands.normalize import tell_found
from logtool.commands.output import Output, open_output
from logtool.commands.progress import Progress
from logtool.commands.summary import nothing_lines
from logtool.commands.waiting import Waiting
from logtool.ending import undisturbed
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
from logtool.following.families import family_of, fault_of, foreign_of, log_of, newest_of
from logtool.following.marks import Mark, is_in
from logtool.following.merging import Merger
from logtool.following.siblings import HEAD, identity_of
from logtool.following.tails import PAUSE_S, Arrived, Tail
from logtool.normalize import Tally, Written, in_file_order, in_utc_order, rewrite
from logtool.passes import Log, StampedBlock, find_clocks, open_logs, worked_blocks
from logtool.sources.opening import open_sources
from logtool.sources.paths import STDIN, expand, is_pattern
from logtool.terminal import safe, say
from parsers.classes import dataclass

#: Seconds for which lines of several logs wait for each other; between two savings of the cursor;
#: after which it is saved although lines are waiting.
WINDOW, _SAVING, _LONG = 1.0, 5.0, 30.0
#: How often files are opened again that are being renamed.
_TRIES = 20


@dataclass(slots=True, eq=False)
class _Opened:
    """The logs of a task.

    Attributes:
        logs: what there is to read, in true order.
        tails: of the newest log of each set, by its number in `logs`.
        places: where to begin in logs that were read in part, by their number.
        awaited: tails of logs that are not there yet.
        shut: files that are followed, or left out, though they could not be read.
    """

    logs: list[Log]
    tails: dict[int, Tail]
    places: dict[int, int]
    awaited: list[Tail]
    shut: list[str]

    def took(self, written: Written) -> bool:
        """Go on behind a block; not if it may be torn, the log having been cut short meanwhile.

        What was before the cut is then read in the copy: by the tail, or by the next run.
        """
        tail = self.tails.get(written.log.number)
        if tail is None or (part := tail.current) is None:
            return True
        end = _whole_end(written)
        if written.log.source.compression:
            part.skip(max(part.place, end))
            return True
        block = written.block
        return part.took(
            end, b"" if block.offset else block.data[: min(HEAD, block.size)].tobytes()
        )

    def save(self, cursor: Cursor, output: Output) -> None:
        """Remember how far all was given out, once that is where no power cut takes it back."""
        output.reach_disk()
        cursor.read_whole(log.source for log in self.logs if log.number not in self.tails)
        for tail in (*self.tails.values(), *self.awaited):
            cursor.put(tail.path, [*map(Mark.of, tail.parts)])
        with undisturbed():  # what a saved cursor calls given out is not taken back any more
            cursor.save()
            output.settle()


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
        _opened(task, cursor) as opened,
        opens(task.output_file) as output,
        nullcontext() if cursor is None else taken_back_unless_settled(output),
    ):
        table, tally, given = _write_what_is_there(task, opened, output, cursor)
        # Where lines are only awaited, that there is none says nothing.
        silent = task.read.quiet or (task.live.follow and not table.clocks)
        status = tell_found(replace(task.read, quiet=silent), opened.logs, table, tally)
        if not (silent or task.live.follow or cursor or given):
            for line in nothing_lines(table, task.selection.told()):
                say(line)
        faulty = cursor is not None and cursor.tell_faults(say)
        if cursor is not None:
            opened.save(cursor, output)
        if task.live.follow:
            ended = _Live(task, opened, table, output, cursor).run()
            return ended or (3 if faulty or any(map(fault_of, opened.shut)) else 0)
    return 3 if faulty else status


@contextmanager
def _opened(task: Task, cursor: Cursor | None) -> Iterator[_Opened]:
    """Open the files; again, if one was renamed meanwhile, so that none is taken for another."""
    lasting = task.live.follow or cursor is not None
    left_out: set[Path] = set()
    how = task.read.spool_limit, cache(task.read.tell)  # nothing is told again at the next look
    for _ in range(_TRIES):
        with ExitStack() as stack:
            missing = [path for path in dict.fromkeys(task.read.files) if _is_awaited(task, path)]
            paths, marks = _meant(task, cursor, missing)
            shut = [path for path in paths if task.live.follow and not cursor and fault_of(path)]
            paths = [path for path in paths if path not in shut]
            missing += [path for path in shut if not foreign_of(path)]
            before = [_identity(path) for path in paths] if lasting else []
            newest = newest_of(paths) if lasting else []
            known, left_out = left_out, {*map(log_of, newest)} - {*map(Path, paths)}
            left_out = {path for path in left_out if path.exists()}
            if left_out - known:
                continue  # it came meanwhile, or else nobody asks for it: the next look will tell
            sets = {*map(family_of, newest)}
            awaited = [path for path in missing if family_of(path) not in sets]
            tails = {path: _tail(task, path, left_out) for path in newest}
            tails |= {path: Tail(path, task.read.tell) for path in awaited}
            for path, tail in tails.items():
                stack.callback(tail.close)
                if path in newest and tail.current:
                    tail.current.begin(marks[path].place if path in marks else 0)
            opening = open_sources(paths, *how, all_needed=lasting, whole=not marks)
            sources = stack.enter_context(opening) if paths else []
            whole = all(is_in(mark, path) for path, mark in marks.items())  # not cut short
            if lasting and not (whole and before == [_identity(path) for path in paths]):
                continue
            numbers = {
                path: number
                for number, source in enumerate(sources)
                for path in (source.path, *source.copies)
            }
            is_read = {source.path for source in sources}.__contains__  # not only a copy of it
            for path in shut:
                what = "waiting for it" if path in awaited else "left out"
                if path not in awaited or task.read.quiet:  # else its tail tells it
                    say(safe(f"errlog: {path}: {fault_of(path)}; {what}"))
            yield _Opened(
                open_logs(sources, task.read.layouts()),
                {
                    number: tails[path]
                    for path in newest
                    if family_of(sources[number := numbers[path]].path) == family_of(path)
                },
                {numbers[path]: marks[path].place for path in sorted(marks, key=is_read)},
                [tails[path] for path in awaited],
                shut,
            )
            return
    raise ReadError(f"{', '.join(task.read.files)}: renamed again and again")


def _meant(
    task: Task, cursor: Cursor | None, missing: list[str]
) -> tuple[list[str], dict[str, Mark]]:
    """The files to read, oldest first, and the marks of those that were read in part."""
    if cursor is not None:
        since = cursor.since(task.read.files, all_needed=task.live.follow)
        return [path for path in since.paths if path not in missing], dict(since.marks)
    there = [path for path in task.read.files if path not in missing]
    if not there:
        return [], {}
    return [member.path for member in expand(there, all_needed=task.live.follow)], {}


def _is_awaited(task: Task, path: str) -> bool:
    """Whether a log is followed that is not there yet."""
    return task.live.follow and not is_pattern(path) and not os.access(path, os.F_OK)


def _identity(path: str) -> tuple[int, int] | None:
    if path == STDIN:
        return (-1, -1)
    try:
        return identity_of(Path(path).stat())
    except OSError as fault:
        raise ReadError(f"{path}: {fault.strerror}") from fault


def _tail(task: Task, path: str, left_out: set[Path]) -> Tail:
    """Follows the newest file of a rotated set, and the log that comes in its place.

    Between a renaming and the restart that begins a new log, the newest is a renamed one.
    """
    log = log_of(path)
    if log == Path(path) or log in left_out:
        return Tail(path, task.read.tell)
    return Tail(str(log), task.read.tell, path)


def _write_what_is_there(
    task: Task, opened: _Opened, output: Output, cursor: Cursor | None
) -> tuple[ClockTable, Tally, int]:
    """Write the logs up to where they ended when they were opened; tells how many bytes that is."""
    tally, given, options = Tally(), 0, task.read.clock_options()
    lasting = task.live.follow or cursor is not None
    sources = [log.source for log in opened.logs]
    if cursor is not None:
        options = replace(options, seen=cursor.seen_of(sources, opened.places))
    with Progress(shown=not task.read.quiet) as progress:

        def watch(stamped: StampedBlock) -> None:
            source = stamped.log.source
            progress.tell("finding clocks in", source.name, stamped.block.offset, source.size)

        table = find_clocks(opened.logs, options, watch)
        if cursor is not None:
            cursor.see(sources, table, options.seen)
        choose = chooser(task.selection, table)

        def counted() -> Iterator[Written]:
            work = _Work(task, opened, table, choose, lasting)
            for written in worked_blocks(opened.logs, work):
                source = written.log.source
                progress.tell("writing", source.name, written.block.offset, source.size)
                if not opened.took(written):
                    continue
                tally.add(written.tally)
                if len(written.text):
                    yield written

        several = task.live.follow and len({log.source.sequence for log in opened.logs}) > 1
        for text in (in_utc_order if task.sort or several else in_file_order)(counted()):
            output.write(text.data)
            given += len(text)
    return table, tally, given


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """Puts a block in UTC, without the lines that are not wanted."""

    task: Task
    opened: _Opened
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
        if self.lasting and number in self.opened.tails and _is_unended(stamped):
            rows = rows[rows < len(block) - 1]  # its end is still to come
        return only(rewrite(stamped, self.table, self.task.style), rows)


def _is_unended(stamped: StampedBlock | Written) -> bool:
    block = stamped.block
    return not block.torn_tail and bool(block.ends[-1] == block.size)


def _whole_end(written: Written) -> int:
    """Where the last whole line of a block ends in its file."""
    block = written.block
    return block.offset + int(block.starts[-1] if _is_unended(written) else block.size)


class _Live:
    """Writes what comes, until a signal."""

    def __init__(
        self,
        task: Task,
        opened: _Opened,
        table: ClockTable,
        output: Output,
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

    def run(self) -> int:
        """Follow the logs; gives the exit status."""
        to_stdout = self._task.output_file in (None, "-")
        if not self._lives:
            raise UsageError("--follow: none of these files can grow")
        with Waiting(to_stdout=to_stdout) as waiting:
            while waiting.signal is None and time.time() < self._until_s:
                came = any([self._take(tail, live, tail.poll()) for tail, live in self._lives])
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
            for one in self._opened.logs:
                if one.source.sequence == log.source.sequence:
                    clocks.learn(table, one.number)
            yield tail, LiveLog(open_minded(log), clocks, layouts)

    def _awaited(self) -> Iterator[tuple[Tail, LiveLog]]:
        layouts = tuple(self._task.read.layouts())
        for number, tail in enumerate(self._opened.awaited, len(self._opened.logs)):
            source = Coming(tail.path, tail.path, number)
            yield tail, LiveLog(coming_log(number, source, layouts), self._clocks(), layouts)

    def _clocks(self) -> ArrivalClocks:
        return ArrivalClocks(default_clock(self._task), self._task.read.tell)

    def _take(self, tail: Tail, live: LiveLog, came: Iterable[Arrived]) -> bool:
        """Put in UTC what came to a log; gives whether anything did."""
        any_came = False
        for arrived in came:
            any_came = True
            for stamped in live.stamped(arrived):
                written = written_in_utc(stamped, self._task.style, self._choose)
                if self._merger is None:
                    self._output.write(written.text.data)
                else:
                    now = time.monotonic()
                    self._merger.add(live.log.number, written.text, written.utc_us, now)
        return any_came

    def _end(self) -> None:
        """Write what came last or is held back; the next run, if there is one, reads the rest."""
        if self._cursor is None:
            for tail, live in self._lives:
                self._take(tail, live, chain(tail.poll(), tail.ended()))
        if self._merger is not None:
            self._output.write(self._merger.all().data)
        if self._cursor is not None:
            self._opened.save(self._cursor, self._output)

    def _save_sometimes(self) -> None:
        now = time.monotonic()
        if self._cursor is None or now - self._saved < _SAVING:
            return
        if self._merger is not None and not self._merger.is_empty:
            if now - self._saved < _LONG:
                return
            self._output.write(self._merger.all().data)
        self._saved = now
        self._opened.save(self._cursor, self._output)
