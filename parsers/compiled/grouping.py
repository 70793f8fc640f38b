"""Grouping: takes keys of rows, gives which rows have the same, and what follows from that.

These loops need no memory that is lent: what they give is copied, but where it is said. Those of
`grouping.wat` are compiled when the first of them is called; `grouped`, which children of a report
need too, is with those of `kernel.wat`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Ints, Mask
from parsers.compiled.loops import KEYED, SHARED, SLACK, Words
from parsers.compiled.rows import (
    Keyed,
    Looks,
    Paused,
    Rows,
    Spoken,
    Stacked,
    Stretched,
    Summed,
    Tells,
    Told,
    Wholes,
)  # fmt: skip
from parsers.compiled.text_loops import TextLoops

#: Slots for kinds of keys come first.
_SLOT_BITS = 18
_ROOM = KEYED + (4 << _SLOT_BITS)
#: So many groups are told apart, by fewer slots.
_GROUP_BITS = 13
_MOST_GROUPS = 1 << (_GROUP_BITS - 1)
#: Numbers of a group, and hours of a week.
_EACH, _HOURS = 5, 168
#: Half of the slots are empty then.
_MOST_ROWS = 1 << (_SLOT_BITS - 1)

#: What `stretches` leaves of each.
_STRETCH = np.dtype(
    [("begin", "<i8"), ("end", "<i8"), ("wait", "<i8"), ("side", "<i4"), ("row", "<i4")]
)
#: And of each kind of key.
_STATE = np.dtype(
    [
        *(("us", "<i8"), ("thread", "<u8"), ("wait", "<i8")),
        *((name, "<i4") for name in ("row", "last", "first", "goes_on", "side", "unused")),
    ]
)
#: What `pauses` is told of each, and leaves, and whether there are rows of it.
_PAUSE = np.dtype(
    [
        *(("key", "<u8"), ("us", "<i8"), ("since", "<i8"), ("mark", "<i8")),
        *(("waited", "<i4"), ("here", "<i4")),
    ]
)
#: The largest number that a loop can be told.
_MOST = (1 << 32) - 1
#: What `stacks` leaves of each whole event: in its marks 1 that it raises, 2 that it is flagged.
_WHOLE = np.dtype(
    [("sign", "<u8"), *((name, "<i4") for name in ("first", "size", "marks", "unused"))]
)


class GroupingLoops(TextLoops):
    """All loops, and columns in their memory."""

    def grouped(self, keys: Ints, numbers: Ints, marks: NDArray[np.bool_] | None) -> Ints | None:
        """Rows by key; None if they have too many keys, or without room for them.

        Args:
            keys: int64[n].
            numbers: int64[n], the least of all int64 for none.
            marks: bool[n], or None.

        Returns:
            int64[k, 5]: each key, in the order in which they come, how many rows have it, how many
            of these are marked, and the least and the greatest of their numbers; those of int64 the
            other way round if they have none.
        """
        rows = len(keys)
        with self._keyed(rows, 2 * 8 + 1) as fits:
            if not fits:
                return None
            marks_at = 0 if marks is None else self._put(marks)
            return self._grouped(self._put(keys), self._put(numbers), marks_at, rows)

    def _grouped(self, keys: int, numbers: int, marks: int, rows: int) -> Ints | None:
        """What `grouped` gives, of columns at these places."""
        groups, groups_at = self._empty(_EACH * _MOST_GROUPS, np.int64)
        count = self._call(
            "grouped", keys, numbers, marks, rows, groups_at, KEYED, _GROUP_BITS, _MOST_GROUPS
        )
        return None if count < 0 else groups[: _EACH * count].reshape(count, _EACH).copy()

    def summed(self, rows: Summed) -> tuple[Ints, Ints, Ints] | None:
        """Rows by writer and part of time, by client, and by hour of the week; None as `grouped`.

        Returns:
            What `grouped` gives: keys are 2048 times the writer and the part, and clients but 0;
            and int64[168].
        """
        size = len(rows.us)
        with self._keyed(size, 8 + 4 + 8 + len(rows.bad) // (size + 1)) as fits:
            if not fits:
                return None
            flow_slots, flow_slots_at = self._empty(1 << _GROUP_BITS, np.int32)
            flow_slots.fill(0)
            flows, flows_at = self._empty(_EACH * _MOST_GROUPS, np.int64)
            groups, groups_at = self._empty(_EACH * _MOST_GROUPS, np.int64)
            hours, hours_at = self._empty(_HOURS, np.int64)
            hours.fill(0)
            period = np.array([rows.start_us, rows.step_us, rows.last_part], np.int64)
            failed = self._call(
                "summed", self._put(rows.us), self._put(rows.writer), self._put(rows.bad),
                self._put(rows.client), size, self._put(period), flows_at,
                groups_at, hours_at, flow_slots_at, KEYED, _GROUP_BITS, _MOST_GROUPS,
            )  # fmt: skip
            if failed:
                return None
            flow_count, count = self._told[:2].tolist()
            of_writers = flows[: _EACH * flow_count].reshape(flow_count, _EACH).copy()
            clients = groups[: _EACH * count].reshape(count, _EACH).copy()
            return of_writers, clients, hours.copy()

    def keyed(self, rows: Keyed) -> Ints | None:
        """What `grouped` gives of some rows; a key is what message and writer have of bits."""
        size = len(rows.message)
        tables = sum(one.nbytes for one in rows[4:])
        with self._keyed(size, 33 + tables // (size + 1)) as fits:
            if not fits:
                return None
            assert [one.itemsize for one in rows] == [4, 4, 8, 1, 1, 8, 8]
            _, keys_at = self._empty(size + 1, np.int64)
            _, times_at = self._empty(size + 1, np.int64)
            message, writer, us, some, *told = (self._put(column) for column in rows)
            count = self._call("keyed", message, writer, us, some, size, *told, keys_at, times_at)
            return self._grouped(keys_at, times_at, 0, count)

    def kinds(self, keys: Words) -> NDArray[np.int32] | None:
        """Of each row the kind of its key: int32[n]; None if they are too many.

        The key that comes first is of kind 0, the next other one of kind 1, and so on.

        Args:
            keys: uint64[n].
        """
        with self._keyed(len(keys), 16) as fits:
            if not fits:
                return None
            kinds, _, told = self._kinds(keys)
            self._call("kinds", *told)
            return kinds.copy()

    def pauses(
        self,
        rows: Rows,
        marks: Ints,
        before: Paused,
        limits: tuple[int, int, int],
        talk: tuple[int, int],
    ) -> Paused | None:
        """What `reports.counted.stretches` knows of rows at once; None if they are too many.

        Args:
            rows: the rows.
            marks: int64[w], of each writer 1 if its rows begin a stretch in any case, and what
                `Paused` has of it.
            before: what is known of the rows before them.
            limits: a stretch that is longer may be long, a wait for the other side that is longer;
                and how long no wait is.
            talk: as for `stretches`.
        """
        least, half, never = limits
        size, many = len(rows.key), len(before.key)
        tables = marks.nbytes + rows.tells.nbytes
        each = 24 + _PAUSE.itemsize + tables // (size + 1)
        with self._keyed(size + many + 1, each) as fits:
            if not fits:
                return None
            assert [one.itemsize for one in rows[:4]] == [8, 8, 4, 4]
            bits = min((2 * (size + many)).bit_length(), _SLOT_BITS) or 1
            made, made_at = self._empty((size + many) * _PAUSE.itemsize, np.uint8)
            known = made.view(_PAUSE)
            for name, column in zip(Paused._fields[1:], before[1:], strict=True):
                known[name][:many] = column
            known["here"][:many] = 0
            columns = *rows[:4], marks, rows.tells
            long = self._call(
                "pauses", *(self._put(one) for one in columns), size, made_at, many, KEYED, bits,
                min(least, _MOST), min(half, never - 1), never, *talk,
            )  # fmt: skip
            known = known[: int(self._told[0])]
            known = known[known["here"] > 0]
            key, us, since, mark = (known[name].copy() for name in ("key", "us", "since", "mark"))
            waited = known["waited"]
            return Paused(long > 0 or bool((waited & 4).any()), key, us, since, mark, waited > 0)

    def stretches(
        self, rows: Rows, half: int, never: int, talk: tuple[int, int]
    ) -> Stretched | None:
        """What `reports.counted.stretches` finds; None if there are too many rows.

        Args:
            rows: the rows.
            half: a longer wait does not count where rows of one thread talk around its end.
            never: so long a wait is none.
            talk: from which bit on five of what a row `tells` are a number, and the bits of those
                numbers that are talk.
        """
        size = len(rows.key)
        needed = 36 + _STRETCH.itemsize + _STATE.itemsize
        tables = sum(one.nbytes for one in rows[4:])
        with self._keyed(size, needed + tables // (size + 1)) as fits:
            if not fits:
                return None
            assert [one.itemsize for one in rows] == [8, 8, 4, 4, 8, 8, 1, 8]
            _, firsts, told = self._kinds(rows.key)
            of_rows, of_rows_at = self._empty(size, np.int32)
            made, made_at = self._empty(size * _STRETCH.itemsize, np.uint8)
            states, states_at = self._empty(size * _STATE.itemsize, np.uint8)
            keys_at, _, *kinds = told
            kinds_count = self._call(
                "stretches", keys_at, *(self._put(one) for one in rows[1:]), size, *kinds,
                of_rows_at, made_at, states_at, min(half, never), never, *talk,
            )  # fmt: skip
            some = made.view(_STRETCH)[: int(self._told[0])]
            each = states.view(_STATE)[:kinds_count]
            known = np.flatnonzero(each["first"] >= 0)
            each = each[known]
            begin, end, wait, side, row = (some[name].copy() for name in _STRETCH.names or ())
            first, last, first_side = (each[name].copy() for name in ("first", "last", "side"))
            goes_on = each["goes_on"] > 0
            return Stretched(
                of_rows.copy(), begin, end, wait, side, row,
                firsts[known], first, last, goes_on, first_side,
            )  # fmt: skip

    def events(
        self, rows: Looks, rules: NDArray[np.uint32], gaps: tuple[int, int, int], near: int
    ) -> NDArray[np.int32] | None:
        """The row that the event of each begins with: int32[n]; None if there are too many rows.

        Args:
            rows: the rows.
            rules: uint32[64], two for each kind, as `grouping.wat` describes them.
            gaps: microseconds between a head and what follows, lines of a text, and any others.
            near: so many lines.
        """
        size = len(rows.stream)
        with self._keyed(size, 24 + sum(one.itemsize for one in rows)) as fits:
            if not fits:
                return None
            assert [one.itemsize for one in rows] == [8, 1, 1, 8, 8]
            _, _, told = self._kinds(rows.stream)
            starts, starts_at = self._empty(size, np.int32)
            _, own_at = self._empty(size, np.int64)
            _, states_at = self._empty(size, np.int32)
            columns = (self._put(one) for one in (*rows[1:], rules))
            self._call("events", *told, *columns, *gaps, near, starts_at, own_at, states_at)
            return starts.copy()

    def stacks(
        self,
        held: Spoken,
        old: Mask,
        told: Told,
        tells: Tells,
        rules: NDArray[np.uint32],
        gaps: tuple[int, int, int],
        near: int,
        ends: tuple[int, int],
    ) -> Stacked | None:
        """What `reports.counted.stack_events` finds; None if there are too many rows.

        What it gives is good until another of these loops is called.

        Args:
            held: rows that are held.
            old: bool[h], which of them for too long.
            told: the rows of a block.
            tells: how rows tell it.
            rules: as for `events`.
            gaps: the same.
            near: the same.
            ends: the newest time of a block's lines, and the number of its last line.
        """
        before, lines = len(old), len(told.message)
        size = before + lines + 1
        tables = sum(one.nbytes for one in told[5:10])
        with self._keyed(size, 145 + tables // size) as fits:
            if not fits:
                return None
            ends_at = self._put(np.array([*ends, told.first_line], np.int64))
            rows, at = self._spoken(held, told, ends_at, size)
            _, _, kinds = self._kinds(rows.stream)
            count = len(rows.stream)
            kind, kind_at = self._empty(count, np.int8)
            _, says_at = self._empty(count, np.int8)
            _, times_at = self._empty(count, np.int64)
            starts, starts_at = self._empty(count, np.int32)
            _, own_at = self._empty(count, np.int64)
            _, states_at = self._empty(count, np.int32)
            still, open_at = self._empty(count, np.bool_)
            alone, alone_at = self._empty(lines, np.bool_)
            alone[:] = True
            found, found_at = self._empty(count * _WHOLE.itemsize, np.uint8)
            wholes = self._call(
                "stacks", *kinds, *map(self._put, (rows.tells, *rows[3:])), kind_at, says_at,
                times_at, self._put(rules), *gaps, near, starts_at, own_at, states_at, before,
                self._put(old), ends_at, *tells, self._put(rows.sign), self._put(at), open_at,
                alone_at, found_at,
            )  # fmt: skip
            each = found.view(_WHOLE)[:wholes]
            raises, flagged = (each["marks"] & bit > 0 for bit in (1, 2))
            whole = Wholes(each["first"], each["size"], raises, flagged, each["sign"])
            return Stacked(rows, at, starts, kind, still, alone, whole)

    def _spoken(
        self, held: Spoken, told: Told, ends: int, size: int
    ) -> tuple[Spoken, NDArray[np.int32]]:
        """Rows that are held and then those of a block that are spoken, and where these are."""
        before = len(held.stream)
        every = [self._empty(size, one.dtype)[0] for one in held]
        for column, one in zip(every, held, strict=True):
            column[:before] = one
        at, at_at = self._empty(size, np.int32)
        columns = [self._put(one) for one in told[:-1]]
        count = self._call(
            "spoken", *columns[:5], len(told.message), *columns[5:], ends, before,
            *map(self._put, every), at_at,
        )  # fmt: skip
        return Spoken(*(column[:count] for column in every)), at[: count - before]

    @contextmanager
    def _keyed(self, rows: int, needed: int) -> Iterator[bool]:
        """Let columns be made in memory of its own: whether that has room for so many rows.

        Args:
            rows: how many.
            needed: bytes for each.
        """
        kept = self._next, self._end
        self._next, self._end = _ROOM, SHARED
        try:
            yield rows <= _MOST_ROWS and rows * needed + SLACK <= SHARED - _ROOM
        finally:
            self._next, self._end = kept

    def _kinds(self, keys: Words) -> tuple[NDArray[np.int32], NDArray[np.int32], tuple[int, ...]]:
        """Room for kinds of keys, for the first row of each, and what loops are told of that."""
        kinds, kinds_at = self._empty(len(keys), np.int32)
        firsts, firsts_at = self._empty(len(keys), np.int32)
        bits = min((2 * len(keys)).bit_length(), _SLOT_BITS) or 1
        return kinds, firsts, (self._put(keys), len(keys), kinds_at, firsts_at, KEYED, bits)
