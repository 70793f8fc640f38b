"""Inputs: takes paths and what the caller knows of the logs there, gives the logs opened."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike, fspath

from logtool.clocks.options import ClockOptions
from logtool.errors import UsageError
from logtool.machine.open_files import need_files
from logtool.passes.first import open_logs
from logtool.passes.logs import Log
from logtool.sources.opening import open_sources
from logtool.sources.source import SPOOL_LIMIT
from parsers.classes import dataclass
from parsers.layouts import Layout, compile_layouts

#: Bytes of memory for what is remembered of a first reading, where other things need memory too;
#: the rest goes to a temporary file.
REMEMBERED = 8 << 20

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]


def _warn(fault: str) -> None:
    warnings.warn(fault, RuntimeWarning, stacklevel=4)


@dataclass(frozen=True, slots=True)
class Asked:
    """Logs by their paths, and what the caller knows of them.

    Attributes:
        paths: files, globs and directories.
        options: what is known of their clocks.
        layouts: layouts that their lines may have, besides those that are found.
        spool_limit: bytes of a pipe that may be kept on disk.
        tell: takes a sentence for each part of a log that could not be read.
        note: takes what else is to be known of the files, as that one holds all of another.
        all_needed: else a file that cannot be opened is told, beside others.
    """

    paths: tuple[str, ...]
    options: ClockOptions
    layouts: tuple[Layout, ...] = ()
    spool_limit: int = SPOOL_LIMIT
    tell: Callable[[str], None] = _warn
    note: Callable[[str], None] = _warn
    all_needed: bool = True

    @classmethod
    def of(
        cls,
        paths: Paths,
        server_tz: str | None,
        clock: Mapping[str, str] | None,
        formats: Sequence[str],
    ) -> Asked:
        """What the arguments of a function say."""
        several = [paths] if isinstance(paths, str | PathLike) else paths
        if not several:
            raise UsageError("no log was named")
        options = ClockOptions(server_tz, tuple((clock or {}).items()))
        layouts = tuple(one for directive in formats for one in compile_layouts(directive))
        return cls(tuple(fspath(path) for path in several), options, layouts)

    @contextmanager
    def opened(self) -> Iterator[list[Log]]:
        """The logs, open; at the end, what could not be read of them is told."""
        with open_sources(
            self.paths, self.spool_limit, self.note, all_needed=self.all_needed
        ) as sources:
            need_files()
            try:
                yield open_logs(sources, self.layouts, REMEMBERED)
            finally:  # also for those who have seen enough
                for fault in (fault for source in sources for fault in source.faults):
                    self.tell(str(fault))
