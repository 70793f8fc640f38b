"""Raised: takes whole events, counts the exceptions among them by fingerprint."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from logtool.events.fingerprints import exceptions
from logtool.events.frames import frames, guilty_frames
from logtool.flags.findings import excerpt_of
from logtool.reports.counted.stacks import Rows, Whole
from logtool.reports.said.distinct import Distinct
from logtool.reports.tallies.packing import Packing
from logtool.reports.tallies.tally import Tally, grouped
from parsers.arrays import Ints
from parsers.classes import dataclass

#: Gives the messages of some rows, as a frame with `row`, `event`, `kind`, `file` and `line`.
Told = Callable[[Rows], pl.DataFrame]

#: Exceptions; `part` as in `keys.MESSAGE`.
RAISED = Packing(group=32, part=5)

#: Of more kinds of exceptions than that, those that come later are not told apart.
_GROUPS = 20_000


@dataclass(frozen=True, slots=True)
class Raised:
    """Exceptions of one fingerprint: what the first one says.

    Attributes:
        fingerprint, exception, value: see `logtool.events.fingerprints.exceptions`.
        file, line: where its event begins.
        about_us: its instant, or that of the last line before it in its file; NO_TIME for neither.
        frame_file, frame_line, frame_function: the guilty frame, None for none.
        sample: its messages, the middle of a long one left out.
    """

    fingerprint: str
    exception: str
    value: str
    file: str
    line: int
    about_us: int
    frame_file: str | None
    frame_line: int | None
    frame_function: str | None
    sample: tuple[str, ...]


class Exceptions:
    """Exceptions by fingerprint.

    Two events whose lines say the same, but for what varies, have one fingerprint; so only the
    first of them is looked at as text.

    Attributes:
        groups: by the number in keys; the first stands for all beyond the limit.
        tally: events, by RAISED.
    """

    def __init__(self) -> None:
        self.groups: list[Raised | None] = [None]
        self.tally = Tally()
        self._numbers: dict[str, int] = {}
        self._distinct = Distinct(self._learn)

    def add(self, whole: Whole, part: Ints, utc_us: Ints, about_us: Ints, told: Told) -> None:
        """Count events.

        Args:
            whole: the events; some of them are `folded` here.
            part: the part of the trend of each.
            utc_us: the instant at which each begins.
            about_us: the same, that of the last line before where it has none.
            told: gives rows as a frame.
        """
        raised = np.flatnonzero(whole.raises)
        if not len(raised):
            return
        groups = self._distinct.numbers(whole.sign[raised], whole, raised, about_us[raised], told)
        self.tally.add(grouped(RAISED.pack(group=groups, part=part[raised]), utc_us[raised]))

    def _learn(self, new: Ints, whole: Whole, raised: Ints, about_us: Ints, told: Told) -> Ints:
        """The numbers of groups, for events whose like has not been seen."""
        chosen = whole.folded(raised[new])
        lines = told(chosen.rows)
        found = exceptions(lines)
        hits = (
            lines.filter(pl.col("event").is_in(found["event"].implode()))
            .group_by("event", maintain_order=True)
            .agg(pl.col("row").last())
        )
        blamed = guilty_frames(frames(lines), hits).drop("row")
        heads = lines.group_by("event").agg(pl.col("file", "line").first())
        table = found.join(heads, on="event").join(blamed, on="event", how="left")
        by_event = {row["event"]: row for row in table.iter_rows(named=True)}
        events = chosen.rows.event[chosen.start].tolist()
        numbers = [
            self._number(by_event.get(event), lines, event, us)
            for event, us in zip(events, about_us[new].tolist(), strict=True)
        ]
        return np.array(numbers, np.int64)

    def _number(
        self, row: dict[str, object] | None, lines: pl.DataFrame, event: int, about_us: int
    ) -> int:
        if row is None:
            return 0
        fingerprint = str(row["fingerprint"])
        number = self._numbers.get(fingerprint)
        if number is None:
            if len(self.groups) > _GROUPS:
                return 0
            number = self._numbers[fingerprint] = len(self.groups)
            row |= {"about_us": about_us, "sample": excerpt_of(lines, event)}
            self.groups.append(Raised(*(row[name] for name in Raised.__slots__)))  # type: ignore[arg-type]
        return number
