"""`errlog pairs`: the lines of worker and daemon that serve one request, together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from logtool.commands.explaining import Explainer, explain_option
from logtool.commands.options import ReadOptions, read_options
from logtool.commands.output import open_output
from logtool.commands.progress import Progress
from logtool.commands.selection import Selection, select_options
from logtool.commands.strictness import doubts_of, strict_status
from logtool.commands.summary import assumption_lines, fault_lines, mistake_lines, unread_lines
from logtool.errors import ReadError
from logtool.machine.heap import spare_memory_of_polars
from logtool.machine.open_files import need_files
from logtool.normalize import Tally
from logtool.passes.first import find_clocks, open_logs
from logtool.people.instants import rfc3339
from logtool.people.terminal import Painter, legible, safe, safe_json, say
from parsers.id_brackets import NOT_TOLD

if TYPE_CHECKING:
    from logtool.clocks.table import ClockTable
    from logtool.events.ranges import Rows
    from logtool.events.requests import Request
    from logtool.passes.logs import Log
    from parsers.httpd_conf import AccessFormats


#: Why there is no request in whole logs.
_NOTHING_TELLS = (
    "errlog: no line was found to have a client or a log ID, which tell requests; where lines show "
    "one, their layout is longer than errlog format detect tells: --format or --config says it"
)


@click.command("pairs")
@read_options
@select_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each request.")
@click.option("--client", metavar="IP[:PORT]", help="Only requests of this client.")
@click.option("--id", "log_id", metavar="ID", help="Only the request with this log ID.")
@explain_option
def command(
    read: ReadOptions,
    selection: Selection,
    as_json: bool,
    client: str | None,
    log_id: str | None,
    explain: bool,
) -> int:
    """Put the lines of one request together, in UTC order, and say what joined them.

    A log ID (%L) joins them where the format has it, else the client's address and port during its
    connection. Where the log cannot tell several requests of a connection apart, it says so.

    With --explain, cause and cure of a known problem follow the line that tells of it, once; in
    JSON each line names its `rules`.

    With --since, --until, --level or --grep only requests are told that have such a line.
    """
    layouts, chosen = read.layouts(), selection.expression()
    with read.opened() as sources:
        need_files()
        logs = open_logs(sources, layouts)
        tally, found, options = Tally(), False, read.clock_options()
        with Progress(shown=not read.quiet) as progress:
            watch = progress.of_clocks(tally.watch)
            table = find_clocks(logs, options, watch)

        # Not before: it brings polars, whose threads forbid child processes.
        spare_memory_of_polars()
        from logtool.events.reading import read_requests

        access = partial(_access, read, logs, options.access_formats)
        lines_of = _Explained(read.painter, logs, table) if explain else _Plain(read.painter)
        with open_output(None, to_the_end=read.strict) as output:
            for request in read_requests(logs, table, access, chosen):
                if not _wanted(request, client, log_id):
                    continue
                found = True
                lines = lines_of.as_json(request) if as_json else lines_of.told(request)
                text = "".join(f"{line}\n" for line in lines)
                output.write(text.encode("utf-8", "backslashreplace"))
            if not found and not as_json:
                output.write(b"no request found\n")
        names = [log.source.name for log in logs]
        whole = bool(table.clocks) and not (client or log_id or chosen is not None)
        notes = [*unread_lines(table, tally, names), *assumption_lines(table)]
        notes += [_NOTHING_TELLS] if whole and not found else []
        notes += _doubted_ids([] if layouts else logs)
        faults = [line for log in logs for line in fault_lines(log.source)]
    for line in [] if read.quiet else notes:
        say(line)
    for fault in [*mistake_lines(table), *faults]:
        say(fault)
    return 3 if faults else strict_status(read.strict, doubts_of(table, tally))


def _doubted_ids(logs: Sequence[Log]) -> Iterator[str]:
    """What to say where nothing tells whose the log IDs of a log are; else nothing."""
    for log in logs:
        if any(NOT_TOLD in layout.name for layout in log.decoder.layouts):
            yield safe(
                f"errlog: {log.source.name}: whether a log ID in brackets is a request's or a "
                "connection's is not told by its lines; --format or --config does"
            )


def _access(
    read: ReadOptions,
    logs: Sequence[Log],
    formats: AccessFormats | None,
    rows: Callable[[], Rows],
) -> Iterator[Rows]:
    """The lines of each of the access logs named, else of those beside the error logs."""
    from logtool.clocks.evidence.neighbours import (
        blocks_of,
        find_access_logs,
        named_logs,
        reason_of,
    )
    from logtool.events.access_lines import access_lines
    from logtool.frame.texts import detached

    named = named_logs("access", read.access_log)
    errors = [path for log in logs if (path := Path(log.source.path)).is_file()]
    found = named or (find_access_logs(errors) if read.neighbours else [])
    for path in found:
        lines = rows()
        try:
            for some in access_lines(blocks_of(path), formats.of_log(path) if formats else ()):
                lines.add(detached(some))
        except (OSError, ReadError) as error:
            fault = f"cannot read access log {path}: {reason_of(path, error)}"
            if named:
                raise ReadError(fault) from error
            read.tell(fault)
            continue
        yield lines


def _wanted(request: Request, client: str | None, log_id: str | None) -> bool:
    if log_id and request.log_id != log_id:
        return False
    if not client:
        return True
    address = (request.client or "").rpartition(":")[0]
    return client in (request.client, address, f"[{address}]")


class _Plain:
    """Requests as lines of the output."""

    def __init__(self, paint: Painter) -> None:
        self._paint = paint

    def as_json(self, request: Request) -> Iterator[str]:
        """One JSON object."""
        facts = request.to_json()
        for line in facts["lines"]:
            line |= self.named(line)
        yield safe_json(_as_json(facts))

    def told(self, request: Request) -> Iterator[str]:
        """The request for people: a heading, then its lines."""
        yield from _heading(request, self._paint)
        for line in request.lines:
            utc, level, python = line["utc"], line["level"], line["python_level"]
            time = utc.time().isoformat("microseconds") if utc else "-" * 15
            who = _who(line["side"], line["pid"], line["module"], level, python)
            yield self._paint(
                f"  {time}  {who}{legible(line['message'] or '')}", (python or level or "").lower()
            )
            yield from self.explained(line)
        if access := request.access:
            perhaps = "" if access["certain"] else ", perhaps"
            yield safe(f"  access{perhaps}: {access['request']} {access['status']}")

    def named(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """What JSON says besides of a line."""
        return {}

    def explained(self, line: Mapping[str, Any]) -> Iterator[str]:
        """What follows a line."""
        yield from ()


class _Explained(_Plain):
    """The same with the known problems that lines tell of."""

    def __init__(self, paint: Painter, logs: Sequence[Log], table: ClockTable) -> None:
        super().__init__(paint)
        self._explainer = Explainer(logs, table)

    def named(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """The ids of its rules."""
        return {"rules": [rule.id for rule in self._explainer.rules(line["file"], line["line"])]}

    def explained(self, line: Mapping[str, Any]) -> Iterator[str]:
        """Each rule at length when it is met first."""
        yield from (f"    {text}" for text in self._explainer.told(line["file"], line["line"]))


#: Made once: `json.dumps` makes one for each text.
_as_json = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(4096)
def _who(
    side: str, pid: int | None, module: str | None, level: str | None, python: str | None
) -> str:
    """Who says a line, safe to show: many lines have the same."""
    of_httpd = f":{level}" if level else ""
    of_python = f" {python}" if python else ""
    return safe(f"{side or '?':6} {pid or '?'}  [{module or ''}{of_httpd}{of_python}] ")


def _heading(request: Request, paint: Painter) -> Iterator[str]:
    begin = rfc3339(request.lines[0]["utc"])
    title = (
        f"{begin or 'no time'}  {request.client or request.log_id or ''}  "
        f"connection {request.connection}, request {request.number}"
    )
    yield paint(safe(title), "title")
    how = "alone" if request.joined_by == "alone" else f"joined by {request.joined_by}"
    waited = request.worker_to_daemon_ms
    delay = "" if waited is None else f", daemon after {waited:,.12g} ms"
    yield f"  {how}{delay}{'' if request.is_certain else ', perhaps several requests'}"
