"""Library: the words of the program as functions; each takes paths and what is known of the logs.

Paths are files, globs and directories, as on the command line. All functions raise

- UsageError: there is no path, or a zone or a form of time is unknown;
- FormatError: httpd refuses a format;
- ReadError: a log cannot be opened.

What could not be read of an opened log is warned of (RuntimeWarning).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from logtool.errors import UsageError
from logtool.inputs import Asked, Paths

if TYPE_CHECKING:
    import polars as pl

    from logtool.clocks.table import ClockTable
    from logtool.events.requests import Request
    from logtool.flags.finding import Finding


def scan(
    paths: Paths,
    *,
    server_tz: str | None = None,
    clock: Mapping[str, str] | None = None,
    formats: Sequence[str] = (),
) -> pl.LazyFrame:
    """The lines of logs as a LazyFrame with the columns of `logtool.frame.SCHEMA`.

    Logs are read when the frame is collected, in batches. Columns that no one asks for are not
    made, lines that a filter drops are not decoded, and clocks are sought only for columns that
    need them.

    Args:
        paths: files, globs and directories.
        server_tz: the zone Apache was started in.
        clock: zones of processes, by pid, daemon group, `parent`, `child` or `daemon`.
        formats: ErrorLogFormats of these logs, if they are not found by themselves.
    """
    from logtool.frame.reading import scan as scan_logs

    return scan_logs(Asked.of(paths, server_tz, clock, formats))


def clocks(
    paths: Paths,
    *,
    server_tz: str | None = None,
    clock: Mapping[str, str] | None = None,
    formats: Sequence[str] = (),
) -> ClockTable:
    """The clocks found in logs; arguments as for `scan`."""
    from logtool.passes.first import find_clocks

    asked = Asked.of(paths, server_tz, clock, formats)
    with asked.opened() as logs:
        return find_clocks(logs, asked.options)


def normalize(
    paths: Paths,
    *,
    time: str = "cuz",
    server_tz: str | None = None,
    clock: Mapping[str, str] | None = None,
    formats: Sequence[str] = (),
) -> Iterator[bytes]:
    """The bytes of logs with every stamp in UTC, in pieces of whole lines.

    Args:
        paths: files, globs and directories.
        time: `cuz`, `keep`, `iso` or `epoch`, as `errlog normalize --time`.
        server_tz: as for `scan`.
        clock: as for `scan`.
        formats: as for `scan`.
    """
    from logtool.normalize import normalize_blocks
    from logtool.passes.children import Ahead
    from logtool.passes.first import find_clocks
    from logtool.people.misspelled import with_meant
    from logtool.writing.styles import TimeStyle

    styles = [*map(str, TimeStyle)]
    if time not in styles:
        told = f"{time}: no form of time; there are {', '.join(styles)}"
        raise UsageError(with_meant(told, time, styles))
    style = TimeStyle(time)
    asked = Asked.of(paths, server_tz, clock, formats)
    with asked.opened() as logs, Ahead() as ahead:
        table = find_clocks(logs, asked.options, ahead=ahead)
        for written in normalize_blocks(logs, table, style, ahead, bare=True):
            yield written.text.tobytes()


def flags(
    paths: Paths,
    *,
    rules: str | None = None,
    server_tz: str | None = None,
    clock: Mapping[str, str] | None = None,
    formats: Sequence[str] = (),
) -> list[Finding]:
    """The known problems found in logs, worst first.

    Args:
        paths: files, globs and directories.
        rules: a file of rules to look for besides those that come with errlog.
        server_tz: as for `scan`.
        clock: as for `scan`.
        formats: as for `scan`.
    """
    from logtool.flags.explanations import rules_with
    from logtool.flags.search import find_flags
    from logtool.passes.first import find_clocks

    asked = Asked.of(paths, server_tz, clock, formats)
    known = rules_with(rules)
    with asked.opened() as logs:
        return find_flags(logs, find_clocks(logs, asked.options), known)


def pairs(
    paths: Paths,
    *,
    server_tz: str | None = None,
    clock: Mapping[str, str] | None = None,
    formats: Sequence[str] = (),
) -> list[Request]:
    """Requests, each with its lines by worker and daemon; arguments as for `scan`.

    They are a list: all lines that name a client or a log ID are held in memory, unlike by
    `errlog pairs`.
    """
    from logtool.events.reading import read_requests
    from logtool.passes.first import find_clocks

    asked = Asked.of(paths, server_tz, clock, formats)
    with asked.opened() as logs:
        return list(read_requests(logs, find_clocks(logs, asked.options)))
