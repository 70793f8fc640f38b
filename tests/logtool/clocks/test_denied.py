"""What somebody only says of a zone, and a file's time or other witnesses deny."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtool.clocks.evidence.neighbours import NeighbourFacts, find_neighbours
from logtool.clocks.options import ClockOptions
from parsers.units import SECOND
from tests.logtool.clocks.doubt.test_conclusion import CALM
from tests.logtool.clocks.scenes import Answer, at, line, solved

NEW_YORK = "America/New_York"
TOLD = ClockOptions(server_tz=NEW_YORK)
CLOCK = ClockOptions(clocks=(("1", NEW_YORK),))
CONFIGURED = ClockOptions(config_tz=(NEW_YORK, "envvars:3"))
#: When the last line was written, and when a file was modified that a witness puts two hours away.
END = at("2026-11-26 20:58:59")
ELSEWHERE = END + 2 * 3600 * SECOND + 2
#: A time before the last lines that tells no offset.
BEFORE = END - 2 * 3600 * SECOND + 77 * SECOND
#: The same lines, whose daemon names the instants at which it writes.
NAMING = [
    text.replace("hello", f"2026-11-26T20:58:{text[18:20]}Z hello") if "[pid 7:" in text else text
    for text in CALM
]


@pytest.fixture(autouse=True)
def _host_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture
def beside(tmp_path: Path) -> NeighbourFacts:
    """An access log that writes New York's offset, and none of the requests."""
    path = tmp_path / "access.log"
    path.write_text('192.0.2.1 - - [26/Nov/2026:15:40:10 -0500] "GET / HTTP/1.1" 200 5\n')
    return find_neighbours([], access_logs=[path], search=False)


def both(sure: str) -> set[Answer]:
    """The answers of a server in New York and its daemon, both so sure."""
    return {(-5.0, sure), (0.0, sure)}


@pytest.mark.parametrize(
    ("options", "sure"), [(TOLD, "certain"), (CLOCK, "certain"), (CONFIGURED, "likely")]
)
def test_a_zone_that_every_witness_denies(
    options: ClockOptions, sure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file's time says that the log is two hours away; this host's zone is no witness."""
    monkeypatch.setenv("TZ", NEW_YORK)
    for modified, expected in ((END + 2, sure), (ELSEWHERE, "assumed")):
        table, answers = solved(CALM, options, mtime_us=modified)
        assert {*answers} == both(expected)
        assert any(note.kind == "conflict" for note in table.notes) == (modified == ELSEWHERE)


@pytest.mark.parametrize("options", [TOLD, CLOCK])
def test_a_zone_by_which_lines_would_be_of_the_future(options: ClockOptions) -> None:
    """The file was written hours before its last line by it; a day earlier it was set at will."""
    for hours, sure in ((2, "certain"), (-2, "assumed"), (-24, "certain")):
        modified = END + hours * 3600 * SECOND + 77 * SECOND
        assert {*solved(CALM, options, mtime_us=modified)[1]} == both(sure)


@pytest.mark.parametrize(("modified", "sure"), [(ELSEWHERE, "likely"), (BEFORE, "certain")])
def test_a_witness_that_agrees(modified: int, sure: str) -> None:
    """A file can be touched: what the log itself says is no less known by that."""
    assert {*solved(NAMING, TOLD, mtime_us=modified)[1]} == both(sure)
    assert {*solved(NAMING, mtime_us=modified)[1]} == both("likely")


@pytest.mark.parametrize("options", [None, TOLD, CONFIGURED])
@pytest.mark.parametrize(("modified", "sure"), [(ELSEWHERE, "likely"), (BEFORE, "certain")])
def test_what_does_not_rest_on_what_is_said(
    beside: NeighbourFacts, options: ClockOptions | None, modified: int, sure: str
) -> None:
    """The access log writes the offset too: a file's time alone does not make it assumed."""
    assert {*solved(CALM, options, mtime_us=modified, beside=beside)[1]} == both(sure)


def test_a_few_lines_deny_nothing() -> None:
    """One that is forged, or later than the file's time; nor one in which another time is named."""
    forged = line("2026-11-26 18:58:59.5", 99, "forged")
    _, answers = solved([*CALM, forged], TOLD, mtime_us=at("2026-11-26 20:58:59.6"))
    assert "assumed" not in {answer[1] for answer in answers[:-1] if answer}

    late = line("2026-11-26 16:30:00", 1, "AH00094: x", "core:notice")
    _, answers = solved([*CALM, late], TOLD, mtime_us=END + 77 * SECOND)
    assert {*answers} == both("certain")

    other = line("2026-11-26 20:58:20.5", 7, "since 2026-11-26T18:58:20Z")
    _, answers = solved([*CALM[:20], other, *CALM[20:]], TOLD)
    assert {*answers} == both("certain")
