"""Kinds: which clocks people want to hear of as one."""

from __future__ import annotations

from dataclasses import replace

from logtool.clocks.telling.kinds import kinds, line_count, who
from logtool.library import clocks
from parsers.lines import NO_PID
from tests.logtool.clocks.telling.test_advice import HOUR, clock
from tests.logtool.commands.test_clocks import SAMPLE


def test_clocks_that_are_alike_are_told_as_one() -> None:
    """Those of a role, a group and an offset are together, and each is told."""
    table = list(clocks(str(SAMPLE), server_tz="Europe/Berlin"))
    told = [(who(some), line_count(some)) for some in kinds(table)]
    assert told == [
        ("2 parents", 22),
        ("2 daemons of shop", 10),
        ("2 children", 49),
        ("2 daemons of shop", 79),
    ]
    assert {who([clock]) for clock in table if clock.group} == {
        "daemon 12558 of shop",
        "daemon 12559 of shop",
    }


def test_processes_of_no_known_role() -> None:
    """What nothing tells the role of is a process."""
    some = [clock(7, "", HOUR), clock(8, "", HOUR)]
    assert who(some[:1]) == "process 7"
    assert who(some) == "2 processes"


def test_lives_of_one_pid() -> None:
    """Processes that had one pid after the other are several."""
    some = [replace(clock(7, "daemon", HOUR, "shop"), process=number) for number in (1, 2)]
    assert who(some) == "2 daemons of shop"


def test_lines_without_pid() -> None:
    """They may be of many processes: what is known of one of them is not said of all."""
    assert who([clock(NO_PID, "daemon", HOUR, "kol")]) == (
        "lines without pid, daemon of kol among them"
    )
    assert who([clock(NO_PID, "", HOUR)]) == "lines without pid"
