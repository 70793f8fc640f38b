"""Marks: where quotes, spaces and literals stand in a block, and the next one after a place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parsers.blocks import Block

Places = NDArray[np.int64]


class Marks:
    """The places of the bytes that separate the fields of a block's lines.

    Attributes:
        block: the lines.
        quotes: int64[], double quotes that are not escaped. mod_log_config escapes a quote inside a
            value with a backslash, and a backslash too (ap_escape_logitem), so a bare quote is the
            format's own.
    """

    def __init__(self, block: Block) -> None:
        self.block = block
        self.quotes = unescaped_quotes(block.data[: block.size])
        self._literals: dict[bytes, Places] = {}

    def literal(self, text: bytes) -> Places:
        """int64[], every place where `text` begins."""
        places = self._literals.get(text)
        if places is None:
            places = find_literal(self.block.data, self.block.size, text)
            self._literals[text] = places
        return places


def unescaped_quotes(data: NDArray[np.uint8]) -> Places:
    """Places of the double quotes before which stands an even number of backslashes."""
    quotes: Places = np.flatnonzero(data == ord('"'))
    backslashes = np.flatnonzero(data == ord("\\"))
    if not len(quotes) or not len(backslashes):
        return quotes
    run_begins = np.empty(len(backslashes), bool)
    run_begins[0] = True
    np.not_equal(np.diff(backslashes), 1, out=run_begins[1:])
    index = np.arange(len(backslashes))
    run_length = index - np.maximum.accumulate(np.where(run_begins, index, 0)) + 1
    before = np.searchsorted(backslashes, quotes) - 1
    touching = (before >= 0) & (backslashes[before] == quotes - 1)
    return np.compress(~(touching & (run_length[before] % 2 == 1)), quotes)


def find_literal(data: NDArray[np.uint8], size: int, text: bytes) -> Places:
    """Places in the first `size` bytes of padded `data` where `text` begins."""
    places: Places = np.flatnonzero(data[:size] == text[0])
    for ahead, byte in enumerate(text[1:], start=1):
        places = np.compress(data[places + ahead] == byte, places)
    return places


def next_at(places: Places, cursor: Places, limit: Places) -> Places:
    """For each row the first of `places` at or after `cursor` and before `limit`, else -1."""
    if not len(places):
        return np.full(len(cursor), -1, np.int64)
    at = np.searchsorted(places, cursor)
    found = places[np.minimum(at, len(places) - 1)]
    return np.where((at < len(places)) & (found < limit), found, -1)
