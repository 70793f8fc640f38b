"""Beside: takes the paths of error logs, gives the access logs that tell of their requests.

They are looked for when somebody asks, in the background; without any, polars is not loaded.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logtool.machine.heap import spare_memory_of_polars

if TYPE_CHECKING:
    from logtool.clocks.options import ClockOptions
    from logtool.events.access_logs import AccessLogs


class AccessBeside:
    """The access logs that the user named, else those beside the logs, if any may be looked for."""

    def __init__(self, error_logs: Sequence[str], options: ClockOptions) -> None:
        """Nothing is looked for yet."""
        self._error_logs, self._options = error_logs, options
        self._finding = threading.Lock()
        self._found: AccessLogs | None = None
        self._is_known = False

    def logs(self) -> AccessLogs | None:
        """Those; None without any.

        Raises:
            ReadError: what was named is not there.
        """
        with self._finding:
            if not self._is_known:
                self._found = self._find()
                self._is_known = True
            return self._found

    def _find(self) -> AccessLogs | None:
        from logtool.clocks.evidence.neighbours import find_access_logs, named_logs

        errors = [path for path in map(Path, self._error_logs) if path.is_file()]
        found = named_logs("access", self._options.access_logs)
        if not found and self._options.neighbours:
            found = find_access_logs(errors)
        # What flows was read for the clocks, and would keep us waiting.
        paths = [path for path in found if path.is_file()]
        if not paths:
            return None
        spare_memory_of_polars()
        from logtool.events.access_logs import AccessLogs

        formats = self._options.access_formats
        return AccessLogs([(path, formats.of_log(path) if formats else ()) for path in paths])
