"""Peeling: takes runs of simple steps, has a compiled loop read them on each line in turn.

What stands between the head of a line and its message differs from line to line: clients, statuses,
IDs. Step by step that takes numpy many passes over all lines; a program (`parsers.programs`) goes
through each line once. Where there is no kernel, or there are few lines, the steps are run.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, groupby

from parsers.cursor import UNSHARED, Cursor, Step, columns_of, read_by
from parsers.kinds import Program
from parsers.lines import Spans
from parsers.once import OnceStep, joined, shared
from parsers.programs import is_simple, program_of
from parsers.scanning import Mask

#: Columns that have few texts.
_OF_HEADS = frozenset(
    {"level", "module", "pid", "tid", "host", "ident", "syslog_pid", "virtual_host", "server_name"}
)
#: Fewer lines than this are read step by step.
_LEAST_ROWS = 512


class PeelStep:
    """Steps that are done by one loop where there is a kernel.

    Attributes:
        steps: the steps.
        columns: those of the steps.
    """

    reach = UNSHARED

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)
        self.columns = columns_of(self.steps)
        self._programs: dict[tuple[str, ...], Program] = {}

    def run(self, c: Cursor) -> Mask:
        """Read what all the steps read; the rows on which one of them fails are not read."""
        fine = self._at_once(c)
        return read_by(self.steps, c) if fine is None else fine

    def _at_once(self, c: Cursor) -> Mask | None:
        kernel = c.text.kernel
        if kernel is None or len(c.rows) < _LEAST_ROWS:
            return None
        wanted = tuple(name for name in dict.fromkeys(self.columns) if name in c.found.wanted)
        if any(name in c.found.spans for name in wanted):
            return None
        program = self._program(wanted)
        level = c.found.level
        levels = level if len(c.rows) == len(level) else level.take(c.rows)
        read = kernel.peel(c.text.data, c.at, c.end, levels, program)
        if read is None:
            return None
        columns, c.at, fine = read
        for name, ends in zip(program.columns, columns, strict=True):
            c.found.hold(name, c.rows, Spans(*ends))
        return fine

    def _program(self, wanted: tuple[str, ...]) -> Program:
        if wanted not in self._programs:
            steps = ((s.steps if isinstance(s, OnceStep) else (s,)) for s in self.steps)
            self._programs[wanted] = program_of(tuple(chain.from_iterable(steps)), wanted)
        return self._programs[wanted]


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
    return tuple(out)


def _cut(once: OnceStep) -> tuple[Sequence[Step], Sequence[Step]]:
    """The steps that tell what has few texts, joined if they are worth it, and the others."""
    for k, step in enumerate(once.steps):
        if not _OF_HEADS.issuperset(step.columns):
            return joined(once.steps[:k]), once.steps[k:]
    return [once], ()


def _is_simple(step: Step) -> bool:
    return all(map(is_simple, step.steps)) if isinstance(step, OnceStep) else is_simple(step)
