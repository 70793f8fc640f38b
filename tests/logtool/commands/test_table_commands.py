"""`errlog export` and `errlog query`."""

from __future__ import annotations

import bz2
import csv
import json
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import click
import polars as pl
import pytest
from click.testing import CliRunner, Result
from polars.testing import assert_frame_equal

import logtool
from logtool.commands import export, query
from logtool.errors import UsageError, WriteError
from logtool.frame.writing import WRITERS
from tests import places

CRASH = places.SAMPLE_LOGS / "daemon_crash_and_rebirth" / "error.log"
HOSTILE = (
    b"[Mon Nov 23 20:58:22.844548 2026] [core:error] [pid 1:tid 1] [client 192.0.2.7:1] "
    b"=cmd|'/c calc'!A1 <script>alert(1)</script> \x1b]0;owned\x07\n"
    b"=1+1\n"
)


def run(word: click.Command, *arguments: object) -> Result:
    """Run a command; its errors come as they are."""
    return CliRunner().invoke(
        word, [str(one) for one in arguments], catch_exceptions=False, standalone_mode=False
    )


@pytest.fixture(name="hostile")
def _hostile(tmp_path: Path) -> Path:
    log = tmp_path / "error.log"
    log.write_bytes(HOSTILE)
    return log


def _levels() -> Counter[str]:
    """Lines by level, counted by hand."""
    return Counter(line.split("] [")[1].split(":")[1] for line in CRASH.read_text().splitlines())


def test_parquet(tmp_path: Path) -> None:
    """Parquet holds the table as it is."""
    out = tmp_path / "x.parquet"

    assert run(export.command, CRASH, "-o", out).return_value == 0
    assert_frame_equal(pl.read_parquet(out), logtool.scan(CRASH).collect())


def test_csv(tmp_path: Path) -> None:
    """CSV holds every line with all columns; times are RFC 3339."""
    out = tmp_path / "x.csv"

    run(export.command, CRASH, "-o", out)

    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert Counter(row["level"] for row in rows) == _levels()
    assert rows[0]["utc"] == "2026-11-23T19:59:09.949179Z"
    assert [row["raw"] for row in rows] == CRASH.read_text().splitlines()


def test_jsonl(tmp_path: Path) -> None:
    """JSON Lines hold an object for each line."""
    out = tmp_path / "x.jsonl"

    run(export.command, CRASH, "-o", out)

    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert Counter(row["level"] for row in rows) == _levels()
    assert rows[0]["utc"] == "2026-11-23T19:59:09.949179Z"


def test_sqlite(tmp_path: Path) -> None:
    """SQLite holds a table `log` with the documented columns."""
    out = tmp_path / "x.sqlite"

    run(export.command, CRASH, "-o", out)

    database = sqlite3.connect(out)
    found = database.execute("SELECT level, count(*) FROM log GROUP BY level").fetchall()
    names = [row[1] for row in database.execute("PRAGMA table_info(log)")]
    database.close()
    assert dict(found) == _levels()
    assert names == list(logtool.scan(CRASH).collect_schema())


#: errlog where a database of a megabyte fills the disk.
_ON_A_FULL_DISK = """
import sqlite3, sys
from logtool import __main__
from logtool.frame import writing

def connect(path, connect=sqlite3.connect):
    database = connect(path)
    database.execute("PRAGMA max_page_count = 256")
    return database

writing.sqlite3.connect = connect
__main__.main()
"""


def test_sqlite_on_a_full_disk(tmp_path: Path) -> None:
    """The fault is told in a line, whatever polars still has in memory, and nothing is left."""
    log, out = tmp_path / "error.log", tmp_path / "x.sqlite"
    log.write_bytes(CRASH.read_bytes() * (9_000_000 // CRASH.stat().st_size))
    for _ in range(4):
        told = subprocess.run(
            [sys.executable, "-c", _ON_A_FULL_DISK, "export", "-q", log, "-o", out],
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.stderr == f"errlog: {out}: database or disk is full\n"
        assert told.returncode == 3
        assert [*tmp_path.iterdir()] == [log]


@pytest.mark.parametrize(("ending", "read"), [("parquet", pl.read_parquet), ("csv", pl.read_csv)])
def test_partition(tmp_path: Path, ending: str, read: object) -> None:
    """Each day gets its own file, and all days together hold every line."""
    sample = CRASH.parents[1] / "fall_back" / "error.log"
    out = tmp_path / f"x.{ending}"

    for _ in range(2):  # a second run replaces the first
        run(export.command, sample, "-o", out, "--partition")

    days = logtool.scan(sample).select(pl.col("utc").dt.date().cast(pl.String).unique()).collect()
    assert {one.name for one in out.iterdir()} == {f"day={day}" for day in days["utc"]}
    parts = [read(one) for one in out.rglob(f"*.{ending}")]  # type: ignore[operator]
    assert sum(part.height for part in parts) == sample.read_bytes().count(b"\n")


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_partition_of_nothing(tmp_path: Path, ending: str) -> None:
    """No line is no day: an empty folder, in place of what was there."""
    out = tmp_path / f"x.{ending}"
    run(export.command, CRASH, "-o", out, "--partition")
    assert list(out.iterdir())

    run(export.command, CRASH, "-o", out, "--partition", "-g", "nobody says this")

    assert list(out.iterdir()) == []


def test_selection(tmp_path: Path) -> None:
    """Options choose lines by level, time and text."""
    out = tmp_path / "x.parquet"
    since = "2026-11-23 19:59:11"
    table = logtool.scan(CRASH).collect()
    wanted = table.filter(
        pl.col("level").is_in(["error", "warn"])
        & (pl.col("utc") >= pl.lit(since).str.to_datetime(time_zone="UTC"))
        & pl.col("message").str.contains("(?i)traceback")
    )

    run(export.command, CRASH, "-o", out, "-l", "warn", "-S", since, "-g", "traceback")

    assert wanted.height > 0
    assert_frame_equal(pl.read_parquet(out), wanted)


def test_csv_is_harmless(hostile: Path, tmp_path: Path) -> None:
    """No cell of a CSV begins like a formula, and none holds a terminal's escape."""
    out = tmp_path / "x.csv"

    run(export.command, hostile, "-o", out)

    with out.open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell]
    assert "\x1b" not in out.read_text()
    assert any("\\x1b]0;owned\\x07" in cell for cell in cells)


@pytest.mark.parametrize("ending", ["jsonl", "sqlite", "parquet"])
def test_tables_keep_hostile_texts(hostile: Path, tmp_path: Path, ending: str) -> None:
    """Tables for programs hold every byte of a text, and nothing of it outside its cell."""
    out = tmp_path / f"x.{ending}"

    run(export.command, hostile, "-o", out)

    if ending == "sqlite":
        database = sqlite3.connect(out)
        found = [text for (text,) in database.execute("SELECT raw FROM log ORDER BY rowid")]
        database.close()
    elif ending == "jsonl":
        assert "\x1b" not in out.read_text()
        found = [json.loads(line)["raw"] for line in out.read_text().splitlines()]
    else:
        found = pl.read_parquet(out)["raw"].to_list()
    assert found == hostile.read_text().splitlines()


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_query_is_safe_for_a_terminal(
    hostile: Path, capfd: pytest.CaptureFixture[str], form: tuple[str, ...]
) -> None:
    """No control character of a log reaches the terminal that a query prints to."""
    run(query.command, *form, "SELECT raw, file FROM log", hostile)
    shown = capfd.readouterr().out

    assert "owned" in shown
    assert not [c for c in shown if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160]


def test_query_prints_a_table(capfd: pytest.CaptureFixture[str]) -> None:
    """A query prints its rows, as many as an independent count gives."""
    sql = "SELECT level, count(*) AS n FROM log GROUP BY level ORDER BY n DESC"

    run(query.command, sql, CRASH)

    rows = [
        line.strip("│").split("┆") for line in capfd.readouterr().out.splitlines() if line[0] == "│"
    ]
    assert {a.strip(): b.strip() for a, b in rows[1:]} == {
        level: str(count) for level, count in _levels().items()
    }


def test_query_prints_json(capfd: pytest.CaptureFixture[str]) -> None:
    """With --json each row is an object."""
    run(query.command, "SELECT count(*) AS n FROM log", CRASH, "--json")

    assert json.loads(capfd.readouterr().out) == {"n": 242}


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT count(*) FROM log", ["count"]),
        (
            "SELECT level, COUNT(*) FROM log WHERE message <> 'len' GROUP BY level",
            ["level", "count"],
        ),
        ("SELECT count(*) AS n FROM log", ["n"]),
        ("SELECT count(*) AS len FROM log", ["len"]),
        ('SELECT count(*) AS "len" FROM log', ["len"]),
        ("SELECT min(line) AS len FROM log", ["len"]),
        ("SELECT count(*), max(line) AS count FROM log", ["len", "count"]),
    ],
)
def test_a_count_is_called_so(
    capfd: pytest.CaptureFixture[str], sql: str, names: list[str]
) -> None:
    """A count(*) that has no name is called `count`; what SQL names keeps its name."""
    run(query.command, sql, CRASH, "--json")

    rows = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert {tuple(row) for row in rows} == {tuple(names)}
    assert "len" not in logtool.scan(CRASH).collect_schema()


@pytest.mark.parametrize(
    ("sql", "same"),
    [
        ("SELECT offset, line FROM log", 'SELECT "offset", line FROM log'),
        ("SELECT role, Group FROM log", 'SELECT role, "group" FROM log'),
        (
            "SELECT role, group, count(*) AS n FROM log WHERE offset >= 0 "
            "GROUP BY role, group ORDER BY role, group LIMIT 9 OFFSET 1",
            'SELECT role, "group", count(*) AS n FROM log WHERE "offset" >= 0 '
            'GROUP BY role, "group" ORDER BY role, "group" LIMIT 9 OFFSET 1',
        ),
        (
            "SELECT 'group, offset' AS a, line, offset FROM log -- group",
            "SELECT 'group, offset' AS a, line, \"offset\" FROM log",
        ),
    ],
)
def test_columns_that_are_words_of_sql(
    capfd: pytest.CaptureFixture[str], sql: str, same: str
) -> None:
    """`offset` and `group` need no quotes, clauses and texts stay what they are."""
    run(query.command, same, CRASH, "--json")
    wanted = capfd.readouterr().out
    run(query.command, sql, CRASH, "--json")

    assert capfd.readouterr().out == wanted != ""


def test_query_is_harmless(hostile: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A table on the terminal holds no escape."""
    run(query.command, "SELECT message, raw FROM log", hostile)

    out = capfd.readouterr().out
    assert "\x1b" not in out
    assert "\\x1b]0;owned\\x07" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["SELEC"], "SQL: .*SELEC"),
        (["drop table log"], "SQL: DROP changes a table"),
        (["SELECT 1", "-S", "2026-11-24", "-U", "2026-11-23"], "--since 2026-11-24 .* later than"),
        (["SELECT nothing FROM log"], "SQL: .*nothing.*utc"),
        (["SELECT * FROM elsewhere"], "SQL: .*elsewhere"),
        (["SELECT * FROM log", "-g", "("], "--grep"),
    ],
)
def test_wrong_queries(arguments: list[str], said: str) -> None:
    """A wrong query is told in one line."""
    with pytest.raises(UsageError, match=said):
        run(query.command, arguments[0], CRASH, *arguments[1:])


@pytest.mark.parametrize("name", ["x.parquet", "x.csv"])
def test_a_full_disk_is_told_in_the_words_of_the_system(name: str, tmp_path: Path) -> None:
    """Whoever writes: polars tells of its own of where it was (`os error 27`)."""
    command = [sys.executable, "-m", "logtool", "export", str(CRASH), "-o", str(tmp_path / name)]

    ran = subprocess.run(
        ["bash", "-c", 'ulimit -f 1; exec "$@"', "bash", *command], capture_output=True, check=False
    )

    assert ran.returncode == 3
    assert ran.stderr.decode() == f"errlog: {tmp_path / name}: File too large\n"
    assert list(tmp_path.iterdir()) == []


def test_wrong_targets(tmp_path: Path) -> None:
    """Where one cannot write, or how, is told; nothing is left behind."""
    with pytest.raises(UsageError, match=r"\.parquet"):
        run(export.command, CRASH, "-o", tmp_path / "x.doc")
    with pytest.raises(UsageError, match="the folder's ending"):
        run(export.command, CRASH, "-o", tmp_path / "days", "--partition")
    with pytest.raises(UsageError, match="partition"):
        run(export.command, CRASH, "-o", tmp_path / "x.db", "--partition")
    with pytest.raises(UsageError, match="-o"):
        run(export.command, CRASH)
    with pytest.raises(WriteError, match="No such file"):
        run(export.command, CRASH, "-o", tmp_path / "nowhere" / "x.csv")
    assert list(tmp_path.iterdir()) == []


def test_columns_are_listed() -> None:
    """Every column is listed with its meaning."""
    ran = run(export.command, "--columns")

    assert [line.split()[0] for line in ran.output.splitlines()] == list(
        logtool.scan(CRASH).collect_schema()
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((CRASH, "select 1"), "the SQL comes first"),
        ((CRASH,), "the SQL comes first"),
        (('SELECT line FROM log WHERE level <= "error"', CRASH), "single quotes: 'error'"),
    ],
)
def test_what_is_meant_by_sql(arguments: tuple[object, ...], told: str) -> None:
    """Logs before the SQL, and a text in the quotes of names, are told as what they are."""
    with pytest.raises(UsageError, match=told):
        run(query.command, *arguments)


def test_help_names_all_endings() -> None:
    """The help of export names every ending that it can write."""
    told = run(export.command, "--help").output
    assert all(f"{ending}" in told for ending in WRITERS)


@pytest.mark.parametrize("quiet", [[], ["-q"]])
@pytest.mark.parametrize("word", ["export", "query"])
def test_what_is_to_be_known_of_files_is_no_fault(
    word: str, quiet: list[str], tmp_path: Path
) -> None:
    """As for all commands: a copy that is left out and a gap are notes, the status is 0."""
    text = CRASH.read_bytes()
    for name, own in (("", b"1"), (".1", b"2"), (".1.bz2", b"2"), (".3", b"3")):
        data = text.replace(b"[pid ", b"[pid " + own)
        path = tmp_path / f"error.log{name}"
        path.write_bytes(bz2.compress(data) if path.suffix == ".bz2" else data)
    words = ["-o", tmp_path / "x.csv"] if word == "export" else ["SELECT count(*) FROM log"]

    ran = run(export.command if word == "export" else query.command, *words, *quiet, tmp_path)

    assert ran.return_value == 0
    assert ("all of it is in" in ran.stderr) == (not quiet)
    assert ("error.log.2 is not among" in ran.stderr) == (not quiet)
