"""Witnesses: for how long the word of an access log holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from logtool.clocks.evidence.access_sampling import sample_file
from logtool.clocks.evidence.witnesses import Witness, rotations, server_witnesses
from logtool.clocks.seen.roles import Process
from logtool.clocks.tzdb.zones import changes_between
from parsers.units import SECOND
from tests.logtool.clocks.evidence.test_neighbours import access_line
from tests.logtool.clocks.scenes import at, knots_of, sample, scene

_HOUR_US = 3600 * SECOND


def witness(folder: Path, first: str, last: str) -> Witness:
    """An access log that writes +01:00 from one time to another."""
    path = folder / "access.log"
    path.write_text("".join(access_line(at(time) // SECOND, 3600) for time in (first, last)))
    facts = sample_file(path)
    assert facts is not None
    (found,) = server_witnesses([facts], at(first), at(last))
    return found


def test_its_word_holds_until_a_zone_takes_up_or_leaves_the_offset(tmp_path: Path) -> None:
    """Beyond its own time; not beyond the night in which Berlin's clocks went back to +01:00."""
    saw = witness(tmp_path, "2026-10-26", "2026-10-27")
    assert saw.vouches((at("2026-10-25 12:00"), at("2026-10-28")))
    assert not saw.vouches((at("2026-10-24"), at("2026-10-28")))


def test_who_was_named_for_several_servers_is_no_sure_witness_of_one(tmp_path: Path) -> None:
    """Whose access log it is only its requests can tell then."""
    saw = witness(tmp_path, "2026-10-26", "2026-10-27")
    named = replace(saw, access=replace(saw.access, named=True))
    log = scene(knots_of((7, at("2026-10-26 13:00:00") // SECOND)))
    assert [named.standing(log, alone=alone)[1] for alone in (True, False)] == [True, False]
    assert not saw.standing(log)[1]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-12-31", "2026-12-31", True),
        ("2026-10-24 20:00", "2026-10-24 20:00", False),
        ("2026-03-28 20:00", "2026-03-28 20:00", False),
        ("2016-01-10", "2016-01-10", False),
        # It speaks of a moment of this, and a span has one offset.
        ("2026-10-24 22:00", "2026-10-26 12:00", True),
    ],
)
def test_its_word_on_one_season_is_none_on_another(
    first: str, last: str, expected: bool, tmp_path: Path
) -> None:
    """What it writes in late October, Berlin's clocks did not show before the night."""
    times = range(at(first) // SECOND, at(last) // SECOND + 1, 50)
    log = scene(knots_of(*((1, time) for time in times)), {1: Process("parent")}, [])
    saw = witness(tmp_path, "2026-10-26", "2026-10-27")
    assert saw.speaks_of(log, int(log.spans.of_knot[0])) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("2026-06-01 10:00", "2026-06-02 01:59"), [True, False]),
        (("2026-06-01 10:00", "2026-06-02 02:01"), [True, True]),
        (("2026-06-01 13:00", "2026-06-02 15:00"), [True, True]),
        (("2026-06-01 13:01", "2026-06-02 15:00"), [False, True]),
    ],
)
def test_its_word_holds_beyond_a_stop_only_if_it_speaks_there(
    said: tuple[str, str], expected: list[bool], tmp_path: Path
) -> None:
    """A server started anew at 14:00, wherever on earth that was, may be in another zone."""
    times = [at(f"2026-06-01 {clock}") // SECOND for clock in ("13:00", "14:00")]
    words = "AH00489: Apache/2.4.71 (Debian) configured -- resuming normal operations"
    knots = knots_of((1, times[0]), (2, times[1]))
    samples = [sample(words, line=line, pid=line) for line in (1, 2)]
    log = scene(knots, {1: Process("parent"), 2: Process("parent")}, samples)
    saw = witness(tmp_path, *said)
    assert [saw.vouches_for(log, span) for span in (1, 2)] == expected


def test_many_processes_ask_for_few_ranges(tmp_path: Path) -> None:
    """Changes of all zones are looked up once for all processes of a season, not for each."""
    saw = witness(tmp_path, "2026-06-01", "2026-06-02")
    changes_between.cache_clear()
    for hour in range(500):
        begin = at("2026-05-28") + hour * _HOUR_US // 7
        assert saw.vouches((begin, begin + 80 * _HOUR_US))
    assert changes_between.cache_info().misses <= 2


@pytest.mark.parametrize(
    ("roles", "offsets_s", "assumed"),
    [
        (("parent",), (7200,), False),
        (("parent",), (0,), True),
        (("", ""), (0, 0), True),
        (("parent", "daemon"), (7200, 0), False),
        (("parent", "daemon"), (0, -7200), True),
    ],
)
def test_epochs_in_names_that_may_be_of_local_time(
    roles: tuple[str, ...], offsets_s: tuple[int, ...], assumed: bool
) -> None:
    """By rotatelogs -l the server always seems to be in UTC, and nobody's offset is told."""
    epoch = at("2026-06-10 12:00") // SECOND
    names = [f"error.{epoch + 3600 * file}" for file in range(len(roles))]
    epochs_s = {name: epoch + 3600 * file for file, name in enumerate(names)}
    rows = [(pid, epoch + 3600 * pid + shift + 5.0) for pid, shift in enumerate(offsets_s)]
    knots = knots_of(*rows)
    knots.file[:] = range(len(rows))
    processes = {pid: Process(role) for pid, role in enumerate(roles)}
    found = [*rotations(scene(knots, processes), names, epochs_s)]
    assert [link.delta_s for link in found] == [*offsets_s]
    assert {link.assumed for link in found} == {assumed}
