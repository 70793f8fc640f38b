"""Linear: does twice as much take twice as long? `python -m benchmarks.linear [WORD …]`.

Logs that an attacker would write, of n lines and of 2n, are given to each word, and texts that
nearly match to each regular expression. What is printed is processor time, without that of an empty
log, and by how much it grew: 2 is linear, 4 would be quadratic.
"""

from __future__ import annotations

import argparse
import inspect
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.trust.test_expressions import PIECES, modules

WORDS = (
    ["normalize", "-q"], ["normalize", "-q", "--sort"], ["clocks", "-q"], ["flags", "-q"],
    ["pairs", "-q"], ["report", "-q"], ["format", "detect"],
    ["query", "SELECT count(*), max(message) FROM log"],
)  # fmt: skip
_WAYS = ("match", "fullmatch", "search", "finditer", "findall", "split", "sub")
_LINES = 20_000
_STAMP = "[Mon Nov 23 {h:02}:{m:02}:{s:02}.{us:06} 2026]"


def _line(n: int, text: str, pid: int = 7) -> bytes:
    """Line n of a day of a thousand lines a minute."""
    minute, rest = divmod(n, 1000)
    stamp = _STAMP.format(h=minute // 60 % 24, m=minute % 60, s=rest * 60 // 1000, us=rest)
    return f"{stamp} [wsgi:error] [pid {pid}:tid {pid}] {text}\n".encode()


def _client(n: int) -> str:
    return f"[client 10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}:4711]"


_TRACEBACK = (
    "Traceback (most recent call last):", '  File "/a.py", line 3, in f', "    f()",
    "ValueError: x:", "more", "",
    "During handling of the above exception, another exception occurred:", "",
)  # fmt: skip
#: Name -> the log of n lines.
LOGS: dict[str, Callable[[int], bytes]] = {
    "empty lines": lambda n: b"\n" * (50 * n),
    "one line": lambda n: _line(0, "x" * (500 * n)),
    "one line of brackets": lambda n: b"[" * (100 * n),
    "a pid each": lambda n: b"".join(_line(i, "x", i + 10) for i in range(n // 4)),
    "a client each": lambda n: b"".join(_line(i, f"{_client(i)} x", i % 9 + 1) for i in range(n)),
    "one client": lambda n: b"".join(_line(i, f"{_client(1)} x", i % 9 + 1) for i in range(n)),
    "a log ID each": lambda n: b"".join(
        _line(i, f"[client 10.0.0.1:4711] AH00124: x {i:011}") for i in range(n)
    ),
    "one traceback": lambda n: b"".join(
        _line(i, f"{_client(1)} {_TRACEBACK[i % len(_TRACEBACK)]}") for i in range(n)
    ),
    "raw traceback": lambda n: "\n".join((_TRACEBACK * n)[:n]).encode(),
    "causes without end": lambda n: b"".join(
        _line(i, f"{_client(1)} {('ValueError: x:', 'more:')[i % 2]}") for i in range(n)
    ),
    "frames without end": lambda n: b"".join(
        _line(i, f"{_client(1)} {_TRACEBACK[min(i, 1 + i % 2)]}") for i in range(n)
    ),
    "restarts": lambda n: b"".join(
        _line(i, "AH00489: Apache/2.4.71 configured -- resuming normal operations", 1)
        for i in range(n // 4)
    ),
    "times that fall": lambda n: b"".join(_line(n - i, "x", i % 5) for i in range(n // 4)),
}  # fmt: skip


def _processor_s(words: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "logtool", *words], check=False, capture_output=True, timeout=900
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _grown(words: list[str], made: Callable[[int], bytes], folder: Path) -> tuple[float, float]:
    """Seconds for n and for 2n lines."""
    log = folder / "error.log"
    seconds = []
    for lines in (0, _LINES, 2 * _LINES):
        log.write_bytes(made(lines) if lines else b"")
        seconds.append(_processor_s([*words, str(log)]))
    return seconds[1] - seconds[0], seconds[2] - seconds[0]


def _used() -> Iterator[tuple[re.Pattern[Any], str]]:
    """Every expression of our modules, and each way in which its module uses it."""
    for module in modules():
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            for one in value if isinstance(value, tuple | list) else (value,):
                if isinstance(one, re.Pattern):
                    for way in _WAYS:
                        # Expressions in a tuple are used under another name.
                        if one is not value or re.search(rf"\b{name}\.{way}\(", source):
                            yield one, way


def _pumped() -> Iterator[tuple[float, float, str, str]]:
    """Of each expression: seconds, how much twice the text takes longer, it, and the text."""
    for one, way in _used():
        worst = max((_matching_s(one, way, piece, 2000), piece) for piece in PIECES)
        longer = _matching_s(one, way, worst[1], 4000)
        yield longer, longer / max(worst[0], 2e-6), f"{way} {one.pattern!r}", worst[1]


def _matching_s(one: re.Pattern[Any], way: str, piece: str, length: int) -> float:
    text = piece * (length // len(piece)) + "\n!"
    given: Any = text.encode() if isinstance(one.pattern, bytes) else text
    tried = getattr(one, way)
    taken = []
    for _ in range(3):
        begin = time.process_time()
        if way == "finditer":
            deque(tried(given), 0)
        elif way == "sub":
            tried(given[:0], given)
        else:
            tried(given)
        taken.append(time.process_time() - begin)
    return min(taken)


def main() -> None:
    """Print a table of words and logs, then the expressions that grow most."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linear", description=__doc__)
    parser.add_argument("words", nargs="*", help="the first words of commands; `expressions`")
    asked = parser.parse_args().words
    for words in WORDS:
        if asked and words[0] not in asked:
            continue
        for name, made in LOGS.items():
            with tempfile.TemporaryDirectory() as folder:
                once, twice = _grown(words, made, Path(folder))
            grown = f"x {twice / once:.1f}" if once > 0.05 else "too short to tell"
            print(
                f"{' '.join(words):40} {name:22} {once:6.2f} s {twice:6.2f} s  {grown}", flush=True
            )
    if not asked or "expressions" in asked:
        found = sorted(_pumped(), reverse=True)
        print(f"{len(found)} uses of expressions; those that take longest over 4,000 characters:")
        for seconds, growth, use, piece in found[:8]:
            print(f"  {seconds * 1000:7.2f} ms  x {growth:.1f}  {piece!r}  {use[:70]}")


if __name__ == "__main__":
    main()
