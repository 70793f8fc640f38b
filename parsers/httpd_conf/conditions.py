"""Conditions: takes a conditional section's argument and what is known, gives whether it holds.

The sections that httpd decides while it reads: `<IfModule>`, `<IfDefine>`, `<IfFile>`
(server/core.c, start_cond_section) and `<IfVersion>` (modules/metadata/mod_version.c).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from parsers.config_words import words

Version = tuple[int, int, int]

#: Modules that are part of the program in the usual builds, so that no LoadModule names them.
BUILT_IN_MODULES = frozenset(
    {"core", "http", "so", "unixd", "version", "log_config", "logio", "watchdog"}
)
#: Source files that are not called mod_<name>.c.
_SOURCES = {
    "core.c": "core",
    "http_core.c": "http",
    "event.c": "mpm_event",
    "worker.c": "mpm_worker",
    "prefork.c": "mpm_prefork",
}
_COMPARISONS: dict[str, Callable[[Version, Version], bool]] = {
    "=": lambda ours, theirs: ours == theirs,
    "==": lambda ours, theirs: ours == theirs,
    ">": lambda ours, theirs: ours > theirs,
    ">=": lambda ours, theirs: ours >= theirs,
    "<": lambda ours, theirs: ours < theirs,
    "<=": lambda ours, theirs: ours <= theirs,
}


def module_name(spelled: str) -> str:
    """The short name of a module written as `wsgi_module`, `mod_wsgi.c`, `mod_wsgi.so`."""
    if spelled in _SOURCES:
        return _SOURCES[spelled]
    return re.sub(r"^(?:mod_|lib)|_module$|\.c$|\.so$", "", spelled)


def negated(argument: str) -> tuple[bool, str]:
    """Whether a condition begins with `!`, and its first word."""
    negative = argument.startswith("!")
    found = words(argument[1:] if negative else argument)
    return negative, found[0] if found else ""


def version_holds(argument: str, version: Version) -> bool:
    """Whether `<IfVersion argument>` holds for this version of httpd.

    Raises:
        ValueError: the argument is not one that mod_version takes.
    """
    found = words(argument)
    operator, wanted = ("=", found[0]) if len(found) == 1 else [*found, "", ""][:2]
    negative = operator.startswith("!")
    operator = operator[1:] if len(operator) > 1 and negative else operator
    if operator == "~" or (operator == "=" and wanted.startswith("/")):
        try:
            holds = re.search(wanted.strip("/"), ".".join(map(str, version))) is not None
        except re.error as fault:
            raise ValueError(f"<IfVersion {argument}>: {fault}") from fault
    elif operator in _COMPARISONS and re.fullmatch(r"\d+(\.\d+){0,2}", wanted):
        parts = [int(part) for part in wanted.split(".")] + [0, 0]
        holds = _COMPARISONS[operator](version, (parts[0], parts[1], parts[2]))
    else:
        raise ValueError(f"<IfVersion {argument}> makes no comparison")
    return holds != negative
