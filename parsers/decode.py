"""Decode: takes blocks of lines and the layouts they may have, gives columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from parsers.blocks import Block
from parsers.compiled.kinds import MADE, Signing
from parsers.excerpts import excerpt
from parsers.layouts import Layout
from parsers.lines import NO_LAYOUT, Alike, Part, Spans, Stamps, StampsOfNone
from parsers.messages import tags
from parsers.records import with_pids_of_records
from parsers.scanning import Places, Text
from parsers.steps.at_once import read_at_once
from parsers.steps.cursor import Cursor, Findings, Step, run_steps
from parsers.steps.message_step import TAIL
from parsers.steps.time_steps import TimeStep
from parsers.times.years import not_in_future, put_years

#: Where fewer lines than one in so many are asked for, only those are searched.
_SPARSE = 8
#: Of so many lines one tells whether first bytes need be looked at.
_SAMPLED = 64


class Decoder:
    """Reads lines by the first of several layouts that fits each.

    Attributes:
        layouts: in order of preference among those of equal rank; `Stamps.layout` counts in them.
        latest_us: an instant after which no line lies that writes no year, microseconds UTC; None
            for the moment in which it is read.
    """

    def __init__(self, layouts: Sequence[Layout], latest_us: int | None = None) -> None:
        self.layouts = tuple(layouts)
        self.latest_us = latest_us

    def extend(self, layouts: Sequence[Layout]) -> None:
        """Read more layouts from now on, after those known: what was read stays right."""
        self.layouts = (*self.layouts, *layouts)

    def stamps(self, block: Block, text: Text | None = None) -> Stamps:
        """The stamp of every line of a block; others may read the same `text` of it.

        Lines that no layout reads, and the continuation of a line torn by the end of the block
        before, have NO_LAYOUT.
        """
        text = text or Text(block)
        answer: Stamps | None = None
        left = np.arange(int(block.torn_head), len(block))
        for number, layout in sorted(enumerate(self.layouts), key=lambda pair: pair[1].rank):
            if not len(left) and answer is not None:
                break
            rows = _that_may_begin(layout, text, block.starts, left)
            if not len(rows):
                continue
            whole = len(rows) == len(block)
            begin, stop = block.starts, block.ends
            if not whole:
                begin, stop = begin[rows], stop[rows]
            found, kept = _stamps(text, layout, number, begin, stop)
            if layout.lacks_year:
                put_years(found.local_us, not_in_future(self.latest_us))
            if answer is None and kept is None and whole:
                return found
            answer = answer or _none_of(len(block))
            _scatter(found, kept, rows if kept is None else rows[kept], answer)
            left = left[answer.layout[left] < 0]
        if answer is None:
            return StampsOfNone(len(block))
        return with_pids_of_records(answer, self.layouts)

    def fields(
        self,
        block: Block,
        stamps: Stamps,
        rows: NDArray[np.int64],
        names: Collection[str],
        signing: Signing | None = None,
    ) -> dict[str, Spans]:
        """Where fields stand on some lines of a block.

        Args:
            block: the block.
            stamps: what `stamps` gave for it.
            rows: int64[m], which of its lines.
            names: columns, as in `Layout.columns`, and `tag`: the AHnnnnn or WSGInnnn that a
                message begins with; and `message_step.TAIL`.
            signing: what may be told of texts of some of these in passing, as `Spans.signs`.

        Returns:
            For each name int64[m] places; -1 where the line does not have the field. `Spans.alike`
            counts in `rows`.
        """
        if len(rows) * _SPARSE < len(block):
            return self._fields_of_few(block, stamps, rows, names)
        text = Text(block)
        wanted = {*names, "message"} if "tag" in names else set(names)
        fields = _Fields(len(rows), wanted, block, signing)
        read_by = stamps.layout if len(rows) == len(block) else stamps.layout[rows]
        for number, layout in enumerate(self.layouts):
            mine = read_by == number
            chosen = rows if len(rows) == len(block) and mine.all() else np.flatnonzero(mine)
            if not len(chosen):
                continue
            lines = rows if len(chosen) == len(rows) else rows[chosen]
            plan, begin, end = layout.plan, block.starts, block.ends
            steps = plan.field_steps if signing is None else plan.signed_steps
            trail = None
            if isinstance(steps[0], TimeStep) and steps[0].is_whole and "time" not in wanted:
                # Where it ends is known, and that it is followed by what must follow.
                begin, trail, steps = stamps.time_end, len(steps[0].trail), steps[1:]
            if len(lines) < len(block):
                begin, end = begin[lines], end[lines]
            if trail:
                begin = text.moved(begin, trail)
            found, kept = _run(text, steps, begin, end, wanted, signing)
            fields.add(layout, chosen, found, kept)
            if len(chosen) == len(rows):
                break
        answer = fields.spans()
        if "tag" in names:
            answer["tag"] = tags(text, answer["message"])
        return {name: answer[name] for name in names}

    def _fields_of_few(
        self, block: Block, stamps: Stamps, rows: NDArray[np.int64], names: Collection[str]
    ) -> dict[str, Spans]:
        """What `fields` gives, from a copy of only those lines: literals are searched in it all."""
        few = excerpt(block, stamps, rows)
        found = self.fields(few.block, few.stamps, np.arange(len(rows)), names)
        return {
            name: Spans(
                np.where(spans.start < 0, spans.start, spans.start + few.moved),
                np.where(spans.end < 0, spans.end, spans.end + few.moved),
            )
            for name, spans in found.items()
        }


class _Fields:
    """Where fields stand on some lines, put together from what each layout tells of its own."""

    def __init__(
        self, size: int, wanted: Collection[str], block: Block, signing: Signing | None
    ) -> None:
        self._size, self._wanted = size, wanted
        self._data, self._signing = block.data, signing
        self._spans: dict[str, Spans] = {}
        self._parts: dict[str, list[Part]] = {}
        self._alike: list[tuple[Places, Alike]] = []
        self._alike_columns = set(wanted) - {TAIL}

    def add(self, layout: Layout, chosen: Places, found: Findings, kept: Places | None) -> None:
        """Take what a layout found on the lines `chosen`, if it read all or those `kept`."""
        whole = kept is None
        if whole and len(chosen) == self._size:
            self._spans = found.spans
        else:
            at = np.arange(len(chosen)) if kept is None else kept
            for name, spans in found.spans.items():
                self._parts.setdefault(name, []).append(Part(chosen[at], at, spans))
        if found.alike is not None and whole:
            self._alike.append((chosen, found.alike))
            columns = {*found.alike_columns, *set(self._wanted).difference(layout.columns)}
            self._alike_columns &= columns

    def spans(self) -> dict[str, Spans]:
        """By name; -1 on lines of which no layout told the field."""
        answer = {name: self._spans.get(name) or self._together(name) for name in self._wanted}
        if self._alike:
            alike = _joined(self._alike, self._size)
            for name in self._alike_columns:
                answer[name].alike = alike
        return answer

    def _together(self, name: str) -> Spans:
        """Where a column stands that no layout told of all lines, and what is told of its texts."""
        parts = self._parts.get(name)
        if parts is None:
            return _nowhere(self._size, name, self._signing)
        spans, signing = Spans.together(self._size, parts), self._signing
        if signing is not None and name in signing.columns:
            sign = signing.columns[name]
            spans.signs = tuple(np.zeros(self._size, dtype) for dtype in MADE[sign])
            for rows, at, own in parts:
                told = own.signs or signing.told(sign, self._data, own.start, own.end)
                for column, of_part in zip(spans.signs, told, strict=True):
                    column[rows] = of_part[at]
        return spans


def _joined(parts: Sequence[tuple[Places, Alike]], size: int) -> Alike:
    """What is known of lines, put together from some of them each; the others are like no other."""
    if len(parts) == 1 and len(parts[0][0]) == size:
        return parts[0][1]
    place = np.full(size, -1, np.int64)
    rows: list[Places] = []
    count = 0
    for chosen, alike in parts:
        place[chosen] = count + alike.place
        rows.append(chosen[alike.rows])
        count += len(alike.rows)
    rows.append(np.flatnonzero(place < 0))
    place[rows[-1]] = count + np.arange(len(rows[-1]))
    return Alike(np.concatenate(rows), place)


def _that_may_begin(layout: Layout, text: Text, starts: Places, rows: Places) -> Places:
    """The rows whose first byte a layout may begin with, and perhaps a few others."""
    first_bytes = layout.first_bytes
    if first_bytes is None:
        return rows
    begin = starts if len(rows) == len(starts) else starts.take(rows)
    if len(begin) > _SAMPLED and first_bytes.take(text.data.take(begin[::_SAMPLED])).all():
        return rows
    fine = first_bytes.take(text.data.take(begin))
    return rows if fine.all() else rows[fine]


def _run(
    text: Text,
    steps: Sequence[Step],
    at: Places,
    end: Places,
    wanted: Collection[str],
    signing: Signing | None = None,
) -> tuple[Findings, Places | None]:
    found = Findings(len(at), wanted, signing=signing)
    _, kept = run_steps(steps, Cursor(text, found, np.arange(len(at)), at, end, is_raw=True))
    return found, kept


def _stamps(
    text: Text, layout: Layout, number: int, begin: Places, end: Places
) -> tuple[Stamps, Places | None]:
    """The stamps of lines that a layout may read, and which of them it reads (None: all)."""
    steps = layout.plan.stamp_steps
    read = read_at_once(text, steps, number, begin, end)
    if read is None:
        found, kept = _run(text, steps, begin, end, ())
        return _all_of(found, number), kept
    left, fine = read.left, read.fine
    if fine is None:
        return read.stamps, None
    if len(left):
        found, kept = _run(text, steps, begin[left], end[left], ())
        rows = left if kept is None else left[kept]
        _scatter(_all_of(found, number), kept, rows, read.stamps)
        fine[rows] = True
    return read.stamps, None if fine.all() else np.flatnonzero(fine)


def _all_of(found: Findings, number: int) -> Stamps:
    return Stamps(
        np.full(found.size, number, np.int16),
        found.time_start, found.time_end, found.local_us, found.digits, found.offset_s, found.pid,
    )  # fmt: skip


def _none_of(size: int) -> Stamps:
    return _all_of(Findings(size, ()), NO_LAYOUT)


def _scatter(found: Stamps, kept: Places | None, rows: Places, out: Stamps) -> None:
    """Put what a layout read on some lines, all or those kept, where they belong in the block."""
    read = slice(None) if kept is None else kept
    for column in fields(Stamps):
        getattr(out, column.name)[rows] = getattr(found, column.name)[read]


def _nowhere(size: int, name: str, signing: Signing | None) -> Spans:
    """That of a column that no line has: nobody may ask where it stands."""

    def find(rows: Places | slice) -> tuple[Places, Places]:
        nowhere = np.full(size if isinstance(rows, slice) else len(rows), -1, np.int64)
        return nowhere, nowhere.copy()

    spans = Spans.later(find)
    if signing is not None and name in signing.columns:
        spans.signs = tuple(np.zeros(size, dtype) for dtype in MADE[signing.columns[name]])
    return spans
