"""Peeling: takes runs of simple steps, has a compiled loop read them on each line in turn.

What stands between the head of a line and its message differs from line to line: clients, statuses,
IDs. Step by step that takes numpy many passes over all lines; a program (`parsers.steps.programs`)
goes through each line once. Where there is no kernel, or there are few lines, the steps are run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Mask
from parsers.compiled.kinds import TOO_LONG, Lines, Program, Signing
from parsers.lines import Spans
from parsers.scanning import Places, Text
from parsers.steps.cursor import UNSHARED, Cursor, Findings, Step, columns_of, read_by
from parsers.steps.message_step import TAIL, MessageStep
from parsers.steps.once import OnceStep, joined, shared
from parsers.steps.programs import is_simple, program_of

#: Columns that have few texts.
_OF_HEADS = frozenset(
    {"level", "module", "pid", "tid", "host", "ident", "syslog_pid", "virtual_host", "server_name"}
)
#: Fewer lines than this are read step by step.
_LEAST_ROWS = 512

#: Gives some of the lines that steps read: int64[k], which.
_LinesAt = Callable[[Places], Lines]


class PeelStep:
    """Steps that are done by one loop where there is a kernel.

    Attributes:
        steps: the steps.
        columns: those of the steps.
    """

    reach = UNSHARED

    def __init__(self, steps: Sequence[Step], message: MessageStep | None = None) -> None:
        """Take the steps, and that of the message if it comes next."""
        self.steps = tuple(steps)
        self.columns = columns_of(self.steps)
        self._message = message
        self._programs: dict[tuple[str, ...], Program] = {}

    def run(self, c: Cursor) -> Mask:
        """Read what all the steps read; the rows on which one of them fails are not read."""
        wanted = tuple(name for name in dict.fromkeys(self.columns) if name in c.found.wanted)
        kernel = c.text.kernel
        if kernel is None or len(c.rows) < _LEAST_ROWS or any(x in c.found.spans for x in wanted):
            return read_by(self.steps, c)
        fine = self._signed(c)
        if fine is None and self.steps:
            fine = self._at_once(c, wanted)
        return read_by(self.steps, c) if fine is None else fine

    def _at_once(self, c: Cursor, wanted: tuple[str, ...]) -> Mask | None:
        """Where the loop finds columns; None if it cannot."""
        assert c.text.kernel is not None
        program = self.program(wanted)
        read = c.text.kernel.peel(c.text.data, _lines(c), program)
        if read is None:
            return None
        columns, c.at, fine = read
        for name, ends in zip(program.columns, columns, strict=True):
            c.found.hold(name, c.rows, Spans(*ends))
        return fine

    def asked(self, found: Findings) -> tuple[str, ...] | None:
        """The columns of which a loop is to tell instead of noting where they stand, or None."""
        wanted = tuple(name for name in dict.fromkeys(self.columns) if name in found.wanted)
        if found.signing is None or not found.signing.columns.keys() >= {*wanted}:
            return None
        if self._message is not None and self._message.is_tail(found.wanted):
            wanted = (*wanted, TAIL)
        return wanted or None

    def _signed(self, c: Cursor) -> Mask | None:
        """What the loop tells of columns, if that is asked for, whose places are found later."""
        assert c.text.kernel is not None
        found = c.found
        wanted = self.asked(found)
        if wanted is None or found.signing is None or len(c.rows) != found.size:
            return None
        program, lines = self.program(wanted), _lines(c)
        read = c.text.kernel.signs(c.text.data, lines, program, found.signing)
        if read is None:
            return None
        signs, c.at, fine, long = read
        self.note(c, program, (signs, long), fine, partial(_some, lines))
        return fine

    def note(
        self,
        c: Cursor,
        program: Program,
        told: tuple[Sequence[tuple[NDArray[Any], ...]], int],
        fine: Mask,
        lines_at: _LinesAt,
    ) -> None:
        """Note what is told of columns, and how many texts are too long for that.

        Args:
            c: the rows.
            program: what found the columns.
            told: what is told of each, and that number.
            fine: bool[n], which rows were read.
            lines_at: gives some of the lines, as the steps read them.
        """
        signs, long = told
        assert c.found.signing is not None
        for name, column in zip(program.columns, signs, strict=True):
            spans = Spans.later(partial(self._stands, c.text, lines_at, fine, name))
            if long:
                _tell_long(c.text.data, column, spans, c.found.signing, name)
            c.found.spans[name], spans.signs = spans, column

    def _stands(
        self, text: Text, lines_at: _LinesAt, fine: Mask, name: str, rows: Places | slice
    ) -> tuple[Places, Places]:
        """Where a column stands on some rows."""
        rows = np.arange(len(fine))[rows]
        found = Findings(len(rows), {name})
        lines = lines_at(rows)
        found.level = lines.levels
        some = Cursor(
            text, found, np.arange(len(rows)), lines.places, lines.ends, is_raw=lines.is_raw
        )  # fmt: skip
        self.run(some)
        if name == TAIL and self._message is not None:
            self._message.run(some)
        spans = found.spans.get(name)
        if spans is None:
            return (nowhere := np.full(len(rows), -1, np.int64)), nowhere
        read = fine[rows]
        return np.where(read, spans.start, -1), np.where(read, spans.end, -1)

    def program(self, wanted: tuple[str, ...]) -> Program:
        """What finds some of the columns, and the tail if that is among them."""
        if wanted not in self._programs:
            steps = ((s.steps if isinstance(s, OnceStep) else (s,)) for s in self.steps)
            message = () if TAIL not in wanted or self._message is None else (self._message,)
            every = chain(chain.from_iterable(steps), message)
            self._programs[wanted] = program_of(tuple(every), wanted)
        return self._programs[wanted]


def _some(lines: Lines, rows: Places) -> Lines:
    """Some of the lines."""
    return Lines(lines.places[rows], lines.ends[rows], lines.is_raw, lines.levels[rows])


def _lines(c: Cursor) -> Lines:
    level = c.found.level
    levels = level if len(c.rows) == len(level) else level.take(c.rows)
    return Lines(c.at, *c.raw_end, levels)


def _tell_long(
    data: NDArray[np.uint8],
    told: tuple[NDArray[Any], ...],
    spans: Spans,
    signing: Signing,
    name: str,
) -> None:
    """Tell of texts that are too long for a loop."""
    rows = np.flatnonzero(told[0] == TOO_LONG)
    if len(rows):
        some = spans.at(rows)
        own = signing.told(signing.columns[name], data, some.start, some.end)
        for column, of_rows in zip(told, own, strict=True):
            column[rows] = of_rows


def peeled(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps, joined as `shared` does, those that programs can do joined to `PeelStep`.

    The first run of steps that equal texts share stays, as far as it tells what has few texts:
    heads come again and again, what is behind them does not.
    """
    out: list[Step] = list(shared(steps))
    begin = next((k for k, step in enumerate(out) if isinstance(step, OnceStep)), -1)
    if begin >= 0 and isinstance(once := out[begin], OnceStep):
        heads, rest = _cut(once)
        out[begin : begin + 1] = [*heads, *rest]
        begin += len(heads)
    behind = out[max(begin, 0) :]
    del out[max(begin, 0) :]
    for simple, group in groupby(behind, _is_simple):
        run = tuple(group)
        out += [PeelStep(run)] if simple else run
    match out:
        case [*_, PeelStep() as last, MessageStep() as message]:
            out[-2] = PeelStep(last.steps, message)
        case [*_, MessageStep() as message]:
            out[-1:] = PeelStep((), message), message
    return tuple(out)


def _cut(once: OnceStep) -> tuple[Sequence[Step], Sequence[Step]]:
    """The steps that tell what has few texts, joined if they are worth it, and the others."""
    for k, step in enumerate(once.steps):
        if not _OF_HEADS.issuperset(step.columns):
            return joined(once.steps[:k]), once.steps[k:]
    return [once], ()


def _is_simple(step: Step) -> bool:
    return all(map(is_simple, step.steps)) if isinstance(step, OnceStep) else is_simple(step)
