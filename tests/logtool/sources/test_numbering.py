"""Members of rotated sets whose higher numbers are younger are read in the order of their times."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from logtool.sources.opening import open_sources

LINE = "[Fri Jun {:02} {:02}:00:00.000001 2026] [core:error] [pid 7] AH00128: x\n"


def _order(folder: Path) -> tuple[list[str], list[str]]:
    """The members in the order in which they are read, and what is told."""
    told: list[str] = []
    with open_sources([str(folder)], tell=told.append) as sources:
        return [Path(source.path).name for source in sources], told


@pytest.mark.parametrize("line", [LINE, "[2026-06-{:02} {:02}:00:00 +0000] [core:error] x\n"])
def test_higher_numbers_may_be_younger(line: str, tmp_path: Path) -> None:
    """Their first times tell it; the log that is written comes last."""
    for day in (1, 2):
        (tmp_path / f"error.log.{day}").write_text("raw\n" + line.format(day, 0))
    (tmp_path / "error.log.3.gz").write_bytes(gzip.compress(line.format(3, 0).encode()))
    (tmp_path / "error.log").write_text(line.format(4, 0))
    names, told = _order(tmp_path)
    assert names == ["error.log.1", "error.log.2", "error.log.3.gz", "error.log"]
    first, last = tmp_path / "error.log.1", tmp_path / "error.log.3.gz"
    assert told == [f"{first} is older than {last}, as their times show; read first"]


@pytest.mark.parametrize(
    "begins",
    [
        [(3, 0), (2, 0), (1, 0)],  # as logrotate numbers
        [(1, 0), (1, 8), (1, 16)],  # may be other clocks
        [(1, 0), (3, 0), (2, 0)],  # in no order
        [(1, 0), (2, 0), (31, 0)],  # one without a time: there is no such day
    ],
)
def test_lower_numbers_are_younger(begins: list[tuple[int, int]], tmp_path: Path) -> None:
    """Where times do not show clearly that it is not so, numbers are ages."""
    for number, begin in enumerate(begins, 1):
        (tmp_path / f"error.log.{number}").write_text(LINE.format(*begin))
    assert _order(tmp_path) == (["error.log.3", "error.log.2", "error.log.1"], [])
