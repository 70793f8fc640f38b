"""Format lints: takes an ErrorLogFormat, gives what to improve in it, and the better directive."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from logtool.format_samples import sample_time
from parsers.ambiguities import written
from parsers.error_log_format import Directive, ErrorLogFormat, Kind, Literal, parse
from parsers.items import Shape
from parsers.strftime import conversions

#: From this httpd on `%t` takes `z` and strftime (CHANGES).
OFFSET_SINCE = "2.4.58"
#: The time that the mod_wsgi documentation recommends ("Timezones and the Apache Error Log").
BEST_TIME = "%{cuz}t"
_OPTIONS = frozenset("cumz")


@dataclass(frozen=True, slots=True)
class Lint:
    """Something to improve.

    Attributes:
        rule: a short name: `offset`, `percent`, `pid`, `log-id`, `brackets`, …
        says: what is wrong.
        cure: what to write instead.
    """

    rule: str
    says: str
    cure: str


def lints(parsed: ErrorLogFormat) -> Iterator[Lint]:
    """What to improve, the gravest first."""
    for check in _CHECKS:
        yield from check(parsed)


def _times(parsed: ErrorLogFormat) -> list[str]:
    return [d.argument or "" for d in parsed.directives() if d.item.shape is Shape.TIME]


def _percent(parsed: ErrorLogFormat) -> Iterator[Lint]:
    for argument in _times(parsed):
        if re.fullmatch(r"%[cuzm]{2,}|%usec_frac|%msec_frac", argument):
            letters = "".join(c for c in "cumz" if c in argument[1:].split("_")[0])
            yield Lint(
                "percent",
                f"%{{{argument}}}t: the % makes it strftime's, which prints "
                f"`{sample_time(argument)}`; the letters were meant as options.",
                f"%{{{letters}}}t",
            )


def _unknown_letters(parsed: ErrorLogFormat) -> Iterator[Lint]:
    for argument in _times(parsed):
        kept = "".join(c for c in "cumz" if c in argument)
        if "%" not in argument and set(argument) - set(_OPTIONS):
            yield Lint(
                "letters",
                f"%{{{argument}}}t: only c, u, m and z mean something here, so it prints "
                f"`{sample_time(argument)}`, a whole time.",
                f"%{{{kept}}}t",
            )


def _offset(parsed: ErrorLogFormat) -> Iterator[Lint]:
    times = _times(parsed)
    if not times:
        yield Lint("time", "There is no time.", f"[{BEST_TIME}]")
    elif not any(_has_offset(argument) for argument in times):
        yield Lint(
            "offset",
            "The time has no offset, and every process stamps in its own zone: lines of several "
            "zones cannot be told apart.",
            f"add z, as in {BEST_TIME} (httpd {OFFSET_SINCE} or later)",
        )


def _has_offset(argument: str) -> bool:
    if "%" not in argument:
        return "z" in argument
    letters = {c.letter for c in conversions(argument) if not isinstance(c, str)}
    return bool(letters & {"z", "s"})


def _fraction(parsed: ErrorLogFormat) -> Iterator[Lint]:
    times = _times(parsed)
    if times and not any("%" not in argument and set("um") & set(argument) for argument in times):
        yield Lint(
            "fraction",
            "The time has no fraction of a second: lines of one second have no order.",
            "add u for microseconds",
        )


def _strftime(parsed: ErrorLogFormat) -> Iterator[Lint]:
    letters = {
        c.text
        for argument in _times(parsed)
        for c in conversions(argument)
        if not isinstance(c, str) and "%" in argument
    }
    if "%f" in letters:
        yield Lint("strftime", "%f is copied as it stands: strftime has no fractions.", BEST_TIME)
    if "%Z" in letters:
        yield Lint(
            "strftime",
            "%Z is a name that may mean several zones (IST, CST).",
            "%z, or the option z",
        )
    if re.search(r"%t\}?Z|\}tZ", parsed.text):
        yield Lint(
            "strftime",
            "A Z behind the time says UTC, but the time is local to the writing process.",
            BEST_TIME,
        )


def _missing(parsed: ErrorLogFormat) -> Iterator[Lint]:
    letters = {d.item.letter for d in parsed.directives()}
    if "P" not in letters and parsed.kind == "main":
        yield Lint(
            "pid",
            "There is no process ID: nothing tells which clock stamped a line.",
            "[pid %P]",
        )
    if "L" not in letters:
        yield Lint(
            "log-id",
            "There is no log ID, which joins the lines of one request in all its processes.",
            "[%-{c}L/%-L]",
        )
    if parsed.kind == "main" and "l" not in letters:
        yield Lint("level", "There is no level.", "[%-m:%l]")


def _brackets(parsed: ErrorLogFormat) -> Iterator[Lint]:
    """A field that closes a bracket which another field opened: dropped, it leaves it open."""
    for field in parsed.fields:
        droppable = [
            p for p in field.parts
            if isinstance(p, Directive) and p.item.optional and not p.hyphen and not p.required
        ]  # fmt: skip
        text = "".join(p.text for p in field.parts if isinstance(p, Literal))
        if droppable and text.count("]") + text.count(")") > text.count("[") + text.count("("):
            item = written(droppable[0])
            yield Lint(
                "brackets",
                f"When {item} is empty, its field with the closing bracket is left out, and the "
                "opening one stays alone.",
                rf"escape the space before it (`\ {item}`), or write %-{item[1:]}",
            )


#: The gravest first.
_CHECKS: tuple[Callable[[ErrorLogFormat], Iterator[Lint]], ...] = (
    _percent, _unknown_letters, _offset, _strftime, _brackets, _missing, _fraction,
)  # fmt: skip


def improve(parsed: ErrorLogFormat) -> str:
    """The directive with one good time, whole brackets, a pid and log IDs."""
    text = _escape_spaces(_with_good_time(parsed))
    letters = {d.item.letter for d in parsed.directives()}
    additions = "" if "P" in letters else " [pid %P]"
    if parsed.kind == "main" and "L" not in letters:
        additions += " [%-{c}L/%-L]"
    text = _after_first_brackets(text, additions)
    return directive_line(text, parsed.kind)


def directive_line(text: str, kind: Kind) -> str:
    """The line of httpd.conf that means a format."""
    # Within quotes httpd unescapes a backslash only before a quote or another one.
    quoted = re.sub(r'\\(?=[\\"]|$)', r"\\\\", text).replace('"', r"\"")
    keyword = "" if kind == "main" else f"{kind} "
    return f'ErrorLogFormat {keyword}"{quoted}"'


def _with_good_time(parsed: ErrorLogFormat) -> str:
    """The format with the run of its times replaced by the best one, unless they are good."""
    times = [d for d in parsed.directives() if d.item.shape is Shape.TIME]
    if not times:
        return f"[{BEST_TIME}] {parsed.text}"
    if len(times) == 1 and _is_good(times[0].argument or ""):
        return parsed.text
    end = times[-1].end
    if parsed.text[end : end + 1] == "Z":
        end += 1
    return parsed.text[: times[0].at] + _good_time(times) + parsed.text[end:]


def _is_good(argument: str) -> bool:
    return "%" not in argument and not set(argument) - set("cuz") and {"u", "z"} <= set(argument)


def _good_time(times: list[Directive]) -> str:
    """`%{uz}t` for those who read ctime, else the compact form."""
    argument = times[0].argument or ""
    plain = len(times) == 1 and "%" not in argument and "c" not in argument
    return "%{uz}t" if plain else BEST_TIME


def _escape_spaces(text: str) -> str:
    r"""Keep each bracket in one field: `[client %a]` becomes `[client\ %a]`, and so on."""

    def whole(match: re.Match[str]) -> str:
        inside = match.group(0)
        if not _may_break(inside):
            return inside
        if "%P" in inside or "%v" in inside:
            # Dropped as a whole it would take the pid along.
            return re.sub(r"%(?=(?:\{[^}]*\})?[aAeEFikLmnTV])", "%-", inside)
        return re.sub(r"(?<![\\%]) ", r"\\ ", inside)

    return re.sub(r"\[[^][]*\]", whole, text)


def _may_break(bracket: str) -> bool:
    fields = parse(f"{bracket}%M").fields
    return len(fields) > 1 and any(
        isinstance(p, Directive) and p.item.optional and not p.hyphen
        for field in fields
        for p in field.parts
    )


def _after_first_brackets(text: str, additions: str) -> str:
    """Put more brackets behind those that the format begins with, if it does."""
    head = re.match(r"(?:\[[^][]*\] )+", text)
    if not head:
        return text
    return f"{text[: head.end() - 1]}{additions} {text[head.end() :]}"
