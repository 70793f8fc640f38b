"""What is known of messages."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logtool.flags.engine import Engine
from logtool.flags.rule import parse_rules
from logtool.reports.meant.wordings import WORDING, Wordings
from logtool.reports.said.numbered import Messages, Texts

TAGS = ("AH00163", None, None)
SAID = ("AH00163: Apache/2.4 configured", "INFO shop: 1 order", "ValueError: no \xff order")


def texts_of(some: tuple[str | None, ...]) -> Texts:
    """Texts as a child tells them."""
    data = np.frombuffer("".join(text or "" for text in some).encode("latin-1"), np.uint8)
    length = np.array([len(text or "") for text in some])
    there = np.array([text is not None for text in some])
    end = np.cumsum(length)
    return Texts(data, np.where(there, end - length, -1), np.where(there, end, -1)).copied()


def test_messages_are_learned_from_their_bytes() -> None:
    """Template, life and level of each; bytes that are not UTF-8 as in frames; each asked once."""
    wordings = Wordings(Engine(()))
    python = np.array([False, True, True])
    messages = Messages(np.array([5, 6, 7], np.uint64), python, texts_of(TAGS), texts_of(SAID))
    known = wordings.of(messages)

    template = WORDING.number(known, "template")
    assert [wordings.templates.texts[number] for number in template] == [
        "AH00163: Apache/<n> configured", "INFO shop: <n> order", "ValueError: no \\xff order",
    ]  # fmt: skip
    assert WORDING.number(known, "life").tolist() == [1, 0, 0]
    assert WORDING.number(known, "python_level").tolist() == [0, 4, 0]
    assert wordings.learned(messages.at(np.array([1]))).wording.tolist() == [known[1]]


def test_what_a_child_knows_of_a_message_is_what_is_known_here() -> None:
    """In the numbers of templates here."""
    python = np.array([False, True, True])
    messages = Messages(np.array([5, 6, 7], np.uint64), python, texts_of(TAGS), texts_of(SAID))
    learned = Wordings(Engine(())).learned(messages)
    here = Wordings(Engine(()))
    here.templates.number("INFO shop: <n> order")
    numbers = [0, *(here.templates.number(text) for text in learned.templates)]

    told = WORDING.mapped(learned.wording, "template", np.array(numbers))

    assert told.tolist() == here.of(messages).tolist()
    assert WORDING.holds(learned.wording, "talks").tolist() == [True] * 3


def test_a_child_forgets_all_templates_when_there_are_too_many() -> None:
    """It says so, and numbers those that come next from 1."""
    python = np.array([False, True, True])
    messages = Messages(np.array([5, 6, 7], np.uint64), python, texts_of(TAGS), texts_of(SAID))
    child = Wordings(Engine(()), limit=2)

    first, second = child.learned(messages), child.learned(messages)

    assert (first.anew, second.anew) == (False, True)
    assert second.templates == first.templates
    assert second.wording.tolist() == first.wording.tolist()


#: Around numbers, and between them: what stands in such messages, and what masks look at.
PARTS = st.sampled_from((
    "mod_wsgi ", "(pid=", ")", ", ", "): ", "process='shop'", "Starting process '", "'",
    "Thread 0x",
    "Process 'a' ", "has died", "has been", "[script /a/b.wsgi] ", "WSGI0088: ", "AH00096: ",
    "/run/httpd.pid ", "http://a.b/", "a@b", ":", ".", "-", "ab", "x", "0", "12.5", "2026-11-27 ",
    "10:11:12 ", "ERROR", " - ", "[", "] ", "ValueError: ", "  File '", "\u0661",
))  # fmt: skip
OWN_RULES = parse_rules(
    """
    [[rule]]
    id = "odd-pid"
    title = "A pid of which a user knows more than we"
    severity = "notice"
    when = { regex = 'pid=\\d*[13579]\\)' }
    cause = "It is odd."
    cure = "None."
    see = "Euclid"
    hits = []
    misses = []
    """,
    "mine.toml",
)
PIDS = st.integers(1, 10**20).map(str)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.one_of(PARTS, PARTS, PIDS), max_size=12), min_size=1, max_size=4))
@example([["(pid=", "0", "x", "12.5"]])
@example([["(pid=", "1" * 20, ")"]])
@example([["AH00096: ", "17"], ["_17"], ["\u00e917"]])
@example([["ERROR ", "7"], ["ERROR ", "7"]])
def test_messages_that_differ_in_numbers_are_known_as_each_by_itself(
    parts: list[list[str]],
) -> None:
    """What was remembered of the same text with other digits is what would be found out of it."""
    said = [f"{''.join(some)}(pid={7 * at}), {''.join(some)}" for at, some in enumerate(parts)]
    said += [re.sub(r"[0-9]+", _others, text) for text in said]
    said += [re.sub(r"(?<!\w)[0-9]+", _others, text) for text in said[: len(parts)]]
    every = [text.encode() for text in said]
    end = np.cumsum([len(text) for text in every])
    texts = Texts(np.frombuffer(b"".join(every), np.uint8), np.append(0, end[:-1]), end).copied()
    nothing = np.full(len(said), -1)
    tags = Texts(texts.data, nothing, nothing)
    hashes = np.arange(1, len(said) + 1).astype(np.uint64)
    python = np.arange(len(said)) % len(parts) % 3 == 0
    messages = Messages(hashes, python, tags, texts)
    rules = Engine(OWN_RULES)
    together = Wordings(rules)

    told = [*together.of(messages.at(np.arange(len(parts))))]
    told += [*together.of(messages.at(np.arange(len(parts), len(said))))]

    for at, known in enumerate(told):
        alone = Wordings(rules)
        (own,) = alone.of(messages.at(np.array([at])))
        assert _named(together, known) == _named(alone, own)


def _others(number: re.Match[str]) -> str:
    return "".join(str(9 - int(digit)) for digit in number[0])


def _named(wordings: Wordings, known: int) -> tuple[str, int]:
    """What is known of a message, with the text of its template."""
    number = int(WORDING.number(np.array([known]), "template")[0])
    return wordings.templates.texts[number], int(known) - (number << WORDING.place("template"))
