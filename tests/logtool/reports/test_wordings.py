"""What is known of messages."""

from __future__ import annotations

import numpy as np
import pytest

from logtool.flags.engine import Engine
from logtool.reports.numbered import Messages, Texts
from logtool.reports.wordings import WORDING, Wordings, with_templates

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


def test_a_message_without_a_template_is_none_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many templates: what a child knows of a message is what is known here."""
    python = np.array([False, True, True])
    messages = Messages(np.array([5, 6, 7], np.uint64), python, texts_of(TAGS), texts_of(SAID))
    learned = Wordings(Engine(())).learned(messages)
    monkeypatch.setattr("logtool.reports.wordings._TEMPLATES", 3)
    here = Wordings(Engine(()))
    here.templates.number("INFO shop: <n> order")
    numbers = [0, *(here.templates.number(text) for text in learned.templates)]

    told = with_templates(learned.wording, np.array(numbers))

    assert told.tolist() == here.of(messages).tolist()
    assert WORDING.holds(learned.wording, "talks").tolist() == [True] * 3
    assert WORDING.holds(told, "talks").tolist() == [True, True, False]
