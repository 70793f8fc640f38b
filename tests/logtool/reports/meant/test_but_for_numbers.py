"""Keys of messages that differ in numbers only."""

from __future__ import annotations

import re
from itertools import accumulate

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from logtool.reports.meant.but_for_numbers import hashes_but_for_numbers, keys
from logtool.reports.said.numbered import Messages, Texts

SAID = st.text(st.sampled_from("019 ax_.\u00e9:"), max_size=9)


def texts_of(said: list[str]) -> Texts:
    """Texts that stand one behind the other, with nothing between them."""
    every = [text.encode() for text in said]
    ends = [*accumulate(map(len, every), initial=0)]
    data = np.frombuffer(b"".join(every) + bytes(16), np.uint8)
    return Texts(data, np.array(ends[:-1]), np.array(ends[1:]))


def plainly(text: str) -> str:
    """The text with a 1 for each digit of a number, found by a regular expression."""
    return re.sub(r"(?<![A-Za-z0-9_\u00e9])[0-9]+", _ones, text)


def _ones(number: re.Match[str]) -> str:
    end = number.end()
    zero = number[0][-1] == "0" and number.string[end : end + 1] == "x"
    return "1" * (len(number[0]) - zero) + "0" * zero


@given(st.lists(SAID, min_size=1, max_size=12))
@example(["a", "17", "18"])
@example(["0x1", "2x1", "10x"])
def test_texts_share_a_hash_where_only_numbers_differ(said: list[str]) -> None:
    """Wherever they stand; digits behind a letter and the 0 of 0x are no such numbers."""
    # What follows the end of a text may make its last 0 one before an x: then it is known twice.
    spaced = [f"{text} " for text in said]
    hashes = hashes_but_for_numbers(texts_of(spaced)).tolist()

    shapes = [plainly(text) for text in spaced]
    assert len(set(zip(hashes, shapes, strict=True))) == len(set(hashes)) == len(set(shapes))


def test_a_text_begins_where_it_begins() -> None:
    """What stands before it, digit or letter, makes no difference."""
    hashes = hashes_but_for_numbers(texts_of(["a", "17", "18", "b3", "29", "b", "40"]))
    assert len(set(hashes[[1, 2, 4, 6]].tolist())) == 1


def test_keys_tell_tags_and_pythons_text_apart() -> None:
    """And texts that are not there from those that are."""
    text, tag = texts_of(["a 7", "a 8", "a 9"]), texts_of(["AH1", "AH1", "AH2"])
    nowhere = np.full(3, -1)
    none = Texts(text.data, nowhere, nowhere)

    def of(tag: Texts, text: Texts, *python: bool) -> list[int]:
        told: list[int] = keys(
            Messages(np.arange(3).astype(np.uint64), np.array(python), tag, text)
        ).tolist()
        return told

    one, same, other = of(tag, text, False, False, False)
    assert one == same != other
    assert len({*of(none, text, False, True, False), one, *of(tag, none, False, True, False)}) == 6
    assert 0 not in of(none, none, False, False, True)
