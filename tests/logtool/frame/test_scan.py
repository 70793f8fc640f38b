"""The table of lines against slow and plain readers of the same logs."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import logtool
from logtool.errors import ReadError, UsageError
from logtool.frame.columns import COLUMNS, SCHEMA
from logtool.frame.lines import Lines
from parsers.python_levels import level_of
from tests.logtool.events.rows import rows
from tests.places import SAMPLE_LOGS

LOG = SAMPLE_LOGS / "berlin_utc_django" / "error.log"
CRASH = SAMPLE_LOGS / "daemon_crash_and_rebirth" / "error.log"

#: What the plain reader of the tests reads too.
READ = [
    *("line", "level", "module", "pid", "tid", "client", "client_marker", "source", "status"),
    *("tag", "message", "referer", "raw"),
]


@pytest.mark.parametrize("name", ["berlin_utc_django", "debug_lines", "raw_stderr", "prefork"])
def test_fields_agree_with_a_plain_reader(name: str) -> None:
    """Every field is what one regular expression over the built-in format finds."""
    log = SAMPLE_LOGS / name / "error.log"
    plain = rows(log.read_text("utf-8", "backslashreplace")).select(READ)
    if (
        name == "debug_lines"
    ):  # the manual's: `client` before every address, `referer` without colon
        plain = plain.with_columns(
            client_marker=pl.lit(None, pl.String),
            referer=pl.col("message").str.extract(", referer (.*)$"),
            message=pl.col("message").str.replace(", referer .*$", ""),
        )

    found = logtool.scan(log).select(READ).with_columns(pl.col("level").cast(pl.String)).collect()
    # The plain reader takes start-up lines as they are.
    bare = plain["pid"].is_null()
    assert_frame_equal(found.filter(~bare), plain.filter(~bare))
    assert_frame_equal(found.select("line", "raw"), plain.select("line", "raw"))


@pytest.mark.parametrize("name", ["berlin_utc_django", "fall_back", "three_groups", "flips"])
def test_utc_is_the_truth(name: str) -> None:
    """The instants are those that were recorded when the log was written."""
    truth = (SAMPLE_LOGS / name / "truth.txt").read_text().split()
    zone = {"berlin_utc_django": "Europe/Berlin"}.get(name)
    text = pl.col("utc").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").fill_null("-")

    found = logtool.scan(SAMPLE_LOGS / name / "error.log", server_tz=zone).select(text).collect()

    wrong = [a != b for a, b in zip(found["utc"], truth, strict=True)]
    assert sum(wrong) <= len(truth) // 50


def test_local_time_and_offset_make_utc() -> None:
    """`utc` is `local_time` less `offset` wherever it is known."""
    table = logtool.scan(sorted(SAMPLE_LOGS.glob("*/error.log"))).collect()
    made = pl.col("local_time").dt.replace_time_zone("UTC") - pl.duration(seconds="offset")

    assert table.filter(pl.col("utc") != made).height == 0
    assert table.filter(pl.col("utc").is_null() != pl.col("offset").is_null()).height == 0
    assert table.filter(pl.col("offset").is_null() != pl.col("confidence").is_null()).height == 0


@pytest.mark.parametrize("name", ["berlin_utc_django", "daemon_crash_and_rebirth", "raw_stderr"])
def test_python_levels_are_inside_pythons_lines(name: str) -> None:
    """The level in the message of each line that Python may have written, and of no other."""
    columns = ("module", "message", "python_level")
    for module, message, level in (
        logtool.scan(SAMPLE_LOGS / name / "error.log").select(columns).collect().rows()
    ):
        assert level == (level_of(message) or None if module in (None, "wsgi") else None), message


def test_every_line_is_a_row() -> None:
    """No line is lost and none is added, whatever it holds."""
    for log in sorted(SAMPLE_LOGS.glob("*/error.log")):
        count = log.read_bytes().count(b"\n")

        assert logtool.scan(log).select(pl.len()).collect().item() == count
        assert logtool.scan(log).collect().height == count


def test_schema_is_documented_and_kept() -> None:
    """Frames have the documented columns and types, each with a meaning."""
    assert logtool.scan(LOG).collect().schema == SCHEMA == logtool.scan(LOG).collect_schema()
    assert all(column.meaning.endswith(".") for column in COLUMNS)


@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
@pytest.mark.parametrize(
    "condition",
    [
        pl.col("level") <= "warn",
        pl.col("tag") == "AH01964",
        pl.col("message").str.contains("GET|POST") & (pl.col("pid") > 0),
        pl.col("role") == "daemon",
        pl.col("offset") == 0,
        pl.col("utc").dt.microsecond() < 500_000,
        pl.col("line").is_between(10, 20),
        pl.lit(value=True),
        pl.lit(value=False),
        pl.col("client").is_null(),
        pl.col("python_level") <= "WARNING",
    ],
)
def test_pushed_down_is_the_same(condition: pl.Expr, engine: str) -> None:
    """A filter and a selection give what they give on the whole table."""
    whole = logtool.scan(CRASH).collect()
    asked = logtool.scan(CRASH).filter(condition).select("line", "message", "level", "utc")

    found = asked.collect(engine=engine)  # type: ignore[call-overload]
    assert_frame_equal(found, whole.filter(condition).select("line", "message", "level", "utc"))


class _Watch:
    """Counts what is read of the lines."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fields: list[tuple[int, tuple[str, ...]]] = []
        self.frames = self.stamps = 0
        self._read, self._frame = Lines.spans, Lines.frame
        self._stamp = Lines.__dict__["stamps"].func
        monkeypatch.setattr(Lines, "spans", self._watch_fields())
        monkeypatch.setattr(Lines, "frame", self._watch_frame())
        monkeypatch.setattr(Lines, "stamps", property(self._watch_stamps))

    def _watch_fields(self) -> Callable[..., object]:
        def fields(lines: Lines, names: list[str]) -> object:
            if names:
                self.fields.append((len(lines), tuple(names)))
            return self._read(lines, names)

        return fields

    def _watch_frame(self) -> Callable[..., object]:
        def frame(lines: Lines, names: list[str]) -> object:
            self.frames += 1
            return self._frame(lines, names)

        return frame

    def _watch_stamps(self, lines: Lines) -> object:
        self.stamps += 1
        return self._stamp(lines)


def test_unwanted_columns_are_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting lines decodes nothing; a filter decodes what it looks at, then what is left."""
    monkeypatch.delattr("logtool.frame.reading.find_clocks")  # to seek clocks would now fail
    watch = _Watch(monkeypatch)
    log = logtool.scan(CRASH)

    assert log.select(pl.len()).collect().item() == 242
    assert watch.stamps == len(watch.fields) == 0

    found = log.filter(pl.col("level") == "warn").select("line", "tag").collect()
    assert watch.fields == [(242, ("level",)), (found.height, ("level", "tag"))]


def test_head_stops_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows of a long log read only its beginning."""
    log = tmp_path / "error.log"
    log.write_bytes(CRASH.read_bytes() * 1500)
    watch = _Watch(monkeypatch)

    assert logtool.scan(log).select("message").head(3).collect().height == 3
    assert watch.frames < 8 < log.stat().st_size / (4 << 20)


def test_blocks_join(tmp_path: Path) -> None:
    """Lines of several blocks and files come in true order with their own numbers."""
    new, old = tmp_path / "error.log", tmp_path / "error.log.1.gz"
    text = CRASH.read_bytes()
    old.write_bytes(gzip.compress(text * 300))
    new.write_bytes(text)

    found = logtool.scan([tmp_path]).select("file", "line", "raw").collect()

    lines = [line.decode() for line in text.splitlines()]
    assert found["raw"].to_list() == lines * 301
    assert found["line"].to_list() == [*range(1, 242 * 300 + 1), *range(1, 243)]
    assert found["file"].unique(maintain_order=True).to_list() == [str(old), str(new)]


def test_a_line_longer_than_a_block(tmp_path: Path) -> None:
    """A line that does not fit a block is one row, as far as the block reaches."""
    log = tmp_path / "error.log"
    log.write_bytes(CRASH.read_bytes() + b"x" * (9 << 20) + b"\n" + CRASH.read_bytes())

    found = logtool.scan(log).select("line", "message").collect()

    assert found["line"].to_list() == list(range(1, 242 * 2 + 2))
    assert found["message"].str.len_bytes().max() == (4 << 20)


def test_lines_that_no_layout_reads(tmp_path: Path) -> None:
    """A line of no known layout is a row whose message is its text; bad bytes are written out."""
    log = tmp_path / "error.log"
    log.write_bytes(LOG.read_bytes() + b"Segmentation \xff fault\r\n\n\0 odd")

    found = logtool.scan(log).tail(3).collect()

    assert found["message"].to_list() == ["Segmentation \\xff fault", "", "\0 odd"]
    assert found["raw"].to_list() == ["Segmentation \\xff fault\r", "", "\0 odd"]
    assert found["layout"].null_count() == found["utc"].null_count() == 3
    assert found["role"].to_list() == ["", "", ""]


def test_lines_without_a_pid_have_no_role(tmp_path: Path) -> None:
    """All have one clock, whoever wrote them: it is no parent's because of one parent's line."""
    time = "[Sun Nov 22 14:05:09 2026] [notice] "
    says = "Apache/2.4.62 configured -- resuming normal operations", "mod_wsgi (pid=9): Starting"
    log = tmp_path / "error.log"
    log.write_text(
        f"{time}{says[0]}\n" * 3 + f"{time}{says[1]} process 'shop' with uid=33, gid=33\n"
    )

    found = logtool.scan(log).select("pid", "role", "group").collect()

    assert found["pid"].null_count() == 4
    assert {*found["role"], *found["group"]} == {""}


def test_a_changed_log_gets_new_clocks(tmp_path: Path) -> None:
    """The same LazyFrame, collected again after the log grew, knows the new lines' clocks."""
    log = tmp_path / "error.log"
    text = LOG.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(text[:50]))
    table = logtool.scan(log, server_tz="Europe/Berlin")
    assert table.select(pl.col("utc").is_not_null().sum()).collect().item() == 50
    log.write_bytes(b"".join(text))

    assert table.select(pl.col("utc").is_not_null().sum()).collect().item() == len(text)


def test_parquet_without_collecting(tmp_path: Path) -> None:
    """A scan streams into Parquet and comes back the same."""
    out = tmp_path / "log.parquet"

    logtool.scan(CRASH).sink_parquet(out)

    assert_frame_equal(pl.read_parquet(out), logtool.scan(CRASH).collect())


def test_faults(tmp_path: Path) -> None:
    """What makes no sense or cannot be read is told; a torn file is warned of."""
    with pytest.raises(UsageError):
        logtool.scan([])
    with pytest.raises(UsageError):
        logtool.scan(LOG, server_tz="Mars/Olympus")
    with pytest.raises(UsageError, match=r"^isoo: no form of time; .* did you mean iso\?$"):
        next(logtool.normalize(LOG, time="isoo"))
    with pytest.raises(ReadError):
        logtool.scan(tmp_path / "nowhere").collect()
    torn = tmp_path / "error.log.gz"
    torn.write_bytes(gzip.compress(LOG.read_bytes())[:-100])
    with pytest.warns(RuntimeWarning, match=r"error\.log\.gz"):
        assert logtool.scan(torn).collect().height > 100


def test_words_are_functions() -> None:
    """The words stay functions although folders have the same names; importing logtool is light."""
    code = (
        "import sys, logtool, logtool.clocks.table, logtool.flags, logtool.normalize;"
        "assert 'polars' not in sys.modules;"
        "assert all(callable(getattr(logtool, word)) for word in logtool.__all__);"
        "assert not hasattr(logtool, 'nothing')"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=False, cwd=SAMPLE_LOGS.parent)

    assert ran.returncode == 0


def test_words_mirror_the_program() -> None:
    """Each word gives what its command tells of the same log."""
    assert len(logtool.clocks(CRASH).clocks) == 11
    assert {finding.rule for finding in logtool.flags(CRASH)} >= {"daemon-crashed"}
    normal = b"".join(logtool.normalize(LOG, server_tz="Europe/Berlin", time="iso"))
    assert normal.startswith(b"[2026-11-23T19:58:22.844548Z] [ssl:warn]")
    assert any(request.side("daemon") for request in logtool.pairs(CRASH))
