"""Layouts: takes an ErrorLogFormat, or what httpd has built in, gives a way to read its lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from functools import cache, cached_property, partial
from pickle import PicklingError

import numpy as np

from parsers.arrays import Mask
from parsers.bracket_looks import sure_ids
from parsers.error_log_format.directive import parse_directive
from parsers.error_log_format.fields import ErrorLogFormat, parse
from parsers.error_log_format.known import ANY_TIME, KnownFormat
from parsers.error_log_format.record_lines import RecordLine, breaks, record_lines
from parsers.lines import Stamps
from parsers.scanning import Places
from parsers.steps.cursor import Step, columns_of
from parsers.steps.looks import hardly_any_pid
from parsers.steps.message_step import MessageStep
from parsers.steps.pieces import sure_literals
from parsers.steps.plans import Plan, compile_steps, only
from parsers.steps.told_times import telling, told_forms, told_times
from parsers.times.strftime import LETTERS, OPTION_LETTERS

#: A function, and arguments, that make a layout.
Origin = tuple[Callable[..., "Layout"], tuple[object, ...]]
#: The rank of a told format with a time, which is nothing else: what is found reads the rest.
_TOLD = -16


class Layout:
    """One way in which lines are written; compiled when it is first used.

    Attributes:
        name: for people.
        rank: layouts of a lower rank are tried before it: those of a higher one tell less of the
            same lines.
        is_further: its lines go on with a record that a line before them begins.
        goes_on: where its lines may begin a record as well, the layouts right behind whose lines
            they go on with one.
        without_pid: how the same lines are read where what looks like a pid is the message's; or
            None.
        origin: a function and arguments that give it in any process, so that it can be pickled; or
            None.
    """

    is_further = False
    goes_on: tuple[Layout, ...] = ()
    without_pid: Layout | None = None

    def __init__(
        self,
        name: str,
        compile_it: Callable[[], tuple[ErrorLogFormat | None, Plan]],
        rank: int = 0,
        origin: Origin | None = None,
        first: bytes = b"",
        needs: Callable[[], Sequence[bytes]] = tuple,
    ) -> None:
        self.name = name
        self._first = first
        self._needs = needs
        self.origin = origin
        self.rank = rank
        self._compile = compile_it

    def __repr__(self) -> str:
        return f"Layout({self.name!r})"

    def __reduce__(self) -> Origin:
        if self.origin is None:
            raise PicklingError(f"{self!r} was made of a format that was told")
        return self.origin

    @cached_property
    def _compiled(self) -> tuple[ErrorLogFormat | None, Plan]:
        return self._compile()

    @property
    def format(self) -> ErrorLogFormat | None:
        """The directive that prints it, or None for what httpd has built in."""
        return self._compiled[0]

    @property
    def plan(self) -> Plan:
        """The steps that read it."""
        return self._compiled[1]

    @cached_property
    def lacks_year(self) -> bool:
        """Whether its lines may tell times without a year."""
        return any(form.lacks_year for form in told_forms(self.plan.steps))

    @cached_property
    def prints_z(self) -> bool:
        """Whether its format prints a `Z` of its own behind the local time."""
        return any(form.ends_in_local_z for form in told_forms(self.plan.steps))

    @cached_property
    def first_bytes(self) -> Mask | None:
        """The bytes that its lines may begin with, bool[256], or None for any.

        Where that is known before it is compiled, it is not.
        """
        return only(self._first) if self._first else self.plan.first_bytes

    def may_read(self, first: Set[int], text: bytes) -> bool:
        """Whether it may read a line of a text that begins with these; known before compiling."""
        begins = not self._first or not first.isdisjoint(self._first)
        return begins and all(literal in text for literal in self._needs())

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns its lines may fill."""
        names = (name for step in self.plan.steps for name in step.columns)
        return tuple(dict.fromkeys(names))

    @cached_property
    def further(self) -> tuple[Layout, ...]:
        """Layouts of the same lines, each of which tells another time that they have."""
        if self.format is None or sum(d.item.letter == "t" for d in self.format.directives()) < 2:
            return ()
        steps = compile_steps(self.format)
        return tuple(
            Layout(self.name, partial(_telling, self.format, steps, place))
            for place in told_times(steps)[1:]
        )

    def settled(self, stamps: Stamps, rows: Places) -> list[tuple[Layout, Places]]:
        """The very layouts of some lines that it reads, each with its lines, most lines first."""
        if self.without_pid is None or not hardly_any_pid(stamps.pid[rows]):
            return [(self, rows)]
        return [(self.without_pid, rows)]


class Shape(Layout):
    """The layouts of a known format with any option letters for its time."""

    def __init__(self, known: KnownFormat) -> None:
        self._known = known
        super().__init__(
            known.name,
            lambda: _compiled_known(known, _format_of(known)),
            known.rank,
            (known_layout, (known,)),
            known.first,
            lambda: _needs(known),
        )

    def settled(self, stamps: Stamps, rows: Places) -> list[tuple[Layout, Places]]:
        """One layout for each choice of option letters; stamps of errlog go with the rest."""
        widths = (stamps.time_end - stamps.time_start)[rows]
        letters = LETTERS[np.clip(widths, 0, len(LETTERS) - 1), stamps.digits[rows]]
        own, counts = np.unique(letters[letters >= 0], return_counts=True)
        if not len(own):
            own = np.array([_COMPACT[int(stamps.digits[rows[0]])]])
            counts = np.array([len(rows)])
        own = own[np.argsort(-counts, kind="stable")]
        letters = np.where(letters < 0, own[0], letters)
        return [
            (_lettered(self._known, OPTION_LETTERS[k]), rows[letters == k]) for k in own.tolist()
        ]


@cache
def known_layout(known: KnownFormat) -> Layout:
    """The layout of a known format; always the same object."""
    if ANY_TIME in known.directive:
        return Shape(known)
    origin = known_layout, (known,)
    return Layout(
        known.name, lambda: _compiled(_format_of(known)), known.rank, origin, known.first,
        lambda: _needs(known),
    )  # fmt: skip


#: What a log had, by the digits of stamps of which errlog has changed the form.
_COMPACT = {n: OPTION_LETTERS.index(letters) for n, letters in ((6, "cu"), (3, "cm"), (0, "c"))}


@cache
def _lettered(known: KnownFormat, letters: str) -> Layout:
    """A known format with certain option letters; always the same object."""
    directive = known.directive.replace(ANY_TIME, f"%{{{letters}}}t" if letters else "%t")
    return Layout(
        known.name_with(letters),
        lambda: _compiled_known(known, parse(directive, known.kind)),
        known.rank,
        (_lettered, (known, letters)),
    )


@cache
def _format_of(known: KnownFormat) -> ErrorLogFormat:
    return parse(known.directive, known.kind)


def _needs(known: KnownFormat) -> Sequence[bytes]:
    return () if known.bare_ids else sure_literals(_format_of(known))  # as `sure_ids` changes those


def _compiled(parsed: ErrorLogFormat, *, whole: bool = False) -> tuple[ErrorLogFormat, Plan]:
    steps = compile_steps(parsed)
    times = told_times(steps)
    return parsed, Plan(telling(steps, times[0]) if times else steps, whole=whole)


def _compiled_known(known: KnownFormat, parsed: ErrorLogFormat) -> tuple[ErrorLogFormat, Plan]:
    if not known.bare_ids:
        return _compiled(parsed)
    return parsed, Plan(sure_ids(compile_steps(parsed)))


def _telling(
    parsed: ErrorLogFormat, steps: Sequence[Step], place: int
) -> tuple[ErrorLogFormat, Plan]:
    return parsed, Plan(telling(steps, place))


def compile_layout(error_log_format: str | ErrorLogFormat) -> Layout:
    """The layout of the lines that an ErrorLogFormat prints, which are whole records.

    It takes the format parsed, or as `parse_directive` does.

    Raises:
        FormatError: httpd refuses the format.
    """
    if isinstance(error_log_format, str):
        error_log_format = parse_directive(error_log_format)
    compiled = _compiled(error_log_format)
    rank = _TOLD if "time" in columns_of(compiled[1].steps) else 0
    return Layout(error_log_format.text, lambda: compiled, rank)


def compile_layouts(error_log_format: str | ErrorLogFormat) -> list[Layout]:
    """The layouts of the lines of a format, which may print several lines for a record.

    Raises:
        FormatError: httpd refuses the format.
    """
    if isinstance(error_log_format, str):
        error_log_format = parse_directive(error_log_format)
    if not any(breaks(part) for field in error_log_format.fields for part in field.parts):
        return [compile_layout(error_log_format)]
    lines = record_lines(error_log_format)
    layouts = [_of_record_line(line) for line in lines]
    for line, layout in zip(lines, layouts, strict=True):
        if line.is_first:
            layout.goes_on = tuple(layouts[place] for place in line.goes_on)
    return layouts


def _of_record_line(line: RecordLine) -> Layout:
    compiled = _compiled(line.format, whole=True)
    steps = compiled[1].steps
    # What reads any line comes last of all; what begins a record before what goes on with one.
    rank = 3 if isinstance(steps[0], MessageStep) else int(not line.is_first)
    if "time" in columns_of(steps):
        rank = _TOLD
    told = "" if line.is_first else ", further line"
    layout = Layout(line.format.text + told, lambda: compiled, rank)
    layout.is_further = not line.is_first
    return layout
