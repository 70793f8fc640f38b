"""Ambiguities: takes an ErrorLogFormat, says where its lines can be read two ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from parsers.error_log_format.fields import (
    Directive,
    ErrorLogFormat,
    Field,
    Literal,
    Part,
    are_ids_of_both,
)
from parsers.error_log_format.items import Shape
from parsers.error_log_format.record_lines import breaks

#: Shapes that are known by their looks, so that a missing one is noticed.
_TELLING = {Shape.STATUS, Shape.SOURCE, Shape.ADDRESS, Shape.LOG_ID, Shape.LEVEL}
#: Bytes that may stand inside the text of an item, beside letters and digits.
_INSIDE = {
    Shape.NUMBER: "", Shape.LEVEL: "", Shape.STATUS: " (),./-'", Shape.SOURCE: "_.-",
    Shape.ADDRESS: ".:", Shape.LOG_ID: "+/@-_", Shape.WORD: "_-.", Shape.TEXT: ",;:/.-_=&?+@",
}  # fmt: skip


def ambiguities(parsed: ErrorLogFormat) -> tuple[str, ...]:
    """Where a line of this format can be read in two ways, and what is assumed then."""
    return tuple(
        dict.fromkeys(
            (
                *_run_together(parsed),
                *_message_field(parsed),
                *_taken_for_another(parsed),
                *_twice(parsed),
                *_literal_inside(parsed),
                *_open_text(parsed),
                *_line_breaks(parsed),
                *_quotes(parsed),
            )
        )
    )


def _name(part: Part) -> str:
    return "" if isinstance(part, Literal) else written(part)


def written(d: Directive) -> str:
    """The item as an admin writes it, without modifiers."""
    argument = f"{{{d.argument}}}" if d.argument else ""
    return f"%{argument}{d.item.letter}"


def is_json(parsed: ErrorLogFormat) -> bool:
    """Whether a format means to print an object of JSON."""
    return re.match(r'\s*\{\s*"', parsed.text) is not None


def _quotes(parsed: ErrorLogFormat) -> Iterator[str]:
    """The end of a message between double quotes, which it may itself contain."""
    parts = [part for field in parsed.fields for part in field.parts]
    quoted = any(
        isinstance(one, Literal) and one.text.endswith('"') and _name(two) == "%M"
        for one, two in pairwise(parts)
    )
    if is_json(parsed) and quoted:
        yield (
            'httpd does not escape a `"` in a message, so a line with one is no JSON: the message '
            "is taken to end where what follows it can be read to the line's end."
        )


def _run_together(parsed: ErrorLogFormat) -> Iterator[str]:
    """Items with nothing between them."""
    parts = [(f, p) for f in parsed.fields for p in f.parts]
    for (_, one), (_, two) in pairwise(parts):
        if not (isinstance(one, Directive) and isinstance(two, Directive)):
            continue
        if one.item.shape is two.item.shape is Shape.TIME:
            continue
        yield (
            f"{_name(one)} and {_name(two)} run together: "
            f"{_name(one)} is taken to be as long as it can be."
        )


def _message_field(parsed: ErrorLogFormat) -> Iterator[str]:
    """Items that share the field of the message."""
    for field in parsed.fields:
        names = [p.item.letter if isinstance(p, Directive) else "" for p in field.parts]
        if "M" not in names:
            continue
        place = names.index("M")
        for part in (*field.parts[:place], *field.parts[place + 1 :]):
            if isinstance(part, Directive) and _droppable(part):
                yield (
                    f"{_name(part)} stands in one field with %M: when it is empty, httpd drops "
                    "what stands around the message, and may lose the message itself."
                )


def _droppable(part: Part) -> bool:
    return isinstance(part, Directive) and part.may_drop and part.item.letter != "M"


def _taken_for_another(parsed: ErrorLogFormat) -> Iterator[str]:
    """Fields that may be missing, and look like what comes after them."""
    for dropped in mistaken(parsed):
        items = " and ".join(_name(p) for p in dropped)
        yield (
            f"When {items} is empty, its field is missing and what follows may be taken "
            "for it: put a name before it, as in [name\\ %…], or write `-` after its %."
        )


def mistaken(parsed: ErrorLogFormat) -> Iterator[list[Directive]]:
    """The items that may be missing, for whose field one after it may be taken then."""
    for k, field in enumerate(parsed.fields):
        dropped = [p for p in field.parts if isinstance(p, Directive) and _droppable(p)]
        if not dropped:
            continue
        lead = _lead(field)
        for other in parsed.fields[k + 1 :]:
            if are_ids_of_both(field, other) or are_ids_of_both(other, field):
                continue
            if _mistakable(lead, field, other):
                yield dropped
                break
            if not any(_droppable(p) for p in other.parts):
                break


def _lead(field: Field) -> str:
    """The literal that a field begins with, without its separating spaces."""
    first = field.parts[0]
    return first.text.lstrip(" ") if isinstance(first, Literal) else ""


def _stop(field: Field) -> str:
    """What stands right behind the first item of a field, or a space."""
    place = next(k for k, part in enumerate(field.parts) if isinstance(part, Directive))
    behind = field.parts[place + 1 : place + 2]
    return behind[0].text[0] if behind and isinstance(behind[0], Literal) else " "


def _first_item(field: Field) -> Directive | None:
    return next((p for p in field.parts if isinstance(p, Directive)), None)


def _mistakable(lead: str, field: Field, other: Field) -> bool:
    """Whether `other` may begin like `field`, which begins with `lead`."""
    mine, theirs = _first_item(field), _first_item(other)
    if mine is None:
        return False
    following = _lead(other)
    if theirs is not None and mine.hyphen and theirs.hyphen and lead == following:
        return True
    if lead and mine.item.shape is Shape.LOG_ID and not re.search(r"\w", lead):
        # Told by its looks, as without anything around it.
        lead, following = "", "" if lead == following else following
    if lead:
        # Only free text may go on where the shorter literal ends.
        free = theirs is not None and theirs.item.shape is Shape.TEXT
        return following.startswith(lead) or (lead.startswith(following) and free)
    if mine.item.shape not in _TELLING:
        return not following or mine.item.shape in (Shape.WORD, Shape.TEXT)
    if mine.item.shape is Shape.LOG_ID and theirs is not None and theirs.item.shape is Shape.TIME:
        # A date such as 25/Nov/2026 is as long as a log ID, and of its letters.
        return not following and "/" in (theirs.argument or "")
    if mine.item.shape is Shape.LOG_ID and theirs is not None and not following:
        # As is a word such as proxy_http2 that ends where the ID does.
        plain = theirs.item.shape in (Shape.WORD, Shape.TEXT, Shape.NUMBER)
        return theirs.item.shape is Shape.LOG_ID or (plain and _stop(field) == _stop(other))
    return theirs is not None and not following and mine.item.shape is theirs.item.shape


def _twice(parsed: ErrorLogFormat) -> Iterator[str]:
    """Items that stand in a format more than once, or share a column."""
    seen: set[str] = set()
    for d in parsed.directives():
        key = written(d)
        if key in seen and d.item.shape is not Shape.TIME:
            yield f"{key} stands in the format twice: the last one that is printed counts."
        seen.add(key)


def _literal_inside(parsed: ErrorLogFormat) -> Iterator[str]:
    """Literals that may also be part of the text before them."""
    for field in parsed.fields:
        for one, two in pairwise(field.parts):
            if not isinstance(one, Directive) or not isinstance(two, Literal):
                continue
            inside = _INSIDE.get(one.item.shape)
            if inside is None or two.text[:1] not in {*inside}:
                continue
            if one.item.shape is not Shape.ADDRESS:
                taken = "it is cut at the first one"
            elif two.text[1:2] == " " or (two is field.parts[-1] and two.text == ":"):
                continue
            else:
                taken = "it is taken to end with its port"
            yield f"{_name(one)} may itself contain {two.text[:1]!r}, which ends it here: {taken}."


def _open_text(parsed: ErrorLogFormat) -> Iterator[str]:
    """Texts with spaces of their own, and nothing but a space to tell where they end."""
    for field, following in pairwise(parsed.fields):
        last, first = field.parts[-1], following.parts[0]
        ended = isinstance(first, Literal) and first.text.strip() and not any(
            _droppable(p) for p in following.parts
        )  # fmt: skip
        if ended or not isinstance(last, Directive):
            continue
        if last.item.shape is Shape.STATUS:
            cure = "Write %E: with a colon."
        elif last.item.shape is Shape.TEXT:
            cure = f"Put it in quotes or brackets, as in [{_name(last)}]."
        else:
            continue
        yield (
            f"{_name(last)} is followed by a space, and its text may have spaces too: it is cut at "
            f"the first one. {cure}"
        )


def _line_breaks(parsed: ErrorLogFormat) -> Iterator[str]:
    """Formats that print more than one line."""
    if any(breaks(part) for field in parsed.fields for part in field.parts):
        yield (
            "The format breaks its line: each line is read by itself, and tells what stands in it; "
            "one without a text of its own may be taken for anything else that Apache writes."
        )
