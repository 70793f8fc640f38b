"""Layouts that children find are those that are found here, whatever becomes of the children."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from logtool.layouts import found as module
from logtool.layouts.found import found_layouts
from logtool.sources.source import Source
from parsers.built_in import HTTPD_22, HTTPD_24
from parsers.detection import detect as detecting
from parsers.layouts import Layout

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

_24 = b"[Mon Jun 01 08:00:00.123456 2026] [core:error] [pid 7:tid 8] a message\n"
_22 = b"[Mon Jun 01 08:00:00 2026] [error] a message\n"
_CUZ = b"[2026-06-01 08:00:00.123456 +0000] [core:error] [pid 7] a message\n"
_DOCKER = b"2026-06-01T08:00:00.123456789Z [Mon Jun 01 08:00:00.1 2026] [error] [pid 5] m\n"
_IDS = b"[Mon Jun 01 08:00:00.123456 2026] [error] [aGxYd38AAQEAAAZc%dIAAAAB] [pid 7] a message\n"


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[list[Source]]:
    """Logs of one layout and of several, one of them compressed."""
    texts = [_24 * 50, _22 * 50 + _24 * 90, b"nothing\n", _CUZ * 20, _DOCKER * 9 + _22, _IDS * 40]
    with ExitStack() as stack:
        opened = []
        for number, text in enumerate(texts):
            path = tmp_path / f"error.log.{number}"
            path.write_bytes(gzip.compress(text) if number == 1 else text)
            opened.append(Source(str(path)))
            stack.callback(opened[-1].close)
        yield opened


def _found(sources: list[Source], *, apart: bool) -> list[list[Layout]]:
    with found_layouts(sources, apart=apart) as found:
        return list(found)


@pytest.mark.parametrize("count", [1, 6])
def test_children_find_the_very_layouts(sources: list[Source], count: int) -> None:
    """The same objects in the same order: who looks for one among them finds it."""
    apart = _found(sources[:count], apart=True)
    assert apart == _found(sources[:count], apart=False)
    assert apart[0] == [HTTPD_24]
    if count > 1:
        assert apart[1] == [HTTPD_24, HTTPD_22]


@pytest.mark.parametrize("most", [1, 2_000, 1 << 30])
@pytest.mark.parametrize("apart", [False, True])
def test_how_many_logs_are_looked_at_together_makes_no_difference(
    sources: list[Source], most: int, apart: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each by itself, a few, or all; children share them out in order."""
    expected = _found(sources, apart=False)
    monkeypatch.setattr(module, "_AT_ONCE", most)
    monkeypatch.setattr(module, "_MOST", 1_000)
    assert _found(sources, apart=apart) == expected


@pytest.mark.parametrize("cannot", ["fork", "look", "tell"])
def test_what_children_cannot_do_is_done_here(
    sources: list[Source], cannot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without processes, where a child dies, and where what it found cannot be pickled."""
    here, detect = os.getpid(), detecting.detect_each
    expected = _found(sources, apart=False)

    def no_fork() -> int:
        raise OSError

    def dies(*args: object) -> object:
        return detect(*args) if os.getpid() == here else os._exit(1)  # type: ignore[arg-type]

    if cannot == "fork":
        monkeypatch.setattr(os, "fork", no_fork)
    elif cannot == "look":
        monkeypatch.setattr(module, "detect_each", dies)
    else:
        monkeypatch.setattr(HTTPD_24, "origin", None)
    assert _found(sources, apart=True) == expected
