"""`errlog pairs`: the lines of worker and daemon that serve one request, together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logtool.commands.options import ReadOptions, read_options
from logtool.commands.output import open_output
from logtool.commands.progress import Progress
from logtool.commands.summary import fault_lines
from logtool.errors import ReadError
from logtool.passes import find_clocks, open_logs
from logtool.sources.source import open_sources
from logtool.terminal import safe, safe_json
from parsers.escapes import unescape

if TYPE_CHECKING:
    import polars as pl

    from logtool.events.requests import Request


@click.command("pairs")
@read_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each request.")
@click.option("--client", metavar="IP[:PORT]", help="Only requests of this client.")
@click.option("--id", "log_id", metavar="ID", help="Only the request with this log ID.")
def command(read: ReadOptions, as_json: bool, client: str | None, log_id: str | None) -> int:
    """Put the lines of one request together, in UTC order, and say what joined them.

    A log ID (%L) joins them where the format has it, else the client's address and port during its
    connection. Where the log cannot tell several requests of a connection apart, it says so.
    """
    from logtool.events.requests import read_requests

    layouts = read.layouts()
    with Progress(shown=not read.quiet), open_sources(read.files, read.spool_limit) as sources:
        logs = open_logs(sources, layouts)
        table = find_clocks(logs, read.clock_options())
        with open_output(None) as output:
            for request in read_requests(logs, table, _access(read)):
                if not _wanted(request, client, log_id):
                    continue
                for line in _as_json(request) if as_json else _told(request):
                    output.write(f"{line}\n".encode("utf-8", "backslashreplace"))
        faults = [line for log in logs for line in fault_lines(log.source)]
    for fault in faults:
        click.echo(fault, err=True)
    return 3 if faults else 0


def _access(read: ReadOptions) -> pl.DataFrame | None:
    """The lines of the access logs named, else of those beside the error logs."""
    import polars as pl

    from logtool.clocks.neighbours import blocks_of, find_access_logs
    from logtool.events.access_lines import access_lines

    named = [Path(name) for name in read.access_log]
    errors = [Path(name) for name in read.files if Path(name).is_file()]
    found = named or (find_access_logs(errors) if read.neighbours else [])
    try:
        lines = [access_lines(blocks_of(path)) for path in found]
    except OSError as error:
        raise ReadError(f"{error.filename}: {error.strerror}") from error
    some = [part for part in lines if part is not None]
    return pl.concat(some) if some else None


def _wanted(request: Request, client: str | None, log_id: str | None) -> bool:
    if log_id and request.log_id != log_id:
        return False
    if not client:
        return True
    address = (request.client or "").rpartition(":")[0]
    return client in (request.client, address, f"[{address}]")


def _as_json(request: Request) -> Iterator[str]:
    yield safe_json(json.dumps(request.to_json(), ensure_ascii=False))


def _told(request: Request) -> Iterator[str]:
    """The request for people: a heading, then its lines."""
    facts = request.to_json()
    sure = "" if request.is_certain else ", perhaps several requests"
    waited = facts["worker_to_daemon_ms"]
    delay = "" if waited is None else f", daemon after {waited:g} ms"
    yield safe(
        f"{facts['first_utc'] or 'no time'}  {request.client or request.log_id or ''}  "
        f"request {request.number} of connection {request.connection}, "
        f"joined by {request.joined_by}{delay}{sure}"
    )
    for line in request.lines:
        who = f"{line['side'] or '?':6} {line['pid'] or '?'}"
        time = f"{line['utc']:%H:%M:%S.%f}" if line["utc"] else "-" * 15
        yield safe(
            f"  {time}  {who}  [{line['module'] or ''}:{line['level'] or ''}] "
            + unescape(line["message"])
        )
    if request.access:
        yield f"  access: {safe(str(request.access['request']))} {request.access['status']}"


pairs = command
