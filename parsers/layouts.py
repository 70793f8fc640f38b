"""Layouts: takes an ErrorLogFormat, or what httpd has built in, gives a way to read its lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from functools import cache, cached_property, partial
from pickle import PicklingError

import numpy as np

from parsers.bracket_looks import sure_ids
from parsers.error_log_format.directive import parse_directive
from parsers.error_log_format.fields import ErrorLogFormat, parse
from parsers.error_log_format.known import ANY_TIME, KNOWN_FORMATS, KnownFormat
from parsers.error_log_format.record_lines import RecordLine, breaks, record_lines
from parsers.lines import Stamps
from parsers.scanning import Mask, Places
from parsers.steps.cursor import Step, columns_of
from parsers.steps.item_steps import (
    ClientStep,
    LevelStep,
    NoZoneAhead,
    PidAhead,
    SourceStep,
    StatusStep,
    TagAhead,
    WordEnds,
)
from parsers.steps.looks import hardly_any_pid
from parsers.steps.message_step import MessageStep, Suffix
from parsers.steps.pieces import sure_literals
from parsers.steps.plans import Plan, compile_steps, merge, only
from parsers.steps.steps import (
    LiteralStep,
    NumberStep,
    OptionalStep,
    TextStep,
    TokenStep,
)
from parsers.steps.time_steps import TimeStep, time_step
from parsers.steps.told_times import telling, told_forms, told_times
from parsers.steps.wrappers import HeadStep
from parsers.times.strftime import ANY, LETTERS, OPTION_LETTERS, RFC_3339_TIMES, SYSLOG_TIMES

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
        origin: a function and arguments that give it in any process, so that it can be pickled; or
            None.
    """

    is_further = False
    goes_on: tuple[Layout, ...] = ()

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
        few = self in WITHOUT_PID and hardly_any_pid(stamps.pid[rows])
        return [(WITHOUT_PID[self] if few else self, rows)]


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


def _lit(text: str) -> LiteralStep:
    return LiteralStep(text.encode())


#: Fields that httpd 2.4 prints without a directive, in order (log.c do_errorlog_default).
_SOURCE = OptionalStep((SourceStep(), _lit(": ")), min_level=7)
_STATUS = OptionalStep((StatusStep(b": "), _lit(": ")))
_CLIENT = OptionalStep((ClientStep(), _lit("] ")))
_BLANK = OptionalStep((_lit(" "),))
_REFERER = (Suffix(b", referer: ", (TextStep("referer", b"", to_end=True),)),)
_MESSAGE = MessageStep((_REFERER,))
_MODULE_LEVEL: tuple[Step, ...] = (
    TokenStep("module", ord(":"), may_be_empty=True), _lit(":"), LevelStep(),
)  # fmt: skip
_PROCESS: tuple[Step, ...] = (
    _lit("[pid "), NumberStep("pid"), OptionalStep((_lit(":tid "), NumberStep("tid"))), _lit("]"),
)  # fmt: skip


_named: dict[str, Layout] = {}


def _built_in(name: str, *steps: Step, rank: int = 0) -> Layout:
    _named[name] = Layout(name, lambda: (None, Plan(merge(steps))), rank, (_of_name, (name,)))
    return _named[name]


def _of_name(name: str) -> Layout:
    return _named[name]


HTTPD_24 = _built_in(
    "httpd 2.4 built-in",
    _lit("["), time_step("u"), _lit("] ["), *_MODULE_LEVEL, _lit("] "), *_PROCESS,
    _BLANK, _SOURCE, _STATUS, _CLIENT, _MESSAGE,
)  # fmt: skip
#: Seen in logs that went through many hands. The manual's format would take the thread's number
#: for the beginning of the message: there, an unclosed bracket is what is left without a thread.
HTTPD_24_UNCLOSED = _built_in(
    "httpd 2.4 built-in, a bracket lost",
    _lit("["), time_step("u"), _lit("] ["), *_MODULE_LEVEL, _lit("] [pid "), NumberStep("pid"),
    _lit(":tid "), NumberStep("tid"), _lit(" "), *_CLIENT.steps, _MESSAGE,
)  # fmt: skip
HTTPD_24_SYSLOG = _built_in(
    "httpd 2.4 built-in, to syslog",
    _lit("["), *_MODULE_LEVEL, _lit("] "), *_PROCESS, _BLANK, _SOURCE, _STATUS, _CLIENT, _MESSAGE,
)  # fmt: skip
#: log_error_core of 2.0 and 2.2: source, client, status, in another order than 2.4's. 1.3 pads
#: the day with a space, which the form of `%t` reads as well.
_REST_22 = (LevelStep(), _lit("]"), _BLANK, _SOURCE, _STATUS, _CLIENT, _STATUS, _MESSAGE)
HTTPD_22 = _built_in(
    "httpd 2.2, 2.0 or 1.3 built-in", _lit("["), time_step(""), _lit("] ["), *_REST_22, rank=1
)
HTTPD_22_SYSLOG = _built_in("httpd 2.2 built-in, to syslog", _lit("["), *_REST_22, rank=1)
#: While it starts, httpd 2.4 writes bare messages (APLOG_STARTUP), which have a tag.
START_UP = _built_in("httpd 2.4 at start-up", _STATUS, TagAhead(), _MESSAGE, rank=1)
#: What is left of a line whose head was lost, by a wrapper around the log or on paper.
HEADLESS = _built_in(
    "httpd 2.4 without a head", OptionalStep((_lit("  "),)), _STATUS, *_CLIENT.steps, _MESSAGE,
    rank=1,
)  # fmt: skip


_HOST = _lit(" "), TokenStep("host"), _lit(" ")
_IDENT = *_HOST, TokenStep("ident", ord("[")), _lit("["), NumberStep("syslog_pid"), _lit("]: [")
_SYSLOG_HEADS: tuple[tuple[str, tuple[Step, ...]], ...] = (
    ("", (TimeStep(SYSLOG_TIMES), *_IDENT)),
    (", RFC 3339", (TimeStep(RFC_3339_TIMES), *_IDENT)),
    (", RFC 5424", (
        _lit("<"), NumberStep("priority"), _lit(">1 "), TimeStep(RFC_3339_TIMES), *_HOST,
        TokenStep("ident"), _lit(" "), TokenStep("syslog_pid"), _lit(" "),
        TokenStep("message_id"), _lit(" - ["),
    )),
)  # fmt: skip
#: Lines that syslog wrote to a file: its own head, then httpd's without the time.
SYSLOG = tuple(
    _built_in(f"httpd 2.4 through syslog{name}", *head, *HTTPD_24_SYSLOG.plan.steps[1:])
    for name, head in _SYSLOG_HEADS
)
#: A format whose first item is not known, such as `[${VAR}] [%t] [%l] …`.
PREFIXED = _built_in(
    "like 2.2 behind something else", _lit("["), TokenStep("prefix", ord("]")), _lit("] ["),
    time_step(ANY), _lit("] ["), *_REST_22, rank=1,
)  # fmt: skip


def _makeshift(name: str, lead: bytes, *pid: Step) -> Layout:
    """A time at the head of a line, the pid where there seems to be one, and the rest."""
    time = time_step(ANY).between(lead, b"")
    closed = (OptionalStep((_lit("] "),)),) if lead else ()
    return _built_in(name, time, WordEnds(), NoZoneAhead(), *pid, *closed, MessageStep(), rank=2)


#: So that no stamp is missed merely because what follows it is unknown.
BRACKETED_TIME = _makeshift("a time in brackets, then anything", b"[", PidAhead())
#: Not only Apache begins a line so: see `detect`.
BARE_TIME = _makeshift("a time, then anything", b"", PidAhead())
#: A time behind a first bracket. No log is read by it: it finds the heads that tell a format.
TIME_BEHIND_BRACKET = _built_in(
    "a time behind something in brackets, then anything", _lit("["), TokenStep("prefix", ord("]")),
    time_step(ANY).between(b"] [", b"]"), MessageStep(), rank=2,
)  # fmt: skip
#: As the makeshifts where what looks like a pid is the message's, which anybody may write.
WITHOUT_PID = {
    BRACKETED_TIME: _makeshift("a time in brackets, then the message", b"["),
    BARE_TIME: _makeshift("a time, then the message", b""),
}

BEHIND = ", behind another program's head"
#: Behind what containers, journals and syslog daemons write before a line.
WRAPPED = tuple(
    _built_in(f"{name}{BEHIND}", HeadStep(), *layout.plan.steps, rank=rank)
    for name, layout, rank in (
        ("httpd 2.4 built-in", HTTPD_24, 1),
        ("httpd 2.2 built-in", HTTPD_22, 1),
        (BRACKETED_TIME.name, BRACKETED_TIME, 2),
    )
)

BUILT_IN: tuple[Layout, ...] = (
    HTTPD_24, HTTPD_24_UNCLOSED, HTTPD_22, HTTPD_24_SYSLOG, HTTPD_22_SYSLOG, *SYSLOG,
    *map(known_layout, KNOWN_FORMATS),
    PREFIXED, START_UP, HEADLESS, BRACKETED_TIME, *WRAPPED,
)  # fmt: skip
