"""Years: takes the stamps of every block, tells of years that no line writes how sure they are.

A syslog daemon of old leaves the year out. Each line is taken to be of the latest that is not after
its file's last write (`parsers.times.years`), which nothing proves: it is never more than likely.
Where times fall back by most of a year, lines before that are of an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.table import YEAR, Confidence, Evidence
from logtool.people.instants import utc_text
from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.distinct import distinct
from parsers.lines import NO_LAYOUT, NO_OFFSET, NO_TIME, Stamps
from parsers.times.time_columns import DAY
from parsers.times.years import not_in_future

#: No clock is set back by so much, and no line overtakes others by it.
_HALF_A_YEAR = 183 * DAY


class Years:
    """Which files have lines without a year, and up to which line these are of earlier years."""

    def __init__(self) -> None:
        """Nothing was seen."""
        self._last_us: dict[int, int] = {}
        self._latest_us: dict[int, int | None] = {}
        #: By file: the line at which times fall back last, or 0.
        self._falls: dict[int, int] = {}

    def __bool__(self) -> bool:
        """Whether there is such a line."""
        return bool(self._falls)

    def add(self, file: int, block: Block, stamps: Stamps, decoder: Decoder) -> None:
        """Look at a block of file number `file`."""
        rows = _without_year(stamps, decoder)
        if not len(rows):
            return
        self._latest_us[file] = decoder.latest_us
        local_us = stamps.local_us[rows]
        before = np.append(self._last_us.get(file, local_us[0]), local_us[:-1])
        self._last_us[file] = int(local_us[-1])
        falls = np.flatnonzero(local_us - before < -_HALF_A_YEAR)
        self._falls.setdefault(file, 0)
        if len(falls):
            self._falls[file] = block.first_line + int(rows[falls[-1]])

    def surest(self, files: NDArray[np.int32], lines: NDArray[np.int64]) -> NDArray[np.int64]:
        """How sure lines may be, numbers of Confidence; they need not lack a year."""
        surest = np.full(len(files), Confidence.WRITTEN, np.int64)
        for file, fall in self._falls.items():
            mine = files == file
            surest[mine] = Confidence.LIKELY
            surest[mine & (lines < fall)] = Confidence.ASSUMED
        return surest

    def facts(self, file: int) -> Iterator[Evidence]:
        """Why the lines of a file are of the years that they are taken to be of."""
        if file in self._falls:
            yield Evidence(YEAR, f"lines write no year: each has the {self._rule(file)}")

    def notes(self, names: Sequence[str]) -> Iterator[Evidence]:
        """What to say of the whole; `names` are those of all files, by number."""
        for file, fall in self._falls.items():
            if not fall:
                continue
            yield Evidence(
                YEAR,
                f"lines of {names[file]} write no year: by the {self._rule(file)}, times fall "
                f"back by most of a year at line {fall:,}, so lines before it are of earlier "
                "years, or the file's time is not that of its last line",
                file,
                fall,
            )
        sure = [file for file, fall in self._falls.items() if not fall]
        if len(sure) == 1:
            told = f"lines of {names[sure[0]]} write no year: each has the "
            yield Evidence(YEAR, told + self._rule(sure[0]), sure[0])
        elif sure:
            yield Evidence(
                YEAR,
                f"lines of {len(sure):,} files write no year: each has the latest that is not "
                "after its file was modified last",
            )

    def _rule(self, file: int) -> str:
        """Which year a line of a file has."""
        latest_us = self._latest_us[file]
        if latest_us is None or not_in_future(latest_us) != latest_us:
            return "latest that is not in the future"
        return f"latest that is not after the file was modified last ({utc_text(latest_us)})"


def _without_year(stamps: Stamps, decoder: Decoder) -> NDArray[np.int64]:
    """The lines of a block that write none."""
    nothing = np.zeros(0, np.int64)
    if not len(stamps.layout):
        return nothing
    first, last = int(stamps.layout.min()), int(stamps.layout.max())
    numbers = [first] if first == last else distinct(stamps.layout).tolist()
    lacking = [one for one in numbers if one != NO_LAYOUT and decoder.layouts[one].lacks_year]
    if not lacking:
        return nothing
    told = np.isin(stamps.layout, lacking) & (stamps.local_us != NO_TIME)
    return np.flatnonzero(told & (stamps.offset_s == NO_OFFSET))
