"""Once: takes a run of steps, reads equal texts once and gives all lines that have them the same.

Behind its stamp, a line of a log begins like many others: few modules, levels, processes and
threads make all heads. What the steps of a `OnceStep` find depends on no more bytes than they look
at, so lines whose bytes are equal that far need no second look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsers.alike import alike
from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.compiled.kinds import KIND_WORDS, Heads, Kinds
from parsers.lines import Alike, Spans
from parsers.scanning import Places, Text, Words
from parsers.steps.cursor import UNSHARED, Cursor, Findings, Step, columns_of, read_by
from parsers.steps.steps import Ahead, OptionalStep

#: Fewer rows than this are read one by one.
_LEAST_ROWS = 512
#: Runs of fewer steps are not worth looking for equal texts.
_LEAST_STEPS = 3
#: Words compared: at first, and at most.
FIRST_WIDTH, _MOST_WIDTH = 5, 14
#: So few heads are looked for among those known, and so many are known at most.
_FEW_HEADS, _MOST_KNOWN = 512, 4096
#: Share of different texts above which looking for equal ones is a waste.
_MOST_DIFFERENT = 0.5
#: Bytes behind its end that a step looks at where it succeeds: what ends a token or a number.
_SLACK = 1
#: Share of different texts that the words compared shall reach over.
_USUAL = 0.98

#: Gives each head that gets to be known another number than all before it.
numbers = count()

#: Rows that stand for all, which of them each row is like, and the words of those.
_Alike = tuple[Places, NDArray[Any], list[Words]]


@dataclass(frozen=True, slots=True, eq=False)
class ReadHeads:
    """What the steps find on heads, one row for each.

    Attributes:
        fine: bool[n], whether all steps read it.
        moved: int64[n], how far they came.
        sure: bool[n], whether that depends on nothing but the words compared.
        pid, level: as in `Findings`.
        places: for each wanted column its start and its end, counted from where the head begins;
            the start is -1 for none.
        texts: int64[n], a number for each that is known from other blocks; None if some are not.
    """

    fine: Mask
    moved: Places
    sure: Mask
    pid: Places
    level: NDArray[np.int8]
    places: tuple[tuple[Places, Places], ...] = ()
    texts: Places | None = None


class OnceStep:
    """Steps that are run on different texts only.

    Attributes:
        steps: the steps.
        columns: those of the steps.
        width: how many words of a head are to be compared.
        is_last: nothing is read behind what they read, so that neither the place nor the level
            matters any more.
    """

    reach = UNSHARED

    def __init__(self, steps: Sequence[Step], *, is_last: bool = False) -> None:
        self.steps = tuple(steps)
        self.is_last = is_last
        self.columns = columns_of(self.steps)
        ahead = (len(step.text) for step in _every(self.steps) if isinstance(step, Ahead))
        self._slack = max(_SLACK, *ahead, 0)
        # Learnt from block to block: it changes how fast, not what is read.
        self.width = FIRST_WIDTH
        self._known: dict[tuple[str, ...], dict[bytes, tuple[int, ...]]] = {}
        self._heads = Heads(0, FIRST_WIDTH)
        self._of_heads = np.zeros((3, 0), np.int64)

    def run(self, c: Cursor) -> Mask:
        """Read what all the steps read; the rows on which one of them fails are not read."""
        if len(c.rows) < _LEAST_ROWS:
            return read_by(self.steps, c)
        heads, like, words = self._alike(c)
        if len(heads) > _MOST_DIFFERENT * len(like):
            return read_by(self.steps, c)
        wanted = tuple(name for name in dict.fromkeys(self.columns) if name in c.found.wanted)
        known = self._known.setdefault(wanted, {})
        read = _known_heads(known, words)
        if read is None:
            read = self.read_heads(c, heads, 8 * len(words), wanted)
            _remember(known, words, read)
        if "pid" in self.columns and not wanted:  # who wants places knows the stamps
            c.found.spread("pid", c.rows, c.text.spread(read.pid, like))
        if "level" in self.columns and not self.is_last:
            c.found.spread("level", c.rows, read.level.take(like))
        whole = read.fine.all() and read.sure.all() and not c.goes_on
        if self.is_last and not wanted and whole:
            return np.ones(len(like), np.bool_)
        at = c.text.spread(read.moved, like)
        at += c.at
        for name, places in zip(wanted, read.places, strict=True):
            c.found.hold(name, c.rows, Spans.later(partial(places_of_kinds, c.at, like, *places)))
        fine: Mask = np.ones(len(like), np.bool_) if read.fine.all() else read.fine.take(like)
        rest = _unsure(read, like, goes_on=c.goes_on)
        if len(rest):
            some = c.keep(rest)
            c.found.forget(wanted, some.rows, {})
            fine[rest] = read_by(self.steps, some)
            at[rest] = some.at
        if wanted and c.found.alike is None and len(c.rows) == c.found.size:
            c.found.alike, c.found.alike_columns = (
                _likenesses(heads, like, rest, read.texts),
                self.columns,
            )
        c.at = at
        return fine

    def heads_behind(self, begin: int) -> Heads:
        """The heads that the kernel knows, so far behind the places of rows."""
        if self._heads.begin != begin:
            self._heads = Heads(begin, FIRST_WIDTH)
        return self._heads

    def of_heads(
        self, text: Text, at: Places, end: Places, read: Kinds
    ) -> tuple[Places, Mask, Mask]:
        """What the steps find on the heads that the kernel knows, after it read some rows.

        Args:
            text: the bytes.
            at: int64[n], the places of the rows.
            end: int64[n], where each line ends, whatever a carriage return may be.
            read: what the kernel found.

        Returns:
            Of each head int64 its pid, bool whether the steps read it, and bool whether that
            depends on nothing but the words compared.
        """
        heads, news = self._heads, read.news
        known = self._of_heads[:, : heads.count - len(news)]
        if len(news):
            rows = np.arange(len(news))
            found = Findings(len(news), ())
            c = Cursor(text, found, rows, at[news] + heads.begin, end[news], is_raw=True)
            new = self.read_heads(c, rows, 8 * heads.words, (), 1.0)
            self._of_heads = known = np.hstack((known, (new.pid, new.fine, new.sure)))
            wider = min(self.width, KIND_WORDS)
            if wider > heads.words and not new.sure.all():
                self._heads = Heads(heads.begin, wider)  # for what comes
        pid, fine, sure = known
        return pid, fine > 0, sure > 0

    def _alike(self, c: Cursor) -> _Alike:
        """Rows that stand for all, which of them each row is like, and the words of those."""
        kernel = c.text.kernel
        found = kernel.alike(c.text.data, c.at, self.width) if kernel else None
        if found is not None:
            heads, kinds = found
            return heads, kinds, c.text.words(c.at[heads], self.width)
        return c.text.recalled(self.width, c.at, partial(_kinds, c, self.width), _same)

    def read_heads(
        self, c: Cursor, heads: Places, width: int, wanted: Sequence[str], share: float = _USUAL
    ) -> ReadHeads:
        """Run the steps on some rows, and see whether more than `width` bytes were looked at.

        From now on, so many words are compared that a share of these rows would be sure.
        """
        sub = c.keep(heads)
        begin = sub.at
        c.found.looked = looked = np.zeros(c.found.size, np.int64)
        fine = read_by(self.steps, sub)
        c.found.looked = None
        moved = sub.at - begin
        seen = np.maximum(looked[sub.rows] - begin, np.where(fine, moved + self._slack, 0))
        if fine.any():
            usual = np.sort(seen[fine])[round(share * (int(fine.sum()) - 1))]
            self.width = min(max(-(-int(usual) // 8), 1), _MOST_WIDTH)
        # Where the block ends without a newline, the same bytes may be a longer line elsewhere.
        # Nor where the line ends before: its end tells what is read, and not these bytes.
        sure = (seen <= width) & (sub.end < c.text.size) & (begin <= sub.end)
        pid, level = c.found.pid[sub.rows], c.found.level[sub.rows]
        return ReadHeads(fine, moved, sure, pid, level, _places(c.found, wanted, sub.rows, begin))


def _kinds(c: Cursor, width: int) -> _Alike:
    """Rows that stand for all, which of them each row is like, and so many words of those."""
    words = c.words(width)
    heads, like = alike(words)
    return heads, like, [word.take(heads) for word in words]


def _same(kinds: _Alike) -> _Alike:
    return kinds


def _places(
    found: Findings, wanted: Sequence[str], rows: Places, begin: Places
) -> tuple[tuple[Places, Places], ...]:
    """Where wanted columns stand on some rows, counted from a place on each."""
    nowhere = np.full(len(rows), -1, np.int64)
    places = []
    for name in wanted:
        spans = found.spans.get(name)
        if spans is None:
            places.append((nowhere, nowhere))
            continue
        start, end = spans.start[rows], spans.end[rows]
        places.append(
            (np.where(start < 0, -1, start - begin), np.where(start < 0, -1, end - begin))
        )
    return tuple(places)


def places_of_kinds(
    at: Places, kinds: NDArray[Any], start: Places, end: Places, rows: Places | slice
) -> tuple[Places, Places]:
    """Where a column stands on some rows: how far behind their places their kinds tell."""
    at, kinds = at[rows], kinds[rows]
    start, end = start.take(kinds), end.take(kinds)
    nowhere = start < 0
    start += at
    end += at
    if nowhere.any():
        start[nowhere] = end[nowhere] = -1
    return start, end


def _unsure(read: ReadHeads, kinds: NDArray[Any], *, goes_on: bool) -> Places:
    """Rows that are to be read by themselves; the last one if it may go on behind the block."""
    if read.sure.all():
        return np.arange(len(kinds) - goes_on, len(kinds))
    rest = ~read.sure.take(kinds)
    rest[-1] |= goes_on
    return np.flatnonzero(rest)


def _likenesses(heads: Places, kinds: NDArray[Any], alone: Places, texts: Places | None) -> Alike:
    """Rows of the same kind are alike; rows that were read by themselves are like no other."""
    if not len(alone):
        return Alike(heads, kinds, texts)
    like = heads.take(kinds)
    like[alone] = alone
    stands = like == np.arange(len(like))
    return Alike(np.flatnonzero(stands), (np.cumsum(stands) - 1).take(like))


def _known_heads(
    known: Mapping[bytes, tuple[int, ...]], words: Sequence[Words]
) -> ReadHeads | None:
    """What was read on the same texts before, in another block; None if one is new."""
    if len(words[0]) > _FEW_HEADS:
        return None
    rows = [known.get(text) for text in _texts(words)]
    if not all(rows):
        return None
    moved, pid, level, fine, *ends, number = np.array(rows, np.int64).T
    sure = np.ones(len(rows), np.bool_)
    places = tuple(zip(ends[::2], ends[1::2], strict=True))
    return ReadHeads(fine > 0, moved, sure, pid, level.astype(np.int8), places, number)


def _remember(known: dict[bytes, tuple[int, ...]], words: Sequence[Words], read: ReadHeads) -> None:
    """Keep what is sure: it depends on nothing but the text."""
    if len(words[0]) > _FEW_HEADS:
        return
    if len(known) > _MOST_KNOWN:
        known.clear()
    columns: list[NDArray[Any]] = [read.moved, read.pid, read.level, read.fine]
    columns += chain.from_iterable(read.places)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for text, row, keep in zip(_texts(words), rows, read.sure.tolist(), strict=True):
        if keep:
            known[text] = *row, next(numbers)


def _texts(words: Sequence[Words]) -> list[bytes]:
    """The bytes of the words of each row."""
    width = 8 * len(words)
    raw = np.stack(words, axis=1).tobytes()
    return [raw[at : at + width] for at in range(0, len(raw), width)]


def shared(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps, those joined to `OnceStep` that look only at what they read."""
    out: list[Step] = []
    run: list[Step] = []
    levelled = False
    for step in steps:
        if _is_shared(step, levelled=levelled):
            run.append(step)
            continue
        levelled |= "level" in columns_of(run)
        out += joined(run)
        run = []
        levelled |= "level" in step.columns
        out.append(step)
    return (*out, *joined(run, is_last=True))


def joined(run: Sequence[Step], *, is_last: bool = False) -> Sequence[Step]:
    """The steps as one `OnceStep`, if they are worth it."""
    return [OnceStep(run, is_last=is_last)] if len(run) >= _LEAST_STEPS else run


def _is_shared(step: Step, *, levelled: bool) -> bool:
    """Whether what a step finds depends on nothing but the bytes it looks at.

    The level that a field with `min_level` depends on must not come from elsewhere.
    """
    if isinstance(step, OptionalStep):
        inner = all(_is_shared(one, levelled=levelled) for one in step.steps)
        return inner and not (step.min_level and levelled)
    return step.reach != UNSHARED


def _every(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, OptionalStep):
            yield from _every(step.steps)
