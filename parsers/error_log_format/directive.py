"""ErrorLogFormat directives: takes what stands in httpd.conf, or was pasted from it, gives formats.

Refuses what httpd refuses, in httpd's words (server/config.c, and set_errorlog_format of
server/core.c).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.config_words import next_word, whole_lines, words
from parsers.error_log_format.fields import ErrorLogFormat, FormatError, Kind, parse

NAME = "ErrorLogFormat"
KINDS: dict[str, Kind] = {"request": "request", "connection": "connection"}

#: The directive in a line, maybe behind a `#`, and behind what grep tells of the place.
_NAMED = re.compile(rf"(?:[^\s\"'%:]*+:)*+(?P<before>[\s#]*+){NAME}(?=\s|\Z)\s*+", re.IGNORECASE)
_ARGUMENTS = f"{NAME} takes 1-2 arguments, Format string for the ErrorLog"
_TYPES = f"{NAME} type must be one of request, connection"
_INVALID = "perhaps misspelled or defined by a module not included in the server configuration"
#: How alike a word must be to be taken for a misspelled name, 0 … 1.
_ALIKE = 0.75
#: Other directives that are mistaken for it.
_OTHERS = {
    "logformat": "LogFormat describes access logs",
    "customlog": "CustomLog says where an access log goes",
    "transferlog": "TransferLog says where an access log goes",
    "globallog": "GlobalLog says where an access log goes",
    "errorlog": "ErrorLog says where the error log goes",
    "loglevel": "LogLevel says which messages are logged",
}
_QUOTES = ('"', "'")
_TYPOGRAPHIC = frozenset("\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019\u201a")


def parse_directive(text: str) -> ErrorLogFormat:
    """The one format in a text as `parse_directives` takes it.

    Raises:
        FormatError: httpd refuses it, or there are several.
    """
    formats = parse_directives(text)
    if len(formats) > 1:
        raise FormatError("One format is wanted, and this is several", text.split("\n")[0], 0)
    return formats[0]


def parse_directives(text: str) -> list[ErrorLogFormat]:
    r"""The formats in some lines of httpd.conf, or in what follows the directive's name there.

    `ErrorLogFormat "…"`, `ErrorLogFormat request "…"`, `"…"`, `connection "…"`, or a bare format,
    which is taken as it stands. A line that ends in a backslash goes on in the next one. Beside
    lines with the directive's name others are not looked at.

    Raises:
        FormatError: httpd refuses one of them, or there is none.
    """
    lines = [text.strip()]
    if "\n" in lines[0]:
        lines = [line for _, line in whole_lines(text.encode("utf-8", "surrogateescape"))]
    named = {line: "#" in found["before"] for line in lines if (found := _NAMED.match(line))}
    in_force = [line for line, comment in named.items() if not comment]
    return [_of_line(line) for line in in_force or named or lines or ("",)]


def parse_words(arguments: Sequence[str]) -> list[ErrorLogFormat]:
    """The formats that several words of a command line mean: the shell took the quotes away.

    Raises:
        FormatError: httpd refuses one of them, or there is none.
    """
    first, *rest = arguments or ("",)
    if rest and first.lower() == NAME.lower():
        return [_of_words(rest, f"{NAME} {' '.join(rest)}")]
    if len(arguments) == 2 and first.lower() in KINDS:
        return [parse(rest[0], KINDS[first.lower()])]
    return [parsed for argument in arguments or ("",) for parsed in parse_directives(argument)]


def _of_line(line: str) -> ErrorLogFormat:
    """The format of one line."""
    named = _NAMED.match(line)
    rest = line[named.end() :] if named else line
    if not named and not rest.startswith(_QUOTES) and not _starts_with_kind(rest):
        _refuse_other_directives(line)
        return parse(line)
    return _of_words(words(rest), rest or line)


def _of_words(found: Sequence[str], text: str) -> ErrorLogFormat:
    """The format that the directive's arguments mean; `text` is what they stand in."""
    if not found or not found[0] or len(found) > 2:
        at = 0
        if len(found) > 2:
            _, rest = next_word(next_word(text)[1])
            at = len(text) - len(rest)
        raise FormatError(_ARGUMENTS, text, at, _quotes_hint(text))
    first, second = (*found, "")[:2]
    if not second:
        # httpd takes an empty second argument for none.
        return parse(first)
    if first.lower() not in KINDS:
        raise FormatError(_TYPES, text, 0, _quotes_hint(text))
    return parse(second, KINDS[first.lower()])


def _quotes_hint(text: str) -> str:
    if _TYPOGRAPHIC & set(text):
        return "These quotes are typographic ones: httpd knows only \" and '."
    if "%" in text and not text.startswith(_QUOTES):
        return "A space ends an argument: put the format in quotes."
    return ""


def _starts_with_kind(text: str) -> bool:
    """Whether text is `request "…"` or `connection "…"`."""
    kind, _, rest = text.partition(" ")
    return kind.lower() in KINDS and rest.lstrip().startswith(_QUOTES)


def _refuse_other_directives(line: str) -> None:
    """A line that begins like a directive but not with the right name is no bare format."""
    name, rest = next_word(line)
    lowered = name.lower()
    if not line:
        raise FormatError(_ARGUMENTS, line, 0)
    if rest and lowered in _OTHERS:
        raise FormatError(_OTHERS[lowered], line, 0, f"The error log's format is {NAME}.")
    word = re.match(r"\w*", lowered)
    bare = word[0] if word else ""
    alike = bare.startswith(NAME.lower())
    if rest and (alike or _likeness(bare) >= _ALIKE):
        raise FormatError(f"Invalid command '{name}', {_INVALID}", line, 0, f"{NAME} is meant?")


def _likeness(word: str) -> float:
    """How much a word in small letters is like the directive's name, 0 to 1."""
    from difflib import SequenceMatcher  # slow to import, and seldom needed

    return SequenceMatcher(None, word, NAME.lower()).ratio()
