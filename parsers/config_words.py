"""Configuration words: takes the bytes of a configuration file, gives its lines and their words.

As httpd 2.4 does: server/util.c ap_cfg_getline_core, cfg_trim_line, ap_getword_conf, substring_conf
and server/core.c ap_resolve_env.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

_SPACE = " \t\n\v\f\r"
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
#: A line is not expanded beyond this; httpd 2.2 cut at 8192 (MAX_STRING_LEN).
LONGEST_EXPANDED = 1 << 16


def directive_lines(raw: bytes) -> Iterator[tuple[int, str]]:
    """Each directive line with the number of the physical line it begins on.

    Comments are left out; for the rest see `whole_lines`.
    """
    for number, line in whole_lines(raw):
        if not line.startswith("#"):
            yield number, line


def whole_lines(raw: bytes) -> Iterator[tuple[int, str]]:
    """Each line, comments too, with the number of the physical line it begins on.

    Lines that end in a backslash go on in the next one; white space round a line is dropped; empty
    lines are left out.
    """
    held, begins = "", 0
    for number, line in enumerate(raw.decode("utf-8", "surrogateescape").split("\n"), start=1):
        begins = begins or number
        whole = line.removesuffix("\r")
        if whole.endswith("\\"):
            held += whole[:-1]
            continue
        text = (held + line).strip(_SPACE)
        if text:
            yield begins, text
        held, begins = "", 0
    if text := held.strip(_SPACE):
        yield begins, text


def next_word(text: str) -> tuple[str, str]:
    """The first word of `text`, unquoted, and what follows it (ap_getword_conf)."""
    text = text.lstrip(_SPACE)
    if not text:
        return "", ""
    quote = text[0] if text[0] in "\"'" else ""
    at = 1 if quote else 0
    word = []
    while at < len(text) and (text[at] != quote if quote else text[at] not in _SPACE):
        escaped = text[at] == "\\" and at + 1 < len(text)
        if escaped and (text[at + 1] == "\\" or (quote and text[at + 1] == quote)):
            at += 1
        word.append(text[at])
        at += 1
    return "".join(word), text[at + bool(quote) :].lstrip(_SPACE)


def words(text: str) -> list[str]:
    """All words of a directive's arguments."""
    found = []
    rest = text.lstrip(_SPACE)
    while rest:
        word, rest = next_word(rest)
        found.append(word)
    return found


def resolve(text: str, value_of: Callable[[str], str | None]) -> tuple[str, list[str]]:
    """`text` with each `${name}` replaced by its value, and what is wrong with those that stay.

    A name without a value stays as it stands, as httpd leaves it (AH00111); so does one whose
    value would make the line longer than LONGEST_EXPANDED.
    """
    faults = []
    room = LONGEST_EXPANDED

    def value(found: re.Match[str]) -> str:
        nonlocal room
        known = value_of(found[1])
        if known is None:
            # `${map:key}` belongs to mod_rewrite and expressions.
            if ":" not in found[1]:
                faults.append(f"{found[0]} is not defined")
            return found[0]
        if len(known) > room:
            faults.append(f"{found[0]} would make the line too long")
            return found[0]
        room -= len(known)
        return known

    # From each `${` that nothing closes the expression would look to the end.
    closed = text.rfind("}") + 1
    return _VARIABLE.sub(value, text[:closed]) + text[closed:], faults


def substitute(text: str, values: Iterable[tuple[str, str]]) -> str | None:
    """A macro's line with each parameter replaced by its value; None where it grows too long."""
    for parameter, value in values:
        if len(text) + text.count(parameter) * len(value) > max(LONGEST_EXPANDED, len(text)):
            return None
        text = text.replace(parameter, value)
    return text
