"""Layouts that a child finds before logs are opened are those that are found here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from logtool import child, early_layouts
from logtool import found_layouts as module
from logtool.found_layouts import found_layouts
from logtool.sources.source import Source
from parsers.detect import DetectedLayout, detect
from parsers.layouts import HTTPD_22, HTTPD_24, Layout

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

#: Runs `errlog` so that it fails where it looks for layouts itself.
_DRIVER = """
import os, sys
from logtool import early_layouts, found_layouts
from logtool.__main__ import main

here, detect = os.getpid(), found_layouts.detect
found_layouts.detect = lambda blocks: detect(blocks) if os.getpid() != here else os._exit(77)
early_layouts._WORTH = 1000
early_layouts.has_another_core = lambda: True
main()
"""
_SAMPLE = Path(__file__).parents[2] / "sample_logs" / "berlin_utc_django"

_24 = b"[Mon Jun 01 08:00:00.123456 2026] [core:error] [pid 7:tid 8] a message\n"
_22 = b"[Mon Jun 01 08:00:00 2026] [error] a message\n"


@pytest.fixture(autouse=True)
def _large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A kilobyte is large, and there is another core; no child is left in the end."""
    monkeypatch.setattr(early_layouts, "_WORTH", 1000)
    monkeypatch.setattr(early_layouts, "has_another_core", lambda: True)
    yield
    assert early_layouts.child_for([]) is None
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of two layouts."""
    path = tmp_path / "error.log"
    path.write_bytes(_22 * 50 + _24 * 90)
    return path


def _found(*paths: Path) -> list[list[Layout]]:
    sources = [Source(str(path)) for path in paths]
    with found_layouts(sources, apart=False) as found:
        layouts = list(found)
    for source in sources:
        source.close()
    return layouts


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Who looked for layouts, as far as this process sees it."""
    by: list[int] = []

    def watched(*given: object) -> list[DetectedLayout]:
        by.append(os.getpid())
        return detect(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "detect", watched)
    return by


def test_a_child_finds_the_very_layouts(log: Path, looked: list[int]) -> None:
    """The same objects in the same order, and nobody looks for them here."""
    early_layouts.begin(["normalize", "-q", "--server-tz", "UTC", str(log)])
    assert _found(log) == [[HTTPD_24, HTTPD_22]]
    assert looked == []
    assert _found(log) == [[HTTPD_24, HTTPD_22]]
    assert looked == [os.getpid()]


def test_the_program_begins_one() -> None:
    """What is found so is what the whole program goes by."""
    words = ["normalize", "-q", "--server-tz", "Europe/Berlin", str(_SAMPLE / "error.log")]
    ran = subprocess.run([sys.executable, "-c", _DRIVER, *words], check=True, capture_output=True)
    plain = subprocess.run(
        [sys.executable, "-m", "logtool", *words], check=True, capture_output=True
    )
    assert ran.stdout == plain.stdout != b""


def test_another_log_is_looked_at_here(log: Path, looked: list[int]) -> None:
    """A log that has taken the place of the one that was named, and other logs beside it."""
    early_layouts.begin(["normalize", str(log)])
    log.rename(log.with_suffix(".1"))
    log.write_bytes(_22 * 50)
    assert _found(log) == [[HTTPD_22]]

    early_layouts.begin(["normalize", str(log)])
    assert _found(log.with_suffix(".1"), log) == [[HTTPD_24, HTTPD_22], [HTTPD_22]]
    assert looked == [os.getpid()] * 3


def test_what_a_child_cannot_find_is_found_here(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it meets a fault, and where it meets another file than the one that was seen."""

    def fails(*given: object) -> bytes:
        raise ValueError

    monkeypatch.setattr(module, "told", fails)
    early_layouts.begin(["normalize", str(log)])
    assert _found(log) == [[HTTPD_24, HTTPD_22]]

    other = log.with_suffix(".1")
    other.write_bytes(_22 * 50)
    assert early_layouts._found(str(other), (0, 0)) == b""


@pytest.mark.parametrize(
    "words",
    [[], ["normalize"], ["view", "{}"], ["normalize", "{}", "{}"], ["normalize", "no\0file"]],
)
def test_no_child_is_begun_in_vain(words: list[str], log: Path) -> None:
    """Without the one large file that will be read at once there is nothing to begin."""
    early_layouts.begin([word.format(log) for word in words])
    assert early_layouts._begun is None


@pytest.mark.parametrize("cannot", ["core", "fork", "large"])
def test_where_there_can_be_no_child(
    cannot: str, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a single core, too many processes, or a small file, all is done here."""

    def no_fork() -> int:
        raise OSError

    if cannot == "core":
        monkeypatch.setattr(early_layouts, "has_another_core", lambda: False)
    elif cannot == "fork":
        monkeypatch.setattr(os, "fork", no_fork)
    else:
        monkeypatch.setattr(early_layouts, "_WORTH", 1 << 20)
    early_layouts.begin(["normalize", str(log)])
    assert early_layouts._begun is None
    assert _found(log) == [[HTTPD_24, HTTPD_22]]


def test_another_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there where this process may run on two."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0})
    assert not child.has_another_core()
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    assert child.has_another_core() is (os.uname().sysname == "Linux")
