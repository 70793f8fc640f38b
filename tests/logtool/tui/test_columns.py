"""What is kept of each line in few bytes is what was given."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.events.reading import read_requests
from logtool.events.requests import Request
from logtool.sources.opening import open_sources
from logtool.tui.model.chosen import masks
from logtool.tui.model.found import request_search
from logtool.tui.model.found.request_search import RequestSearch
from logtool.tui.model.indexed import index as indexing
from logtool.tui.model.indexed.column import Places
from logtool.tui.model.indexed.index import LineIndex
from logtool.tui.model.indexed.row_notes import RowNotes
from logtool.tui.model.reading.builder import Builder
from parsers.lines import NO_OFFSET
from tests.logtool.tui.pilots import DJANGO

_FAR = st.integers(0, 1 << 40)


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1), st.lists(_FAR, min_size=1, max_size=6).map(sorted), st.booleans()
        ),
        max_size=8,
    )
)
def test_places_of_logs_of_any_size(steps: list[tuple[float, list[int], bool]]) -> None:
    """Places come back as they were put, also over others, beyond 4 GiB, and after a cut."""
    places, truth = Places(4), list[int]()
    for share, some, cut in steps:
        row = int(share * len(truth))
        if cut:
            places.cut(row)
            del truth[row:]
        places.put(row, np.array(some))
        truth[row : row + len(some)] = some
        assert places.between(0, len(places)).tolist() == truth
        assert [places.at(row) for row in range(len(truth))] == truth
        assert places.between(1, 3).tolist() == truth[1:3]


@given(st.lists(st.one_of(st.just(NO_OFFSET), st.integers(-86400, 86400)), max_size=30))
def test_offsets_are_told_apart_by_number(offsets: list[int]) -> None:
    """Each offset has a number of its own, an unknown one has none."""
    index = LineIndex(1)
    numbers = index._numbers_of(np.array(offsets, np.int32))
    assert [NO_OFFSET if at < 0 else index.offsets[at] for at in numbers] == offsets
    assert [index.number_of(one) for one in offsets] == numbers.tolist()
    assert len(set(index.offsets)) == len(index.offsets)


def test_more_offsets_than_there_are_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forged log with too many offsets: the last ones are unknown."""
    monkeypatch.setattr(indexing, "_MOST_OFFSETS", 3)
    numbers = LineIndex(1)._numbers_of(np.arange(0, 300, 60, dtype=np.int32))
    assert numbers.tolist() == [0, 1, 2, -1, -1]


@given(st.lists(st.tuples(st.lists(st.integers(0, 50), max_size=5), st.sampled_from("abc"))))
def test_row_notes(given_words: list[tuple[list[int], str]]) -> None:
    """The first word that a row got is its word."""
    notes, truth = RowNotes(), dict[int, str]()
    for rows, word in given_words:
        notes.add(rows, word)
        truth = {**dict.fromkeys(rows, word), **truth}
    assert len(notes) == len(truth)
    assert {row: notes.get(row) for row in range(51) if row in notes} == truth


@given(st.lists(st.booleans(), max_size=40), st.data())
def test_masks_piece_by_piece(bits: list[bool], data: st.DataObject) -> None:
    """In pieces of seven rows they are what they are at once."""
    mask = np.array(bits, np.bool_)
    heads = [data.draw(st.integers(0, row)) for row in range(len(bits))]
    folds = np.array(heads, np.int32)
    opened = frozenset(heads[::3])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masks, "CHUNK", 7)
        assert masks.rows_of(mask).tolist() == np.flatnonzero(mask).tolist()
        shown = mask.copy()
        masks.hide_insides(shown, folds, opened)
        whole = mask.copy()
        masks.spread(whole, folds)
    expected = [bits[at] and (heads[at] == at or heads[at] in opened) for at in range(len(bits))]
    assert shown.tolist() == expected
    some = {heads[at] for at in range(len(bits)) if bits[at]}
    assert whole.tolist() == [head in some for head in heads]
    assert masks.resized(mask, 3).tolist() == (bits + [False] * 3)[:3]


def _told(request: Request) -> tuple[object, ...]:
    lines = tuple((line["file"], line["line"]) for line in request.lines)
    return request.joined_by, request.client, request.number, lines


def _searched() -> tuple[RequestSearch, list[Request]]:
    """A search that is done, and the requests as `errlog pairs` tells them."""
    with open_sources([str(DJANGO)]) as sources:
        builder = Builder(sources)
        builder.start(_nothing())
        assert builder._thread is not None
        builder._thread.join()
        assert builder.table is not None
        search = RequestSearch(builder.index, builder.logs, builder.opened, builder.table)
        search.work()
        whole = [*read_requests(builder.opened, builder.table)]
        builder.stop()
    return search, whole


@pytest.mark.parametrize("window", [5, 20, 60, 10_000])
def test_requests_in_windows(window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests found window by window are those of the whole log, if connections are short."""
    monkeypatch.setattr(request_search, "WINDOW", window)
    monkeypatch.setattr(request_search, "_OPEN", window // 2)
    monkeypatch.setattr(request_search, "ROWS_AT_ONCE", 10)
    search, whole = _searched()
    assert search.requests
    if window == 10_000:
        assert [_told(one) for one in search.requests] == [_told(one) for one in whole]
    else:
        lines = [line for one in search.requests for line in _told(one)[3]]  # type: ignore[attr-defined]
        assert len(lines) == len(set(lines))


def test_more_requests_than_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of one line make room; then only the first ones are kept."""
    whole = _searched()[1]
    several = [one for one in whole if len(one.lines) > 1]
    assert 3 < len(several) < len(whole)
    for most in (len(whole), len(whole) - 1, len(several), 3):
        monkeypatch.setattr(request_search, "MOST_REQUESTS", most)
        search = _searched()[0]
        assert search.several_only == (most < len(whole))
        kept = several[:most] if search.several_only else whole
        assert [_told(one) for one in search.requests] == [_told(one) for one in kept]


def _nothing() -> Callable[[], None]:
    return lambda: None
