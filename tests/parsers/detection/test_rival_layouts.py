"""Whether another layout reads lines as well; see also `tests/logtool/layouts/test_of_sets.py`."""

from __future__ import annotations

import pytest

from parsers.blocks import Block
from parsers.detection.rival_layouts import reads_as_well
from parsers.layouts import compile_layout

_OWN = [compile_layout(text) for text in ("[pid %P] [client %a] - %M", "[pid %P] %M")]
_RIVAL = compile_layout("[pid %P] [client %a] %M")


@pytest.mark.parametrize(
    ("others", "as_well"),
    [
        (b"", True),
        (b"[pid 2] text\n", True),
        (b"[pid 2] [client ::1] text\n", True),
        (b"[pid 2] text\n[pid 2] [client ::1] text\n", False),
        (b"text\n", True),
    ],
)
def test_of_every_layout_all_lines_are_taken_or_none(others: bytes, as_well: bool) -> None:
    """Else one message would be read in two ways, even though each reading tells as much."""
    block = Block.of(b"[pid 1] [client ::1] - text\n" + others)
    assert reads_as_well(_RIVAL, _OWN, block) is as_well
