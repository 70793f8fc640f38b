"""Findings: what counts as one occurrence."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtool.library import flags

STAMPED = (
    "[Sun Nov 22 14:26:4{0}.000001 2026] [wsgi:warn] [pid {1}:tid {1}] (2)No such file or "
    "directory: mod_wsgi (pid={1}): Unable to stat Python home /nix."
)
RAW = "Fatal Python error: init_fs_encoding: failed to get the Python codec"
OTHER = "[Sun Nov 22 14:26:45.000001 2026] [core:info] [pid 1:tid 1] AH00096: removed PID file"


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ([STAMPED.format(0, 7), RAW], 1),
        ([RAW], 1),
        ([RAW, *[OTHER] * 30, RAW], 2),
        ([STAMPED.format(0, 7), RAW, *[OTHER] * 30, RAW], 2),
        ([STAMPED.format(0, 7), STAMPED.format(0, 8), RAW, *[OTHER] * 30, RAW], 2),
        ([STAMPED.format(0, 7), RAW, STAMPED.format(1, 8), RAW], 2),
        ([STAMPED.format(0, 7), *[OTHER] * 100, RAW], 2),
    ],
)
def test_what_a_process_prints_raw_is_no_second_occurrence(
    tmp_path: Path, lines: list[str], count: int
) -> None:
    """One raw line for each process that has just told of it with a stamp; others stand alone."""
    log = tmp_path / "error.log"
    log.write_text("".join(f"{line}\n" for line in lines))
    found = {finding.rule: finding.count for finding in flags(str(log))}
    assert found["python-home-invalid"] == count
