"""Pieces: takes the fields of an ErrorLogFormat, tells what each is made of and which are sure.

httpd drops a field with an item that may be empty as a whole (do_errorlog_format in httpd's
server/log.c).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from parsers.classes import dataclass
from parsers.error_log_format.fields import Directive, ErrorLogFormat, Field, Kind, Literal, Part
from parsers.error_log_format.items import Shape


@dataclass(frozen=True, slots=True)
class Run:
    """Items of `%t` and the literals between them that make one time together, and its place."""

    parts: tuple[str | bytes | None, ...]
    place: int


AnyPiece = bytes | Directive | Run

#: Literals that may stand inside one time: between two `%{…}t`.
_INSIDE_TIMES = frozenset(b"-T:./, _")


def pieces_of(parts: Sequence[Part]) -> list[AnyPiece]:
    """Join neighbouring literals, and the pieces of one time."""
    out: list[AnyPiece] = []
    for part in parts:
        piece: AnyPiece = (
            part.text.encode("utf-8", "surrogateescape") if isinstance(part, Literal) else part
        )
        if isinstance(piece, bytes) and out and isinstance(out[-1], bytes):
            out[-1] += piece
        else:
            out.append(piece)
    return list(_join_times(out))


def _join_times(pieces: list[AnyPiece]) -> Iterator[AnyPiece]:
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        if not (isinstance(piece, Directive) and piece.item.shape is Shape.TIME):
            yield piece
            at += 1
            continue
        run: list[str | bytes | None] = [piece.argument]
        place = piece.at
        at += 1
        while at < len(pieces):
            here, following = pieces[at], pieces[at + 1 : at + 2]
            if isinstance(here, Directive) and here.item.shape is Shape.TIME:
                run.append(here.argument)
                at += 1
            elif (
                isinstance(here, bytes)
                and set(here) <= _INSIDE_TIMES
                and following
                and isinstance(following[0], Directive)
                and following[0].item.shape is Shape.TIME
            ):
                run.extend((here, following[0].argument))
                at += 2
            else:
                break
        # A literal Z right after them is part of the stamp: it goes when UTC comes.
        rest = pieces[at] if at < len(pieces) else b""
        if isinstance(rest, bytes) and rest.startswith(b"Z") and not rest[1:2].isalnum():
            run.append(b"Z")
            pieces[at] = rest[1:]
        yield Run(tuple(run), place)
        if at < len(pieces) and pieces[at] == b"":
            at += 1


def has_message(field: Field) -> bool:
    """Whether the message stands in it."""
    return any(isinstance(p, Directive) and p.item.letter == "M" for p in field.parts)


def is_sure(field: Field) -> bool:
    """Whether httpd never drops the field."""
    return not any(isinstance(p, Directive) and p.may_drop for p in field.parts)


def join_sure(fields: Sequence[Field]) -> list[Field]:
    """Join neighbouring fields that are always there: between them, a space is just a literal."""
    out: list[Field] = []
    last_is_plain = False
    for field in fields:
        plain = is_sure(field) and not has_message(field)
        if plain and last_is_plain:
            out[-1] = Field(out[-1].parts + field.parts)
        else:
            out.append(field)
        last_is_plain = plain
    return out


def never_prints(d: Directive, kind: Kind) -> bool:
    """Whether an item knows nothing of a once-per-… line (its module, level, source, status)."""
    return kind != "main" and not d.item.once


def sure_literals(parsed: ErrorLogFormat) -> list[bytes]:
    """Literals that every line has which this format prints; told sooner than its steps."""
    found: list[bytes] = []
    for field in join_sure(parsed.fields):
        if has_message(field):
            break
        directives = [part for part in field.parts if isinstance(part, Directive)]
        if is_sure(field) and not any(never_prints(one, parsed.kind) for one in directives):
            found += (piece for piece in pieces_of(field.parts) if isinstance(piece, bytes))
    return [literal for literal in found if literal.strip()]
