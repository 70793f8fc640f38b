"""Roles: take a few lines of every process, tell what it is."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from parsers.classes import dataclass
from parsers.lines import NO_TIME

#: How the parent speaks of a daemon, in mod_wsgi 3 to 6: of whom, it says before or behind.
_OF_A_DAEMON = (
    rb"(?:mod_wsgi \(pid=(\d+)\): )?(?:Process|Daemon process) '[^']*' (?:\(pid=(\d+)\) )?"
)
#: Messages that only the parent writes (server/mpm/*, server/mpm_unix.c, server/log.c).
_PARENT = re.compile(
    rb"AH(?:00489|00292|00163|00490|00293|00164|00094|00493|00297|00171|00494|00298|00173"
    rb"|00491|00295|00169|00492|00296|00170|0005[0-2]|0004[5-7]|00484|00161|00286|10159|00287"
    rb"|02639|00165|00294|00096):"
    rb"|.{0,120} configured -- resuming normal operations$|caught SIG(?:TERM|WINCH), shutting down"
    rb"|SIGUSR1 received\.  Doing graceful restart|Graceful restart requested, doing restart"
    rb"|SIGHUP received\.  Attempting to restart|child pid \d+ exit signal "
    rb"|" + _OF_A_DAEMON + rb"(?:has died|has been|terminated|to be deregistered|appears)"
    rb"|Deregistering daemon process "
)
#: A daemon has ended; as soon as the parent begins daemons itself, these say so at this level.
_BURIES = re.compile(_OF_A_DAEMON + rb"has died")
#: The parent has started, or started anew (server/mpm/*).
_RESUMING = re.compile(
    rb"(?:AH(?:00489|00292|00163): )?.{0,200} configured -- resuming normal operations"
)
#: The parent begins anew, as the process that it is.
_RENEWING = re.compile(
    rb"(?:AH\d{5}: )?(?:SIGUSR1 received|Graceful restart requested|SIGHUP received)"
)
#: The parent ends.
_SHUTTING_DOWN = re.compile(rb"(?:AH\d{5}: )?caught SIG(?:TERM|WINCH), shutting down")
#: What the launching process and the parent say while they read the configuration (modules/ssl/*).
_LAUNCH = re.compile(rb"AH(?:01873|01876|0188[237]|0190[69]|01914|02568|00558|00112):")
#: Messages that only a daemon process writes about itself (src/server/mod_wsgi.c, wsgi_daemon.c).
_DAEMON = re.compile(
    rb"(?:mod_wsgi \(pid=\d+\): )?(?:Starting (?:daemon )?process '(?P<start>[^']+)' with"
    rb"|(?:Stopping|Exiting|Aborting) (?:daemon )?process '(?P<stop>[^']+)'"
    rb"|Shutdown requested (?:for daemon process )?'(?P<shut>[^']+)'"
    rb"|Initializing Python runtime in daemon process '(?P<init>[^']+)')"
    rb"|mod_wsgi \(pid=\d+, process='(?P<load>[^']+)', application="
    rb"|Loading WSGI script '[^']*' into .{0,120} of daemon process '(?P<into>[^']+)'"
)
_BIRTH = re.compile(
    rb"(?:mod_wsgi \(pid=\d+\): )?(?:Starting (?:daemon )?process '|Initializing Python)"
)
#: What mod_wsgi says from a process's birth until its application is loaded.
_LOADING = re.compile(
    rb"mod_wsgi \(pid=\d+(?:, process='[^']*', application='[^']*')?\): (?:Starting "
    rb"|Initializing |Attach"
    rb"|Create interpreter|Loading |Reloading |Adding |Imported |Python home|Enable |Reset "
    rb"|Deadlock"
    rb"|Inactivity|Idle |Bind |Socket |Application startup)"
    rb"|Starting daemon process|Initializing Python|Attaching to Python|Creating sub-interpreter"
    rb"|Loading WSGI script|Adding '|Application startup"
)
#: An application is loaded from now on; where another was before, that one has set its zone.
_LOADS = re.compile(
    rb"mod_wsgi \(pid=\d+(?:, process='[^']*', application='[^']*')?\): (?:Create interpreter"
    rb"|Loading )|Creating sub-interpreter|Loading WSGI script"
)
#: What mod_wsgi says as a process ends, whether or not an application was loaded in it.
_ENDING = re.compile(
    rb"(?:mod_wsgi \(pid=\d+\): )?(?:Shutdown requested |(?:Stopping|Exiting) (?:daemon )?process '"
    rb"|Destroying |Cleanup interpreter ''|Releasing Python main |Terminating Python"
    rb"|Python (?:runtime )?has shut)"
)
#: A pid that says this begins a new life.
_NEW_LIFE = re.compile(rb"(?:mod_wsgi \(pid=\d+\): )?Starting (?:daemon )?process '")
#: A process says this once, and its daemons after they have said that they start.
_INITIALIZES = re.compile(rb"(?:mod_wsgi \(pid=\d+\): )?Initializing Python")
#: The first bytes of what tells a role, and of what else httpd and mod_wsgi say of themselves.
OWN_WORDS = (
    *(b"AH00", b"AH01", b"AH02", b"AH10", b"Apac", b"caug", b"SIGU", b"SIGH", b"Grac", b"chil"),
    *(b"mod_", b"Proc", b"Daem", b"Dere", b"Star", b"Stop", b"Exit", b"Abor", b"Shut", b"Init"),
    *(b"Load", b"Relo", b"Addi", b"Impo", b"Atta", b"Crea", b"Appl"),
)
#: What httpd itself says of a request, in a child, where the format names no module.
_CHILD = re.compile(
    rb"(?:\(\d+\)[^:]{1,80}: )?(?:AH\d{5}: |File does not exist: |client (?:sent|denied|stopped) "
    rb"|script not found |script '|Directory index forbidden|Invalid (?:URI|method) in request"
    rb"|request failed: |user .{0,80}(?:not found|: authentication failure)|Options "
    rb"|Premature end of"
    rb"|SSL |Connection (?:to|closed)|attempt to |Target WSGI script not found|Timeout when reading"
    rb"|Truncated or oversized"
    # Of one who waits for a daemon (src/server/mod_wsgi.c, wsgi_connect_daemon and later).
    rb"|(?:mod_wsgi \(pid=\d+\): )?(?:Connect after WSGI daemon |Unable to connect to WSGI daemon "
    rb"|Connection attempt #\d+ to WSGI daemon ))"
)
#: What mod_wsgi says in a child that only passes a request on to a daemon.
_PROXY = re.compile(
    rb"(?:mod_wsgi \(pid=\d+\): )?(?:Timeout when|Truncated or|Unable to (?:connect|send|get)"
    rb"|Failed to proxy|Malformed header|Request data|No WSGI daemon|Target WSGI script not"
    rb"|Attempt to"
    rb"|Options "
    rb"|Client |Connection attempt|Connect after|WSGI01[1-5]\d: |Embedded mode)"
)
#: An application is loaded from here on: the clock may change at any moment.
_EMBEDDED = re.compile(rb"mod_wsgi \(pid=\d+, process='', application=|.{0,200} in embedded mode\.")
#: Messages of which is remembered what they tell: servers say the same again and again.
REMEMBERED = 1 << 15


@dataclass(slots=True)
class Sample:
    """One line looked at closely; to make one that is frozen would take several times as long.

    Attributes:
        file, line: where it stands.
        pid: who wrote it.
        local_us: its local time.
        module: the module's name, or empty.
        marker: `client` or `remote` before the address, or empty.
        message: the first bytes of its message, as written.
        client: `ip:port`, or empty.
        log_id, connection_log_id: as written, or empty.
        received_us: when another program received it, µs UTC, or NO_TIME.
    """

    file: int
    line: int
    pid: int
    local_us: int
    module: bytes
    marker: bytes
    message: bytes
    client: bytes
    log_id: bytes
    connection_log_id: bytes
    received_us: int = NO_TIME


@dataclass(slots=True)
class Process:
    """What is known of a process (a pid).

    Attributes:
        role: `parent`, `child`, `daemon` or empty.
        group: name of its daemon process group, or empty.
        born: it was seen starting.
        embedded: it runs an application although it is a child.
        serves: its role is unknown, but it writes for httpd's own modules and no application.
    """

    role: str = ""
    group: str = ""
    born: bool = False
    embedded: bool = False
    serves: bool = False

    @property
    def steady(self) -> bool:
        """It runs no application, and so keeps the server's clock."""
        if self.role == "child":
            return not self.embedded
        return self.role == "parent" or self.serves


class Stage(NamedTuple):
    """What a message tells of the life of who says it.

    Attributes:
        begins: a new life begins.
        initializes: Python is initialized.
        stops: the parent ends.
        renews: the parent begins anew, as the process that it is.
        resumes: the parent has started, or started anew.
        loading: it is said until the application is loaded.
        loads: the application is loaded from now on.
        creates: only its interpreter is made.
        ending: it is said as a process ends.
    """

    begins: bool
    initializes: bool
    stops: bool
    renews: bool
    resumes: bool
    loading: bool
    loads: bool
    creates: bool
    ending: bool


#: What most messages tell.
_NOTHING = Stage(*[False] * len(Stage._fields))


@lru_cache(REMEMBERED)
def stage_of(message: bytes) -> Stage:
    """What a message tells of the life of who says it."""
    loads = _LOADS.match(message)
    stage = Stage(
        begins=_NEW_LIFE.match(message) is not None,
        initializes=_INITIALIZES.match(message) is not None,
        stops=_SHUTTING_DOWN.match(message) is not None,
        renews=_RENEWING.match(message) is not None,
        resumes=_RESUMING.match(message) is not None,
        loading=_LOADING.match(message) is not None,
        loads=loads is not None,
        creates=loads is not None and b"Creat" in loads[0],
        ending=_ENDING.match(message) is not None,
    )
    return stage if any(stage) else _NOTHING


def buried_in(message: bytes) -> int | None:
    """The pid of the daemon of which a parent says that it has died; 0 where it does not say which.

    None where a message does not say so.
    """
    buried = _BURIES.match(message)
    return int(buried[2] or buried[1] or 0) if buried else None


def telling(samples: Sequence[Sample]) -> list[tuple[int, Stage]]:
    """What samples tell of the life of who says them, with their numbers; a few of all do."""
    messages = [sample.message for sample in samples]
    told = {text: stage for text in set(messages) if (stage := stage_of(text)) is not _NOTHING}
    return [(number, told[text]) for number, text in enumerate(messages) if text in told]


@lru_cache(REMEMBERED)
def _of_roles(message: bytes) -> tuple[bool, bool, bytes | None, bool, bool]:
    """Whether only a parent says it, or who launches; the daemon group that it names; and more.

    That is, whether it is said at a process's birth, and of an embedded application.
    """
    daemon = _DAEMON.match(message)
    return (
        _PARENT.match(message) is not None,
        _LAUNCH.match(message) is not None,
        next(name for name in daemon.groups() if name) if daemon else None,
        _BIRTH.match(message) is not None,
        _EMBEDDED.match(message) is not None,
    )


def births(samples: Sequence[Sample]) -> list[int]:
    """Numbers of the lines at which a pid that was used before begins a new life, in order.

    A daemon says that it starts, each process initializes Python once, and a parent that resumes
    after it has shut down is another one, from the first line on that it writes.
    """
    told = telling(samples)
    first: dict[int, int] = {}
    for number, sample in enumerate(samples):
        first.setdefault(sample.pid, number)
    lines: dict[int, list[int]] = {samples[at].pid: [] for at, stage in told if stage.stops}
    for number, sample in enumerate(samples if lines else ()):
        if sample.pid in lines:
            lines[sample.pid].append(number)
    initialized: set[int] = set()
    parents: set[int] = set()
    ended: dict[int, int] = {}
    found: set[int] = set()
    for number, stage in told:
        pid = samples[number].pid
        if pid < 0:
            continue
        if stage.begins:
            if first[pid] < number:
                found.add(number)
            initialized.discard(pid)
        elif stage.initializes and pid not in parents:
            if pid in initialized:
                found.add(number)
            initialized.add(pid)
        elif stage.stops:
            ended[pid] = number
        elif stage.resumes:
            last = ended.pop(pid, None)
            if last is not None:
                found.add(lines[pid][bisect_right(lines[pid], last)])
            parents.add(pid)
    return sorted(found)


def first_births(samples: Sequence[Sample], again: Sequence[int]) -> list[int]:
    """Numbers of the lines at which pids are born of which nothing tells that they were used.

    Args:
        samples: lines in true order.
        again: those at which pids are born that were used before, as `births` tells.
    """
    first: dict[int, int] = {}
    for number, stage in telling(samples):
        if stage.begins or stage.initializes:
            first.setdefault(samples[number].pid, number)
    others = set(again)
    return [number for pid, number in first.items() if pid >= 0 and number not in others]


def processes_of(samples: Iterable[Sample]) -> dict[int, Process]:
    """What the samples tell of their processes, by pid."""
    processes: defaultdict[int, Process] = defaultdict(Process)
    votes: defaultdict[int, Counter[str]] = defaultdict(Counter)
    talkers: set[int] = set()
    modules: defaultdict[int, set[bytes]] = defaultdict(set)
    # A process says many things again and again: they are counted, and looked at once.
    said = Counter((x.pid, x.module, x.marker, x.message, not x.client) for x in samples)
    for (pid, module, marker, message, alone), count in said.items():
        process, ballot = processes[pid], votes[pid]
        modules[pid].add(module)
        wsgi = module in (b"wsgi", b"")
        of_parent, of_launch, group, of_birth, of_embedded = _of_roles(message)
        if of_parent and alone:
            ballot["parent"] += 4 * count
        elif of_launch:
            ballot["parent"] += 2 * count
        elif group is not None and wsgi:
            ballot["daemon"] += 4 * count
            process.group = process.group or group.decode("utf-8", "replace")
        elif marker == b"remote" and wsgi:
            ballot["daemon"] += 2 * count
        elif not alone and (not wsgi or _CHILD.match(message)):
            ballot["child"] += count
        elif not alone and module == b"wsgi" and not _PROXY.match(message):
            talkers.add(pid)
        if wsgi and of_birth:
            process.born = True
        if wsgi and of_embedded:
            process.embedded = True
            ballot["child"] += 2 * count
    for pid, ballot in votes.items():
        if ballot:
            processes[pid].role = ballot.most_common(1)[0][0]
    for pid, spoken in modules.items():
        processes[pid].serves = not processes[pid].role and not spoken & {b"", b"wsgi"}
    for pid in talkers:
        # Where the format marks no address as remote, daemons talk like this too; they stay
        # daemons.
        processes[pid].embedded |= processes[pid].role == "child"
    children = [process for process in processes.values() if process.role == "child"]
    if any(child.embedded for child in children):
        # All children are configured alike: what runs in one may run in any. Who was seen being
        # born would have been seen loading it.
        for child in children:
            child.embedded |= not child.born
    return dict(processes)


def is_the_servers(sample: Sample) -> bool:
    """Whether a line tells by itself that who wrote it keeps the server's clock."""
    words = sample.message
    if sample.module not in (b"", b"wsgi"):
        return True
    return any(said.match(words) for said in (_PARENT, _LAUNCH, _BIRTH, _CHILD))
