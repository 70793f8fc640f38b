"""What messages tell of instants."""

from __future__ import annotations

import pytest

from logtool.clocks.seen.instants import instants_in
from tests.logtool.clocks.scenes import at, sample


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("at 2026-06-05T08:42:36Z", "2026-06-05 08:42:36"),
        ("at 2026-06-05 10:42:36,5 +0200 ok", "2026-06-05 08:42:36.500000"),
        ("at 2026-06-05T10:42:36.978306+02:00", "2026-06-05 08:42:36.978306"),
        ("at 2026-06-05 05:12:36 -0330", "2026-06-05 08:42:36"),
        ("at 2026-06-05 08:42:36 UTC", "2026-06-05 08:42:36"),
        ("at 2026-06-05 08:42:36", None),
        ("at 2026-13-45T08:42:36Z", None),
        ("at 2026-06-05T08:42:36+02:001", None),
    ],
)
def test_instants(message: str, expected: str | None) -> None:
    """An instant with its offset is understood; a time without one says nothing."""
    found = [instant for _, instant in instants_in([sample(message)])]
    assert found == ([] if expected is None else [at(expected)])
