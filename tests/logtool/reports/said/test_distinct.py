"""What is found out of a text is found out once, and stays right."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from logtool.reports.said.distinct import Distinct, Numbers


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 20), max_size=30)))
def test_answers_are_those_of_each_text(blocks: list[list[int]]) -> None:
    """Every text gets its number, also after much has been forgotten."""
    for limit in (1000, 5):
        asked: list[int] = []

        def learn(rows: NDArray[np.int64], texts: list[int], asked: list[int]) -> NDArray[np.int64]:
            asked += [texts[row] for row in rows]
            return np.array([7 * texts[row] for row in rows], np.int64)

        distinct = Distinct(learn, limit)
        for texts in blocks:
            numbers = distinct.numbers(np.array(texts, np.uint64), texts, asked)
            assert numbers.tolist() == [7 * text for text in texts]
        if limit == 1000:
            assert len(asked) == len(set(asked))


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 20), max_size=30)), st.sampled_from((3, 1000)))
def test_numbers_say_which_texts_they_are_of(blocks: list[list[int]], limit: int) -> None:
    """Whoever hears of each new text knows all that numbers stand for, also once some are gone."""
    numbers = Numbers(limit)
    known = [0]
    for texts in blocks:
        anew, told, rows = numbers.of(np.array(texts, np.uint64))
        known = [0] if anew else known
        known += [texts[row] for row in rows]

        assert [known[number] for number in told] == texts
        assert len(known) == len(set(known)) <= limit + 31
