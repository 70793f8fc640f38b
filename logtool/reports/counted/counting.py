"""Counting: takes the facts of each block, in order, gives what a report tells of them all.

Memory does not grow with the log: all is summed up by keys of which there are few, or of which only
the most frequent are kept.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import polars as pl

from logtool.flags.findings import Flagger
from logtool.frame.hashing import ODD
from logtool.frame.kept import Kept
from logtool.reports.counted.flagged import Flagged, Occurrences, Said
from logtool.reports.counted.lives import LifeCounts
from logtool.reports.counted.raised import Exceptions
from logtool.reports.counted.slowness import Slowest
from logtool.reports.counted.stacks import Folded, Rows, Stacks, Whole, rows_alone
from logtool.reports.meant.facts import Facts, Held
from logtool.reports.meant.vocabulary import Vocabulary
from logtool.reports.meant.wordings import WORDING
from logtool.reports.period import Period
from logtool.reports.tallies.keys import MESSAGE
from logtool.reports.tallies.tally import Tally, grouped
from parsers.arrays import Ints, Mask
from parsers.lines import NO_LAYOUT, NO_PID, NO_TIME
from parsers.python_levels import LEVELS as PYTHON_LEVELS

_UNREAD = 10


def last_known(utc_us: Ints, at: Ints, before_us: int) -> Ints:
    """The last known instant before each of some places of a column, or what was known before."""
    known = np.flatnonzero(utc_us != NO_TIME)
    place = np.searchsorted(known, at) - 1
    if not len(known):
        return np.full(len(at), before_us)
    return np.where(place >= 0, utc_us[known[np.maximum(place, 0)]], before_us)


def _last(utc_us: Ints, before_us: int) -> int:
    """The same at the end of the column, which mostly has one in its last row."""
    if len(utc_us) and utc_us[-1] != NO_TIME:
        return int(utc_us[-1])
    return int(last_known(utc_us, np.array([len(utc_us)]), before_us)[0])


class Counting:
    """Counts of everything; `add` the facts of each block, `finish`, then read the sums.

    Attributes:
        period: what `parts` of keys are parts of.
        vocabulary: what the numbers in keys stand for.
        lines, events, untimed, unclocked, assumed: how many.
        flow, modules, clients, messages: lines by the keys of `tallies.keys`.
        python_levels: lines by the level that Python wrote in them, the most severe 1, 0 for none.
        hours: lines by hour of the week, from Monday 0 o'clock in UTC.
        files: the total of each log, by its number.
        exceptions: exceptions by fingerprint.
        lives: starts, stops and crashes.
        unread: the first lines that no layout reads.
        slowest: the slowest requests.
    """

    def __init__(self, period: Period, vocabulary: Vocabulary, flagger: Flagger) -> None:
        """Count over a period; what rules may hold on goes to the flagger."""
        self.period, self.vocabulary = period, vocabulary
        self.lines = self.events = self.untimed = self.unclocked = self.assumed = 0
        self.flow, self.modules, self.messages = Tally(), Tally(), Tally()
        self.clients = Tally(sys.maxsize)  # those that the vocabulary knows
        self.python_levels = np.zeros(len(PYTHON_LEVELS) + 1, np.int64)
        self.hours = np.zeros(168, np.int64)
        self.files: dict[int, Tally] = {}
        self.exceptions = Exceptions()
        self.lives = LifeCounts()
        self.unread: list[str] = []
        self.slowest = Slowest()
        self._flagged = Flagged(flagger)
        self._stacks = Stacks()
        self._held: dict[int, Held] = {}
        #: Of logs the last instant so far, and what that was when a block came.
        self._last_us: dict[int, int] = {}
        self._before_us: dict[int, int] = {}
        self._blocks = 0

    def add(self, facts: Facts) -> None:
        """Count the lines of the next block."""
        number = self._blocks
        self._blocks += 1
        held = self._held[number] = facts.held
        log = facts.lines.log.number
        before_us = self._before_us[number] = self._last_us.get(log, NO_TIME)
        self._last_us[log] = _last(held.utc_us, before_us)
        self._add_sums(facts)
        self._add_unread(facts)
        alone, whole = self._stacks.add(facts, self.lines)
        flagged, message, utc_us = self._looked_at(whole)
        self._add_alone(facts, alone, self.lines)
        self._add_whole(whole, flagged, message, utc_us)
        self._flagged.settle(min(self._stacks.oldest_row, self.lines + len(facts.lines)))
        self.slowest.add(held, self.lines)
        self.lines += len(facts.lines)
        if self.vocabulary.wordings.templates.is_full:
            self._forget_rare_messages()
        if self.vocabulary.clients.is_full:
            self._forget_rare_clients()
        for block in [one for one in self._held if one < self._stacks.oldest]:
            del self._held[block], self._before_us[block]
        later = held.later()
        self.slowest.later(later)
        if number in self._held:
            self._held[number] = later

    def finish(self) -> None:
        """Count what was still open when the logs ended."""
        whole = self._stacks.rest()
        self._add_whole(whole, *self._looked_at(whole))
        self.slowest.finish()
        self._flagged.settle()
        self._held.clear()

    def forgotten_messages(self) -> int:
        """How many lines there are of messages that were given up for memory."""
        groups, texts = self.messages.groups(), self.vocabulary.wordings.templates.texts
        known = np.isin(MESSAGE.number(groups.key, "template"), np.array([*texts], np.int64))
        return self.messages.dropped + int(groups.lines[~known].sum())

    def _forget_rare_messages(self) -> None:
        groups = self.messages.groups()
        template, of_group = np.unique(MESSAGE.number(groups.key, "template"), return_inverse=True)
        lines = np.bincount(of_group, groups.lines, len(template)).astype(np.int64)
        self.vocabulary.wordings.keep_frequent(template, lines)

    def _forget_rare_clients(self) -> None:
        groups, names = self.clients.groups(), self.vocabulary.clients
        # Of the others no process tells any more: it names them anew, if they come again.
        needed = np.concatenate([*self.vocabulary.told_clients.values()])
        names.keep_frequent(groups.key, groups.lines, needed)
        self.clients.keep(np.array([*names.texts], np.int64))

    def _add_sums(self, facts: Facts) -> None:
        self.flow.add(facts.flow)
        self.modules.add(facts.modules)
        self.clients.add(facts.clients)
        self.python_levels += facts.python_levels
        self.hours += facts.hours
        self.untimed += facts.untimed
        self.unclocked += facts.unclocked
        self.assumed += facts.assumed
        self.files.setdefault(facts.lines.log.number, Tally()).add(facts.total)

    def _add_unread(self, facts: Facts) -> None:
        room = _UNREAD - len(self.unread)
        if room <= 0 or not facts.total.errors.any():
            return
        lines = facts.lines
        places = np.flatnonzero(lines.stamps.layout[lines.rows] == NO_LAYOUT)[:room]
        shown = lines.at(places).frame(("file", "line", "message"))
        told = shown.select(pl.format("{}:{}: {}", "file", "line", "message"))
        self.unread += told.to_series().to_list()

    def _add_alone(self, facts: Facts, is_alone: Mask, first_row: int) -> None:
        """Count lines that are events by themselves."""
        self.events += int(np.count_nonzero(is_alone))
        self.messages.add(facts.messages(is_alone))
        odd = facts.among("life", "flagged")  # few
        alone = odd[is_alone[odd]]
        if not len(alone):
            return
        wording = facts.wording(alone)
        self._add_lives(facts.held, alone, wording, alone + first_row)
        flagged = alone[WORDING.holds(wording, "flagged")]
        if len(flagged):
            rows = rows_alone(facts, flagged, first_row, self._blocks - 1)
            self._add_flagged(Folded(rows, np.arange(len(rows))))

    def _add_lives(self, held: Held, at: Ints, wording: Ints, row: Ints) -> None:
        told = np.flatnonzero(WORDING.holds(wording, "life"))
        if len(told):
            told = told[~held.addressed[at[told]]]
            life = WORDING.number(wording[told], "life")
            self.lives.add(held.lines, at[told], life, row[told])

    def _looked_at(self, whole: Whole) -> tuple[Folded, Ints, Ints]:
        """Count exceptions, as long as events can be folded.

        Returns:
            The events that rules may hold on; of the heads of all, the message, packed by
            `keys.MESSAGE`, and the instant.
        """
        message, utc_us = np.zeros(len(whole), np.int64), np.zeros(len(whole), np.int64)
        for held, here in self._of_blocks(whole.block):
            at = whole.at[here]
            message[here], utc_us[here] = held.message(at), held.utc_us[at]
        flagged = whole.folded(np.flatnonzero(whole.flagged))
        part, about_us = MESSAGE.number(message, "part"), self._about(whole, utc_us)
        if about_us is not utc_us:
            part = self.period.trend(self.period.part(about_us), about_us != NO_TIME)
        self.exceptions.add(whole, part, utc_us, about_us, self._told)
        return flagged, message, utc_us

    def _about(self, whole: Whole, utc_us: Ints) -> Ints:
        """The instants of the heads; of exceptions without one that of the last line before."""
        untimed = np.flatnonzero(whole.raises & (utc_us == NO_TIME))
        if not len(untimed):
            return utc_us
        about_us = utc_us.copy()
        for number, held in self._held.items():
            here = untimed[whole.block[untimed] == number]
            if len(here):
                about_us[here] = last_known(held.utc_us, whole.at[here], self._before_us[number])
        return about_us

    def _add_whole(self, whole: Whole, flagged: Folded, message: Ints, utc_us: Ints) -> None:
        """Count whole events, most of them of several lines."""
        if not len(whole):
            return
        self.events += len(whole)
        if WORDING.holds(whole.wording, "life").any():
            for held, here in self._of_blocks(whole.block):
                self._add_lives(held, whole.at[here], whole.wording[here], whole.row[here])
        talk = (whole.size == 1) & WORDING.holds(whole.wording, "talks")
        self.messages.add(grouped(message[talk], utc_us[talk]))
        if len(flagged.rows):
            self._add_flagged(flagged)

    def _add_flagged(self, folded: Folded) -> None:
        """Count what rules find in events that they may hold on."""
        rows = folded.rows
        file, pid = np.zeros(len(rows), np.int64), np.full(len(rows), NO_PID)
        said, client = np.zeros(len(rows), np.uint64), np.zeros(len(rows), np.uint64)
        utc_us = np.zeros(len(rows), np.int64)
        for held, here in self._of_blocks(rows.block):
            at = rows.at[here]
            said[here], utc_us[here] = held.said(at), held.utc_us[at]
            file[here] = number = held.lines.log.number
            self._flagged.names[number] = held.lines.log.source.name
            asked = here[WORDING.holds(rows.wording[here], "flagged")]
            place = np.searchsorted(held.asked.at, rows.at[asked])
            said[asked] ^= held.asked.manner[place]
            pid[asked], client[asked] = held.asked.pid[place], held.asked.client[place]
        said = (said ^ rows.kind.astype(np.uint64)) * ODD
        # All rows of an event are of one process and about one client.
        pid, client = (np.maximum.reduceat(one, folded.start) for one in (pid, client))
        self._flagged.add(
            Occurrences(
                rows.row, rows.line, utc_us, folded.start, file[folded.start], pid, client,
                like=self._flagged.like(said, folded, self._kept),
            )
        )  # fmt: skip

    def _of_blocks(self, blocks: Ints) -> list[tuple[Held, Ints]]:
        """What is held of each block that rows are of, and which rows those are."""
        found = ((held, np.flatnonzero(blocks == number)) for number, held in self._held.items())
        return [(held, here) for held, here in found if len(here)]

    def _kept(self, rows: Rows) -> Iterator[Said]:
        """The lines of rows, for when rules are asked about them."""
        asked = WORDING.holds(rows.wording, "flagged")
        for held, here in self._of_blocks(rows.block):
            for some, is_asked in ((here[asked[here]], True), (here[~asked[here]], False)):
                if len(some):
                    lines = Kept.of(held.lines, rows.at[some])
                    yield Said(lines, rows.row[some], rows.event[some], rows.kind[some], is_asked)

    def _told(self, rows: Rows) -> pl.DataFrame:
        """The messages of rows as a frame with `row`, `event` and `kind`, in order of rows."""
        rows = rows.take(np.argsort(rows.row, kind="stable"))
        frames = [
            held.lines.at(rows.at[here]).frame(("file", "line", "message"))
            for held, here in self._of_blocks(rows.block)
        ]
        return pl.concat(frames).with_columns(
            pl.Series("row", np.ascontiguousarray(rows.row)),
            pl.Series("event", np.ascontiguousarray(rows.event)),
            pl.Series("kind", np.ascontiguousarray(rows.kind)),
        )
