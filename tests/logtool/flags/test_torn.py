"""Torn tracebacks: rules hold on the text of an exception as if it were whole."""

from __future__ import annotations

from pathlib import Path

import pytest

import logtool
from tests.logtool.events.torn_logs import TORN, WHOLE, stamped

PIECES = [
    *("Exception in thread ", "Thread-1 (f)", ":", "Traceback (most recent call last):"),
    *('  File "/srv/shop/app.py", line 3, in f', "    ", "load()", ""),
    *("ImportError", ": ", "cannot load module more than once per process", ""),
]


def told(log: Path) -> list[tuple[object, ...]]:
    """The findings, but for where they stand in the log."""
    return [(one.rule, one.count, one.file, one.line, one.function) for one in logtool.flags(log)]


def test_rules_hold_on_what_is_put_together() -> None:
    """They find the same in both logs."""
    assert told(TORN) == told(WHOLE) == [("relative-path", 1, "/srv/shop/app.py", 16, "last")]


@pytest.mark.parametrize("script", ["", "[script /srv/shop/app.wsgi] "])
def test_type_and_text(tmp_path: Path, script: str) -> None:
    """A rule that asks for both finds them where they are lines of their own."""
    log = tmp_path / "error.log"
    head = f"[wsgi:error] [pid 7:tid 9] {script}"
    log.write_text("".join(f"{stamped(head + text, at)}\n" for at, text in enumerate(PIECES)))
    (found,) = told(log)
    assert found[1:] == (1, "/srv/shop/app.py", 3, "f")
