"""Keepers: who keeps the zone of --server-tz, and who does so for certain."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.clock_accuracy import anchors_of, errlog, score
from logtool.clocks.options import ClockOptions
from tests.logtool.clocks.scenes import Answer, born, line, resuming, solved
from tests.logtool.clocks.simulate import Simulated, cut
from tests.logtool.clocks.simulate.strategies import simulations
from tests.logtool.clocks.test_engine import SOME

IN_KOLKATA = ClockOptions(server_tz="Asia/Kolkata")
MISSING = "AH00128: File does not exist: /srv/a"
CLIENT = "[client 192.0.2.1:51580] "
PLAIN = "AH00489: Apache/2.4.71 (Debian) OpenSSL/3.0.19 configured -- resuming normal operations"


def child(stamp: str, pid: int, message: str = MISSING, module: str = "core:info") -> str:
    """A child's line about a client."""
    return line(stamp, pid, CLIENT + message, module)


def python(stamp: str, pid: int, message: str = "INFO shop: index seen") -> str:
    """A line that an application writes, in a child or in a daemon that nothing marks as one."""
    return line(stamp, pid, CLIENT + message)


def by_pid(lines: list[str], options: ClockOptions = IN_KOLKATA) -> dict[int, list[Answer]]:
    """Each pid's answers, without repetitions."""
    found: dict[int, list[Answer]] = {}
    for text, answer in zip(lines, solved(lines, options)[1], strict=True):
        held = found.setdefault(int(text.partition("[pid ")[2].partition(":")[0]), [])
        if answer not in held:
            held.append(answer)
    return found


def test_a_child_that_may_run_python_unseen_is_not_certain() -> None:
    """Rotation has cut off what came before: an application in it may have moved its clock."""
    lines = [
        child("2026-11-26 04:11:57.977", 36), python("2026-11-26 04:11:58.141", 35, "hello"),
        child("2026-11-26 04:11:58.625", 36), python("2026-11-26 07:41:58.665", 33),
        child("2026-11-26 04:11:58.698", 36),
    ]  # fmt: skip
    answers = solved(lines, IN_KOLKATA)[1]
    assert {answer[1] for answer in answers if answer} == {"likely"}


def test_nor_is_it_after_nine_hours_of_silence_that_nobody_kept() -> None:
    """A parent nine hours later bounds a child's clock from one side only."""
    truncated = "Truncated or oversized response headers received from daemon process 'late'"
    lines = [
        child("2026-11-26 04:12:00.659", 336, truncated, "wsgi:error"),
        line("2026-11-26 13:12:02.323", 300, "AH00094: Command line: 'apache2'", "core:notice"),
    ]
    assert by_pid(lines) == {336: [(5.5, "likely")], 300: [(5.5, "certain")]}


def test_turns_with_the_parent_make_a_child_certain() -> None:
    """Order leaves one difference to who is known to keep the server's clock."""
    lines = []
    for second in range(10, 40, 4):
        lines.append(line(f"2026-11-26 13:12:{second}", 300, "AH00094: x", "core:notice"))
        lines.append(child(f"2026-11-26 13:12:{second + 1}", 336))
    assert by_pid(lines) == {300: [(5.5, "certain")], 336: [(5.5, "certain")]}


def test_a_child_of_a_log_that_tells_of_births_is_certain() -> None:
    """Where mod_wsgi says what it starts, from Apache's start on, a child would have said so."""
    start = [born("2026-11-26 13:00", 7), resuming("2026-11-26 13:00:01")]
    late = [child("2026-11-26 15:00", 36), child("2026-11-26 18:00", 36)]
    assert by_pid([*start, *late])[36] == [(5.5, "certain")]
    # That log begins before the start, and that one does not tell of births.
    assert by_pid([child("2026-11-26 12:59", 36), *start, *late])[36][-1] == (5.5, "likely")
    assert by_pid([start[1], python("2026-11-26 13:01", 8), *late])[36] == [(5.5, "likely")]


def test_children_of_an_apache_without_python_are_certain() -> None:
    """The parent's banner names all that can set a zone."""
    lines = [
        line("2026-11-26 13:00", 1, PLAIN, "mpm_event:notice"),
        child("2026-11-26 15:00", 36), child("2026-11-26 18:00", 36),
    ]  # fmt: skip
    assert by_pid(lines)[36] == [(5.5, "certain")]
    lines[0] = lines[0].replace("OpenSSL/3.0.19", "mod_wsgi/4.9.4")
    assert by_pid(lines)[36] == [(5.5, "likely")]


def test_the_user_s_zone_is_not_dropped_for_the_host_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children of which the first run is at 13:11 keep the server's clock then."""
    loading = "mod_wsgi (pid=336, process='', application='localhost:1|/emb'): Loading Python x"
    lines = [
        python("2026-11-26 13:11:46.897214", 336, "plain app says /b"),
        python("2026-11-26 13:11:46.920553", 335, "2026-11-26 13:11:46,920 INFO:late:hello /y"),
        python("2026-11-26 04:11:48.133266", 335, "2026-11-26 04:11:48,133 INFO:late:hello /x"),
        child("2026-11-26 13:11:48.313154", 337), python("2026-11-26 07:41:48.459999", 333),
        python("2026-11-26 04:11:53.688093", 337),
        child("2026-11-26 13:11:54.161670", 336, loading, "wsgi:info"),
        python("2026-11-26 04:11:55.632221", 336), python("2026-11-26 04:11:55.792799", 337),
    ]  # fmt: skip
    for host in ("UTC", "Asia/Tokyo"):
        monkeypatch.setenv("TZ", host)
        assert by_pid(lines) == {
            336: [(5.5, "assumed"), (-3.5, "assumed")],
            335: [(5.5, "assumed"), (-3.5, "assumed")],
            337: [(5.5, "assumed"), (-3.5, "assumed")],
            333: [(0.0, "assumed")],
        }


@pytest.mark.parametrize("host", ["UTC", "Asia/Tokyo"])
def test_an_option_that_was_given_is_not_advised(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parent keeps the zone of --server-tz; of what else is there nothing rests on the host."""
    monkeypatch.setenv("TZ", host)
    lines = [resuming("2026-11-26 13:21:11.100")]
    for tenth in range(1, 9, 2):
        lines.append(python(f"2026-11-26 04:21:20.{tenth}", 217, "Target WSGI script not found"))
        lines.append(python(f"2026-11-26 07:51:20.{tenth + 1}", 213))
    table, _ = solved(lines, IN_KOLKATA)
    assert not [note for note in table.notes if "--server-tz" in note.text]
    assert by_pid(lines) == {
        1: [(5.5, "certain")], 217: [(-3.5, "likely")], 213: [(0.0, "likely")]
    }  # fmt: skip


def test_a_child_outranks_a_process_that_writes_python_s_lines_only() -> None:
    """Such a process is a daemon, most likely, that has set its zone; the child may have, too."""
    lines = []
    for turn in range(4):
        words = "INFO nfld: x" if turn else "Target WSGI script not found: /srv/x"
        lines.append(python(f"2026-11-26 07:51:2{turn}.1", 213))
        lines.append(python(f"2026-11-26 04:21:2{turn}.3", 217, words))
    assert by_pid(lines)[217] == [(5.5, "assumed")]


def test_a_child_s_first_run_is_the_server_s() -> None:
    """Its clock has changed since: its application has moved it."""
    lines = []
    for second in range(0, 8, 2):
        hour = "13" if second < 4 else "04"
        lines.append(child(f"2026-11-26 {hour}:11:4{second}", 217, module="core:error"))
        lines.append(python(f"2026-11-26 07:41:4{second + 1}", 213))
    found = by_pid(lines)
    assert found == {217: [(5.5, "likely"), (-3.5, "likely")], 213: [(0.0, "likely")]}


def test_a_zone_that_nobody_keeps_is_told() -> None:
    """--clock says otherwise of the only process there is."""
    options = ClockOptions(server_tz="Asia/Kolkata", clocks=(("213", "UTC"),))
    table, _ = solved([python(f"2026-11-26 07:51:2{turn}", 213) for turn in range(5)], options)
    (note,) = (note.text for note in table.notes if note.kind == "server-tz")
    assert note.startswith("--server-tz Asia/Kolkata contradicts the log: ")


@pytest.mark.parametrize("anchor", ["server-tz", "mtime", "access-log"])
@SOME
@given(log=simulations(most_requests=60), seed=st.integers(0, 2**32 - 1))
def test_certain_is_never_wrong_in_what_rotation_leaves(
    anchor: str, log: Simulated, seed: int
) -> None:
    """Of a part of a log no line is certain, or written, and wrong."""
    part = cut(log, Random(seed))
    counts = score(part, errlog(part.log, **anchors_of(part, anchor)), forgive_shift=False)  # type: ignore[arg-type]
    assert counts.overconfident == 0
