r"""Record lines: takes an ErrorLogFormat with `\n` in it, gives the formats of its single lines.

A field that httpd drops takes its line break along, so one format may print records of several
shapes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, product

from parsers.classes import dataclass
from parsers.error_log_format.fields import Directive, ErrorLogFormat, Field, Literal, Part

#: With more fields that break the line and may be dropped, only all and none are looked at.
_MOST_VARIANTS = 4

_Line = tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One line of a record.

    Attributes:
        format: its fields, with the text of the whole format.
        is_first: it begins a record, or may begin one.
        goes_on: right behind which others it goes on with a record, by their places in the list.
    """

    format: ErrorLogFormat
    is_first: bool
    goes_on: frozenset[int]


def record_lines(parsed: ErrorLogFormat) -> list[RecordLine]:
    """The lines that a format prints, those that begin a record first; each kind once."""
    first: dict[_Line, None] = {}
    before: dict[_Line, set[_Line]] = {}
    for fields in _variants(parsed.fields):
        lines = [tuple(line) for line in _lines(fields)]
        first.setdefault(lines[0])
        for one, two in pairwise(lines):
            before.setdefault(two, set()).add(one)
    kinds = [*first, *(line for line in before if line not in first)]
    return [
        RecordLine(
            replace(parsed, fields=line), line in first,
            frozenset(map(kinds.index, before.get(line, ()))),
        )
        for line in kinds
    ]  # fmt: skip


def breaks(part: Part) -> bool:
    """Whether a part of a format ends a line, or returns the carriage."""
    return isinstance(part, Literal) and ("\n" in part.text or "\r" in part.text)


def _variants(fields: Sequence[Field]) -> Iterator[list[Field]]:
    """Every way in which httpd may print or drop the fields that break the line."""
    choices = [_choices(field) for field in fields]
    if sum(len(several) > 1 for several in choices) > _MOST_VARIANTS:
        for pick in (0, -1):
            yield [field for several in choices for field in several[pick]]
        return
    for chosen in product(*choices):
        yield [field for several in chosen for field in several]


def _choices(field: Field) -> list[list[Field]]:
    """What httpd may print of one field: first all of it."""
    if not any(map(breaks, field.parts)):
        return [[field]]
    letters = [p.item.letter if isinstance(p, Directive) else "" for p in field.parts]
    if "M" not in letters:
        return [[_sure(field.parts)], []] if _drops(field.parts) else [[field]]
    place = letters.index("M")
    before, message, after = field.parts[:place], field.parts[place], field.parts[place + 1 :]
    rest = (message, *_sure(after).parts)
    choices = [[Field((*before, *rest))]]
    if _drops(before) and any(map(breaks, before)):
        # The message is printed even where its field is dropped.
        choices = [[Field((*_sure(before).parts, *rest))], [Field(rest)]]
    # What is dropped behind the message takes it along.
    return [*choices, []] if _drops(after) else choices


def _drops(parts: Sequence[Part]) -> bool:
    return any(isinstance(p, Directive) and p.may_drop for p in parts)


def _sure(parts: Sequence[Part]) -> Field:
    """A field where it is printed: none of its items was empty."""
    return Field(
        tuple(
            replace(p, required=True, min_level=0) if isinstance(p, Directive) else p for p in parts
        )
    )


def _lines(fields: Sequence[Field]) -> list[list[Field]]:
    """Fields cut at line breaks."""
    lines: list[list[Field]] = [[]]
    for field in fields:
        parts: list[Part] = []
        for part in field.parts:
            if not isinstance(part, Literal):
                parts.append(part)
                continue
            first, *others = part.text.split("\n")
            parts += _literal(part, first)
            for text in others:
                lines[-1] += [Field(tuple(parts))] if parts else []
                lines.append([])
                parts = _literal(part, text)
        lines[-1] += [Field(tuple(parts))] if parts else []
    return [_without_return(line) for line in lines]


def _literal(part: Literal, text: str) -> list[Part]:
    return [replace(part, text=text)] if text else []


def _without_return(line: list[Field]) -> list[Field]:
    """A carriage return at a line's end belongs to no field."""
    if not line or not isinstance(last := line[-1].parts[-1], Literal):
        return line
    parts = (*line[-1].parts[:-1], *_literal(last, last.text.removesuffix("\r")))
    return [*line[:-1], *([Field(parts)] if parts else [])]
