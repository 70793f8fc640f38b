"""Torn: pieces of the lines of one traceback are one event, and say what it said when whole."""

from __future__ import annotations

from collections import Counter
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.events.fingerprints import exceptions
from logtool.events.folding import fold, fold_batches
from tests.logtool.events.rows import rows
from tests.logtool.events.torn_logs import TORN, WHOLE, by_thread, stamped

THREADS = by_thread()


def raised(text: str) -> Counter[str]:
    """The exceptions in some lines: type, frames and text of each."""
    return Counter(exceptions(fold(rows(text)))["explanation"])


def logged(messages: list[str], head: str = "[wsgi:error] [pid 7:tid 9]") -> str:
    """Lines that one thread wrote at once."""
    return "\n".join(stamped(f"{head} {text}", at) for at, text in enumerate(messages))


RAISED = raised(TORN.read_text())
TRACE = [
    *("Traceback (most recent call last):", '  File "/srv/a.py", line 3, in f', "    ", "g(x)", ""),
    *(' ', ' ', '^', ''),
]  # fmt: skip
FINAL = ["KeyError", ": ", "'x'", ""]


def test_the_same_exceptions() -> None:
    """They are those of the log that is whole."""
    assert raised(TORN.read_text()) == raised(WHOLE.read_text())


def test_nothing_else() -> None:
    """All lines but those of tracebacks are alone."""
    folded = fold(rows(TORN.read_text()))
    alone = folded.filter(pl.len().over("event") == 1)["message"].to_list()
    assert alone == ["sold out", "", "sold out", ""]


@settings(deadline=None, max_examples=50)
@given(st.randoms(use_true_random=False), st.integers(1, 500))
def test_threads_take_turns(random: Random, size: int) -> None:
    """Wherever others write between, and batches end: the events are those of each thread alone."""
    left = [[*lines] for lines in THREADS]
    text: list[str] = []
    while left:
        thread = random.choice(left)
        count = random.choice([1, 1, 2, 5, 30])
        text += thread[:count]
        del thread[:count]
        left = [thread for thread in left if thread]
    lines = rows("\n".join(stamped(rest, at) for at, rest in enumerate(text)))
    parts = [lines[at : at + size] for at in range(0, len(text), size)]
    whole = pl.concat(fold_batches(parts, at_once=1))
    assert Counter(exceptions(whole)["explanation"]) == RAISED
    assert whole.sort("row").equals(fold(lines))


@pytest.mark.parametrize(
    "name", ["Thread-1 (f)", "Thread", "worker", "Error: x", "INFO work: x", ":"]
)
@pytest.mark.parametrize("text", ["x", "", "Type: x", '  File "a", line 1', "INFO shop: x"])
def test_any_words(name: str, text: str) -> None:
    """A thread's name, a source and a text may look like anything else."""
    source = [*TRACE[:3], text or "y", ""]
    messages = ["Exception in thread ", name, ":", *source, "KeyError", ": ", text, "", "printed"]
    folded = fold(rows(logged(messages)))
    assert folded["event"].to_list() == [0] * (len(messages) - 1) + [len(messages) - 1]
    (told,) = exceptions(folded).to_dicts()
    assert (told["exception"], told["value"]) == ("KeyError", text)


@pytest.mark.parametrize(
    ("final", "exception", "value"),
    [
        (FINAL, "KeyError", "'x'"),
        (["shop.models", ".", "Missing", ": ", "no", "price", ""], "shop.models.Missing", "no"),
        (["AssertionError", ""], "AssertionError", ""),
    ],
)
def test_values(final: list[str], exception: str, value: str) -> None:
    """Type and text are put together."""
    folded = fold(rows(logged([*TRACE, *final])))
    assert set(folded["event"]) == {0}
    (told,) = exceptions(folded).to_dicts()
    assert (told["exception"], told["value"]) == (exception, value)


def test_a_torn_head() -> None:
    """From Python 3.13 on only that is; what comes behind the text is of something else."""
    whole = [*TRACE[:2], "    g(x)", "    ^^^^", "ValueError: no"]
    messages = ["Exception in thread ", "Thread-1 (f)", ":", *whole, "sold out", ""]
    folded = fold(rows(logged(messages)))
    assert folded["event"].to_list() == [0] * (len(messages) - 2) + [8, 9]
    (told,) = exceptions(folded).to_dicts()
    assert (told["exception"], told["value"]) == ("ValueError", "no")


def test_behind_a_script() -> None:
    """In the lines of mod_wsgi 6, too."""
    script = "[wsgi:error] [pid 7:tid 9] [remote 1.2.3.4:5] [script /srv/a.wsgi]"
    (told,) = exceptions(fold(rows(logged([*TRACE, *FINAL], script)))).to_dicts()
    assert (told["exception"], told["value"]) == ("KeyError", "'x'")


@pytest.mark.parametrize(
    "messages",
    [
        ["    ", "x", ""],
        [*"ab ^", ": ", ".", ""],
        ["KeyError", ": ", "'x'", ""],
        ["Traceback (most recent call last):", *FINAL[1:]],
        ["  + ", "| ", "Exception Group Traceback (most recent call last):"],
    ],
)
def test_no_traceback(messages: list[str]) -> None:
    """What looks like a piece of one is no more than a line."""
    assert fold(rows(logged(messages)))["event"].to_list() == [*range(len(messages))]


def test_a_pause_ends_it() -> None:
    """What was written much later is of something else."""
    pieces = [*TRACE, *FINAL]
    text = "\n".join(
        stamped(f"[wsgi:error] [pid 7:tid 9] {piece}", at + 2 * 10**6 * (at > 2))
        for at, piece in enumerate(pieces)
    )
    assert fold(rows(text))["event"].n_unique() > 1
