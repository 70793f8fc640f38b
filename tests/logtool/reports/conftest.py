"""Logs that reports are made of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logtool.clocks.options import ClockOptions
from logtool.flags.wsgi_codes import default_rules
from logtool.reports.making import make_report
from logtool.reports.numbers import Report
from logtool.reports.wish import Wish
from tests import places

SAMPLES = places.SAMPLE_LOGS
CRASH = SAMPLES / "daemon_crash_and_rebirth" / "error.log"

#: What an attacker may get into a log, in every field a client can reach.
SCRIPT = "<script>alert(document.domain)</script>"
IMAGE = "\"'><img src=x onerror=alert(1)>"
ESCAPE = "\x1b]0;owned\x07\x1b[2J"
FORMULA = '=HYPERLINK("http://evil.example/","x")'
MARKDOWN = "[x](javascript:alert(1)) `code` | cell"
EVIL = (SCRIPT, IMAGE, ESCAPE, FORMULA, MARKDOWN)


#: Runs a report of small logs as of large ones; `how` changes what the children meet.
DRIVER = """
import os, signal, sys
from logtool.machine.preparing import prepare
from logtool.program import run

prepare()
from logtool.reports import apart, seeking
from logtool.reports.said import numbering
from logtool.reports.seeking import Seeker

how = sys.argv[1]
make, windows = apart.workers_for, apart.windows_of
made = []

def workers_for(*given):
    made.append(make(*given))
    tell("children ")
    begin = made[-1]._prepare
    made[-1]._prepare = lambda: (sys.meta_path.insert(0, Watch()), begin())
    return made[-1]

def tell(what):
    with open(os.environ["TOLD"], "a") as told:
        told.write(what)

class Watch:
    def find_spec(self, name, *where):
        if name == "polars" and how == "bare":
            tell("polars ")

def watched(sources):
    for number, window in enumerate(windows(sources)):
        if how == "killed" and number == 4:
            os.kill(made[0]._children[1]._pid, signal.SIGKILL)
        if how == "uncounted" and number == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "miscounted" and number == 4:
            raise OSError("what a child meets as it counts")
        if how == "changed" and number == 4:
            with open(sources[-1].name, "r+b") as log:
                log.seek(5 << 20)
                log.write(b"X")
        yield window

def dying(name):
    known, parent = getattr(Seeker, name), os.getpid()

    def asked(seeker):
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        tell(name + " ")
        return known(seeker)

    setattr(Seeker, name, asked)

if how in ("bare clocks", "told", "many, told"):
    dying(how.split()[-1] if "told" in how else "bare")
apart._WORTH = 1 << 60 if how == "here" else 0
numbering._CLIENTS = 50 if how == "few" else numbering._CLIENTS
apart._MANY = 0 if how == "learned" else apart._MANY
seeking._MANY_CLOCKS = 0 if how.startswith("many") else seeking._MANY_CLOCKS
apart.workers_for = workers_for
apart.windows_of = watched
status = run(["report", "--server-tz", "Europe/Berlin", *sys.argv[2:]])
sys.exit(status)
"""


def report_by(how: str, logs: Path, out: Path, *options: str) -> dict[str, Any]:
    """The report as JSON, without when it was made; by children if `how` is not `here`."""
    told = out / f"{how}.json"
    command = [sys.executable, "-c", DRIVER, how, "-q", str(logs), "-o", str(told), *options]
    children = out / f"{how}.children"
    children.write_text("")
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"TOLD": str(children)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    expected = [] if how == "here" else ["children"] * (2 if how == "hosts" else 1)
    expected += {"bare clocks": ["bare"], "told": ["told"], "many, told": ["told"]}.get(how, [])
    assert sorted(children.read_text().split()) == sorted(expected)
    found: dict[str, Any] = json.loads(told.read_text())
    return {name: value for name, value in found.items() if name != "made_utc"}


@pytest.fixture(scope="session", name="report_of")
def _report_of() -> Callable[..., Report]:
    """Make a report of some logs."""

    def make(*paths: Path, **wish: Any) -> Report:  # noqa: ANN401 - as Wish takes them
        asked = {"options": ClockOptions(), "rules": default_rules, **wish}
        return make_report(Wish([str(path) for path in paths], **asked))[0]

    return make


@pytest.fixture(name="hostile")
def _hostile(tmp_path: Path) -> Path:
    """A log in which every field holds what an attacker may write, also its name."""
    folder = tmp_path / "<img src=x onerror=alert(2)>"
    folder.mkdir()
    log = folder / "=error<b>.log"
    head = "[Mon Nov 23 20:58:%02d.844548 2026] [wsgi:error] [pid 71:tid 71] [client 192.0.2.7:5] "
    lines = []
    for number, evil in enumerate(EVIL):
        lines += [head % number + evil]
        stack = ("Traceback (most recent call last):", f'  File "{evil}.py", line 3, in {evil}')
        lines += [head % (10 + number) + text for text in (*stack, f"ValueError: {evil}")]
        lines += [evil]  # a line that no layout reads
    lines += [head % 30 + "AH00052: child pid 9 exit signal Segmentation fault (11)"]
    log.write_text("".join(f"{line}\n" for line in lines))
    return log
