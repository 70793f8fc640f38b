"""Cursors: take a file that says where the last run ended, give what has been logged since.

A cursor knows a log by its device and inode and by how it begins, so it finds the place again
after the log was renamed, copied or compressed.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, astuple, field
from functools import partial

from logtool.clocks.evidence.earlier import seen_in
from logtool.clocks.options import Seen
from logtool.clocks.table import ClockTable
from logtool.errors import ReadError, UsageError, WriteError
from logtool.following.begun import Begun
from logtool.following.ends import files_of
from logtool.following.families import families_named, family_of
from logtool.following.locks import Lock
from logtool.following.marks import ENDLESS, Mark, Passed, found_in
from logtool.following.since import Search, Since
from logtool.machine.ending import taken_back, undisturbed
from logtool.people.terminal import safe
from logtool.replacing import beside, read_state, real_path, write_state
from logtool.sources.identity import Identity
from logtool.sources.source import Source
from parsers.classes import dataclass

_VERSION = 1


@dataclass(slots=True)
class Cursor:
    """What a cursor file says.

    Attributes:
        path: the cursor file.
        marks: a mark for each log, by the name under which it is written.
        saved_s: when it was saved, seconds since 1970; 0 if it never was.
        asked: the names of the logs that are read.
        lost: those of which the file where the last run ended is gone.
        round: those of which it was empty, and may have been written over since.
        shut: files that cannot be read, and why; the next run begins where this one found them.
        over: what files held that were written over before they were read, though they had been
            found; not what this run reads in a copy.
        passed: the other members of each log's rotated set.
        files: those of each log's rotated set, as this run found them.
        seen: what runs saw of when files were written, by their devices and inodes.
        begun: where a run began to write that was killed before it could save how far it came.
        unread: where files are read from that this run has opened, until it has saved that.
        lock: of the cursor file, if it was opened.
        blank: it was there, but the run that made it was ended before it wrote what it reads.
        owed: what a run would have told of lines that may be missing, had it not been killed.
        kept: this run has written what it reads.
    """

    path: str
    marks: dict[str, Mark] = field(default_factory=dict)
    saved_s: float = 0.0
    asked: frozenset[str] = frozenset()
    lost: tuple[str, ...] = ()
    round: tuple[str, ...] = ()
    shut: dict[str, str] = field(default_factory=dict)
    over: dict[str, Mark] = field(default_factory=dict)
    passed: dict[str, Passed] = field(default_factory=dict)
    files: dict[str, dict[str, Identity]] = field(default_factory=dict)
    seen: dict[Identity, Seen] = field(default_factory=dict)
    begun: Begun | None = None
    unread: dict[Identity, int] = field(default_factory=dict)
    lock: Lock | None = None
    blank: bool = False
    owed: tuple[str, ...] = ()
    kept: bool = False

    @classmethod
    def load(cls, path: str) -> Cursor:
        """Read a cursor file; one that does not exist yet begins at the beginning.

        Raises:
            ReadError: it cannot be read.
            UsageError: it is no cursor file.
        """
        if (text := read_state(path)) is None:
            return cls(path)
        try:
            said = json.loads(text)
            if said["errlog_cursor"] != _VERSION:
                raise ValueError
            marks = {name: Mark(**mark) for name, mark in said["logs"].items()}
            passed = {
                name: Passed([Mark(**mark) for mark in theirs])
                for name, theirs in said.get("passed", {}).items()
            }
            seen = {
                (one.pop("device"), one.pop("inode")): Seen(**one) for one in said.get("seen", [])
            }
            if not all(isinstance(value, int) for one in seen.values() for value in astuple(one)):
                raise ValueError
            begun = None if said.get("begun") is None else Begun(**said["begun"])
            if begun is not None and not begun.is_sound:
                raise ValueError
            owed = said.get("owed", [])
            if not isinstance(owed, list) or not all(isinstance(told, str) for told in owed):
                raise ValueError
            saved_s, blank = float(said["saved"]), bool(said.get("blank", False))
            return cls(
                path, marks, saved_s, passed=passed, seen=seen, begun=begun, blank=blank,
                owed=tuple(owed),
            )  # fmt: skip
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            told = "this is no cursor file of errlog; remove it to begin again with the first line"
            raise UsageError(f"{path}: {told}") from fault

    def save(self) -> None:
        """Write it whole, in the place of the one before, once what is missing is told.

        Raises:
            WriteError: disk full and the like.
        """
        self.saved_s, self.begun, self.unread, self.blank = time.time(), None, {}, False
        self.lost, self.round, self.over, self.owed = (), (), {}, ()
        self._write()

    def save_begun(self, begun: Begun | None) -> None:
        """Write before a run gives anything out what the next one must know if it is killed.

        That is where it begins to write, if it does so now, of which logs it reads how much, and
        what is missing, which may not be seen again.

        Raises:
            WriteError: disk full and the like.
        """
        self.begun = begun
        with undisturbed():
            self._write()

    def _write(self) -> None:
        self.kept = True
        if self.lock is None:
            write_state(self.path, self._text())
        else:
            write_state(self.path, self._text(), self.lock.take_next)
            self.lock.go_on()

    def _text(self) -> str:
        logs = {name: asdict(mark) for name, mark in self.marks.items()}
        passed = {
            name: [asdict(mark) for mark in theirs.marks_but(self.unread)]
            for name, theirs in self.passed.items()
        }
        seen = [
            {"device": device, "inode": inode, **asdict(one)}
            for (device, inode), one in self.seen.items()
        ]
        said = {
            "errlog_cursor": _VERSION, "saved": self.saved_s, "logs": logs, "passed": passed,
            "seen": seen, "begun": self.begun and asdict(self.begun), "blank": self.blank,
            "owed": [*self._missing()],
        }  # fmt: skip
        return json.dumps(said, indent=1) + "\n"

    @classmethod
    def begin(cls, path: str) -> bool:
        """Put one that knows nothing where there is none: what is not there cannot be locked.

        Gives whether it did. Where that cannot be done, who saves it will tell why.
        """
        with suppress(OSError, WriteError):
            target = real_path(path)
            if target.exists():
                return False
            made = beside(target)
            with taken_back(partial(made.unlink, missing_ok=True)):
                try:
                    write_state(made, cls(path)._text())
                    os.link(made, target)  # unless another run was first
                    return True
                finally:
                    made.unlink(missing_ok=True)
        return False

    def tell_faults(self, say: Callable[[str], None]) -> bool:
        """Say of which logs lines may be missing, now or for ever; gives whether there are such."""
        if self.blank:
            early = "the run that made it was ended before it had begun; lines may be missing"
            say(safe(f"errlog: {self.path}: {early} where logs were rotated since"))
        for told in (missing := self._missing()):
            say(safe(f"errlog: {told}"))
        for path, fault in self.shut.items():
            say(safe(f"errlog: {path}: {fault}; left out"))
        return bool(self.blank or missing or self.shut)

    def _missing(self) -> dict[str, None]:
        """Sentences of what may be missing for ever, each once: found by this run, or owed."""
        gone = "the file where the last run ended is gone; lines may be missing"
        again = "it may have been rotated more often than is kept since; lines may be missing"
        over = "was written over before it was read; lines may be missing"
        found = {gone: self.lost, again: self.round, over: sorted(self.over)}
        mine = (f"{name}: {what}" for what, names in found.items() for name in names)
        return dict.fromkeys((*self.owed, *mine))

    def are_as_seen(self, sources: Iterable[Source]) -> bool:
        """Whether files that were opened begin as they did when they were found."""
        over = {
            source.path: gone
            for source in sources
            if source.identity is not None
            and (passed := self.passed.get(family_of(source.path))) is not None
            and (gone := passed.gone(source.identity, source.head)) is not None
        }
        self.over = {**over, **self.over}  # what was there first is what would have been read
        return not over

    def are_as_found(self) -> bool:
        """Whether no file of the sets was renamed since `since` looked at them, and none came."""
        return all(files_of(name) == files for name, files in self.files.items())

    def seen_of(
        self, sources: Sequence[Source], places: Container[int]
    ) -> tuple[tuple[int, Seen], ...]:
        """What runs have seen of sources, by their numbers: of those that are read on somewhere."""
        return tuple(
            (number, self.seen[source.identity])
            for number, source in enumerate(sources)
            if number in places and source.identity in self.seen
        )

    def see(
        self, sources: Sequence[Source], table: ClockTable, before: Sequence[tuple[int, Seen]]
    ) -> None:
        """Remember what this run has seen of sources, or those `before` it, and of no others."""
        seen = {number: seen_in(table, number) for number in range(len(sources))}
        seen |= {number: one for number, one in before if seen[number] is None}
        self.seen = {
            source.identity: one
            for number, source in enumerate(sources)
            if source.identity is not None and (one := seen[number]) is not None
        }

    def put(self, path: str, marks: Sequence[Mark], copied: Iterable[Mark] = ()) -> None:
        """Remember how far files of a log were read, the one that has its name last.

        Not where one only holds the rest of another log.

        Args:
            path: of the log.
            marks: those files'.
            copied: those of what it held before it was cut short.
        """
        if marks and (name := family_of(path)) in self.asked:
            self.marks[name] = marks[-1]
            for mark in (*copied, *marks):
                self.passed[name].put(mark)

    def read_whole(self, sources: Iterable[tuple[Source, Identity]]) -> None:
        """Remember that members of rotated sets were read up to their ends.

        By now others may have their paths, so the identities are those of when they were opened.
        """
        for source, identity in sources:
            passed = self.passed.get(family_of(source.path))
            size = ENDLESS if source.compression else source.size
            if passed and size is not None:
                passed.read_to(identity, size)

    def since(self, arguments: Sequence[str], *, all_needed: bool = True) -> Since:
        """What the FILE arguments mean (paths, globs, directories), without what was read before.

        Logs of which the cursor knows nothing begin at their beginning. Unless all are needed, a
        set is read as far as its first file that cannot be; one that never can be is passed over.

        Raises:
            UsageError: the cursor was saved for other logs, or standard input is named.
            ReadError: an argument names nothing, if all are needed; or no file can be read.
        """
        families = families_named(arguments, all_needed=all_needed)
        self.asked = frozenset(families)
        self.files = {name: files_of(name) for name in families}
        if self.marks and not self.asked & set(self.marks):
            raise UsageError(
                f"{self.path} was saved for {_named(self.marks)}, not for {_named(families)}; "
                "give each set of logs a cursor file of its own"
            )
        search = Search(self.marks, self.passed, self.saved_s)
        found = search.found(families, all_needed=all_needed)
        self.over = {  # but of what there is a copy that is read
            path: mark for path, mark in self.over.items() if found_in(mark, found.paths) is None
        }
        self.marks |= found.copied
        self.lost, self.round, self.shut = found.lost, found.round, dict(found.shut)
        if self.shut and not found.paths:
            raise ReadError(": ".join(next(iter(self.shut.items()))))
        return found


@contextmanager
def opened_cursor(path: str | None) -> Iterator[Cursor | None]:
    """What a cursor file says, for one run at a time; None for no path.

    Raises:
        ReadError: it cannot be read, or another run is at work with it.
        UsageError: it is no cursor file.
    """
    if path is None:
        yield None
        return
    made = Cursor.begin(path)
    lock = Lock(path)
    lock.take()
    cursor = None
    try:
        cursor = Cursor.load(path)
        cursor.lock = lock
        knows = bool(cursor.marks or cursor.saved_s or cursor.begun)
        cursor.blank = cursor.blank or not (made or knows)
        made = made and not knows  # else another run was quicker, and has ended
        yield cursor
    finally:
        if made and cursor and not cursor.kept:
            with suppress(OSError):  # a run that could not begin leaves nothing behind
                real_path(path).unlink()
        lock.release()


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
