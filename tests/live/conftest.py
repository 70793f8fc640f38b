"""Fresh captures for live tests.

Zones are drawn by what is tested: any change of errlog meets others, and the same errlog meets the
same ones wherever it is tested, so that a failure can be looked into. A failing test tells the seed
for `ERRLOG_LIVE_SEED=… pytest tests/live`; `fresh` draws others at each run. `ERRLOG_LIVE=required`
fails where Apache is not installed, instead of skipping.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.exactness import WRONG_US, write_at

from . import apache
from .capture import Capture
from .configuration import MODULES
from .scenarios import SCENARIOS


def _seed() -> str:
    match os.environ.get("ERRLOG_LIVE_SEED"):
        case "fresh":
            return str(random.SystemRandom().randrange(10**9))
        case str(told) if told:
            return told
    root = Path(__file__).parents[2]
    modules = (file for folder in ("logtool", "parsers") for file in (root / folder).rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(modules))).hexdigest()[:9]


SEED = _seed()
ABSENT = apache.missing()
REASON = (
    "LIVE TESTS SKIPPED: they run a real Apache, and something is not installed;"
    f" apt-get install {' '.join(ABSENT)}"
)
NOT_BUILT = "LIVE TESTS SKIPPED: the newest mod_wsgi is not built; `make .venv/mod_wsgi/built`"


@pytest.fixture(scope="session")
def live() -> None:
    """Skip, loudly, where no Apache can run."""
    if ABSENT and os.environ.get("ERRLOG_LIVE") == "required":
        pytest.fail(REASON)
    if ABSENT:
        pytest.skip(REASON)


@pytest.fixture(scope="session", params=["debian", "newest"])
def mod_wsgi(request: pytest.FixtureRequest, live: None) -> Path:
    """Debian's mod_wsgi, and the newest one of PyPI."""
    if request.param == "debian":
        return MODULES / "mod_wsgi.so"
    newest = apache.newest_mod_wsgi()
    if newest is None:
        pytest.skip(NOT_BUILT)
    return newest


@pytest.fixture
def folder(live: None) -> Iterator[Path]:
    """An empty folder that Apache's children can read, unlike those of pytest."""
    with_room = Path(tempfile.mkdtemp(prefix="errlog-live-", dir="/tmp"))
    yield with_room
    shutil.rmtree(with_room, ignore_errors=True)


@pytest.fixture(scope="session", params=SCENARIOS)
def capture(request: pytest.FixtureRequest, live: None) -> Iterator[Capture]:
    """A fresh capture of each scenario in turn, the same one for all tests of a session."""
    name: str = request.param
    folder = Path(tempfile.mkdtemp(prefix="errlog-live-", dir="/tmp"))
    try:
        yield SCENARIOS[name](random.Random(f"{SEED} {name}"), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell how to meet a failing log again, and what its zones were."""
    report = yield
    if report.failed and item.get_closest_marker("live"):
        told = f"replay with ERRLOG_LIVE_SEED={SEED}"
        if isinstance(capture := getattr(item, "funcargs", {}).get("capture"), Capture):
            told += f"\nzones: {capture.zones}\nErrorLogFormat: {capture.error_log_format}"
        report.sections.append(("live capture", told))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Make a skip hard to overlook."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = {
        reason for reason in (REASON, NOT_BUILT) for one in skipped if reason in str(one.longrepr)
    }
    if reasons:
        terminalreporter.section("live tests", red=True, bold=True)
    for reason in sorted(reasons):
        terminalreporter.line(reason, red=True, bold=True)


@pytest.fixture(name="log")
def _log(capture: Capture, tmp_path: Path) -> Path:
    """A copy of the capture's error log with nothing beside it and a wrong modification time."""
    log = tmp_path / "error.log"
    shutil.copyfile(capture.log, log)
    write_at(log, WRONG_US)
    return log
