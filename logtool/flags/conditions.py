"""Conditions: take the words of a rule's `when`, give an expression that holds on its lines.

Each word is one row of `CONDITIONS`. A line that lacks a column (a format without `%l`, a line of
httpd 2.2 without a module) does not contradict a condition on it; only the words that say what the
line is about must be there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

import polars as pl

from logtool.events.kinds import Kind, said, unscripted

#: How a type's name stands at the start of an exception's line, after the margin of a group.
_MARGIN = r"(?: +\| )?"
_DOTTED = r"(?:[A-Za-z_][A-Za-z0-9_.<>]*\.)?"
_OWN = (
    r"(?:\[script [^\]]*\] )?"
    r"(?:WSGI\d{4}: (?:\[script [^\]]*\] )?|mod_wsgi(?: \(pid=\d+[^)]*\))?: )?"
)


def with_facts(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the columns that conditions look at.

    `code` (tag or WSGInnnn), `text` and `said` (the message without mod_wsgi's prefixes), `errno`,
    `exception` and `exception_text` (of a line `Type: text`), `about_pid` (whom the message speaks
    of), `process` (the daemon process group it names) and `in_traceback`.
    """
    message = pl.col("message")
    text = unscripted(message).str.replace(r"^ +\| ", "")
    code = pl.coalesce("tag", message.str.extract(r"^\[script [^\]]*\] (WSGI\d{4}): ", 1))
    about = pl.coalesce(
        message.str.extract(r"child pid (\d+) exit signal", 1),
        message.str.extract(r"\(pid=(\d+)\)", 1),
        message.str.extract(r"mod_wsgi \(pid=(\d+)", 1),
    )
    final = pl.col("kind").is_in([int(Kind.FINAL), int(Kind.MARGIN), int(Kind.CONTINUATION)])
    return rows.with_columns(
        code.alias("code"),
        text.alias("text"),
        said(message).alias("said"),
        pl.col("status")
        .str.extract(r"^\((?:EAI |OS |os )?(\d+)\)", 1)
        .cast(pl.Int64)
        .alias("errno"),
        about.cast(pl.Int64).alias("about_pid"),
        message.str.extract(r"[Pp]rocess '([^']*)'", 1).alias("process"),
        (final & (pl.col("event") != pl.col("row"))).alias("in_traceback"),
    ).with_columns(
        pl.col("text").str.extract(rf"^({_DOTTED}\w+)(?:: |:?$)", 1).alias("exception"),
        pl.col("text").str.extract(r"^[\w.<>]+: (.*)$", 1).alias("exception_text"),
    )


@dataclass(frozen=True, slots=True)
class Condition:
    """One word of `when`.

    Attributes:
        takes: what a value must be: `strings`, `numbers`, `regex` or `flag`.
        holds: value → expression on the columns of `with_facts`.
        gate: value → a regular expression, matched at the start of what a message says, that every
            line the condition holds on passes; None if the word alone does not narrow a search.
    """

    takes: str
    holds: Callable[[Any], pl.Expr]
    gate: Callable[[Any], str] | None = None


def _any_start(column: str, words: list[str]) -> pl.Expr:
    return pl.col(column).str.contains(f"^(?:{_alternatives(words)})")


def _alternatives(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in words)


def _unless_missing(column: str, values: list[str]) -> pl.Expr:
    # The level is an Enum in the frame, which knows no empty text.
    text = pl.col(column).cast(pl.String)
    return text.is_in(values) | text.is_null() | (text == "")


def _exception(types: list[str]) -> pl.Expr:
    return pl.col("exception").str.contains(rf"(?:^|\.)(?:{_alternatives(types)})$")


def _type_gate(types: list[str]) -> str:
    return f"{_MARGIN}{_DOTTED}(?:{_alternatives(types)})"


def _gate_regex(pattern: str) -> str:
    return pattern[1:] if pattern.startswith("^") else f".*(?:{pattern})"


CONDITIONS: Mapping[str, Condition] = {
    "tag": Condition("strings", lambda v: pl.col("code").is_in(v)),
    "says": Condition("strings", lambda v: _any_start("said", v), _alternatives),
    "message": Condition(
        "strings",
        lambda v: _any_start("text", v),
        _alternatives,
    ),
    "contains": Condition(
        "strings",
        lambda v: pl.col("message").str.contains(_alternatives(v)),
        lambda v: f".*(?:{_alternatives(v)})",
    ),
    "regex": Condition("regex", lambda v: pl.col("said").str.contains(v), _gate_regex),
    "exception": Condition(
        "strings",
        _exception,
        lambda v: f"{_type_gate(v)}(?::|$)",
    ),
    "exception_text": Condition("regex", lambda v: pl.col("exception_text").str.contains(v)),
    "in_traceback": Condition("flag", lambda v: pl.col("in_traceback") == v),
    "frame": Condition("regex", lambda v: pl.col("frame_places").fill_null("").str.contains(v)),
    "status": Condition("numbers", lambda v: pl.col("errno").is_in(v)),
    "module": Condition("strings", lambda v: _unless_missing("module", v)),
    "level": Condition("strings", lambda v: _unless_missing("level", v)),
    "role": Condition("strings", lambda v: _unless_missing("role", v)),
    "marker": Condition("strings", lambda v: _unless_missing("client_marker", v)),
    "python_level": Condition("strings", lambda v: pl.col("python_level").is_in(v)),
    "head": Condition("strings", lambda v: _any_start("head", v)),
    "addressed": Condition("flag", lambda v: pl.col("client").is_not_null() == v),
}


def holds(when: Mapping[str, Any]) -> pl.Expr:
    """All conditions of one `when` together; never null."""
    tests = [CONDITIONS[word].holds(value).fill_null(value=False) for word, value in when.items()]
    return reduce(and_, tests)


def gate(when: Mapping[str, Any]) -> tuple[frozenset[str], str | None]:
    """The tags, or else the start of the message, that every line of this `when` has.

    Returns:
        (tags, None) or (no tags, a regular expression without its `^`).
    """
    if "tag" in when:
        return frozenset(when["tag"]), None
    text = when.get("exception_text", "")
    if "exception" in when and text.startswith("^"):
        return frozenset(), f"{_type_gate(when['exception'])}: (?:{text[1:]})"
    for word, value in when.items():
        build = CONDITIONS[word].gate
        if build is not None:
            return frozenset(), build(value)
    raise ValueError(
        "nothing here narrows the search: give a tag, says, message, regex or exception"
    )


def gate_of(patterns: Iterable[str]) -> str | None:
    """One regular expression that every message passes on which one of these gates holds."""
    several = sorted(set(patterns))
    return f"^{_OWN}(?:{'|'.join(several)})" if several else None
