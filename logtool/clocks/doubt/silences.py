"""Silences: take a scene and an answer, tell which silences may just as well be two clocks.

Clocks differ by half hours, as a rule, and neighbouring lines of a busy log by moments. Where
everybody seems silent for just so long, and nobody's time shows it, the answer may be wrong.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.scene import LEAP_S, Scene, falls_of, flip_heights
from logtool.clocks.seen.spans import HEARSAY_PID, UTC, Cut
from logtool.clocks.seen.turns import RACE_US
from logtool.clocks.seen.voices import is_voice
from parsers.arrays import Ints
from parsers.units import SECOND

#: Clocks differ by multiples of this, hardly any by an odd quarter of an hour.
_HALF_HOUR_US = 1800 * SECOND
#: A silence is so close to a multiple by chance less often than once in so many.
_CHANCE = 20
#: For so long httpd keeps the local time of a second (server/util_time.c).
_MOMENTS_US = SECOND
#: Silences that come more often are regular: a job that runs once an hour, or a monitor.
_REGULAR = 3


class Silences:
    """Silences of everybody that last about as long as clocks differ."""

    def __init__(self, scene: Scene, offset: Ints) -> None:
        """Look for them.

        Args:
            scene: the log.
            offset: int64[spans], the answer.
        """
        self._scene = scene
        span = scene.spans.of_knot
        told = scene.knots.local_us - offset[span] * SECOND
        self._gap_us = np.diff(told, prepend=told[:1])
        known = (scene.knots.pid != HEARSAY_PID) & (span != UTC)
        known[1:] &= known[:-1] & ~scene.breaks[1:]
        known &= (self._gap_us > _HALF_HOUR_US - RACE_US) & (self._gap_us <= LEAP_S * SECOND)
        self._at = self._like_clocks(np.flatnonzero(known))
        self._is_early = told[self._at - 1] - told[self._files_begin(self._at)] <= _MOMENTS_US
        self._heights = flip_heights(scene)
        self._falls = falls_of(scene)

    def _like_clocks(self, long: Ints) -> Ints:
        """Those of some knots before which there is a long silence that looks like two clocks."""
        gap_us = self._gap_us[long] + RACE_US
        near = gap_us % _HALF_HOUR_US * len(long) * _CHANCE < _HALF_HOUR_US
        some, often = np.unique(gap_us[near] // _HALF_HOUR_US, return_counts=True)
        near[near] = often[np.searchsorted(some, gap_us[near] // _HALF_HOUR_US)] < _REGULAR
        return long[near]

    def _files_begin(self, at: Ints) -> Ints:
        """The knot with which the file of each of some knots begins, or what was read of it."""
        starts = np.append(0, np.flatnonzero(self._scene.breaks))
        return starts[np.searchsorted(starts, at, side="right") - 1]

    def doubted(self, link: Link) -> Link:
        """A link, as an assumption where it leads over such a silence and no process is known.

        Or where all that stands before the silence was written in the moments with which a file
        begins, by who may have been loaded in them: until the second is over in which that happens,
        httpd goes on with the server's time.
        """
        spans = self._scene.spans
        if link.kind == "same-process" and self._may_flip(link):
            text = (
                f"{link.text}; but it sets its clock to and fro, and may have done so in this one"
            )
            return replace(link, text=text, assumed=True)
        own = link.kind in ("story", "same-process") and UTC not in (link.a, link.b)
        if not own or not len(self._at):
            return link
        one, two = sorted((link.a, link.b), key=lambda span: int(spans.first[span]))
        low, high = np.searchsorted(
            self._at, [int(spans.last[one]) + 1, int(spans.first[two]) + 1]
        ).tolist()
        if low >= high:
            return link
        nameless = link.kind == "story" or is_voice(int(spans.pid[link.b]))
        cut_off = self._is_early[low] and not self._scene.process(one).steady
        if not nameless and (not cut_off or self._scene.is_birth(one)):
            return link
        knot = int(self._at[low])
        lasts = _lasting(int(self._gap_us[knot]))
        text = f"{link.text}; but everybody is silent for {lasts} then, as two clocks may differ"
        return replace(link, text=text, knot=knot, assumed=True)

    def _may_flip(self, link: Link) -> bool:
        """Whether in a silence a clock may have flipped ahead, as it flips back elsewhere.

        One change is that of an application which is loaded, and another that of a night; of a
        child that runs several it is seen before each silence that hides one.
        """
        scene, spans = self._scene, self._scene.spans
        heights = self._heights.get(scene.voice(link.b), {})
        if link.delta_s or not heights or spans.cut[link.b] != Cut.SILENCE:
            return False
        often = scene.process(link.b).embedded and self._falls[int(spans.pid[link.b])] > 1
        hidden = int(spans.step_us[link.b] - spans.passed_us[link.b]) + RACE_US
        return any(height * SECOND <= hidden for height, twice in heights.items() if twice or often)


def _lasting(gap_us: int) -> str:
    """A length of time: `5:30:00`."""
    minutes, seconds = divmod(max(0, gap_us) // SECOND, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
