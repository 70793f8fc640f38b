"""A `Z` that a format prints behind local times is believed where nothing says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

import logtool
from logtool.clocks import outside
from logtool.clocks.options import ClockOptions
from tests.logtool.clocks.scenes import Answer, solved

FORMAT = "<%{%Y-%m-%dT%H:%M:%S}tZ> [%-m:%l] [pid %P:tid %T] %M"
TEXT = "<2026-11-{0}Z> [core:info] [pid {1}:tid {1}] AH00128: File does not exist: /srv/x"


@pytest.fixture(autouse=True)
def _host_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host's zone is one that no test's log was written in."""
    monkeypatch.setattr(outside, "host_zone", lambda: "Pacific/Marquesas")


def said(at: str, pid: int = 1, ending: str = "Z", text: str = "AH00128: File is gone") -> str:
    """A line of JSON."""
    return (
        f'{{"time":"2026-11-{at}{ending}","module":"core","level":"info","pid":"{pid}",'
        f'"tid":"{pid}","msg":"{text}"}}'
    )


def answers(*lines: str, options: ClockOptions | None = None) -> set[Answer]:
    """What is told of the lines."""
    return {*solved(lines, options)[1]}


def test_it_is_believed() -> None:
    """Of one clock, and of several that are one."""
    lines = [said(f"23T20:58:{at}") for at in range(10, 20)]
    table, told = solved(lines)
    assert {*told} == {(0, "likely")}
    assert "prints a Z" in " ".join(fact.text for fact in table.clocks[0].evidence)
    assert answers(*lines, said("23T20:58:20", 2), said("23T20:58:21", 1)) == {(0, "likely")}


def test_what_is_more_than_a_promise() -> None:
    """What the user says, and what a configuration does."""
    lines = [said(f"23T20:58:{at}") for at in range(10, 20)]
    (told,) = answers(*lines, options=ClockOptions(server_tz="Europe/Berlin"))
    assert told is not None
    assert told[0] == 1
    assert answers(*lines, options=ClockOptions(config_tz=("Europe/Berlin", "envvars"))) == {
        (1, "likely")
    }


def test_two_clocks_cannot_both_keep_it() -> None:
    """Then nothing is told of either, and this host's zone is assumed."""
    lines = [
        line for at in range(10, 40) for line in (said(f"23T20:58:{at}"), said(f"23T19:58:{at}", 7))
    ]
    assert {word for _, word in filter(None, answers(*lines))} == {"assumed"}


def clocks_of(log: Path, *formats: str) -> set[tuple[int, str]]:
    """The offsets of the clocks in a log, and how sure they are."""
    table = logtool.clocks(str(log), formats=formats)
    return {(clock.offset_s, str(clock.confidence)) for clock in table.clocks}


@pytest.mark.parametrize(("z", "told"), [("Z", (0, "likely")), ("", (-34200, "assumed"))])
def test_formats_of_text_are_no_other(z: str, told: tuple[int, str], tmp_path: Path) -> None:
    """What holds of JSON holds of a format that the user names."""
    log = tmp_path / "error.log"
    lines = [TEXT.format(f"23T20:58:{at}", 1) for at in range(10, 20)]
    log.write_text("\n".join(lines).replace("Z>", f"{z}>") + "\n")
    assert clocks_of(log, FORMAT.replace("tZ", f"t{z}")) == {told}


def test_some_lines_without_it_promise_nothing(tmp_path: Path) -> None:
    """A format without it prints any time."""
    log = tmp_path / "error.log"
    lines = [TEXT.format(f"23T20:58:{at}", 1) for at in range(10, 20)]
    log.write_text("\n".join([*lines, lines[-1].replace("Z>", ">")]) + "\n")
    assert clocks_of(log, FORMAT, FORMAT.replace("tZ", "t")) == {(-34200, "assumed")}
