"""But for numbers: takes messages, gives one key for those that differ only in their numbers.

What is known of a message does not depend on which digits a number has, only on how many: masks and
tests look for digits of any kind, but for the `0` of `0x`. Digits behind a letter are part of a
word, as in `AH00163`, which no mask takes for a number.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.frame.hashing import ODD, hashes
from logtool.reports.said.numbered import PYTHON, Messages, Texts
from parsers.arrays import Bytes

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]

_ZERO, _ONE, _X, _LINE = b"01x_"
#: What begins a letter beyond ASCII, or goes on one: taken for a letter, for some are.
_BEYOND = 0x80
_CASE, _LETTERS = ord("a") ^ ord("A"), 26


def keys(messages: Messages) -> Hashes:
    """One key for each message, not 0: the same for those that differ in numbers only.

    They have the same tag, too, and Python's text may be in all of them or in none.
    """
    told = hashes_but_for_numbers(messages.text)
    told[messages.python] ^= PYTHON
    tag = messages.tag
    told = told * ODD ^ hashes(tag.data, tag.start, tag.end)
    return np.maximum(told, 1)


def hashes_but_for_numbers(texts: Texts) -> Hashes:
    """The hash of each text with a 1 for each digit of its numbers; 0 for none."""
    masked = _masked(texts.data, texts.start[texts.start >= 0])
    return hashes(masked, texts.start, texts.end)


def _masked(data: Bytes, start: Places) -> Bytes:
    """Bytes with a 1 for each digit but those of words, and a 0 before an x.

    Args:
        data: uint8.
        start: int64[k], where texts begin: what stands before them is not part of them.
    """
    digit = data - _ZERO < np.uint8(10)
    masked = np.where(digit, np.uint8(_ONE), data)
    zero = np.flatnonzero((data[1:] == _X) & (data[:-1] == _ZERO))
    masked[zero] = _ZERO
    begin, end = _runs(digit, start)
    begins_text = np.zeros(len(data), np.bool_)
    begins_text[start] = True
    of_word = _is_wordy(data[np.maximum(begin - 1, 0)]) & (begin > 0) & ~begins_text[begin]
    begin, length = begin[of_word], (end - begin)[of_word]
    total = np.cumsum(length)
    places = np.arange(total[-1] if len(total) else 0) + np.repeat(begin - total + length, length)
    masked[places] = data[places]
    return masked


def _runs(digit: NDArray[np.bool_], start: Places) -> tuple[Places, Places]:
    """Half-open places of digits that follow each other within a text."""
    edges = np.flatnonzero(np.diff(digit.view(np.int8), prepend=0, append=0))
    within = start[(start > 0) & digit[start] & digit[start - 1]]
    if len(within):
        edges = np.sort(np.concatenate((edges, within, within)))
    return edges[::2], edges[1::2]


def _is_wordy(data: Bytes) -> NDArray[np.bool_]:
    """Whether bytes are of words; some beyond ASCII are not, but are taken for such."""
    letter = (data | np.uint8(_CASE)) - np.uint8(ord("a")) < np.uint8(_LETTERS)
    wordy: NDArray[np.bool_] = letter | (data == _LINE) | (data >= _BEYOND)
    return wordy
