"""What is known of messages."""

from __future__ import annotations

from logtool.flags.engine import Engine
from logtool.reports.wordings import Wordings


def test_all_can_be_asked_before_the_first_line() -> None:
    """What is asked of messages to compile it meets both of Python's kinds of lines."""
    wordings = Wordings(Engine(()))
    wordings.compile()
    assert wordings.templates.texts == ["", "INFO shop: <n> order", "ValueError: no order"]
