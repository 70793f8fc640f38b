"""A troubled log: takes a capture, gives one whose daemons meet known problems all the time."""

from __future__ import annotations

import re
from itertools import cycle
from pathlib import Path

from benchmarks.large_log import CAPTURE, DATA, large_log
from logtool.flags.rule import shipped_rules

#: One line of a daemon in so many is followed by a problem.
_EVERY = 6
_SPEECH = re.compile(r"\[[^]]*\] \[wsgi:error\] \[pid [^]]*\] \[remote [^]]*\] ")
_TRACE = (
    "mod_wsgi (pid=4711): Exception occurred processing WSGI script '/srv/shop/wsgi.py'.",
    "Traceback (most recent call last):",
    '  File "/srv/venv/lib/python3.11/site-packages/django/core/handlers/base.py", line 7, in run',
    "    response = wrapped_callback(request, *callback_args, **callback_kwargs)",
    '  File "/srv/shop/views.py", line 31, in order',
    "    return deliver(order)",
)  # fmt: skip


def troubled_log(size: int, every: int = _EVERY) -> Path:
    """A log of about `size` bytes with a traceback in a quarter of its lines, most of them hits.

    Each problem is written by the process and at the time of the line before it, so the clocks are
    those of the capture.
    """
    capture = DATA / f"troubled-{every}"
    capture.mkdir(parents=True, exist_ok=True)
    lines = (CAPTURE / "error.log").read_text().splitlines()
    times = (CAPTURE / "truth.txt").read_text().split()
    ends = cycle([*_problems(), "KeyError: 9"])
    spoken = 0
    told: list[tuple[str, str]] = []
    for line, time in zip(lines, times, strict=True):
        told.append((line, time))
        speech = _SPEECH.match(line)
        if speech is None or "  File" in line or "    " in line:
            continue
        spoken += 1
        if spoken % every == 0:
            told += [(speech[0] + text, time) for text in (*_TRACE, next(ends))]
    (capture / "error.log").write_text("".join(f"{line}\n" for line, _ in told))
    (capture / "truth.txt").write_text("".join(f"{time}\n" for _, time in told))
    return large_log(size, capture)


def _problems() -> list[str]:
    """The messages of the shipped rules' examples that are one line of Python's."""
    hits = [hit for rule in shipped_rules() for hit in rule.hits if "\n" not in hit.strip()]
    messages = [_SPEECH.sub("", hit) for hit in hits if _SPEECH.match(hit)]
    return [text for text in messages if re.match(r"[A-Z]\w*Error: ", text)]
