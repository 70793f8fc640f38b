r"""Known formats: ErrorLogFormats that are often seen, as data.

`%{*}t` stands for a time with any option letters: people take a format and change only those.
Modules are written `%-m` even where people write `%m`: it prints the same but for messages without
a module, and with it a field is sure to be there.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import replace

from parsers.classes import dataclass
from parsers.error_log_format.fields import Kind
from parsers.times.strftime import ANY

#: Stands in a directive for a time with any option letters.
ANY_TIME = f"%{{{ANY}}}t"

_ALPHANUMERIC = (string.ascii_letters + string.digits).encode()
#: The letter of each item; no known format has a bare `%%`.
_ITEM = re.compile(r"%[-+\d]*(?:\{[^}]*\})?([A-Za-z])")


@dataclass(frozen=True, slots=True)
class KnownFormat:
    """One directive.

    Attributes:
        name: for people.
        directive: the format.
        letters: the option letters that it has where it is documented; a log with others is named
            after them.
        kind: which lines it prints.
        bare_ids: its log IDs have no name, only brackets: what does not look like one is none.
    """

    name: str
    directive: str
    letters: str = "u"
    kind: Kind = "main"
    bare_ids: bool = False

    @property
    def first(self) -> bytes:
        """The bytes that its lines may begin with, or nothing where the directive alone tells none.

        A field that httpd may drop begins none of these formats.
        """
        if self.directive.startswith(ANY_TIME):
            return _ALPHANUMERIC
        first = self.directive[0]
        return b"" if first in "%\\" else first.encode()

    @property
    def rank(self) -> int:
        """What tells process and level comes first, what is sure to tell neither comes last.

        Before all of them come log IDs without a name: others would take them for the message.
        """
        if self.bare_ids:
            return -1
        says = {*_ITEM.findall(self.directive)}
        if self.kind != "main":
            return 1
        return 0 if {"P", "l"} <= says else 1 if says & {"P", "l"} else 2

    def name_with(self, letters: str) -> str:
        """Its name where its time has certain option letters."""
        return ", ".join([self.name, *_differences(self.letters, letters)])


def _differences(documented: str, letters: str) -> Iterator[str]:
    """What is said of a format whose time has other option letters than the documented one."""
    if "%" in letters:
        yield "with a % in the braces by mistake"
        return
    if ("c" in letters) != ("c" in documented):
        yield "compact" if "c" in letters else "like ctime"
    fractions = {"u": "microseconds", "m": "milliseconds", "": "whole seconds"}
    kept = "".join(letter for letter in letters if letter in "um")
    if kept != "".join(letter for letter in documented if letter in "um"):
        yield fractions[kept]
    if "z" in letters:
        yield "with offset"


_CLIENT_MESSAGE = r" %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i"
_PROCESS = "[%{*}t] [%-m:%l] [pid %P:tid %T]"
_JSON_TIME = "%{%Y-%m-%d}tT%{%T}t.%{msec_frac}tZ"

#: A time by strftime, in several pieces perhaps.
_STRFTIME = re.compile(r"%\{%[^}]*\}t(?:.?%\{[^}]*\}t)*Z?")

_WRITTEN: tuple[KnownFormat, ...] = (
    # docs/manual/mod/core.xml
    KnownFormat("manual, threaded", _PROCESS + _CLIENT_MESSAGE),
    KnownFormat("manual, prefork", "[%{*}t] [%-m:%l] [pid %P]" + _CLIENT_MESSAGE),
    KnownFormat("level without module", "[%{*}t] [%l] [pid %P:tid %T]" + _CLIENT_MESSAGE),
    KnownFormat("level without module, prefork", "[%{*}t] [%l] [pid %P]" + _CLIENT_MESSAGE),
    KnownFormat("manual, simple", "[%{*}t] [%l] [pid %P] %F: %E: [client %a] %M", ""),
    KnownFormat("manual, like 2.2", "[%{*}t] [%l]" + _CLIENT_MESSAGE, ""),
    # before what reads the same lines and tells less of them
    KnownFormat("client and log ID", "[%{*}t] [%-m:%-l] %-a %-L %M", "cu"),
    KnownFormat("client, log ID and pid", "[%{*}t] [%-m:%-l] %-a %-L [pid %P] %M", "cuz"),
    KnownFormat("manual, advanced", "[%{*}t] [%-m:%-l] [R:%L] [C:%{C}L] %7F: %E: %M", "cu"),
    KnownFormat(
        "manual, each request",
        "[%{*}t] [R:%L] Request %k on C:%{c}L pid:%P tid:%T",
        "cu",
        "request",
    ),
    KnownFormat("manual, user agents", "[%{*}t] [R:%L] UA:'%+{User-Agent}i'", "cu", "request"),
    KnownFormat("manual, referers", "[%{*}t] [R:%L] Referer:'%+{Referer}i'", "cu", "request"),
    KnownFormat(
        "manual, each connection", r"[%{*}t] [C:%{c}L] local\ %a remote\ %A", "cu", "connection"
    ),
    KnownFormat("each connection", r"[%{*}t] [C:%{c}L] remote\ %a local\ %A", "cu", "connection"),
    # what errlog proposes for httpd's built-in format; on Linux there is always a thread
    KnownFormat(
        "like httpd 2.4 built-in",
        r"[%{*}t] [%-m:%l] [pid %P:tid %-{g}T] %7F: %E: [client\ %a] %M% ,\ referer:\ %{Referer}i",
        "cu",
    ),
    # mod_wsgi's documentation, and what its users write
    KnownFormat(
        "mod_wsgi's documentation",
        r"%{*}t [pid: %P, tid: %T] [%-m:%l] [client:\ %a] [cid:\ %{c}L,\ rid:\ %-L] %7F: %E: %M",
        "cu",
    ),
    # with log IDs
    KnownFormat("log IDs", r"[%{*}t] [%-m:%l] [pid %P] [R:%L] [C:%{C}L] %7F: %E: [client\ %a] %M"),
    KnownFormat(
        "log IDs, threaded",
        r"[%{*}t] [%-m:%l] [pid %P:tid %T] [R:%L] [C:%{C}L] %7F: %E: [client\ %a] %M",
    ),
    KnownFormat(
        "log IDs and bare pid", "[%{*}t] [%-m:%-l] [R:%-L] [C:%-{c}L] %P %7F: %E: %-a %M", "cu"
    ),
    KnownFormat("log IDs of all kinds", "[%{*}t] [L:%-L c:%{c}L C:%{C}L] %M"),
    KnownFormat(
        "log IDs with names",
        "[%{*}t] [error_link_id:%L] [request_id:%{UNIQUE_ID}e] [module_name:%-m] [log_level:%-l]"
        " [src_ip:%a peer_ip:%{c}a] message=%M",
        "cu",
    ),
    KnownFormat(
        "each request, new", "[%{*}t] [%{c}L] New request: [%L] [pid %P] %F: %E", "", "request"
    ),
    # the manual's with something more, or something less
    KnownFormat(
        "bare stamp, frontend",
        r"%{*}t [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] [frontend\ %A] %M"
        r"% ,\ referer\ %{Referer}i",
        "cu",
    ),
    KnownFormat("bare stamp", "%{*}t [%-m:%l] [pid %P:tid %T]" + _CLIENT_MESSAGE, "cu"),
    KnownFormat("unescaped client", "[%{*}t] [%-m:%l] [pid %P] [client %a] %M"),
    KnownFormat(
        "request URI behind the message",
        "[%{*}t] [%-m:%l] [pid %P:tid %T] [client %a] %E: %M [request_uri %{REQ}e]",
        "cu",
    ),
    KnownFormat("virtual host", "[%{*}t] [%-m:%l] [vhost %V] [pid %P] %E: %M", "cu"),
    KnownFormat(
        "virtual host before the time", "%v: [%{*}t] [%l] [pid %P] %F: %E: [client %a] %M", ""
    ),
    KnownFormat(
        "server name before the time", "%V [%{*}t] [%l] [pid %P] [client %a] %F: %E: %M", ""
    ),
    KnownFormat(
        "address before the time",
        r"%A [%{*}t] [%-m:%l] %7F: %E: %M% ,\ referer\ %{Referer}i",
        "cu",
    ),
    KnownFormat("word before the time", "httpd-error " + _PROCESS + _CLIENT_MESSAGE),
    KnownFormat("ERROR before the time", "ERROR  | %v [%{*}t] [client %a] [%l] %M", ""),
    KnownFormat("named thread", "[%{*}t] [%l] [pid %P] thread-%T %F: %E: [client %a] %M", ""),
    KnownFormat("pid only", "[%{*}t] [pid %P] %M", ""),
    KnownFormat("module and level, unescaped client", "[%{*}t] [%-m:%l] [client %a] %M", ""),
    KnownFormat("module and level", "[%{*}t] [%-m:%l]" + _CLIENT_MESSAGE, "cu"),
    KnownFormat("module and level behind a bare stamp", "%{*}t [%-m:%l]" + _CLIENT_MESSAGE, "cu"),
    KnownFormat("pid before level", "[%{*}t] [pid %P] [%l]" + _CLIENT_MESSAGE),
    KnownFormat("brackets without blanks", "[%{*}t][%l] %F: %E: [%a] %M", ""),
    KnownFormat("module behind a bare stamp", "%{*}t[%-m]: %M", ""),
    KnownFormat(
        "common log format's time",
        "[%{%d/%b/%Y:%H:%M:%S %z}t] [%-m:%l] [pid %P:tid %T]" + _CLIENT_MESSAGE,
    ),
    KnownFormat(
        "ISO 8601 with levels written out",
        "[%{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t] [ERROR] [APACHE] [ERROR]: [pid %P] [client %a]"
        " %M",
    ),
    # JSON-shaped
    KnownFormat(
        "JSON, with client and log IDs",
        '{"time":"%{*}t","module":"%-m","client":"%-a",'
        '"http_x_forwarded_for":"%-{X-Forwarded-For}i","log_level":"%-l","pid":"%-P","tid":"%-T",'
        '"message":"%-M","logid":{"request":"%-L","connection":"%-{c}L"},'
        '"request_note_name":"%-{name}n"}',
        "cu",
    ),
    KnownFormat(
        "JSON, with server name",
        '{ "time":"%{*}t", "function":"[%-m:%l]", "pid":"%P", "message":"%M",'
        ' "vhost-ServerName":"%v", "referer":"%-{Referer}i" }',
        "",
    ),
    KnownFormat("JSON, short", '{time:"%{*}t", client:"%a", message:"%M"}', "cu"),
    KnownFormat(
        "JSON, with function",
        '{"time":"%{%usec_frac}t", "function":"[%-m:%l]", "process":"[pid%P]", "message":"%M"}',
    ),
    KnownFormat(
        "JSON, with function and request ID",
        '{ "time": "%{%usec_frac}t", "function": "[%-m:%l]", "process": "[pid%P]",'
        ' "message": "%M", "request_id": " %{UNIQUE_ID}e " }',
    ),
    KnownFormat(
        "JSON, with process",
        f'{{ "time":"{_JSON_TIME}", "function" : "[%-m:%l]" , "process" : "[pid %P:tid %T]" ,'
        r' "message" : "%M" ,\ "referer"\ : "%{Referer}i" },',
    ),
    KnownFormat(
        "JSON, with app",
        f'{{ "app": "httpd", "level":"ERROR", "time":"{_JSON_TIME}", "function": "%-m:%l" ,'
        ' "pid": "%P", "tid": "%T", "message": "%M", "referer": "%{Referer}i" }',
    ),
)

#: Of two that explain a log equally well the first one counts. Who takes up the offset writes the
#: time by letters.
KNOWN_FORMATS: tuple[KnownFormat, ...] = (
    *_WRITTEN,
    *(
        replace(
            known,
            name=f"{known.name}, time by letters",
            directive=_STRFTIME.sub(lambda _: ANY_TIME, known.directive),
        )
        for known in _WRITTEN
        if ANY_TIME not in known.directive
    ),
)
