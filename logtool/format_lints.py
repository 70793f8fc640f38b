"""Format lints: takes an ErrorLogFormat, gives what to improve in it, and the better directive."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from logtool.format_samples import sample_time
from parsers.ambiguities import is_json, written
from parsers.error_log_format import Directive, ErrorLogFormat, Kind, Literal, parse
from parsers.items import Shape
from parsers.strftime import conversions

#: From this httpd on `%t` takes `z` and strftime (CHANGES).
OFFSET_SINCE = "2.4.58"
#: The time that the mod_wsgi documentation recommends ("Timezones and the Apache Error Log").
BEST_TIME = "%{cuz}t"
#: httpd's built-in format with the offset in each line. `\\ ` keeps `tid` in the pid's field, so
#: that prefork does not lose the bracket; `%{g}T` is the system's thread id, under every MPM.
BUILT_IN_WITH_OFFSET = (
    r"[%{cuz}t] [%-m:%l] [pid\ %P:tid\ %{g}T] %7F: %E: [client\ %a] %M% ,\ referer:\ %{Referer}i"
)
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
    elif not any(has_offset(argument) for argument in times):
        yield Lint(
            "offset",
            "The time has no offset, and every process stamps in its own zone: lines of several "
            "zones cannot be told apart.",
            f"add z, as in {_good_time(parsed)} (httpd {OFFSET_SINCE} or later)",
        )


def has_offset(argument: str) -> bool:
    """Whether `%{argument}t` tells the offset, or the instant itself."""
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
    for rule, addition in _additions(parsed):
        yield Lint(rule, _WITHOUT[rule], addition.bracket)


_WITHOUT = {
    "pid": "There is no process ID: nothing tells which clock stamped a line.",
    "log-id": "There is no log ID, which joins the lines of one request in all its processes.",
    "level": "There is no level.",
}


def _brackets(parsed: ErrorLogFormat) -> Iterator[Lint]:
    """A field that closes a bracket which another field opened: dropped, it leaves it open."""
    for field in parsed.fields:
        droppable = [p for p in field.parts if isinstance(p, Directive) and _may_drop(p)]
        text = "".join(p.text for p in field.parts if isinstance(p, Literal))
        if droppable and text.count("]") + text.count(")") > text.count("[") + text.count("("):
            item = written(droppable[0])
            yield Lint(
                "brackets",
                f"When {item} is empty, its field with the closing bracket is left out, and the "
                "opening one stays alone.",
                rf"escape the space before it (`\ {item}`), or write %-{item[1:]}",
            )


def _may_drop(d: Directive) -> bool:
    """Whether an ordinary line of some server lacks this item, and its field with it."""
    # Where httpd says %{g}T, Linux has a thread ID under every MPM.
    of_system = d.item.letter == "T" and (d.argument or "").startswith("g")
    return d.item.optional and not (d.hyphen or d.required or of_system)


def _json(parsed: ErrorLogFormat) -> Iterator[Lint]:
    """Items that may be empty, in a format that means to be JSON."""
    empty = [written(p) for p in parsed.directives() if _may_drop(p)]
    if is_json(parsed) and empty:
        yield Lint(
            "json",
            f"Where {' or '.join(dict.fromkeys(empty))} is empty, httpd leaves out what stands "
            "round it up to the next space: the line is no JSON then.",
            f"%-{empty[0][1:]}, a hyphen for nothing",
        )


#: The gravest first.
_CHECKS: tuple[Callable[[ErrorLogFormat], Iterator[Lint]], ...] = (
    _percent, _unknown_letters, _offset, _strftime, _brackets, _json, _missing, _fraction,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Addition:
    """An item that a format should have.

    Attributes:
        bracket: as it stands among others in brackets.
        member: as a member of a JSON object.
    """

    bracket: str
    member: str


_TIME = _Addition(f"[{BEST_TIME}]", f'"time":"{BEST_TIME}"')
_PID = _Addition("[pid %P]", '"pid":"%P"')
_LEVEL = _Addition("[%-m:%l]", '"module":"%-m","level":"%l"')
_LEVEL_ALONE = _Addition("[%l]", '"level":"%l"')
_LOG_ID: dict[Kind, _Addition] = {
    "main": _Addition("[%-{c}L] [%-L]", '"connection":"%-{c}L","request":"%-L"'),
    "request": _Addition("[%L]", '"request":"%-L"'),
    "connection": _Addition("[%{c}L]", '"connection":"%-{c}L"'),
}


def _additions(parsed: ErrorLogFormat) -> Iterator[tuple[str, _Addition]]:
    """The rules that a format breaks by lacking an item, and what to add."""
    letters = {d.item.letter for d in parsed.directives()}
    if "P" not in letters:
        yield "pid", _PID
    if "L" not in letters:
        yield "log-id", _LOG_ID[parsed.kind]
    if parsed.kind == "main" and "l" not in letters:
        yield "level", _LEVEL_ALONE if "m" in letters else _LEVEL


def improve(parsed: ErrorLogFormat) -> str:
    """The directive with one good time, whole brackets, level, pid and log IDs."""
    better = parse(_with_good_time(parsed), parsed.kind)
    better = parse(_hyphenated(better), parsed.kind)
    if not is_json(better):
        better = parse(_escape_spaces(better), parsed.kind)
    missing = dict(_additions(better))
    text = _with_additions(better, [missing[rule] for rule in _ORDER if rule in missing])
    return directive_line(text, parsed.kind)


_ORDER = ("level", "pid", "log-id")


def _with_additions(parsed: ErrorLogFormat, additions: Sequence[_Addition]) -> str:
    """A format with more items, in brackets or as the first members of a JSON object."""
    text = parsed.text
    if not additions:
        return text
    if is_json(parsed):
        at = text.index('"')
        return text[:at] + "".join(f"{a.member}," for a in additions) + text[at:]
    added = " ".join(a.bracket for a in additions)
    at = _place_for_more(parsed)
    return f"{text[:at]} {added}{text[at:]}" if at else f"{added} {text}"


def _place_for_more(parsed: ErrorLogFormat) -> int:
    """Where more fields can stand: before those that may be missing, and before the message."""
    opened = 0
    for field in parsed.fields:
        start = field.parts[0].at
        directives = [p for p in field.parts if isinstance(p, Directive)]
        sure = not any(d.item.letter == "M" or d.min_level or _may_drop(d) for d in directives)
        if not sure and not opened and parsed.text.startswith(" ", start):
            return start
        text = "".join(p.text for p in field.parts if isinstance(p, Literal))
        opened += text.count("[") - text.count("]")
    return 0 if parsed.kind == "main" else len(parsed.text)


def _hyphenated(parsed: ErrorLogFormat) -> str:
    """The format with a hyphen for whatever could take the message, or JSON's shape, along."""
    text = parsed.text
    whole = is_json(parsed)
    for field in reversed(parsed.fields):
        with_message = any(isinstance(p, Directive) and p.item.letter == "M" for p in field.parts)
        for d in reversed(field.parts):
            if (whole or with_message) and isinstance(d, Directive) and _may_drop(d):
                text = f"{text[: d.at + 1]}-{text[d.at + 1 :]}"
    return text


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
        return (
            _with_additions(parsed, [_TIME])
            if is_json(parsed)
            else f"{_TIME.bracket} {parsed.text}"
        )
    if len(times) == 1 and _is_good(times[0].argument or ""):
        return parsed.text
    end = times[-1].end
    if parsed.text[end : end + 1] == "Z":
        end += 1
    return parsed.text[: times[0].at] + _good_time(parsed) + parsed.text[end:]


def _is_good(argument: str) -> bool:
    return "%" not in argument and not set(argument) - set("cuz") and {"u", "z"} <= set(argument)


def _good_time(parsed: ErrorLogFormat) -> str:
    """`%{uz}t` for those who read ctime, else the compact form."""
    times = _times(parsed)
    plain = len(times) == 1 and "%" not in times[0] and "c" not in times[0]
    return "%{uz}t" if plain else BEST_TIME


def _escape_spaces(parsed: ErrorLogFormat) -> str:
    r"""Keep each bracket in one field: `[client %a]` becomes `[client\ %a]`, and so on."""

    def whole(match: re.Match[str]) -> str:
        inside = match.group(0)
        if not _may_break(inside, parsed.kind):
            return inside
        if "%P" in inside or "%v" in inside:
            # Dropped as a whole it would take the pid along.
            return re.sub(r"%(?=(?:\{[^}]*\})?[aAeEFikLmnTV])", "%-", inside)
        return re.sub(r"(?<![\\%]) ", r"\\ ", inside)

    return re.sub(r"\[[^][]*\]", whole, parsed.text)


def _may_break(bracket: str, kind: Kind) -> bool:
    fields = parse(f"{bracket}%M" if kind == "main" else bracket, kind).fields
    return len(fields) > 1 and any(
        isinstance(p, Directive) and _may_drop(p) for field in fields for p in field.parts
    )
