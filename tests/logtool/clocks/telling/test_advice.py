"""Advice: the zone it tells to start Apache in is the application's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from logtool.clocks.line_offsets import Runs
from logtool.clocks.table import Clock, ClockTable, Confidence
from logtool.clocks.telling.advice import advice_on
from logtool.flags.clock_facts import clock_findings
from logtool.flags.rule import shipped_rules
from parsers.lines import NO_PID

NEWFOUNDLAND, NEPAL, LORD_HOWE, HOUR = -12_600, 20_700, 39_600, 3600
WINTER = int(datetime(2026, 11, 25, 17, tzinfo=UTC).timestamp()) * 1_000_000


def clock(pid: int, role: str, offset_s: int, group: str = "", zone: str = "") -> Clock:
    """A clock of some lines on a day of November 2026."""
    return Clock(
        process=pid,
        pid=pid,
        role=role,
        group=group,
        file=0,
        first_line=1,
        last_line=9,
        lines=9,
        runs=1,
        first_us=WINTER,
        last_us=WINTER + 9_000_000,
        offset_s=offset_s,
        zone=zone,
        confidence=Confidence.CERTAIN,
    )


def table(*clocks: Clock) -> ClockTable:
    """A table of these clocks; which line has which does not matter here."""
    none = np.zeros(0, np.int64)
    return ClockTable(clocks, Runs(none.astype(np.int32), none, none, none))


ONE = table(
    clock(1, "parent", NEWFOUNDLAND),
    clock(2, "daemon", NEWFOUNDLAND, "shop"),
    clock(2, "daemon", NEPAL, "shop"),
)
TWO = table(
    clock(1, "parent", LORD_HOWE),
    clock(2, "daemon", NEPAL, "shop"),
    clock(3, "daemon", NEWFOUNDLAND, "blog"),
)


def cures(clocks: ClockTable) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Cure and notes of each finding."""
    found = clock_findings(clocks, shipped_rules())
    return {finding.rule: (" ".join(finding.cure.split()), finding.notes) for finding in found}


def test_zone_of_the_application() -> None:
    """Not UTC but the daemons' zone is what makes Apache and the daemons agree; no alias is it."""
    first = next(iter(advice_on(ONE)))
    assert "in the application's zone, Asia/Kathmandu (export TZ=Asia/Kathmandu in" in first
    assert "Environment=TZ=Asia/Kathmandu in" in first
    assert "Katmandu" not in first
    assert "UTC" not in first
    for cure, notes in cures(ONE).values():
        assert "TZ=Asia/Kathmandu`" in cure
        assert "TZ=UTC" not in cure
        assert "ZONE`" not in cure
        assert notes == ("daemons of shop: Asia/Kathmandu",)
    assert len(cures(ONE)) == 2


@pytest.mark.parametrize(
    ("group", "keepers", "cure"),
    [
        (
            "blog",
            "daemons of blog",
            "their daemon process groups are separate, so only one zone for all would help",
        ),
        ("shop", "daemons of shop", "one daemon process group for each zone"),
        ("", "pid 3", "one daemon process group for each zone"),
    ],
)
def test_several_applications(group: str, keepers: str, cure: str) -> None:
    """No one TZ serves applications of several zones: each zone is told with those who keep it.

    Nobody is told to give them groups of their own that have them.
    """
    two = table(
        clock(1, "parent", LORD_HOWE),
        clock(2, "daemon", NEPAL, "shop"),
        clock(3, "daemon", NEWFOUNDLAND, group),
    )
    first = next(iter(advice_on(two)))
    said = (
        f"one TZ cannot serve all (daemons of shop: Asia/Kathmandu; {keepers}: "
        f"America/St_Johns): {cure}"
    )
    assert said in first
    assert "TZ=" not in first
    assert [notes for _, notes in cures(two).values()] == [(said,), (said,)]
    assert all("TZ=UTC" not in cure for cure, _ in cures(two).values())


@pytest.mark.parametrize(
    ("offset_s", "zone", "setting"),
    [
        (0, "", "UTC or another zone at +00:00: its TIME_ZONE says which (export TZ=UTC in"),
        (HOUR, "", "Europe/Berlin or another zone at +01:00: its TIME_ZONE says which (export"),
        (7 * HOUR, "", "zone, Asia/Bangkok or another zone at +07:00"),
        (HOUR, "Africa/Tunis", "Africa/Tunis (export TZ=Africa/Tunis in"),
        (-24 * HOUR, "", "application's zone (export TZ=ZONE in"),
    ],
)
def test_best_name(offset_s: int, zone: str, setting: str) -> None:
    """The best known of the zones that fit is named, or the user's; none where none fits."""
    clocks = table(clock(1, "parent", LORD_HOWE), clock(2, "daemon", offset_s, "app", zone))
    assert setting in next(iter(advice_on(clocks)))


def test_nothing_ties_the_log_to_utc() -> None:
    """Names that rest on an assumption are withheld, from advice and from findings alike."""
    assumed = table(*(replace(one, confidence=Confidence.ASSUMED) for one in ONE.clocks))
    first = next(iter(advice_on(assumed)))
    assert "only the differences are known" in first
    assert "(export TZ=ZONE in" in first
    assert "--server-tz ZONE or an access log lets errlog name it" in first
    for text in (first, *(f"{cure} {notes}" for cure, notes in cures(assumed).values())):
        assert "Kathmandu" not in text
    assert {note for _, notes in cures(assumed).values() for note in notes} == {
        "daemons of shop: at +05:45 if the server's clock is as assumed"
    }


def test_processes_of_unknown_group() -> None:
    """Processes without a known group are told by pid; what one zone serves is told as one."""
    clocks = table(
        clock(1, "parent", LORD_HOWE),
        *(clock(pid, "", NEPAL) for pid in range(11, 17)),
        clock(20, "", NEWFOUNDLAND),
    )
    assert "(pid 11, 12, 13, 14 and 2 more: Asia/Kathmandu; pid 20: America/St_Johns)" in next(
        iter(advice_on(clocks))
    )


@pytest.mark.parametrize(
    ("runs", "role", "told"), [(1, "daemon", 0), (2, "daemon", 1), (2, "parent", 0)]
)
def test_daemons_that_flip(runs: int, role: str, told: int) -> None:
    """A daemon that comes back to a clock it has left is shared with another application."""
    flipping = replace(clock(2, role, NEPAL, "shop"), runs=runs)
    lines = [line for line in advice_on(table(flipping)) if "daemons of shop change" in line]
    assert len(lines) == told


def test_offsets_in_lines() -> None:
    """Where lines write no offset, what to write is told, and what that does."""
    assert [*advice_on(table(clock(1, "parent", NEPAL)))][-1] == (
        "write the offset into each line: %{cuz}t for %{cu}t or %{u}t in ErrorLogFormat (httpd "
        "2.4.58 and later); it tells clocks apart, it does not make them agree"
    )


def test_what_disagrees_is_named() -> None:
    """Advice on several offsets begins with these, from west to east."""
    for clocks in (ONE, TWO):
        offsets = "-03:30, +05:45" if clocks is ONE else "-03:30, +05:45, +11:00"
        assert next(advice_on(clocks)).startswith(f"processes stamp in {offsets}")


@pytest.mark.parametrize(("pid", "told"), [(7, 1), (NO_PID, 0)])
def test_lines_without_pid_do_not_flip(pid: int, told: int) -> None:
    """They may be of many processes, each of which has set its zone once."""
    again = replace(clock(pid, "daemon", NEPAL, "shop"), runs=5)
    advice = list(advice_on(table(clock(1, "parent", NEPAL), again)))
    assert len([text for text in advice if "again and again" in text]) == told
