"""Small logs whose time steps back, stands still, or is of another age: never a mistake of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import polars as pl
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

import logtool
from logtool.clocks.telling.kinds import span_of
from logtool.commands import clocks, export, flags, pairs, report
from logtool.people.instants import BEYOND, utc_text
from tests.trust.running import clocks_found_once

DAY = datetime(2026, 11, 23, 20, 58, 23, tzinfo=UTC)
STEPPED = [DAY.replace(second=second) for second in range(10, 41)]
BEFORE = DAY.replace(minute=57)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def _between(first: datetime, last: datetime) -> st.SearchStrategy[datetime]:
    seconds = st.integers(0, int((last - first).total_seconds()))
    return seconds.map(lambda after: first + timedelta(seconds=after))


TIMES = st.one_of(
    _between(BEFORE, DAY.replace(minute=59)),
    _between(DAY.replace(day=21), DAY.replace(day=26)),
    st.sampled_from([DAY, EPOCH, LAST]),
)

Lines = list[tuple[datetime, int | None]]


def written(lines: Lines) -> str:
    """The text of a log."""
    return "".join(
        f"[{when:%a %b %d %H:%M:%S.%f} {when.year:04}] [core:error] "
        + (f"[pid {pid}:tid {pid}] " if pid else "")
        + f"message {number}\n"
        for number, (when, pid) in enumerate(lines)
    )


@settings(max_examples=10)
@given(st.lists(st.tuples(TIMES, st.sampled_from([10, 11, None])), min_size=1, max_size=8))
@example([(DAY, 10), (DAY.replace(second=20), 10)])
@example([(DAY, None), (DAY.replace(day=21), None)])
@example([*((when, 10) for when in STEPPED), (BEFORE, 10)])
@example([(LAST, 10)])
@example([(DAY, 10), (BEFORE, None), (LAST, None)])  # the last by a clock west of UTC
def test_every_word_takes_such_a_log(lines: Lines) -> None:
    """Also every form of a report; and clocks span the smallest to the largest instant."""
    with TemporaryDirectory() as folder, clocks_found_once():
        log = Path(folder, "error.log")
        log.write_text(written(lines))
        for ending in ("txt", "md", "html", "json", "csv", "parquet"):
            _run(report.command, log, "-o", f"{folder}/report.{ending}")
        for ending in ("jsonl", "csv", "parquet"):
            _run(export.command, log, "-o", f"{folder}/table.{ending}")
        for word in (clocks.command, flags.command, pairs.command):
            _run(word, log)

        utc = pl.col("utc").cast(pl.Int64)
        of_lines = utc.min(), utc.max().alias("last"), pl.col("local_time").max().alias("stamp")
        first, last, stamp = logtool.scan(str(log)).select(of_lines).collect().row(0)
        spanned = span_of(logtool.clocks(str(log)).clocks)
        if utc_text(spanned[1]) == BEYOND:  # then no table holds that line's instant
            assert (spanned[0], stamp) == (first, LAST.replace(tzinfo=None))
        else:
            assert spanned == (first, last)


def _run(word: click.Command, *arguments: object) -> None:
    """Run a word; a mistake is raised."""
    given_ = [str(one) for one in arguments]
    ran = CliRunner().invoke(word, given_, catch_exceptions=False, standalone_mode=False)
    assert ran.return_value == 0
