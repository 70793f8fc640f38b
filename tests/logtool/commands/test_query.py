"""`errlog query`: names of columns, times, and what is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from logtool.commands import query
from logtool.commands.selected import selected
from logtool.errors import UsageError
from tests.logtool.commands.test_table_commands import CRASH, run


@pytest.mark.parametrize(
    ("items", "names"),
    [
        ("level, count(*), max(line)", ["", "count", "max(line)"]),
        ("Count( * ), COUNT(DISTINCT pid)", ["count", "COUNT(DISTINCT pid)"]),
        ('min(utc) AS a, max(utc) b, max(utc) "c", line - 1 d', ["", "", "", ""]),
        ('log.line, "log"."line", DISTINCT level', ["", "", ""]),
        ("line + 1, *", []),
        ("line + 1, log.*", []),
        ("coalesce(client, ', FROM'),\n  line\n+ 1", ["coalesce(client, ', FROM')", "line + 1"]),
        ("min(line) -- , FROM", ["min(line)"]),
        (
            "(SELECT max(line) FROM log), 'x' || level",
            ["(SELECT max(line) FROM log)", "'x' || level"],
        ),
        ("* EXCLUDE (raw), line + 1", []),
        (
            "CASE WHEN pid THEN 2 END, CASE pid WHEN 1 THEN 2 end b",
            ["CASE WHEN pid THEN 2 END", ""],
        ),
    ],
)
def test_names_of_what_is_selected(items: str, names: list[str]) -> None:
    """What is made and has no name is called as it is written."""
    assert selected(f"SELECT {items}\nFROM log, log") == names
    assert selected(f"WITH a AS (SELECT {items} FROM log) SELECT * FROM a") == []


def asked(capfd: pytest.CaptureFixture[str], *arguments: object) -> str:
    """What a query prints."""
    run(query.command, *arguments, CRASH)
    return capfd.readouterr().out


def test_columns_without_a_name(capfd: pytest.CaptureFixture[str]) -> None:
    """They are called as SQL calls them, also those of one column."""
    told = asked(capfd, "SELECT min(line), max(line), count(*) FROM log", "--json")
    assert json.loads(told) == {"min(line)": 1, "max(line)": 242, "count": 242}
    (nested,) = json.loads(asked(capfd, "SELECT * FROM (SELECT count(*) FROM log)", "--json"))
    assert nested == "count"


def test_times_are_written_as_everywhere(capfd: pytest.CaptureFixture[str]) -> None:
    """Those in UTC end in Z, local ones in nothing."""
    sql = "SELECT utc, local_time FROM log LIMIT 1"
    row = json.loads(asked(capfd, sql, "--json"))
    assert row["utc"].replace("Z", "", 1) + "Z" == row["utc"]
    assert len(row["local_time"]) + 1 == len(row["utc"]) == len("2026-11-23T20:58:22.844548Z")
    told = asked(capfd, sql)
    assert f"│ {row['utc'].replace('T', ' ')} ┆ {row['local_time'].replace('T', ' ')} │" in told


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT * FROM read_csv('{}')", "read_csv would read another file"),
        ("SELECT * FROM log, Read_Parquet /* ; */ ('{}')", "Read_Parquet would read another file"),
        ("SELECT * FROM \"read_ndjson\"('{}')", "read_ndjson would read another file"),
        ("SELECT count(*), count(*) FROM log", "two columns have the same name"),
        ("SELECT 5, 'a', 5 FROM log", "two columns have the same name"),
        ("SELECT line FROM log WHERE log.level<='warning'", "level is never 'warning', .* warn?"),
        ("SELECT upper(level) FROM log", r".*; where a text is needed, write CAST\(level AS"),
        ("SELECT line FROM log WHERE level LIKE 'e%'", r".*, write CAST\(level AS VARCHAR\)"),
    ],
)
def test_what_cannot_be_asked(sql: str, told: str, tmp_path: Path) -> None:
    """Only the logs are read, and each column has a name of its own."""
    (tmp_path / "x").write_text("a\n1\n")
    with pytest.raises(UsageError, match=f"SQL: {told}"):
        run(query.command, sql.format(tmp_path / "x"), CRASH)


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("level = 'warning'", "level is never 'warning', only emerg, "),
        ("level NOT IN ('warn', 'Error')", "level is never 'Error', only emerg, "),
        ("confidence <> 'sure'", "confidence is never 'sure', only "),
        ("level = 'warn' OR message = 'level = ' OR role = 'x' OR tag = 'warning'", ""),
        ("message = 'x' -- level = 'warning'", ""),
        ("(SELECT max('x') AS level FROM log) AS l WHERE level = 'warning'", ""),
    ],
)
def test_a_text_that_a_column_never_has_is_told(condition: str, told: str) -> None:
    """Nothing is found by it, or too much; of columns that have any text nothing is said."""
    table = condition if condition.startswith("(SELECT") else f"log WHERE {condition}"

    result = run(query.command, f"SELECT count(*) FROM {table}", CRASH)

    said = [line for line in result.stderr.splitlines() if "is never" in line]
    assert len(said) == bool(told)
    assert told in "".join(said)


def test_a_text_may_speak_of_reading(capfd: pytest.CaptureFixture[str]) -> None:
    """It is no call."""
    told = asked(capfd, "SELECT count(*) FROM log WHERE message = 'read_csv(1)' -- read_csv(2)")
    assert "│ 0 " in told
