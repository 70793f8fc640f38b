"""Columns: what a row of the table is. The schema and the exports derive from it."""

from __future__ import annotations

from enum import IntEnum

import polars as pl

from logtool.clocks.table import Confidence
from logtool.frame.python_text import PYTHON_LEVEL
from parsers.classes import dataclass
from parsers.error_log_format.items import LEVELS


class Needs(IntEnum):
    """How much of a log must be read to fill a column; each step includes the ones before."""

    LINES = 0
    STAMPS = 1
    FIELDS = 2
    CLOCKS = 3


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: as in the frame, in exports and in SQL.
        dtype: its polars type.
        needs: what must be read to fill it.
        meaning: for people; null where the line does not say it.
    """

    name: str
    dtype: pl.DataType
    needs: Needs
    meaning: str


#: Most severe first, so that `level <= 'error'` means error or worse.
LEVEL = pl.Enum(LEVELS)
#: Least sure first.
CONFIDENCE = pl.Enum([str(one) for one in Confidence])

_TEXT, _INT = pl.String(), pl.Int64()

COLUMNS: tuple[Column, ...] = (
    Column("file", _TEXT, Needs.LINES, "The log file, as it was named."),
    Column("line", _INT, Needs.LINES, "The number of the line in its file, from 1."),
    Column("utc", pl.Datetime("us", "UTC"), Needs.CLOCKS, "When it was written."),
    Column(
        "local_time",
        pl.Datetime("us"),
        Needs.STAMPS,
        "What the line says, in the local time of its process.",
    ),
    Column("offset", pl.Int32(), Needs.CLOCKS, "Seconds east of UTC of that local time."),
    Column("confidence", CONFIDENCE, Needs.CLOCKS, "How sure the offset is."),
    Column(
        "clock", pl.Int32(), Needs.CLOCKS, "The number of its clock among the clocks found, from 0."
    ),
    Column(
        "level",
        LEVEL,
        Needs.FIELDS,
        "The level; the more severe sorts first: level <= 'error' is error or worse.",
    ),
    Column(
        "python_level",
        PYTHON_LEVEL,
        Needs.FIELDS,
        "The level that Python wrote in the message; mod_wsgi calls all of Python's lines error.",
    ),
    Column("module", _TEXT, Needs.FIELDS, "The module, without mod_."),
    Column("pid", _INT, Needs.STAMPS, "The process ID."),
    Column("tid", _INT, Needs.FIELDS, "The thread ID."),
    Column(
        "role",
        _TEXT,
        Needs.CLOCKS,
        "parent, child or daemon; empty where unknown, as without a pid.",
    ),
    Column("group", _TEXT, Needs.CLOCKS, "The daemon process group; empty where there is none."),
    Column("client", _TEXT, Needs.FIELDS, "The client's address, mostly with its port."),
    Column("client_marker", _TEXT, Needs.FIELDS, "client or remote, the word before the address."),
    Column("source", _TEXT, Needs.FIELDS, "httpd's source file and line: util.c(2476)."),
    Column("status", _TEXT, Needs.FIELDS, "APR's status code and its text: (13)Permission denied."),
    Column("tag", _TEXT, Needs.FIELDS, "The number the message begins with: AH01964 or WSGI0146."),
    Column("message", _TEXT, Needs.FIELDS, "The message; the whole line where no layout reads it."),
    Column("referer", _TEXT, Needs.FIELDS, "The request's Referer."),
    Column("log_id", _TEXT, Needs.FIELDS, "The log ID of the request."),
    Column("connection_log_id", _TEXT, Needs.FIELDS, "The log ID of the connection."),
    Column(
        "peer",
        _TEXT,
        Needs.FIELDS,
        "The connection's peer, where a proxy stands before the client.",
    ),
    Column("local_address", _TEXT, Needs.FIELDS, "The server's address and port."),
    Column("virtual_host", _TEXT, Needs.FIELDS, "The ServerName of the virtual host."),
    Column("server_name", _TEXT, Needs.FIELDS, "The name as UseCanonicalName says."),
    Column("host", _TEXT, Needs.FIELDS, "The host that syslog names."),
    Column("layout", _TEXT, Needs.STAMPS, "How the line was read; null where no layout fits."),
    Column("raw", _TEXT, Needs.LINES, "The whole line."),
)

#: The types by name. They are the same for every log.
SCHEMA = pl.Schema({column.name: column.dtype for column in COLUMNS})

#: What each column needs, by name.
NEEDS = {column.name: column.needs for column in COLUMNS}
