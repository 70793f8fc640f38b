"""Plans: takes an ErrorLogFormat, gives the steps that read the lines it prints.

A field with an item that may be empty becomes an optional step, because httpd drops such a field
as a whole (do_errorlog_format in httpd's server/log.c). Fields before the message are read from
the left, fields after it from the right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product

import numpy as np

from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.error_log_format.fields import Directive, ErrorLogFormat, Field, Kind, Literal, Part
from parsers.error_log_format.items import Shape, column_of
from parsers.steps.address_steps import AddressStep
from parsers.steps.cursor import Step
from parsers.steps.heading import headed
from parsers.steps.id_fields import before_connection, connections_of
from parsers.steps.item_steps import LevelStep, SourceStep, StatusStep
from parsers.steps.looks import looks_like_address, looks_like_log_id
from parsers.steps.message_step import MessageStep, Suffix, SuffixGroup
from parsers.steps.once import shared
from parsers.steps.peeling import peeled
from parsers.steps.pieces import (
    AnyPiece,
    Run,
    has_message,
    is_sure,
    join_sure,
    never_prints,
    pieces_of,
)
from parsers.steps.steps import (
    BLANK,
    Ahead,
    EndStep,
    HyphenStep,
    LiteralStep,
    NumberStep,
    OptionalStep,
    TextStep,
    TokenStep,
)
from parsers.steps.time_steps import TimeStep, time_step


class Plan:
    """The steps that read one layout.

    Attributes:
        steps: all of them.
    """

    def __init__(self, steps: Sequence[Step], *, whole: bool = False) -> None:
        """Take the steps.

        Stamps need no more than the last indispensable one. A blank behind optional fields tells
        nothing, unless the `whole` line is to be looked at.
        """
        self.steps = tuple(steps)
        self._whole = whole

    @cached_property
    def stamp_steps(self) -> tuple[Step, ...]:
        """Those that tell layout, time and pid; the rest only cut fields of known lines."""
        needed = 0
        for k, step in enumerate(self.steps, 1):
            blank = isinstance(step, LiteralStep) and not step.text.strip()
            sure = self._whole or not (blank or isinstance(step, OptionalStep))
            if (sure and not isinstance(step, MessageStep)) or {"time", "pid"} & {*step.columns}:
                needed = k
        return shared(self.steps[:needed])

    @cached_property
    def field_steps(self) -> tuple[Step, ...]:
        """All of them, joined where equal texts need be read but once."""
        return peeled(self.steps)

    @cached_property
    def signed_steps(self) -> tuple[Step, ...]:
        """The same for who asks what texts are, and not where."""
        return headed(self.field_steps)

    @cached_property
    def first_bytes(self) -> Mask | None:
        """The bytes that a line may begin with: bool[256], or None for any."""
        return _first_bytes(self.steps)


def _first_bytes(steps: Sequence[Step]) -> Mask | None:
    """What the first step must find, where that is one of few bytes."""
    match steps[0] if steps else None:
        case LiteralStep(text=text):
            first = {text[0]}
        case TimeStep(lead=lead) if lead:
            first = {lead[0]}
        case TimeStep(forms=forms) if all(form.first_bytes is not None for form in forms):
            first = {byte for form in forms for byte in form.first_bytes or ()}
        case _:
            return None
    return only(first)


def only(some: Iterable[int]) -> Mask:
    """Which bytes some are: bool[256]."""
    which = np.zeros(256, np.bool_)
    which[list(some)] = True
    return which


def compile_steps(parsed: ErrorLogFormat) -> tuple[Step, ...]:
    """The steps that read a line of this format."""
    steps: list[Step] = []
    fields = join_sure(parsed.fields)
    connections = connections_of(parsed.fields)
    for k, field in enumerate(fields):
        if has_message(field):
            steps.extend(_message_steps(fields, k, parsed.kind))
            return merge(steps)
        found = _field_steps(field.parts, parsed.kind, _tail(fields[k + 1 :]))
        if connections and field in connections:
            other = _field_steps(connections[field].parts, parsed.kind, _OPEN)
            found = [before_connection(found[0], other)]
        steps.extend(found)
    return merge([*steps, EndStep()])


#: What comes after a field, whichever of the next ones are dropped: a text, or nothing, or `_OPEN`.
_Tail = bytes | None
_OPEN = None


def _tail(fields: Sequence[Field]) -> _Tail:
    for field in fields:
        first = field.parts[0]
        if not (isinstance(first, Literal) and first.text.startswith(" ")):
            return _OPEN
        if is_sure(field):
            return first.text.encode("utf-8", "surrogateescape") if field is fields[0] else b" "
    return b" " if fields else b""


def _field_steps(parts: Sequence[Part], kind: Kind, tail: _Tail) -> list[Step]:
    """The steps of one field, as one optional step where httpd may drop it."""
    directives = [p for p in parts if isinstance(p, Directive)]
    if any(never_prints(d, kind) and not d.hyphen for d in directives):
        return []
    steps = _part_steps(parts, kind, tail)
    droppable = [d for d in directives if d.may_drop]
    if not droppable:
        return steps
    return [OptionalStep(merge(steps), max(d.min_level for d in droppable))]


def _part_steps(parts: Sequence[Part], kind: Kind, tail: _Tail) -> list[Step]:
    pieces = pieces_of(parts)
    steps: list[Step] = []
    for k, piece in enumerate(pieces):
        if isinstance(piece, bytes):
            steps.append(LiteralStep(piece))
        elif isinstance(piece, Run):
            steps.append(time_step(*piece.parts, place=piece.place))
        elif never_prints(piece, kind):
            steps.append(LiteralStep(b"-"))
        else:
            steps.append(_item_step(piece, kind, _context(pieces, k, tail)))
    return steps


@dataclass(frozen=True, slots=True)
class _Context:
    """What surrounds an item.

    Attributes:
        bound: the literal that must follow.
        last: nothing follows that literal.
        closed: it stands in brackets or the like, so that nothing else can be meant.
        named: a word or another item of its field stands before it.
    """

    bound: bytes
    last: bool
    closed: bool
    named: bool


def _context(pieces: Sequence[AnyPiece], k: int, tail: _Tail) -> _Context:
    after = pieces[k + 1] if k + 1 < len(pieces) else b""
    bound = after if isinstance(after, bytes) else b""
    before = pieces[k - 1] if k else b""
    closed = bound[:1] not in (b"", b" ") and isinstance(before, bytes) and bool(before.strip())
    at_end = isinstance(after, bytes) and k + 2 >= len(pieces)
    if at_end:
        bound += tail or b""
    named = k > 1 or (isinstance(before, bytes) and re.search(rb"\w", before) is not None)
    return _Context(bound, at_end and tail == b"", closed, named)


def _item_step(d: Directive, kind: Kind, context: _Context) -> Step:
    """The step for one item."""
    bound = context.bound
    column = column_of(d.item, d.argument)
    step: Step
    stop = bound[0] if bound else BLANK
    match d.item.shape:
        case Shape.NUMBER:
            step = NumberStep(column)
        case Shape.LEVEL:
            step = LevelStep(stop)
        case Shape.SOURCE:
            step = SourceStep()
        case Shape.STATUS:
            step = StatusStep(bound)
        case Shape.TEXT:
            step = TextStep(column, bound, to_end=context.last or not bound)
        case Shape.ADDRESS:
            step = _address_step(column, stop, closed=context.closed or kind != "main")
        case Shape.LOG_ID:
            meant = not d.may_drop or (context.closed and context.named)
            step = TokenStep(column, stop, None if meant else looks_like_log_id)
        case _:
            step = TokenStep(column, stop)
    return HyphenStep(step, stop) if d.hyphen else step


def _address_step(column: str, stop: int, *, closed: bool) -> Step:
    if stop == ord(":"):
        return AddressStep(column)
    return TokenStep(column, stop, None if closed else looks_like_address)


def _message_steps(fields: Sequence[Field], k: int, kind: Kind) -> list[Step]:
    """The field with the message and all that follow."""
    field = fields[k]
    place = next(
        i for i, p in enumerate(field.parts) if isinstance(p, Directive) and p.item.letter == "M"
    )
    before, after = field.parts[:place], field.parts[place + 1 :]
    steps = _field_steps(before, kind, _OPEN) if before else []
    if any(isinstance(p, Directive) and p.may_drop for p in after):
        # An empty item behind the message takes the message along.
        steps = [OptionalStep(tuple(steps))] if steps else []
    rest = [Field(after)] if after else []
    return [*steps, MessageStep(tuple(_suffixes(join_sure([*rest, *fields[k + 1 :]]), kind)))]


#: More optional fields than this in one group are tried only all together.
_MOST_OPTIONAL = 3


def _suffixes(fields: Sequence[Field], kind: Kind) -> Iterator[SuffixGroup]:
    """Fields after the message, grouped: a sure one takes the optional ones behind it along."""
    groups: list[list[Field]] = []
    for field in fields:
        if groups and not is_sure(field) and is_sure(groups[-1][0]):
            groups[-1].append(field)
        else:
            groups.append([field])
    for group in groups:
        yield tuple(_ways(group, kind))


def _ways(group: Sequence[Field], kind: Kind) -> Iterator[Suffix]:
    """Every way in which httpd may print a group of fields, the fullest first."""
    first, *others = group
    chosen: Iterable[tuple[bool, ...]] = product((True, False), repeat=len(others))
    if len(others) > _MOST_OPTIONAL:
        chosen = ((True,) * len(others), (False,) * len(others))
    for present in chosen:
        printed = [first, *(f for f, there in zip(others, present, strict=True) if there)]
        steps: list[Step] = []
        for k, field in enumerate(printed):
            found = _field_steps(field.parts, kind, _tail(printed[k + 1 :]))
            for step in found:
                steps.extend(step.steps if isinstance(step, OptionalStep) else [step])
        while len(steps) > 1 and isinstance(steps[0], LiteralStep):
            if not isinstance(following := steps[1], LiteralStep):
                break
            steps[:2] = [LiteralStep(steps[0].text + following.text)]
        if steps and isinstance(anchor := steps[0], LiteralStep):
            yield Suffix(anchor.text, merge(steps[1:]))


def merge(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Join neighbouring literals, drop empty ones, and read those around a time along with it."""
    out: list[Step] = []
    for step in steps:
        last = out[-1] if out else None
        match last, step:
            case _, LiteralStep(text=b""):
                continue
            case LiteralStep(), LiteralStep():
                out[-1] = LiteralStep(last.text + step.text)
            case LiteralStep(), TimeStep():
                out[-1] = step.between(last.text, b"")
            case TimeStep(), LiteralStep():
                out[-1] = last.between(b"", step.text)
            case OptionalStep(), LiteralStep():
                # What looks like the field but is not followed by what is always there is no field.
                out[-1] = OptionalStep((*last.steps, Ahead(step.text)), last.min_level)
                out.append(step)
            case _:
                out.append(step)
    return tuple(out)
