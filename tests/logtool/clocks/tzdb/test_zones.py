"""What the tz database says of offsets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.clocks.tzdb.zones import (
    Rules,
    changes_between,
    kinds_of_zones,
    load_zone,
    offset_at,
    offsets_between,
    rules_of,
    zone_names,
    zones_that_fit,
)
from logtool.errors import UsageError
from logtool.tui.model.chosen.times import check_zone
from parsers.units import SECOND
from tests.logtool.clocks.scenes import at

BERLIN = rules_of("Europe/Berlin", at("2026-01-01"), at("2026-12-31"))
SPRING, AUTUMN = at("2026-03-29 01:00"), at("2026-10-25 01:00")


def at_local(rules: Rules, text: str) -> tuple[int, int]:
    """The two offsets that fit a local time."""
    one, two = rules.at_local(np.array([at(text)]))
    return int(one[0]), int(two[0])


def test_changes_are_exact() -> None:
    """Summer time begins and ends at 01:00 UTC, to the second."""
    assert BERLIN.changes_us.tolist() == [SPRING, AUTUMN]
    assert BERLIN.offsets_s.tolist() == [3600, 7200, 3600]


@pytest.mark.parametrize(
    ("utc", "offset"),
    [(SPRING - 1, 3600), (SPRING, 7200), (AUTUMN - 1, 7200), (AUTUMN, 3600)],
)
def test_at_utc(utc: int, offset: int) -> None:
    """A change holds from its own instant on."""
    assert BERLIN.at_utc(np.array([utc])).tolist() == [offset]


@pytest.mark.parametrize(
    ("local", "offsets"),
    [
        ("2026-07-01 12:00", (7200, 7200)),
        ("2026-12-01 12:00", (3600, 3600)),
        ("2026-03-29 01:59:59", (3600, 3600)),
        ("2026-03-29 03:00:00", (7200, 7200)),
        ("2026-10-25 01:59:59", (7200, 7200)),
        ("2026-10-25 02:00:00", (7200, 3600)),
        ("2026-10-25 02:59:59", (7200, 3600)),
        ("2026-10-25 03:00:00", (3600, 3600)),
    ],
)
def test_at_local(local: str, offsets: tuple[int, int]) -> None:
    """A time in the fold fits two offsets, the earlier instant's first; all others fit one."""
    assert at_local(BERLIN, local) == offsets


def test_the_skipped_hour_has_no_third_offset() -> None:
    """A time that no clock shows is given offsets that the zone has."""
    assert set(at_local(BERLIN, "2026-03-29 02:30")) <= {3600, 7200}


def test_half_an_hour() -> None:
    """Lord Howe's clocks jump by thirty minutes."""
    rules = rules_of("Australia/Lord_Howe", at("2026-04-01"), at("2026-04-10"))
    assert rules.changes_us.tolist() == [at("2026-04-04 15:00")]
    assert rules.offsets_s.tolist() == [39600, 37800]
    assert at_local(rules, "2026-04-05 01:45") == (39600, 37800)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("UTC", 0), ("GMT", 0), ("+05:45", 20700), ("-0330", -12600), ("Asia/Kathmandu", 20700),
     ("Z", 0), ("UTC0", 0), ("+14:00", 50400), ("-14:00", -50400), ("+00:59", 3540)],
)  # fmt: skip
def test_load_zone(name: str, seconds: int) -> None:
    """Names of the database and fixed offsets are zones."""
    assert offset_at(load_zone(name), 0 if name[0] in "+-" else at("2026-01-01")) == seconds


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Olympus",
        "+15:00",
        "+5",
        "-03:75",
        "Factory",
        "",
        "../x",
        "+14:01",
        "+00:60",
        "+\u00b2\u00b2\u00b2\u00b2",
        "+\u0661\u0661\u0661\u0661",
        "X0100",
        "z",
    ],
)
def test_no_zone(name: str) -> None:
    """What is no zone is refused by name."""
    with pytest.raises(UsageError, match="no zone is called"):
        load_zone(name)


def test_a_name_like_no_zone() -> None:
    """Where nothing is near, the two ways to name a zone are told."""
    with pytest.raises(UsageError, match=r"; use a name such as Europe/Berlin or \+02:00$"):
        load_zone("Mars/Olympus")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Europe/Berlni", "Europe/Berlin"), ("new_york", "America/New_York"),
        ("New York", "America/New_York"), ("europe/berlin", "Europe/Berlin"),
        ("Kolkata", "Asia/Kolkata"), ("utc ", "UTC"),
    ],
)  # fmt: skip
def test_a_zone_misspelt(asked: str, meant: str) -> None:
    """A name that is nearly right is suggested, and a city's zone where only that is named."""
    for read in (load_zone, check_zone):
        with pytest.raises(UsageError, match=f"did you mean {meant}"):
            read(asked)


@pytest.mark.parametrize("years", [-5000, 50_000])
def test_far_off_years(years: int) -> None:
    """A forged year has an offset too, and no error."""
    far = years * 365 * 86_400 * SECOND
    assert abs(offset_at(load_zone("Europe/Berlin"), far)) <= 7200


def test_changes_between() -> None:
    """All zones' changes of a week, each once: of Europe's one row forward each height."""
    found = changes_between(at("2026-10-24"), at("2026-10-26"))
    assert [AUTUMN, 7200, 3600] in found.tolist()
    assert len(found) == len({tuple(row) for row in found.tolist()})
    assert np.all(np.diff(found[:, 0]) >= 0)


@settings(max_examples=12, deadline=None)
@given(st.integers(-(2 * 10**15), 6 * 10**15), st.sampled_from([0, 3, 60]))
def test_changes_and_offsets_are_those_of_all_zones(low: int, days: int) -> None:
    """Also where zones are not looked at one by one, for their files say the same of that time."""
    high = low + days * 86_400 * SECOND
    every = [rules_of(name, low, high) for name in zone_names()]
    changes = {
        (instant, before, after)
        for one in every
        for instant, (before, after) in zip(
            one.changes_us.tolist(), pairwise(one.offsets_s.tolist()), strict=True
        )
    }

    found = changes_between(low, high).tolist()
    assert {tuple(row) for row in found if low <= row[0] <= high} == {
        row for row in changes if low <= row[0] <= high
    }
    now = {int(one.at_utc(np.array([low]))[0]) for one in every}
    assert now <= offsets_between(low, high)
    kinds = [rules for rules, _ in kinds_of_zones(low, high)]
    assert {int(one.at_utc(np.array([low]))[0]) for one in kinds} == now


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(zone_names()),
    st.lists(st.integers(-(2 * 10**15), 6 * 10**15), min_size=1, max_size=3),
    st.booleans(),
)
def test_zones_that_fit_are_those_with_these_offsets(
    name: str, instants: list[int], near: bool
) -> None:
    """Whether a file lists what holds then, or only its rule tells."""
    if near:
        instants = [instants[0] + one % (400 * 86_400 * SECOND) for one in instants]
    offsets = [offset_at(load_zone(name), one) for one in instants]

    assert set(zones_that_fit(instants, offsets)) == {
        other
        for other in zone_names()
        if all(
            offset_at(load_zone(other), one) == offset
            for one, offset in zip(instants, offsets, strict=True)
        )
    }


def test_zones_that_fit() -> None:
    """Winter alone leaves Lagos and Berlin; summer and winter tell them apart."""
    winter = zones_that_fit([at("2026-12-01")], [3600])
    both = zones_that_fit([at("2026-12-01"), at("2026-07-01")], [3600, 7200])
    assert winter[0] == both[0] == "Europe/Berlin"
    assert "Africa/Lagos" in winter
    assert "Africa/Lagos" not in both
    assert zones_that_fit([at("2026-12-01")], [60]) == ()


def test_kinds_of_zones() -> None:
    """Zones that agree are one kind with the best-known name; every zone is in one."""
    kinds = kinds_of_zones(at("2026-10-24"), at("2026-10-26"))
    names = [rules.name for rules, _ in kinds]
    assert "Europe/Berlin" in names
    assert "Europe/Paris" not in names
    assert [share for _, share in kinds] == sorted((share for _, share in kinds), reverse=True)


def test_the_database_is_the_package_s() -> None:
    """Names come from the package, without those that are no zone."""
    assert "Europe/Berlin" in zone_names()
    assert not {"Factory", "localtime"} & set(zone_names())


def test_rules_agree_with_the_database() -> None:
    """Hour by hour over a year, offsets by rules are those of the database."""
    zone = load_zone("America/New_York")
    rules = rules_of("America/New_York", at("2025-01-01"), at("2025-12-31"))
    start = datetime(2025, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=hour) for hour in range(365 * 24)]
    by_zone = [
        int((hour.astimezone(zone).utcoffset() or timedelta()).total_seconds()) for hour in hours
    ]
    utc = np.array([int(hour.timestamp()) for hour in hours]) * SECOND
    assert rules.at_utc(utc).tolist() == by_zone


def test_far_years_have_the_rules_of_the_nearest_known() -> None:
    """A zone has no more changes for a log from year 1 to 9999 than until 2107."""
    far = rules_of("Europe/Berlin", -62_135_596_800_000_000, 253_402_300_799_000_000)

    assert far.changes_us.min() > 0
    assert far.changes_us.max() < 4_325_000_000_000_000
    assert len(far.changes_us) < 300
    for year in (1, 9999):
        there = rules_of("Europe/Berlin", *[(year - 1970) * 31_556_952_000_000] * 2)
        assert there.offsets_s.tolist() == [3600]
