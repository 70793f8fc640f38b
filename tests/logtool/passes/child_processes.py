"""Child processes: tells whether logs are read in some, whatever machine this is."""

from __future__ import annotations

import pytest

from logtool.passes import children, first, logs, working


def work_apart(monkeypatch: pytest.MonkeyPatch, apart: bool = True) -> None:
    """Let children read what is worth it, or let nobody."""
    for module in (children, first, working):
        monkeypatch.setattr(module, "can_work_apart", lambda: apart)


def worth_children(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Let files of more bytes be worth children."""
    monkeypatch.setattr(logs, "_WORTH_CHILDREN", size)


def compressed_worth_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any compressed file be worth children."""
    monkeypatch.setattr(logs, "_WORTH_COMPRESSED", 1)
