"""Access lines: take blocks of an access log, give its requests as rows to join."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from logtool.frame.texts import strings
from parsers.access_log import AccessLayout, AccessStamps, learn_layout, read_learned
from parsers.access_log.stamps import NOT_LOGGED
from parsers.blocks import Block
from parsers.lines import NO_TIME, Spans


def access_lines(blocks: Iterable[Block]) -> pl.DataFrame | None:
    """The requests of an access log, or None if it is none.

    Returns:
        `utc`, `host`, `port`, `request`, `status`, `log_id`, `duration_us`; null where the log
        does not say.
    """
    layout: AccessLayout | None = None
    parts = []
    for block in blocks:
        layout = layout or learn_layout(block)
        if layout is None:
            return None
        parts.append(_rows(block, read_learned(block, layout)))
    return pl.concat(parts) if parts else None


def _rows(block: Block, stamps: AccessStamps) -> pl.DataFrame:
    def text(spans: Spans) -> pl.Series:
        return strings(block.data, spans.start, spans.end)

    return pl.DataFrame(
        {
            "utc": pl.Series(stamps.epoch_us).cast(pl.Datetime("us", "UTC")),
            "host": text(stamps.host),
            "port": pl.Series(stamps.port).replace(NOT_LOGGED, None),
            "request": text(stamps.request),
            "status": pl.Series(stamps.status).replace(NOT_LOGGED, None),
            "log_id": text(stamps.log_id),
            "duration_us": pl.Series(stamps.duration_us).replace(NOT_LOGGED, None),
        }
    ).filter(pl.Series(stamps.epoch_us != NO_TIME))
