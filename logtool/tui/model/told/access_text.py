"""Access text: takes fields of a request's line in an access log, gives texts for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from logtool.people.instants import moment_text
from logtool.people.terminal import safe
from logtool.tui.model.told.pieces import Section
from parsers.units import SECOND

Access = Mapping[str, Any]

#: What is put behind what may be another request's.
_PERHAPS = "?"


def status_cell(access: Access) -> str:
    """`503`, `503?` where it may be another request's."""
    status = access["status"]
    doubt = "" if access["certain"] else _PERHAPS
    return f"{'-' if status is None else status}{doubt}"


def request_cell(access: Access) -> str:
    """`GET /cart`: without the query and the protocol."""
    method, _, rest = (access["request"] or "").partition(" ")
    path = rest.rpartition(" HTTP/")[0] or rest
    return safe(f"{method} {path.partition('?')[0]}".strip())


def access_section(access: Access) -> Section:
    """All that is known of it."""
    return Section("In the access log", tuple(_pairs(access)))


def _pairs(access: Access) -> Iterator[tuple[str, str]]:
    yield "request", safe(access["request"] or "")
    if access["status"] is not None:
        yield "status", str(access["status"])
    if access["duration_us"] is not None:
        yield "took", f"{access['duration_us'] / SECOND:.3f} s"
    yield "received", moment_text(access["utc"])
    if not access["certain"]:
        yield "perhaps", "of this client and second, but nothing says that it is this request"
