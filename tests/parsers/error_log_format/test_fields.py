"""The ErrorLogFormat parser: items, fields, and httpd's reasons for refusing one."""

from __future__ import annotations

import pytest

from parsers.error_log_format.directive import parse_directive
from parsers.error_log_format.fields import Directive, FormatError, Literal, are_ids_of_both, parse
from parsers.layouts import compile_layout
from tests import places

FORMATS = places.ERROR_LOG_FORMATS.read_text().splitlines()


def shape(text: str) -> list[list[str]]:
    """The fields of a format: literals as they print, items as letters with their modifiers."""
    return [
        [
            repr(p.text) if isinstance(p, Literal)
            else f"{p.item.letter}{p.argument or ''}{'-' * p.hyphen}{p.min_level or ''}"
            for p in field.parts
        ]
        for field in parse(text).fields
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[%t] %M", [["'['", "t", "']'"], ["' '", "M"]]),
        (r"[client\ %a] %M", [["'[client '", "a", "']'"], ["' '", "M"]]),
        ("[client %a] %M", [["'[client'"], ["' '", "a", "']'"], ["' '", "M"]]),
        (r"%M% ,\ x\ %{Referer}i", [["M"], ["', x '", "iReferer"]]),
        ("%-{c}a%{c}-a%7-F%-7F%M", [["ac-", "ac-", "F-7", "F-7", "M"]]),
        ("%{a}{b}}}e%M", [["eb", "M"]]),
        ("%%%M", [["'%'", "M"]]),
        (r"a\tb\\c\d %M", [[r"'a\tb\\cd'"], ["' '", "M"]]),
        ("%M\\", [["M", "'\\\\'"]]),
        ("  x  y%M", [["'  x'"], ["'  y'", "M"]]),
        (r"\ x%M", [["' x'", "M"]]),
    ],
)
def test_a_format_is_cut_as_httpd_cuts_it(text: str, expected: list[list[str]]) -> None:
    """Spaces separate fields unless escaped; modifiers come in any order."""
    assert shape(text) == expected


@pytest.mark.parametrize(
    ("text", "kind", "reason", "at"),
    [
        ("[%x] %M", "main", "Unrecognized error log format directive %x", 2),
        ("%M %{u", "main", "Ran off end of error log format parsing args to some directive", 4),
        ("%M %", "main", "Ran off end of error log format parsing args to some directive", 3),
        # the first fault counts, whatever comes behind
        ("%M %{", "request",
         "%M cannot be used in once-per-request or once-per-connection formats", 0),
        ("%16F %M", "main", "The specified loglevel modifier is out of range", 0),
        ("%+a %M", "main", "The '+' flag cannot be used in the main error log format", 0),
        ("[%t]", "main", "main ErrorLogFormat must contain message format string '%M'", 4),
        ("%M", "request",
         "%M cannot be used in once-per-request or once-per-connection formats", 0),
        ("%t %7a", "connection", "The loglevel cannot be used as a condition in "
         "once-per-request or once-per-connection formats", 3),
    ],
)  # fmt: skip
def test_a_format_is_refused_in_httpds_words(text: str, kind: str, reason: str, at: int) -> None:
    """The error has httpd's reason, and its text a caret under the place."""
    with pytest.raises(FormatError) as caught:
        parse(text, kind)  # type: ignore[arg-type]
    assert (caught.value.reason, caught.value.at) == (reason, at)
    assert str(caught.value).splitlines()[2].index("^") == at + 2


@pytest.mark.parametrize("line", FORMATS)
def test_formats_in_use_compile_or_are_refused(line: str) -> None:
    """Directives found in the wild: all are good but those whose reason is known."""
    try:
        layout = compile_layout(parse_directive(line))
    except FormatError as error:
        pytest.fail(str(error))
    assert layout.columns
    assert any(isinstance(p, Directive) for f in parse_directive(line).fields for p in f.parts)


@pytest.mark.parametrize(
    ("ids", "both"),
    [
        ("[%L] [%{c}L]", True), ("[%L] [%-{c}L]", True), ("[%-L] [%{c}L]", False),
        ("[%{c}L] [%L]", False), ("[%{c}L] [%{c}L]", False), ("[%{C}L] [%{c}L]", False),
        ("[%L] [%L]", False), ("[%L] [%P]", False), ("[%L] (%{c}L)", False),
        ("[%L;%P] [%{c}L;%P]", False),
    ],
)  # fmt: skip
def test_which_fields_are_a_requests_and_its_connections(ids: str, both: bool) -> None:
    """Those of which httpd may leave out the first; they look alike, and hold nothing else."""
    _, one, two, _ = parse(f"[%t] {ids} %M").fields
    assert are_ids_of_both(one, two) == both
