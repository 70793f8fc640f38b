"""What syslog stamped without a year has the clocks that it has with one, but is less sure."""

from __future__ import annotations

import gzip
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import numpy as np
import polars as pl
import pytest

import logtool
from logtool.__main__ import run
from logtool.clocks.doubt.years import Years
from logtool.clocks.table import ClockTable, Confidence
from parsers.blocks import Block
from parsers.built_in import SYSLOG
from parsers.decode import Decoder
from tests.places import SAMPLE_LOGS

#: The stamp of httpd's built-in format, and what syslog writes in its place.
STAMP = re.compile(
    rb"^\[\w{3} (\w{3}) ([ \d]\d) (\d\d:\d\d:\d\d(?:\.\d{6})?) \d{4}\] "
    rb"(?=\[\w*:\w+\] \[pid \d+(?::tid \d+)?\] )",
    re.MULTILINE,
)
HEAD = rb"\1 \2 \3 web1 apache2[7]: "
#: What httpd's built-in format wrote: another one's log IDs cannot be read without it.
BUILT_IN = [
    log
    for log in sorted(SAMPLE_LOGS.glob("*/error.log"))
    if log.parent.name != "log_ids"
    and len(STAMP.findall(text := log.read_bytes())) > text.count(b"\n") // 2
]


def again(log: Path, text: bytes, folder: Path) -> Path:
    """A log of the same time, with other lines, and beside it what there was beside it."""
    copytree(log.parent, folder, dirs_exist_ok=True)
    path, stat = folder / "error.log", log.stat()
    path.write_bytes(text)
    os.utime(path, ns=(stat.st_mtime_ns, stat.st_mtime_ns))
    return path


def dated(folder: Path, *times: datetime, last: datetime | None = None) -> Path:
    """A log of a process that wrote at some times, modified at the last one or another."""
    path = folder / "dated.log"
    path.write_text(
        "".join(
            f"{when:%b} {when.day:2} {when:%T} web1 httpd[5]: [wsgi:info] [pid 5:tid 5] a\n"
            for when in times
        )
    )
    seconds = (last or times[-1]).timestamp()
    os.utime(path, (seconds, seconds))
    return path


def clocks(path: Path) -> ClockTable:
    """What is found of a log."""
    return logtool.clocks(str(path), server_tz="UTC")


def utc_of(path: Path) -> list[datetime | None]:
    """Each line's instant."""
    frame = logtool.scan(str(path), server_tz="UTC").select("utc").collect()
    return frame["utc"].dt.replace_time_zone("UTC").to_list()


def test_how_sure_lines_may_be() -> None:
    """Assumed up to the line at which times fall back last, in whatever blocks they come."""
    months = ["Mar", "May", "Jul", "Dec", "Jan", "", "May", "Jul", "Jan"]
    head = "  8 02:05:06 web1 httpd[5]: [wsgi:info] [pid 5:tid 5] a"
    lines = [f"{month}{head}\n" if month else "garbage\n" for month in months]
    decoder, years = Decoder([SYSLOG[0]], 1_780_963_200_000_000), Years()
    for first in range(0, len(lines), 7):
        block = Block.of("".join(lines[first : first + 7]).encode(), first_line=first + 1)
        years.add(1, block, decoder.stamps(block), decoder)
    files, numbers = np.repeat([0, 1], len(lines)), np.tile(np.arange(len(lines)) + 1, 2)
    surest = years.surest(files.astype(np.int32), numbers).tolist()

    other, assumed, likely = Confidence.WRITTEN, Confidence.ASSUMED, Confidence.LIKELY
    assert surest == [*[other] * len(lines), *[assumed] * 7, likely, likely]
    assert not Years()


@pytest.mark.parametrize("log", BUILT_IN, ids=lambda log: log.parent.name)
def test_a_year_less_changes_no_clock(log: Path, tmp_path: Path) -> None:
    """Each line of a captured log has the instant that it has with its year, likely at most."""
    wanted = ["utc", "confidence"]
    with_year = logtool.scan(str(again(log, log.read_bytes(), tmp_path))).select(wanted).collect()
    text = STAMP.sub(HEAD, log.read_bytes())
    without = logtool.scan(str(again(log, text, tmp_path))).select(wanted).collect()

    assert len(BUILT_IN) > 3
    assert without["utc"].to_list() == with_year["utc"].to_list()
    assert without["confidence"].to_list() == [
        "likely" if one == "certain" else one for one in with_year["confidence"].to_list()
    ]


def test_a_night_of_new_year(tmp_path: Path) -> None:
    """What was written before it is of the year before; a note says by what rule."""
    first = datetime(2025, 12, 31, 23, 50, tzinfo=UTC)
    times = [first + timedelta(minutes=minutes) for minutes in range(30)]
    path = dated(tmp_path, *times)

    table = clocks(path)
    assert utc_of(path) == times
    assert [note.text for note in table.notes if note.kind == "year"] == [
        f"lines of {path} write no year: each has the latest that is not after the file was "
        "modified last (2026-01-01T00:19:00Z)"
    ]
    assert {str(clock.confidence) for clock in table} == {"likely"}
    assert "year" in {fact.kind for clock in table for fact in clock.evidence}


@pytest.mark.parametrize("days", [400, 800])
def test_a_file_of_more_than_a_year(days: int, tmp_path: Path) -> None:
    """Lines of other years than the rule gives are assumed, and it is said where that ends."""
    last = datetime(2026, 11, 8, tzinfo=UTC)
    times = [last - timedelta(days=day) for day in range(days, -1, -1)]
    path = dated(tmp_path, *times)

    table = clocks(path)
    frame = logtool.scan(str(path), server_tz="UTC").select("utc", "confidence").collect()
    right = frame["utc"].dt.replace_time_zone("UTC").to_numpy() == pl.Series(times).to_numpy()
    sure = frame["confidence"] == "likely"
    assert sure.sum() > 360
    assert right[sure.to_numpy()].all()
    (note,) = (note for note in table.notes if note.kind == "year")
    assert note.line == sure.to_list().index(True) + 1
    assert "times fall back by most of a year" in note.text


def test_a_file_that_was_modified_before_its_last_lines(tmp_path: Path) -> None:
    """Its time is another file's: lines after it seem to be older than those before."""
    times = [datetime(2026, month, 8, tzinfo=UTC) for month in range(1, 12)]
    table = clocks(dated(tmp_path, *times, last=times[5]))

    assert {str(clock.confidence) for clock in table if clock.first_line == 1} == {"assumed"}


def test_a_file_without_a_true_time(tmp_path: Path) -> None:
    """Packers write 1970: then a line has the latest year up to now, and that is said."""
    when = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
    path = dated(tmp_path, when, last=datetime(1970, 1, 1, tzinfo=UTC))

    assert utc_of(path) == [when]
    (note,) = (note for note in clocks(path).notes if note.kind == "year")
    assert note.text.endswith("each has the latest that is not in the future")


def test_a_rotated_set(tmp_path: Path) -> None:
    """Each member has its own time: what gzip packed that in its header, not that of the copy."""
    old = datetime(2025, 3, 8, 2, 5, 6, tzinfo=UTC)
    path = dated(tmp_path, old)
    packed = gzip.compress(path.read_bytes(), mtime=int(old.timestamp()))
    (tmp_path / "error.log.1.gz").write_bytes(packed)
    young = datetime(2026, 3, 7, 2, 5, 6, tzinfo=UTC)
    dated(tmp_path, young).rename(tmp_path / "error.log")

    assert utc_of(tmp_path / "error.log*") == [old, young]
    (note,) = (note for note in clocks(tmp_path / "error.log*").notes if note.kind == "year")
    assert note.text.startswith("lines of 2 files write no year")


def test_a_file_written_to_anew(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What normalize writes has years; nobody who reads it is told of any that is missing."""
    first = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
    path = dated(tmp_path, first, first + timedelta(minutes=2))
    assert run(["normalize", "-q", "--server-tz", "UTC", str(path)]) == 0
    out = capfd.readouterr().out
    assert [line[:25] for line in out.splitlines()] == [
        "2025-12-31 23:59:00 +0000",
        "2026-01-01 00:01:00 +0000",
    ]
    path.write_text(out)
    assert run(["normalize", str(path)]) == 0
    again = capfd.readouterr()
    assert again.out == out
    assert "year" not in again.err
