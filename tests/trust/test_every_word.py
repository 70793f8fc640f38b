"""Every word of the command line takes any log; the screen too."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.tui.model.keys import KEYS
from tests.logtool.tui.pilots import Flight, fly
from tests.trust.hostile import RAW_CONTROL, hostile_log
from tests.trust.mutations import MUTATIONS, Mutation
from tests.trust.running import SAMPLE_LOGS, clocks_found_once

#: `{}` is the folder of the log.
WORDS = (
    ["normalize", "--sort", "--time", "iso", "-o", "{}/out"],
    ["normalize", "-S", "2020-01-01", "-U", "2030-01-01", "-l", "info", "-g", "a", "-o", "{}/out"],
    ["clocks", "-v"], ["clocks", "--json"], ["clocks", "--explain", "7"],
    ["flags", "-v"], ["flags", "--json"], ["pairs"], ["pairs", "--json"],
    *(["report", "-o", f"{{}}/out.{ending}"] for ending in ("html", "md", "json", "csv")),
    *(["export", "-o", f"{{}}/out.{ending}"] for ending in ("csv", "jsonl", "parquet", "db")),
    ["query", "SELECT * FROM log"], ["query", "--json", "SELECT utc, local_time, pid FROM log"],
    ["format", "detect"],
)  # fmt: skip
#: Lines of each log that is mutated: the beginning has processes of each role.
_LINES = 36


def _log(mutation: Mutation) -> bytes:
    """Mutated beginnings of two logs, one with clocks that differ and one across a DST change."""
    chance = random.Random(mutation.__name__)
    parts = []
    for sample in ("berlin_utc_django", "fall_back"):
        whole = (SAMPLE_LOGS / sample / "error.log").read_bytes().splitlines(keepends=True)
        parts.append(mutation(b"".join(whole[:_LINES]), chance))
    return b"".join(parts)


def _runs(words: list[str], log: Path) -> int:
    folder = str(log.parent)
    return run([*(word.replace("{}", folder) for word in words), str(log)])


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.__name__)
def test_any_log(mutation: Mutation, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """No word fails over a log that no Apache would write."""
    log = tmp_path / "error.log"
    log.write_bytes(_log(mutation))

    with clocks_found_once():
        assert [words for words in WORDS if _runs(words, log) != 0] == []
    assert "Traceback (most" not in capfd.readouterr().err


_EMPTY: dict[str, bytes] = {
    "nothing": b"", "a newline": b"\n", "newlines": b"\n" * 3000, "a byte": b"\xff",
    "NUL": b"\0" * 5000, "a bracket": b"[", "CRLF": b"\r\n" * 500,
    "a stamp": b"[Mon Nov 23 20:58:22.846903 2026]", "years": b"".join(
        b"[Sat Dec 31 23:59:60.999999 %s] [core:error] [pid 1:tid 1] x\n" % year
        for year in (b"0000", b"0001", b"1969", b"1970", b"2038", b"9999")
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _EMPTY)
def test_next_to_nothing(name: str, tmp_path: Path) -> None:
    """No word fails over a log that is hardly one; to ask for a line it lacks is wrong usage."""
    log = tmp_path / "error.log"
    log.write_bytes(_EMPTY[name])
    has_seven = len(_EMPTY[name].splitlines()) >= 7

    def expected(words: list[str]) -> int:
        return 2 if words == ["clocks", "--explain", "7"] and not has_seven else 0

    assert [words for words in WORDS if _runs(words, log) != expected(words)] == []


#: Every key but those that ask for words, start an editor or leave; the screens they open close.
_KEYS = [
    key.keys[0]
    for key in KEYS
    if key.action not in ("search", "filter", "command", "editor", "quit_view", "follow")
]


@pytest.mark.parametrize(
    "made",
    [*(lambda one=mutation: _log(one) for mutation in MUTATIONS[3::3]), hostile_log,
     *(lambda one=name: _EMPTY[one] for name in ("nothing", "NUL", "years"))],
)  # fmt: skip
def test_screen(made: Callable[[], bytes], tmp_path: Path) -> None:
    """`errlog view` shows any log, whatever is pressed, and no control or bidi mark of it."""
    log = tmp_path / "error.log"
    log.write_bytes(made())

    async def steps(flight: Flight) -> None:
        for key in _KEYS:
            await flight.press(key)
            assert not RAW_CONTROL.findall(flight.dump())
            await flight.press("escape")
            assert not RAW_CONTROL.findall(flight.dump())

    fly([log], steps, state=tmp_path / "state")


def test_a_mistake_of_ours_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What nobody thought of is told in one line with its place; the exit status is 3, never 1."""
    monkeypatch.delitem(os.environ, "ERRLOG_TRACEBACK")

    def fails(*given: object, **named: object) -> None:
        raise ZeroDivisionError("a\x1b[2J\nb")

    monkeypatch.setattr("logtool.commands.normalize.find_clocks", fails)
    log = tmp_path / "error.log"
    log.write_bytes(_EMPTY["a stamp"])

    assert run(["normalize", str(log)]) == 3
    told = capfd.readouterr().err
    assert told.startswith("errlog: a mistake in errlog ")
    assert "ZeroDivisionError: a" in told
    assert told.count("\n") == 1
    assert not RAW_CONTROL.findall(told)
