"""What a report counts block by block against the folded table of all lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import logtool
from logtool.clocks.options import ClockOptions
from logtool.events.fingerprints import exceptions, template
from logtool.events.folding import fold
from logtool.events.kinds import Kind
from logtool.reports.numbers import Numbers, Report
from parsers.blocks import BLOCK_SIZE
from tests.logtool.reports.conftest import CRASH, SAMPLES
from tests.small_blocks import read_in_blocks

Make = Callable[..., Report]
Blocks = Callable[[int], None]
LOGS = sorted(SAMPLES.glob("*/error.log"))
ZONE = "Europe/Berlin"


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.parent.name)
def test_events_and_exceptions(report_of: Make, log: Path) -> None:
    """Events, exceptions and messages are as many as in the folded table of all lines."""
    numbers = report_of(log, options=ClockOptions(ZONE)).hosts[0]
    folded = fold(logtool.scan(log, server_tz=ZONE).collect())

    assert numbers.lines == folded.height
    assert numbers.events == folded["event"].n_unique()
    raised = Counter(exceptions(folded)["fingerprint"])
    assert {one.fingerprint: one.events for one in numbers.exceptions} == raised
    assert {(one.template, one.module, one.events) for one in numbers.messages} <= _messages(folded)


def _messages(folded: pl.DataFrame) -> set[tuple[str, str, int]]:
    """Template, module and count of lines that stand alone and talk."""
    talk = (int(Kind.PLAIN), int(Kind.FINAL), int(Kind.PYTHON_HEAD))
    counted = (
        folded.filter((pl.len().over("event") == 1) & pl.col("kind").is_in(talk))
        .group_by(template(pl.col("message")).alias("text"), "module", "level")
        .len()
    )
    return {(text, module or "", count) for text, module, _, count in counted.iter_rows()}


@pytest.mark.parametrize("size", [5_000, 20_000])
def test_any_blocks_tell_the_same(report_of: Make, small_blocks: Blocks, size: int) -> None:
    """A report of many small blocks, whose ends cut tracebacks, holds the numbers of one block."""
    options = ClockOptions("+02:00")
    whole = report_of(CRASH, options=options).hosts[0]
    small_blocks(size)
    parts = report_of(CRASH, options=options).hosts[0]

    assert _comparable(parts) == _comparable(whole)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> Blocks:
    """Makes logs come in blocks of a size."""
    return partial(read_in_blocks, monkeypatch=monkeypatch)


@settings(
    max_examples=10,
    suppress_health_check=[*settings().suppress_health_check, HealthCheck.function_scoped_fixture],
)
@given(
    threads=st.lists(st.integers(1, 4), min_size=60, max_size=120),
    far=st.sets(st.integers(0, 119), min_size=1, max_size=9),
    size=st.integers(2_000, 6_000),
    days=st.sampled_from([1, -1]),
)
def test_lines_of_far_off_times_end_no_stack(
    report_of: Make,
    small_blocks: Blocks,
    tmp_path: Path,
    threads: list[int],
    far: set[int],
    size: int,
    days: int,
) -> None:
    """Wherever a block ends behind one: what threads write goes on when they write on."""
    lines, written = [], Counter[int]()
    for at, thread in enumerate(threads):
        text = _STACK[written[thread] % len(_STACK)]
        written[thread] += 1
        lines.append(_LINE % (23, at // 60, at % 60, 71, thread, text))
        if at in far:
            lines.append(_LINE % (23 + days, at // 60, at % 60, 72, 9, "from elsewhere"))
    log = tmp_path / "error.log"
    log.write_text("".join(f"{line}\n" for line in lines))
    small_blocks(1 << 20)
    whole = report_of(log).hosts[0]
    small_blocks(size)
    parts = report_of(log).hosts[0]

    assert _counts(parts) == _counts(whole)


@pytest.mark.parametrize(("blocks", "found"), [(5, [1]), (7, [])])
def test_a_stack_over_many_blocks(
    report_of: Make, small_blocks: Blocks, tmp_path: Path, blocks: int, found: list[int]
) -> None:
    """It is known as one up to its fifth block, and no line is lost: what is held is bounded."""
    frames = [f'  File "a.py", line {at}, in f' for at in range(30)]
    stack = ["Traceback (most recent call last):", *frames, "ValueError: x"]
    filler = 5 * [_LINE % (23, 1, 0, 72, 9, "from elsewhere")]
    lines = [line for text in stack for line in (_LINE % (23, 1, 0, 71, 1, text), *filler)]
    log = tmp_path / "error.log"
    log.write_text("".join(f"{line}\n" for line in lines))
    small_blocks(log.stat().st_size // blocks + 100)
    numbers = report_of(log).hosts[0]

    assert [one.events for one in numbers.exceptions] == found
    assert (numbers.lines, sum(one.lines for one in numbers.levels)) == (len(lines), len(lines))


def _counts(numbers: Numbers) -> tuple[int, set[tuple[str, int]], set[tuple[str, int]]]:
    return (
        numbers.events,
        {(one.fingerprint, one.events) for one in numbers.exceptions},
        {(one.fingerprint, one.events) for one in numbers.messages},
    )


_LINE = "[2026-11-%d 20:58:%02d.%02d0000 +0000] [wsgi:error] [pid %d:tid %d] %s"
_STACK = (
    "ERROR shop: it failed", "Traceback (most recent call last):", '  File "a.py", line 3, in f',
    "    f()", "ValueError: x",
)  # fmt: skip


@pytest.mark.parametrize("many", [4, 400])
def test_crashes_of_daemon_after_daemon(report_of: Make, tmp_path: Path, many: int) -> None:
    """Each daemon that finds no library counts, in few lines and in many."""
    died = _LINE % (23, 1, 1, 71, 7, "mod_wsgi (pid=72): Process 'shop' has died")
    log = tmp_path / "error.log"
    log.write_text("".join(f"{line}\n" for line in (*_HOMELESS, died)) * many)
    numbers = report_of(log).hosts[0]
    folded = fold(logtool.scan(log).collect())

    assert [one.events for one in numbers.exceptions] == [many]
    assert numbers.events == folded["event"].n_unique() == 2 * many


_HOMELESS = (
    "Python path configuration:", "  PYTHONHOME = '/x'", "  sys.path = [", "    '/x/lib',", "  ]",
    "Fatal Python error: init_fs_encoding: failed", "Python runtime state: core initialized",
    "ModuleNotFoundError: No module named 'encodings'", "",
    "Current thread 0x00007f75089df780 (most recent call first):", "  <no Python frame>",
)  # fmt: skip


@pytest.mark.parametrize("many", [4, 400])
def test_exception_groups(report_of: Make, tmp_path: Path, many: int) -> None:
    """Each counts, as the exception of its outermost group, in few lines and in many."""
    log = tmp_path / "error.log"
    lines = (*_GROUP, "shop: went on") * many
    log.write_text("".join(f"{_LINE % (23, 1, 1, 71, 7, line)}\n" for line in lines))
    (exception,) = report_of(log).hosts[0].exceptions
    (folded,) = exceptions(fold(logtool.scan(log).collect()))["fingerprint"].value_counts().rows()

    assert (exception.type, exception.value) == ("ExceptionGroup", "all (1 sub-exception)")
    assert (exception.fingerprint, exception.events) == folded
    assert exception.events == many


_GROUP = (
    "ERROR shop: Exception on /grp [GET]", "  + Exception Group Traceback (most recent call last):",
    '  |   File "/srv/a.py", line 3, in f', "  |     raise ExceptionGroup('all', errors)",
    "  | ExceptionGroup: all (1 sub-exception)", "  +-+---------------- 1 ----------------",
    "    | ValueError: 7", "    +------------------------------------",
)  # fmt: skip


def _comparable(numbers: Numbers) -> Numbers:
    # A request whose lines are in more than two blocks is not seen as one; the evidence of clocks
    # is a choice of places.
    clocks = tuple(replace(clock, evidence=()) for clock in numbers.clocks)
    return replace(numbers, slowest=(), clocks=clocks)


def test_levels_of_python_are_messages(report_of: Make, tmp_path: Path) -> None:
    """A line of Python's logging is a message wherever it stands, one before a traceback is not."""
    head = "[Mon Nov 23 20:58:%02d.844548 2026] [wsgi:error] [pid 71:tid 71] [client 192.0.2.7:5] "
    texts = (
        "WARNING shop: slow", "WARNING shop: slow", "ERROR shop: failed",
        "Traceback (most recent call last):", '  File "/srv/a.py", line 3, in f', "ValueError: 3",
        "WARNING shop: slow",
    )  # fmt: skip
    log = tmp_path / "error.log"
    log.write_text("".join(f"{head % at}{text}\n" for at, text in enumerate(texts)))
    numbers = report_of(log).hosts[0]

    assert [(one.template, one.events) for one in numbers.messages] == [("WARNING shop: slow", 3)]
    assert (numbers.events, numbers.exceptions[0].events) == (4, 1)


def test_an_event_that_goes_over_to_the_next_block(report_of: Make, tmp_path: Path) -> None:
    """A traceback is of the log line before it, also where a block ends between the two."""
    head = "[Mon Nov 23 20:58:22.844548 2026] [%s:error] [pid 71:tid 71] "
    first = head % "wsgi" + "ERROR shop: it failed\n"
    filler = head % "core" + "x" * 4000 + "\n"
    count = (BLOCK_SIZE - len(first)) // len(filler)
    stack = ("Traceback (most recent call last):", '  File "a.py", line 3, in f', "ValueError: x")
    text = filler * count + first + "".join(f"{head % 'wsgi'}{line}\n" for line in stack)
    text = "y" * (BLOCK_SIZE - len(filler) * count - len(first) - 1) + "\n" + text
    log = tmp_path / "error.log"
    log.write_text(text + filler)
    (numbers,) = report_of(log).hosts

    assert numbers.lines == count + 6
    assert numbers.events == count + 3
    assert [one.events for one in numbers.exceptions] == [1]
