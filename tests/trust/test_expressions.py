"""No regular expression of ours takes long over any text (ReDoS)."""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import logtool
import parsers
from logtool.flags.rule import shipped_rules

#: Each is tried over texts made of these, repeated.
PIECES = (
    "a", "0", " ", "/", ".", ":", "-", "_", "[", "]", "(", ")", '"', "'", "\\", "%", "=", ",", "\t",
    "aA0", "a ", "a.", "a, ", ": ", "a:", "1.", "a/", "\\\\", "[a", "(a", "${", "%{", "a=", '="',
    "File ", "line ", "pid=", " |", "  + ", "x y", "0x", "a'b", "Error: ", "\r", "é",
)  # fmt: skip
_LENGTH = 1000
#: Processor seconds for one expression over all texts: what is linear takes a hundredth of it.
_HARD_LIMIT = 20


def modules() -> Iterator[ModuleType]:
    """Every module of ours."""
    for package in (parsers, logtool):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def _expressions() -> set[tuple[str | bytes, int]]:
    """Every compiled expression of our modules, and those of the rules that come with errlog."""
    found: set[tuple[str | bytes, int]] = set()
    for module in modules():
        for value in vars(module).values():
            for one in value if isinstance(value, tuple | list) else (value,):
                if isinstance(one, re.Pattern):
                    found.add((one.pattern, one.flags))
    for rule in shipped_rules():
        for text in re.findall(r"'((?:[^'\\]|\\.)+)'", repr(rule)):
            if any(sign in text for sign in "*+?{"):
                try:
                    found.add((re.compile(text).pattern, 0))
                except re.error:
                    continue
    return found


def _try(pattern: str | bytes, flags: int) -> None:
    """Look for an expression in every text."""
    one = re.compile(pattern, flags)
    for piece in PIECES:
        for begin in ("", "Traceback ", "[", '  File "'):
            for end in ("", "!", "\n"):
                text = begin + piece * (_LENGTH // len(piece)) + end
                given: Any = text.encode() if isinstance(pattern, bytes) else text
                one.search(given)
                one.match(given)
                one.fullmatch(given)


def test_none_takes_long() -> None:
    """Texts of a thousand characters that nearly match are decided at once."""

    def stop(number: int, frame: object) -> None:
        raise TimeoutError

    slow = []
    expressions = sorted(_expressions(), key=repr)
    before = signal.signal(signal.SIGVTALRM, stop)
    for pattern, flags in expressions:
        signal.setitimer(signal.ITIMER_VIRTUAL, _HARD_LIMIT)
        try:
            _try(pattern, flags)
        except TimeoutError:
            slow.append(pattern)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)

    assert len(expressions) > 50
    assert slow == []
