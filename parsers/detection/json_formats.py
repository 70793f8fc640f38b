"""JSON formats: takes lines that begin like JSON, gives the ErrorLogFormats that print such lines.

What stands between the values is the format's own text; what a value is, its looks and its key
tell. httpd escapes no quotes and drops fields, so its lines may be no JSON. Applications write
JSON too: a format is taken for Apache's only where its lines say what hardly anybody else says.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.detection.json_items import JsonItems, json_items, quoted
from parsers.error_log_format.better import may_drop
from parsers.error_log_format.fields import Directive, parse
from parsers.error_log_format.known import KnownFormat
from parsers.times.strftime import OPTION_LETTERS, likely_form

NAME = "JSON, as its lines show"
#: So many lines are looked at.
_MOST_LINES = 256
#: Bytes of a line that is looked at.
_LONGEST = 8 << 10
#: Outlines of a smaller share of them are those of messages with quotes and colons in them.
_MUCH = 0.05
#: Formats at most.
_MOST = 4

_KEY = re.compile(r'(?P<lead>[\s{},]*)"(?P<key>[^"\\]*)"\s*:\s*')
#: A text ends at a quote behind which another key comes, or nothing more.
_VALUE = re.compile(
    r'"(?!(?:[^"\\]*)"\s*:)(?P<text>.*?)"(?=[\s},]*(?:"[^"\\]*"\s*:|$))'
    r"|(?P<number>-?\d+|-)(?=[\s},])"
)
_END = re.compile(r"[\s},]*")
#: The item of a thread.
_THREAD = "%-T"
#: What httpd makes of backslashes (`ap_escape_errorlog_item`).
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|[bnrtv\\])")


@dataclass(frozen=True, slots=True)
class _Outline:
    """What lines have in common: what stands around their values, and the keys of these.

    Attributes:
        literals: one more than values.
        keys: of each value its own and those of the objects around it, with dots between.
    """

    literals: tuple[str, ...]
    keys: tuple[str, ...]


_Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    """Lines of one outline.

    Attributes:
        outline: theirs.
        items: what prints their values.
        first: the values of the first of them.
        lines: how many they are.
        threads: the keys of threads, where each line has one. An MPM that stops no longer says
            that it has any, and httpd writes a hyphen or drops the field (`log_tid`, server/log.c).
    """

    outline: _Outline
    items: JsonItems
    first: _Values
    lines: int
    threads: frozenset[str]

    @classmethod
    def of(cls, outline: _Outline, items: JsonItems, rows: Sequence[_Values]) -> _Kind:
        """Some lines."""
        every = zip(outline.keys, items.items, zip(*rows, strict=True), strict=True)
        threads = (key for key, item, texts in every if item == _THREAD and "-" not in texts)
        return cls(outline, items, rows[0], len(rows), frozenset(threads))


def json_formats(sample: Block) -> list[KnownFormat]:
    """The formats that lines of a sample seem to have which begin with a brace, likeliest first."""
    lines = list(_lines(sample))
    values: dict[_Outline, list[_Values]] = defaultdict(list)
    for line in lines:
        if (found := _outlined(line)) is not None:
            values[found[0]].append(found[1])
    kinds: list[_Kind] = []
    for outline, rows in sorted(values.items(), key=lambda pair: -len(pair[1])):
        items = json_items(outline.keys, list(zip(*rows, strict=True)))
        if items is None:
            continue
        kind = _Kind.of(outline, items, rows)
        # Of a key that few lines lack messages are not to blame.
        if len(rows) >= _MUCH * len(lines) or any(_lacks(kind, other) for other in kinds):
            kinds.append(kind)
    families = (one for one in _families(kinds) if any(kind.items.of_apache for kind in one))
    return [_format(family) for family in islice(families, _MOST)]


def _lines(sample: Block) -> Iterator[str]:
    """Lines that begin with a brace: not more than are needed, spread over the sample."""
    begins = sample.data[sample.starts] == ord("{")
    begins[:1] &= not sample.torn_head
    begins &= sample.ends - sample.starts <= _LONGEST
    rows = begins.nonzero()[0].tolist()
    for row in rows[:: 1 + len(rows) // _MOST_LINES]:
        yield sample.line(row).removesuffix(b"\r").decode("utf-8", "surrogateescape")


def _outlined(line: str) -> tuple[_Outline, _Values] | None:
    """The outline and the values of a line; None where httpd wrote none such."""
    if "\\" in line and "\\" in _ESCAPE.sub("", line):
        return None
    literals, keys, values = list[str](), list[str](), list[str]()
    around: list[str] = []
    at = begun = 0
    while key := _KEY.match(line, at):
        around = around[: max(0, len(around) - key["lead"].count("}"))]
        at = key.end()
        if line.startswith("{", at):
            around.append(key["key"])
        elif value := _VALUE.match(line, at):
            at = value.end()
            start, end = _inside(line, *value.span(value.lastgroup or "text"))
            if start <= end:
                literals.append(line[begun:start])
                keys.append(".".join((*around, key["key"])).lower())
                values.append(line[start:end])
                begun = end
    if not values or not _END.fullmatch(line, at):
        return None
    return _Outline((*literals, line[begun:]), tuple(keys)), tuple(values)


def _inside(line: str, start: int, end: int) -> tuple[int, int]:
    """Where a value stands, without blanks on both of its sides; they are the format's own.

    Of nothing but blanks it is a field that was dropped: the end is before the start.
    """
    text = line[start:end]
    if not (text.startswith(" ") and text.endswith(" ")):
        return start, end
    if not text.strip():
        return end, start
    return end - len(text.lstrip()), start + len(text.rstrip())


def _families(kinds: Sequence[_Kind]) -> Iterator[list[_Kind]]:
    """Kinds of lines that one format may print, the fullest first: others lack some of its keys."""
    left = list(kinds)
    while left:
        fuller = [one for one in left if _lacks(left[0], one)]
        fullest = max(fuller, key=lambda one: len(one.outline.keys))
        family = [one for one in left if _lacks(one, fullest)]
        yield sorted(family, key=lambda one: one is not fullest)
        left = [one for one in left if one not in family]


def _lacks(some: _Kind, fuller: _Kind) -> bool:
    """Whether the keys of some lines are those of others, perhaps without a few."""
    keys = iter(fuller.outline.keys)
    return all(key in keys for key in some.outline.keys)


def _format(family: Sequence[_Kind]) -> KnownFormat:
    """The format of a family: of the fullest lines if httpd may drop what others lack.

    Else those that are most are meant.
    """
    fullest, *others = family
    lacked = {
        key for key in fullest.outline.keys if any(key not in one.outline.keys for one in others)
    }
    for dropped in (lacked | fullest.threads, lacked):
        format_ = _format_of(fullest, dropped)
        if not dropped or _drops_only_itself(format_.directive):
            return format_
    return _format_of(max(family, key=lambda one: one.lines), ())


def _format_of(kind: _Kind, lacked: Collection[str]) -> KnownFormat:
    """The format of one kind of lines; others lack some of its keys, whose fields httpd drops."""
    text = ""
    for literal, key, item in zip(
        kind.outline.literals, kind.outline.keys, kind.items.items, strict=False
    ):
        text += quoted(literal) + (item.replace("%-", "%") if key in lacked else item)
    text += quoted(kind.outline.literals[-1])
    form = likely_form(kind.first[kind.items.time].encode("utf-8", "surrogateescape"))
    return KnownFormat(NAME, text, "u" if form is None else OPTION_LETTERS[form])


def _drops_only_itself(directive: str) -> bool:
    """Whether no field that httpd may drop has the message in it."""
    for field in parse(directive).fields:
        items = [part for part in field.parts if isinstance(part, Directive)]
        if any(one.item.letter == "M" for one in items) and any(map(may_drop, items)):
            return False
    return True
