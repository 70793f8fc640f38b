"""JSON items: takes keys and the values that lines have there, gives the items that print them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.classes import dataclass
from parsers.detection.json_times import json_time
from parsers.error_log_format.items import LEVELS

_NONE = "-"
_LEVEL = "|".join(LEVELS)
#: httpd prints every address with its port.
_ADDRESS = r"[\da-fA-F.:\[\]]+:\d{1,5}"
_ID = r"[A-Za-z0-9+/]{11}|[\w@-]{24}|[\w@-]{27}|[\w@-]{32}"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of value.

    Attributes:
        key: what is found in the keys of such values; empty for anything.
        value: such values: groups are items of _WRITTEN.
    """

    key: re.Pattern[str]
    value: re.Pattern[str]


#: Items that may print nothing have a hyphen: a field that is dropped has another outline.
_WRITTEN = {
    "l": "%l", "m": "%-m", "P": "%P", "T": "%-T", "a": "%-a", "peer": "%-{c}a", "A": "%-A",
    "F": "%-F", "E": "%-E", "L": "%-L", "c": "%-{c}L", "k": "%-k", "v": "%-v",
    "referer": "%-{Referer}i", "agent": "%-{User-Agent}i", "forwarded": "%-{X-Forwarded-For}i",
}  # fmt: skip
#: Those before have the first choice; none of their items stands in a format twice.
_KINDS = tuple(
    _Kind(re.compile(key), re.compile(value))
    for key, value in (
        (r"level|severity|lvl|prio", rf"(?P<l>{_LEVEL})"),
        (r"", rf"\[?(?P<m>[\w-]*):(?P<l>{_LEVEL})\]?"),
        (r"", r"\[?pid ?(?P<P>\d+):tid ?(?P<T>\d+|-)\]?"),
        (r"", r"\[?pid ?(?P<P>\d+)\]?"),
        # What no key needs to tell; of numbers one must, be it by the item's own letter.
        (r"", rf"(?P<l>{_LEVEL})"),
        (r"tid|thread|\bt$", r"(?P<T>\d+)"),
        (r"pid|proc|\bp$", r"(?P<P>\d+)"),
        (r"mod|function|source|\bm$", r"(?P<m>[a-z]\w*)"),
        (r"referr?er", r"(?P<referer>.+)"),
        (r"agent", r"(?P<agent>.+)"),
        (r"forwarded", r"(?P<forwarded>.+)"),
        (r"peer", rf"(?P<peer>{_ADDRESS})"),
        (r"local|server|frontend", rf"(?P<A>{_ADDRESS})"),
        (r"client|remote", rf"(?P<a>{_ADDRESS})"),
        (r"", rf"(?P<a>{_ADDRESS})"),
        (r"", r"(?P<F>[\w.+-]+\.(?:c|cc|cpp|h)\(\d+\))"),
        (r"", r"(?P<E>\((?:\d+|EAI \d+|OS \d+|os 0x[\da-f]+)\).+)"),
        (r"conn", rf"\s*(?P<c>{_ID})\s*"),
        (r"id|request", rf"\s*(?P<L>{_ID})\s*"),
        (r"keep", r"(?P<k>\d+)"),
        (r"host|server|\bv$", r"(?P<v>[\w.:-]+)"),
    )
)
#: What keys alone tell, where all lines have a hyphen; those of other kinds mean many things.
_TOLD_BY_KEYS = {"T", "m", "a", "referer", "agent", "forwarded"}
_OF_MESSAGE = re.compile(r"message|msg|err(?:or|str)|text|(?:^|\.)log$")

#: Values that are the same on fewer lines than these may be others on the next one.
_SURELY_FIXED = 20

#: What hardly any message but those of httpd and mod_wsgi begins with.
_OF_APACHE = re.compile(r"AH\d{5,6}: |WSGI\d{4}: |mod_wsgi \(pid=\d+")
#: Modules that speak most; an application has modules of other names, or of few of these.
_MODULES = frozenset(
    re.findall(
        r"\w+",
        """
        access_compat alias auth_basic auth_digest auth_form auth_openidc authn_core authn_file
        authnz_ldap authz_core authz_host authz_user autoindex cache_disk cgi cgid core dav dav_fs
        deflate evasive fcgid http2 include jk ldap log_config log_forensic lua md mpm_event mpm_itk
        mpm_prefork mpm_winnt mpm_worker negotiation passenger perl php php5 php7 proxy proxy_ajp
        proxy_balancer proxy_connect proxy_express proxy_fcgi proxy_hcheck proxy_html proxy_http
        proxy_http2 proxy_scgi proxy_uwsgi proxy_wstunnel qos remoteip reqtimeout rewrite security2
        session slotmem_shm socache_shmcb ssl substitute unixd watchdog wsgi xml2enc
        """,
    )
)


@dataclass(frozen=True, slots=True)
class JsonItems:
    """What stands in lines of one outline.

    Attributes:
        items: of each value, as it stands in a format.
        time: which of them is a time.
        of_apache: whether the values say that Apache wrote the lines.
    """

    items: tuple[str, ...]
    time: int
    of_apache: bool


def json_items(keys: Sequence[str], values: Sequence[Sequence[str]]) -> JsonItems | None:
    """The items that print some values, or None for lines that lack what Apache's have.

    That is a time, a message, and a level or a process.

    Args:
        keys: those of `json_formats`, with the keys of the objects around them.
        values: for each key those of all lines.
    """
    items = _items(keys, values)
    message = _message(keys, values, items)
    times = [at for at, item in enumerate(items) if "t" in _LETTER.findall(item)]
    if message is None or not times:
        return None
    if any('"' in text for at, texts in enumerate(values) if at != message for text in texts):
        return None  # part of a message has been taken for a value: httpd escapes no quotes
    items[message] = "%M"
    for at, (key, item) in enumerate(zip(keys, items, strict=True)):
        items[at] = item or _any_text(key, values[at])
    letters = _LETTER.findall(" ".join(items))
    if not {"l", "P"} & {*letters}:
        return None
    said = any(_OF_APACHE.match(text) for text in values[message])
    apache = said or "F" in letters or "E" in letters or _speak_modules(items, values)
    return JsonItems(tuple(items), times[0], apache)


#: The letters of items.
_LETTER = re.compile(r"%-?(?:\{[^}]*\})?([A-Za-z])")


def _items(keys: Sequence[str], values: Sequence[Sequence[str]]) -> list[str]:
    """What prints the values of each key, or nothing where that is not known."""
    told = [[text for text in texts if text != _NONE] for texts in values]
    items = [json_time(key, texts) for key, texts in zip(keys, told, strict=True)]
    given = set[str]()
    for kind in _KINDS:
        names = {*kind.value.groupindex}
        for at, (key, texts) in enumerate(zip(keys, told, strict=True)):
            if not items[at] and not names & given and kind.key.search(key):
                items[at] = _item_of(kind, texts)
                given |= names if items[at] else set()
    return items


def _item_of(kind: _Kind, texts: Sequence[str]) -> str:
    """What prints some values where they are of a kind, else nothing."""
    if not texts:
        name = next(iter(kind.value.groupindex))
        return _WRITTEN[name] if kind.key.pattern and name in _TOLD_BY_KEYS else ""
    written = {_written(kind.value.fullmatch(text)) for text in texts}
    return written.pop() if len(written) == 1 else ""


def _written(found: re.Match[str] | None) -> str:
    """A text with items in place of what they printed; empty for none."""
    if found is None:
        return ""
    text, at = found[0], found.start()
    pieces, done = "", at
    for name, value in found.groupdict().items():
        if value is not None:
            start, end = found.span(name)
            pieces += quoted(text[done - at : start - at]) + _WRITTEN[name]
            done = end
    return pieces + quoted(text[done - at :])


def _message(
    keys: Sequence[str], values: Sequence[Sequence[str]], items: Sequence[str]
) -> int | None:
    """Which of the values is the message: what is called so, else the longest that has words."""
    left = [at for at, item in enumerate(items) if not item]
    called = [at for at in left if _OF_MESSAGE.search(keys[at])]
    said = [at for at in called or left if any(_OF_APACHE.match(one) for one in values[at])]
    worded = [at for at in left if any(" " in one for one in values[at])]
    for some in (said, called, worded):
        if some:
            return max(some, key=lambda at: sum(map(len, values[at])))
    return None


def _any_text(key: str, texts: Sequence[str]) -> str:
    """What prints values of which nothing is known: the same text always, or any."""
    fixed = len({*texts}) == 1 and texts[0] != _NONE
    if fixed and (len(texts) >= _SURELY_FIXED or not texts[0]):
        return quoted(texts[0])
    return f"%-{{{key.replace('}', '')}}}n"


def _speak_modules(items: Sequence[str], values: Sequence[Sequence[str]]) -> bool:
    """Whether most lines have a module of Apache's."""
    for item, texts in zip(items, values, strict=True):
        if "%-m" in item:
            named = [text.strip("[]").partition(":")[0] for text in texts]
            return 2 * sum(name in _MODULES for name in named) > len(named)
    return False


def quoted(text: str) -> str:
    """A text as it stands in a format."""
    return text.replace("\\", r"\\").replace("%", "%%")
