"""Apart: takes logs whose lines were sieved, has their findings found by a child process.

It loads meanwhile what it needs: polars, which begins threads and takes a tenth of a second, is
not loaded where clocks are found and findings are told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from logtool.clocks.table import ClockTable
from logtool.flags.befallen import told_of
from logtool.flags.clock_facts import find_clock_flags
from logtool.flags.finding import Finding
from logtool.flags.rule import Rule
from logtool.flags.sieved import Sieved
from logtool.machine.heap import give_back_freed_memory
from logtool.machine.promises import Promise
from logtool.machine.rooms import alone_again
from logtool.machine.workers import Workers, can_work_apart
from logtool.passes.logs import Log
from parsers.classes import dataclass

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in some logs.

    Attributes:
        findings: worst first.
        tracebacks: how many begin in them.
    """

    findings: list[Finding]
    tracebacks: int


def find(
    logs: Sequence[Log],
    table: ClockTable,
    rules: Sequence[Rule],
    chosen: pl.Expr | None,
    sieved: Sieved,
) -> Found:
    """The findings in some logs, and how many tracebacks; arguments as for `find_line_flags`.

    Facts of clocks stand in no single line, and are told whatever is chosen.
    """
    lines = _find_in_lines(logs, table, rules, chosen, sieved)
    return _with_clocks(lines, find_clock_flags(logs, table, rules), table, rules)


def _find_in_lines(
    logs: Sequence[Log],
    table: ClockTable,
    rules: Sequence[Rule],
    chosen: pl.Expr | None,
    sieved: Sieved,
) -> Found:
    from logtool.flags.search import find_line_flags

    tracebacks = list[int]()
    findings = find_line_flags(logs, table, rules, chosen, tracebacks.append, sieved)
    return Found(findings, sum(tracebacks))


def _with_clocks(
    lines: Found, clocks: Sequence[Finding], table: ClockTable, rules: Sequence[Rule]
) -> Found:
    return Found(told_of([*lines.findings, *clocks], table, rules), lines.tracebacks)


class Child:
    """A child process that finds what rules hold on; a context that ends it.

    It begins while the clocks of the logs are found.
    """

    keeps_pages = False

    def __init__(self, sieved: Sieved, rules: Callable[[], Sequence[Rule]]) -> None:
        """Take what will be known of the lines, before any thread begins, and the rules."""
        self._sieved, self._rules = sieved, rules
        self._can_begin = can_work_apart()
        self._promise: Promise[ClockTable] | None = None
        self._workers: Workers[None, Found] | None = None
        self._logs: Sequence[Log] = ()

    def __enter__(self) -> Child:
        """Nothing is begun yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        if self._workers is not None:
            self._workers.end()
        if self._promise is not None:
            self._promise.close()

    def begin(self, logs: Sequence[Log]) -> None:
        """Begin, if all lines were sieved: else every line must be looked at again anyway."""
        if not self._sieved.knows_all or not self._can_begin or not alone_again():
            return
        try:
            promise: Promise[ClockTable] = Promise()
        except OSError:  # too many open files
            return
        self._logs, self._promise = logs, promise

        def prepare() -> None:
            promise.only_hear()
            import logtool.flags.search  # noqa: F401 - while the clocks are found

            self._rules()

        def work(task: None, room: object) -> Found:
            return _find_in_lines(logs, promise.value(), self._rules(), None, self._sieved)

        give_back_freed_memory()
        self._workers = Workers(work, prepare=prepare, children=1)
        self._workers.give_some(iter([None]))

    def found(self, table: ClockTable) -> Found | None:
        """What it has found, told the clocks of the logs; None if there is no child, or no more."""
        if self._workers is None or self._promise is None:
            return None
        self._promise.keep(table)
        give_back_freed_memory()  # what finding the clocks needed
        rules = self._rules()
        clocks = find_clock_flags(self._logs, table, rules)  # it is at work meanwhile
        ((_, lines),) = self._workers.results(())
        return None if lines is None else _with_clocks(lines, clocks, table, rules)
