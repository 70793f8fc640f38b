"""Printing: takes an ErrorLogFormat and the facts of a message, gives the line httpd would write.

A port of do_errorlog_format of httpd's server/log.c, for samples.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers.error_log_format.fields import Directive, ErrorLogFormat, Literal
from parsers.error_log_format.items import LEVELS, column_of


def print_line(parsed: ErrorLogFormat, facts: Mapping[str, str]) -> str:
    """The line that httpd writes.

    Args:
        parsed: the format.
        facts: texts by column; a missing one is empty. `time` answers for every `%t`, unless
            there is one under `time:ARGUMENT`.
    """
    level = LEVELS.index(facts["level"]) if "level" in facts else len(LEVELS)
    text = ""
    start = 0
    skipping = False
    for number, field in enumerate(parsed.fields):
        if number and not skipping:
            start = len(text)
        skipping = False
        for part in field.parts:
            message = isinstance(part, Directive) and part.item.letter == "M"
            if skipping and not message:
                continue
            printed = _printed(part, facts, level)
            if printed or message:
                text += printed
            elif isinstance(part, Directive) and part.required:
                return ""
            elif isinstance(part, Directive) and part.hyphen and part.min_level <= level:
                text += "-"
            else:
                text = text[:start]
                skipping = True
    return text


def _printed(part: Literal | Directive, facts: Mapping[str, str], level: int) -> str:
    if isinstance(part, Literal):
        return part.text
    if part.item.letter == "M":
        return facts["message"]
    if part.min_level > level:
        return ""
    column = column_of(part.item, part.argument)
    if column == "time":
        return facts.get(f"time:{part.argument or ''}", facts.get("time", ""))
    return facts.get(column, facts.get(part.item.column, ""))
