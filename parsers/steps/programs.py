"""Programs: takes simple steps, gives what `peel` in `texts.wat` does instead of them.

A program finds on each line exactly what the steps find, which stay what says how lines are read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import IntEnum

import numpy as np

from parsers.compiled.kinds import INSTRUCTION, KEPT, NOT_NOTED, Program
from parsers.steps.cursor import Step
from parsers.steps.id_fields import StepsAhead
from parsers.steps.item_steps import (
    LONGEST_STATUS_NUMBER,
    STATUS_KINDS,
    ClientStep,
    SourceStep,
    StatusStep,
)
from parsers.steps.looks import LOG_ID_LENGTHS, looks_like_address, looks_like_log_id
from parsers.steps.message_step import TAIL, MessageStep
from parsers.steps.steps import (
    BLANK,
    Ahead,
    Check,
    HyphenStep,
    LiteralStep,
    NumberStep,
    OptionalStep,
    TextStep,
    TokenStep,
)

#: Bytes of a literal that are compared at once.
_WIDTH = 16
#: How far tokens, names of sources and numbers are read (`Text.token_end`, `Text.digits_end`).
_TOKEN, _NAME, _NUMBER = 256, 128, 32
#: Fewer bytes than any text has, also one that ends before it begins.
_ANY = -(1 << 31)
#: Among what is kept: what a column says that was not noted.
_NOWHERE = NOT_NOTED // KEPT


class _Do(IntEnum):
    """What an instruction does, in the order in which `texts.wat` has it."""

    END = 0
    LITERAL = 1
    EITHER = 2
    TOKEN = 3
    DIGITS = 4
    FIND = 5
    REST = 6
    LEVEL = 7
    ABOVE = 8
    HYPHEN = 9
    BACK = 10
    NOTE = 11
    KEEP = 12
    RESTORE = 13
    GO = 14
    ADDRESS = 15
    LOG_ID = 16
    HERE = 17


#: What looks closer at a token, and what that is told.
_CHECKS: Mapping[Check | None, tuple[_Do, bytes]] = {
    looks_like_address: (_Do.ADDRESS, b""),
    looks_like_log_id: (
        _Do.LOG_ID,
        sum(1 << size for size in LOG_ID_LENGTHS).to_bytes(8, "little"),
    ),
}


class _Label:
    """A place in a program, told later."""

    at = 0


#: Where a line goes that is not read.
_UNREAD = _Label()


class _Writer:
    """A program in the making.

    Attributes:
        columns: those that are noted, in order.
    """

    def __init__(self, wanted: Collection[str]) -> None:
        self._wanted = wanted
        self.columns: list[str] = []
        self._rows: list[np.ndarray[tuple[int, ...], np.dtype[np.void]]] = []
        self._fails: list[_Label] = []
        self._undoings: list[Callable[[], None]] = []
        self._kept = _NOWHERE + 1
        self._here = -1

    def program(self, steps: Sequence[Step]) -> Program:
        """What the steps do."""
        self._steps(steps, _UNREAD)
        self._add(_Do.END)
        for undo in self._undoings:
            undo()
        for row, label in zip(self._rows, self._fails, strict=True):
            row["fail"] = label.at * INSTRUCTION.itemsize
        return Program(np.concatenate(self._rows), tuple(self.columns), self._kept)

    def _add(
        self,
        do: _Do,
        fail: _Label = _UNREAD,
        *,
        literal: bytes = b"",
        mask: bytes = b"",
        column: str = "",
        **numbers: int,
    ) -> None:
        row = np.zeros(1, INSTRUCTION)
        row["do"] = do
        row["literal"][0, : len(literal)] = list(literal)
        row["mask"][0, : len(mask)] = list(mask)
        row["column"] = self._column(column)
        for name, number in numbers.items():
            row[name] = number
        self._rows.append(row)
        self._fails.append(fail)

    def _column(self, name: str) -> int:
        if name not in self._wanted:
            return 0
        if name not in self.columns:
            self.columns.append(name)
        return 1 + self.columns.index(name)

    def _keep(self) -> int:
        """The number under which the place before the next instruction is kept."""
        if self._here != len(self._rows):
            self._add(_Do.HERE, look=KEPT * self._kept)
            self._kept += 1
            self._here = len(self._rows)
        return int(self._rows[-1]["look"][0]) // KEPT

    def _place(self, label: _Label) -> None:
        label.at, self._here = len(self._rows), -1

    def _steps(self, steps: Sequence[Step], fail: _Label) -> None:
        for step in steps:
            self._step(step, fail)

    def _step(self, step: Step, fail: _Label) -> None:
        match step:
            case LiteralStep(text):
                for at in range(0, len(text), _WIDTH):
                    self._literal(text[at : at + _WIDTH], fail)
            case Ahead(text):
                self._literal(text, fail, moves=False)
            case StepsAhead(steps):
                kept = self._keep()
                self._steps(steps, fail)
                self._add(_Do.BACK, look=KEPT * kept)
            case TokenStep(column, stop, check, may_be_empty):
                begin = _NOWHERE if check is None else self._keep()
                self._token(stop, _TOKEN, fail, column, least=0 if may_be_empty else 1)
                if check is not None:
                    do, told = _CHECKS[check]
                    self._add(do, fail, look=KEPT * begin, literal=told)
            case NumberStep(column):
                self._add(_Do.DIGITS, fail, count=_NUMBER, column=column)
            case TextStep(column, until, own=own):
                begin = self._keep()
                self._until(until, fail)
                self._noted(begin, column, end=own)
            case HyphenStep():
                self._hyphen(step, fail)
            case OptionalStep():
                self._optional(step)
            case ClientStep():
                self._client(fail)
            case SourceStep():
                self._source(fail)
            case StatusStep(until):
                self._status(until, fail)
            case MessageStep():
                self._add(_Do.REST, fail, least=_ANY, column=TAIL)
            case _:
                raise TypeError(step)

    def _literal(self, text: bytes, fail: _Label, *, moves: bool = True) -> None:
        mask = b"\xff" * len(text)
        self._add(_Do.LITERAL, fail, literal=text, mask=mask, count=len(text) if moves else 0)

    def _token(
        self, stop: int, most: int, fail: _Label, column: str = "", *, least: int = 1
    ) -> None:
        mask = bytes([stop]) * _WIDTH
        self._add(_Do.TOKEN, fail, mask=mask, count=most, least=least, column=column)

    def _until(self, literal: bytes, fail: _Label, column: str = "") -> None:
        mask = b"\xff" * len(literal)
        self._add(
            _Do.FIND, fail, literal=literal, mask=mask, count=len(literal), least=1, column=column
        )

    def _noted(self, kept: int, column: str, *, begin: int = 0, end: int = 0) -> None:
        """Note from a place kept to here, or so many bytes off."""
        if column in self._wanted:
            self._add(_Do.NOTE, look=KEPT * kept, column=column, count=begin, least=end)

    def _hyphen(self, step: HyphenStep, fail: _Label) -> None:
        inner, behind = step.step, _Label()
        if not (
            isinstance(inner, TokenStep) and not inner.check and inner.column not in self._wanted
        ):
            self._add(_Do.HYPHEN, behind, byte=step.after)
        self._step(inner, fail)
        self._place(behind)

    def _optional(self, step: OptionalStep) -> None:
        missed, behind = _Label(), _Label()
        if step.min_level:
            self._add(_Do.LEVEL, behind, byte=step.min_level)
        columns = {name: _NOWHERE for name in step.columns if name in self._wanted}
        for name in columns:
            if name in self.columns:
                columns[name] = self._kept
                self._kept += 1
                self._add(_Do.KEEP, column=name, look=KEPT * columns[name])
        if isinstance(step.steps[0], StatusStep):  # most lines have none: there is nothing to keep
            self._literal(b"(", behind, moves=False)
        kept, first = self._keep(), len(self._rows)
        self._steps(step.steps, missed)
        if self._fails[first] is missed and self._rows[first]["do"] in (_Do.LITERAL, _Do.EITHER):
            self._fails[first] = behind  # nothing to undo
        self._place(behind)

        def undo() -> None:
            self._place(missed)
            self._add(_Do.BACK, look=KEPT * kept)
            for name, before in columns.items():
                self._add(_Do.RESTORE, column=name, look=KEPT * before)
            self._add(_Do.GO, behind)

        # Behind the end: lines that have it go on without being sent around that.
        self._undoings.append(undo)

    def _client(self, fail: _Label) -> None:
        begin = self._keep() if "client_marker" in self._wanted else _NOWHERE
        self._add(_Do.EITHER, fail, literal=b"[client ", mask=b"[remote ")
        self._noted(begin, "client_marker", begin=1, end=-1)
        self._token(ord("]"), _TOKEN, fail, "client")

    def _source(self, fail: _Label) -> None:
        begin = self._keep() if "source" in self._wanted else _NOWHERE
        self._token(ord("("), _NAME, fail)
        self._literal(b"(", fail)
        self._add(_Do.DIGITS, fail, count=_NUMBER)
        self._literal(b")", fail)
        self._noted(begin, "source")

    def _status(self, until: bytes, fail: _Label) -> None:
        begin, numbered = self._keep(), _Label()
        self._literal(b"(", fail, moves=False)
        for kind in STATUS_KINDS:
            other = _Label()
            self._literal(kind, other)
            if kind.endswith(b"x"):
                self._token(ord(")"), LONGEST_STATUS_NUMBER, other)
            else:
                self._add(_Do.DIGITS, other, count=LONGEST_STATUS_NUMBER)
            self._literal(b")", other)
            self._add(_Do.GO, numbered)
            self._place(other)
            self._add(_Do.BACK, look=KEPT * begin)
        self._add(_Do.GO, fail)
        self._place(numbered)
        self._add(_Do.ABOVE, fail, byte=BLANK)
        if until:
            self._until(until, fail)
        else:
            self._add(_Do.REST, fail, least=1)
        self._noted(begin, "status")


def program_of(steps: Sequence[Step], wanted: Collection[str]) -> Program:
    """What finds the wanted columns of some steps, each of which `is_simple`.

    The last one may be a message of which nothing but its tail is wanted.
    """
    return _Writer(wanted).program(steps)


#: Finds the whole text between two places.
WHOLE = program_of((MessageStep(),), (TAIL,))


def is_simple(step: Step) -> bool:
    """Whether programs can do a step."""
    match step:
        case HyphenStep(inner):
            return is_simple(inner)
        case OptionalStep(steps) | StepsAhead(steps):
            return all(map(is_simple, steps))
        case TokenStep(check=check):
            return check is None or check in _CHECKS
        case NumberStep(column):
            return column != "pid"  # its value counts
        case TextStep(until=until, to_end=to_end):
            return not to_end and 0 < len(until) <= _WIDTH
        case Ahead(text) | StatusStep(text):
            return len(text) <= _WIDTH
        case _:
            return isinstance(step, LiteralStep | ClientStep | SourceStep)
