"""Format samples: takes an ErrorLogFormat, gives lines as current httpd would write them."""

from __future__ import annotations

from parsers.error_log_format.fields import ErrorLogFormat
from parsers.error_log_format.items import Shape
from parsers.error_log_format.printing import print_line
from parsers.times.strftime import conversions

_FACTS = {
    "module": "wsgi", "level": "debug", "pid": "8777", "tid": "8801", "source": "app.c(123)",
    "status": "(13)Permission denied", "client": "192.0.2.7:58619", "peer": "192.0.2.8:40100",
    "local_address": "192.0.2.1:443", "log_id": "awL4SB8AAQE", "connection_log_id": "oVYEEd7eRQA",
    "message": "AH00000: message", "referer": "https://example.com/", "keepalives": "0",
    "virtual_host": "example.com", "server_name": "www.example.com", "header": "value",
    "env": "value", "note": "value",
}  # fmt: skip
#: What every process knows, even without a request or a thread.
_BARE = ("module", "level", "pid", "message", "virtual_host")


def sample_line(parsed: ErrorLogFormat, *, bare: bool = False) -> str:
    """A line of the format; `bare` for a message without a request, status or thread."""
    facts = dict(_FACTS)
    if bare:
        facts = {name: facts[name] for name in _BARE} | {"level": "notice"}
    if parsed.kind != "main":
        for name in ("module", "level", "source", "status"):
            facts.pop(name, None)
    for d in parsed.directives():
        if d.item.shape is Shape.TIME:
            facts[f"time:{d.argument or ''}"] = sample_time(d.argument)
    return print_line(parsed, facts)


def sample_time(argument: str | None) -> str:
    """How current httpd prints 2026-06-05 08:42:36.978307 at +10:00 for `%{argument}t`."""
    argument = argument or ""
    if "%" in argument:
        return "".join(c if isinstance(c, str) else _converted(c.letter, c.text)
                       for c in conversions(argument))  # fmt: skip
    fraction = ".978307" if "u" in argument else ".978" if "m" in argument else ""
    zone = " +1000" if "z" in argument else ""
    if "c" in argument:
        return f"2026-06-05 08:42:36{fraction}{zone}"
    return f"Fri Jun 05 08:42:36{fraction} 2026{zone}"


_CONVERTED = {
    "a": "Fri", "A": "Friday", "b": "Jun", "B": "June", "h": "Jun", "c": "Fri Jun  5 08:42:36 2026",
    "C": "20", "d": "05", "D": "06/05/26", "e": " 5", "F": "2026-06-05", "g": "26", "G": "2026",
    "H": "08", "I": "08", "j": "156", "k": " 8", "l": " 8", "m": "06", "M": "42", "n": "\n",
    "p": "AM", "P": "am", "r": "08:42:36 AM", "R": "08:42", "s": "1780612956", "S": "36",
    "t": "\t", "T": "08:42:36", "u": "5", "U": "22", "V": "23", "w": "5", "W": "22",
    "x": "06/05/26", "X": "08:42:36", "y": "26", "Y": "2026", "z": "+1000", "Z": "AEST", "%": "%",
}  # fmt: skip


def _converted(letter: str, text: str) -> str:
    return _CONVERTED.get(letter, text)
