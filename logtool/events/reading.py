"""Reading: takes opened logs, gives their requests, however many, in little memory.

Whose a line is depends on all lines of its client, and where a request comes in the output on when
it began. So what tells the first is sorted by clients, and what that tells by instants; the texts
come in at last, for some requests at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import polars as pl

from logtool.clocks.table import ClockTable
from logtool.events.access_lines import AccessLines
from logtool.events.access_passing import NEVER, PassingLines
from logtool.events.connections import KEYING, NAMED, addressed, keyed
from logtool.events.folding import fold_batches
from logtool.events.ranges import AT_ONCE, Kept, Rows, in_ranges
from logtool.events.requests import COLUMNS, IN_ORDER, KEYED, SAID, Request, told
from logtool.frame.lines import few_at_once
from logtool.frame.texts import detached
from logtool.passes.logs import Log

#: Who makes rows -> what `access_lines` gives of each access log.
ReadAccess = Callable[[Callable[[], Rows]], Iterable[Rows]]

#: Lines whose columns are made at once, and that are folded together.
_ROWS = 20_000


def read_requests(
    logs: Sequence[Log],
    table: ClockTable,
    access: ReadAccess | None = None,
    chosen: pl.Expr | None = None,
) -> Iterator[Request]:
    """The requests of opened logs, in order of their first instant; see `requests_in`."""
    # Lines of nobody tell nothing of an event that names someone; a log may hold nothing else.
    spoken = pl.col("pid").is_not_null() | NAMED
    few = few_at_once(logs, table, COLUMNS, _ROWS)
    lines = (part.filter(spoken) for part in few)
    return requests_in(fold_batches(lines, _ROWS), access, chosen)


def requests_in(
    folded: Iterable[pl.DataFrame],
    access: ReadAccess | None = None,
    chosen: pl.Expr | None = None,
    at_once: int = AT_ONCE,
) -> Iterator[Request]:
    """What `requests` gives of all these rows together.

    Args:
        folded: rows as `requests` takes them, some at a time, each event whole.
        access: reads access logs.
        chosen: as for `requests`.
        at_once: rows that are held; others are kept in a temporary file. More are held if they are
            of one client, or of requests that began in one microsecond.

    Raises:
        WriteError: there is no room for the temporary file.
    """
    with Kept("lines of requests") as kept:
        rows = partial(Rows, kept, at_once)
        lines, texts, ordered, ids = rows(), rows(), rows(), rows()
        of_access = [*access(rows)] if access else []
        wanted = pl.lit(value=True) if chosen is None else chosen.fill_null(value=False)
        without = 0
        for named in map(addressed, folded):
            without += named["client"].null_count()
            here = pl.int_range(pl.len(), dtype=pl.Int64) + texts.height
            asked = {"at": here, "chosen": wanted, "holder": _HOLDER, "held": _HELD}
            lines.add(detached(named.select(*KEYING, **asked)))
            texts.add(detached(named.select(SAID)))
        if 0 < without < lines.height:
            lines = _with_owners(lines, rows)
        for found in _keyed(lines, at_once):
            some = found.filter(pl.col("chosen").any().over("request_key"))
            some = some.with_columns(begin=_BEGIN)
            ordered.add(detached(some.select("at", "row", "utc", *KEYED, "begin")))
            if of_access:
                named = some.select("log_id", "begin").drop_nulls().unique()
                ids.add(detached(named))
        joined = _access_lines(of_access, ids, rows, at_once)
        for some in in_ranges(ordered, "begin", at_once):
            some = some.sort("begin", *IN_ORDER, nulls_last=True)
            said = texts.at(some["at"].to_numpy())
            yield from told(said.with_columns(some.select(KEYED)), joined)


def _access_lines(
    logs: Sequence[Rows], ids: Rows, rows: Callable[[], Rows], at_once: int
) -> AccessLines:
    """Who gives requests their lines of access logs."""
    height = sum(log.height for log in logs)
    if height > at_once:
        return PassingLines(logs, ids, rows, at_once)
    return AccessLines(pl.concat(part for log in logs for part in log.parts()) if height else None)


def _keyed(lines: Rows, at_once: int) -> Iterator[pl.DataFrame]:
    """What `keyed` adds to the lines, those of some connections at a time."""
    connections = 0
    for some in in_ranges(lines, "holder", at_once):
        found = keyed(some.drop("holder", "held"), connections)
        connections = found.select(pl.col("connection").max()).item()
        yield found


#: What the key of a line's connection begins with, up to a `#`: keys rise with it.
_HOLDER = pl.coalesce(
    pl.concat_str("client", pl.lit("#")), "connection_log_id", "log_id"
).str.extract("^([^#]*#?)")
_HELD = pl.col("client").is_not_null()
#: When a request began, as a number; requests without a time are the last.
_BEGIN = pl.col("utc").min().over("request_key").dt.epoch("us").fill_null(NEVER)


def _with_owners(lines: Rows, rows: Callable[[], Rows]) -> Rows:
    """The same lines, those without a client held where the first line of their ID is held."""
    for name in ("connection_log_id", "log_id"):
        owners = _owners(lines, name)
        mine = ~pl.col("held") & pl.col("owner").is_not_null()
        holder = pl.when(mine).then("owner").otherwise("holder")
        before, lines = lines, rows()
        for part in before.parts():
            known = part.join(owners, on=name, how="left", maintain_order="left")
            known = known.with_columns(holder=holder, held=pl.col("held") | mine)
            lines.add(detached(known.drop("owner")))
    return lines


def _owners(lines: Rows, name: str) -> pl.DataFrame:
    """Where the first line of each ID is held that lines without a holder have: `owner`."""
    asked = pl.concat(part.filter(~pl.col("held"))[name].unique() for part in lines.parts())
    is_asked = pl.col(name).is_in(asked.drop_nulls().unique().implode())
    first: list[pl.DataFrame] = []
    for part in lines.parts():
        some = part.filter("held", is_asked).select(name, "utc", "row", owner="holder")
        both = pl.concat([*first, some]).sort("utc", "row", nulls_last=True)
        first = [detached(both.unique(name, keep="first", maintain_order=True))]
    return first[0].select(name, "owner")
