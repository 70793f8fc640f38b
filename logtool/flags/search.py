"""Search: takes opened logs and their clocks, gives the findings of all rules in them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
import polars as pl

from logtool.clocks.table import ClockTable
from logtool.events.folding import CONTEXT, fold_around
from logtool.flags.befallen import told_of
from logtool.flags.clock_facts import find_clock_flags
from logtool.flags.engine import EVENT_COLUMNS, TESTED_COLUMNS, Engine
from logtool.flags.finding import Finding
from logtool.flags.findings import Flagger
from logtool.flags.lives import stands_alone
from logtool.flags.nearby import Stretch, chosen_near
from logtool.flags.not_before import with_bounds
from logtool.flags.rule import Rule
from logtool.flags.sieved import Sieved
from logtool.frame.kept import Kept, frame_together
from logtool.frame.lines import Lines
from logtool.frame.python_text import may_be_python
from logtool.machine.threads import in_order
from logtool.passes.again import FEW
from logtool.passes.logs import Log, blocks_of
from parsers.blocks import Block
from parsers.scanning import Places

#: Lines of a block, which of them passed, and the number of the first in all logs.
_Part: TypeAlias = tuple[Lines, Places, int]
#: Blocks that are looked at together, if in each are few lines to look at; and stretches.
_BLOCKS, _TOGETHER = 16, 64


def find_flags(logs: Sequence[Log], table: ClockTable, rules: Sequence[Rule]) -> list[Finding]:
    """The findings of some rules in opened logs, whose clocks are known, worst first."""
    found = find_line_flags(logs, table, rules)
    return told_of([*found, *find_clock_flags(logs, table, rules)], table, rules)


def find_line_flags(
    logs: Sequence[Log],
    table: ClockTable,
    rules: Sequence[Rule],
    chosen: pl.Expr | None = None,
    tell_tracebacks: Callable[[int], None] = lambda count: None,
    sieved: Sieved | None = None,
) -> list[Finding]:
    """The findings in the lines of some logs; facts of clocks stand in none.

    The logs are read once, as they come, or what is worth it of those that were `sieved`; what is
    held grows with findings, not with lines.

    Args:
        logs: opened.
        table: their clocks.
        rules: what to look for.
        chosen: tell only of events with a line on which it holds; None is all.
        tell_tracebacks: is told how many tracebacks begin, some after others, whatever is chosen.
        sieved: what passed as they were read before, where the same rules were looked for.
    """
    flagger = Flagger(rules)
    also = () if chosen is None else chosen.meta.root_names()
    near = _near_frames(logs, table, flagger.engine, also, tell_tracebacks, sieved)
    for folded in fold_around(near, pl.col("asked")):
        flagger.add(folded if chosen is None else folded.filter(chosen.any().over("event")))
    return with_bounds(flagger.findings(), logs, table)


def rules_by_line(
    logs: Sequence[Log], table: ClockTable, rules: Sequence[Rule]
) -> dict[tuple[str, int], list[Rule]]:
    """The rules that hold on single lines, by the line's file and number.

    Also where another line, of a partner, is there or is missing. Rules about clocks or repetition
    are passed over: no single line tells of them.
    """
    asked = [rule for rule in rules if rule.whens and rule.at_least == 1]
    engine = Engine([rule for rule in asked if not rule.partner])
    events: dict[str, array[int]] = {}
    paired = Flagger([rule for rule in asked if rule.partner], events)
    found: dict[tuple[str, int], list[Rule]] = {}
    places: dict[tuple[int, int], tuple[str, int]] = {}
    for folded in fold_around(_near_frames(logs, table, Engine(asked)), pl.col("asked")):
        hits = engine.hits(folded).filter(~pl.col("partner")).select("file", "line", "rule")
        for file, line, number in hits.iter_rows():
            found.setdefault((file, line), []).append(engine.rules[number])
        hits = paired.engine.hits(folded)
        where = hits.filter(~pl.col("partner")).select("rule", "event", "file", "line")
        places |= {(number, event): (file, line) for number, event, file, line in where.iter_rows()}
        paired.count(hits, lambda _: ())
    paired.findings()
    for number, rule in enumerate(paired.rules):
        for event in events.get(rule.id, ()):
            found.setdefault(places[number, event], []).append(rule)
    return found


def _near_frames(
    logs: Sequence[Log],
    table: ClockTable,
    engine: Engine,
    also: Collection[str] = (),
    tell_tracebacks: Callable[[int], None] = lambda count: None,
    sieved: Sieved | None = None,
) -> Iterator[pl.DataFrame]:
    """The lines that some rule may hold on, and those near them; `also` is to be there of all."""
    columns = {*EVENT_COLUMNS, *TESTED_COLUMNS, *also}

    def passed(pair: tuple[Log, Block]) -> tuple[Lines, Places, int]:
        lines = Lines(*pair, table)
        passed, tracebacks = engine.sieve.passes(lines.block)
        return lines, np.flatnonzero(passed[lines.rows]), tracebacks

    def stretches() -> Iterator[Stretch]:
        # Sieving leaves the interpreter's lock alone. What is done with the few lines that are left
        # is many small steps: threads would take half as much processor time again, and no less.
        for lines, rows, tracebacks in in_order(blocks_of(logs), passed):
            tell_tracebacks(tracebacks)
            yield _stretch(lines, rows, engine)

    def again(sieved: Sieved) -> Iterator[Stretch]:
        tell_tracebacks(sieved.tracebacks)
        some: list[_Part] = []
        for one in sieved.again(logs, CONTEXT):
            rows = passed((one.log, one.block))[1] if one.rows is None else one.rows
            some.append((one.lines(table), rows, one.first_row))
            if len(some) == _BLOCKS or len(rows) > FEW or one.again is None:
                yield from _stretches(some, engine)
                some = []
        yield from _stretches(some, engine)

    every = again(sieved) if sieved and sieved.knows_all else _numbered(stretches())
    return _frames(chosen_near(every), columns)


def _stretch(lines: Lines, passed: Places, engine: Engine) -> Stretch:
    """The lines of a block, and those of some of them that some rule may hold on."""
    (stretch,) = _stretches([(lines, passed, 0)], engine)
    return stretch


def _stretches(some: Sequence[_Part], engine: Engine) -> Iterator[Stretch]:
    """The same of several blocks; to ask about few lines takes as long as about many."""
    asked = folded = np.zeros(0, np.bool_)
    if parts := [(lines, passed) for lines, passed, _ in some if len(passed)]:
        told = _frame(parts, ("module", "tag", "message")).select(
            asked=engine.may_hold(), folded=may_be_python(pl.col("module")) & ~stands_alone()
        )
        asked, folded = told["asked"].to_numpy(), told["folded"].to_numpy()
    begin = 0
    for lines, passed, first_row in some:
        here = slice(begin, begin + len(passed))
        held = asked[here]
        yield Stretch(lines, first_row, passed[held], folded[here][held])
        begin += len(passed)


def _frames(stretches: Iterable[Stretch], columns: Collection[str]) -> Iterator[pl.DataFrame]:
    """The chosen lines, with `row` and `asked`, of several stretches at once where they are few."""
    kept: list[Kept] = []
    numbers: list[pl.DataFrame] = []

    def together() -> Iterator[pl.DataFrame]:
        if kept:
            yield frame_together(kept, columns).hstack(pl.concat(numbers))
            kept.clear()
            numbers.clear()

    for stretch in stretches:
        if len(stretch.kept) > FEW:
            yield from together()
            yield stretch.frame(columns)
            continue
        kept.append(Kept.of(stretch.lines, stretch.kept))
        numbers.append(stretch.numbers)
        if len(kept) == _TOGETHER:
            yield from together()
    yield from together()


def _frame(parts: Sequence[tuple[Lines, Places]], columns: Collection[str]) -> pl.DataFrame:
    """The columns of some lines of blocks."""
    if len(parts) > 1:
        return frame_together([Kept.of(*part) for part in parts], columns)
    ((lines, rows),) = parts
    return lines.at(rows).frame(columns)


def _numbered(stretches: Iterator[Stretch]) -> Iterator[Stretch]:
    """The same, with their rows counted through all."""
    row = 0
    for stretch in stretches:
        stretch.first_row = row
        row += len(stretch.lines)
        yield stretch
