"""Hostile: a log whose lines would act on whoever shows them, and what must never be shown raw."""

from __future__ import annotations

import re

#: Terminal escapes, the clipboard (OSC 52), a title, a hyperlink, bidirectional marks, C1 controls.
ACTS = (
    "\x1b[2J\x1b[31mred\x1b[0m", "\x1b]52;c;cm0gLXJmIH4=\x07", "\x1b]0;title\x07", "\x9b31m",
    "\x1b]8;;http://x.example/\x1b\\here\x1b]8;;\x1b\\", "\u202egpj.exe", "\u2066x\u2069",
    "\x08\x08", "\x7f", "\u2028", "\u200b", "\ufeff", "\r overwritten",
)  # fmt: skip
MARKUP = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "' onmouseover='alert(1)",
    "[click](javascript:alert(1))", "`code` **bold** | cell |\\", "[red]markup[/red]", "&lt;b&gt;",
)  # fmt: skip
FORMULAS = (
    "=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(1,1)", "\t=1+1", "%0A=1",
    "=HYPERLINK(\"http://x.example\")",
)  # fmt: skip
EVERY = (*ACTS, *MARKUP, *FORMULAS)

#: What no output for people may hold: controls but newline, and what reorders or hides text.
RAW_CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)

_HEAD = "[Mon Nov 23 20:58:{:02}.{:06} 2026]"
_WHO = "[pid {}:tid {}] [client 203.0.113.9:{}]"


def hostile_log() -> bytes:
    """Lines of workers and daemons whose messages, and lines of nobody, are all hostile."""
    lines = [
        "[Mon Nov 23 20:58:20.000001 2026] [mpm_event:notice] [pid 100:tid 100] AH00489: "
        "Apache/2.4.71 (Debian) mod_wsgi/4.9.4 Python/3.11 configured -- resuming normal operations"
    ]
    for number, text in enumerate(EVERY):
        stamp = _HEAD.format(21 + number // 2, number)
        worker = _WHO.format(101, 101, 40000 + number)
        daemon = _WHO.format(102, 102, 40000 + number)
        lines += [
            f"{stamp} [core:error] {worker} AH00126: Invalid URI in request {text} HTTP/1.1",
            f"{stamp} [wsgi:info] [pid 102:tid 102] mod_wsgi (pid=102): Starting process '{text}' "
            "with threads=1.",
            f"{stamp} [wsgi:error] {daemon} {text}",
            f"{stamp} [wsgi:error] {daemon} Traceback (most recent call last):",
            f'{stamp} [wsgi:error] {daemon}   File "/srv/{text}.py", line 3, in {text}',
            f"{stamp} [wsgi:error] {daemon}     {text}",
            f"{stamp} [wsgi:error] {daemon} ValueError: {text}, referer: {text}",
            f"{stamp} [{text}:error] {worker} {text}",
            f"{stamp} [core:error] [pid 101:tid 101] [client {text}] AH00124: {text}",
            text,
            f"Fatal Python error: {text}",
        ]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


#: A name of a file that would act when it is shown.
NAME = "error\x1b]52;c;eA==\x07\u202e<script>.log"
