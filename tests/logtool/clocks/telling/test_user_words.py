"""What of a user's words on clocks is doubtful is told, in notes and beside the clocks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.clocks.options import ClockOptions
from tests.logtool.clocks.scenes import born, line, resuming, solved

#: A child of a server in Tokyo, whose application sets UTC.
CHILD = [
    line("2026-11-11 12:00:00", 712, "AH00094: Command line: 'a'", "core:notice"),
    line("2026-11-11 12:00:01", 718, "[client 127.0.0.1:5] AH00128: File not found", "core:error"),
    line("2026-11-11 03:00:04", 718, "[client 127.0.0.1:6] INFO emb: hello"),
    line("2026-11-11 03:00:05", 718, "[client 127.0.0.1:6] INFO emb: hello"),
    line("2026-11-11 12:00:06", 712, "AH00094: Command line: 'a'", "core:notice"),
]


def said(who: str, zone: str, server_tz: str | None = None) -> ClockOptions:
    """What `--clock WHO=ZONE` says."""
    return ClockOptions(server_tz=server_tz, clocks=((who, zone),), neighbours=False)


def test_which_lines_a_zone_is_taken_to_tell_of() -> None:
    """A child that changes its clock keeps it in some of its lines: which, is an assumption."""
    told = "--clock 718=UTC is assumed to tell of lines 3 to 4 of child 718, not line 2"
    table, answers = solved(CHILD, said("718", "UTC"))
    assert [answer and answer[0] for answer in answers] == [9, 9, 0, 0, 9]
    assert {answer and answer[1] for answer in answers} == {"likely"}
    told += "; say --server-tz ZONE too"
    assert [note.text for note in table.notes if note.kind == "clock"] == [told]
    (kept,) = [clock for clock in table.clocks if clock.offset_s == 0]
    assert kept.evidence[-1].text == told
    # Where the order of lines ties them to what is known, nothing is assumed.
    table, _ = solved(CHILD, said("718", "UTC", server_tz="Asia/Tokyo"))
    assert not [note for note in table.notes if note.kind == "clock"]


def test_a_zone_that_nobody_keeps() -> None:
    """What the log contradicts is dropped, and not in silence."""
    lines = [
        born("2026-11-11 13:00:00", 7, "shop"), resuming("2026-11-11 13:00:01"),
        *(text for second in range(3, 19, 2) for text in (
            line(f"2026-11-11 07:30:{second:02}", 7),
            line(f"2026-11-11 13:00:{second + 1:02}", 1),
        )),
    ]  # fmt: skip
    named = said("shop", "Asia/Tokyo", server_tz="Asia/Kolkata")
    table, answers = solved(lines, named)
    told = "--clock shop=Asia/Tokyo contradicts the log: no line of shop was found to keep it"
    assert [answer and answer[0] for answer in answers[2:]] == [0, 5.5] * 8
    assert told in [note.text for note in table.notes]
    assert all(
        told in [fact.text for fact in clock.conflicts]
        for clock in table.clocks
        if clock.group == "shop"
    )
    kept = solved(lines, said("shop", "UTC", server_tz="Asia/Kolkata"))[0]
    assert not [note for note in kept.notes if note.kind == "clock"]


@pytest.mark.parametrize("word", ["normalize", "clocks"])
def test_it_is_said(word: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Beside the lines, in the table and as JSON."""
    log = tmp_path / "error.log"
    log.write_text("\n".join(CHILD) + "\n")
    told = "--clock 718=UTC is assumed to tell of lines 3 to 4"
    assert run([word, "--clock", "718=UTC", str(log)]) == 0
    shown = capfd.readouterr()
    assert told in " ".join((shown.err if word == "normalize" else shown.out).split())
    assert run(["clocks", "--json", "--clock", "718=UTC", str(log)]) == 0
    clocks = [json.loads(text) for text in capfd.readouterr().out.splitlines()]
    assert any(told in fact["text"] for clock in clocks for fact in clock["evidence"])


def test_nobody_is_known_to_keep_the_servers_clock() -> None:
    """Rotation has cut off how children began: all may keep their application's zone already."""
    talk = [
        line(f"2026-11-11 12:00:{second:02}", 718 + second % 2, "[client 127.0.0.1:6] INFO hello")
        for second in range(1, 20, 3)
    ]
    doubt = "no line tells who keeps the server's clock (--server-tz)"
    for lines, guessed in ((talk, True), ([resuming("2026-11-11 12:00:00"), *talk], False)):
        table, answers = solved(lines, ClockOptions(server_tz="Asia/Tokyo"))
        assert {answer and answer[0] for answer in answers} == {9}
        texts = [[note.text for note in table.notes]]
        texts += [[fact.text for fact in clock.evidence] for clock in table.clocks]
        assert {any(text.startswith(doubt) for text in some) for some in texts} == {guessed}
