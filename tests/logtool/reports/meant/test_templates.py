"""Of very many templates the rare ones are given up."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from logtool.__main__ import run
from logtool.reports.meant import templates as under_test
from logtool.reports.meant import vocabulary
from logtool.reports.meant.templates import Templates
from logtool.reports.meant.wordings import Wordings

WORDS = [a + b + c for a in "abcdefgh" for b in "aeiouxyz" for c in "klmnpqrs"]

LINE = "[Mon Nov 23 10:{:02}:{:02}.000000 2026] [wsgi:error] [pid 5:tid 9] {}\n"


@pytest.fixture(autouse=True)
def few_young(monkeypatch: pytest.MonkeyPatch) -> None:
    """Young templates are not kept for their youth."""
    monkeypatch.setattr(under_test, "_YOUNG", 0)


def test_no_number_is_given_twice() -> None:
    """Not to a text that comes again when it was given up; what is kept keeps its number."""
    templates = Templates(limit=4)
    numbers = [templates.number(text) for text in "abcde"]
    assert numbers == [1, 2, 3, 4, 5]
    assert templates.is_full
    templates.keep_frequent(np.array(numbers), np.array([1, 9, 1, 8, 1]))

    assert not templates.is_full
    assert [templates.number(text) for text in "abcde"] == [6, 2, 7, 4, 5]
    assert templates.number(None) == templates.number("") == 0
    assert templates.texts == {2: "b", 4: "d", 5: "e", 6: "a", 7: "c"}


def test_those_that_are_as_rare_are_kept_by_their_youth() -> None:
    """A message that only begins to come may become frequent."""
    templates = Templates(limit=4)
    numbers = np.array([templates.number(text) for text in "abcdef"])
    templates.keep_frequent(numbers, np.ones(6, np.int64))

    assert [*templates.texts.values()] == ["e", "f"]


def test_a_frequent_message_is_counted_after_many_rare_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """All its lines, also where more messages came before it than are known at once.

    How many lines of rare ones are counted for none is told, for people too.
    """
    monkeypatch.setattr(vocabulary, "Wordings", partial(Wordings, limit=100))
    said = [f"never {word} again" for word in WORDS] + ["all the time"] * 300
    lines = [LINE.format(*divmod(at, 60), text) for at, text in enumerate(said)]
    for number, at in enumerate(range(0, len(lines), 200)):  # a block for each file
        (tmp_path / f"error.log.{9 - number}").write_text("".join(lines[at : at + 200]))
    output = tmp_path / "report.json"

    assert run(["report", "-q", "-o", str(output), str(tmp_path)]) == 0
    (host,) = json.loads(output.read_text())["hosts"]
    told = [(one["template"], one["events"]) for one in host["messages"]]
    assert told[0] == ("all the time", 300)
    assert {events for _, events in told[1:]} == {1}
    kept = 100 // 2 - 1  # half of those that may be known, but for the frequent one
    assert host["forgotten_messages"] == len(WORDS) - kept
    assert run(["report", "-q", str(tmp_path)]) == 0
    assert "too many to tell them all apart" in " ".join(capfd.readouterr().out.split())
