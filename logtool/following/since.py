"""Since: take the marks that runs left in logs, find the files that hold what was logged since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from logtool.following.ends import candidates_of, end_of
from logtool.following.families import fault_of, foreign_of
from logtool.following.marks import Look, Mark, Passed, length_of
from logtool.following.news import (
    end_in_circle,
    in_order_begun,
    in_order_of_set,
    is_among_new,
    may_have_come_round,
    may_have_gone_through,
)
from logtool.sources.identity import identity_of
from logtool.sources.numbering import is_surely_older
from logtool.sources.paths import Member
from parsers.classes import dataclass


@dataclass(frozen=True, slots=True)
class Since:
    """The files that hold what was logged since a cursor was saved.

    Attributes:
        paths: oldest first.
        marks: those made in one of them, by its path: there it begins behind the mark's place.
        copied: marks at the ends of copies of logs that were read, by the names of their own logs.
        lost: the names of logs of which the file where the last run ended is gone.
        round: those of which it was empty, and may have been written over since.
        shut: files that cannot be read, and why.
    """

    paths: tuple[str, ...]
    marks: Mapping[str, Mark]
    copied: Mapping[str, Mark]
    lost: tuple[str, ...]
    round: tuple[str, ...]
    shut: Mapping[str, str]


class Search:
    """One look at rotated sets for what came since a run."""

    def __init__(
        self, marks: Mapping[str, Mark], passed: dict[str, Passed], saved_s: float
    ) -> None:
        """Nothing is looked at yet.

        Args:
            marks: where the last run ended in each log, by the logs' names.
            passed: the other members of their sets; gets those of logs that are new.
            saved_s: when it ended, seconds since 1970.
        """
        self._marks, self._passed, self._saved_s = marks, passed, saved_s
        self._copied: dict[str, Mark] = {}
        self._gone: tuple[str, ...] = ()
        self._lost: tuple[str, ...] = ()
        self._round: tuple[str, ...] = ()
        self._shut: dict[str, str] = {}

    def found(self, families: Mapping[str, Sequence[Member]], *, all_needed: bool) -> Since:
        """The files to read of some sets: what was named, by the names of their logs.

        Logs without a mark begin at their beginning. Unless all are needed, a set is read as far as
        its first file that cannot be; one that never can be is passed over.
        """
        known = {name: self._marks[name] for name in families if name in self._marks}
        candidates = {name: candidates_of(name, members) for name, members in families.items()}
        every = [Path(one.path).absolute() for members in families.values() for one in members]
        given = [str(path) for path in every if path.is_file()]
        ends = {name: end_of(mark, name, candidates[name], given) for name, mark in known.items()}
        self._go_on_in_circles(known, ends, candidates)
        self._round = tuple(self._come_round(known, ends, candidates))
        hidden = {
            name: [path for path in candidates[name] if self._hides(mark, path)]
            for name, mark in known.items()
            if ends[name] is None
        }
        self._gone = tuple(name for name, files in hidden.items() if not files)
        self._lost = tuple(
            name
            for name in self._gone
            if not is_among_new(known[name], self._looked_at(name, candidates[name]), name)
        )
        paths: list[str] = []
        marks: dict[str, Mark] = {}
        for name, members in families.items():
            if name not in known:
                ordered = in_order_of_set([one.path for one in members], candidates[name])
                mine = [path for path in ordered if not self._is_copy(name, path, known)]
            elif (end := ends[name]) in candidates[name]:
                mine = candidates[name][candidates[name].index(end) :]
            elif hidden.get(name):
                mine = hidden[name]
            else:
                new = [path for path in candidates[name] if self._is_newer(path) or path == name]
                mine = [*filter(None, [end]), *new]
            mine = self._with_passed(name, candidates[name], ends, mine, marks)
            others = {end for other, end in ends.items() if other != name}
            mine = [path for path in mine if str(Path(path).absolute()) not in others]
            foreign = {path: kind for path in mine if (kind := foreign_of(path))}
            self._shut |= foreign
            mine = [path for path in mine if path not in foreign]
            lacks = {one.path: one.lack for one in members}
            readable = mine if all_needed else self._readable(mine, lacks)
            self._passed[name].leave(mine[len(readable) :], marks)
            paths += readable
        marks |= {end: known[name] for name, end in ends.items() if end is not None}
        marks = {path: marks[path] for path in paths if path in marks}
        lost, shut = self._lost, self._shut
        return Since(tuple(paths), marks, self._copied, lost, self._round, shut)

    def _go_on_in_circles(
        self,
        known: dict[str, Mark],
        ends: dict[str, str | None],
        candidates: Mapping[str, Sequence[str]],
    ) -> None:
        """Put right the marks and ends of logs whose last member was written over, and goes on."""
        for name, mark in known.items():
            if ends[name] is None:
                grown = self._looked_at(name, candidates[name]).grown
                if (end := end_in_circle(mark, grown, candidates[name])) is not None:
                    ends[name], known[name] = end, grown[end]

    def _come_round(
        self,
        known: Mapping[str, Mark],
        ends: Mapping[str, str | None],
        candidates: Mapping[str, Sequence[str]],
    ) -> Iterator[str]:
        """The names of logs whose last member was empty, and may have been written over since."""
        for name, end in ends.items():
            if end is not None and end in candidates[name] and not known[name].head_size:
                look = self._looked_at(name, candidates[name])
                is_through = bool(look.last) and end == name and may_have_gone_through(look, name)
                if is_through or may_have_come_round(look, candidates[name], end, name):
                    yield name

    def _looked_at(self, name: str, candidates: Sequence[str]) -> Look:
        return self._passed.setdefault(name, Passed(None)).look(candidates)

    def _with_passed(
        self,
        name: str,
        candidates: Sequence[str],
        ends: Mapping[str, str | None],
        younger: Sequence[str],
        marks: dict[str, Mark],
    ) -> list[str]:
        """The files of a set to read: those from where the last run ended on, and what else came.

        Those are members that seem older, but were written to, or were not there: numbers may be no
        ages, nor are files' times. Only what surely is older, also by its file's time, is left out.

        Args:
            name: of the log.
            candidates: all members.
            ends: of each log, the file where the last run ended.
            younger: that one and those behind it.
            marks: takes those of members that are read on, by their paths.
        """
        look = self._looked_at(name, candidates)
        grown, strange, done = look.grown, look.strange, look.done
        older: list[str] = []
        if (end := ends.get(name)) is not None and end in candidates:
            fresh = {*strange}
            if self._marks[name].head_size:
                old = {path for path in strange if is_surely_older(path, end)}
                known = {path for path, mark in [*grown.items(), *done.items()] if mark.place}
                candidates = in_order_begun(candidates, end, fresh - old, known)
                fresh -= {path for path in old if not self._is_newer(path)}
            before = candidates[: candidates.index(end)]
            older = [path for path in before if path in grown or path in fresh]
            younger = candidates[len(before) :]
        elif name in self._gone:
            younger = [path for path in candidates if path in {*younger, *strange, *grown}]
        marks |= {**done, **grown}
        return [*older, *(path for path in younger if path in (end, name) or path not in done)]

    def _is_copy(self, name: str, path: str, known: Mapping[str, Mark]) -> bool:
        """Whether a file of a set that is new begins like a log that was read: that it was, or is.

        It then has a mark at its end.
        """
        for mark in known.values():
            if (end := length_of(mark, path)) is not None:
                status = Path(path).stat()
                device, inode = identity_of(status)
                self._copied[name] = replace(mark, device=device, inode=inode, place=end)
                return True
        return False

    def _readable(self, paths: Sequence[str], lacks: Mapping[str, str]) -> list[str]:
        """Those before the first that cannot be read: behind it would be a gap."""
        for at, path in enumerate(paths):
            if fault := lacks.get(path) or fault_of(path):
                self._shut[path] = fault
                return [*paths[:at]]
        return [*paths]

    def _hides(self, mark: Mark, path: str) -> bool:
        if not fault_of(path) or foreign_of(path):
            return False
        try:
            same = identity_of(Path(path).stat()) == (mark.device, mark.inode)
        except OSError:
            return False
        return same or self._is_newer(path)

    def _is_newer(self, path: str) -> bool:
        try:
            return Path(path).stat().st_mtime > self._saved_s
        except OSError:
            return False
