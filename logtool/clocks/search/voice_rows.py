"""Voice rows: takes voices, gives their spans as columns, so that thousands are priced at once.

Voices are priced one after the other, for a zone that one keeps is cheaper for the next. That
changes a few times at first and then hardly ever, so stretches of voices are priced together as if
it did not, up to the first voice with whom it does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from logtool.clocks.search.zone_voices import Voice
from logtool.clocks.seen.ranges import ranges
from parsers.arrays import Ints, Mask
from parsers.classes import dataclass

#: So many voices are priced together at first, and at most.
FEW, MANY = 16, 8192
#: Parts of no more spans than this are summed up place by place, which is faster.
_SMALL = 8


@dataclass(slots=True)
class VoiceRows:
    """The spans of some voices, one voice after the other.

    Attributes:
        group, first, last, above: int64[rows], as in Voice.
        begins: int64[voices + 1], where in the rows each voice begins.
        parts: int64[parts], where in the rows each voice's spans of one group begin.
        part_begins: int64[voices + 1], where in the parts each voice begins.
        first_voice: of which voice the first is.
        first_row: and of which row, of all.
    """

    group: Ints
    first: Ints
    last: Ints
    above: Ints
    begins: Ints
    parts: Ints
    part_begins: Ints
    first_voice: int = 0
    first_row: int = 0

    def __len__(self) -> int:
        """The number of voices."""
        return len(self.begins) - 1

    @classmethod
    def of(cls, voices: Sequence[Voice]) -> VoiceRows:
        """The rows of these voices, in this order."""
        begins = _sums([len(voice.group) for voice in voices])
        part_begins = _sums([len(voice.starts) for voice in voices])
        group, first, last, above, starts = (
            np.concatenate([_NONE, *(getattr(voice, name) for voice in voices)])
            for name in ("group", "first", "last", "above", "starts")
        )
        parts = starts + np.repeat(begins[:-1], np.diff(part_begins))
        return cls(group, first, last, above, begins, parts, part_begins)

    @property
    def voice(self) -> Ints:
        """int64[rows], the number of each row's voice among these."""
        return np.repeat(np.arange(len(self)), np.diff(self.begins))

    @property
    def span(self) -> slice:
        """Where these rows are among all."""
        return slice(self.first_row, self.first_row + len(self.group))

    def part(self, low: int, high: int) -> VoiceRows:
        """Some voices, one after the other."""
        begin, part = int(self.begins[low]), int(self.part_begins[low])
        rows, parts = slice(begin, int(self.begins[high])), slice(part, int(self.part_begins[high]))
        return VoiceRows(
            self.group[rows], self.first[rows], self.last[rows], self.above[rows],
            self.begins[low : high + 1] - begin, self.parts[parts] - begin,
            self.part_begins[low : high + 1] - part, self.first_voice + low, self.first_row + begin,
        )  # fmt: skip

    def only(self, voices: Ints) -> tuple[VoiceRows, Ints]:
        """Some voices, and int64[rows], where their rows are among these."""
        sizes = np.diff(self.begins)[voices]
        rows = ranges(self.begins[voices], sizes)
        counts = np.diff(self.part_begins)[voices]
        begins, part_begins = _sums(sizes), _sums(counts)
        parts = self.parts[ranges(self.part_begins[voices], counts)]
        parts = parts + np.repeat(begins[:-1] - self.begins[voices], counts)
        return (
            VoiceRows(
                self.group[rows], self.first[rows], self.last[rows], self.above[rows],
                begins, parts, part_begins,
            ),
            rows,
        )  # fmt: skip

    def by_voice(self, flags: Mask, most: int) -> Ints:
        """How many spans of each voice (columns) are so; no more than `most` of a group count.

        Args:
            flags: bool[kinds, rows].
            most: the most that count.
        """
        counts = np.minimum(self._by_part(flags), most)
        if len(self) != counts.shape[1]:
            counts = np.add.reduceat(counts, self.part_begins[:-1], axis=1)
        return counts

    def _by_part(self, flags: Mask) -> Ints:
        """How many spans of each part (columns) are so: most parts are of one, few of several."""
        sizes = np.diff(self.parts, append=flags.shape[1])
        if sizes.max(initial=0) > _SMALL:
            return np.add.reduceat(flags.astype(np.int64), self.parts, axis=1)
        counts = flags[:, self.parts].astype(np.int64)
        for place in range(1, int(sizes.max(initial=0))):
            some = np.flatnonzero(sizes > place)
            counts[:, some] += flags[:, self.parts[some] + place]
        return counts


_NONE = np.zeros(0, np.int64)


def _sums(sizes: Sequence[int] | Ints) -> Ints:
    return np.append(0, np.cumsum(np.array(sizes, np.int64)))
