"""Recorder: takes a script, gives the log that httpd writes of it, and the truth."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from random import Random

from . import messages
from .layouts import LAYOUTS, LEVELS, Layout, Line, clf_time, stamp
from .processes import Act, Connection, Finish, Process, Request, Say, SetZone, Spill
from .spec import Spec
from .world import World
from .zones import DAY, SECOND

#: Linux gives a file the time of its last timer tick, 4 ms at 250 Hz: never late, often early.
TICK_US = 4000
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """A log and the truth about it; all lists have one entry per line.

    Attributes:
        spec: what was simulated.
        lines: the error log, without newlines.
        truth_us: the instant of each line's stamp, microseconds UTC, cut to the digits the stamp
            has; None where a line has no stamp of httpd.
        process_zone: the zone and the seconds east of UTC in which the line is stamped.
        pids: who wrote it, whether or not the line tells; -1 for unstamped lines.
        kinds: `httpd`; `raw` and `forged` for raw standard error (a forged line imitates a stamp,
            so no reader can be asked for its instant); `glued` for httpd's line after raw text.
        server_zone: TZ of Apache at its start.
        access_log: the access log in the combined format, each line in the clock of its child.
        mtime_us: when the error log was last written, as the file system tells: up to 4 ms early.
    """

    spec: Spec
    lines: list[bytes] = field(repr=False)
    truth_us: list[int | None] = field(repr=False)
    process_zone: list[tuple[str, int] | None] = field(repr=False)
    pids: list[int] = field(repr=False)
    kinds: list[str] = field(repr=False)
    server_zone: str
    access_log: bytes = field(repr=False)
    mtime_us: int

    @property
    def log(self) -> bytes:
        """The whole error log."""
        return b"".join(line + b"\n" for line in self.lines)


@dataclass(slots=True)
class _Row:
    """A line on its way into the file."""

    write_us: int
    text: str
    truth_us: int | None
    zone: tuple[str, int] | None
    pid: int
    kind: str


class Recorder:
    """Plays a script and keeps what was written."""

    def __init__(self, rng: Random, spec: Spec) -> None:
        self.rng = rng
        self.spec = spec
        self.level = LEVELS.index(spec.level)
        self.rows: list[_Row] = []
        self.access: list[str] = []
        self.threads: dict[tuple[int, int], int] = {}
        self.away_us = 0
        ends = [spec.start_us + int(spec.span_us * rng.random()) for _ in spec.steps_us]
        self.steps = sorted(zip(ends, spec.steps_us, strict=True))

    def play(self, acts: list[Act]) -> Simulated:
        """Do everything in order, except what a process would have done after its death."""
        for act in acts:
            if act.at_us > act.process.died_us:
                continue
            self.away_us = sum(size for at_us, size in self.steps if at_us <= act.at_us)
            match act:
                case Say():
                    self._say(act)
                case SetZone():
                    act.process.zone = act.zone
                case Finish():
                    self._finish(act)
                case Spill():
                    self._spill(act)
        self.rows.sort(key=lambda row: row.write_us)
        self._glue()
        return self._result()

    def _write_us(self, at_us: int, process: Process, thread: int) -> int:
        """When a line stamped at an instant reaches the file: a thread's lines stay in order."""
        rng = self.rng
        wait_us = self.spec.race_us if rng.random() < 0.03 else 36
        write_us = at_us + 4 + int(wait_us * rng.random())
        key = (id(process), thread)
        write_us = self.threads[key] = max(write_us, self.threads.get(key, 0) + 3)
        return write_us

    def _say(self, act: Say) -> None:
        stamp_us = act.at_us + self.away_us
        if act.level != "notice" and LEVELS.index(act.level) > self.level:
            return
        process = act.process
        layout = LAYOUTS[act.layout or process.layout]
        second = stamp_us // SECOND
        zone, offset = process.explode(second)
        line = Line(
            second + offset,
            stamp_us % SECOND,
            offset,
            act.module,
            act.level,
            process.pid,
            process.pid + act.thread,
            process.handle + (act.thread << 12) if process.threaded else 0,
            self._inner(act, zone, offset) if act.inner else act.text,
            act.source,
            act.status,
            act.connection.client if act.connection else "",
            "remote" if process.role == "daemon" else "client",
            act.request.referer if act.request and process.role != "daemon" else "",
            self._ids(act, layout) if act.connection else ("", ""),
        )
        grain = 10 ** (6 - layout.digits)
        self.rows.append(
            _Row(
                self._write_us(act.at_us, process, act.thread),
                layout.write(line),
                stamp_us // grain * grain,
                (zone, offset),
                process.pid,
                "httpd",
            )
        )

    def _inner(self, act: Say, zone: str, offset: int) -> str:
        """A message that begins with Python's own time stamp, a little older than the line's."""
        at_us = act.at_us + self.away_us - self.rng.randint(30, 400)
        second = at_us // SECOND + (0 if act.inner == "utc" else offset)
        line = Line(second, at_us % SECOND, offset, "", "", 0, 0, 0, "")
        if act.inner == "asctime":
            return f"{stamp('cm', line).replace('.', ',')} ERROR shop {act.text}"
        utc = "Z" if act.inner == "utc" else f"{stamp('z', line)[-5:-2]}:{stamp('z', line)[-2:]}"
        return f"{stamp('cu', line).replace(' ', 'T')}{utc} ERROR shop {act.text}"

    def _ids(self, act: Say, layout: Layout) -> tuple[str, str]:
        """The log ids of the connection and request, made when a line first needs them (log.c)."""
        connection, request = act.connection, act.request
        assert connection is not None
        if not layout.ids:
            return "", ""
        daemon = act.process.role == "daemon"
        if not daemon and not connection.log_id:
            connection.log_id = _log_id(act.at_us - self.rng.randint(1, 9), connection)
        connection_id = connection.log_id
        if request is None:
            return connection_id, ""
        if not request.log_id:
            request.log_id = self._request_id(request)
        if not connection_id:
            if not request.daemon_connection_id:
                request.daemon_connection_id = _log_id(act.at_us - 4, connection, act.process)
            connection_id = request.daemon_connection_id
        return connection_id, request.log_id

    def _request_id(self, request: Request) -> str:
        if not self.spec.unique_id:
            return _log_id(request.received_us, request.connection)
        rest = self.rng.getrandbits(128).to_bytes(16, "big")
        stamped = (request.received_us // SECOND).to_bytes(4, "big") + rest
        return base64.urlsafe_b64encode(stamped).rstrip(b"=").decode()

    def _finish(self, act: Finish) -> None:
        """The access log line: `%t` is when the request was received (mod_log_config.c)."""
        request = act.request
        second = (request.received_us + self.away_us) // SECOND
        offset = act.process.explode(second)[1]
        host = request.connection.client.rpartition(":")[0]
        self.access.append(
            f"{host} - - [{clf_time(second + offset, offset)}] "
            f'"GET {request.path} HTTP/1.1" {act.status} {act.size} '
            f'"{request.referer or "-"}" "Mozilla/5.0"\n'
        )

    def _spill(self, act: Spill) -> None:
        text = self._forge(act) if act.kind == "forged" else act.text
        write_us = self._write_us(act.at_us, act.process, 0)
        self.rows.append(_Row(write_us, text, None, None, -1, act.kind))

    def _forge(self, act: Spill) -> str:
        """A raw line that looks as if httpd had stamped it, with a wrong time or a wrong writer."""
        rng = self.rng
        absurd = rng.choice(
            (0, 2**31 - 1, act.at_us // SECOND - 400 * 86_400, act.at_us // SECOND + 7 * 3600)
        )
        near = (act.at_us + rng.choice((-3, -1, 1, 5)) * DAY) // SECOND
        pid = rng.choice((act.process.pid, 1, 4_000_000, act.process.pid + 1))
        second = rng.choice((absurd, near))
        text = rng.choice(messages.REMARKS).format(path="/forged")
        line = Line(
            second, rng.randrange(SECOND), 0, "wsgi", "error", pid, pid, 0, text,
            client="192.0.2.66:6666",
        )  # fmt: skip
        return LAYOUTS[act.process.layout].write(line)

    def _glue(self) -> None:
        """Raw text without a newline takes the next line's place at the beginning of its line."""
        kept: list[_Row] = []
        held = ""
        for row in self.rows:
            if row.kind == "glued" and row.truth_us is None:
                held += row.text
                continue
            if held:
                row.text = held + row.text
                row.kind = "glued" if row.truth_us is not None else row.kind
                held = ""
            kept.append(row)
        self.rows = kept

    def _result(self) -> Simulated:
        rows = self.rows
        last_us = rows[-1].write_us if rows else self.spec.start_us
        return Simulated(
            self.spec,
            [row.text.encode() for row in rows],
            [row.truth_us for row in rows],
            [row.zone for row in rows],
            [row.pid for row in rows],
            [row.kind for row in rows],
            self.spec.server_zone,
            "".join(self.access).encode(),
            (last_us + self.away_us) // TICK_US * TICK_US,
        )


def _log_id(at_us: int, connection: Connection, maker: Process | None = None) -> str:
    """A log id of httpd's own making (log.c core_generate_log_id)."""
    process = maker or connection.child
    thread = process.handle + (connection.thread << 12)
    mixed = at_us ^ (process.pid << 40) ^ ((process.pid >> 24) << 56) ^ (thread << 32)
    return base64.b64encode((mixed & _MASK).to_bytes(8, "little")).decode()[:11]


def simulate(rng: Random, spec: Spec) -> Simulated:
    """Run the world of a spec once: the same generator state gives the same log."""
    return Recorder(rng, spec).play(World(rng, spec).script())
