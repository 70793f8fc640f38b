"""A log that was put back to front is told, and its times stand in their order."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from logtool.__main__ import run
from logtool.clocks.doubt.direction import Direction
from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.turns import BACKWARD, FORWARD, turns_of
from logtool.clocks.table import BACKWARDS, DISORDER
from parsers.lines import NO_OFFSET, NO_PID, Stamps
from parsers.units import SECOND
from tests.logtool.clocks.scenes import at, born, line, resuming, solved
from tests.logtool.tui.pilots import Flight, fly
from tests.places import SAMPLE_LOGS

LOGS = sorted(SAMPLE_LOGS.glob("*/error.log"))
SAMPLE = SAMPLE_LOGS / "debug_lines" / "error.log"


def back_to_front(sample: Path, folder: Path) -> Path:
    """What `tac` makes of a log."""
    log = folder / "error.log"
    log.write_bytes(b"".join(reversed(sample.read_bytes().splitlines(keepends=True))))
    return log


#: How the stamps of a process follow each other, µs; the last two are jumps.
_STEPS = st.lists(
    st.sampled_from([1, -1, -1, 0, -4 * SECOND, FORWARD + 1, -BACKWARD - 1]), max_size=9
)
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
    """More lines than follow as they should: more than five, or two that are seconds earlier."""
    direction = Direction()
    back, far, forward, nameless = [0, 0], [0, 0], [0, 0], set()
    for file, without, processes in blocks:
        direction.add(file, turns_of(block_of(without, processes)))
        far[file] += sum(steps.count(-4 * SECOND) for steps in processes)
        back[file] += sum(steps.count(-1) + steps.count(-4 * SECOND) for steps in processes)
        forward[file] += sum(steps.count(1) for steps in processes)
        nameless |= {file} if without else set()
    told = [*direction.notes(["a.log", "b.log"])]
    notes = {note.file: note.text for note in told if note.kind == BACKWARDS}
    assert {*notes} == {
        file for file in (0, 1) if back[file] > forward[file] and (back[file] > 5 or far[file] > 1)
    }
    in_no_order = {note.file for note in told if note.kind == DISORDER}
    assert in_no_order == {
        file
        for file in {0, 1} - {*notes} - nameless
        if 4 * back[file] > forward[file]
        and 20 * far[file] > back[file] + forward[file]
        and far[file] > 2
    }
    for file, text in notes.items():
        one = "another" if file in nameless else "one of the same process"
        moved = back[file] + forward[file]
        words = f"{'ab'[file]}.log runs backwards: of {moved} lines after {one}, {back[file]} are "
        assert text.startswith(words)
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


#: What a small log of a server in Berlin holds, whose application sets UTC in its daemon.
_SAYS = {
    "parent": "AH00094: Command line: '/usr/sbin/apache2'",
    "child": "[client 192.0.2.1:51580] AH01964: Connection to child 2 established",
    "init": "mod_wsgi (pid=7): Initializing Python.",
    "app": "[remote 192.0.2.1:51580] INFO shop: index seen",
}
_MODULES = {"parent": "core:notice", "child": "ssl:info", "init": "wsgi:info", "app": "wsgi:error"}
_PIDS = {"parent": 1, "child": 3, "init": 7, "app": 7}
_GAPS_S = st.sampled_from([0.0, 0.1, 1, 3, 9, 60, 420, 1800, 3600, 7190, 7200, 7230, 86_400])
_SMALL = st.tuples(
    st.lists(st.tuples(st.sampled_from(["parent", "child", "init"]), _GAPS_S), max_size=3),
    st.lists(st.tuples(st.sampled_from(["parent", "child", "app"]), _GAPS_S), max_size=5),
)


@given(_SMALL, st.sampled_from([ClockOptions(server_tz="Europe/Berlin"), ClockOptions()]))
@example(
    ([("init", 0.1)], [("app", 1), ("app", 1), ("child", 60)]),
    ClockOptions(server_tz="Europe/Berlin"),
)
@example(
    ([("init", 0.0)], [("parent", 3600), ("parent", 3600), ("app", 0.0)]),
    ClockOptions(server_tz="Europe/Berlin"),
)
@example(([("init", 0.0)], [("app", 7190)]), ClockOptions(server_tz="Europe/Berlin"))
def test_no_small_reversed_log_is_wrong_and_certain(
    said: tuple[list[tuple[str, float]], list[tuple[str, float]]], options: ClockOptions
) -> None:
    """However few its lines are: those that do not show their order prove nothing by it."""
    young, grown = said
    instant, lines, offsets = at("2026-06-04 08:00:00"), [born("2026-06-04 10:00:00", 7)], [2]
    for who, gap in [*young, *grown]:
        instant += round(gap * SECOND)
        offsets.append(0 if who == "app" else 2)
        stamp = np.datetime64(instant + offsets[-1] * 3600 * SECOND, "us")
        lines.append(line(str(stamp), _PIDS[who], _SAYS[who], _MODULES[who]))
    answers = solved(lines[::-1], options)[1]
    assert [
        (answer, text)
        for answer, offset, text in zip(answers, offsets[::-1], lines[::-1], strict=True)
        if answer and answer[1] == "certain" and answer[0] != offset
    ] == []


@pytest.mark.parametrize("back", [True, False])
def test_eight_lines_are_enough(
    back: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A process whose lines are seconds earlier, one after the other, is not raced by its own."""
    lines = [
        born("2026-06-04 08:00:00", 7), resuming("2026-06-04 08:00:01"),
        *(line(f"2026-06-04 06:00:{second:02}", 7, _SAYS["app"]) for second in (5, 9, 19)),
        *(line(f"2026-06-04 08:0{minute}:00", 3, _SAYS["child"], "ssl:info") for minute in "123"),
    ]  # fmt: skip
    log = tmp_path / "error.log"
    log.write_text("\n".join(lines[:: -1 if back else 1]) + "\n")
    assert run(["clocks", "--json", "--server-tz", "Europe/Berlin", str(log)]) == 0
    said = capfd.readouterr()
    assert ("runs backwards: of 4 lines" in said.err) is back
    assert ('"certain"' in said.out) is not back


def test_what_rests_on_no_order_stays_certain() -> None:
    """One line of a parent, of a daemon that begins, and one behind the other."""
    options = ClockOptions(server_tz="Asia/Kolkata")
    parent, daemon = resuming("2026-06-04 08:00:01"), born("2026-06-04 08:00:00", 7)
    for lines in ([parent], [daemon], [parent, daemon], [daemon, parent]):
        assert {*solved(lines, options)[1]} == {(5.5, "certain")}
