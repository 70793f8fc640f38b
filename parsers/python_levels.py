r"""Python levels: how a message that Python's logging wrote begins, as regular expressions.

mod_wsgi logs all that an application prints as `error`, whatever its own level; what was meant
stands inside the text.
"""

from __future__ import annotations

import re
from functools import cache

_LEVEL = r"(DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL)"
_DATE = (
    r"(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^\]\sA-Z]*(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
    r"|\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d(?:[.,]\d+)?)"
)
#: A character of a logger's name. All beyond ASCII, because Unicode's own list of letters, as often
#: as it is repeated below, takes 45 MB once compiled.
_NAME = r"[A-Za-z0-9_./:\u0080-\U0010FFFF-]"

#: Layouts of the standard library, Django, Flask and the usual tutorials, from the start of the
#: text. Each has the level as its only capture.
_LAYOUTS = (
    # `ERROR:root:text`, `WARNING shop text`, `ERROR 2026-11-23 10:00:00,123 views 12 34 text`,
    # `INFO - text`, `ERROR [shop.views] text`
    rf"{_LEVEL}(?:[: ]|$)",
    # `[ERROR] text`, `[ERROR 2026-…] text`, `(ERROR) text`, `<WARNING> text`
    rf"[\[(<]{_LEVEL}[\])>: ]",
    # `2026-11-23 10:00:00,123 ERROR shop text`, `[2026-… 10:00:00,123] ERROR in app: text` (Flask),
    # `2026-… - shop - ERROR - text`, `2026-… [ERROR] shop: text`,
    # `[21/Nov/2026 10:11:12] ERROR [shop:3] text`
    rf"\[?{_DATE}\]?[ :|-]{{0,3}}(?:\[?{_NAME}{{1,60}}\]?[ :|-]{{1,3}}){{0,3}}?"
    rf"[\[(<]?{_LEVEL}[\])>: ]",
    # `shop.views - ERROR - text`, `shop.views: ERROR: text`
    rf"[\w.]+ - {_LEVEL} - ",
    rf"\w+(?:\.\w+)+[: ] ?\[?{_LEVEL}\]?[: ]",
)
#: Modules of httpd whose lines may hold Python's text; an empty or missing module too.
MODULES = ("wsgi", "cgi", "cgid", "")
#: Python's levels, the most severe first.
LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")
#: What httpd calls the same.
IN_HTTPD = {
    "CRITICAL": "crit", "ERROR": "error", "WARNING": "warn", "INFO": "info", "DEBUG": "debug",
}  # fmt: skip
#: Each matches from the start of a text; its only capture is the level.
PATTERNS = tuple(rf"^(?:{layout})" for layout in _LAYOUTS)


#: Other names of the same levels.
SAME = {"WARN": "WARNING", "FATAL": "CRITICAL"}
#: A text whose level stands further in has none.
NEAR = 120


@cache
def _compiled() -> tuple[re.Pattern[str], ...]:
    """The patterns: few runs look for the level of a single text, and they take milliseconds."""
    return tuple(map(re.compile, PATTERNS))


def level_of(text: str) -> str:
    """The level inside one text as logging names it, or empty."""
    for pattern in _compiled():
        if (match := pattern.match(text[:NEAR])) is not None:
            return SAME.get(match[1], match[1])
    return ""
