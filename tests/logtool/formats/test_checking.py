"""Explaining formats: items in words, samples, lints, the better directive."""

from __future__ import annotations

import pytest

from logtool.formats.checking import explain
from parsers.error_log_format.better import directive_line
from parsers.error_log_format.directive import parse_directive
from parsers.error_log_format.fields import parse
from tests import places

FORMATS = (
    places.ERROR_LOG_FORMATS
).read_text().splitlines()  # fmt: skip
THREADED = r"[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i"
GOOD = r"[%{cuz}t] [%-m:%l] [pid %P:tid %-T] [%-{c}L] [%-L] %7F: %E: [client\ %a] %M"


def rules(text: str) -> list[str]:
    """The rules that a format breaks."""
    return [lint.rule for lint in explain(parse_directive(text)).lints]


def test_every_item_is_told_in_words() -> None:
    """Modifiers change what is told: a hyphen, a level, a field that may be left out."""
    says = {m.text: m.says for m in explain(parse(THREADED)).items}
    assert says["%{u}t"] == "the local time like ctime with microseconds"
    assert says["%-m"] == "the module, without mod_, or `-`"
    assert says["%7F"].endswith(
        "only in messages of level debug or less severe, without which `%7F:` is left out"
    )
    assert says["%M"] == "the message"
    assert says[r"[client\ "[:0] + "%a"].endswith(r"without which `[client\ %a]` is left out")


def test_samples_are_what_httpd_prints() -> None:
    """One line with all that can be known, one without request and thread."""
    assert explain(parse(THREADED)).samples == (
        "[Fri Jun 05 08:42:36.978307 2026] [wsgi:debug] [pid 8777:tid 8801] app.c(123): "
        "(13)Permission denied: [client 192.0.2.7:58619] AH00000: message, "
        "referer https://example.com/",
        "[Fri Jun 05 08:42:36.978307 2026] [wsgi:notice] [pid 8777:tid AH00000: message",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD, []),
        (THREADED, ["offset", "brackets", "log-id"]),
        ("[%{%cuz}t] [%l] [pid %P] %L: %M", ["percent", "offset", "fraction"]),
        ("[%{%c}t] [%l] [pid %P] %L: %M", ["offset", "fraction"]),
        ("[%{%FT%T%z}t] [%l] [pid %P] %L: %M", ["fraction"]),
        ("[%{%s}t] [%l] [pid %P] %L: %M", ["fraction"]),
        ("[%{%FT%T.%f}tZ] [%l] [pid %P] %L: %M", ["offset", "strftime", "strftime", "fraction"]),
        ("[%{usec_frac}t] [%l] [pid %P] %L: %M", ["letters", "offset"]),
        ("[%{cuz}t] [%l] [pid %P] [client %a] %L: %M", ["brackets"]),
        ("[%{cuz}t> [%l] [pid %P] %L %M", ["unpaired"]),
        ("%{cuz}t] [%l] [pid %P] %L %M", ["unpaired"]),
        ("%M", ["time", "pid", "log-id", "level"]),
        ('request "[%{cuz}t] %L"', ["pid"]),
        ('request "[%{cuz}t] [%L] [x %+a] %P"', []),
        ('connection "[%{cuz}t] %P %a"', ["log-id"]),
        (r"[%{cuz}t] [%-m:%l] [pid %P:tid %{g}T] [%-L] [client\ %a] %M", []),
        (
            '{"time":"%{cuz}t","client":"%a","level":"%l","pid":"%P","id":"%-L","message":"%M"}',
            ["json"],
        ),
    ],
)
def test_what_to_improve_is_told(text: str, expected: list[str]) -> None:
    """The gravest first; a good format has nothing."""
    assert rules(text) == expected


@pytest.mark.parametrize(
    ("text", "improved"),
    [
        ("[%t] [%l] [pid %P] %F: %E: [client %a] %M",
         r'"[%{uz}t] [%l] [pid %P] [%-{c}L] [%-L] %F: %E: [client\ %a] %M"'),
        ("[%{%cuz}t] [%l] %M", '"[%{cuz}t] [%l] [pid %P] [%-{c}L] [%-L] %M"'),
        ('{"t":"%{%F}tT%{%T}tZ","m":"%M" ,\\ "p"\\ :"%P","i":"%L"}',
         r'"{\"module\":\"%-m\",\"level\":\"%l\",\"t\":\"%{cuz}t\",\"m\":\"%M\" ,\ \"p\"\ '
         r':\"%P\",\"i\":\"%-L\"}"'),
        ("%P: %M", '"[%{cuz}t] %P: [%-m:%l] [%-{c}L] [%-L] %M"'),
        ("%M", '"[%{cuz}t] [%-m:%l] [pid %P] [%-{c}L] [%-L] %M"'),
        ("%{cuz}t %l %P %L %a:%M", '"%{cuz}t %l %P %L %-a:%M"'),
        (GOOD, f'"{GOOD}"'),
    ],
)  # fmt: skip
def test_the_better_directive_is_proposed(text: str, improved: str) -> None:
    """With a time that says its offset, whole brackets, a pid and log IDs."""
    assert explain(parse(text)).improved == f"ErrorLogFormat {improved}"


@pytest.mark.parametrize("line", FORMATS)
def test_the_better_directive_is_better(line: str) -> None:
    """It is one that httpd takes, it says the offset, and improving it again changes nothing."""
    improved = explain(parse_directive(line)).improved
    again = explain(parse_directive(improved))
    assert again.improved == improved
    assert not again.lints
    assert not any("in one field with %M" in told for told in again.ambiguities)


@pytest.mark.parametrize("text", [r"a\"b", "\\", '"', r"a\\", r"\ %M", 'x\\"y" z'])
def test_a_directive_is_quoted_so_that_httpd_reads_it_back(text: str) -> None:
    """What httpd unquotes is what was meant."""
    assert parse_directive(directive_line(f"%M{text}", "main")).text == f"%M{text}"
