"""Small blocks: logs of tests are read in blocks so small that these end within events."""

from __future__ import annotations

import pytest

from logtool.sources.source import Source


def read_in_blocks(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have logs read in blocks of about so many bytes, and looked at in as many."""
    monkeypatch.setattr(Source.blocks, "__defaults__", (size,))
    for name in ("BLOCK_SIZE", "_SAMPLE"):
        monkeypatch.setattr(f"logtool.sources.source.{name}", size)
