"""`errlog query`: SQL over the lines of logs."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logtool.commands.asking import log_table
from logtool.commands.options import ReadOptions, read_options
from logtool.commands.output import open_output
from logtool.commands.selected import TEXT, selected
from logtool.commands.selection import Selection, select_options
from logtool.commands.strictness import strict_status
from logtool.errors import UsageError
from logtool.people.misspelled import did_you_mean, with_meant
from logtool.people.terminal import safe_json, safe_lines, say

if TYPE_CHECKING:
    import polars as pl
    from polars.exceptions import PolarsError

#: First words of statements that give no rows.
_CHANGING = ("ALTER", "CREATE", "DELETE", "DROP", "INSERT", "TRUNCATE", "UPDATE")
#: How a statement begins that can be asked; no name of a log has a word behind such a one.
_STATEMENT = re.compile(r"(?:select|with|from|show|explain)\s", re.IGNORECASE)
#: What polars calls a count of rows; what reads a file in SQL.
_COUNT = "len"
_TEXT = re.compile(TEXT, re.DOTALL)
_READS = re.compile(r"\b(read_\w+)\"?\s*\(", re.IGNORECASE)
#: Columns whose names are words of SQL where they begin a clause; and all of a statement in which
#: such a word is none of SQL's: texts, names in quotes, comments, then the columns themselves.
_COLUMNS_OR_WORDS = re.compile(
    rf'{TEXT}|"[^"]*"|\b(offset\b(?!\s+\d)|group\b(?!\s+by\b))', re.IGNORECASE | re.DOTALL
)
#: A column that is compared with texts; other texts and comments.
_COMPARED = re.compile(
    r"\b(?P<column>\w+)\"?\s*(?:[<>!=]=?|<>|\b(?:NOT\s+)?IN\s*\()\s*"
    rf"(?P<texts>'[^']*'(?:\s*,\s*'[^']*')*)|{TEXT}",
    re.DOTALL | re.IGNORECASE,
)


@click.command(
    "query",
    epilog="Such as: errlog query 'SELECT level, count(*) FROM log GROUP BY level' error.log*",
)
@click.argument("sql", metavar="SQL")
@read_options
@select_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each row.")
def command(read: ReadOptions, sql: str, as_json: bool, selection: Selection) -> int:
    """Ask SQL of the table `log`, one row for each line.

    `errlog export --columns` lists its columns. Only what the query needs is read: counting lines
    decodes none of them. A count(*) without a name is called `count`, a column such as min(utc) as
    it is written. `offset` and `group` are columns wherever they begin no clause. The severest
    level sorts first: level <= 'error' is error or worse (in a filter of `view`: level>=error).
    """
    from polars.exceptions import PolarsError

    word = re.match(r"\s*(\w*)", sql)
    if word and word[1].upper() in _CHANGING:
        raise UsageError(f"SQL: {word[1].upper()} changes a table; logs are only read: SELECT …")
    if reads := _READS.search(_TEXT.sub("", sql)):
        raise UsageError(f"SQL: {reads[1]} would read another file; the only table is log")
    if not _is_statement(sql) and (_is_there(sql) or any(map(_is_statement, read.files))):
        raise UsageError("the SQL comes first, then the logs: errlog query 'SELECT …' FILE")
    faults: list[str] = []
    doubts: list[str] = []
    table = log_table(read, selection, faults.append, doubts)
    try:
        answer = _answer(sql, table)
    except PolarsError as fault:
        raise UsageError(f"SQL: {_told(fault, sql)}") from fault
    with open_output(None, to_the_end=read.strict) as output:
        output.write(_json(answer) if as_json else _text(answer))
    for line in (*faults, *_never(sql)):
        say(f"errlog: {line}")
    return 3 if faults else strict_status(read.strict, doubts)


def _is_statement(text: str) -> bool:
    """Whether a text begins as what can be asked does."""
    return _STATEMENT.match(text.lstrip("( \t\r\n")) is not None


def _is_there(name: str) -> bool:
    """Whether a file or folder has this name."""
    with suppress(OSError, ValueError):  # too long for one, or none at all
        return Path(name).exists()
    return False


def _told(fault: PolarsError, sql: str) -> str:
    """What was wrong, in a line, and what may be meant.

    A text in double quotes is taken for a column's name.
    """
    from logtool.frame.columns import COLUMNS

    told = str(fault).splitlines()[0]
    if column := re.search(r'find column "(.*?)"', told):
        if f'"{column[1]}"' in sql:
            return f"{told}; a text stands in single quotes: '{column[1]}'"
        if meant := did_you_mean(column[1], [one.name for one in COLUMNS]):
            return f"{told[: column.end()]}; {meant} errlog export --columns lists all"
    if "duplicate output name" in told or told.endswith("is duplicate"):
        return "two columns have the same name: give one another, such as count(*) AS requests"
    if re.search(r"\benum\b", told):
        if never := next(_never(sql), ""):
            return never
        return f"{told}; where a text is needed, write CAST(level AS VARCHAR), as of confidence"
    return f"{told}; the table is called log" if told.startswith("relation ") else told


def _never(sql: str) -> Iterator[str]:
    """What is said of texts that a column is compared with and never has, as `warning` for `warn`.

    Not of a column that the statement itself may have made.
    """
    import polars as pl

    from logtool.frame.columns import COLUMNS

    known = {
        column.name: column.dtype.categories.to_list()
        for column in COLUMNS
        if isinstance(column.dtype, pl.Enum)
    }
    told = dict.fromkeys(
        (found["column"], text)
        for found in _COMPARED.finditer(sql)
        for text in re.findall("'([^']*)'", found["texts"] or "")
    )
    for column, text in told:
        if text in known.get(column, [text]) or re.search(rf'(?i)\bAS\s+"?{column}', sql):
            continue
        there = f"{column} is never '{text}', only {', '.join(known[column])}"
        yield with_meant(there, text, known[column])


def _answer(sql: str, table: pl.LazyFrame) -> pl.DataFrame:
    import polars as pl
    from polars.exceptions import SQLInterfaceError, SQLSyntaxError

    with pl.SQLContext(log=table, eager=False) as context:
        try:
            rows = context.execute(sql)
        except (SQLInterfaceError, SQLSyntaxError):
            if (quoted := _quoted(sql)) == sql:
                raise
            rows = context.execute(quoted)
        answer = rows.collect()
    return answer.rename(_names(sql, answer.columns))


def _quoted(sql: str) -> str:
    """The statement with the columns `offset` and `group` in quotes, where they are no clauses."""
    return _COLUMNS_OR_WORDS.sub(lambda at: f'"{at[1].lower()}"' if at[1] else at[0], sql)


def _names(sql: str, columns: Sequence[str]) -> dict[str, str]:
    """Other names of some columns, which polars calls by what they are made of.

    One that is made and has no name is called as it is written, and a count(*) `count`. Inside
    another statement that is called `len`: the table has no such column, so where SQL does not
    speak of it, nobody gave that name.
    """
    items = selected(sql)
    if len(items) == len(columns):
        made = {old: new for old, new in zip(columns, items, strict=True) if new}
    else:
        speaks = re.search(rf"\b{_COUNT}\b", _TEXT.sub("", sql), re.IGNORECASE)
        made = {} if speaks or _COUNT not in columns else {_COUNT: "count"}
    taken = {*columns} - made.keys()
    return {old: new for old, new in made.items() if new not in taken}


def _json(answer: pl.DataFrame) -> bytes:
    from logtool.frame.writing import times

    return safe_json(answer.with_columns(times(answer)).write_ndjson()).encode()


def _text(answer: pl.DataFrame) -> bytes:
    """The rows as wide as the terminal, or as they need where there is none."""
    from logtool.commands.answer_text import answer_text

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    text, cut = answer_text(answer, width)
    if cut:
        click.echo("errlog: texts are cut to fit the terminal; --json shows them whole", err=True)
    # Lists of texts, and names that SQL gives to columns, are as polars shows them.
    return safe_lines(text.encode())
