"""Live opening: takes a task of reading logs that grow, opens them where the last run ended."""

from __future__ import annotations

import os
import time
from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from math import inf
from pathlib import Path

from logtool.commands.live_options import Task
from logtool.commands.resuming import Sink
from logtool.errors import ReadError
from logtool.following.cursors import Cursor
from logtool.following.ends import files_of, younger_than
from logtool.following.families import family_of, fault_of, foreign_of, log_of, newest_of
from logtool.following.marks import Mark, is_in, is_whole_in
from logtool.following.siblings import list_siblings
from logtool.following.tails import Tail
from logtool.machine.ending import undisturbed
from logtool.normalize import Written
from logtool.passes.first import open_logs
from logtool.passes.logs import Log, StampedBlock
from logtool.people.terminal import safe, say
from logtool.sources.heads import HEAD
from logtool.sources.identity import Identity, identity_of
from logtool.sources.numbering import in_order_of_times
from logtool.sources.opening import open_sources
from logtool.sources.paths import STDIN, Member, expand, files_named, is_pattern
from logtool.sources.source import Source
from parsers.classes import dataclass

#: How often files are looked at at least that are being renamed; seconds for which that is done
#: as long as others have their names each time, and between two looks then.
_TRIES, _PATIENCE_S, _PAUSE_S = 20, 60.0, 0.05
_RENAMED = "renamed again and again"
#: So many files are named where there may be any number.
_NAMES = 3
_TO_COME = "a log that is still to come is named by its path, and awaited"


@dataclass(slots=True, eq=False)
class Opened:
    """The logs of a task.

    Attributes:
        logs: what there is to read, in true order.
        tails: of the newest log of each set, by its number in `logs`.
        places: where to begin in logs that were read in part, by their number.
        identities: of the files of the logs, by their numbers, where any are to be known again.
        awaited: tails of logs that are not there yet.
        shut: files that are followed, or left out, though they could not be read.
    """

    logs: list[Log]
    tails: dict[int, Tail]
    places: dict[int, int]
    identities: dict[int, Identity]
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

    def spare(self, written: Set[Identity]) -> None:
        """Take no file that we write for one of a set that is followed."""
        for tail in (*self.tails.values(), *self.awaited):
            tail.spare(written)

    def begin(self, cursor: Cursor) -> None:
        """Let a cursor know of logs that are new to it: if we are killed, none is lost."""
        for number, identity in self.identities.items():
            cursor.unread[identity] = self.places.get(number, 0)
        new = [tail for tail in self.tails.values() if family_of(tail.path) not in cursor.marks]
        for tail in new:
            cursor.put(tail.path, [*map(Mark.of, tail.parts)])
        if new:
            cursor.save_begun(cursor.begun)

    def find_cut_off(self) -> Iterator[str]:
        """What is to be told of logs that were cut short while they were read, and lost nothing.

        That is where rotation made a copy first (copytruncate): the tail, or else the next run,
        reads the rest there. It is no fault of these logs any more.
        """
        for number, tail in self.tails.items():
            source, part = self.logs[number].source, tail.current
            if part is None or not any(fault.is_cut for fault in source.faults):
                continue
            mark, size = Mark.of(part), source.size or 0
            copies = (one.path for one in reversed(list_siblings(tail.path)))
            if copy := next((path for path in copies if is_whole_in(mark, path, size)), None):
                source.faults = [fault for fault in source.faults if not fault.is_cut]
                yield safe(f"errlog: {source.name}: was cut short; the rest is read in {copy}")

    def can_save(self, cursor: Cursor, held: Mapping[Hashable, int]) -> bool:
        """Whether a cursor can tell where lines begin that are held back: in files still read."""
        tails = (*self.tails.values(), *self.awaited)
        known = [tail.parts for tail in tails if family_of(tail.path) in cursor.asked]
        return held.keys() <= {part.file for parts in known for part in parts}

    def save(self, cursor: Cursor, output: Sink, held: Mapping[Hashable, int]) -> None:
        """Remember how far all was given out, once that is where no power cut takes it back.

        Of files of which lines are held back that is where the first of these begins.
        """
        output.reach_disk()
        cursor.read_whole(
            (self.logs[number].source, identity)
            for number, identity in self.identities.items()
            if number not in self.tails
        )
        for tail in (*self.tails.values(), *self.awaited):
            marks = [
                replace(mark, place=held.get(part.file, mark.place))
                for part in tail.parts
                for mark in [Mark.of(part)]
            ]
            cursor.put(tail.path, marks, tail.copied)
        with undisturbed():  # what a saved cursor calls given out is not taken back any more
            cursor.save()
            output.settle()


@contextmanager
def opened_logs(task: Task, cursor: Cursor | None) -> Iterator[Opened]:
    """Open the files; again, if one was renamed meanwhile, so that none is taken for another.

    Who follows waits for that as long as it takes.
    """
    look, tries, told = _Look(task, cursor), 0, f"{', '.join(task.read.files)}: {_RENAMED}"
    until = inf if task.live.follow else time.monotonic() + _PATIENCE_S
    while tries < _TRIES or (look.has_moved() and time.monotonic() < until):
        tries += 1
        if tries > _TRIES:
            time.sleep(_PAUSE_S)
        if tries > _TRIES + 1:  # before, nothing was known with which to compare
            look.tell(safe(f"{told}; waiting until that ends"))
        with ExitStack() as stack:
            try:
                opened = look.opened(stack)
            except (ReadError, FileNotFoundError) as fault:
                missed = fault.__cause__ if isinstance(fault, ReadError) else fault
                if not isinstance(missed, FileNotFoundError):
                    raise
                # It had this name when it was found, unless it was named so: the last look tells.
                told = (
                    str(fault) if missed is not fault else f"{missed.filename}: {missed.strerror}"
                )
                continue
            if opened is not None:
                yield opened
                return
    raise ReadError(told)


class _Look:
    """Looks at the files of a task until none is renamed meanwhile.

    Attributes:
        tell: takes a sentence for people, which is told once.
    """

    def __init__(self, task: Task, cursor: Cursor | None) -> None:
        """Nothing is looked at yet."""
        self._task, self._cursor = task, cursor
        self._left_out: set[Path] = set()
        self.tell = cache(task.read.tell)  # nothing is told again at the next look
        self._found: tuple[Sequence[Member], Mapping[str, Mapping[str, Identity]]] | None = None

    def has_moved(self) -> bool:
        """Whether files were renamed, have come or gone since this was asked last."""
        members = expand(self._task.read.files, all_needed=False)
        sets = {family_of(member.path) for member in members}
        before, self._found = self._found, (members, {name: files_of(name) for name in sets})
        return before != self._found

    def opened(self, stack: ExitStack) -> Opened | None:
        """Open the files, until a stack is closed; None if one was renamed meanwhile.

        Raises:
            ReadError: one cannot be opened.
            FileNotFoundError: one is not there any more.
        """
        task, cursor = self._task, self._cursor
        lasting = task.live.follow or cursor is not None
        missing = [path for path in dict.fromkeys(task.read.files) if _is_awaited(task, path)]
        paths, marks = _meant(task, cursor, missing)
        shut = [path for path in paths if task.live.follow and not cursor and fault_of(path)]
        paths = [path for path in paths if path not in shut]
        missing += [path for path in shut if not foreign_of(path)]
        before = [_identity(path) for path in paths] if lasting else []
        newest = newest_of(paths) if lasting else []
        if not self._knows_what_is_left_out(newest, paths):
            return None  # it came meanwhile, or else nobody asks for it: the next look will tell
        sets = {*map(family_of, newest)}
        awaited = [path for path in missing if family_of(path) not in sets]
        tails = {path: self._tail(path, paths) for path in newest}
        tails |= {path: Tail(path, task.read.tell) for path in awaited}
        for path, tail in tails.items():
            stack.callback(tail.close)
            if path in newest and tail.current:
                tail.current.begin(marks[path].place if path in marks else 0)
        whole = not (marks or (cursor and cursor.marks))  # else the rest was read before
        opening = open_sources(
            paths, task.read.spool_limit, self.tell, all_needed=lasting, whole=whole
        )
        sources = stack.enter_context(opening) if paths else []
        whole = all(is_in(mark, path) for path, mark in marks.items())  # not cut short
        if cursor is not None:
            whole = whole and cursor.are_as_seen(sources) and cursor.are_as_found()
        if lasting and not (whole and before == [_identity(path) for path in paths]):
            return None
        known_as = dict(zip(paths, before, strict=False))
        if lasting:
            _tell_tails({path: tails[path] for path in newest}, sources, known_as)
        _tell_of_shut(shut, {*shut} & {*awaited}, quiet=task.read.quiet)
        return _numbered(task, sources, tails, newest, marks, known_as, awaited, shut)

    def _knows_what_is_left_out(self, newest: Sequence[str], paths: Sequence[str]) -> bool:
        """Whether the logs that are there, but are not read, were so at the look before, too."""
        known = self._left_out
        left_out = {*map(log_of, newest)} - {*map(Path, paths)}
        self._left_out = {path for path in left_out if path.exists()}
        return not self._left_out - known

    def _tail(self, path: str, paths: Sequence[str]) -> Tail:
        """Follows the newest file of a rotated set, and the log that comes in its place.

        Between a renaming and the restart that begins a new log, the newest is a renamed one. Where
        the log is there, but is not the newest, numbers rise in a circle. Where a younger file is
        there that nobody asks for, nor a cursor does, only this one is followed.
        """
        log, younger = log_of(path), list[str]()
        if self._cursor is None or family_of(path) not in self._cursor.marks:
            younger = younger_than(path, paths)
        alone = bool(younger) and self._cursor is None and log != Path(path)
        if younger:
            self.tell(safe(f"{path}: {_told_of_younger(younger, alone=alone)}"))
        if log == Path(path) or log in self._left_out | {*map(Path, paths)}:
            return Tail(path, self._task.read.tell, alone=alone)
        return Tail(str(log), self._task.read.tell, path, alone=alone)


def _numbered(
    task: Task,
    sources: Sequence[Source],
    tails: Mapping[str, Tail],
    newest: Sequence[str],
    marks: Mapping[str, Mark],
    known_as: Mapping[str, Identity],
    awaited: Sequence[str],
    shut: list[str],
) -> Opened:
    """The opened logs; what is known of them by their paths is known by their numbers then."""
    numbers = {
        path: number for number, one in enumerate(sources) for path in (one.path, *one.copies)
    }
    is_read = {source.path for source in sources}.__contains__  # not only a copy of it
    return Opened(
        open_logs(sources, task.read.layouts()),
        {
            number: tails[path]
            for path in newest
            if family_of(sources[number := numbers[path]].path) == family_of(path)
        },
        {numbers[path]: marks[path].place for path in sorted(marks, key=is_read)},
        {
            number: known_as[source.path]
            for number, source in enumerate(sources)
            if source.path in known_as
        },
        [tails[path] for path in awaited],
        shut,
    )


def _tell_tails(
    newest: Mapping[str, Tail], sources: Sequence[Source], known_as: Mapping[str, Identity]
) -> None:
    """Let the tail of each set know how far its plain members are read."""
    by_sets = {family_of(path): tail for path, tail in newest.items()}
    for source in sources:
        if source.is_plain:
            tail = by_sets[family_of(source.path)]
            tail.was_read(known_as[source.path], source.size or 0, source.head)


def _tell_of_shut(shut: Sequence[str], awaited: Set[str], *, quiet: bool) -> None:
    """Say which files cannot be read; of those that are awaited their tails do so, if not quiet."""
    for path in shut:
        what = "waiting for it" if path in awaited else "left out"
        if path not in awaited or quiet:
            say(safe(f"errlog: {path}: {fault_of(path)}; {what}"))


def _meant(
    task: Task, cursor: Cursor | None, missing: list[str]
) -> tuple[list[str], dict[str, Mark]]:
    """The files to read, oldest first, and the marks of those that were read in part."""
    for path in task.read.files if task.live.follow else ():
        try:
            files_named(path)
        except FileNotFoundError as fault:
            raise ReadError(f"{path}: {fault.strerror}; {_TO_COME}") from fault
    if cursor is not None:
        since = cursor.since(task.read.files, all_needed=task.live.follow)
        return [path for path in since.paths if path not in missing], dict(since.marks)
    there = [path for path in task.read.files if path not in missing]
    if not there:
        return [], {}
    members = expand(there, all_needed=task.live.follow)
    sets: dict[int, list[str]] = {}
    for member in members:
        sets.setdefault(member.sequence, []).append(member.path)
    ordered = in_order_of_times if task.live.follow else list
    return [path for paths in sets.values() for path in ordered(paths)], {}


def _is_awaited(task: Task, path: str) -> bool:
    """Whether a log is followed that is not there yet."""
    return task.live.follow and not is_pattern(path) and not os.access(path, os.F_OK)


def _identity(path: str) -> Identity:
    if path == STDIN:
        return (-1, -1)
    try:
        return identity_of(Path(path).stat())
    except OSError as fault:
        raise ReadError(f"{path}: {fault.strerror}") from fault


def _told_of_younger(paths: Sequence[str], *, alone: bool) -> str:
    """What to say of younger files of a set that nobody named."""
    names = ", ".join(Path(one).name for one in paths[:_NAMES])
    more = f" and {len(paths) - _NAMES} more" if len(paths) > _NAMES else ""
    what = "only the one that is named is followed" if alone else "what comes to them is followed"
    left = f"what they hold by now is left out, and {what}"
    return f"{names}{more} of its set seem younger, and are not named: {left}"


def is_unended(stamped: StampedBlock | Written) -> bool:
    """Whether the newline of a block's last line is still to come."""
    block = stamped.block
    return not block.torn_tail and bool(block.ends[-1] == block.size)


def _whole_end(written: Written) -> int:
    """Where the last whole line of a block ends in its file."""
    block = written.block
    return block.offset + int(block.starts[-1] if is_unended(written) else block.size)
