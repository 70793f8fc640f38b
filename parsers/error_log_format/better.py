"""Better formats: takes an ErrorLogFormat, gives the one that errlog proposes instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parsers.classes import dataclass
from parsers.error_log_format.ambiguities import is_json, mistaken
from parsers.error_log_format.fields import Directive, ErrorLogFormat, Kind, Literal, parse
from parsers.error_log_format.items import Shape

#: The time that the mod_wsgi documentation recommends ("Timezones and the Apache Error Log").
BEST_TIME = "%{cuz}t"


def time_arguments(parsed: ErrorLogFormat) -> list[str]:
    """The arguments of its times."""
    return [d.argument or "" for d in parsed.directives() if d.item.shape is Shape.TIME]


def may_drop(d: Directive) -> bool:
    """Whether an ordinary line of some server lacks this item, and its field with it."""
    # Where httpd says %{g}T, Linux has a thread ID under every MPM.
    of_system = d.item.letter == "T" and (d.argument or "").startswith("g")
    return d.item.optional and not (d.hyphen or d.required or of_system)


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


def additions(parsed: ErrorLogFormat) -> Iterator[tuple[str, _Addition]]:
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
    return directive_line(improved(parsed), parsed.kind)


def improved(parsed: ErrorLogFormat) -> str:
    """The format that `improve` writes as a directive."""
    better = parse(_paired(parsed), parsed.kind)
    better = parse(_with_good_time(better), parsed.kind)
    better = parse(_hyphenated(better), parsed.kind)
    if not is_json(better):
        better = parse(_escape_spaces(better), parsed.kind)
    missing = dict(additions(better))
    text = _with_additions(better, [missing[rule] for rule in _ORDER if rule in missing])
    return _told_apart(parse(text, parsed.kind))


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
        sure = not any(d.item.letter == "M" or d.min_level or may_drop(d) for d in directives)
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
            if (whole or with_message) and isinstance(d, Directive) and may_drop(d):
                text = f"{text[: d.at + 1]}-{text[d.at + 1 :]}"
    return text


def _told_apart(parsed: ErrorLogFormat) -> str:
    """The format with a hyphen for whatever could be missing, and another field be taken for it."""
    text = parsed.text
    items = [d for dropped in mistaken(parsed) for d in dropped if may_drop(d) and not d.min_level]
    for d in sorted(items, key=lambda d: -d.at):
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
    first, *others = _runs(parsed)
    text = parsed.text
    for begin, end in () if is_json(parsed) else reversed(others):
        text = _without(text, begin, end)
    begin, end = first
    if text.startswith("Z", end):
        end += 1
    closing = text.count("]", begin, end) - text.count("[", begin, end)
    time = "[" * -closing + good_time(parsed) + "]" * closing
    return text[:begin] + time + text[end:]


def _runs(parsed: ErrorLogFormat) -> list[tuple[int, int]]:
    """Where times stand, those as one that have no other item, nor a quote, between them."""
    runs: list[tuple[int, int]] = []
    before: Directive | None = None
    for d in parsed.directives():
        if d.item.shape is Shape.TIME:
            goes_on = before and before.item.shape is Shape.TIME
            if goes_on and '"' not in parsed.text[runs[-1][1] : d.at]:
                runs[-1] = runs[-1][0], d.end
            else:
                runs.append((d.at, d.end))
        before = d
    return runs


def _without(text: str, begin: int, end: int) -> str:
    """A format without what stands there, the brackets around it, and a space beside it."""
    if text[:begin].endswith("[") and text.startswith("]", end):
        begin, end = begin - 1, end + 1
    return text[:begin].removesuffix(" ") + text[end:]


@dataclass(frozen=True, slots=True)
class Unpaired:
    """A bracket without a partner.

    Attributes:
        bracket: which one.
        at: where its partner can stand.
        whole: what would stand between them, with both.
    """

    bracket: str
    at: int
    whole: str


def unpaired(parsed: ErrorLogFormat) -> Iterator[Unpaired]:
    """The square brackets of a format that no other one closes or opens, beside items."""
    fields = [
        (ds[0].at, ds[-1].end)
        for field in parsed.fields
        if (ds := [part for part in field.parts if isinstance(part, Directive)])
    ]
    text = parsed.text
    for at in [] if is_json(parsed) else _alone(parsed):
        if text[at] == "[":
            end = next((end for _, end in fields if end > at), None)
            while end is not None and text.startswith("]", end):
                end += 1
            if end is not None:
                yield Unpaired("[", end, f"{text[at:end]}]")
        else:
            begin = next((begin for begin, _ in reversed(fields) if begin < at), None)
            if begin is not None:
                yield Unpaired("]", begin, f"[{text[begin : at + 1]}")


def _alone(parsed: ErrorLogFormat) -> list[int]:
    """Where square brackets without a partner stand."""
    opened, alone = list[int](), list[int]()
    for part in (part for field in parsed.fields for part in field.parts):
        for at in range(part.at, part.end if isinstance(part, Literal) else part.at):
            if parsed.text[at] == "[":
                opened.append(at)
            elif parsed.text[at] == "]":
                if opened:
                    opened.pop()
                else:
                    alone.append(at)
    return sorted([*opened, *alone])


def _paired(parsed: ErrorLogFormat) -> str:
    """A format in which each bracket has its partner."""
    text = parsed.text
    for one in sorted(unpaired(parsed), key=lambda one: -one.at):
        partner = "]" if one.bracket == "[" else "["
        text = text[: one.at] + partner + text[one.at :]
    return text


def _is_good(argument: str) -> bool:
    return "%" not in argument and not set(argument) - set("cuz") and {"u", "z"} <= set(argument)


def good_time(parsed: ErrorLogFormat) -> str:
    """The time to write instead: `%{uz}t` for those who read ctime, else the compact form."""
    times = time_arguments(parsed)
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
        isinstance(p, Directive) and may_drop(p) for field in fields for p in field.parts
    )
