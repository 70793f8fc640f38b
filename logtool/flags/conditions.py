"""Conditions: take the words of a rule's `when`, give an expression that holds on its lines.

Each word is one row of `HOLDS`, and of `gates.WORDS`. A line that lacks a column (a format without
`%l`, a line of httpd 2.2 without a module) does not contradict a condition on it; only the words
that say what the line is about must be there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_
from typing import Any

import polars as pl

from logtool.events.kinds import MARGINS, RAISED, Kind, said
from logtool.flags.gates import DOTTED, alternatives
from logtool.frame.python_text import python_level, unscripted
from parsers.wsgi_prefix import SCRIPTED_CODE


def with_facts(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the columns that conditions look at; `goes_on` is not the first of its event.

    `code` (tag or WSGInnnn), `text` and `said` (the message without mod_wsgi's prefixes), `errno`,
    `exception` and `exception_text` (of a line `Type: text`), `about_pid` (whom the message speaks
    of), `process` (the daemon process group it names), `in_traceback` and `python_level`.
    """
    message = pl.col("message")
    text = unscripted(message).str.replace(r"^ +\| ", "")
    code = pl.coalesce("tag", message.str.extract(f"^{SCRIPTED_CODE}", 1))
    about = pl.coalesce(
        message.str.extract(r"child pid (\d+) exit signal", 1),
        message.str.extract(r"\(pid=(\d+)\)", 1),
        message.str.extract(r"mod_wsgi \(pid=(\d+)", 1),
    )
    final = pl.col("kind").is_in([*map(int, (*RAISED, *MARGINS, Kind.CONTINUATION))])
    return rows.with_columns(
        code.alias("code"),
        text.alias("text"),
        said(message).alias("said"),
        pl.col("status")
        .str.extract(r"^\((?:EAI |OS |os )?(\d+)\)", 1)
        .cast(pl.Int64, strict=False)
        .alias("errno"),
        about.cast(pl.Int64, strict=False).alias("about_pid"),
        message.str.extract(r"[Pp]rocess '([^']*)'", 1).alias("process"),
        (final & pl.col("goes_on")).alias("in_traceback"),
        python_level(unscripted(message)).alias("python_level"),
    ).with_columns(
        pl.col("text").str.extract(rf"^({DOTTED}\w+)(?:: |:?$)", 1).alias("exception"),
        pl.col("text").str.extract(r"^[\w.<>]+: (.*)$", 1).alias("exception_text"),
    )


def _any_start(column: str, words: list[str]) -> pl.Expr:
    return pl.col(column).str.contains(f"^(?:{alternatives(words)})")


def _unless_missing(column: str, values: list[str]) -> pl.Expr:
    # The level is an Enum in the frame, which knows no empty text.
    text = pl.col(column).cast(pl.String)
    return text.is_in(values) | text.is_null() | (text == "")


def _exception(types: list[str]) -> pl.Expr:
    return pl.col("exception").str.contains(rf"(?:^|\.)(?:{alternatives(types)})$")


#: By the word: takes its value, gives an expression on the columns of `with_facts`.
HOLDS: Mapping[str, Callable[[Any], pl.Expr]] = {
    "tag": lambda v: pl.col("code").is_in(v),
    "says": lambda v: _any_start("said", v),
    "message": lambda v: _any_start("text", v),
    "contains": lambda v: pl.col("message").str.contains(alternatives(v)),
    "regex": lambda v: pl.col("said").str.contains(v),
    "exception": _exception,
    "exception_text": lambda v: pl.col("exception_text").str.contains(v),
    "in_traceback": lambda v: pl.col("in_traceback") == v,
    "frame": lambda v: pl.col("frame_places").fill_null("").str.contains(v),
    "status": lambda v: pl.col("errno").is_in(v),
    "module": lambda v: _unless_missing("module", v),
    "level": lambda v: _unless_missing("level", v),
    "role": lambda v: _unless_missing("role", v),
    "marker": lambda v: _unless_missing("client_marker", v),
    "python_level": lambda v: pl.col("python_level").is_in(v),
    "head": lambda v: said(pl.col("head")).str.contains(f"^(?:{alternatives(v)})"),
    "addressed": lambda v: pl.col("addressed") == v,
}


def holds(when: Mapping[str, Any]) -> pl.Expr:
    """All conditions of one `when` together; never null."""
    tests = [HOLDS[word](value).fill_null(value=False) for word, value in when.items()]
    return reduce(and_, tests)


#: Words whose value is texts, and the column of `with_facts` in which one of these must stand.
_STANDS_IN: Mapping[str, str] = {
    "tag": "code",
    "says": "said",
    "message": "text",
    "contains": "message",
    "exception": "exception",
    "head": "head",
}
#: Rows whose texts are looked through: of more, most conditions may hold on some.
_FEW = 200


class Spoken:
    """What is said in some rows, of which `with_facts` has told the columns."""

    def __init__(self, rows: pl.DataFrame) -> None:
        """Take the rows."""
        self._texts = (
            {
                column: "\n".join(rows[column].drop_nulls().cast(pl.String).to_list())
                for column in _STANDS_IN.values()
            }
            if rows.height <= _FEW
            else None
        )

    def may_hold(self, when: Mapping[str, Any]) -> bool:
        """Whether what all conditions of a `when` need stands in some of them, if they are few.

        To ask polars takes longer, of one row as of thousands.
        """
        return self._texts is None or all(
            any(text in self._texts[_STANDS_IN[word]] for text in value)
            for word, value in when.items()
            if word in _STANDS_IN
        )
