"""Following ends with status 3 where a log that was there could not be read to its end."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from logtool.__main__ import run


@pytest.mark.parametrize("damaged", [True, False])
def test_what_is_damaged_is_told_by_the_status(log: Path, tmp_path: Path, damaged: bool) -> None:
    """All is written that can be read; then 3 if it is damaged, be there a log that grows or not.

    That no file can grow is a mistake in use (2) only where nothing is worse.
    """
    packed, output = tmp_path / "old.log.gz", tmp_path / "out"
    packed.write_bytes(gzip.compress(log.read_bytes())[: -6 if damaged else None])
    follow = ["normalize", "-q", "--no-neighbours", "-o", str(output), "-f"]

    assert run([*follow, str(packed)]) == (3 if damaged else 2)
    assert len(output.read_text().splitlines()) == 3
    ended = ["--until", "2001-01-01"]
    assert run([*follow, *ended, str(log), str(packed)]) == (3 if damaged else 0)
