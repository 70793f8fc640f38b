"""Formats: takes an ErrorLogFormat, tells what it means, what is wrong, and a better one."""

from __future__ import annotations

from collections.abc import Iterator

from logtool.formats.lints import OFFSET_SINCE, Lint, lints
from logtool.formats.samples import sample_line
from parsers.classes import dataclass
from parsers.error_log_format.ambiguities import ambiguities
from parsers.error_log_format.better import directive_line, improve
from parsers.error_log_format.fields import Directive, ErrorLogFormat, Field
from parsers.error_log_format.items import LEVELS, Shape, column_of


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one item of a format prints.

    Attributes:
        text: the item as it stands in the format.
        says: in plain words.
    """

    text: str
    says: str


@dataclass(frozen=True, slots=True)
class FormatReport:
    """All there is to say of a format.

    Attributes:
        format: the format.
        items: what they mean, in order.
        samples: lines it prints: with everything known, and with as little as can be.
        lints: what to improve, the gravest first.
        ambiguities: where its lines can be read in two ways.
        improved: the whole directive as it should be; the same where nothing is to improve.
    """

    format: ErrorLogFormat
    items: tuple[Meaning, ...]
    samples: tuple[str, ...]
    lints: tuple[Lint, ...]
    ambiguities: tuple[str, ...]
    improved: str

    @property
    def directive(self) -> str:
        """The directive as it is."""
        return directive_line(self.format.text, self.format.kind)

    def as_data(self) -> dict[str, object]:
        """For JSON."""
        return {
            "format": self.format.text,
            "kind": self.format.kind,
            "directive": self.directive,
            "items": [{"text": item.text, "says": item.says} for item in self.items],
            "samples": list(self.samples),
            "lints": [{"rule": x.rule, "says": x.says, "cure": x.cure} for x in self.lints],
            "ambiguities": list(self.ambiguities),
            "improved": self.improved,
        }


def explain(parsed: ErrorLogFormat) -> FormatReport:
    """Explain and check a format."""
    return FormatReport(
        parsed,
        tuple(_meanings(parsed)),
        tuple(dict.fromkeys((sample_line(parsed), sample_line(parsed, bare=True)))),
        tuple(lints(parsed)),
        ambiguities(parsed),
        improve(parsed),
    )


def _meanings(parsed: ErrorLogFormat) -> Iterator[Meaning]:
    for field in parsed.fields:
        for part in field.parts:
            if isinstance(part, Directive):
                yield Meaning(parsed.text[part.at : part.end], _says(part, field, parsed))


def _says(d: Directive, field: Field, parsed: ErrorLogFormat) -> str:
    says = [_time_says(d.argument) if d.item.shape is Shape.TIME else _item_says(d)]
    if d.min_level:
        says.append(f"only in messages of level {LEVELS[d.min_level]} or less severe")
    if d.item.letter == "M":
        return says[0]
    if parsed.kind != "main" and not d.item.once:
        says.append(f"which a once-per-{parsed.kind} line never has")
    if d.required:
        says.append("without which the whole line is not written")
    elif d.hyphen:
        says.append("or `-`")
    elif d.item.optional:
        around = "".join(parsed.text[p.at : p.end] for p in field.parts)
        says.append(f"without which `{around.strip()}` is left out")
    return ", ".join(says)


#: What an argument in braces changes.
_VARIANTS = {
    "peer": "the address and port of the connection's other end, whatever mod_remoteip says",
    "connection_log_id": "the log ID of the connection",
    "referer": "the Referer header of the request",
}


def _item_says(d: Directive) -> str:
    column = column_of(d.item, d.argument)
    if d.item.letter == "T" and (d.argument or "").startswith("g"):
        return "the thread ID that the system uses (Linux)"
    if d.item.letter in "ein" and not d.argument:
        return f"{d.item.meaning}, but which one? Without {{name}} it is always empty"
    if d.item.letter == "L" and d.argument == "C":
        return "the log ID of the connection, only where there is no request"
    if column in _VARIANTS:
        return _VARIANTS[column]
    if ":" in column:
        return f"{d.item.meaning}: {d.argument}"
    return d.item.meaning


_OPTIONS = {"c": "compact ISO 8601", "u": "microseconds", "m": "milliseconds", "z": "the offset"}


def _time_says(argument: str | None) -> str:
    argument = argument or ""
    if "%" in argument:
        return (
            f"the local time by strftime({argument!r}), from httpd {OFFSET_SINCE} on; "
            "older ones read the letters as options"
        )
    options = [said for letter, said in _OPTIONS.items() if letter in argument]
    shape = "" if "c" in argument else " like ctime"
    return f"the local time{shape}" + (f" with {', '.join(options)}" if options else "")
