"""The recipes of the README work as they stand there."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import logtool

SAMPLE = Path(__file__).parents[2] / "sample_logs" / "daemon_crash_and_rebirth"
LOG = SAMPLE / "error.log"


def test_errors_per_hour_by_clock() -> None:
    """Errors per hour by clock: a group for each hour, kind of process and offset."""
    errors = (
        logtool.scan(LOG)
        .filter(pl.col("level") <= "error")
        .group_by(pl.col("utc").dt.truncate("1h"), "role", "group", "offset")
        .len()
        .sort("utc", "len")
        .collect()
    )

    assert int(errors["len"].sum()) == LOG.read_text().count(":error]")


def test_requests_before_each_crash() -> None:
    """The five requests before each crash: those whose lines the crashed process wrote."""
    whom = pl.col("message").str.extract(r"pid[= ](\d+)").cast(pl.Int64)
    crashes = (
        logtool.scan(LOG)
        .filter(pl.col("message").str.contains(r"child pid \d+ exit signal|terminated by signal"))
        .select("utc", whom.alias("crashed"))
        .collect()
    )
    requests = logtool.pairs(LOG)
    found = []
    for crash in crashes.iter_rows(named=True):
        served = [
            request
            for request in requests
            if request.lines[0]["utc"] <= crash["utc"]
            and any(line["pid"] == crash["crashed"] for line in request.lines)
        ]
        found.append(served[-5:])

    assert crashes.height >= 1
    assert all(1 <= len(served) <= 5 for served in found)


def test_joining_the_access_log() -> None:
    """Each error line of a client beside its last request in the access log."""
    stamp = pl.col("raw").str.extract(r"\[(\d\d/\w{3}/[^\]]+)\]", 1)
    utc = stamp.str.to_datetime("%d/%b/%Y:%H:%M:%S %z", time_unit="us", time_zone="UTC")
    access = (
        pl.read_csv(
            SAMPLE / "access.log", separator="\x01", has_header=False, quote_char=None,
            new_columns=["raw"],
        )
        .select(
            utc.alias("utc"),
            pl.col("raw").str.extract(r"^(\S+)", 1).alias("host"),
            pl.col("raw").str.extract(r'"([^"]*)"', 1).alias("request"),
        )
        .sort("utc")
    )  # fmt: skip
    errors = (
        logtool.scan(LOG)
        .filter(pl.col("client").is_not_null())
        .with_columns(pl.col("client").str.replace(r":\d+$", "").alias("host"))
        .sort("utc")
        .collect()
    )
    joined = errors.join_asof(access, on="utc", by="host", tolerance="5s")

    assert joined.height == errors.height
    assert joined["request"].null_count() < joined.height // 2
