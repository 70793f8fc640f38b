r"""Record lines: takes an ErrorLogFormat with `\n` in it, gives the formats of its single lines.

A field that httpd drops takes its line break along, so one format may print records of several
shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from parsers.error_log_format import Directive, ErrorLogFormat, Field, Literal, Part

#: With more droppable fields that break the line only all and none of them are looked at.
_MOST_VARIANTS = 4


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One line of a record.

    Attributes:
        format: its fields, with the text of the whole format.
        is_first: it begins a record.
    """

    format: ErrorLogFormat
    is_first: bool


def record_lines(parsed: ErrorLogFormat) -> list[RecordLine]:
    """The lines that a format prints, those that begin a record first; each kind once."""
    found: dict[tuple[bool, tuple[Field, ...]], RecordLine] = {}
    for fields in _variants(parsed.fields):
        for number, line in enumerate(_lines(fields)):
            one = RecordLine(replace(parsed, fields=tuple(line)), number == 0)
            found.setdefault((one.is_first, one.format.fields), one)
    return sorted(found.values(), key=lambda one: not one.is_first)


def breaks(part: Part) -> bool:
    """Whether a part of a format ends a line, or returns the carriage."""
    return isinstance(part, Literal) and ("\n" in part.text or "\r" in part.text)


def _variants(fields: Sequence[Field]) -> Iterator[list[Field]]:
    """Every choice of the fields that break the line and may be dropped."""
    loose = [k for k, field in enumerate(fields) if any(map(breaks, field.parts)) and _drops(field)]
    chosen: Iterable[tuple[bool, ...]] = product((True, False), repeat=len(loose))
    if len(loose) > _MOST_VARIANTS:
        chosen = ((True,) * len(loose), (False,) * len(loose))
    for present in chosen:
        there = dict(zip(loose, present, strict=True))
        yield [
            _sure(field) if k in there else field
            for k, field in enumerate(fields)
            if there.get(k, True)
        ]


def _drops(field: Field) -> bool:
    has_message = any(isinstance(p, Directive) and p.item.letter == "M" for p in field.parts)
    return not has_message and any(
        isinstance(p, Directive) and (p.min_level or (p.item.optional and not p.hyphen))
        for p in field.parts
    )


def _sure(field: Field) -> Field:
    """A field where it is printed: none of its items was empty."""
    return Field(
        tuple(
            replace(p, required=True, min_level=0) if isinstance(p, Directive) else p
            for p in field.parts
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
