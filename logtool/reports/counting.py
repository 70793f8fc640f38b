"""Counting: takes folded batches of lines, gives what a report tells of them.

Memory does not grow with the log: all is summed up by keys of which there are few, or of which only
the most frequent are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from logtool.events.fingerprints import exceptions, templates
from logtool.events.frames import frames, guilty_frames
from logtool.events.kinds import Kind
from logtool.flags.findings import excerpt_of
from logtool.frame import detached
from logtool.reports.lives import lives
from logtool.reports.slowness import Slowest
from logtool.reports.sums import COUNTED, Sums

#: Columns that are counted.
COLUMNS = (
    *(
        "file",
        "line",
        "utc",
        "local_time",
        "offset",
        "confidence",
        "level",
        "module",
        "pid",
        "tid",
        "role",
    ),
    *("group", "client", "client_marker", "status", "tag", "message", "log_id"),
    *("connection_log_id", "layout"),
)

#: Fine parts of the period: gaps are found in them, charts join several.
FINE_PARTS = 1440

_LIVES, _UNREAD = 500, 10
_ERRORS = (pl.col("level") <= "error").sum().cast(pl.Int64).alias("errors")


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a report covers, in equal parts.

    Attributes:
        start: its beginning.
        step: the length of a part: whole seconds.
        parts: how many.
    """

    start: datetime
    step: timedelta
    parts: int

    @classmethod
    def of(cls, first: datetime, last: datetime, most: int) -> Period:
        """At most so many parts from the first instant to the last."""
        span = max(last - first, timedelta(seconds=1))
        step = timedelta(seconds=_round_step(span.total_seconds() / most))
        start = datetime.fromtimestamp(
            first.timestamp() // step.total_seconds() * step.total_seconds(), UTC
        )
        return cls(start, step, min(int((last - start) / step) + 1, most + 1))

    def part(self, utc: pl.Expr) -> pl.Expr:
        """The number of the part of each instant; instants outside count to the nearest."""
        number = (utc - pl.lit(self.start)).dt.total_microseconds() // int(
            self.step / timedelta(microseconds=1)
        )
        return number.clip(0, self.parts - 1).cast(pl.Int32)


def _round_step(seconds: float) -> int:
    """The least handy number of seconds that is no less."""
    handy = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
    for step in handy:
        if seconds <= step:
            return step
    return 86400 * -(-int(seconds) // 86400)


class Counting:
    """Counts of everything; `add` batches, then read the sums."""

    def __init__(self, period: Period) -> None:
        """Count over a period."""
        self.period = period
        self.lines = self.events = self.untimed = self.unclocked = self.assumed = 0
        self.levels = Sums("level")
        self.modules = Sums("module")
        self.roles = Sums("role", "group")
        self.files = Sums("file")
        self.clients = Sums("address")
        self.hours = Sums("weekday", "hour")
        self.rate = Sums("part", "level", limit=200_000)
        self.clock_rate = Sums("part", "role", "group", "offset", limit=200_000)
        self.parts = Sums("part")
        self.messages = Sums("template", "level", "module", limit=20_000)
        self.message_trend = Sums("template", "level", "module", "part", limit=200_000)
        self.exceptions = Sums("fingerprint", limit=20_000)
        self.exception_trend = Sums("fingerprint", "part", limit=200_000)
        self.samples: dict[str, tuple[str, ...]] = {}
        self.life_counts = Sums("life")
        self.lives: list[pl.DataFrame] = []
        self.unread: list[str] = []
        self.slowest = Slowest()

    def add(self, folded: pl.DataFrame) -> None:
        """Count rows whose events are whole."""
        timed = folded.with_columns(
            self.period.part(pl.col("utc")).alias("part"),
            _address(pl.col("client")).alias("address"),
        )
        heads = timed.filter(pl.col("row") == pl.col("event"))
        self._count_lines(timed)
        self.events += heads.height
        self._count_unread(timed)
        self._count_messages(heads)
        self._count_exceptions(timed, heads)
        self._count_lives(heads)
        self.slowest.add(folded)

    def _count_lines(self, lines: pl.DataFrame) -> None:
        self.lines += lines.height
        self.levels.add(lines.group_by("level").agg(COUNTED))
        self.modules.add(lines.group_by("module").agg(COUNTED))
        self.roles.add(lines.group_by("role", "group").agg(COUNTED))
        unread = pl.col("layout").is_null().sum().cast(pl.Int64).alias("errors")
        self.files.add(lines.group_by("file").agg(*COUNTED, unread))
        known = lines.filter(pl.col("address").is_not_null())
        self.clients.add(known.group_by("address").agg(*COUNTED, _ERRORS))
        when = lines.filter(pl.col("utc").is_not_null())
        self.rate.add(when.group_by("part", "level").agg(COUNTED[0]))
        self.clock_rate.add(when.group_by("part", "role", "group", "offset").agg(COUNTED[0]))
        self.parts.add(when.group_by("part").agg(*COUNTED, _ERRORS))
        self.hours.add(
            when.group_by(
                pl.col("utc").dt.weekday().alias("weekday"), pl.col("utc").dt.hour().alias("hour")
            ).agg(COUNTED[0])
        )

    def _count_unread(self, lines: pl.DataFrame) -> None:
        read = lines.filter(pl.col("layout").is_not_null())
        self.untimed += read["local_time"].null_count()
        self.unclocked += read.filter(
            pl.col("local_time").is_not_null() & pl.col("utc").is_null()
        ).height
        self.assumed += read.filter(pl.col("confidence") == "assumed").height
        if len(self.unread) < _UNREAD:
            places = lines.filter(pl.col("layout").is_null()).head(_UNREAD - len(self.unread))
            shown = places.select(pl.format("{}:{}: {}", "file", "line", "message"))
            self.unread += shown.to_series().to_list()

    def _count_messages(self, heads: pl.DataFrame) -> None:
        """Events that are no tracebacks, by what their messages have in common."""
        talk = heads.filter(pl.col("kind").is_in([int(Kind.PLAIN), int(Kind.FINAL)]))
        keys = ("template", "level", "module")
        known = talk.join(templates(talk["message"]), on="message")
        self.messages.add(known.group_by(keys).agg(*COUNTED, pl.col("fingerprint").first()))
        self.message_trend.add(known.group_by(*keys, "part").agg(COUNTED[0]))

    def _count_exceptions(self, lines: pl.DataFrame, heads: pl.DataFrame) -> None:
        found = exceptions(lines).join(
            heads.select("event", "utc", "file", "line", "part"), on="event"
        )
        if not found.height:
            return
        blamed = _blamed(lines, found)
        known = found.join(blamed, on="event", how="left", maintain_order="left")
        first = pl.col(
            "exception", "value", "file", "line", "frame_file", "frame_line", "frame_function",
            "event",
        ).first()  # fmt: skip
        groups = known.group_by("fingerprint", maintain_order=True).agg(*COUNTED, first)
        for fingerprint, event in groups.select("fingerprint", "event").iter_rows():
            if fingerprint not in self.samples and len(self.samples) < 20_000:
                self.samples[fingerprint] = excerpt_of(lines, event)
        self.exceptions.add(groups.drop("event"))
        self.exception_trend.add(known.group_by("fingerprint", "part").agg(COUNTED[0]))

    def _count_lives(self, heads: pl.DataFrame) -> None:
        told = lives(heads)
        self.life_counts.add(told.group_by("life").agg(COUNTED))
        room = _LIVES - sum(part.height for part in self.lives)
        if told.height and room > 0:
            some = told.select("utc", "life", "pid", "message").head(room)
            self.lives.append(detached(some))


def _address(client: pl.Expr) -> pl.Expr:
    """The address without its port: httpd prints `192.0.2.7:58619` and `2001:db8::1:58619`."""
    return client.str.replace(r":\d+$", "").str.strip_chars("[]")


def _blamed(lines: pl.DataFrame, raised: pl.DataFrame) -> pl.DataFrame:
    """`event` and its guilty frame, for the last line of each exception."""
    some = lines.filter(pl.col("event").is_in(raised["event"].implode()))
    hits = some.group_by("event", maintain_order=True).agg(pl.col("row").last())
    return guilty_frames(frames(some), hits).drop("row")
