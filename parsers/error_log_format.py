"""ErrorLogFormat: takes the directive's text, gives its fields and items as httpd reads them.

A port of parse_errorlog_string, parse_errorlog_item and parse_errorlog_misc_string of httpd's
server/core.c; refuses what httpd refuses, in httpd's words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOf

from parsers.items import ITEMS, Item

Kind = OneOf["main", "request", "connection"]

_HIGHEST_LEVEL = 15
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class FormatError(ValueError):
    """httpd refuses this ErrorLogFormat.

    Attributes:
        reason: httpd's own words.
        text: the format.
        at: index in `text` of the place that is wrong.
    """

    def __init__(self, reason: str, text: str, at: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.text = text
        self.at = at

    def __str__(self) -> str:
        return f"{self.reason}\n  {self.text}\n  {' ' * self.at}^"


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that is printed as it stands.

    Attributes:
        text: after unescaping.
        at, end: where it stands in the format.
    """

    text: str
    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Directive:
    """One % item with its modifiers.

    Attributes:
        item: the row of the table of items.
        argument: what stands in braces, or None.
        required: `+`, the line is not written when the item is empty.
        hyphen: `-`, a `-` is printed when the item is empty.
        min_level: print only in messages of this level number or higher (less severe).
        at, end: where it stands in the format.
    """

    item: Item
    argument: str | None
    required: bool
    hyphen: bool
    min_level: int
    at: int
    end: int


Part = Literal | Directive


@dataclass(frozen=True, slots=True)
class Field:
    """What httpd prints or drops as a whole: the parts between two unescaped spaces."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ErrorLogFormat:
    """A format as httpd understands it.

    Attributes:
        text: the format as the parser of the configuration hands it on.
        kind: `main`, or `request` or `connection` for a once-per-… line.
        fields: its fields, in order.
    """

    text: str
    kind: Kind
    fields: tuple[Field, ...] = field(repr=False)

    def directives(self) -> tuple[Directive, ...]:
        """Its % items in order."""
        return tuple(p for f in self.fields for p in f.parts if isinstance(p, Directive))


def parse(text: str, kind: Kind = "main") -> ErrorLogFormat:
    """The format that `text` (without the directive's name and quotes) means.

    Raises:
        FormatError: httpd refuses it.
    """
    fields: list[list[Part]] = []
    at = 0
    separated = True
    while at < len(text):
        if text.startswith("% ", at):
            separated = True
            at += 2
            continue
        part: Part
        if text[at] == "%":
            part = _directive(text, at)
        else:
            part = _literal(text, at)
            separated |= text[at] == " "
        if separated:
            fields.append([])
        fields[-1].append(part)
        separated = False
        at = part.end
    answer = ErrorLogFormat(text, kind, tuple(Field(tuple(parts)) for parts in fields))
    _check(answer)
    return answer


def _literal(text: str, at: int) -> Literal:
    """A run of plain text: spaces, then up to a `%` or the next unescaped space."""
    out: list[str] = []
    place = at
    leading = True
    while place < len(text) and text[place] != "%":
        char = text[place]
        if char == " ":
            if not leading:
                break
        elif char == "\\":
            # An escaped character does not end the leading spaces (core.c leaves `seen` alone).
            place += 1
            escaped = text[place : place + 1]
            char = _ESCAPES.get(escaped, escaped) or "\\"
        else:
            leading = False
        out.append(char)
        place += 1
    return Literal("".join(out), at, min(place, len(text)))


def _directive(text: str, at: int) -> Part:
    """One item from its `%` to its letter."""
    place = at + 1
    argument: str | None = None
    required = hyphen = False
    min_level = 0
    if text.startswith("%", place):
        return Literal("%", at, place + 1)
    while place < len(text):
        char = text[place]
        if char == "{":
            argument, place = _braces(text, place)
        elif char in "+-":
            required |= char == "+"
            hyphen |= char == "-"
            place += 1
        elif char.isascii() and char.isdigit():
            min_level, place = _number(text, place)
        elif char in ITEMS:
            end = place + 1
            return Directive(ITEMS[char], argument, required, hyphen, min_level, at, end)
        else:
            raise FormatError(f"Unrecognized error log format directive %{char}", text, place)
    raise FormatError(
        "Ran off end of error log format parsing args to some directive", text, len(text)
    )


def _braces(text: str, at: int) -> tuple[str, int]:
    """The argument in braces; a run of closing braces counts as one (ap_getword)."""
    end = text.find("}", at)
    if end < 0:
        return text[at + 1 :], len(text)
    after = end
    while text.startswith("}", after):
        after += 1
    return text[at + 1 : end], after


def _number(text: str, at: int) -> tuple[int, int]:
    end = at
    while end < len(text) and text[end].isascii() and text[end].isdigit():
        end += 1
    return int(text[at:end]), end


def _check(parsed: ErrorLogFormat) -> None:
    """The rules of set_errorlog_format for a whole format."""
    directives = parsed.directives()
    for d in directives:
        fault = _fault(d, parsed.kind)
        if fault:
            raise FormatError(fault, parsed.text, d.at)
    if parsed.kind == "main" and not any(d.item.letter == "M" for d in directives):
        raise FormatError(
            "main ErrorLogFormat must contain message format string '%M'",
            parsed.text,
            len(parsed.text),
        )


def _fault(d: Directive, kind: Kind) -> str:
    if kind == "main" and d.required:
        return "The '+' flag cannot be used in the main error log format"
    if kind != "main" and d.item.letter == "M":
        return "%M cannot be used in once-per-request or once-per-connection formats"
    if kind != "main" and d.min_level:
        return (
            "The loglevel cannot be used as a condition in "
            "once-per-request or once-per-connection formats"
        )
    if d.min_level > _HIGHEST_LEVEL:
        return "The specified loglevel modifier is out of range"
    return ""


def parse_directive(text: str) -> ErrorLogFormat:
    """The format in a line of httpd.conf, or in what follows the directive's name there.

    `ErrorLogFormat "…"`, `ErrorLogFormat request "…"`, `"…"`, `connection "…"`, or a bare format,
    which is taken as it stands.

    Raises:
        FormatError: httpd refuses it.
    """
    rest = text.strip()
    named = rest[: len(_NAME)].lower() == _NAME.lower() and rest[len(_NAME) :][:1].isspace()
    if named:
        rest = rest[len(_NAME) :].lstrip()
    if not named and rest[:1] not in ('"', "'") and not _starts_with_kind(rest):
        return parse(rest)
    first, after = _word(rest)
    second, after = _word(after)
    if after or not first:
        raise FormatError(_ARGUMENTS, text.strip(), len(text.strip()) - len(after))
    if not second:
        # httpd takes an empty second argument for none.
        return parse(first)
    if first.lower() not in _KINDS:
        raise FormatError("ErrorLogFormat type must be one of request, connection", rest, 0)
    return parse(second, _KINDS[first.lower()])


def _starts_with_kind(text: str) -> bool:
    """Whether text is `request "…"` or `connection "…"`."""
    kind, _, rest = text.partition(" ")
    return kind.lower() in _KINDS and rest.lstrip()[:1] in ("'", '"')


_NAME = "ErrorLogFormat"
_ARGUMENTS = "ErrorLogFormat takes 1-2 arguments, Format string for the ErrorLog"
_KINDS: dict[str, Kind] = {"request": "request", "connection": "connection"}


def _word(text: str) -> tuple[str, str]:
    """The first word of a directive's arguments, unquoted, and the rest (ap_getword_conf)."""
    quote = text[0] if text[:1] in ("'", '"') else ""
    out: list[str] = []
    at = len(quote)
    while at < len(text) and (text[at] != quote if quote else not text[at].isspace()):
        if text[at] == "\\" and text[at + 1 : at + 2] in ("\\", quote or "\\"):
            at += 1
        out.append(text[at])
        at += 1
    return "".join(out), text[at + len(quote) :].lstrip()
