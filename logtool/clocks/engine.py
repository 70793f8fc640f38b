"""Engine: takes the stamps of every block and facts of the files, gives a ClockTable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from logtool.clocks.doubt.direction import Direction
from logtool.clocks.doubt.sorted_lines import sorted_lines
from logtool.clocks.doubt.years import Years
from logtool.clocks.evidence.neighbours import NeighbourFacts
from logtool.clocks.file_facts import FileFacts
from logtool.clocks.options import ClockOptions
from logtool.clocks.promises import Promises
from logtool.clocks.seen.copied import without_copies
from logtool.clocks.seen.knots import KnotCollector, Knots
from logtool.clocks.seen.misplaced import misplaced
from logtool.clocks.seen.roles import Sample
from logtool.clocks.seen.sampling import Sampler
from logtool.clocks.seen.seams import Section, put_together, sections
from logtool.clocks.seen.servers import apart, folder_of, servers_of, strangers
from logtool.clocks.seen.set_order import in_one_order, set_order, several
from logtool.clocks.seen.turns import turns_of
from logtool.clocks.server import ServerLogs, known, named_zones, with_written
from logtool.clocks.table import ClockTable, Evidence
from logtool.clocks.telling.telling import Solved, tell
from logtool.clocks.telling.too_late import too_late
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.decode import Decoder
from parsers.distinct import distinct
from parsers.lines import Stamps


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

    def forget(self) -> None:
        """Give up most of what was read, for a process that will not ask for the clocks."""
        self._knots = KnotCollector()
        for sampler in self._samplers.values():
            sampler.forget()

    def finish(
        self, files: Sequence[FileFacts], beside: NeighbourFacts | None = None
    ) -> ClockTable:
        """Find the clocks.

        Args:
            files: facts of every file, by number.
            beside: what was found beside them.
        """
        every = self._knots.finish()
        if not len(every):
            return ClockTable.empty()
        samples = [sample for sampler in self._samplers.values() for sample in sampler.samples]
        folders = self._folders or [""] * len(files)
        told_sets = [file.sequence for file in files] if self._folders else []
        read = _Read(every, samples, files, folders, told_sets, beside or NeighbourFacts())
        order = set_order(read.sequences, every, samples, read.names)
        servers = servers_of(read.folders, every, samples, read.told_sets)
        apiece = [[*without_copies(server, every, read.sets)] for server in servers]
        parts: list[Solved] = []
        seams: list[Evidence] = []
        for numbers in (set(logs) for server in apiece for logs in server):
            theirs = read.only(numbers)
            if len(theirs.every):
                unshown = self._direction.unshown(numbers, theirs.every)
                logs = sections(theirs.every, theirs.samples, read.sets)
                seams += put_together(logs, read.names)
                solved = [self._in_order(order, section, theirs) for section in logs]
                parts += (
                    replace(one, unshown=unshown, years=self._years, goes_on=section.goes_on)
                    for one, section in zip(solved, logs, strict=True)
                )
        copies = sum(len(server) - 1 for server in apiece)
        notes = [
            *(note for part in parts for note in too_late(part, read.mtimes, read.names)),
            *self._direction.notes(read.names),
            *sorted_lines(every, samples, read.names),
            *self._years.notes(read.names),
            *misplaced(read.sequences, every, samples, read.names),
            *apart(len(parts) - len(seams) - copies),
            *seams,
            *strangers(servers, read.folders, every, read.told_sets),
            *(Evidence("neighbour", text) for text in read.beside.unread),
            *(note for part in parts for note in part.notes),
        ]
        return tell(parts, dict(named_zones(self._options, with_written(every))), notes)

    def _in_order(self, order: Sequence[int], section: Section, read: _Read) -> Solved:
        """The clocks of one server, found as if all files had been named in this order."""
        every, samples = in_one_order(section.knots, section.samples, order, read.sequences)
        number = {file: at for at, file in enumerate(order)}
        seen = tuple((number[file], one) for file, one in self._options.seen)
        told = self._options.server_tz or self._options.config_tz
        numbers = distinct(every.file).tolist()
        believed = not told and all(order[file] in self._promises for file in numbers)
        in_order = [read.files[file] for file in order]
        for file in section.goes_on:
            in_order[number[file]] = replace(read.files[file], mtime_us=None)
        options = replace(self._options, seen=seen)
        logs = ServerLogs(
            every, samples, in_order, read.beside, options, believed=believed, alone=section.alone
        )
        solved = logs.solved()
        return replace(solved, every=replace(every, file=np.array(order, np.int32)[every.file]))


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """What was read of logs.

    Attributes:
        every: the lines kept.
        samples: those looked at closely.
        files: facts of all files, by number.
        folders: of each file.
        told_sets: of each file, the number of its rotated set, if they may be of several servers.
        beside: what was found beside them.
    """

    every: Knots
    samples: Sequence[Sample]
    files: Sequence[FileFacts]
    folders: Sequence[str]
    told_sets: Sequence[int]
    beside: NeighbourFacts

    @property
    def names(self) -> list[str]:
        """Of the files."""
        return [file.name for file in self.files]

    @property
    def sequences(self) -> list[int]:
        """Of each file, the number of its rotated set."""
        return [file.sequence for file in self.files]

    @property
    def mtimes(self) -> dict[int, int]:
        """When files were modified last, as far as that is known, by number."""
        return known(file.mtime_us for file in self.files)

    @property
    def sets(self) -> Sequence[int]:
        """The sets that are told apart: one, if all files are of one server."""
        return self.told_sets or [0] * len(self.files)

    def only(self, numbers: set[int]) -> _Read:
        """What is of some files, or beside them, or was named by the user and lies beside none."""
        is_all = len(numbers) == len(self.files)
        every = self.every if is_all else self.every.take(np.isin(self.every.file, [*numbers]))
        samples = [sample for sample in self.samples if sample.file in numbers]
        others = {*self.folders} - {self.folders[number] for number in numbers}
        access = [one for one in self.beside.access if folder_of(one.path) not in others]
        return replace(
            self, every=every, samples=samples, beside=replace(self.beside, access=access)
        )
