"""Rows for tests: takes raw lines of the built-in format, gives the frame errlog makes of them.

One regular expression, slow and plain on purpose: it keeps the rules and the folding honest apart
from the real decoder.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import polars as pl

_LINE = re.compile(
    r"\[\w{3} (?P<time>\w{3} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4})(?P<junk>[a-z]*)\] "
    r"\[(?:(?P<module>[\w.-]*):)?(?P<level>[a-z]+\d?)\] "
    r"(?:\[pid (?P<pid>\d+)(?::tid (?P<tid>\d+))?\] )?"
    r"(?:(?P<source>[^\s:]+\(\d+\)): )?"
    r"(?:(?P<status>\((?:EAI |OS )?\d+\)[^:]+): )?"
    r"(?:\[(?P<marker>client|remote) (?P<client>[^\]]+)\] )?"
    r"(?P<message>.*?)(?:, referer: (?P<referer>\S*))?$"
)
_TAG = re.compile(r"(?:\[script [^\]]*\] )?(AH\d{5,6}|WSGI\d{4}): ")

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String,
    "line": pl.Int64,
    "utc": pl.Datetime("us", "UTC"),
    "local_time": pl.Datetime("us"),
    "offset": pl.Int32,
    "confidence": pl.String,
    "clock": pl.Int32,
    "level": pl.String,
    "module": pl.String,
    "pid": pl.Int64,
    "tid": pl.Int64,
    "role": pl.String,
    "group": pl.String,
    "client": pl.String,
    "client_marker": pl.String,
    "source": pl.String,
    "status": pl.String,
    "tag": pl.String,
    "message": pl.String,
    "referer": pl.String,
    "log_id": pl.String,
    "connection_log_id": pl.String,
    "raw": pl.String,
}


def rows(text: str, file: str = "error.log") -> pl.DataFrame:
    """The frame of these lines; lines the built-in format does not read keep only their text."""
    lines = text.removesuffix("\n").split("\n")
    return pl.DataFrame(
        [_row(line, number, file) for number, line in enumerate(lines, 1)], SCHEMA, orient="row"
    )


def _row(line: str, number: int, file: str) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(SCHEMA)
    row |= {"file": file, "line": number, "message": line, "raw": line, "role": "", "group": ""}
    match = _LINE.match(line)
    if match is None:
        return row
    shape = "%b %d %H:%M:%S.%f %Y" if "." in match["time"] else "%b %d %H:%M:%S %Y"
    local = datetime.strptime(match["time"], shape).replace(tzinfo=UTC)
    tag = _TAG.match(match["message"])
    return row | {
        "utc": local,
        "local_time": local.replace(tzinfo=None),
        "offset": 0,
        "level": match["level"],
        "module": match["module"],
        "pid": int(match["pid"]) if match["pid"] else None,
        "tid": int(match["tid"]) if match["tid"] else None,
        "source": match["source"],
        "status": match["status"],
        "client": match["client"],
        "client_marker": match["marker"],
        "tag": tag[1] if tag else None,
        "message": match["message"],
        "referer": match["referer"],
    }
