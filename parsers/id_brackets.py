r"""ID brackets: takes lines, gives the formats whose log IDs stand in brackets without a name.

`[%-{c}L] [%-L] %M`: nothing but their looks tells log IDs from the beginning of the message, and
nothing but other lines tells the connection's ID from the request's. Some have a name, as in
`[uid\ %L]`, which no list of formats can foresee. So it is with a virtual host in brackets: only
httpd's own messages tell that it is the format's, for they begin with none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from parsers.blocks import Block
from parsers.bracket_looks import HOST, ID, OWN
from parsers.classes import dataclass
from parsers.error_log_format.items import LEVELS
from parsers.error_log_format.known import ANY_TIME, KnownFormat
from parsers.lines import NO_LAYOUT, Stamps

#: What may stand before a time.
_LEAD = re.compile(rb"(?P<host>\[(?:%b)\] (?=\[))?(?P<open>\[?)" % HOST)
_BRACKET = re.compile(rb"( ?)\[([^][]*)\]")
_KIND = re.compile(
    rb"(?P<P>pid \d+)|(?P<T>pid \d+:tid (?:\d+|-))|(?P<m>[\w-]*:(?:%(l)b))|(?P<l>%(l)b)"
    rb"|(?P<a>client \S+:\d+)|(?P<v>%(v)b)"
    rb"|(?P<L>(?P<name>[a-zA-Z_-]{1,20}[:= ] ?|)(?P<id>-|%(id)b))"
    % {b"l": "|".join(LEVELS).encode(), b"v": HOST, b"id": ID}
)
_PID = re.compile(rb"\[pid (\d+)")
_MIXED = re.compile(rb"(?=.*[A-Z])(?=.*[a-z])")
#: Those of each kind of bracket, as `improve` writes them.
_WRITTEN = {
    "P": "[pid %P]", "T": "[pid %P:tid %-T]", "m": "[%-m:%l]", "l": "[%l]", "a": r"[client\ %a]",
    "v": "[%v]",
}  # fmt: skip
_CONNECTION, _REQUEST = "{c}L", "L"
#: What the name of a request's ID begins with: rid, request, uid, unique, id, trace.
_NAMES_OF_REQUESTS = frozenset("RrUuIiTt")
#: httpd's own IDs are so long, those of mod_unique_id longer; and so many stand in a line at most.
_LENGTH, _MOST_IDS = 11, 2
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
_CLIENT = re.compile(rb" \[(client|remote) ")
_OF_CLIENT = re.compile(rb" \[client | AH01964: ")
#: A request has one connection's ID in a process, and another one in its daemon.
_SEVERAL, _SEVERAL_ANYWHERE = 2, 3
#: So many times as many lines must speak for one order as for the other.
_CLEARLY = 4


class _Place(NamedTuple):
    """Where a line's log IDs stand: what is before them, the time included, and what is behind."""

    before: str
    behind: str


class _Bracket(NamedTuple):
    """What stands before an ID: a blank perhaps, and its name."""

    blank: str
    name: str


class _Ids(NamedTuple):
    """The brackets of a place, as in a directive.

    Attributes:
        text: that.
        bare: others would take them for the message.
        told: it is known which are those of requests.
    """

    text: str
    bare: bool = True
    told: bool = True


@dataclass(frozen=True, slots=True)
class _Line:
    """One line with log IDs: who wrote it, the IDs or hyphens, and what follows them."""

    pid: bytes
    ids: tuple[bytes, ...]
    rest: bytes


class _Head(NamedTuple):
    """What stands before a line's message."""

    place: _Place
    brackets: tuple[_Bracket, ...]
    line: _Line


#: The name of formats of which nothing tells whether an ID is a request's or a connection's.
NOT_TOLD = "log IDs in brackets, whose they are is not told"
_WITH_HOST = "virtual host in brackets"
#: Lines with log IDs at the same place, by their brackets.
_Group = dict[tuple[_Bracket, ...], list[_Line]]


def formats_with_ids(sample: Block, stamps: Stamps) -> Iterator[KnownFormat]:
    """The formats that some lines seem to have, for each kind of head those of all tails.

    Args:
        sample: the lines.
        stamps: where each has its time.
    """
    places: dict[_Place, _Group] = defaultdict(lambda: defaultdict(list))
    clients, remotes = 0, 0
    heads = _heads_with_host(sample, stamps)
    for line, found in _heads(sample, stamps, host=heads is not None):
        if found is not None and found.brackets:
            places[found.place][found.brackets].append(found.line)
        elif client := _CLIENT.search(line):
            clients += 1
            remotes += client[1] == b"remote"
    for head in heads or ():
        for tail in _TAILS:
            yield KnownFormat(_WITH_HOST, head + tail)
    for place, group in places.items():
        for ids in _written_ids(place, group, clients, remotes):
            name = "log IDs in brackets" if ids.told else NOT_TOLD
            for tail in _TAILS:
                directive = place.before + ids.text + place.behind + tail
                yield KnownFormat(name, directive, bare_ids=ids.bare)


def _heads(sample: Block, stamps: Stamps, *, host: bool) -> Iterator[tuple[bytes, _Head | None]]:
    """Each line that has a time, and its head, in which there may be a virtual host or not."""
    for row in np.flatnonzero(stamps.layout != NO_LAYOUT).tolist():
        start, line = int(sample.starts[row]), sample.line(row)
        time = slice(int(stamps.time_start[row]) - start, int(stamps.time_end[row]) - start)
        yield line, _read(line, time, host=host)


def _heads_with_host(sample: Block, stamps: Stamps) -> list[str] | None:
    """The heads without log IDs of httpd's own messages; None unless all have a virtual host.

    An application's message may begin with any bracket, theirs do not. Behind a client, which
    httpd may leave out, it is taken for none: two formats would share the lines.
    """
    every = [found for _, found in _heads(sample, stamps, host=True) if found is not None]
    own = [one for one in every if OWN.match(one.line.rest)]
    hosts = [_WRITTEN["v"] in one.place.before + one.place.behind for one in own]
    behind = any(_WRITTEN["a"] + " " + _WRITTEN["v"] in one.place.before for one in every)
    if behind or not hosts or not all(hosts):
        return None
    return sorted({one.place.before for one in own if not one.brackets})


def _read(line: bytes, time: slice, *, host: bool) -> _Head | None:
    """The head of a line that has its time there."""
    lead = _LEAD.fullmatch(line, 0, time.start)
    if lead is None or (lead["open"] and line[time.stop : time.stop + 1] != b"]"):
        return None
    # Nothing but the format writes one there, whose others may be the message's.
    host = host and not lead["host"]
    end = at = time.stop + len(lead["open"])
    pieces, brackets = ["", ""], list[_Bracket]()
    ids: list[bytes] = []
    while match := _BRACKET.match(line, at):
        kind = _kind_of(match[2], len(ids), after=bool(pieces[1]))
        if kind is None or (kind["v"] and not host):
            break
        blank, at = match[1].decode(), match.end()
        if kind["L"]:
            brackets.append(_Bracket(blank, kind["name"].decode()))
            ids.append(kind["id"])
        else:
            host = host and not kind["v"]
            pieces[bool(ids)] += blank + _WRITTEN[kind.lastgroup or ""]
    if line[at : at + 1] != b" ":
        return None
    pid = _PID.search(line, end, at)
    before = (f"[{ANY_TIME}]" if lead["open"] else ANY_TIME) + pieces[0]
    if lead["host"]:
        before = f"{_WRITTEN['v']} {before}"
    told = _Line(pid[1] if pid else b"", tuple(ids), line[at:])
    return _Head(_Place(before, pieces[1]), tuple(brackets), told)


def _kind_of(text: bytes, ids: int, *, after: bool) -> re.Match[bytes] | None:
    """What a bracket behind so many IDs holds, or None where it may be the message's."""
    kind = _KIND.fullmatch(text)
    if kind is None or (kind["L"] and (ids == _MOST_IDS or after)) or (kind["a"] and ids):
        return None
    return kind


def _written_ids(place: _Place, group: _Group, clients: int, remotes: int) -> Iterator[_Ids]:
    """The brackets of a place.

    Args:
        place: the place.
        group: the lines of the place.
        clients: how many lines without an ID know a client.
        remotes: how many of those call it so, which only httpd's built-in format does.
    """
    # What stands before a pid is no beginning of a message.
    is_head = "%P" in place.behind
    fine = {key: lines for key, lines in group.items() if is_head or _are_ids(lines)}
    named = {key: lines for key, lines in fine.items() if all(one.name for one in key)}
    if sum(map(len, named.values())) > clients:
        yield from _named(named, alone=not remotes)
    bare = {key: lines for key, lines in fine.items() if not any(one.name for one in key)}
    if pair := _pair(bare):
        yield pair
        return
    for brackets, lines in bare.items():
        items, told = _items(lines, everywhere=_WRITTEN["a"] in place.before)
        written = (f"{one.blank}[%-{item}]" for one, item in zip(brackets, items, strict=True))
        yield _Ids("".join(written), told=told)


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


def _named(group: _Group, *, alone: bool) -> Iterator[_Ids]:
    """The brackets with names of some lines.

    Where their format is `alone` in the log, one directive prints all, and leaves out what is not
    there; else one for each kind of line.
    """
    words: dict[_Bracket, set[bytes]] = defaultdict(set)
    for brackets in sorted(group, key=len, reverse=True):
        for line in group[brackets]:
            for one, word in zip(brackets, line.ids, strict=True):
                words[one].add(word)
    plain = alone and len(words) <= _MOST_IDS and all(one.blank == " " for one in words)
    for brackets in [tuple(words)] if plain else group:
        sure = {one: not plain or _NONE in words[one] for one in brackets}
        text = "".join(_with_name(one, words[one], sure=sure[one]) for one in brackets)
        told = all(_meant(one, words[one]) is not None for one in brackets)
        yield _Ids(text, bare=not plain, told=told)


def _with_name(bracket: _Bracket, words: set[bytes], *, sure: bool) -> str:
    name = bracket.name.replace(" ", r"\ ")
    return f"{bracket.blank}[{name}%{'-' * sure}{_meant(bracket, words) or _CONNECTION}]"


def _meant(bracket: _Bracket, words: set[bytes]) -> str | None:
    """Which item a name stands for, or None where neither it nor the IDs tell."""
    if any(map(_is_unique, words)) or bracket.name[0] in _NAMES_OF_REQUESTS:
        return _REQUEST
    return _CONNECTION if bracket.name[0] in "Cc" else None


def _is_unique(word: bytes) -> bool:
    """Whether an ID is mod_unique_id's, which makes none for connections."""
    return len(word) > _LENGTH


def _pair(group: _Group) -> _Ids | None:
    """Two brackets without names, of which httpd leaves out those without an ID; else None."""
    several = {len(brackets): lines for brackets, lines in group.items()}
    plain = all(one.blank == " " for brackets in group for one in brackets)
    if len(group) != len(several) or several.keys() != {1, 2} or not plain:
        return None
    both, alone = several[2], {line.ids[0] for line in several[1]}
    sides = [{line.ids[side] for line in both} for side in (0, 1)]
    if _NONE in alone.union(*sides) or min(map(len, sides)) < _SEVERAL:
        return None
    first, second = (len(alone & side) for side in sides)
    if first != second:
        connection_first: bool | None = first > second
    elif len(both) > len(several[1]):
        connection_first = _connection_first(both)
    else:
        return None
    # Lines without any are read by what reads them without IDs.
    ids = f" [%-{_CONNECTION}]", f" [%{_REQUEST}]"
    text = "".join(ids[::-1] if connection_first is False else ids)
    return _Ids(text, told=connection_first is not None)


def _items(lines: Sequence[_Line], *, everywhere: bool) -> tuple[tuple[str, ...], bool]:
    """Which item each bracket is, and whether the lines tell it.

    Args:
        lines: the lines.
        everywhere: every line knows a client.
    """
    if len(lines[0].ids) == 1:
        is_request = _is_request(lines, everywhere=everywhere)
        return (_REQUEST if is_request else _CONNECTION,), is_request is not None
    items = _CONNECTION, _REQUEST
    connection_first = _connection_first(lines)
    return items[::-1] if connection_first is False else items, connection_first is not None


def _is_request(lines: Iterable[_Line], *, everywhere: bool) -> bool | None:
    """Whether the only ID is the request's: a line that knows a client has its connection's ID.

    Where nothing tells that (None), it is taken for the connection's, from which less follows.
    """
    if any(_is_unique(line.ids[0]) for line in lines):
        return True
    told = [line for line in lines if everywhere or _OF_CLIENT.match(line.rest)]
    if any(line.ids != (_NONE,) and _OF_CONNECTION in line.rest for line in told):
        return False
    return True if any(line.ids == (_NONE,) for line in told) else None


def _connection_first(lines: Sequence[_Line]) -> bool | None:
    """Whether the connection's ID stands before the request's, or None where nothing tells that.

    A connection may have an ID before there is a request, and several requests.
    """
    unique = [any(_is_unique(line.ids[side]) for line in lines) for side in (0, 1)]
    if unique[0] != unique[1]:
        return unique[1]
    alone = {line.ids.index(_NONE) for line in lines if line.ids.count(_NONE) == 1}
    if len(alone) == 1:
        return alone == {1}
    of_first, of_second = (_with_several(lines, side) for side in (0, 1))
    return of_first * _CLEARLY >= of_second if of_first or of_second else None


def _with_several(lines: Iterable[_Line], side: int) -> int:
    """How many IDs of one side come with several of the other one, in one process."""
    others: dict[tuple[bytes, bytes], set[bytes]] = defaultdict(set)
    for line in lines:
        if _NONE not in line.ids:
            others[line.pid, line.ids[side]].add(line.ids[1 - side])
    return sum(
        len(ids) >= (_SEVERAL if pid else _SEVERAL_ANYWHERE) for (pid, _), ids in others.items()
    )
