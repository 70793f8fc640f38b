"""Frames: take folded rows, give the places their stacks name, and which of them to blame."""

from __future__ import annotations

import polars as pl

from logtool.events.kinds import Kind
from parsers.tracebacks import DUMPED, FOREIGN, FRAME

_NAMES = {"file": "frame_file", "line": "frame_line", "function": "frame_function"}


def in_app(path: pl.Expr) -> pl.Expr:
    """Whether a frame's path is the application's own: not Python's, not a package's."""
    return ~path.str.contains(FOREIGN)


def frames(folded: pl.DataFrame) -> pl.DataFrame:
    """The frames of folded rows.

    Returns:
        `event`, `row`, `frame_file`, `frame_line` (Int64), `frame_function`, `in_app`, in the order
        of the rows; dumps of threads, which print the innermost frame first, reversed. Of a dump
        that tells which thread crashed, the frames of the others are left out.
    """
    stacks = folded.filter(pl.col("kind").is_in([int(Kind.FRAME), int(Kind.MARGIN)]))
    threads = folded.filter(pl.col("kind") == Kind.THREAD)
    crashed = stacks.clear()
    if threads.height:
        stacks, crashed = _without_other_threads(stacks, threads)
    dumps = folded.filter(pl.col("kind") == Kind.DUMPED).reverse()
    told = [_places(some, FRAME) for some in (stacks, crashed.reverse())]
    return pl.concat([*told, _places(dumps, DUMPED)])


def _without_other_threads(
    stacks: pl.DataFrame, threads: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Frames of events that name no thread as the one that crashed; those of threads that did.

    Args:
        stacks: frames.
        threads: the lines at which threads begin.
    """
    is_current = pl.col("message").str.starts_with("Current thread")
    heads = threads.select("event", "row", current=is_current).sort("row")
    named = heads.filter("current")["event"].unique()
    told = stacks.filter(pl.col("event").is_in(named.implode())).sort("row")
    under = told.join_asof(heads, on="row", by="event", check_sortedness=False)
    others = stacks.filter(~pl.col("event").is_in(named.implode()))
    return others, under.filter(pl.col("current").fill_null(value=False)).select(stacks.columns)


def _places(rows: pl.DataFrame, pattern: str) -> pl.DataFrame:
    # Stacks are alike: each text is taken apart once.
    place = pl.col("message").str.extract_groups(pattern)
    told = (
        rows.select(pl.col("message").unique())
        .with_columns(place.alias("place"))
        .unnest("place")
        .rename(_NAMES)
        .filter(pl.col("frame_file").is_not_null())
        .with_columns(
            pl.col("frame_line").cast(pl.Int64, strict=False),
            in_app(pl.col("frame_file")).alias("in_app"),
        )
    )
    return (
        rows.select("event", "row", "message")
        .join(told, on="message", how="inner", maintain_order="left")
        .drop("message")
    )


def guilty_frames(places: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """The frame to blame for each hit: the last one of the application before the hit's row.

    Where the stack follows the hit (a signal handler that mod_wsgi ignored), the last one after it;
    where no frame is the application's, the last of all that is a file's.

    Args:
        places: what `frames` gives.
        hits: `event` and `row` of lines that a rule matched.

    Returns:
        `event`, `row`, `frame_file`, `frame_line`, `frame_function`; only hits that have a frame.
    """
    pairs = (
        hits.select("event", "row")
        .unique()
        .join(places.rename({"row": "frame_row"}), on="event", how="inner", maintain_order="right")
    )
    rank = pl.col("in_app").cast(pl.Int8) * 2 + (pl.col("frame_row") < pl.col("row")).cast(pl.Int8)
    return (
        pairs.filter(~pl.col("frame_file").str.starts_with("<frozen "))
        .with_columns(rank.alias("rank"))
        .filter(pl.col("rank") == pl.col("rank").max().over("event", "row"))
        .group_by("event", "row", maintain_order=True)
        .agg(pl.col("frame_file", "frame_line", "frame_function").last())
    )
