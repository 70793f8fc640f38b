"""Conclusion: how sure a clock is, and what makes it less so."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.clocks.options import ClockOptions
from tests.logtool.clocks.scenes import Answer, at, born, line, resuming, solved

#: A server in New York; its daemon sets Sydney's zone, sixteen hours ahead.
FAR = [
    resuming("2026-11-26 15:58:28"), born("2026-11-26 15:58:29", 7, "syd"),
    *(text for second in range(31, 45, 2) for text in (
        line(f"2026-11-27 07:58:{second}", 7),
        line(f"2026-11-26 15:58:{second + 1}", 1, "AH00094: x", "core:notice"),
    )),
]  # fmt: skip


def sure(options: ClockOptions, lines: list[str] = FAR) -> set[str]:
    """The confidences of a log's lines."""
    answers: list[Answer] = solved(lines, options)[1]
    return {answer[1] for answer in answers if answer}


@pytest.mark.parametrize(
    "options",
    [ClockOptions(server_tz="+0530"), ClockOptions(clocks=(("1", "Asia/Tokyo"),))],
    ids=["server-tz", "clock"],
)
def test_what_rests_on_a_refuted_anchor_is_assumed(options: ClockOptions) -> None:
    """It would put a daemon at more than +14:00: what it says of all others is as wrong."""
    table, answers = solved(FAR, options)
    assert any(note.text.startswith("against the answer") for note in table.notes)
    assert {answer[1] for answer in answers if answer} == {"assumed"}
    assert sure(ClockOptions(server_tz="America/New_York")) == {"certain"}


def test_strict_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Also where nothing else is said."""
    log = tmp_path / "error.log"
    log.write_text("\n".join(FAR) + "\n")
    assert run(["normalize", "-q", "--strict", "--server-tz", "+0530", str(log)]) == 1
    told = f"errlog: --strict: the clocks of {len(FAR)} lines are only assumed\n"
    assert capfd.readouterr().err == told


def test_what_rests_on_something_else_is_not() -> None:
    """Another process's clock is known from the file's time, which nothing refutes."""
    other = [line(f"2026-12-01 20:00:{second}", 9, module="core:error") for second in range(10, 15)]
    _, answers = solved(
        [*FAR, *other],
        ClockOptions(clocks=(("1", "Asia/Tokyo"),)),
        mtime_us=at("2026-12-02 01:00:14.002"),
    )
    assert {answer[1] for answer in answers[: len(FAR)] if answer} == {"assumed"}
    assert {answer for answer in answers[len(FAR) :]} == {(-5.0, "likely")}


#: A server in New York and its daemon, which keeps UTC.
CALM = [
    resuming("2026-11-26 15:58:00"), born("2026-11-26 15:58:01", 7, "shop"),
    *(text for second in range(2, 59, 2) for text in (
        line(f"2026-11-26 20:58:{second:02d}", 7),
        line(f"2026-11-26 15:58:{second + 1:02d}", 1, "AH00094: x", "core:notice"),
    )),
]  # fmt: skip


@pytest.mark.parametrize("pid", [7, 99], ids=["of a daemon", "of a new pid"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_lines_of_no_clock_on_earth_refute_nothing(pid: int, count: int) -> None:
    """Anybody may forge some: these are assumed, told, and all others are as sure as before."""
    options = ClockOptions(server_tz="America/New_York")
    forged = [line(f"2026-11-27 11:58:22.{at}", pid, "forged") for at in range(count)]
    table, answers = solved([*CALM[:24], *forged, *CALM[24:]], options)

    others = [*answers[:24], *answers[24 + count :]]
    assert {answer[0] for answer in others if answer} == {-5.0, 0.0}
    assert "assumed" not in {answer[1] for answer in others if answer}
    assert others[:24] == solved(CALM, options)[1][:24]
    assert {answer[1] for answer in answers[24 : 24 + count] if answer} <= {"assumed"}
    assert any("forged, or of a clock that was wrong" in note.text for note in table.notes)


def test_many_lines_of_no_clock_on_earth_refute_what_ties_to_utc() -> None:
    """They are more than a twentieth of all lines."""
    options = ClockOptions(server_tz="America/New_York")
    forged = [line(f"2026-11-27 11:58:22.{at}", 99, "forged") for at in range(6)]
    _, answers = solved([*CALM[:24], *forged, *CALM[24:]], options)

    assert {answer[1] for answer in answers if answer} == {"assumed"}
