"""Of very many names the rare ones are given up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logtool.__main__ import run
from logtool.reports.meant import vocabulary
from logtool.reports.meant.wordings import Wordings
from logtool.reports.said import names as under_test
from logtool.reports.said import numbering
from logtool.reports.said.names import Names

WORDS = [a + b + c for a in "abcdefgh" for b in "aeiouxyz" for c in "klmnpqrs"]
ADDRESSES = [f"10.1.{number >> 8}.{number & 255}" for number in range(512)]

LINE = "[Mon Nov 23 10:{:02}:{:02}.000000 2026] [wsgi:error] [pid 5:tid 9] {}\n"


@pytest.fixture(autouse=True)
def few_young(monkeypatch: pytest.MonkeyPatch) -> None:
    """Young names are not kept for their youth."""
    monkeypatch.setattr(under_test, "_YOUNG", 0)


def test_no_number_is_given_twice() -> None:
    """Not to a text that comes again when it was given up; what is kept keeps its number."""
    names = Names(limit=4)
    numbers = [names.number(text) for text in "abcde"]
    assert numbers == [1, 2, 3, 4, 5]
    assert names.is_full
    names.keep_frequent(np.array(numbers), np.array([1, 9, 1, 8, 1]))

    assert not names.is_full
    assert [names.number(text) for text in "abcde"] == [6, 2, 7, 4, 5]
    assert names.number(None) == names.number("") == 0
    assert names.texts == {0: "", 2: "b", 4: "d", 5: "e", 6: "a", 7: "c"}


def test_those_that_are_as_rare_are_kept_by_their_youth() -> None:
    """A message that only begins to come may become frequent."""
    names = Names(limit=4)
    numbers = np.array([names.number(text) for text in "abcdef"])
    names.keep_frequent(numbers, np.ones(6, np.int64))

    assert [*names.texts.values()] == ["", "e", "f"]


def test_what_is_needed_is_kept_however_rare() -> None:
    """Where much is, nothing is given up again before as much has come."""
    names = Names(limit=4)
    numbers = np.array([names.number(text) for text in "abcdef"])
    names.keep_frequent(numbers, np.ones(6, np.int64), numbers[:4])

    assert [*names.texts.values()] == ["", *"abcdef"]
    full = []
    for text in "ghi":
        names.number(text)
        full.append(names.is_full)
    assert full == [False, False, True]


def test_texts_after_the_most_have_no_number() -> None:
    """Those before keep theirs."""
    names = Names(most=2)

    assert [names.number(text) for text in ("a", "b", "c", "a", None, "")] == [1, 2, 0, 1, 0, 0]
    assert names.texts == {0: "", 1: "a", 2: "b"}


def test_news_are_told_once() -> None:
    """Each text in the order of its number."""
    names = Names()
    told = []
    for texts in ("ab", "bca", "", "d"):
        for text in texts:
            names.number(text)
        told.append(names.news())

    assert told == [["a", "b"], ["c"], [], ["d"]]


def _report(folder: Path, said: Sequence[str]) -> dict[str, Any]:
    """What a report tells of lines that say this."""
    lines = [LINE.format(*divmod(at, 60), text) for at, text in enumerate(said)]
    for number, at in enumerate(range(0, len(lines), 200)):  # a block for each file
        (folder / f"error.log.{9 - number}").write_text("".join(lines[at : at + 200]))
    output = folder / "report.json"

    assert run(["report", "-q", "-o", str(output), str(folder)]) == 0
    (host,) = json.loads(output.read_text())["hosts"]
    return dict(host)


def test_a_frequent_message_is_counted_after_many_rare_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """All its lines, also where more messages came before it than are known at once.

    How many lines of rare ones are counted for none is told, for people too.
    """
    monkeypatch.setattr(vocabulary, "Wordings", partial(Wordings, limit=100))
    host = _report(tmp_path, [f"never {word} again" for word in WORDS] + ["all the time"] * 300)

    told = [(one["template"], one["events"]) for one in host["messages"]]
    assert told[0] == ("all the time", 300)
    assert {events for _, events in told[1:]} == {1}
    kept = 100 // 2 - 1  # half of those that may be known, but for the frequent one
    assert host["forgotten_messages"] == len(WORDS) - kept
    assert run(["report", "-q", str(tmp_path)]) == 0
    assert "too many to tell them all apart" in " ".join(capfd.readouterr().out.split())


def test_a_frequent_client_is_counted_among_many_rare_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """All its lines, also if it was as rare as those that are given up when it came first.

    How many lines of these are counted for none is told, for people too.
    """
    few = partial(vocabulary.Vocabulary, clients=100)
    monkeypatch.setattr(vocabulary, "Vocabulary", few)
    monkeypatch.setattr(numbering, "_CLIENTS", 60)
    rare = iter(ADDRESSES)
    asked = [one for one in islice(rare, 100) for _ in range(2)]  # a block
    # The next ones are given up, all but those of three lines, when they have just been named.
    asked += ["10.9.9.9", *(one for one in islice(rare, 55) for _ in range(3)), *["10.7.7.7"] * 34]
    asked += ["10.9.9.9"] * 400 + ["10.8.8.8", *islice(rare, 200)] + ["10.8.8.8"] * 300
    host = _report(tmp_path, [f"[client {client}:4711] hello" for client in asked])

    told = {one["address"]: one["lines"] for one in host["clients"]}
    assert [*told.items()][:3] == [("10.9.9.9", 401), ("10.8.8.8", 301), ("10.7.7.7", 34)]
    assert set([*told.values()][3:]) == {3}
    assert 2 * 100 <= host["forgotten_clients"] <= 2 * 100 + 200
    assert run(["report", "-q", str(tmp_path)]) == 0
    assert "too many to tell them all apart" in " ".join(capfd.readouterr().out.split())
