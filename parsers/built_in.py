"""Built in: the layouts that are known without a directive, as a table.

What httpd has built in, what syslog writes before that, and makeshifts for what nobody told of.
"""

from __future__ import annotations

from parsers.error_log_format.known import KNOWN_FORMATS
from parsers.layouts import Layout, known_layout
from parsers.steps.cursor import Step
from parsers.steps.item_steps import (
    ClientStep,
    LevelStep,
    NoZoneAhead,
    PidAhead,
    SourceStep,
    StatusStep,
    TagAhead,
    WordEnds,
)
from parsers.steps.message_step import MessageStep, Suffix
from parsers.steps.plans import Plan, merge
from parsers.steps.steps import LiteralStep, NumberStep, OptionalStep, TextStep, TokenStep
from parsers.steps.time_steps import TimeStep, time_step
from parsers.steps.wrappers import HeadStep
from parsers.times.strftime import ANY, RFC_3339_TIMES, SYSLOG_TIMES


def _lit(text: str) -> LiteralStep:
    return LiteralStep(text.encode())


#: What says that a message is UTF-8 (RFC 5424, section 6.4).
_MARK = OptionalStep((_lit("\N{BYTE ORDER MARK}"),))
#: Fields that httpd 2.4 prints without a directive, in order (log.c do_errorlog_default).
_SOURCE = OptionalStep((SourceStep(), _lit(": ")), min_level=7)
_STATUS = OptionalStep((StatusStep(b": "), _lit(": ")))
_CLIENT = OptionalStep((ClientStep(), _lit("] ")))
_BLANK = OptionalStep((_lit(" "),))
_REFERER = (Suffix(b", referer: ", (TextStep("referer", b"", to_end=True),)),)
_MESSAGE = MessageStep((_REFERER,))
_MODULE_LEVEL: tuple[Step, ...] = (
    TokenStep("module", ord(":"), may_be_empty=True), _lit(":"), LevelStep(),
)  # fmt: skip
_PROCESS: tuple[Step, ...] = (
    _lit("[pid "), NumberStep("pid"), OptionalStep((_lit(":tid "), NumberStep("tid"))), _lit("]"),
)  # fmt: skip


_named: dict[str, Layout] = {}


def _built_in(name: str, *steps: Step, rank: int = 0, first: bytes = b"") -> Layout:
    origin = _of_name, (name,)
    _named[name] = Layout(name, lambda: (None, Plan(merge(steps))), rank, origin, first)
    return _named[name]


def _of_name(name: str) -> Layout:
    return _named[name]


HTTPD_24 = _built_in(
    "httpd 2.4 built-in",
    _lit("["), time_step("u"), _lit("] ["), *_MODULE_LEVEL, _lit("] "), *_PROCESS,
    _BLANK, _SOURCE, _STATUS, _CLIENT, _MESSAGE,
)  # fmt: skip
#: Seen in logs that went through many hands. The manual's format would take the thread's number
#: for the beginning of the message: there, an unclosed bracket is what is left without a thread.
HTTPD_24_UNCLOSED = _built_in(
    "httpd 2.4 built-in, a bracket lost",
    _lit("["), time_step("u"), _lit("] ["), *_MODULE_LEVEL, _lit("] [pid "), NumberStep("pid"),
    _lit(":tid "), NumberStep("tid"), _lit(" "), *_CLIENT.steps, _MESSAGE,
)  # fmt: skip
HTTPD_24_SYSLOG = _built_in(
    "httpd 2.4 built-in, to syslog",
    _lit("["), *_MODULE_LEVEL, _lit("] "), *_PROCESS, _BLANK, _SOURCE, _STATUS, _CLIENT, _MESSAGE,
)  # fmt: skip
#: log_error_core of 2.0 and 2.2: source, client, status, in another order than 2.4's. 1.3 pads
#: the day with a space, which the form of `%t` reads as well.
_REST_22 = (LevelStep(), _lit("]"), _BLANK, _SOURCE, _STATUS, _CLIENT, _STATUS, _MESSAGE)
HTTPD_22 = _built_in(
    "httpd 2.2, 2.0 or 1.3 built-in", _lit("["), time_step(""), _lit("] ["), *_REST_22, rank=1
)
HTTPD_22_SYSLOG = _built_in("httpd 2.2 built-in, to syslog", _lit("["), *_REST_22, rank=1)
#: While it starts, httpd 2.4 writes bare messages (APLOG_STARTUP), which have a tag.
START_UP = _built_in("httpd 2.4 at start-up", _STATUS, TagAhead(), _MESSAGE, rank=1)
#: What is left of a line whose head was lost, by a wrapper around the log or on paper.
HEADLESS = _built_in(
    "httpd 2.4 without a head", OptionalStep((_lit("  "),)), _STATUS, *_CLIENT.steps, _MESSAGE,
    rank=1,
)  # fmt: skip


def _syslog_heads(pid: str) -> tuple[tuple[str, bytes, tuple[Step, ...]], ...]:
    """What syslog writes before a line: a name, the bytes it may begin with, and the steps.

    Args:
        pid: the column of the pid that it tells.
    """
    host = _lit(" "), TokenStep("host"), _lit(" ")
    ident = *host, TokenStep("ident", ord("[")), _lit("["), NumberStep(pid), _lit("]: ")
    of_pid = TokenStep(pid) if pid == "syslog_pid" else NumberStep(pid)
    of_5424 = (
        _lit("<"), NumberStep("priority"), _lit(">1 "), TimeStep(RFC_3339_TIMES), *host,
        TokenStep("ident"), _lit(" "), of_pid, _lit(" "), TokenStep("message_id"), _lit(" "),
    )  # fmt: skip
    return (
        ("", b"JFMASONDjfmasond", (TimeStep(SYSLOG_TIMES), *ident)),
        (", RFC 3339", b"0123456789", (TimeStep(RFC_3339_TIMES), *ident)),
        (", RFC 5424", b"<", (*of_5424, _lit("- "), _MARK)),
        (", RFC 5424 with data", b"<", (
            *of_5424, _lit("["), TextStep("structured_data", b'"] ', own=1), _lit('"] '),
            _MARK,
        )),
        (", RFC 5424 with data of no value", b"<", (
            *of_5424, _lit("["), TextStep("structured_data", b"] "), _lit("] "), _MARK,
        )),
    )  # fmt: skip


#: Lines that syslog wrote to a file: its own head, then httpd's without the time. Where httpd tells
#: no pid, that of the head counts: it is of the process that wrote.
SYSLOG = tuple(
    _built_in(f"{httpd} through syslog{name}", *head, *layout.plan.steps, rank=rank, first=first)
    for httpd, layout, rank, pid in (
        ("httpd 2.4", HTTPD_24_SYSLOG, 0, "syslog_pid"),
        ("httpd 2.2", HTTPD_22_SYSLOG, 1, "pid"),
        ("httpd 2.4 at start-up,", START_UP, 1, "pid"),
    )
    for name, first, head in _syslog_heads(pid)
)
#: A format whose first item is not known, such as `[${VAR}] [%t] [%l] …`.
PREFIXED = _built_in(
    "like 2.2 behind something else", _lit("["), TokenStep("prefix", ord("]")), _lit("] ["),
    time_step(ANY), _lit("] ["), *_REST_22, rank=1,
)  # fmt: skip


def _makeshift(name: str, lead: bytes, *pid: Step) -> Layout:
    """A time at the head of a line, the pid where there seems to be one, and the rest."""
    time = time_step(ANY).between(lead, b"")
    closed = (OptionalStep((_lit("] "),)),) if lead else ()
    return _built_in(name, time, WordEnds(), NoZoneAhead(), *pid, *closed, MessageStep(), rank=2)


#: So that no stamp is missed merely because what follows it is unknown.
BRACKETED_TIME = _makeshift("a time in brackets, then anything", b"[", PidAhead())
#: Not only Apache begins a line so: see `detect`.
BARE_TIME = _makeshift("a time, then anything", b"", PidAhead())
#: A time behind a first bracket. No log is read by it: it finds the heads that tell a format.
TIME_BEHIND_BRACKET = _built_in(
    "a time behind something in brackets, then anything", _lit("["), TokenStep("prefix", ord("]")),
    time_step(ANY).between(b"] [", b"]"), MessageStep(), rank=2,
)  # fmt: skip
# Where what looks like a pid is the message's, which anybody may write.
BRACKETED_TIME.without_pid = _makeshift("a time in brackets, then the message", b"[")
BARE_TIME.without_pid = _makeshift("a time, then the message", b"")

BEHIND = ", behind another program's head"
#: Behind what containers, journals and syslog daemons write before a line.
WRAPPED = tuple(
    _built_in(f"{name}{BEHIND}", HeadStep(), *layout.plan.steps, rank=rank)
    for name, layout, rank in (
        ("httpd 2.4 built-in", HTTPD_24, 1),
        ("httpd 2.2 built-in", HTTPD_22, 1),
        (BRACKETED_TIME.name, BRACKETED_TIME, 2),
    )
)

BUILT_IN: tuple[Layout, ...] = (
    HTTPD_24, HTTPD_24_UNCLOSED, HTTPD_22, HTTPD_24_SYSLOG, HTTPD_22_SYSLOG, *SYSLOG,
    *map(known_layout, KNOWN_FORMATS),
    PREFIXED, START_UP, HEADLESS, BRACKETED_TIME, *WRAPPED,
)  # fmt: skip
