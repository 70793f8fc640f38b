"""Fingerprints: take folded rows, give what makes two exceptions, or two messages, the same.

A fingerprint is `v2:` and a hash; what was hashed stands beside it, so a person can see why two
events are one group. A change of the recipe changes the version.
"""

from __future__ import annotations

import hashlib

import polars as pl

from logtool.events.frames import frames
from logtool.events.kinds import MARGIN, RAISED
from logtool.events.torn import with_values
from logtool.frame.python_text import unscripted

VERSION = "v2"

#: What varies between two messages of one kind, in the order it is masked (Rust regexes).
_MASKS = (
    (r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", "<uuid>"),
    (r"\b0x[0-9a-fA-F]+\b", "<hex>"),
    (r"\b[0-9a-fA-F]{16,}\b", "<hex>"),
    (r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b", "<email>"),
    (r"\bhttps?://[^\s'\"<>]+", "<url>"),
    (r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b", "<ip>"),
    (r"\b[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){3,7}\b", "<ip>"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?", "<time>"),
    (r"'[^']*'|\"[^\"]*\"", "<text>"),
    (r"(?:/[\w.@%+~-]+){2,}/?", "<path>"),
    (r"\b(?:\d{1,3}(?:,\d{3})+\b|\d+)(?:\.\d+)?", "<n>"),
)

#: Parts of a path that change with a deployment.
_PATH_MASK = r"[0-9a-f]{7,40}|\d+"


def template(text: pl.Expr) -> pl.Expr:
    """The text with all that varies masked: ids, addresses, times, quoted texts, paths, numbers."""
    for pattern, mask in _MASKS:
        text = text.str.replace_all(pattern, mask)
    return text


def exceptions(folded: pl.DataFrame) -> pl.DataFrame:
    """One row for each exception in folded rows.

    Returns:
        `event`, `exception` (type), `value`, `fingerprint`, `explanation`: type, the application's
        frames without line numbers (all frames where none is the application's), masked value,
        of which a single word is masked too where there are frames.
    """
    raised = _raised(folded)
    if not raised.height:
        return raised.with_columns(fingerprint=pl.lit(""), explanation=pl.lit(""))
    stacks = _stacks(frames(folded.filter(pl.col("event").is_in(raised["event"].implode()))))
    told = raised.join(stacks, on="event", how="left", maintain_order="left").with_columns(
        explanation=pl.concat_str(
            pl.col("exception"),
            pl.format("frames {}", pl.col("stack").fill_null("none")),
            pl.format("value {}", _value()),
            separator="; ",
            ignore_nulls=True,
        )
    )
    hashed = told.select(pl.col("explanation").unique()).with_columns(
        pl.col("explanation").map_elements(fingerprint_of, pl.String).alias("fingerprint")
    )
    return told.join(hashed, on="explanation", how="left", maintain_order="left").select(
        "event", "exception", "value", "fingerprint", "explanation"
    )


def _value() -> pl.Expr:
    """The masked value; by a word alone, such as a key, events of one place are not told apart."""
    masked = template(pl.col("value"))
    is_word = masked.str.contains(r"^\S+$") & ~masked.str.contains(r"^<\w+>$")
    return pl.when(is_word & pl.col("stack").is_not_null()).then(pl.lit("<word>")).otherwise(masked)


def _raised(folded: pl.DataFrame) -> pl.DataFrame:
    """`event`, `exception` and `value` of the last exception of each traceback."""
    text = unscripted(pl.col("message")).str.strip_prefix(MARGIN)
    final = pl.col("kind").is_in([*map(int, RAISED)]) & (pl.col("event") != pl.col("row"))
    return (
        with_values(folded)
        .filter(final)
        .select(
            "event",
            text.str.extract(r"^([\w.<>]+)", 1).alias("exception"),
            text.str.extract(r"^[\w.<>]+: (.*)$", 1).fill_null("").alias("value"),
        )
        .group_by("event", maintain_order=True)
        .last()
    )


def _stacks(places: pl.DataFrame) -> pl.DataFrame:
    """`event` and `stack`: its frames as `dir/file:function < …`, outermost first."""
    tail = pl.col("frame_file").str.extract(r"((?:[^/\\]+[/\\])?[^/\\]+)$", 1)
    tail = tail.str.replace_all(_PATH_MASK, "<n>")
    shown = pl.col("in_app") | ~pl.col("in_app").any().over("event")
    return (
        places.filter(shown)
        .select(
            "event", pl.format("{}:{}", tail, pl.col("frame_function").fill_null("?")).alias("p")
        )
        .group_by("event", maintain_order=True)
        .agg(pl.col("p").str.join(" < ").alias("stack"))
    )


def fingerprint_of(text: str) -> str:
    """The fingerprint of what is hashed."""
    return f"{VERSION}:{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"
