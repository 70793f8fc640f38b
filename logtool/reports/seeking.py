"""Seeking: takes logs that were read once, gives what a report tells of their clocks.

A child process finds them where others are to count lines by them: what that takes, and leaves in
pieces, goes with it, and is not there beside those who count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from logtool.clocks.table import ClockTable, Evidence
from logtool.machine.heap import give_back_freed_memory
from logtool.machine.promises import Promise
from logtool.machine.workers import Workers
from logtool.passes.first import Read
from logtool.passes.logs import Log
from logtool.reports.period import Period
from logtool.reports.wish import Wish
from parsers.classes import dataclass

if TYPE_CHECKING:
    from logtool.flags.finding import Finding
    from logtool.reports.finished.clock_numbers import OfClocks

#: The clocks without their evidence, and what the report is of.
Bare: TypeAlias = "tuple[ClockTable, Period]"
#: Each takes some 12 KB until all are put into words: of more, nobody counts meanwhile.
_MANY_CLOCKS = 3_000
#: To find the clocks, for those who count, and then to put their evidence into words.
_Task: TypeAlias = 'Literal["find", "tell"]'


@dataclass(frozen=True, slots=True)
class _Found:
    """That clocks were found.

    Attributes:
        kept: whether those who count may be told of them.
        clocks: how many.
    """

    kept: bool
    clocks: int


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of clocks alone.

    Attributes:
        numbers: in a report.
        findings: about them; None where rules must be read for that which load polars.
        notes: what needs no evidence.
    """

    numbers: OfClocks
    findings: Sequence[Finding] | None
    notes: Sequence[Evidence]


class Seeker:
    """Finds the clocks of one host's logs when they are asked for."""

    def __init__(
        self, wish: Wish, logs: Sequence[Log], read: Read, period_of: Callable[[ClockTable], Period]
    ) -> None:
        """Take what is wished for, the logs, what was read of them, and what a report is of."""
        self._wish, self._logs, self._read, self._period_of = wish, logs, read, period_of

    @cached_property
    def _table(self) -> ClockTable:
        return self._read.clocks()

    def bare(self) -> Bare:
        """The clocks as those need them who count."""
        return self._table.bare(), self._period_of(self._table)

    def told(self) -> Told:
        """What is told of the clocks."""
        from logtool.flags.clock_facts import find_clock_flags
        from logtool.reports.finished.clock_numbers import OfClocks

        table, logs, wish = self._table, self._logs, self._wish
        numbers = OfClocks.told_by(table, [log.source.name for log in logs])
        findings = find_clock_flags(logs, table, wish.rules()) if wish.only_ours else None
        return Told(numbers, findings, table.first_notes)

    def told_apart(self, promise: Promise[Bare]) -> Told:
        """The same, told by a child, which first keeps the promise; what was read is given up.

        Where there is no child, or it fails, this process does what is left.
        """

        def work(task: _Task, room: object) -> Told | _Found:
            if task == "find":
                return _Found(promise.put(self.bare()), len(self._table.clocks))
            give_back_freed_memory()  # what finding them needed, beside those who count
            return self.told()

        tasks: list[_Task] = ["find", "tell"]
        workers: Workers[_Task, Told | _Found] = Workers(
            work, prepare=promise.only_hear, children=1
        )
        with workers:
            answers = (made for _, made in workers.results(tasks))
            found, told = next(answers), None
            waits = isinstance(found, _Found) and found.clocks > _MANY_CLOCKS
            if waits:
                told = next(answers)
            if isinstance(found, _Found) and found.kept:
                promise.tell()
            else:
                promise.keep(self.bare())
            if not waits:
                told = next(answers)
        if not isinstance(told, Told):
            told = self.told()
        self._read.forget()
        give_back_freed_memory()
        return told
