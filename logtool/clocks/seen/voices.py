"""Voices: take lines without a pid, tell which of a few clocks stamped each.

Where the format names no process, processes cannot be seen, but clocks can: neighbouring lines
whose local times lie hours apart, back and forth, are two clocks taking turns. Runs of lines
between such jumps are assigned to clocks by the cheapest story (Viterbi): time never runs
backwards, little time passes between neighbours, clocks are few, and a clock goes on saying the
kind of thing it says. That is done twice: once for offsets that jumps lead to, and again for the
zones that were found then, which move in their nights.
"""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.constraints import STEP_S, STEP_US, WIDEST_S
from logtool.clocks.seen.id_marks import Marks
from logtool.clocks.seen.knots import BACKWARD, FORWARD, Knots
from logtool.clocks.seen.lives import LIFE_PID
from logtool.clocks.seen.roles import Sample
from logtool.clocks.seen.turns import RACE_US
from logtool.clocks.tzdb.zones import Rules
from parsers.classes import dataclass
from parsers.distinct import distinct
from parsers.lines import NO_PID
from parsers.units import MINUTE, SECOND

#: Stand-in pids count down from here.
VOICE_PID = -10
#: So many clocks are thought of at most.
_CLOCKS = 7
#: A jump whose remainder is within this of a quarter of an hour is one clock after another.
_PROMPT_US = 2 * MINUTE
#: Costs, in units of log(time passed).
_TURN = 0.7
_RARE = 2.5
_BACK = 30.0
_KIND = 1.2
_DENIED = 6.0
#: What a clock's own lines that stand too late cost: by more than they race, and by the most.
_LATE, _LATEST = 3.0, 11.0
#: A line without a pid that stands so much too late may as well be another clock's.
_FELL_US = 10 * SECOND
#: Another story that costs so little more may be the true one, of clocks no further apart: hardly
#: anything but a little time passed tells them apart.
_AS_GOOD = 3.0
_CLOSE_S = 45 * 60


def is_voice(pid: int) -> bool:
    """It is not a process's but stands for all lines of one clock."""
    return LIFE_PID < pid <= VOICE_PID


@dataclass(frozen=True, slots=True)
class _Clocks:
    """Clocks that may have stamped a run of lines; one with two offsets counts as two states.

    Attributes:
        voice: int64[states], the number of each clock.
        first, last: float64[runs, states], offsets at a run's first and last line, seconds.
        cost: float64[runs, states], the price of times that a clock never shows.
    """

    voice: NDArray[np.int64]
    first: NDArray[np.float64]
    last: NDArray[np.float64]
    cost: NDArray[np.float64]

    @classmethod
    def constant(cls, offsets: Sequence[int], runs: int) -> _Clocks:
        """Clocks that never change."""
        shift = np.tile(np.array(offsets, np.float64), (runs, 1))
        return cls(np.arange(len(offsets)), shift, shift, np.zeros(shift.shape))

    @classmethod
    def of_zones(
        cls, zones: Sequence[Rules], first_us: NDArray[np.int64], last_us: NDArray[np.int64]
    ) -> _Clocks:
        """Clocks that keep zones."""
        voice, first, last, cost = [], [], [], []
        for number, zone in enumerate(zones):
            begin, end = zone.at_local(first_us), zone.at_local(last_us)
            # The earlier and the later instant of a repeated hour.
            for at in (0, 1) if len(zone.changes_us) else (0,):
                skipped = zone.at_utc(first_us - begin[at] * SECOND) != begin[at]
                voice.append(number)
                first.append(begin[at])
                last.append(end[at])
                cost.append(np.where(skipped, _BACK, 0.0))
        columns = (np.array(x, np.float64).T for x in (first, last, cost))
        return cls(np.array(voice, np.int64), *columns)


class Voices(NamedTuple):
    """Lines of which is known which clock stamped them.

    Attributes:
        knots, samples: with a stand-in pid for each clock where they had none.
        unsure: tells those that a clock less than an hour away may have stamped as well,
            bool[knots]; that takes as long as all else.
    """

    knots: Knots
    samples: Sequence[Sample]
    unsure: Callable[[], NDArray[np.bool_]]


def give_voices(knots: Knots, samples: Sequence[Sample], zones: Sequence[Rules] = ()) -> Voices:
    """Replace NO_PID by one stand-in pid for each clock.

    Args:
        knots: of the whole log; those with a pid stay as they are.
        samples: of the whole log.
        zones: that the clocks are known to keep; where there are none, clocks never change.
    """
    rows = np.flatnonzero(knots.pid == NO_PID)
    mine = knots.take(rows)
    marks = Marks.of(mine, samples)
    starts = distinct(np.concatenate([_run_starts(mine), marks.turns()]))
    kinds = _kinds(mine, starts, samples)
    if zones:
        ends = np.append(starts[1:], len(mine)) - 1
        clocks = _Clocks.of_zones(zones, mine.local_us[starts], mine.local_us[ends])
    else:
        marks = marks.relative()
        clocks = _Clocks.constant(_offsets_in_play(mine, starts, marks), len(starts))
    denied = np.minimum(_DENIED * marks.denials(starts, clocks.first), _BACK)
    clocks = replace(clocks, cost=clocks.cost + denied)
    jumps = ((mine.local_us[starts[1:]] - mine.local_us[starts[1:] - 1]) / SECOND).tolist()
    prices = clocks.cost
    states, reached = _story(jumps, clocks, prices)
    if len(clocks.voice) > 1:
        habits = _habits(states, kinds, clocks)
        prices = np.array([habits[kind] for kind in kinds]) + clocks.cost
        states, reached = _story(jumps, clocks, prices)
    run = np.zeros(len(mine), np.int64)
    run[starts] = 1
    run = np.cumsum(run) - 1
    voice = VOICE_PID - clocks.voice[states[run]]
    pid = knots.pid.copy()
    pid[rows] = voice

    def unsure() -> NDArray[np.bool_]:
        found = np.zeros(len(knots), np.bool_)
        found[rows] = _unsure(jumps, clocks, prices, states, reached)[run]
        return found

    return Voices(replace(knots, pid=pid), _resample(samples, mine, voice), unsure)


def _run_starts(mine: Knots) -> NDArray[np.int64]:
    step = np.diff(mine.local_us)
    return np.append(0, np.flatnonzero((step < -_FELL_US) | (step > FORWARD)) + 1)


def _offsets_in_play(mine: Knots, starts: NDArray[np.int64], marks: Marks) -> list[int]:
    """Offsets, relative to the first line's clock, that prompt jumps lead to, and log ids."""
    jumps = mine.local_us[starts[1:]] - mine.local_us[starts[1:] - 1]
    # What falls by less may be late, and lets nobody think of another clock.
    jumps = jumps[(jumps < -BACKWARD) | (jumps > FORWARD)]
    steps = (jumps + RACE_US) // STEP_US
    prompt = (jumps + RACE_US - steps * STEP_US < _PROMPT_US) & (
        np.abs(steps) <= WIDEST_S // STEP_S
    )
    fell = set((steps[jumps < -BACKWARD]).tolist())
    seen: Counter[int] = Counter({0: 1})
    offset = 0
    for step, quick in zip(steps.tolist(), prompt.tolist(), strict=True):
        # A leap ahead is only believed to be a clock's where a fall of that height is seen too.
        if step < 0 or (quick and -step in fell):
            offset += step
            if abs(offset) > WIDEST_S // STEP_S:
                offset = 0
        seen[offset] += 1
    seen.update(offset // STEP_S for offset in marks.offsets_s())
    common = [at for at, _ in seen.most_common(_CLOCKS)]
    return [at * STEP_S for at in ([0] if 0 not in common else []) + common]


def _kinds(mine: Knots, starts: NDArray[np.int64], samples: Sequence[Sample]) -> list[str]:
    """What kind of thing the first sampled line of each run says."""
    said = {(sample.file, sample.line): _kind(sample) for sample in samples if sample.pid == NO_PID}
    places = zip(mine.file[starts].tolist(), mine.line[starts].tolist(), strict=True)
    return [said.get(place, "") for place in places]


def _kind(sample: Sample) -> str:
    """A coarse class of a message: who would say such a thing."""
    message = sample.message
    if message.startswith(b"mod_wsgi (pid="):
        return message[: message.find(b")")].decode("ascii", "replace")
    if sample.module:
        return sample.module.decode("ascii", "replace")
    word = message[:24].split(b" ")[0].decode("ascii", "replace")
    if message.startswith((b"  ", b"Traceback")) or word.rstrip(":").endswith("Error"):
        word = "traceback"
    return ("" if sample.client else "no client ") + word.strip("0123456789")


def _habits(
    states: NDArray[np.int64], kinds: Sequence[str], clocks: _Clocks
) -> dict[str, NDArray[np.float64]]:
    """For each kind, the cost of each state's saying it."""
    table: dict[str, NDArray[np.float64]] = {}
    for voice, kind in zip(clocks.voice[states].tolist(), kinds, strict=True):
        table.setdefault(kind, np.full(int(clocks.voice.max()) + 1, 0.5))[voice] += 1
    return {
        kind: (-_KIND * np.log(row / row.sum()))[clocks.voice] * (kind != "")
        for kind, row in table.items()
    }


def _story(
    jumps: Sequence[float], clocks: _Clocks, prices: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The cheapest state for each run.

    Args:
        jumps: by how much local time moves on to each run after the first, seconds.
        clocks: those in play.
        prices: float64[runs, states], of each run.

    Returns:
        int64[runs], and float64[runs, states]: what it costs to reach each, whatever is common.
    """
    count = len(clocks.voice)
    if count == 1:
        return np.zeros(len(prices), np.int64), np.zeros(prices.shape)
    rare = np.array([0.0] + [_RARE * math.log2(1 + at) for at in range(1, count)])
    reached, turn = np.empty(prices.shape), _turn(clocks)
    reached[0] = rare[clocks.voice] + prices[0]
    back = np.zeros((len(prices), count), np.int8)
    for run, jump in enumerate(jumps, start=1):
        total = reached[run - 1][:, None] + _step(clocks, run, jump, turn)
        back[run] = total.argmin(axis=0)
        cost = total.min(axis=0) + prices[run]
        reached[run] = cost - cost.min()
    states = np.zeros(len(prices), np.int64)
    states[-1] = int(reached[-1].argmin())
    for run in range(len(prices) - 1, 0, -1):
        states[run - 1] = back[run, states[run]]
    return states, reached


def _turn(clocks: _Clocks) -> NDArray[np.float64]:
    """float64[states, states]: what it costs that one clock speaks after another."""
    return np.where(clocks.voice[:, None] == clocks.voice[None, :], 0.0, _TURN)


def _step(clocks: _Clocks, run: int, jump: float, turn: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[states, states]: what it costs that one follows another with a run."""
    # Offset after minus offset before.
    passed = jump - (clocks.first[run][None, :] - clocks.last[run - 1][:, None])
    late = passed < -RACE_US / SECOND
    return np.where(late, _back(passed), np.log1p(np.maximum(passed, 0) / 10)) + turn


def _unsure(
    jumps: Sequence[float],
    clocks: _Clocks,
    prices: NDArray[np.float64],
    states: NDArray[np.int64],
    reached: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """bool[runs], those that a clock close by may have stamped as well; takes and has of `_story`.

    The cheapest story by way of each state costs what it takes to reach it, and to go on from it.
    """
    unsure = np.zeros(len(states), np.bool_)
    apart = np.abs(clocks.first - clocks.first[np.arange(len(states)), states][:, None])
    close = (apart > 0) & (apart <= _CLOSE_S)
    if not np.any(close):
        return unsure
    ahead, turn = np.zeros(len(clocks.voice)), _turn(clocks)
    for run in range(len(states) - 1, -1, -1):
        total = reached[run] + ahead
        unsure[run] = total.min(where=close[run], initial=np.inf) - total.min() < _AS_GOOD
        if run:
            step = _step(clocks, run, jumps[run - 1], turn)
            ahead = (step + (ahead + prices[run])[None, :]).min(axis=1)
            ahead -= ahead.min()
    return unsure


def _back(passed: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cost of time that runs backwards, the more the further; a line may be a little late."""
    late = np.log(np.maximum(-passed * SECOND / RACE_US, 1)) / math.log(BACKWARD / RACE_US)
    return np.where(
        passed >= -BACKWARD / SECOND,
        _LATE + (_LATEST - _LATE) * late,
        _BACK + np.minimum(-passed, 1e6) / 60,
    )


def _resample(samples: Sequence[Sample], mine: Knots, voice: NDArray[np.int64]) -> list[Sample]:
    """The samples, each with the voice of the knot at or before its line."""
    places = list(zip(mine.file.tolist(), mine.line.tolist(), strict=True))
    renamed = []
    for sample in samples:
        if sample.pid != NO_PID:
            renamed.append(sample)
            continue
        at = max(0, bisect.bisect_right(places, (sample.file, sample.line)) - 1)
        renamed.append(replace(sample, pid=int(voice[at])))
    return renamed
