r"""ID brackets: takes lines, gives the formats whose log IDs stand in brackets without a name.

`[%-{c}L] [%-L] %M`: nothing but their looks tells log IDs from the beginning of the message, and
nothing but other lines tells the connection's ID from the request's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.cursor import Step
from parsers.items import LEVELS
from parsers.known_formats import ANY_TIME, KnownFormat
from parsers.lines import NO_LAYOUT, Stamps
from parsers.looks import looks_like_log_id
from parsers.steps import HyphenStep, TokenStep

#: httpd's own (the last of its letters holds four bits: log.c core_generate_log_id), and those of
#: mod_unique_id.
_ID = rb"[A-Za-z0-9+/]{10}[AEIMQUYcgkosw048]|[\w@-]{24}|[\w@-]{27}|[\w@-]{32}"
#: What all IDs begin with is looked for first: this is asked of hundreds of KB.
_SOME = re.compile(rb"[\[:\"](?=[\w@+/-]{11})(?:%b)[\] \"]|\[-\] ?\[-\]" % _ID)
_BRACKET = re.compile(rb"( ?)\[([^][]*)\]")
_KIND = re.compile(
    rb"(?P<P>pid \d+)|(?P<T>pid \d+:tid (?:\d+|-))|(?P<m>[\w-]*:(?:%(l)b))|(?P<l>%(l)b)"
    rb"|(?P<a>client \S+:\d+)|(?P<L>-|%(id)b)" % {b"l": "|".join(LEVELS).encode(), b"id": _ID}
)
_PID = re.compile(rb"\[pid (\d+)")
_MIXED = re.compile(rb"(?=.*[A-Z])(?=.*[a-z])")
#: Those of each kind of bracket, as `improve` writes them.
_WRITTEN = {
    "P": "[pid %P]", "T": "[pid %P:tid %-T]", "m": "[%-m:%l]", "l": "[%l]", "a": r"[client\ %a]",
}  # fmt: skip
_CONNECTION, _REQUEST = "[%-{c}L]", "[%-L]"
_NONE = b"-"
#: What stands behind the IDs, what tells most of a line first.
_TAILS = (
    r" %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
    r" %7F: %E: [client\ %a] %M% ,\ referer:\ %{Referer}i",
    r" %F: %E: [client\ %a] %M",
    r" [client\ %a] %F: %E: %M",
    r" [client\ %a] %E: %M [request_uri\ %{REQ}e]",
)
#: mod_ssl's words of a connection (ssl_engine_io.c), before there is any request.
_OF_CONNECTION = b" AH01964: "
_OF_CLIENT = re.compile(rb" \[client | AH01964: ")
#: A request has one connection's ID in a process, and another one in its daemon.
_SEVERAL, _SEVERAL_ANYWHERE = 2, 3
#: So many times as many lines must speak for one order as for the other.
_CLEARLY = 4


class _Head(NamedTuple):
    """What stands in a line up to where its message or the like begins, as in a directive.

    Attributes:
        before: up to the log IDs, the time included.
        blanks: what stands before each of the IDs.
        behind: blanks and brackets behind them.
    """

    before: str
    blanks: tuple[str, ...]
    behind: str


@dataclass(frozen=True, slots=True)
class _Line:
    """One line with log IDs: who wrote it, the IDs or hyphens, and what follows them."""

    pid: bytes
    ids: tuple[bytes, ...]
    rest: bytes


def may_have_ids(sample: Block) -> bool:
    """Whether anything in some lines looks like a log ID in brackets."""
    return _SOME.search(sample.data[: sample.size].tobytes()) is not None


def formats_with_ids(sample: Block, stamps: Stamps) -> Iterator[KnownFormat]:
    """The formats that some lines seem to have, for each kind of head those of all tails.

    Args:
        sample: the lines.
        stamps: where each has its time.
    """
    heads: dict[_Head, list[_Line]] = defaultdict(list)
    for row in range(len(sample)):
        if stamps.layout[row] != NO_LAYOUT:
            start = int(sample.starts[row])
            found = _read(
                sample.line(row), int(stamps.time_start[row]) - start,
                int(stamps.time_end[row]) - start,
            )  # fmt: skip
            if found is not None:
                heads[found[0]].append(found[1])
    for head, lines in heads.items():
        if _are_ids(lines):
            ids = "".join(map("".join, zip(head.blanks, _items(head, lines), strict=True)))
            for tail in _TAILS:
                directive = head.before + ids + head.behind + tail
                yield KnownFormat("log IDs in brackets", directive, bare_ids=True)


def _read(line: bytes, start: int, end: int) -> tuple[_Head, _Line] | None:
    """The head and the log IDs of a line whose time stands between two places."""
    lead = line[:start]
    if lead not in (b"", b"[") or (lead and line[end : end + 1] != b"]"):
        return None
    at = end + len(lead)
    pieces, blanks = ["", ""], list[str]()
    ids: list[bytes] = []
    while match := _BRACKET.match(line, at):
        kind = _kind_of(match[2], len(ids), after=bool(pieces[1]))
        if not kind:
            break
        blank, at = match[1].decode(), match.end()
        if kind == "L":
            blanks.append(blank)
            ids.append(match[2])
        else:
            pieces[bool(ids)] += blank + _WRITTEN[kind]
    if not ids or line[at : at + 1] != b" ":
        return None
    pid = _PID.search(line, end, at)
    time = f"[{ANY_TIME}]" if lead else ANY_TIME
    head = _Head(time + pieces[0], tuple(blanks), pieces[1])
    return head, _Line(pid[1] if pid else b"", tuple(ids), line[at:])


def _kind_of(text: bytes, ids: int, *, after: bool) -> str:
    """What a bracket behind so many IDs holds, or nothing where it may be the message's."""
    kind = _KIND.fullmatch(text)
    if kind is None:
        return ""
    if kind.lastgroup == "L":
        return "" if ids == 2 or after else "L"
    return "" if ids and kind.lastgroup == "a" else kind.lastgroup or ""


def _are_ids(lines: Sequence[_Line]) -> bool:
    """Whether what stands in the brackets of all these lines are log IDs and hyphens.

    Two hyphens are: nothing else is written so. A word is as long as an ID now and then.
    """
    words = {word for line in lines for word in line.ids}
    ids = words - {_NONE}
    mixed = sum(_MIXED.match(word) is not None for word in ids)
    if len(lines[0].ids) == 1:
        return len(words) > 1 and mixed * 2 > len(ids)
    return mixed * 2 >= len(ids)


def _items(head: _Head, lines: Sequence[_Line]) -> tuple[str, ...]:
    """Which item each bracket is."""
    if len(lines[0].ids) == 1:
        return (_REQUEST,) if _is_request(head, lines) else (_CONNECTION,)
    return (_CONNECTION, _REQUEST) if _connection_first(lines) else (_REQUEST, _CONNECTION)


def _is_request(head: _Head, lines: Iterable[_Line]) -> bool:
    """Whether the only ID is the request's: a line that knows a client has its connection's ID.

    Where nothing tells, it is the connection's, from which less follows.
    """
    everywhere = _WRITTEN["a"] in head.before
    told = [line for line in lines if everywhere or _OF_CLIENT.match(line.rest)]
    if any(line.ids != (_NONE,) and _OF_CONNECTION in line.rest for line in told):
        return False
    return any(line.ids == (_NONE,) for line in told)


def _connection_first(lines: Sequence[_Line]) -> bool:
    """Whether the connection's ID stands before the request's; so it is too where nothing tells.

    A connection may have an ID before there is a request, and several requests.
    """
    alone = {line.ids.index(_NONE) for line in lines if line.ids.count(_NONE) == 1}
    if len(alone) == 1:
        return alone == {1}
    of_first, of_second = (_with_several(lines, side) for side in (0, 1))
    return of_first * _CLEARLY >= of_second


def _with_several(lines: Iterable[_Line], side: int) -> int:
    """How many IDs of one side come with several of the other one, in one process."""
    others: dict[tuple[bytes, bytes], set[bytes]] = defaultdict(set)
    for line in lines:
        if _NONE not in line.ids:
            others[line.pid, line.ids[side]].add(line.ids[1 - side])
    return sum(
        len(ids) >= (_SEVERAL if pid else _SEVERAL_ANYWHERE) for (pid, _), ids in others.items()
    )


def sure_ids(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps, which take nothing for a log ID that does not look like one."""
    return tuple(_sure(step) for step in steps)


def _sure(step: Step) -> Step:
    match step:
        case TokenStep(column="log_id" | "connection_log_id"):
            return replace(step, check=looks_like_log_id)
        case HyphenStep():
            return replace(step, step=_sure(step.step))
        case _:
            return step
