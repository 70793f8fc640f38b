r"""LogFormat: takes a LogFormat directive's text, gives the pieces its lines are made of.

The grammar is mod_log_config's (modules/loggers/mod_log_config.c: parse_log_item,
parse_log_misc_string): `%`, then any of `!`, `<`, `>`, `,`, status numbers and `{argument}`, then
the item; `\n`, `\r`, `\t` and a doubled backslash in literals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise

from parsers.classes import dataclass

#: What a `CustomLog` without a format and without any `LogFormat` writes (DEFAULT_LOG_FORMAT).
COMMON = '%h %l %u %t "%r" %>s %b'

#: Items httpd 2.4 has: mod_log_config's, mod_logio's I O S, mod_ssl's x and c.
_ITEMS = frozenset("haAlutfbBinoLeVvpPHmqXCkrDTUsRIOSxc")
_LONG_ITEMS = ("^ti", "^to", "^FB")
_ITEM = re.compile(rb"%(?:[!<>,]|\d+|\{([^}]*)\}+)*(\^..|.)?", re.DOTALL)
_ESCAPES = {b"\\\\": b"\\", b"\\n": b"\n", b"\\r": b"\r", b"\\t": b"\t"}
_ESCAPE = re.compile(rb"\\[\\nrt]")

#: (item, argument) → the column it fills; an argument of None stands for any.
_COLUMNS: dict[tuple[str, str | None], str] = {
    ("a", ""): "client",
    ("h", ""): "host",
    ("a", "c"): "peer",
    ("h", "c"): "peer",
    ("p", "remote"): "port",
    ("r", ""): "request",
    ("m", ""): "method",
    ("U", ""): "path",
    ("q", ""): "query",
    ("s", ""): "status",
    ("L", ""): "log_id",
    ("D", ""): "duration_us",
    ("T", ""): "duration_s",
    ("T", "s"): "duration_s",
    ("T", "ms"): "duration_ms",
    ("T", "us"): "duration_us",
    ("P", ""): "pid",
    ("P", "pid"): "pid",
}
#: `%{argument}t` that is no strftime → the column it fills and its width, None where it varies.
_TIMES: dict[str, tuple[str, int | None]] = {
    "sec": ("epoch_s", None),
    "msec": ("epoch_ms", None),
    "usec": ("epoch_us", None),
    "msec_frac": ("fraction_ms", 3),
    "usec_frac": ("fraction_us", 6),
}
#: strftime conversion → the column it fills and its width. The C locale's: httpd sets no other.
_CONVERSIONS: dict[str, tuple[str, int | None]] = {
    "Y": ("year", 4),
    "m": ("month", 2),
    "b": ("month_name", 3),
    "h": ("month_name", 3),
    "d": ("day", 2),
    "H": ("hour", 2),
    "M": ("minute", 2),
    "S": ("second", 2),
    "z": ("offset", 5),
    "s": ("epoch_s", None),
    "a": ("", 3),
    "j": ("", 3),
    "u": ("", 1),
    "Z": ("", None),
    "A": ("", None),
}
#: Columns of a request's parts, which may run together with other fields; those are not known then.
_PARTS = ("", "method", "path", "query")
_SHORTHANDS = {"T": "%H:%M:%S", "F": "%Y-%m-%d", "R": "%H:%M", "n": "\n", "t": "\t", "%": "%%"}


class LogFormatError(ValueError):
    """A LogFormat that httpd refuses or that cannot be read back."""

    def __init__(self, reason: str, log_format: str, at: int) -> None:
        super().__init__(f"{reason}\n  {log_format}\n  {' ' * at}^")


class Kind(Enum):
    """How a piece of a line is read."""

    LITERAL = "literal"
    FIELD = "field"
    CLF = "clf"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a line.

    Attributes:
        kind: LITERAL, FIELD, or CLF for the bracketed time of `%t`.
        literal: its text, for a LITERAL.
        column: the column it fills, or empty for a field that is read over.
        width: its bytes, or None where they vary.
        at: where in the directive it begins.
    """

    kind: Kind
    literal: bytes = b""
    column: str = ""
    width: int | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class LogFormat:
    """A compiled LogFormat.

    Attributes:
        text: the directive's text, without the quotes round it.
        pieces: what a line is made of.
        stamped_at_end: its only times are `%{end:…}t`, the moment the response was sent.
    """

    text: str
    pieces: tuple[Piece, ...]
    stamped_at_end: bool = False

    @classmethod
    def compile(cls, text: str) -> LogFormat:
        """Compile a directive's text.

        Raises:
            LogFormatError: httpd refuses it, or two of its items run together.
        """
        begun, ended = [], []
        for piece, at_end in _pieces(text):
            begun.append(_read_over(piece) if at_end else piece)
            ended.append(piece)
        stamped_at_end = not _has_time(begun) and _has_time(ended)
        pieces = _joined(ended if stamped_at_end else begun)
        _refuse_run_together(pieces, text)
        return cls(text, tuple(pieces), stamped_at_end)


def _read_over(piece: Piece) -> Piece:
    kind = Kind.LITERAL if piece.kind is Kind.LITERAL else Kind.FIELD
    return Piece(kind, piece.literal, width=piece.width, at=piece.at)


def _has_time(pieces: list[Piece]) -> bool:
    return any(piece.kind is Kind.CLF or piece.column in _ALL_TIMES for piece in pieces)


_ALL_TIMES = frozenset(column for column, _ in (*_TIMES.values(), *_CONVERSIONS.values()) if column)


def _pieces(text: str) -> Iterator[tuple[Piece, bool]]:
    """The pieces of a directive, and whether each is a time taken at the request's end."""
    raw = text.encode("utf-8", "surrogateescape")
    at = 0
    while at < len(raw):
        if raw[at] != ord("%"):
            stop = raw.find(b"%", at)
            stop = len(raw) if stop < 0 else stop
            literal = _ESCAPE.sub(lambda found: _ESCAPES[found[0]], raw[at:stop])
            yield Piece(Kind.LITERAL, literal, at=at), False
            at = stop
            continue
        if raw[at : at + 2] == b"%%":
            yield Piece(Kind.LITERAL, b"%", at=at), False
            at += 2
            continue
        found = _ITEM.match(raw, at)
        item = (found[2] or b"").decode("latin-1") if found else ""
        if not found or not item or item == "{":
            raise LogFormatError(
                "Ran off end of LogFormat parsing args to some directive", text, at
            )
        if item not in _ITEMS and item not in _LONG_ITEMS:
            raise LogFormatError(f"Unrecognized LogFormat directive %{item[0]}", text, at)
        argument = (found[1] or b"").decode("utf-8", "replace")
        if item == "t":
            yield from _time_pieces(argument, text, at)
        else:
            yield _item_piece(item, argument, at), False
        at = found.end()


def _item_piece(item: str, argument: str, at: int) -> Piece:
    return Piece(Kind.FIELD, column=_COLUMNS.get((item, argument), ""), at=at)


def _time_pieces(argument: str, text: str, at: int) -> Iterator[tuple[Piece, bool]]:
    when, colon, rest = argument.partition(":")
    at_end = False
    if when in ("begin", "end") and (colon or argument == when):
        at_end, argument = when == "end", rest
    if not argument:
        yield Piece(Kind.CLF, width=28, at=at), at_end  # log_request_time, mod_log_config.c
        return
    if argument in _TIMES:
        column, width = _TIMES[argument]
        yield Piece(Kind.FIELD, column=column, width=width, at=at), at_end
        return
    for part in _strftime_pieces(argument, text, at):
        yield part, at_end


def _strftime_pieces(argument: str, text: str, at: int) -> Iterator[Piece]:
    spelled = re.sub(r"%([TFRnt%])", lambda found: _SHORTHANDS[found[1]], argument)
    for conversion, literal in re.findall(r"%(.?)|([^%]+)", spelled, re.DOTALL):
        if literal:
            yield Piece(Kind.LITERAL, literal.encode("utf-8", "surrogateescape"), at=at)
        elif conversion == "%":
            yield Piece(Kind.LITERAL, b"%", at=at)
        elif conversion in _CONVERSIONS:
            column, width = _CONVERSIONS[conversion]
            yield Piece(Kind.FIELD, column=column, width=width, at=at)
        else:
            raise LogFormatError(
                f"the time's conversion %{conversion} cannot be read back", text, at
            )


def _joined(pieces: list[Piece]) -> list[Piece]:
    """The pieces with literals that touch made one, and fields that are read over.

    A query behind its path (`%U%q`) belongs to it.
    """
    joined: list[Piece] = []
    for piece in pieces:
        if joined and _may_join(piece) and _may_join(joined[-1]):
            last = joined.pop()
            column = "path" if (last.column, piece.column) == ("path", "query") else ""
            piece = Piece(Kind.FIELD, column=column, at=last.at)
        if joined and piece.kind is joined[-1].kind is Kind.LITERAL:
            last = joined.pop()
            piece = Piece(Kind.LITERAL, last.literal + piece.literal, at=last.at)
        joined.append(piece)
    return joined


def _may_join(piece: Piece) -> bool:
    return piece.kind is Kind.FIELD and piece.column in _PARTS and piece.width is None


def _refuse_run_together(pieces: list[Piece], text: str) -> None:
    for piece, following in pairwise(pieces):
        if piece.width is None and Kind.LITERAL not in (piece.kind, following.kind):
            raise LogFormatError(
                "two items run together: nothing stands between them to tell them apart",
                text,
                following.at,
            )
