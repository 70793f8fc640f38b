"""Access log: takes blocks of an access log, gives each request's instant and who asked.

`learn_layout` finds where the time stands from the lines alone; `LogFormat` is told by a directive.
Both read a block into `AccessStamps`.

    marks.py        where quotes, spaces and literals stand in a block
    numbers.py      digits → numbers, calendar → microseconds
    stamps.py       the columns
    structure.py    lines of an unknown LogFormat → columns
    log_format.py   a LogFormat directive → its pieces
    told.py         lines of a known LogFormat → columns
    layouts.py      which of the two reads a log
"""

from parsers.access_log.layouts import find_layout, read_lines
from parsers.access_log.log_format import LogFormat, LogFormatError
from parsers.access_log.stamps import AccessStamps
from parsers.access_log.structure import AccessLayout, learn_layout, read_learned
from parsers.access_log.told import read_told

__all__ = [
    "AccessLayout",
    "AccessStamps",
    "LogFormat",
    "LogFormatError",
    "find_layout",
    "learn_layout",
    "read_learned",
    "read_lines",
    "read_told",
]
