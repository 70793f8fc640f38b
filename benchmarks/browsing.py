"""`python -m benchmarks.browsing`: errlog view beside less and lnav, in a terminal, on one log.

Each program is started, and keys are pressed as a user would; a step has ended when the terminal's
screen shows what was asked for. Needs pyte, a terminal in Python.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.large_log import large_log
from benchmarks.terminal import Terminal

_PATIENCE_S = 300.0
_PAGES = 20
#: What is searched for; only one line holds it, late in the log.
_NEEDLE, _FOUND, _LAST = "needle-x7", "IN-THE-HAYSTACK", "THE-VERY-LAST-LINE"
_NEEDLE_AT = 0.95
#: Bytes at the end that hold a whole line.
_TAIL = 4096
#: Any line of the log; less shows all of it, errlog its message.
_ANY_LINE = re.compile(r"AH0\d{4}: ")
_ROWS = slice(3, 36)

Seconds = dict[str, float]


@dataclass(frozen=True, slots=True)
class Browser:
    """A program and its keys.

    Attributes:
        name: for people.
        command: `{log}` and `{python}` stand for paths.
        filter: keys that show only the lines with the needle.
        known: what its screen shows when all is read; empty where nothing is read before.
        hit: what its screen shows when the search has found the needle.
    """

    name: str
    command: tuple[str, ...]
    filter: str
    known: str = ""
    hit: str = _FOUND


BROWSERS = (
    Browser("errlog view", ("{python}", "-m", "logtool", "view", "{log}"),
            f"&{_NEEDLE}\r", "clocks  "),
    Browser("less", ("less", "{log}"), f"&{_NEEDLE}\r"),
    Browser("lnav", ("lnav", "{log}"), f":filter-in {_NEEDLE}\r", hit="1 hits for"),
)  # fmt: skip


def haystack(size: int, folder: Path) -> Path:
    """A large log with a needle in it and a last line that is known."""
    source, path = large_log(size), folder / "error.log"
    left = int(source.stat().st_size * _NEEDLE_AT)
    with source.open("rb") as log, path.open("wb") as out:
        while left and (piece := log.read(min(left, 1 << 20))):
            out.write(piece)
            left -= len(piece)
        out.write(log.readline())
        line = log.readline()
        out.write(line + _like(line, f"{_NEEDLE} {_FOUND}"))
        shutil.copyfileobj(log, out, 1 << 20)
        log.seek(-_TAIL, os.SEEK_END)
        out.write(_like(log.read().splitlines()[-1], _LAST))
    return path


def _like(line: bytes, text: str) -> bytes:
    """A line of the same time."""
    stamp = line[: line.index(b"]") + 1].decode()
    return f"{stamp} [core:notice] [pid 1:tid 1] {text}\n".encode()


def measure(browser: Browser, log: Path, home: Path) -> Seconds:
    """Seconds of each step, and `cpu` and `peak`."""
    named = {"{log}": str(log), "{python}": sys.executable}
    environment = os.environ | {"HOME": str(home), "XDG_STATE_HOME": str(home), "LESSHISTFILE": "-"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    terminal = Terminal([named.get(word, word) for word in browser.command], environment)
    try:
        return dict(_steps(browser, terminal))
    finally:
        terminal.close()


def _steps(browser: Browser, terminal: Terminal) -> Mapping[str, float]:
    told: Seconds = {}

    def until(seen: Callable[[str], bool], keys: str) -> float:
        return terminal.until(seen, _PATIENCE_S, terminal.press(keys))

    def there(text: str) -> Callable[[str], bool]:
        return lambda screen: text in screen

    told["first screen"] = terminal.until(lambda s: bool(_ANY_LINE.search(s)), _PATIENCE_S)
    told["processor s of it"] = terminal.cpu_s()
    terminal.press("G")
    told["last line, from the start"] = terminal.until(there(_LAST), _PATIENCE_S)
    if browser.known and browser.known not in terminal.text:
        terminal.until(lambda screen: browser.known in screen, _PATIENCE_S)
    terminal.settle(2)
    told["g"] = until(lambda screen: _LAST not in screen and bool(_ANY_LINE.search(screen)), "g")
    terminal.settle()
    told["G"] = until(there(_LAST), "G")
    terminal.settle()
    told["page up"] = statistics.median(_page(terminal) for _ in range(_PAGES))
    until(lambda screen: _LAST not in screen, "g")
    terminal.settle()
    told["search"] = until(there(browser.hit), f"/{_NEEDLE}\r")
    until(lambda screen: _FOUND not in screen, "g")
    terminal.settle()
    told["filter"] = until(
        lambda screen: there(_FOUND)(screen) and not _ANY_LINE.search(screen), browser.filter
    )
    terminal.settle()
    told["processor s"] = terminal.cpu_s()
    told["peak MiB"] = terminal.peak_mib()
    return told


def _page(terminal: Terminal) -> float:
    """One page up, until no row is the one that was there."""
    before = terminal.text.split("\n")[_ROWS]

    def changed(screen: str) -> bool:
        rows = screen.split("\n")[_ROWS]
        return rows[0] != before[0] and rows[-1] != before[-1]

    return terminal.until(changed, _PATIENCE_S, terminal.press("b"))


def main() -> None:
    """Read the arguments, run all in turn, print a table of medians."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browsing", description=__doc__)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    browsers = [one for one in BROWSERS if given.only in one.name]
    browsers = [
        one for one in browsers if one.command[0] == "{python}" or shutil.which(one.command[0])
    ]
    found: dict[str, list[Seconds]] = defaultdict(list)
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        log = haystack(given.mib << 20, Path(folder))
        for _ in range(given.runs):
            for browser in browsers:
                found[browser.name].append(measure(browser, log, Path(folder) / "home"))
                print(browser.name, found[browser.name][-1], file=sys.stderr, flush=True)
    print(table(found))


def table(found: Mapping[str, list[Seconds]]) -> str:
    """A Markdown table, a row for each step."""
    steps = list(next(iter(found.values()))[0])
    lines = [f"| | {' | '.join(found)} |", f"|---|{'---:|' * len(found)}"]
    for step in steps:
        cells = [statistics.median(run[step] for run in runs) for runs in found.values()]
        digits = 0 if "MiB" in step else 2
        lines.append(f"| {step} | {' | '.join(f'{cell:,.{digits}f}' for cell in cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
