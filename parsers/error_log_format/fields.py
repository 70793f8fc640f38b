"""ErrorLogFormat: takes the directive's text, gives its fields and items as httpd reads them.

A port of parse_errorlog_string, parse_errorlog_item and parse_errorlog_misc_string of httpd's
server/core.c; refuses what httpd refuses, in httpd's words.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal as OneOf

from parsers.classes import dataclass
from parsers.error_log_format.items import ACCESS_LOG_LETTERS, ITEMS, Item, Shape
from parsers.whole_numbers import whole_number

Kind = OneOf["main", "request", "connection"]

_HIGHEST_LEVEL = 15
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class FormatError(ValueError):
    """httpd refuses this ErrorLogFormat.

    Attributes:
        reason: httpd's own words.
        text: the format, or the directive where that itself is wrong.
        at: index in `text` of the place that is wrong.
        hint: what may have been meant, in our words, or empty.
    """

    def __init__(self, reason: str, text: str, at: int, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.text = text
        self.at = at
        self.hint = hint

    def __str__(self) -> str:
        lines = (self.reason, f"  {self.text}", f"  {' ' * self.at}^", self.hint)
        return "\n".join(line for line in lines if line)


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

    @property
    def may_drop(self) -> bool:
        """Whether httpd may drop its field, for it may be empty, or the level too low."""
        may_be_empty = self.item.optional and not (self.required or self.hyphen)
        return may_be_empty or bool(self.min_level)


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
            if isinstance(part, Directive):
                _refuse_misplaced(part, kind, text)
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
            reason = f"Unrecognized error log format directive %{char}"
            raise FormatError(reason, text, place, _letter_hint(char))
    opened = text.rfind("{", at)
    if opened >= 0 and "}" not in text[opened:]:
        raise FormatError(_RAN_OFF, text, opened, "This brace is never closed.")
    raise FormatError(_RAN_OFF, text, at, "An item ends with its letter; `%%` prints a `%`.")


_RAN_OFF = "Ran off end of error log format parsing args to some directive"


def _letter_hint(letter: str) -> str:
    """What to tell about a letter that is no item's."""
    if not (letter.isascii() and letter.isalpha()):
        return "An item's letter must stand here; `%%` prints a `%`."
    if letter in ACCESS_LOG_LETTERS:
        instead = ACCESS_LOG_LETTERS[letter]
        return f"%{letter} is an item of LogFormat, for access logs{instead and f': {instead}'}."
    return f"The items are {' '.join(f'%{known}' for known in ITEMS)}."


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
    return whole_number(text[at:end]), end


def _check(parsed: ErrorLogFormat) -> None:
    """The rule of set_errorlog_format for a whole format."""
    letters = {d.item.letter for d in parsed.directives()}
    if parsed.kind == "main" and "M" not in letters:
        raise FormatError(
            "main ErrorLogFormat must contain message format string '%M'",
            parsed.text,
            len(parsed.text),
            "%m is the module; the message is %M." if "m" in letters else "%M is the message.",
        )


def _refuse_misplaced(d: Directive, kind: Kind, text: str) -> None:
    reason, hint = _fault(d, kind)
    if reason:
        raise FormatError(reason, text, d.at, hint)


def _fault(d: Directive, kind: Kind) -> tuple[str, str]:
    """Why set_errorlog_format refuses an item in a format of this kind, and a hint; else empty."""
    if kind == "main" and d.required:
        return "The '+' flag cannot be used in the main error log format", _PLUS_HINT
    if kind != "main" and d.item.letter == "M":
        return "%M cannot be used in once-per-request or once-per-connection formats", ""
    if kind != "main" and d.min_level:
        reason = (
            "The loglevel cannot be used as a condition in "
            "once-per-request or once-per-connection formats"
        )
        return reason, ""
    if d.min_level > _HIGHEST_LEVEL:
        return "The specified loglevel modifier is out of range", "Levels are 0 to 15."
    return "", ""


_PLUS_HINT = "Write %- for a hyphen in place of nothing."


def are_ids_of_both(one: Field, two: Field) -> bool:
    """Whether two fields are a request's log ID, which may be missing, and its connection's, alike.

    The connection's may be missing too, or be a hyphen.
    """
    mine, theirs = _bare_id(one), _bare_id(two)
    return (
        mine is not None
        and theirs is not None
        and not mine.hyphen
        and (mine.argument or "")[:1] not in ("c", "C")
        and (theirs.argument or "")[:1] == "c"
        and _literals(one) == _literals(two)
    )


def _bare_id(field: Field) -> Directive | None:
    """The log ID of a field without any other item, which every message may have."""
    items = [part for part in field.parts if isinstance(part, Directive)]
    if len(items) != 1 or items[0].item.shape is not Shape.LOG_ID:
        return None
    (item,) = items
    return None if item.required or item.min_level else item


def _literals(field: Field) -> list[str]:
    return [part.text if isinstance(part, Literal) else "" for part in field.parts]
