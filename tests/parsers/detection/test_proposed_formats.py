"""Proposed formats: who follows errlog's advice has a log that errlog reads by itself."""

from __future__ import annotations

import random

import pytest

from logtool.clocks.telling.config_advice import _with_offset
from logtool.formats.lints import BUILT_IN_WITH_OFFSET
from parsers.blocks import Block
from parsers.detection.detect import detect
from parsers.error_log_format.better import improved
from parsers.error_log_format.directive import parse_directive
from parsers.error_log_format.fields import ErrorLogFormat, parse
from parsers.error_log_format.known import ANY_TIME, KNOWN_FORMATS
from parsers.layouts import compile_layout
from tests import places
from tests.parsers.columns import columns
from tests.parsers.served import served

CORPUS = places.ERROR_LOG_FORMATS.read_text("utf-8").splitlines()
#: Formats with other things than brackets before the message, or behind it, that no list names.
UNKNOWN = (
    "ERROR %P ---", "[SIMPLE-API]", r"\n", ",%v ,%L", "[%{X-Forwarded-For}i]", "${PG_UUID}",
)  # fmt: skip
HEADS = (
    "[%t] [%l]", "[%{cu}t] [%-m:%l]", "[%t]", "[%{u}t] [%l] [pid %P:tid %T]", "%{cu}t [%-m:%l]",
    "[%{uz}t] [pid %P] [%l]", "[%{cuz}t] [%-m:%l] [pid %P:tid %{g}T]",
)  # fmt: skip
TAILS = (
    "%M", r"[client\ %a] %M", r"%E: [client\ %a] %M", r"%F: %E: [client\ %a] %M",
    r"%7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
)  # fmt: skip


def asked() -> list[ErrorLogFormat]:
    """Formats that someone may ask to have improved."""
    texts = [
        known.directive.replace(ANY_TIME, f"%{{{letters}}}t")
        for known in KNOWN_FORMATS
        if known.kind == "main"
        for letters in ("", "cu")
    ]
    texts += [f"{head} {tail}" for head in HEADS for tail in TAILS]
    written = [line for line in CORPUS if not any(word in line for word in UNKNOWN)]
    found = [parse(text) for text in texts] + [parse_directive(line) for line in written]
    return [one for one in found if one.kind == "main"]


def proposals() -> list[str]:
    """Every main format that errlog proposes instead, and those of its advice and its cures."""
    found = [BUILT_IN_WITH_OFFSET]
    for one in asked():
        directives = one.directives()
        found.append(improved(one))
        letters = {directive.item.letter for directive in directives}
        if "t" in letters and letters & {"l", "P"} and "[client %a]" not in one.text:
            found.append(_with_offset(one.text, directives))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("directive", proposals())
def test_a_proposed_format_is_found(directive: str) -> None:
    """A log in it fills the same columns as when errlog is told the format."""
    log = served(directive, random.Random(directive))

    found = [one.layout for one in detect([Block.of(log.encode())])]

    assert columns(log, found) == columns(log, [compile_layout(directive)])


def test_a_proposed_format_is_named_after_what_it_betters() -> None:
    """A log is in it as it was proposed: nothing is said of the digits of its times."""
    text = r"[%{uz}t] [%-m:%l] [pid %P:tid %-T] [R:%L] [C:%{C}L] %7F: %E: [client\ %a] %M"
    log = served(text, random.Random(text))

    (found,) = detect([Block.of(log.encode())])

    assert found.layout.name == "log IDs, threaded, improved, with offset"
