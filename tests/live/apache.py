"""A real Apache on loopback, for one test.

    with Apache(folder, tz="Europe/Berlin", daemons=[Daemon("shop", [App("/shop", "UTC")])]) as it:
        it.get("/shop/print")
        it.graceful()
    log, truth = it.capture()

Everything lives in one folder: configuration, certificate, sockets, logs. Nothing outlives the
`with` block: all processes of the server share a session, and the session is ended.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from . import truth
from .client import Client
from .configuration import MODULES, App, Configuration, Daemon
from .processes import answers, command_line, free_ports, kill, members, patiently, terminate
from .turns import TURN

HTTPD = Path("/usr/sbin/apache2")
APPS = Path(__file__).parent / "apps"
RESUMING = b"resuming normal operations"


def missing() -> list[str]:
    """The Debian packages that the harness needs and does not find."""
    needs = {
        "apache2": HTTPD,
        "libapache2-mod-wsgi-py3": MODULES / "mod_wsgi.so",
        "python3-django": Path("/usr/lib/python3/dist-packages/django/__init__.py"),
        "faketime": libfaketime(),
        "openssl": Path(shutil.which("openssl") or "/usr/bin/openssl"),
    }
    return [package for package, file in needs.items() if not file.exists()]


def libfaketime() -> Path:
    """Where libfaketime for threaded programs is on this architecture."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), Path("/absent"))


def newest_mod_wsgi() -> Path | None:
    """The newest mod_wsgi of PyPI, where it could be built; ERRLOG_MOD_WSGI names another."""
    if named := os.environ.get("ERRLOG_MOD_WSGI"):
        return Path(named)
    built = Path(__file__).parents[2].glob(".venv/mod_wsgi/lib/python3*/site-packages/mod_wsgi")
    return next((file for folder in built for file in folder.glob("server/mod_wsgi*.so")), None)


class Apache:
    """An Apache with its own folder, ports, certificate and clock.

    Args:
        folder: Where everything goes; emptied of nothing, made when absent.
        tz: The zone Apache is started in.
        mpm: The multi-processing module.
        error_log_format: The format under test; none is httpd's built-in one.
        request_formats: Once-per-request formats, in order.
        connection_formats: Once-per-connection formats, in order.
        daemons: mod_wsgi daemon process groups.
        embedded: Applications that run inside Apache's own children.
        log_level: The LogLevel directive's arguments.
        server_name: Without one, every restart leaves an unstamped AH00558 in the log.
        modules: More modules to load, such as `unique_id`.
        detach: Whether to detach from the terminal as `apachectl start` does.
        starts_at: The instant at which its day begins, under libfaketime; none is now.
        mod_wsgi: The module to load.
    """

    def __init__(
        self,
        folder: Path,
        *,
        tz: str = "UTC",
        mpm: Literal["event", "prefork"] = "event",
        error_log_format: str | None = None,
        request_formats: Sequence[str] = (),
        connection_formats: Sequence[str] = (),
        daemons: Sequence[Daemon] = (),
        embedded: Sequence[App] = (),
        log_level: str = "info",
        server_name: str | None = "localhost",
        modules: Sequence[str] = (),
        detach: bool = False,
        starts_at: datetime | None = None,
        mod_wsgi: Path = MODULES / "mod_wsgi.so",
    ) -> None:
        self.folder, self.tz, self.detach, self.starts_at = folder, tz, detach, starts_at
        port, tls_port, closed_port = free_ports(3)
        self.configuration = Configuration(
            folder,
            mpm,
            error_log_format,
            request_formats,
            connection_formats,
            daemons,
            embedded,
            log_level,
            server_name,
            modules,
            port,
            tls_port,
            closed_port,
            mod_wsgi,
        )
        self._raw = self.configuration.raw_log
        self.pid = 0
        self.ahead = timedelta()
        self._launched: subprocess.Popen[bytes] | None = None

    # Life

    def __enter__(self) -> Self:
        """Configure, start, and wait until it answers."""
        TURN.take()
        try:
            self._prepare()
            self._start()
        except BaseException:
            self._end_session()
            TURN.give_back()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it, whatever happened."""
        self.stop()

    def graceful(self) -> None:
        """Restart gracefully, as `apachectl graceful` does, and wait until it resumes."""
        self._signal_and_wait(signal.SIGUSR1)

    def restart(self) -> None:
        """Restart hard, as `apachectl restart` does, and wait until it resumes."""
        self._signal_and_wait(signal.SIGHUP)

    def stop(self) -> None:
        """Stop it and wait until its last line is in the log."""
        if not self.pid:
            return
        terminate(self.pid)
        if self._launched is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._launched.wait(1)
        patiently(
            lambda: not any(self._raw.parent.glob("stamper.*")),
            "the stamper does not end",
            give_up=False,
        )
        self._end_session()
        self.pid = 0
        TURN.give_back()

    def advance(self, by: timedelta) -> None:
        """Let the faked clock jump ahead once nothing is written any more."""
        self._await_quiet()
        self.ahead += by
        self._write_clock()

    def now(self) -> datetime:
        """What time it is for this Apache, in UTC."""
        return datetime.now(UTC) + self.ahead

    # Requests

    def get(
        self,
        path: str,
        *,
        tls: bool = True,
        keepalive: Client | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """Ask for a path, on a connection of its own or on one kept alive; its HTTP status."""
        if keepalive is not None:
            return keepalive.get(path, headers)
        with self.client(tls=tls) as once:
            return once.get(path, {"Connection": "close", **(headers or {})})

    def client(self, *, tls: bool = True) -> Client:
        """A client that keeps its connection."""
        return Client(self.configuration.tls_port if tls else self.configuration.port, tls=tls)

    # Processes

    def pids(self) -> list[int]:
        """Every living process of this server, and none other."""
        return members({self.pid, self._launched.pid if self._launched else 0} - {0})

    def daemon_pids(self, name: str) -> list[int]:
        """The processes of a daemon group."""
        shown = f"(wsgi:{name})".encode()
        return [pid for pid in self.pids() if command_line(pid).startswith(shown)]

    def kill_daemon(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Kill one process of a daemon group, and wait until Apache has started another."""
        before = self.daemon_pids(name)
        os.kill(before[0], number)
        self.await_rebirth(name, before)
        return before[0]

    def await_rebirth(self, name: str, before: Sequence[int]) -> None:
        """Wait until a daemon group is whole again, and not with the processes of before."""
        patiently(
            lambda: len(now := self.daemon_pids(name)) == len(before) and set(now) != set(before),
            f"the daemon group {name} does not come back",
        )

    # Logs

    @property
    def error_log(self) -> Path:
        """The log under test; there after `capture`."""
        return self.folder / "logs" / "error.log"

    @property
    def access_log(self) -> Path:
        """The access log beside it."""
        return self.folder / "logs" / "access.log"

    def capture(self, rotation: str = "") -> tuple[Path, list[str]]:
        """The error log without the harness's marks, and the instant of each line.

        Its modification time, and that of the access log beside it, is Apache's last write. A
        rotation such as `.1` names an older pair of logs.
        """
        raw = self._raw.with_name(self._raw.name + rotation)
        raw_access = raw.with_name(self.access_log.name + rotation)
        log = self.error_log.with_name(raw.name)
        access_log = self.access_log.with_name(raw_access.name)
        built_in = self.configuration.error_log_format is None
        text, instants = truth.separate(raw.read_bytes(), built_in=built_in)
        log.write_bytes(text)
        shutil.copyfile(raw_access, access_log)
        ahead = self.ahead // timedelta(microseconds=1) * 1000
        for file, source in ((log, raw), (access_log, raw_access)):
            last_write = source.stat().st_mtime_ns + ahead
            os.utime(file, ns=(last_write, last_write))
        return log, instants

    def rotate(self, rotation: str = ".1") -> None:
        """Move the logs aside and restart gracefully, as logrotate does."""
        for log in (self._raw, self._raw.with_name(self.access_log.name)):
            log.rename(log.with_name(log.name + rotation))
        self.graceful()

    def rotations(self) -> list[str]:
        """The endings of rotated logs, the oldest first."""
        return sorted((log.suffix for log in self._raw.parent.glob("error.log.*")), reverse=True)

    def said(self, text: bytes) -> int:
        """How often a text stands in the error log so far."""
        return self._raw.read_bytes().count(text) if self._raw.exists() else 0

    # Inside

    @property
    def _running(self) -> Path:
        return self.folder / "run" / "httpd.conf"

    @property
    def _clock(self) -> Path:
        return self.folder / "run" / "clock"

    def _prepare(self) -> None:
        for name in ("logs", "raw", "run", "apps", "htdocs"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(APPS, self.folder / "apps", ignore=ignored, dirs_exist_ok=True)
        (self.folder / "htdocs" / "index.html").write_text("hello\n")
        for script, text in self.configuration.scripts():
            script.write_text(text)
        make_certificate(self.folder / "run")
        if self.starts_at is not None:
            self.ahead = self.starts_at - datetime.now(UTC)
            self._write_clock()
        (self.folder / "httpd.conf").write_text(self.configuration.text())
        self._running.write_text(self.configuration.text(instrumented=True))

    def _await_quiet(self) -> None:
        sizes = [-1, self._raw.stat().st_size]
        while len(set(sizes[-20:])) > 1:
            time.sleep(0.02)
            sizes.append(self._raw.stat().st_size)

    def _write_clock(self) -> None:
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(f"{self.ahead.total_seconds():+.6f}\n")
        fresh.replace(self._clock)  # every process reads it at every look at the clock

    def _environment(self) -> dict[str, str]:
        environment = {"PATH": os.environ["PATH"], "LANG": "C", "TZ": self.tz}
        if self.starts_at is not None:
            environment |= {
                "LD_PRELOAD": str(libfaketime()),
                "FAKETIME_TIMESTAMP_FILE": str(self._clock),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "NO_FAKE_STAT": "1",  # or every jump looks to mod_wsgi like an edited script
            }
        return environment

    def _start(self) -> None:
        command = [str(HTTPD), "-d", str(self.folder), "-f", str(self._running)]
        said = self.folder / "run" / "terminal"
        with said.open("wb") as terminal:
            self._launched = subprocess.Popen(
                command + (["-k", "start"] if self.detach else ["-DFOREGROUND"]),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=terminal,
                start_new_session=True,
                cwd="/",
            )
        pid_file = self.folder / "run" / "httpd.pid"

        def ready() -> bool:
            ended = self._launched is not None and self._launched.poll()
            if ended or (ended == 0 and not self.detach):
                msg = f"Apache does not start: {said.read_text()}\n{self._raw_text()}"
                raise RuntimeError(msg)
            if not self.pid and pid_file.exists() and (text := pid_file.read_text().strip()):
                self.pid = int(text)
            return bool(self.pid) and self.said(RESUMING) > 0 and answers(self.configuration.port)

        patiently(ready, "Apache does not answer")

    def _raw_text(self) -> str:
        return self._raw.read_text(errors="replace") if self._raw.exists() else ""

    def _signal_and_wait(self, number: signal.Signals) -> None:
        before = self.said(RESUMING)
        os.kill(self.pid, number)
        patiently(
            lambda: self.said(RESUMING) > before and answers(self.configuration.port),
            f"Apache does not resume after {number.name}",
        )

    def _end_session(self) -> None:
        kill(self.pids())
        if self._launched is not None:
            self._launched.wait()


def make_certificate(folder: Path) -> None:
    """A self-signed certificate for localhost, as server.pem and server.key."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "30", "-subj", "/CN=localhost",
         "-addext", "basicConstraints=critical,CA:FALSE",
         "-keyout", str(folder / "server.key"), "-out", str(folder / "server.pem")],
        check=True,
        capture_output=True,
    )  # fmt: skip
