"""Writing instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.writing.stamps import StampWriter, time_pieces
from parsers.times.strftime import ERAS, option_pieces, strftime_pieces

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = st.lists(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)), min_size=1)  # noqa: DTZ001


def written(writer: StampWriter, instants: list[datetime]) -> list[str]:
    """The texts of some instants."""
    micros = [(t.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) for t in instants]
    return [row.tobytes().decode() for row in writer.write(np.array(micros, np.int64))]


def ctime(t: datetime) -> str:
    """The text of `%{uz}t`; strftime of glibc does not pad years."""
    return f"{t:%a %b %d %H:%M:%S.%f} {t.year:04} +0000"


@given(INSTANTS)
def test_cuz(instants: list[datetime]) -> None:
    """The default form is Apache's %{cuz}t at offset zero."""
    writer = StampWriter(time_pieces("cuz", 6))

    expected = [t.isoformat(" ", "microseconds") + " +0000" for t in instants]
    assert written(writer, instants) == expected


@given(INSTANTS)
def test_ctime(instants: list[datetime]) -> None:
    """Day names are those of the day that is written."""
    writer = StampWriter(option_pieces("uz", ERAS[0]))

    assert written(writer, instants) == [ctime(t) for t in instants]


@pytest.mark.parametrize(
    ("style", "digits", "expected"),
    [
        ("cuz", 0, "2026-06-05 08:42:36 +0000"),
        ("cuz", 3, "2026-06-05 08:42:36.978 +0000"),
        ("iso", 0, "2026-06-05T08:42:36Z"),
        ("iso", 6, "2026-06-05T08:42:36.978307Z"),
        ("epoch", 0, "1780648956"),
        ("epoch", 3, "1780648956.978"),
        ("epoch", 6, "1780648956.978307"),
    ],
)
def test_own_forms(style: str, digits: int, expected: str) -> None:
    """As many digits of the fraction are written as came in."""
    writer = StampWriter(time_pieces(style, digits))

    assert written(writer, [datetime(2026, 6, 5, 8, 42, 36, 978307, UTC)]) == [expected]


@pytest.mark.parametrize(
    "directive",
    ["%Y-%m-%dT%H:%M:%S%z", "%d/%m/%y %I:%M:%S %p", "%j %C%y %H", "%a %b %e %T %Y"],
)
def test_strftime(directive: str) -> None:
    """What strftime prints is written as strftime would."""
    (pieces,) = strftime_pieces(directive, localised=False)
    at = datetime(2026, 6, 5, 18, 2, 3, tzinfo=UTC)

    assert written(StampWriter(pieces, " "), [at]) == [at.strftime(directive)]
