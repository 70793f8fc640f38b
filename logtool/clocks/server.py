"""Server: takes the lines kept of one server's logs, gives its clocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.doubt.moved_lives import Moved
from logtool.clocks.doubt.restarted import changed_zones
from logtool.clocks.doubt.voices import doubt_voices
from logtool.clocks.evidence.coincidences import Meetings
from logtool.clocks.evidence.neighbours import NeighbourFacts
from logtool.clocks.evidence.present import not_later
from logtool.clocks.evidence.witnesses import refuted, server_witnesses
from logtool.clocks.file_facts import FileFacts
from logtool.clocks.options import ClockOptions
from logtool.clocks.outside import Outside, last_resort
from logtool.clocks.promises import believing
from logtool.clocks.seen.falls import doubted
from logtool.clocks.seen.kept_zones import zones_kept
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.lives import part_lives
from logtool.clocks.seen.nights import hidden_nights
from logtool.clocks.seen.phases import hidden_changes
from logtool.clocks.seen.rivals import rivals
from logtool.clocks.seen.roles import Sample, processes_of
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.set_back import SetBack, cut_off, set_back, told_of, undone
from logtool.clocks.seen.spans import HEARSAY_PID, UTC_PID, cut_spans
from logtool.clocks.seen.strands import Strands
from logtool.clocks.seen.voices import give_voices
from logtool.clocks.solver import solve
from logtool.clocks.table import Evidence
from logtool.clocks.telling.telling import Solved
from logtool.clocks.tzdb.zones import Rules, rules_of
from parsers.classes import dataclass
from parsers.distinct import distinct
from parsers.lines import NO_OFFSET, NO_PID
from parsers.units import SECOND


@dataclass(frozen=True, slots=True, eq=False)
class ServerLogs:
    """The lines kept of one server's logs, and what else is known of these.

    Attributes:
        every: the lines, in the order of the files.
        samples: those looked at closely.
        files: facts of all files, by number.
        beside: what was found beside them.
        options: what the user said; `seen` by the same numbers.
        believed: a promise of UTC is, where one is made.
        alone: no other server's lines were in these files.
    """

    every: Knots
    samples: Sequence[Sample]
    files: Sequence[FileFacts]
    beside: NeighbourFacts
    options: ClockOptions
    believed: bool
    alone: bool

    def solved(self) -> Solved:
        """Their clocks."""
        knots = with_written(self.every)
        solving = _Solving(self, knots)
        if not np.any(knots.pid == NO_PID):
            return solving.solved(knots, self.samples)
        # Where lines bear no pid, they are told apart by the zones that are found first.
        first = give_voices(knots, self.samples)
        solved = solving.solved(first.knots, first.samples)
        zones = zones_kept(solved.scene, solved.solution.offset_s)
        second = give_voices(knots, self.samples, zones) if len(zones) > 1 else first
        if not _alike(first.knots, second.knots):
            solved = solving.solved(second.knots, second.samples)
        doubt_voices(solved.scene, solved.solution, second.unsure())
        return solved


class _Solving:
    """What is known of a server's logs, whoever wrote the lines that bear no pid."""

    def __init__(self, logs: ServerLogs, knots: Knots) -> None:
        """Take the logs, and their lines `with_written`."""
        self._logs = logs
        self._names = [file.name for file in logs.files]
        self._sequences = [file.sequence for file in logs.files]
        self._mtimes = known(file.mtime_us for file in logs.files)
        self._read_us = known(file.read_us for file in logs.files)
        self._breaks = _breaks(knots, self._sequences)
        self._lived = part_lives(logs.every, logs.samples, self._sequences)
        self._rules = list(named_zones(logs.options, knots))
        self._of_server = [zone for who, zone in self._rules if who == "server"]
        begin, end = int(knots.local_us.min()), int(knots.local_us.max())
        witnesses = server_witnesses(logs.beside.access, begin, end)
        self._watched = [
            *(zone for _, zone in self._rules),
            *(witness.rules for witness in witnesses),
        ]
        meetings = Meetings(logs.beside.access)
        self._outside = Outside(
            self._names, self._mtimes, logs.options.seen, logs.beside, meetings, witnesses
        )

    def solved(self, knots: Knots, samples: Sequence[Sample]) -> Solved:
        """The clocks, if these processes wrote these lines."""
        logs, names = self._logs, self._names
        is_read = knots is logs.every
        knots, samples = self._lived if is_read else part_lives(knots, samples, self._sequences)
        scene, back, mixed = self._scene(knots, samples)
        heard = self._outside.heard(scene, alone=logs.alone, mixed=bool(mixed))
        changed = [*changed_zones(scene, self._of_server, names), *mixed]
        unsure = bool(changed) or not logs.alone
        binding = [one for one in self._rules if one[0] != "server"] if unsure else self._rules
        anchors = self._outside.links(scene, logs.every, binding, heard)
        latest, read = not_later(scene, self._mtimes, self._read_us)
        contradicted = bool(self._of_server and changed)
        solve_by = partial(solve, scene, read=read, latest=latest, contradicted=contradicted)
        default = partial(last_resort, scene, logs.options, changed=unsure)
        solution = believing(scene, partial(solve_by, anchors), default, promised=logs.believed)
        told = refuted((one.witness, one.weight) for one in heard)
        notes = [*told_of(knots, back, names), *changed, *told]
        moved = Moved.of(scene, solution) if self._of_server and not unsure else None
        if moved:
            solution = solve_by([*moved.believed(anchors)], default)
            notes += moved.told(self._of_server, names)
        return Solved(logs.every, self._lived[0].pid, scene, solution, notes)

    def _scene(
        self, knots: Knots, samples: Sequence[Sample]
    ) -> tuple[Scene, Sequence[SetBack], Sequence[Evidence]]:
        """A scene, where in it the host's clock was set back, and whether two servers are in it."""
        processes, strands = processes_of(samples), Strands.of(knots)
        forced = _rule_changes(strands, self._watched)
        mixed = [*rivals(strands, processes, samples, self._breaks, self._names)]
        back = () if mixed else set_back(strands, processes, samples, self._breaks)
        borders = cut_off(self._breaks, back)
        strands = Strands.of(undone(knots, back)) if back else strands
        forced |= hidden_changes(strands, borders)
        forced |= hidden_nights(strands, processes, self._of_server)
        spans = cut_spans(strands, forced, doubted(strands, processes))
        return Scene(knots, spans, processes, samples, borders), back, mixed


def known(instants: Iterable[int | None]) -> dict[int, int]:
    """The instants that are known, by file, of those of all files."""
    return {file: instant for file, instant in enumerate(instants) if instant is not None}


def _alike(one: Knots, other: Knots) -> bool:
    """Whether the same lines have one voice, whatever the voices' numbers."""
    here, there = distinct(one.pid), distinct(other.pid)
    pairs = np.searchsorted(here, one.pid) * len(there) + np.searchsorted(there, other.pid)
    return len(distinct(pairs)) == len(here) == len(there)


def with_written(every: Knots) -> Knots:
    """Lines that write their offset speak for UTC; a few among many may be forged: hearsay."""
    written = every.offset_s != NO_OFFSET
    count = int(written.sum())
    if not count:
        return every
    voice = UTC_PID if count >= max(5, len(every) // 20) else HEARSAY_PID
    shift = np.where(written, every.offset_s, 0).astype(np.int64) * SECOND
    return replace(every, pid=np.where(written, voice, every.pid), local_us=every.local_us - shift)


def named_zones(options: ClockOptions, knots: Knots) -> Iterator[tuple[str, Rules]]:
    """WHO (`server` for --server-tz) and the offsets of its zone over the log's time."""
    low, high = int(knots.local_us.min()), int(knots.local_us.max())
    if options.server_tz is not None:
        yield "server", rules_of(options.server_tz, low, high)
    for who, zone in options.clocks:
        yield who, rules_of(zone, low, high)


def _rule_changes(strands: Strands, watched: Sequence[Rules]) -> NDArray[np.bool_]:
    """Knots at which a rule gives their process another offset than at its knot before."""
    forced = np.zeros(len(strands.order), np.bool_)
    for rules in watched:
        if not len(rules.changes_us):
            continue
        for fits in rules.at_local(strands.local_us):
            differs = np.flatnonzero(fits[1:] != fits[:-1]) + 1
            forced[strands.order[differs[~strands.first[differs]]]] = True
    return forced


def _breaks(knots: Knots, sequences: Sequence[int]) -> NDArray[np.bool_]:
    """bool[knots], where a file does not continue the file before it."""
    sequence = np.array([*sequences] or [0])[knots.file]
    breaks = np.zeros(len(knots), np.bool_)
    breaks[1:] = sequence[1:] != sequence[:-1]
    return breaks
