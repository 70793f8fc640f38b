"""Sums: take grouped counts batch by batch, give them summed up, within bounded memory."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from logtool.frame import detached

#: How columns of two batches become one; any other column keeps its first value.
_SUMMED, _FIRST, _LAST = ("lines", "errors", "events"), "first_utc", "last_utc"

#: What to count in any group of lines.
COUNTED = (
    pl.len().cast(pl.Int64).alias("lines"),
    pl.col("utc").min().alias("first_utc"),
    pl.col("utc").max().alias("last_utc"),
)


class Sums:
    """Counts by some keys.

    Attributes:
        dropped: how much was counted in groups that were given up for memory.
    """

    def __init__(self, *keys: str, limit: int = 100_000) -> None:
        """Count by `keys`; of more than `limit` groups the smallest are given up."""
        self._keys = keys
        self._limit = limit
        self._parts: list[pl.DataFrame] = []
        self._rows = 0
        self.dropped = 0

    def add(self, groups: pl.DataFrame) -> None:
        """Add counts; columns are the keys and what was counted."""
        if not groups.height:
            return
        self._parts.append(detached(groups))
        self._rows += groups.height
        if self._rows > 2 * self._limit:
            self._compact()

    def table(self) -> pl.DataFrame | None:
        """All counts, most first; None if nothing was counted."""
        if not self._parts:
            return None
        self._compact()
        return self._sorted(self._parts[0])

    def _compact(self) -> None:
        merged = _merged(self._parts, self._keys)
        if merged.height > self._limit:
            merged = self._sorted(merged)
            self.dropped += int(merged[self._limit :][_counted(merged.columns)].sum())
            merged = merged[: self._limit]
        self._parts, self._rows = [merged], merged.height

    def _sorted(self, table: pl.DataFrame) -> pl.DataFrame:
        """Most first; what is equal by its keys, so that two runs agree."""
        counted = _counted(table.columns)
        down = [True, *(False for _ in self._keys)]
        return table.sort(counted, *self._keys, descending=down, nulls_last=True)


def _counted(columns: Sequence[str]) -> str:
    return next(name for name in _SUMMED if name in columns)


def _merged(parts: Sequence[pl.DataFrame], keys: Sequence[str]) -> pl.DataFrame:
    every = pl.concat(parts)
    rules = [_rule(name) for name in every.columns if name not in keys]
    return every.group_by(keys, maintain_order=True).agg(rules)


def _rule(name: str) -> pl.Expr:
    if name in _SUMMED:
        return pl.col(name).sum()
    if name == _FIRST:
        return pl.col(name).min()
    return pl.col(name).max() if name == _LAST else pl.col(name).first()
