"""AccessStamps: the columns read from a block of an access log, one row per line."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parsers.classes import dataclass
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Spans

#: In `AccessStamps.port`, `status` and `duration_us`: the line does not say.
NOT_LOGGED = -1


@dataclass(slots=True, eq=False)
class AccessStamps:
    """When each request of a block came, and from whom.

    Attributes:
        epoch_us: int64[n], microseconds UTC as the line says them (httpd stamps the moment the
            request line arrived, unless the LogFormat says `end`), or NO_TIME.
        offset_s: int32[n], seconds east of UTC as written, or NO_OFFSET (`%{sec}t` writes none).
        digits: int8[n], digits of the fraction as written: 0, 3 or 6.
        host: where the client's host stands.
        port: int32[n], the client's port, or NOT_LOGGED.
        request: where the request line stands, without its quotes.
        method, path, query: where its parts stand on their own; the path may have its query.
        status: int16[n], or NOT_LOGGED.
        log_id: where the request's log ID (`%L`) stands.
        duration_us: int64[n], microseconds from request to response, or NOT_LOGGED.
        pid: int64[n], the child that served the request, or NO_PID.
        unreadable: how many lines have no time that could be read.
    """

    epoch_us: NDArray[np.int64]
    offset_s: NDArray[np.int32]
    digits: NDArray[np.int8]
    host: Spans
    port: NDArray[np.int32]
    request: Spans
    method: Spans
    path: Spans
    query: Spans
    status: NDArray[np.int16]
    log_id: Spans
    duration_us: NDArray[np.int64]
    pid: NDArray[np.int64]

    @classmethod
    def empty(cls, rows: int) -> AccessStamps:
        """Columns for `rows` lines of which nothing is known yet."""
        return cls(
            epoch_us=np.full(rows, NO_TIME, np.int64),
            offset_s=np.full(rows, NO_OFFSET, np.int32),
            digits=np.zeros(rows, np.int8),
            host=_no_spans(rows),
            port=np.full(rows, NOT_LOGGED, np.int32),
            request=_no_spans(rows),
            method=_no_spans(rows),
            path=_no_spans(rows),
            query=_no_spans(rows),
            status=np.full(rows, NOT_LOGGED, np.int16),
            log_id=_no_spans(rows),
            duration_us=np.full(rows, NOT_LOGGED, np.int64),
            pid=np.full(rows, NO_PID, np.int64),
        )

    def __len__(self) -> int:
        """The number of lines."""
        return len(self.epoch_us)

    @property
    def unreadable(self) -> int:
        """How many lines have no time that could be read."""
        return int(np.count_nonzero(self.epoch_us == NO_TIME))


def _no_spans(rows: int) -> Spans:
    return Spans(np.full(rows, -1, np.int64), np.full(rows, -1, np.int64))
