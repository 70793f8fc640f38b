"""Layouts: takes an ErrorLogFormat, or what httpd has built in, gives a way to read its lines."""

from __future__ import annotations

from dataclasses import dataclass

from parsers.cursor import Step
from parsers.error_log_format import ErrorLogFormat, Kind, parse, parse_directive
from parsers.item_steps import LevelStep, SourceStep, StatusStep, TagAhead
from parsers.plans import Plan, compile_steps, merge
from parsers.scanning import Mask, Places, Text
from parsers.steps import (
    LiteralStep,
    MessageStep,
    NumberStep,
    OptionalStep,
    Suffix,
    TextStep,
    TimeStep,
    TokenStep,
)
from parsers.strftime import RFC_3339_TIMES, SYSLOG_TIMES, time_forms


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which lines are written, ready to read them.

    Attributes:
        name: for people.
        format: the directive that prints it, or None for what httpd has built in.
        plan: the steps that read it.
    """

    name: str
    format: ErrorLogFormat | None
    plan: Plan

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns its lines may fill."""
        names = (name for step in self.plan.steps for name in step.columns)
        return tuple(dict.fromkeys(names))

    @property
    def has_time(self) -> bool:
        """Whether its lines carry a time."""
        return "time" in self.columns


def compile_layout(
    error_log_format: str | ErrorLogFormat, kind: Kind = "main", name: str = ""
) -> Layout:
    """The layout of the lines that an ErrorLogFormat prints.

    Args:
        error_log_format: the format, or its whole line of httpd.conf.
        kind: which lines, where the format itself does not say it.
        name: for people; else the format.

    Raises:
        FormatError: httpd refuses the format.
    """
    parsed = error_log_format
    if isinstance(parsed, str):
        parsed = parse_directive(parsed) if kind == "main" else parse(parsed, kind)
    return Layout(name or parsed.text, parsed, Plan.of(compile_steps(parsed)))


def _lit(text: str) -> LiteralStep:
    return LiteralStep(text.encode())


def _time(argument: str) -> TimeStep:
    return TimeStep(time_forms(argument))


def is_client_marker(text: Text, at: Places, end: Places) -> Mask:
    """Whether each token is the word before an address: `remote` where httpd has no scoreboard."""
    fine: Mask = (end - at == 6) & (text.has(at, b"client") | text.has(at, b"remote"))
    return fine


#: Fields that httpd 2.4 prints without a directive, in order (log.c do_errorlog_default).
_SOURCE = OptionalStep((SourceStep(), _lit(": ")), min_level=7)
_STATUS = OptionalStep((StatusStep(b": "), _lit(": ")))
_CLIENT = OptionalStep(
    (_lit("["), TokenStep("client_marker", check=is_client_marker), _lit(" "),
     TokenStep("client", ord("]")), _lit("] "))
)  # fmt: skip
_BLANK = OptionalStep((_lit(" "),))
_REFERER = (Suffix(b", referer: ", (TextStep("referer", b"", to_end=True),)),)
_MESSAGE = MessageStep((_REFERER,))
_MODULE_LEVEL: tuple[Step, ...] = (
    TokenStep("module", ord(":"), may_be_empty=True), _lit(":"), LevelStep(),
)  # fmt: skip
_PROCESS: tuple[Step, ...] = (
    _lit("[pid "), NumberStep("pid"), OptionalStep((_lit(":tid "), NumberStep("tid"))), _lit("]"),
)  # fmt: skip


def _built_in(name: str, *steps: Step) -> Layout:
    return Layout(name, None, Plan.of(merge(steps)))


HTTPD_24 = _built_in(
    "httpd 2.4 built-in",
    _lit("["), _time("u"), _lit("] ["), *_MODULE_LEVEL, _lit("] "), *_PROCESS,
    _BLANK, _SOURCE, _STATUS, _CLIENT, _MESSAGE,
)  # fmt: skip
HTTPD_24_SYSLOG = _built_in(
    "httpd 2.4 built-in, to syslog",
    _lit("["), *_MODULE_LEVEL, _lit("] "), *_PROCESS, _BLANK, _SOURCE, _STATUS, _CLIENT, _MESSAGE,
)  # fmt: skip
#: log_error_core of 2.0 and 2.2: source, client, status, in another order than 2.4's. 1.3 pads
#: the day with a space, which the form of `%t` reads as well.
_REST_22 = (LevelStep(), _lit("]"), _BLANK, _SOURCE, _STATUS, _CLIENT, _STATUS, _MESSAGE)
HTTPD_22 = _built_in("httpd 2.2, 2.0 or 1.3 built-in", _lit("["), _time(""), _lit("] ["), *_REST_22)
HTTPD_22_SYSLOG = _built_in("httpd 2.2 built-in, to syslog", _lit("["), *_REST_22)
#: While it starts, httpd 2.4 writes bare messages (APLOG_STARTUP), which have a tag.
START_UP = _built_in("httpd 2.4 at start-up", _STATUS, TagAhead(), _MESSAGE)
#: What is left of a line whose head was lost, by a wrapper around the log or on paper.
HEADLESS = _built_in(
    "httpd 2.4 without a head", OptionalStep((_lit("  "),)), _STATUS, *_CLIENT.steps, _MESSAGE
)


def _syslog(name: str, time: TimeStep) -> Layout:
    """Lines that syslog wrote to a file: its own head, then httpd's without the time."""
    head: tuple[Step, ...] = (
        time, _lit(" "), TokenStep("host"), _lit(" "), TokenStep("ident", ord("[")), _lit("["),
        NumberStep("syslog_pid"), _lit("]: ["),
    )  # fmt: skip
    return _built_in(name, *head, *HTTPD_24_SYSLOG.plan.steps[1:])


SYSLOG = (
    _syslog("httpd 2.4 through syslog", TimeStep(SYSLOG_TIMES)),
    _syslog("httpd 2.4 through syslog, RFC 3339", TimeStep(RFC_3339_TIMES)),
)


def _known(name: str, directive: str) -> Layout:
    return compile_layout(directive, name=name)


_CLIENT_MESSAGE = r" %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i"

#: Directives of the manual (docs/manual/mod/core.xml) and others that are often seen.
KNOWN_FORMATS: tuple[tuple[str, str], ...] = (
    ("manual, threaded", r"[%{u}t] [%-m:%l] [pid %P:tid %T]" + _CLIENT_MESSAGE),
    ("manual, prefork", r"[%{u}t] [%-m:%l] [pid %P]" + _CLIENT_MESSAGE),
    ("manual, threaded, with offset", r"[%{uz}t] [%-m:%l] [pid %P:tid %T]" + _CLIENT_MESSAGE),
    ("manual, prefork, with offset", r"[%{uz}t] [%-m:%l] [pid %P]" + _CLIENT_MESSAGE),
    ("manual, threaded, compact", r"[%{cu}t] [%-m:%l] [pid %P:tid %T]" + _CLIENT_MESSAGE),
    ("manual, prefork, compact", r"[%{cu}t] [%-m:%l] [pid %P]" + _CLIENT_MESSAGE),
    ("manual, threaded, compact, with offset",
     r"[%{cuz}t] [%-m:%l] [pid %P:tid %T]" + _CLIENT_MESSAGE),
    ("manual, prefork, compact, with offset", r"[%{cuz}t] [%-m:%l] [pid %P]" + _CLIENT_MESSAGE),
    ("mod_wsgi's documentation",
     r"%{cu}t [pid: %P, tid: %T] [%-m:%l] [client:\ %a] [cid:\ %{c}L,\ rid:\ %-L] %7F: %E: %M"),
    ("mod_wsgi's documentation, with offset",
     r"%{cuz}t [pid: %P, tid: %T] [%-m:%l] [client:\ %a] [cid:\ %{c}L,\ rid:\ %-L] %7F: %E: %M"),
    ("compact, frontend",
     r"%{cu}t [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] [frontend\ %A] %M"
     r"% ,\ referer\ %{Referer}i"),
    ("compact, bare stamp", r"%{cu}t [%-m:%l] [pid %P:tid %T]" + _CLIENT_MESSAGE),
    ("compact, bare stamp, with offset", r"%{cuz}t [%-m:%l] [pid %P:tid %T]" + _CLIENT_MESSAGE),
    ("client and log ID", r"[%{cu}t] [%-m:%-l] %-a %-L %M"),
    ("manual, advanced", r"[%{uc}t] [%-m:%-l] [R:%L] [C:%{C}L] %7F: %E: %M"),
    ("common log format's time", r"[%{%d/%b/%Y:%H:%M:%S %z}t] [%m:%l] [pid %P:tid %T]"
     + _CLIENT_MESSAGE),
    ("level without module", r"[%{u}t] [%l] [pid %P:tid %T]" + _CLIENT_MESSAGE),
    ("manual, simple", r"[%t] [%l] [pid %P] %F: %E: [client %a] %M"),
    ("manual, like 2.2", r"[%t] [%l]" + _CLIENT_MESSAGE),
    ("manual, like 2.2, compact", r"[%{cu}t] [%l]" + _CLIENT_MESSAGE),
)  # fmt: skip

BUILT_IN: tuple[Layout, ...] = (
    HTTPD_24,
    HTTPD_22,
    HTTPD_24_SYSLOG,
    HTTPD_22_SYSLOG,
    *SYSLOG,
    *(_known(name, directive) for name, directive in KNOWN_FORMATS),
    compile_layout(
        r"[%{uc}t] [R:%L] Request %k on C:%{c}L pid:%P tid:%T", "request", "manual, each request"
    ),
    compile_layout(
        r"[%{uc}t] [C:%{c}L] local\ %a remote\ %A", "connection", "manual, each connection"
    ),
    START_UP,
    HEADLESS,
)
