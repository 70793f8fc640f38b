"""A log that was sorted by its stamps, or shuffled, is told, and nothing in it is sure."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.__main__ import run
from logtool.clocks.table import DISORDER
from tests.logtool.clocks.scenes import Answer, born, line, resuming, solved
from tests.places import SAMPLE_LOGS

LOGS = sorted(SAMPLE_LOGS.glob("*/error.log"))
PARENT = 1


def server(ahead_h: int, daemons: int, day: str = "2026-09-05") -> list[str]:
    """A server whose daemons change their zone, each of which dies before the next one is born."""
    zero = datetime.fromisoformat(f"{day} 12:00:00")
    lines = [resuming(zero.isoformat(" "), PARENT)]
    for number in range(daemons):
        pid, start = 100 + number, zero + timedelta(minutes=1 + 50 * number)
        lines.append(born(start.isoformat(" "), pid))
        for second in range(1, 6):
            local = start + timedelta(seconds=second, hours=ahead_h)
            lines.append(line(local.isoformat(" "), pid, f"order {second}"))
        words = f"mod_wsgi (pid={pid}): Process 'app' has died, deregister and restart it."
        lines.append(line((start + timedelta(minutes=8)).isoformat(" "), PARENT, words))
    return lines


def notes(lines: Sequence[str]) -> list[str]:
    """What is told of their order; where anything is, nothing may be more than assumed."""
    table, answers = solved(lines)
    told = [note.text for note in table.notes if note.kind == DISORDER]
    assert not told or sureness(answers) == {"assumed"}
    return told


def sureness(answers: Sequence[Answer]) -> set[str]:
    """How sure they are."""
    return {answer[1] for answer in answers if answer is not None}


@given(
    st.sampled_from([-9, -5, -1, 1, 4, 11]), st.integers(2, 9), st.sampled_from(["05", "07", "30"])
)
def test_sorted_lines_are_told(ahead_h: int, daemons: int, day: str) -> None:
    """Also over midnight, where the names of days are sorted first; as it was written nothing is.

    What stands before the word that Apache has started may be of another life of it.
    """
    lines = server(ahead_h, daemons, f"2026-09-{day}")
    assert notes(lines) == []

    in_order = sorted(lines)
    place = {text: at for at, text in enumerate(in_order)}
    lives = [lines[at : at + 7] for at in range(1, len(lines), 7)]
    strange = sum(
        any(
            place[one] > place[lines[0]] and not place[birth] < place[one] < place[death]
            for one in said
        )
        for birth, *said, death in lives
    )
    words = (
        "error.log seems to be sorted: no line of a day is earlier than the one before, whoever "
        f"wrote it, but {strange} daemons speak"
    )
    told = notes(in_order)
    assert [text.startswith(words) for text in told] == [True] * (strange > 1)


@given(st.integers(0, 6))
def test_what_sorting_does_not_change_is_not_told(daemons: int) -> None:
    """Where all keep one clock, sorted lines stand as they were written."""
    lines = server(0, daemons)

    assert sorted(lines) == lines
    assert notes(lines) == []


@pytest.mark.parametrize(("daemons", "used"), [(3, 1), (40, 2)])
def test_pids_may_be_used_again(daemons: int, used: int) -> None:
    """Children of Apache may have pids of daemons that died, and do not say that they begin."""
    lines = server(0, daemons)
    later = datetime.fromisoformat("2026-09-05 13:00:00") + timedelta(minutes=50 * daemons)
    for number in range(used):
        stamp = (later + timedelta(seconds=number)).isoformat(" ")
        pid = 100 + daemons - 1 - number
        lines.append(line(stamp, pid, "AH01964: Connection to child 3", "ssl:info"))

    assert notes(lines) == []


def test_a_new_apache_may_use_all_pids_again() -> None:
    """In a container they are the same at each start, and births are not always written."""
    first, later = server(0, 3), server(0, 3, "2026-09-06")
    again = [one for one in later if "Starting process" not in one and "has died" not in one]

    assert notes([*first, *again]) == []


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_lines_are_told(seed: int) -> None:
    """Times of one process that fall again and again are those of nobody's server."""
    zero = datetime.fromisoformat("2026-09-05 12:00:00")
    stamps = [(zero + timedelta(seconds=4 * number)).isoformat(" ") for number in range(30)]
    lines = [line(stamp, 100 + number % 3) for number, stamp in enumerate(stamps)]
    random.Random(seed).shuffle(lines)

    table, answers = solved(lines)
    words = ("error.log is in no order: of ", "error.log runs backwards: of ")
    assert sum(note.text.startswith(words) for note in table.notes) == 1
    assert sureness(answers) == {"assumed"}


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.parent.name)
def test_no_real_log_is_out_of_order(log: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is told of a log as Apache wrote it."""
    assert run(["clocks", "--json", str(log)]) == 0
    said = capfd.readouterr()
    assert "no order" not in said.err
    assert "sorted" not in said.err


@pytest.mark.parametrize("word", ["normalize", "clocks", "report"])
def test_each_command_says_it(word: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Once, whatever zone is told; and a report proposes no zone as the cure."""
    log = tmp_path / "error.log"
    log.write_text("".join(f"{one}\n" for one in sorted(server(4, 3))))
    assert run([word, "--server-tz", "America/New_York", str(log)]) == 0
    told = capfd.readouterr()
    said = " ".join((told.out + told.err).split())
    assert said.count("seems to be sorted: ") == 1
    assert "tac puts" not in said
    assert not {"certain", "likely"} & {*said.replace(",", " ").replace(":", " ").split()}
    assert run(["clocks", "--json", "--server-tz", "America/New_York", str(log)]) == 0
    clocks = [json.loads(one) for one in capfd.readouterr().out.splitlines()]
    assert {clock["confidence"] for clock in clocks} == {"assumed"}
