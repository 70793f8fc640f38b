"""What the end of a zone's file tells."""

from __future__ import annotations

import pytest

from logtool.clocks.tzdb import zones
from logtool.clocks.tzdb.tzif import fixed_offset, last_rule
from tests.logtool.clocks.scenes import at


@pytest.mark.parametrize(
    ("rule", "offset_s"),
    [
        (b"UTC0", 0),
        (b"EST5", -18_000),
        (b"<+0545>-5:45", 20_700),
        (b"<-00>0:00:01", -1),
        (b"CET-1CEST,M3.5.0,M10.5.0/3", None),
        (b"EST5EDT", None),
        (b"X24", None),
        (b"", None),
    ],
)
def test_offset_of_a_rule(rule: bytes, offset_s: int | None) -> None:
    """It counts to the west; what knows summer time, or a whole day, has no one offset."""
    assert fixed_offset(rule) == offset_s


def test_offsets_of_all_rules() -> None:
    """Each rule in the tz database names summer time's begin and end, or the zone's one offset."""
    for name in zones.zone_names():
        told = last_rule(f"{zones._tzdata()}/zoneinfo/{name}")
        assert told is not None
        shift, zone = fixed_offset(told[1]), zones.load_zone(name)
        far = [zones.offset_at(zone, at(f"2105-{month}-01")) for month in ("01", "07")]
        assert far == [shift, shift] if b"," not in told[1] else shift is None
