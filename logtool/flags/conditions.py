"""Conditions: take the words of a rule's `when`, give an expression that holds on its lines.

Each word is one row of `CONDITIONS`. A line that lacks a column (a format without `%l`, a line of
httpd 2.2 without a module) does not contradict a condition on it; only the words that say what the
line is about must be there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import and_
from typing import Any

import polars as pl

from logtool.events.kinds import Kind, said
from logtool.flags.needles import outer_alternatives
from logtool.flags.sieve import Gate
from logtool.frame.python_text import python_level, unscripted
from parsers.classes import dataclass

#: The margin of an exception group.
_MARGIN = r"(?: +\| )?"
#: What may stand before a type's name.
_DOTTED = r"(?:[A-Za-z_][A-Za-z0-9_.<>]*\.)?"
#: What mod_wsgi writes before what is said.
_OWN = (
    r"(?:\[script [^\]]*\] )?"
    r"(?:WSGI\d{4}: (?:\[script [^\]]*\] )?|mod_wsgi(?: \(pid=\d+[^)]*\))?: )?"
)
_START = re.compile(r"(?<!\[)\^|\\A")


def with_facts(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the columns that conditions look at; `goes_on` is not the first of its event.

    `code` (tag or WSGInnnn), `text` and `said` (the message without mod_wsgi's prefixes), `errno`,
    `exception` and `exception_text` (of a line `Type: text`), `about_pid` (whom the message speaks
    of), `process` (the daemon process group it names), `in_traceback` and `python_level`.
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
        (final & pl.col("goes_on")).alias("in_traceback"),
        python_level(unscripted(message)).alias("python_level"),
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
        gate: value → what every line has that the condition holds on; None if the word alone does
            not narrow a search.
    """

    takes: str
    holds: Callable[[Any], pl.Expr]
    gate: Callable[[Any], Gate] | None = None


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
    return f"{_DOTTED}(?:{_alternatives(types)})"


def _gate_words(words: list[str]) -> Gate:
    return Gate(pattern=_alternatives(words), holds=_alternatives(words))


def _at_start(pattern: str) -> str:
    """An expression that, matched at the start, holds wherever this one does."""
    branches = outer_alternatives(pattern)
    moved = "|".join(
        branch[1:] if branch.startswith("^") else f".*(?:{branch})" for branch in branches
    )
    # Behind a prefix no start of the text would be found.
    return "" if _START.search(moved) else moved


CONDITIONS: Mapping[str, Condition] = {
    "tag": Condition("strings", lambda v: pl.col("code").is_in(v)),
    "says": Condition("strings", lambda v: _any_start("said", v), _gate_words),
    "message": Condition(
        "strings",
        lambda v: _any_start("text", v),
        _gate_words,
    ),
    "contains": Condition(
        "strings",
        lambda v: pl.col("message").str.contains(_alternatives(v)),
        lambda v: Gate(pattern=f".*(?:{_alternatives(v)})", holds=_alternatives(v)),
    ),
    "regex": Condition(
        "regex",
        lambda v: pl.col("said").str.contains(v),
        lambda v: Gate(pattern=_at_start(v), holds=v),
    ),
    "exception": Condition(
        "strings",
        _exception,
        lambda v: Gate(pattern=f"{_type_gate(v)}(?::|$)", holds=_type_gate(v)),
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
    "addressed": Condition("flag", lambda v: pl.col("addressed") == v),
}


def holds(when: Mapping[str, Any]) -> pl.Expr:
    """All conditions of one `when` together; never null."""
    tests = [CONDITIONS[word].holds(value).fill_null(value=False) for word, value in when.items()]
    return reduce(and_, tests)


def gate(when: Mapping[str, Any]) -> Gate:
    """What every line has that this `when` holds on.

    Raises:
        ValueError: no word of it narrows a search.
    """
    if "tag" in when:
        return Gate(tags=frozenset(when["tag"]))
    text = when.get("exception_text", "")
    if "exception" in when and text:
        types = _type_gate(when["exception"])
        return Gate(pattern=f"{types}: (?:{_at_start(text)})", holds=f"{types}: (?:{text})")
    for word, value in when.items():
        build = CONDITIONS[word].gate
        if build is not None:
            return build(value)
    raise ValueError(
        "nothing here narrows the search: give a tag, says, message, contains, regex or exception"
    )


def gate_of(gates: Iterable[Gate]) -> str | None:
    """One regular expression that every message passes which passes a gate without tags."""
    several = sorted({f"(?:{gate.pattern})" for gate in gates if not gate.tags})
    return f"^{_OWN}{_MARGIN}(?:{'|'.join(several)})" if several else None
