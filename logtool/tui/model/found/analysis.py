"""Analysis: takes logs and their clocks, gives in the background what their lines are together.

Events (folded tracebacks), findings, exceptions. Heavy: nothing of it is needed to show lines, so
polars is not loaded before.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

import numpy as np

from logtool.clocks.table import ClockTable
from logtool.following.tails import now_us
from logtool.machine.heap import give_back_large_memory, spare_memory_of_polars
from logtool.people.terminal import safe
from logtool.tui.model.chosen.jobs import ONE_AT_A_TIME, Job, check_whole
from logtool.tui.model.indexed.index import LineIndex, Rows
from logtool.tui.model.indexed.row_notes import RowNotes
from logtool.tui.model.reading.builder import ShownLog
from logtool.tui.model.reading.row_frames import row_frames
from parsers.classes import dataclass
from parsers.escapes import unescape

if TYPE_CHECKING:
    import polars as pl

    from logtool.flags.finding import Finding
    from logtool.flags.nearby import Stretch
    from logtool.flags.rule import Rule
    from logtool.frame.lines import Lines
    from logtool.passes.logs import Log
    from parsers.blocks import Block
    from parsers.scanning import Places

#: What rules and folding ask of a line.
_COLUMNS = (
    *("file", "line", "utc", "level", "module", "pid", "tid", "client", "tag", "status"),
    *("message", "role", "group"),
)
#: Logs of so many lines are analysed at once, and again as lines come; larger ones when asked for.
ANALYSED_AT_ONCE = 1_000_000
#: Few, for a viewer has little memory, and time.
ROWS_AT_ONCE = 10_000
#: So many times as long as one analysis took the next one has to wait.
_REST = 4
#: And so many seconds at least after one that failed.
_AFTER_FAULT_S = 5.0
#: A line so many rows behind the head of its event stands for itself: nobody would find it there.
_MOST_BEHIND = int(np.iinfo(np.uint16).max)
#: Characters of an exception that are told beside the first line of its event.
_MOST_TOLD = 60


@dataclass(slots=True)
class ExceptionGroup:
    """Exceptions that are alike.

    Attributes:
        exception: its type.
        value: of the first one.
        explanation: what makes them alike.
        rows: of each one's head.
    """

    exception: str
    value: str
    explanation: str
    rows: array[int] = field(default_factory=lambda: array("i"))


class Analysis(Job):
    """Reads all lines once more and puts them together, those that came since among them.

    Attributes:
        made_us: when there were no other lines, microseconds UTC.
        folds: int32, for each row the row of its event's head.
        flagged: rule -> rows of the lines that its findings are of, the worst rule first.
        raised: fingerprint of exceptions -> rows.
        told: rows of events and their exceptions, as `KeyError: 9`.
        findings: worst first.
        exceptions: by fingerprint.
    """

    def __init__(
        self,
        index: LineIndex,
        shown: Sequence[ShownLog],
        logs: Sequence[Log],
        table: ClockTable,
        count: int,
    ) -> None:
        """Analyse opened logs; these have so many lines, and the others of the index came since."""
        super().__init__(index, shown)
        self._opened, self._table, self._count = logs, table, count
        self.made_us = now_us()
        self._seconds = 0.0
        self._ended = 0.0
        self.folds: Rows = np.zeros(0, np.int32)
        #: For each row how far before it the head of its event is: half of what `folds` takes.
        self._behind = np.zeros(self.rows, np.uint16)
        self.flagged: dict[str, Rows] = {}
        self.raised: dict[str, Rows] = {}
        self.told = RowNotes()
        self.findings: list[Finding] = []
        self.exceptions: dict[str, ExceptionGroup] = {}

    def work(self) -> None:
        """Fold, flag, fingerprint."""
        begun = time.monotonic()
        try:
            with ONE_AT_A_TIME:
                self._work()
        finally:
            self._ended = time.monotonic()
            self._seconds = self._ended - begun

    @property
    def renews(self) -> bool:
        """Whether lines that come since are looked at too, some time."""
        if any(log.source.pipe is not None for log in self.logs):
            return False
        return len(self.index) <= ANALYSED_AT_ONCE or bool(self.fault)

    def anew(self) -> Analysis | None:
        """One of the lines that there are by now; None if it would find the same, or is too early.

        That is while this one runs, and for some times as long as it ran. Of what comes through a
        pipe nobody knows any more where it was cut. One that failed may have lacked memory, or a
        disk: the next one may do better.
        """
        more = len(self.index) > self.rows
        if not self.finished or not (self.renews if more else self.fault):
            return None
        rest_s = max(_REST * self._seconds, _AFTER_FAULT_S if self.fault else 0.0)
        if time.monotonic() < self._ended + rest_s:
            return None
        return Analysis(self.index, self.logs, self._opened, self._table, self._count)

    def fail(self, later: Analysis) -> None:
        """Take over that a later one failed, and when."""
        self.fault, self._ended, self._seconds = later.fault, later._ended, later._seconds

    def _lines(self, rules: Sequence[Rule]) -> Iterator[pl.DataFrame]:
        """The lines that rules may hold on or stacks be made of, those near them, and newer ones.

        They come in order, each with its `row`.
        """
        import polars as pl

        from logtool.events.folding import CONTEXT
        from logtool.flags.nearby import chosen_near

        goes_on = self._count - CONTEXT if self.rows > self._count else self._count
        for stretch in chosen_near(self._stretches(rules, goes_on)):
            yield stretch.frame(_COLUMNS).drop("asked")
        if self.looked_at == self._count:
            parts = self.index, self.logs, self._table, self._count, self.rows, _COLUMNS
            for lines in row_frames(*parts):
                first, self.looked_at = self.looked_at, self.looked_at + lines.height
                yield lines.with_columns(pl.int_range(first, self.looked_at).alias("row"))

    def _stretches(self, rules: Sequence[Rule], goes_on: int) -> Iterator[Stretch]:
        """What was opened, block by block; newer lines may go on with lines from some row on."""
        from logtool.events.kinds import STACK_TEXTS
        from logtool.flags.gates import gate_of_texts, gates_of
        from logtool.flags.nearby import Stretch
        from logtool.flags.sieve import Sieve
        from logtool.frame.lines import Lines
        from logtool.passes.logs import blocks_of

        sieve = Sieve([*gates_of(rules), gate_of_texts(STACK_TEXTS)])

        def sieved(pair: tuple[Log, Block]) -> tuple[Lines, Places]:
            lines = Lines(*pair, self._table)
            return lines, np.flatnonzero(sieve.passes(lines.block)[0][lines.rows])

        for lines, hits in map(sieved, blocks_of(self._opened)):
            check_whole(self.logs[: len(self._opened)])
            if self._stop.is_set():
                return
            stretch = Stretch(lines, self.looked_at, hits, np.ones(len(hits), np.bool_))
            stretch.chosen[max(goes_on - stretch.first_row, 0) :] = True
            self.looked_at = stretch.stop_row
            yield stretch
        check_whole(self.logs[: len(self._opened)])  # nothing is read of a log that was cut short

    def _work(self) -> None:
        spare_memory_of_polars()
        from logtool.events.fingerprints import exceptions
        from logtool.events.folding import fold_batches
        from logtool.flags.befallen import told_of
        from logtool.flags.clock_facts import find_clock_flags
        from logtool.flags.findings import Flagger
        from logtool.flags.not_before import with_bounds
        from logtool.flags.wsgi_codes import default_rules

        rules = default_rules()
        flagged: dict[str, array[int]] = {}
        flagger = Flagger(rules, flagged)
        for folded in fold_batches(self._lines(rules), ROWS_AT_ONCE):
            self._take_folds(folded)
            flagger.add(folded)
            for raised in exceptions(folded).iter_rows(named=True):
                self._take_exception(raised)
        if self._stop.is_set():
            return
        self.raised = {
            name: np.sort(np.array(group.rows, np.int32)) for name, group in self.exceptions.items()
        }
        about_clocks = find_clock_flags(self._opened, self._table, rules)
        of_lines = with_bounds(flagger.findings(), self._opened, self._table)
        self.findings = told_of([*of_lines, *about_clocks], self._table, rules)
        self.flagged = {
            rule: np.unique(np.array(flagged[rule], np.int32))
            for rule in dict.fromkeys(finding.rule for finding in self.findings)
            if rule in flagged
        }
        give_back_large_memory()
        self.folds = np.arange(self.rows, dtype=np.int32)
        self.folds -= self._behind
        self._behind = self._behind[:0]

    def _take_folds(self, folded: pl.DataFrame) -> None:
        inside = folded.filter((folded["event"] < folded["row"]) & (folded["row"] < self.rows))
        row, head = inside["row"].to_numpy(), inside["event"].to_numpy()
        near = row - head <= _MOST_BEHIND
        self._behind[row[near]] = (row - head)[near]

    def _take_exception(self, raised: dict[str, Any]) -> None:
        event = int(raised["event"])
        group = self.exceptions.get(raised["fingerprint"])
        if group is None:
            group = ExceptionGroup(
                raised["exception"], unescape(raised["value"] or ""), raised["explanation"] or ""
            )
            self.exceptions[raised["fingerprint"]] = group
        group.rows.append(event)
        name, value = (
            raised["exception"].rpartition(".")[2],
            unescape(raised["value"] or "").strip(),
        )
        told = f"{name}: {value}" if value else name
        self.told.add([event], safe(told.partition("\n")[0][:_MOST_TOLD]))
