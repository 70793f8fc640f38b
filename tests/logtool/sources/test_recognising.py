"""Whether a file is an error log, by its lines."""

from __future__ import annotations

from pathlib import Path

from logtool.sources.recognising import is_error_log
from tests.logtool.tui.pilots import DJANGO


def test_what_cannot_be_read_is_no_log(tmp_path: Path) -> None:
    """It is left to who names it to tell why."""
    assert is_error_log(str(DJANGO))
    assert not is_error_log(str(tmp_path / "gone.log"))
