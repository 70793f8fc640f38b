"""What tests forgive a line that the truth leaves open: its stamp, and nothing else."""

from __future__ import annotations

import pytest

from tests.exactness import assert_exact, normalized

_LOG = (
    b"[Tue Sep 08 12:03:01.423002 2026] [wsgi:error] [pid 7:tid 7] at 2026-09-08 10:03:01 +0000\n"
)
_TRUTHS = ("2026-09-08T10:03:01.423002Z", "2026-09-08T15:03:01.423002Z")


@pytest.mark.parametrize("style", ["cuz", "keep", "iso", "epoch"])
def test_the_stamp_of_an_open_line_may_be_another(
    style: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In every style; but not of a line that is not open, and no other byte."""
    log = tmp_path_factory.mktemp("log") / "error.log"
    log.write_bytes(_LOG)
    true, other = (normalized(log, [truth], style) for truth in _TRUTHS)

    assert_exact(other, true, {0})
    with pytest.raises(AssertionError, match="1 of 1 lines are wrong"):
        assert_exact(other, true)
    with pytest.raises(AssertionError, match="1 of 1 lines are wrong"):
        assert_exact([line.replace(b"10:03:01 +", b"10:03:02 +") for line in other], true, {0})
