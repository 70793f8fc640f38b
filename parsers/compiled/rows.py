"""Rows: what the loops of `grouping` are told of rows, and what they find."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Ints, Mask
from parsers.compiled.loops import Words


class Rows(NamedTuple):
    """What is to be known of rows to find stretches of them.

    Attributes:
        key: uint64[n], 0 where a row does not count.
        us: int64[n], microseconds; the least number there is where a row does not count.
        writer, message: int32[n], numbers; what else is told is of these.
        side: int64[w].
        thread: uint64[w], above 0; those of side 1 count.
        begins: bool[w], whether their rows begin a stretch in any case.
        tells: int64[m].
    """

    key: Words
    us: Ints
    writer: NDArray[np.int32]
    message: NDArray[np.int32]
    side: Ints
    thread: Words
    begins: Mask
    tells: Ints


class Paused(NamedTuple):
    """What is known of rows without looking at their stretches.

    Attributes:
        long: whether a stretch may be long, with a long wait.
        key: uint64[k], the keys that count; of each:
        us: int64[k], the time of its last row.
        since: int64[k], the least time of its rows since one of them began a stretch.
        mark: int64[k], what wrote its last row: 2 and its thread above that, if it is of side 1.
        waited: bool[k], whether one of these rows may have come after a long wait.
    """

    long: bool
    key: Words
    us: Ints
    since: Ints
    mark: Ints
    waited: Mask


class Looks(NamedTuple):
    """What is to be known of rows to find events among them.

    Attributes:
        stream: uint64[n].
        kind: int8[n], below 31.
        says: uint8[n]: 1 that it may end a stack without a head, 2 that text follows, 4 that it
            must be near the one before.
        us: int64[n], microseconds.
        line: int64[n].
    """

    stream: Words
    kind: NDArray[np.int8]
    says: NDArray[np.uint8]
    us: Ints
    line: Ints


class Spoken(NamedTuple):
    """What is to be known of rows to find stacks among them.

    Attributes:
        stream: uint64[n].
        tells: int64[n].
        sign: uint64[n], one number for what it says.
        us: int64[n], microseconds; the least number there is for none.
        line: int64[n].
        raw: bool[n], whether it must be near the one before.
    """

    stream: Words
    tells: Ints
    sign: Words
    us: Ints
    line: Ints
    raw: Mask


class Keyed(NamedTuple):
    """Rows whose keys are made of numbers.

    Attributes:
        message, writer: int32[n], numbers.
        us: int64[n], microseconds; the least number there is for none.
        some: bool[n], which rows.
        talks: bool[m], of which messages.
        template: int64[m], a part of the key.
        manner: int64[w], the other one.
    """

    message: NDArray[np.int32]
    writer: NDArray[np.int32]
    us: Ints
    some: Mask
    talks: Mask
    template: Ints
    manner: Ints


class Summed(NamedTuple):
    """Rows that are counted by writer and part of time, by client, and by hour of the week.

    Attributes:
        us: int64[n], microseconds; the least number there is for none.
        writer: int32[n].
        bad: bool[w], of which writers rows are bad.
        client: int64[n], 0 for none.
        start_us: when the first part begins.
        step_us: how long parts are.
        last_part: the number of the last one, below 2048.
    """

    us: Ints
    writer: NDArray[np.int32]
    bad: Mask
    client: Ints
    start_us: int
    step_us: int
    last_part: int


class Sought(NamedTuple):
    """Rows of which numbers of texts and clients are looked up, and instants.

    Attributes:
        writer: int32[n], numbers.
        text, client: uint64[n], 0 for none.
        us: int64[n], microseconds; the least number there is for none.
        mix: uint64[w], what texts of each writer are mixed with before they are looked up.
        off_us: int64[w], what is taken off its times; the least number there is where that is not
            known.
    """

    writer: NDArray[np.int32]
    text: Words
    client: Words
    us: Ints
    mix: Words
    off_us: Ints


class LookedUp(NamedTuple):
    """What is known of rows that are `Sought`.

    Attributes:
        text: int32[n], numbers of texts; 0 for none.
        client: int64[n], the same of clients.
        us: int64[n], instants; the least number there is for none, or one beyond the calendar.
        addressed: bool[n], whether there is a client.
        missed_texts, missed_clients: int64[k], rows whose numbers are to be asked for elsewhere.
    """

    text: NDArray[np.int32]
    client: Ints
    us: Ints
    addressed: Mask
    missed_texts: Ints
    missed_clients: Ints


class Told(NamedTuple):
    """What is told of the rows of a block, some of which may be `Spoken`.

    Attributes:
        message, writer: int32[n], numbers; what else is told is of these.
        us: int64[n], microseconds; the least number there is for none.
        asking: uint64[n].
        addressed: bool[n], whether that counts.
        words: int64[m], what each message tells.
        signs: uint64[m], one number for what it says.
        python: bool[m], whether its rows are spoken.
        thread: uint64[w].
        raw: bool[w], whether it has no pid.
        numbers: int64[n], what is added to the first line.
        first_line: that.
    """

    message: NDArray[np.int32]
    writer: NDArray[np.int32]
    us: Ints
    asking: Words
    addressed: Mask
    words: Ints
    signs: Words
    python: Mask
    thread: Words
    raw: Mask
    numbers: Ints
    first_line: int


class Tells(NamedTuple):
    """Where something stands in what rows tell: from which bit on.

    Attributes:
        kind: five bits; the others are one each.
        levelled, syntax, opens, stacks, flagged: see `logtool.reports.meant.wordings.WORDING`.
        talks: the bits of the kinds that are `head` if they are levelled.
        finals: the bits of the kinds that tell of syntax and opens.
    """

    kind: int
    levelled: int
    syntax: int
    opens: int
    stacks: int
    talks: int
    head: int
    finals: int
    flagged: int


class Wholes(NamedTuple):
    """Events that are whole, in the order of their first rows.

    Attributes:
        first: int32[e], the first row of each.
        size: int32[e], how many rows it has.
        raises: bool[e], whether a row behind the first one is of a kind in `finals`.
        flagged: bool[e], whether a row tells so.
        sign: uint64[e], one number for what its rows say, in their order.
    """

    first: NDArray[np.int32]
    size: NDArray[np.int32]
    raises: Mask
    flagged: Mask
    sign: Words


class Stacked(NamedTuple):
    """What is found of rows that are spoken, those held of before first.

    Attributes:
        rows: the rows.
        at: int32[m], the places in the block of those that are not held.
        starts: int32[n], the row that the event of each begins with.
        kind: int8[n].
        open: bool[n], whether its event may go on.
        alone: bool[b], of each line of the block, whether it is an event by itself.
        wholes: events of several rows, and stacks, that are whole.
    """

    rows: Spoken
    at: NDArray[np.int32]
    starts: NDArray[np.int32]
    kind: NDArray[np.int8]
    open: Mask
    alone: Mask
    wholes: Wholes


class Stretched(NamedTuple):
    """Stretches of rows of equal keys, in the order of their first rows.

    Attributes:
        of_rows: int32[n], the stretch of each row, -1 for none.
        begin, end, wait, side: of each stretch: when it begins and ends, its longest wait, and the
            side of its last row.
        row: of each its first row.
        key_row: of each key a row that has it.
        first, last: of each key its first and its last stretch.
        goes_on: of each key whether its first row did not begin one in any case.
        first_side: of each key the side of its first row.
    """

    of_rows: NDArray[np.int32]
    begin: Ints
    end: Ints
    wait: Ints
    side: NDArray[np.int32]
    row: NDArray[np.int32]
    key_row: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    goes_on: Mask
    first_side: NDArray[np.int32]
