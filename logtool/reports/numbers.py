"""Numbers: what a report holds, counted and finished, before anybody formats it.

All times are in UTC; a count is of lines unless it says events. Tuples are in the order to show.
"""

from __future__ import annotations

from datetime import datetime

from logtool.flags.finding import Finding
from parsers.classes import dataclass

#: Of the JSON form; the first number changes when a reader must change.
SCHEMA_VERSION = "1.5"


@dataclass(frozen=True, slots=True)
class FileNumbers:
    """One log file.

    Attributes:
        name: as it was named.
        lines: its lines.
        unread: lines that no layout reads.
        first_utc: its first instant, if any line has a known one.
        last_utc: its last instant.
        faults: what could not be read of it.
    """

    name: str
    lines: int
    unread: int
    first_utc: datetime | None
    last_utc: datetime | None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """How many lines share something.

    Attributes:
        name: what they share; empty where the lines do not say it.
        lines: how many.
    """

    name: str
    lines: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A silence of the whole log.

    Attributes:
        start_utc: the last line before it.
        end_utc: the first line after it.
    """

    start_utc: datetime
    end_utc: datetime


@dataclass(frozen=True, slots=True)
class ClockNumbers:
    """Clocks of one kind of process with one offset.

    Attributes:
        who: `daemon of shop`, `parent`.
        offset_s: seconds east of UTC.
        zone: its name, where the user gave it.
        confidence: the least sure of them.
        lines: lines stamped by them.
        processes: how many processes.
        first_utc: their first instant.
        last_utc: their last instant.
        evidence: why, strongest first.
        trouble: what speaks against it, or that it is only assumed.
    """

    who: str
    offset_s: int
    zone: str
    confidence: str
    lines: int
    processes: int
    first_utc: datetime
    last_utc: datetime
    evidence: tuple[str, ...]
    trouble: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcessSpan:
    """A process while it kept one clock.

    Attributes:
        process: its number in the log.
        pid: its pid, None where the format has none.
        who: role and group.
        offset_s: seconds east of UTC.
        confidence: how sure that is.
        first_utc: its first line in this clock.
        last_utc: its last line in this clock.
        lines: how many.
    """

    process: int
    pid: int | None
    who: str
    offset_s: int
    confidence: str
    first_utc: datetime
    last_utc: datetime
    lines: int


@dataclass(frozen=True, slots=True)
class ExceptionNumbers:
    """Exceptions of one fingerprint.

    Attributes:
        fingerprint: what makes them the same.
        type: the exception's type.
        value: the text of the first one.
        events: how many there were.
        first_utc: the first one.
        last_utc: the last one.
        not_before_utc: where no line has a time, that of the last line before the first one in its
            file; else None.
        trend: events in each of `TREND` equal parts of the period; untimed as the line before.
        is_new: it first came late in the period, or was not in the last report.
        guilty_file: file of the frame to blame, None where no frame was logged.
        guilty_line: its line.
        guilty_function: its function.
        log_file: where the first one begins in the log.
        log_line: on which line.
        sample: the messages of the first one, the middle of a long one left out.
    """

    fingerprint: str
    type: str
    value: str
    events: int
    first_utc: datetime | None
    last_utc: datetime | None
    not_before_utc: datetime | None
    trend: tuple[int, ...]
    is_new: bool
    guilty_file: str | None
    guilty_line: int | None
    guilty_function: str | None
    log_file: str
    log_line: int
    sample: tuple[str, ...]

    @property
    def name(self) -> str:
        """The type, and the text of the first one."""
        return f"{self.type}: {self.value}" if self.value else self.type

    @property
    def since_utc(self) -> datetime | None:
        """The first one, or what that is not before."""
        return self.first_utc or self.not_before_utc


@dataclass(frozen=True, slots=True)
class MessageNumbers:
    """Messages that differ only in ids, addresses, numbers and the like.

    Attributes:
        fingerprint: what makes them the same.
        template: the message with what varies masked.
        level: their level.
        module: their module.
        events: how many there were.
        first_utc: the first one.
        last_utc: the last one.
        trend: as in `ExceptionNumbers`.
        is_new: as in `ExceptionNumbers`.
    """

    fingerprint: str
    template: str
    level: str
    module: str
    events: int
    first_utc: datetime | None
    last_utc: datetime | None
    trend: tuple[int, ...]
    is_new: bool


@dataclass(frozen=True, slots=True)
class ClientNumbers:
    """A client.

    Attributes:
        address: without the port.
        lines: lines about it.
        errors: of these, lines of level error or worse.
        first_utc: the first one.
        last_utc: the last one.
    """

    address: str
    lines: int
    errors: int
    first_utc: datetime | None
    last_utc: datetime | None


@dataclass(frozen=True, slots=True)
class SlowRequest:
    """A request that took long between its first and its last line.

    Attributes:
        client: ip:port.
        first_utc: its first line.
        duration_ms: from there to its last line.
        joined_by: what told that these lines are one request.
        last_message: what its last line says.
    """

    client: str
    first_utc: datetime
    duration_ms: float
    joined_by: str
    last_message: str


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """The server or a process started, stopped or crashed.

    Attributes:
        utc: when.
        kind: what happened.
        pid: who wrote the line.
        message: what it says.
    """

    utc: datetime | None
    kind: str
    pid: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Series:
    """Lines of one level or of one clock, in each part of the period.

    Attributes:
        name: of the level or the clock.
        lines: counts, one for each part.
    """

    name: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """Lines over time.

    Attributes:
        start_utc: where the first part begins, None for a log without times.
        step_s: seconds of each part.
        by_level: a series for each level, the most severe first.
        by_clock: a series for each kind of clock.
        spikes: parts with far more lines of level error or worse than usual.
        news: parts with a new problem: a known one, an exception, a message of error or worse.
    """

    start_utc: datetime | None
    step_s: int
    by_level: tuple[Series, ...]
    by_clock: tuple[Series, ...]
    spikes: tuple[int, ...]
    news: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """What was not understood.

    Attributes:
        lines: lines that no layout reads.
        untimed: lines that a layout reads, without a time.
        unclocked: lines with a time whose clock is not known.
        assumed: lines whose clock is only assumed.
        samples: the first lines that no layout reads: `file:line: text`.
    """

    lines: int
    untimed: int
    unclocked: int
    assumed: int
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was counted in the logs of one host.

    Attributes:
        host: its name, or empty where hosts were not told apart.
        lines: all lines.
        events: entries, a folded traceback counting as one.
        first_utc: the first instant.
        last_utc: the last instant.
        gaps: the longest silences, in order of time.
        files: the files, in true order.
        levels: lines by httpd's level, the most severe first.
        python_levels: lines of Python's modules in which Python wrote a level of its own, by that
            level, the most severe first; to mod_wsgi all of Python's lines are errors.
        modules: lines by module, most lines first.
        roles: lines by role and daemon group.
        clocks: kinds of clocks found.
        clock_notes: what else is to be known of the clocks.
        processes: for the map of clocks, those with most lines.
        findings: known problems, worst first.
        told_findings: how many are left out, because the last report told them.
        exceptions: most frequent first.
        exception_groups: how many fingerprints there are in all.
        told_exceptions: how many of them are left out, because the last report told them.
        messages: most frequent first.
        forgotten_messages: lines of rare ones, of very many, that are counted for none of these.
        clients: most lines first.
        forgotten_clients: lines of rare ones, of very many, that are counted for none of these.
        slowest: slowest first.
        life_counts: how often each kind of life event came; `lines` counts events.
        lives: the first of them, in order of time.
        rate: lines over time.
        hours: lines by weekday (7, Monday first) and hour of the day in UTC (24).
        unread: what was not understood. Where that is all `lines`, what else is counted here tells
            nothing: also that there is no finding, and no line of level error.
    """

    host: str
    lines: int
    events: int
    first_utc: datetime | None
    last_utc: datetime | None
    gaps: tuple[Gap, ...]
    files: tuple[FileNumbers, ...]
    levels: tuple[Count, ...]
    python_levels: tuple[Count, ...]
    modules: tuple[Count, ...]
    roles: tuple[Count, ...]
    clocks: tuple[ClockNumbers, ...]
    clock_notes: tuple[str, ...]
    processes: tuple[ProcessSpan, ...]
    findings: tuple[Finding, ...]
    told_findings: int
    exceptions: tuple[ExceptionNumbers, ...]
    exception_groups: int
    told_exceptions: int
    messages: tuple[MessageNumbers, ...]
    forgotten_messages: int
    clients: tuple[ClientNumbers, ...]
    forgotten_clients: int
    slowest: tuple[SlowRequest, ...]
    life_counts: tuple[Count, ...]
    lives: tuple[LifeEvent, ...]
    rate: Rate
    hours: tuple[tuple[int, ...], ...]
    unread: Unread

    @property
    def is_unread(self) -> bool:
        """There are lines, and no layout reads any: nothing is known of them."""
        return 0 < self.lines == self.unread.lines


@dataclass(frozen=True, slots=True)
class Report:
    """A report.

    Attributes:
        made_utc: when it was made.
        version: of errlog.
        since: lines before it were left out.
        until: lines from it on were left out.
        only_new: only what the last report did not tell is listed; counts are of all.
        hosts: the numbers of each host.
    """

    made_utc: datetime
    version: str
    since: datetime | None
    until: datetime | None
    only_new: bool
    hosts: tuple[Numbers, ...]

    @property
    def lines(self) -> int:
        """Lines of all hosts."""
        return sum(host.lines for host in self.hosts)
