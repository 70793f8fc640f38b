"""Engine: takes the stamps of every block and facts of the files, gives a ClockTable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.doubt.direction import Direction
from logtool.clocks.doubt.restarted import changed_zones
from logtool.clocks.doubt.voices import doubt_voices
from logtool.clocks.doubt.years import Years
from logtool.clocks.evidence.coincidences import Meetings
from logtool.clocks.evidence.neighbours import NeighbourFacts
from logtool.clocks.evidence.present import not_later
from logtool.clocks.evidence.witnesses import refuted, server_witnesses
from logtool.clocks.options import ClockOptions, Seen
from logtool.clocks.outside import Outside, last_resort
from logtool.clocks.promises import Promises, believing
from logtool.clocks.seen.copied import without_copies
from logtool.clocks.seen.falls import doubted
from logtool.clocks.seen.kept_zones import zones_kept
from logtool.clocks.seen.knots import KnotCollector, Knots
from logtool.clocks.seen.lives import part_lives
from logtool.clocks.seen.misplaced import misplaced
from logtool.clocks.seen.nights import hidden_nights
from logtool.clocks.seen.phases import hidden_changes
from logtool.clocks.seen.rivals import rivals
from logtool.clocks.seen.roles import Sample, processes_of
from logtool.clocks.seen.sampling import Sampler
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.seams import Section, put_together, sections
from logtool.clocks.seen.servers import apart, folder_of, servers_of, strangers
from logtool.clocks.seen.set_back import SetBack, cut_off, set_back, told_of, undone
from logtool.clocks.seen.set_order import in_one_order, set_order, several
from logtool.clocks.seen.spans import HEARSAY_PID, UTC_PID, cut_spans
from logtool.clocks.seen.strands import Strands
from logtool.clocks.seen.turns import turns_of
from logtool.clocks.seen.voices import give_voices
from logtool.clocks.solver import solve
from logtool.clocks.table import ClockTable, Evidence
from logtool.clocks.telling.telling import Solved, tell
from logtool.clocks.telling.too_late import too_late
from logtool.clocks.tzdb.zones import Rules, rules_of
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.decode import Decoder
from parsers.distinct import distinct
from parsers.lines import NO_OFFSET, NO_PID, Stamps
from parsers.units import SECOND


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a log file besides its lines.

    Attributes:
        name: for people.
        mtime_us: its last modification, µs UTC, if it can be that of its last line.
        sequence: files of one rotated set have the same number and stand in true order.
        read_us: of a pipe, when all lines had been read that came through it so far, µs UTC.
    """

    name: str
    mtime_us: int | None = None
    sequence: int = 0
    read_us: int | None = None


class ClockFinder:
    """Takes every block once, in true order; `finish` gives the ClockTable.

    Memory does not grow with the log: see `knots`.
    """

    def __init__(
        self,
        options: ClockOptions | None = None,
        paths: Sequence[str] = (),
        sequences: Sequence[int] = (),
    ) -> None:
        """Begin.

        Args:
            options: what the user said.
            paths: of each file, if they may be of several servers; see `servers`.
            sequences: of each file, the number of its rotated set.
        """
        self._options = options or ClockOptions()
        self._folders = [folder_of(path) for path in paths]
        sets = several(sequences)
        self._knots = KnotCollector(sequences=sets)
        self._samplers = {one: Sampler(sequences=sets) for one in self._folders or ("",)}
        self._direction, self._promises, self._years = Direction(), Promises(), Years()

    def add(self, file: int, block: Block, stamps: Stamps, decoder: Decoder) -> None:
        """Take the next block of file number `file`."""
        turns = turns_of(stamps, self._knots.bucket_us)
        self._direction.add(file, turns)
        self._promises.add(file, stamps, decoder)
        self._years.add(file, block, stamps, decoder)
        self._knots.add(file, block, stamps, turns)
        folder = self._folders[file] if self._folders else ""
        self._samplers[folder].add(file, block, stamps, decoder, turns)

    def finish(
        self, files: Sequence[FileFacts], beside: NeighbourFacts | None = None
    ) -> ClockTable:
        """Find the clocks.

        Args:
            files: facts of every file, by number.
            beside: what was found beside them.
        """
        beside = beside or NeighbourFacts()
        every = self._knots.finish()
        if not len(every):
            return ClockTable.empty()
        backwards = list(self._direction.notes([file.name for file in files]))
        samples = [sample for sampler in self._samplers.values() for sample in sampler.samples]
        folders = self._folders or [""] * len(files)
        parts: list[Solved] = []
        seams: list[Evidence] = []
        sequences = [file.sequence for file in files] if self._folders else []
        sets = sequences or [0] * len(files)
        servers = servers_of(folders, every, samples, sequences)
        names = [file.name for file in files]
        order = set_order([file.sequence for file in files], every, samples, names)
        apiece = [[*without_copies(server, every, sets)] for server in servers]
        for numbers in (set(logs) for server in apiece for logs in server):
            is_all = len(numbers) == len(files)
            of_server = every if is_all else every.take(np.isin(every.file, [*numbers]))
            if len(of_server):
                theirs = [sample for sample in samples if sample.file in numbers]
                known = _of_server(beside, {folders[number] for number in numbers}, set(folders))
                unshown = self._direction.unshown(numbers, of_server)
                logs = sections(of_server, theirs, sets)
                seams += put_together(logs, names)
                for section in logs:
                    solved = self._in_order(order, section, files, known)
                    parts.append(replace(solved, unshown=unshown, years=self._years))
        mtimes = _known(file.mtime_us for file in files)
        late = [note for part in parts for note in too_late(part, mtimes, names)]
        notes = [
            *late,
            *backwards,
            *self._years.notes(names),
            *misplaced([file.sequence for file in files], every, samples, names),
            *apart(len(parts) - len(seams) - sum(len(server) - 1 for server in apiece)),
            *seams,
            *strangers(servers, folders, every, sequences),
            *(Evidence("neighbour", text) for text in beside.unread),
        ]
        notes += [note for part in parts for note in part.notes]
        return tell(parts, dict(_rules(self._options, _with_written(every))), notes)

    def _in_order(
        self,
        order: Sequence[int],
        section: Section,
        files: Sequence[FileFacts],
        beside: NeighbourFacts,
    ) -> Solved:
        """The clocks of one server, found as if all files had been named in this order."""
        sequences = [file.sequence for file in files]
        every, samples = in_one_order(section.knots, section.samples, order, sequences)
        number = {file: at for at, file in enumerate(order)}
        seen = [(number[file], one) for file, one in self._options.seen]
        told = self._options.server_tz or self._options.config_tz
        numbers = distinct(every.file).tolist()
        believed = not told and all(order[file] in self._promises for file in numbers)
        in_order = [files[file] for file in order]
        for file in section.goes_on:
            in_order[number[file]] = replace(files[file], mtime_us=None)
        solved = self._solved(
            every, samples, in_order, beside, seen, believed=believed, alone=section.alone
        )
        return replace(solved, every=replace(every, file=np.array(order, np.int32)[every.file]))

    def _solved(
        self,
        every: Knots,
        samples: Sequence[Sample],
        files: Sequence[FileFacts],
        beside: NeighbourFacts,
        seen: Sequence[tuple[int, Seen]],
        *,
        believed: bool,
        alone: bool,
    ) -> Solved:
        """The clocks of one server: of some of the files.

        `believed` tells whether a promise of UTC is, `alone` whether no other server's lines were
        in these files.
        """
        sequences, names = [file.sequence for file in files], [file.name for file in files]
        knots, lived = _with_written(every), part_lives(every, samples, sequences)
        rules = list(_rules(self._options, knots))
        begin, end = int(knots.local_us.min()), int(knots.local_us.max())
        witnesses = server_witnesses(beside.access, begin, end)
        watched = [*(one for _, one in rules), *(witness.rules for witness in witnesses)]
        breaks, meetings = _breaks(knots, files), Meetings(beside.access)
        mtimes, read_us = _known(x.mtime_us for x in files), _known(x.read_us for x in files)
        outside = Outside(names, mtimes, seen, beside, meetings, witnesses)

        def found(knots: Knots, samples: Sequence[Sample]) -> Solved:
            knots, samples = lived if knots is every else part_lives(knots, samples, sequences)
            scene, back, mixed = _scene_of(knots, samples, rules, watched, breaks, names)
            heard = outside.heard(scene, alone=alone, mixed=bool(mixed))
            of_server = [zone for who, zone in rules if who == "server"]
            changed = [*changed_zones(scene, of_server, names), *mixed]
            unsure = bool(changed) or not alone
            binding = [one for one in rules if one[0] != "server"] if unsure else rules
            anchors = outside.links(scene, every, binding, heard)
            latest, read = not_later(scene, mtimes, read_us)
            contradicted = bool(of_server and changed)
            solve_by = partial(
                solve, scene, anchors, read=read, latest=latest, contradicted=contradicted
            )
            default = partial(last_resort, scene, self._options, changed=unsure)
            solution = believing(scene, solve_by, default, promised=believed)
            told = refuted((one.witness, one.weight) for one in heard)
            notes = [*told_of(knots, back, names), *changed, *told]
            return Solved(every, lived[0].pid, scene, solution, notes)

        nameless = np.any(knots.pid == NO_PID)
        return _heard(knots, samples, found) if nameless else found(knots, samples)


def _scene_of(
    knots: Knots, samples: Sequence[Sample], rules: Sequence[tuple[str, Rules]],
    watched: Sequence[Rules], breaks: NDArray[np.bool_], names: Sequence[str],
) -> tuple[Scene, Sequence[SetBack], Sequence[Evidence]]:  # fmt: skip
    """A scene, where in it the host's clock was set back, and whether two servers are in it.

    Args:
        knots: the knots.
        samples: the samples.
        rules: WHO and a zone that the user named.
        watched: all zones that may be kept.
        breaks: bool[knots], where a file does not continue the file before it.
        names: of the files.
    """
    processes, strands = processes_of(samples), Strands.of(knots)
    of_server = [zone for who, zone in rules if who == "server"]
    forced = _rule_changes(strands, watched)
    mixed = [*rivals(strands, processes, samples, breaks, names)]
    back = () if mixed else set_back(strands, processes, samples, breaks)
    borders = cut_off(breaks, back)
    strands = Strands.of(undone(knots, back)) if back else strands
    forced |= hidden_changes(strands, borders)
    forced |= hidden_nights(strands, processes, of_server)
    spans = cut_spans(strands, forced, doubted(strands, processes))
    return Scene(knots, spans, processes, samples, borders), back, mixed


def _heard(
    knots: Knots, samples: Sequence[Sample], found: Callable[[Knots, Sequence[Sample]], Solved]
) -> Solved:
    """The clocks where lines bear no pid: told apart by the zones that are found first."""
    first = give_voices(knots, samples)
    solved = found(first.knots, first.samples)
    zones = zones_kept(solved.scene, solved.solution.offset_s)
    second = give_voices(knots, samples, zones) if len(zones) > 1 else first
    if not _alike(first.knots, second.knots):
        solved = found(second.knots, second.samples)
    doubt_voices(solved.scene, solved.solution, second.unsure())
    return solved


def _known(instants: Iterable[int | None]) -> dict[int, int]:
    """The instants that are known, by file, of those of all files."""
    return {file: instant for file, instant in enumerate(instants) if instant is not None}


def _of_server(beside: NeighbourFacts, own: set[str], folders: set[str]) -> NeighbourFacts:
    """What stands beside the logs of one server, or was named by the user and beside none."""
    others = folders - own
    access = [facts for facts in beside.access if folder_of(facts.path) not in others]
    return replace(beside, access=access)


def _alike(one: Knots, other: Knots) -> bool:
    """Whether the same lines have one voice, whatever the voices' numbers."""
    here, there = distinct(one.pid), distinct(other.pid)
    pairs = np.searchsorted(here, one.pid) * len(there) + np.searchsorted(there, other.pid)
    return len(distinct(pairs)) == len(here) == len(there)


def _with_written(every: Knots) -> Knots:
    """Lines that write their offset speak for UTC; a few among many may be forged: hearsay."""
    written = every.offset_s != NO_OFFSET
    count = int(written.sum())
    if not count:
        return every
    voice = UTC_PID if count >= max(5, len(every) // 20) else HEARSAY_PID
    shift = np.where(written, every.offset_s, 0).astype(np.int64) * SECOND
    return replace(every, pid=np.where(written, voice, every.pid), local_us=every.local_us - shift)


def _rules(options: ClockOptions, knots: Knots) -> Iterator[tuple[str, Rules]]:
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


def _breaks(knots: Knots, files: Sequence[FileFacts]) -> NDArray[np.bool_]:
    sequence = np.array([f.sequence for f in files] or [0])[knots.file]
    breaks = np.zeros(len(knots), np.bool_)
    breaks[1:] = sequence[1:] != sequence[:-1]
    return breaks
