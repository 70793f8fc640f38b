"""Telling: takes a solved scene, gives the ClockTable that commands show and normalize applies."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.doubt.conclusion import Solution
from logtool.clocks.doubt.direction import known_in_any_order
from logtool.clocks.doubt.years import Years
from logtool.clocks.evidence.shown import only_applications_speak
from logtool.clocks.line_offsets import Runs
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.roles import Process
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.strands import Strands
from logtool.clocks.table import (
    ASSUMED,
    OUT_OF_ORDER,
    Clock,
    ClockTable,
    Confidence,
    Evidence,
    Facts,
    hours,
)
from logtool.clocks.telling.grounds import Grounds
from logtool.clocks.telling.user_words import heard, unmatched
from logtool.clocks.tzdb.zones import Rules
from parsers.classes import dataclass
from parsers.lines import NO_OFFSET, NO_PID
from parsers.units import SECOND

#: So many notes on the whole.
_NOTES = 20
#: So many kinds of confidence there are.
_SURE = len(Confidence)


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """The clocks of one server as the solver gives them.

    Attributes:
        every: the knots as read: true pids and local times.
        lives: int64[n], whose they are: a pid, of its later lives a stand-in (see `part_lives`).
        scene: the same knots, cut into spans.
        solution: the spans' offsets.
        notes: what else is known of them.
        unshown: files of which it is not shown in which direction they run; see `direction`.
        years: what is known of lines that write no year.
        goes_on: files that go on behind it, with another server's log.
    """

    every: Knots
    lives: NDArray[np.int64]
    scene: Scene
    solution: Solution
    notes: Sequence[Evidence] = ()
    unshown: frozenset[int] = frozenset()
    years: Years = field(default_factory=Years)
    goes_on: frozenset[int] = frozenset()


def tell(
    servers: Sequence[Solved], rules: Mapping[str, Rules], notes: Sequence[Evidence] = ()
) -> ClockTable:
    """Put together what each process's lines of one offset are.

    Args:
        servers: the clocks of each server.
        rules: zones that the user named, by WHO.
        notes: what else is known of the whole. Where a file is out of order that proves nothing,
            and every clock of its server is only assumed.
    """
    out_of_order = [note.file for note in notes if note.kind in OUT_OF_ORDER]
    clocks: list[Clock] = []
    whose: list[int] = []
    runs: list[Runs] = []
    disordered = [bool(np.isin(solved.every.file, out_of_order).any()) for solved in servers]
    for server, solved in enumerate(servers):
        surest = Confidence.ASSUMED if disordered[server] else Confidence.WRITTEN
        theirs, kept = _clocks_of(solved, rules, surest)
        kept.clock += len(clocks)
        clocks += theirs
        whose += [server] * len(theirs)
        runs.append(kept)
    rank = sorted(range(len(clocks)), key=lambda at: (clocks[at].file, clocks[at].first_line))
    place = np.empty(len(rank), np.int64)
    place[rank] = np.arange(len(rank))
    number: dict[tuple[int, int], int] = {}
    told = [_numbered(clocks[at], whose[at], number) for at in rank]
    every = Runs(*(np.concatenate([getattr(one, name) for one in runs])
                   for name in Runs.__slots__))  # fmt: skip
    every.clock = place[every.clock]
    in_order = [clock for clock in told if not disordered[clock.server]]
    conflicts = _conflicts(told)
    guessed = [one.solution.guessed for one in servers]
    unshown = ["server" in rules and only_applications_speak(one.scene) for one in servers]
    told, words = heard(told, rules, guessed, unshown)
    doubts = Facts(lambda: (*_assumptions(in_order, named="server" in rules), *conflicts))
    return ClockTable(told, every, [*notes, *unmatched(told, rules), *words], doubts)


def _clocks_of(
    solved: Solved, rules: Mapping[str, Rules], surest: Confidence
) -> tuple[list[Clock], Runs]:
    """The clocks of a server in any order, and who keeps which of them."""
    every, strands = solved.every, Strands.of(solved.every)
    order = strands.order
    if every.file.min() != every.file.max():
        order = order[np.argsort(every.file[order], kind="stable")]
    process, told = solved.lives[order], _told(solved, surest)[order]
    begins = np.ones(len(order), np.bool_)
    begins[1:] = process[1:] != process[:-1]
    if order is not strands.order:
        begins[1:] |= np.diff(every.file[order]) != 0
    fresh, turned = begins.copy(), begins.copy()
    fresh[1:] |= told[1:] != told[:-1]
    turned[1:] |= told[1:] // _SURE != told[:-1] // _SURE
    heads = np.flatnonzero(fresh)
    runs = _Runs(every, order, heads, np.append(heads[1:], len(order)))
    first = order[heads]
    keys: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    columns = (every.file[first].tolist(), process[heads].tolist(), told[heads].tolist())
    # However sure they are: who is less sure for some lines has not come back after them.
    unbroken: Counter[tuple[int, int, int]] = Counter()
    for run, (key, turns) in enumerate(
        zip(zip(*columns, strict=True), turned[heads].tolist(), strict=True)
    ):
        keys[key].append(run)
        unbroken[*key[:2], key[2] // _SURE] += turns
    clocks = []
    grounds = _Grounds(solved)
    clock_of = np.zeros(len(heads), np.int64)
    for at, ((file, life, said), members) in enumerate(keys.items()):
        shift, sure = divmod(said, _SURE)
        times = unbroken[file, life, shift]
        clocks.append(_clock(grounds, rules, runs, members, times, life, shift, Confidence(sure)))
        clock_of[members] = at
    return clocks, Runs(every.file[first], every.pid[first], every.line[first], clock_of)


def _told(solved: Solved, surest: Confidence) -> NDArray[np.int64]:
    """int64[knots]: the offset of each and how sure it is, in one number."""
    every, scene, solution = solved.every, solved.scene, solved.solution
    span = scene.spans.of_knot
    sure = np.minimum(solution.confidence, surest).astype(np.int64)
    told = (solution.offset_s * _SURE + sure)[span]
    if solved.unshown:
        doubtful = ~known_in_any_order(scene, solution, every)[span]
        doubtful &= np.isin(every.file, [*solved.unshown])
        least = np.minimum(sure, Confidence.LIKELY)
        told[doubtful] = (solution.offset_s * _SURE + least)[span[doubtful]]
    if solved.years:
        least = np.minimum(told % _SURE, solved.years.surest(every.file, every.line))
        told = told // _SURE * _SURE + least
    written = np.flatnonzero(every.offset_s != NO_OFFSET)
    if len(written):
        told[written] = every.offset_s[written].astype(np.int64) * _SURE + Confidence.WRITTEN
    return told


class _Grounds:
    """Why the spans of a server have their offsets; found out when somebody asks."""

    def __init__(self, solved: Solved) -> None:
        self.solved = solved

    @cached_property
    def _known(self) -> Grounds:
        return Grounds(self.solved.every, self.solved.scene, self.solved.solution)

    @cached_property
    def against(self) -> Mapping[tuple[int, int], Sequence[Link]]:
        """What contradicts the answer, by whom it speaks of and the offset that he was given."""
        found: dict[tuple[int, int], list[Link]] = defaultdict(list)
        first, offset = self.solved.scene.spans.first, self.solved.solution.offset_s
        for span, links in self.solved.solution.losers.items():
            found[int(self.solved.lives[first[span]]), int(offset[span])] += links
        return found

    def of(self, span: int, file: int) -> Facts:
        """The facts behind a span's offset, and behind the years of its lines in a file."""
        years = self.solved.years
        return Facts(lambda: (*self._known.of(span), *years.facts(file)))


class _Runs:
    """Unbroken runs of a process's lines with one offset, as rows of sorted knots."""

    def __init__(
        self,
        every: Knots,
        order: NDArray[np.int64],
        heads: NDArray[np.int64],
        ends: NDArray[np.int64],
    ) -> None:
        self.heads = order[heads]
        self.tails = order[ends - 1]
        # A run's lines reach up to the process's next run in this file, or to its last knot.
        following = np.append(self.heads[1:], self.heads[:1])
        same = np.append(
            (every.pid[self.heads[1:]] == every.pid[self.heads[:-1]])
            & (every.file[self.heads[1:]] == every.file[self.heads[:-1]]),
            False,
        )
        last = np.where(same, every.nth[following] - 1, every.nth[self.tails])
        # Asked of single runs: lists answer several times as fast as columns.
        self.lines: list[int] = (last - every.nth[self.heads] + 1).tolist()
        # Lines of one process can overtake each other, and a host's time can be put back.
        times = every.local_us[order]
        self.first_us: list[int] = np.minimum.reduceat(times, heads).tolist()
        self.last_us: list[int] = np.maximum.reduceat(times, heads).tolist()


def _clock(
    grounds: _Grounds,
    rules: Mapping[str, Rules],
    runs: _Runs,
    members: Sequence[int],
    unbroken: int,
    life: int,
    shift: int,
    confidence: Confidence,
) -> Clock:
    every, scene = grounds.solved.every, grounds.solved.scene
    head, tail = int(runs.heads[members[0]]), int(runs.tails[members[-1]])
    own = int(scene.spans.of_knot[head])
    process = scene.processes.get(int(scene.knots.pid[head]), Process())
    if confidence == Confidence.WRITTEN:
        process = scene.processes.get(life, Process())
        text = f"the line writes {hours(shift)}"
        evidence: Sequence[Evidence] = (Evidence("written", text, *_place(every, head)),)
        conflicts: tuple[Evidence, ...] = ()
    else:
        evidence = grounds.of(own, int(every.file[head]))
        conflicts = tuple(
            Evidence(link.kind, link.text, *_place(every, link.knot))
            for link in grounds.against.get((life, shift), ())
        )
    first_us = min(runs.first_us[run] for run in members) - shift * SECOND
    return Clock(
        process=life,
        pid=int(every.pid[head]),
        role=process.role,
        group=process.group,
        file=int(every.file[head]),
        first_line=int(every.line[head]),
        last_line=int(every.line[tail]),
        lines=sum(runs.lines[run] for run in members),
        runs=unbroken,
        first_us=first_us,
        last_us=max(runs.last_us[run] for run in members) - shift * SECOND,
        offset_s=shift,
        zone=_zone(process, int(every.pid[head]), rules, shift, first_us),
        confidence=confidence,
        evidence=evidence,
        conflicts=conflicts,
    )


def _numbered(clock: Clock, server: int, number: dict[tuple[int, int], int]) -> Clock:
    """The clock with its process's number: lives of servers in order of appearance."""
    values = {name: getattr(clock, name) for name in Clock.__slots__}
    process = number.setdefault((server, clock.process), len(number))
    return Clock(**{**values, "process": process, "server": server})


def _zone(process: Process, pid: int, rules: Mapping[str, Rules], shift: int, utc_us: int) -> str:
    """The zone that the user named for this process, where it agrees."""
    names = [str(pid), process.group, process.role]
    if process.role in ("parent", "child"):
        names.append("server")
    for name in names:
        if name in rules and int(rules[name].at_utc(np.array([utc_us]))[0]) == shift:
            # An offset in the place of a zone's name says no more than the offset of the clock.
            return "" if rules[name].name.startswith(("+", "-")) else rules[name].name
    return ""


def _place(every: Knots, knot: int) -> tuple[int, int]:
    return (int(every.file[knot]), int(every.line[knot])) if knot >= 0 else (-1, 0)


def _assumptions(clocks: Sequence[Clock], *, named: bool) -> list[Evidence]:
    """A note on lines that rest on an assumption.

    Args:
        clocks: those that order speaks for.
        named: the user told the server's zone: it is not asked for once more.
    """
    assumed = [clock for clock in clocks if clock.confidence == Confidence.ASSUMED]
    if not assumed:
        return []
    lines = sum(clock.lines for clock in assumed)
    facts = assumed[0].evidence
    # A choice between two hours says more than the zone that leaves it.
    told = sorted(facts, key=lambda fact: fact.kind != "twice")
    why = told[0].text if told else "there is no evidence"
    rest = "line rests" if lines == 1 else "lines rest"
    cure = "" if named else "; say --server-tz ZONE"
    text = f"{lines} {rest} on an assumption: {why}{cure}"
    return [Evidence(ASSUMED, text)]


def _conflicts(clocks: Sequence[Clock]) -> list[Evidence]:
    """A note on each fact that the answer contradicts."""
    notes: list[Evidence] = []
    against: dict[str, dict[str, None]] = {}
    for clock in clocks:
        whose = "lines without pid" if clock.pid == NO_PID else f"pid {clock.pid}"
        for fact in clock.conflicts:
            against.setdefault(fact.text, {})[whose] = None
    for text, whom in islice(against.items(), _NOTES):
        first, *others = whom
        more = f" and {len(others):,} more" if others else ""
        notes.append(Evidence("conflict", f"against the answer for {first}{more}: {text}"))
    return notes
