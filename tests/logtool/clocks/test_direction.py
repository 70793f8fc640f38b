"""A log that was put back to front is told, and its times stand in their order."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from logtool.__main__ import run
from logtool.clocks.direction import Direction
from logtool.clocks.turns import BACKWARD, FORWARD, turns_of
from parsers.lines import NO_OFFSET, NO_PID, Stamps
from tests.logtool.tui.pilots import Flight, fly

SAMPLES = Path(__file__).parents[3] / "sample_logs"
LOGS = sorted(SAMPLES.glob("*/error.log"))
SAMPLE = SAMPLES / "debug_lines" / "error.log"


def back_to_front(sample: Path, folder: Path) -> Path:
    """What `tac` makes of a log."""
    log = folder / "error.log"
    log.write_bytes(b"".join(reversed(sample.read_bytes().splitlines(keepends=True))))
    return log


#: How the stamps of a process follow each other, µs; the last two are jumps.
_STEPS = st.lists(st.sampled_from([1, -1, -1, 0, FORWARD + 1, -BACKWARD - 1]), max_size=9)
#: A block: of which file, whether its first process has no pid, and the steps of each process.
_BLOCK = st.tuples(st.integers(0, 1), st.booleans(), st.lists(_STEPS, min_size=1, max_size=3))


def block_of(nameless: bool, processes: list[list[int]]) -> Stamps:
    """Stamps of some processes, each of which begins a little off where the one before ended."""
    pids, times = [], [0]
    for pid, steps in enumerate(processes):
        times.append(times[-1] + (3 if pid % 2 else -3))
        for step in steps:
            times.append(times[-1] + step)
        pids += [NO_PID if nameless and not pid else pid + 7] * (len(steps) + 1)
    rows = len(pids)
    return Stamps(
        np.zeros(rows, np.int16), np.zeros(rows, np.int64), np.zeros(rows, np.int64),
        np.array(times[1:], np.int64), np.zeros(rows, np.int8), np.full(rows, NO_OFFSET, np.int32),
        np.array(pids, np.int64),
    )  # fmt: skip


@given(st.lists(_BLOCK, max_size=5))
@example([(0, False, [[-1] * 5])])
@example([(0, False, [[-1] * 6])])
@example([(0, False, [[-1] * 6]), (0, False, [[1] * 6])])
@example([(0, False, [[-1] * 4]), (0, True, [[1] * 6, [-1] * 3])])
@example([(1, True, [[-1] * 6]), (0, False, [[-1] * 7])])
def test_what_runs_backwards(blocks: list[tuple[int, bool, list[list[int]]]]) -> None:
    """More than five lines, and more than follow as they should, over all blocks of a file."""
    direction = Direction()
    back, forward, nameless = [0, 0], [0, 0], set()
    for file, without, processes in blocks:
        direction.add(file, turns_of(block_of(without, processes)))
        back[file] += sum(steps.count(-1) for steps in processes)
        forward[file] += sum(steps.count(1) for steps in processes)
        nameless |= {file} if without else set()
    notes = {note.file: note.text for note in direction.notes(["a.log", "b.log"])}
    assert {*notes} == {file for file in (0, 1) if back[file] > max(5, forward[file])}
    for file, text in notes.items():
        one = "another" if file in nameless else "one of the same process"
        moved = back[file] + forward[file]
        told = f"{'ab'[file]}.log runs backwards: of {moved} lines after {one}, {back[file]} are "
        assert text.startswith(told)
        assert text.endswith(
            "were written, so trust none but written offsets; tac puts the lines right"
        )


@pytest.fixture
def reversed_log(tmp_path: Path) -> Path:
    """A reversed log whose clocks the order of lines would call certain."""
    return back_to_front(SAMPLE, tmp_path)


@pytest.mark.parametrize("word", ["normalize", "clocks", "flags", "pairs"])
def test_backwards_is_told_once(
    word: str, reversed_log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """One note with its evidence; none with -q."""
    assert run([word, str(reversed_log)]) == 0
    told = [line for line in capfd.readouterr().err.splitlines() if "backwards" in line]
    assert len(told) == 1
    assert "runs backwards: of 298 lines after one of the same process, 298 are earlier" in told[0]
    assert run([word, "-q", str(reversed_log)]) == 0
    assert "backwards" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["normalize"],
        ["normalize", "-v"],
        ["clocks"],
        ["clocks", "-v"],
        ["clocks", "--json"],
        ["clocks", "--explain", "20"],
        ["report"],
        ["report", "-o", "report.json"],
    ],
    ids=" ".join,
)
def test_order_proves_nothing(
    words: list[str],
    reversed_log: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Order proves nothing there: every clock is only assumed, even where the zone is told."""
    monkeypatch.chdir(reversed_log.parent)
    assert run([*words, "--server-tz", "Europe/Berlin", str(reversed_log)]) == 0
    told = capfd.readouterr()
    said = told.out + told.err + "".join(path.read_text() for path in Path().glob("*.json"))
    assert "assumed" in said
    assert "likely" not in said
    assert "certain" not in said
    assert "say --server-tz" not in said
    assert "runs backwards" in " ".join(said.split())  # the path decides where lines are broken


def test_report_of_what_runs_backwards(
    reversed_log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The report says it beside its clocks."""
    assert run(["report", str(reversed_log)]) == 0
    told = " ".join(capfd.readouterr().out.split())
    assert told.count("runs backwards: of 298 lines after one of the same process, 298") == 1


def test_report_of_the_spans(reversed_log: Path, tmp_path: Path) -> None:
    """Spans begin with their earliest instant, whichever line stands first; no line is left out."""
    out = tmp_path / "report.json"
    assert run(["report", "--server-tz", "Europe/Berlin", str(reversed_log), "-o", str(out)]) == 0
    (host,) = json.loads(out.read_text())["hosts"]
    for span in (host, *host["clocks"], *host["processes"]):
        assert span["first_utc"] <= span["last_utc"]
    assert host["lines"] == len(reversed_log.read_bytes().splitlines())


def test_view_of_what_runs_backwards(reversed_log: Path) -> None:
    """The title doubts the times, the screen of clocks says why."""

    async def steps(flight: Flight) -> None:
        assert "runs backwards: C tells" in flight.dump().splitlines()[0]
        await flight.press("C")
        told = " ".join(flight.dump().split())
        assert "runs backwards: of 298 lines after" in told
        assert "certain" not in told

    fly([reversed_log], steps, (120, 40))


def test_timeline_of_what_runs_backwards(
    reversed_log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Spans and the timeline begin with their earliest instant; every process has a bar."""
    assert run(["clocks", "-q", "--server-tz", "Europe/Berlin", str(reversed_log)]) == 0
    said = capfd.readouterr().out
    spans = [line.split()[1:4:2] for line in said.splitlines() if line.startswith("    time ")]
    assert spans
    assert all(begin <= end for begin, end in spans)
    drawn = said.split("\n\n")[1].splitlines()[:6]
    assert all(line[13:].strip() for line in drawn), drawn


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.parent.name)
def test_each_reversed_log_is_known(
    log: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also with whole seconds or without pids, where some lines are earlier than those before."""
    told = ["--json", "--server-tz", "Europe/Berlin", str(back_to_front(log, tmp_path))]
    assert run(["clocks", *told]) == 0
    said = capfd.readouterr()
    if log.parent.name != "no_pid":  # whole seconds, and four lines that are earlier
        assert "runs backwards" in said.err
    assert '"certain"' not in said.out


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.parent.name)
def test_no_real_log_runs_backwards(log: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is told of a log as Apache wrote it."""
    run(["clocks", str(log)])
    assert "backwards" not in capfd.readouterr().err
