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
import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from . import truth

HTTPD = Path("/usr/sbin/apache2")
MODULES = Path("/usr/lib/apache2/modules")
LIBFAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
PACKAGES = ("apache2", "libapache2-mod-wsgi-py3", "python3-django", "faketime", "openssl")
HERE = Path(__file__).parent
PATIENCE = 20.0
RESUMING = b"resuming normal operations"
COMBINED = r'"%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\""'


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
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), LIBFAKETIME)


@dataclass(frozen=True)
class App:
    """An application at a path, and what it does to the zone of its process.

    Args:
        path: The URL path it is mounted at.
        zone: The zone it puts its process in; none leaves Apache's.
        kind: `talker` is apps/talker.py, `django` the project apps/demo.
        at_request: Before which request it calls tzset(); 0 is while loading.
        always: Whether it calls tzset() again before every later request.
        stamps: Whether its own messages begin with a local time.
        group: The sub-interpreter; `%{GLOBAL}` is the main one, none is mod_wsgi's default.
    """

    path: str
    zone: str | None = None
    kind: Literal["talker", "django"] = "talker"
    at_request: int = 0
    always: bool = False
    stamps: bool = False
    group: str | None = None

    def script(self, folder: Path) -> str:
        """The WSGI script that mod_wsgi loads."""
        head = f"import sys\n\nsys.path.insert(0, {str(folder)!r})\n"
        if self.kind == "django":
            return (
                head + "import os\n\n"
                f'os.environ["DEMO_TIME_ZONE"] = {self.zone!r}\n'
                "from demo.wsgi import application\n"
            )
        return (
            head + "from talker import Talker\n\n"
            f"application = Talker({self.zone!r}, at_request={self.at_request},"
            f" always={self.always}, stamps={self.stamps})\n"
        )


@dataclass(frozen=True)
class Daemon:
    """A mod_wsgi daemon process group and the applications in it."""

    name: str
    apps: Sequence[App]
    processes: int = 1
    threads: int = 5
    options: str = ""


@dataclass(frozen=True)
class Piece:
    """One directive, with what stands there instead while the harness listens."""

    plain: str
    instrumented: str


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
    ) -> None:
        self.folder, self.tz, self.mpm = folder, tz, mpm
        self.error_log_format = error_log_format
        self.request_formats, self.connection_formats = request_formats, connection_formats
        self.daemons, self.embedded = daemons, embedded
        self.log_level, self.server_name, self.modules = log_level, server_name, modules
        self.detach, self.starts_at = detach, starts_at
        self.port, self.tls_port, self.closed_port = free_ports(3)
        self.pid = 0
        self.ahead = timedelta()
        self._launched: subprocess.Popen[bytes] | None = None

    # Life

    def __enter__(self) -> Self:
        """Configure, start, and wait until it answers."""
        self._prepare()
        try:
            self._start()
        except BaseException:
            self._end_session()
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
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        patiently(lambda: not alive(self.pid), "Apache does not stop", give_up=False)
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

    def advance(self, by: timedelta) -> None:
        """Let the faked clock jump ahead while nothing is written."""
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
        return Client(self.tls_port if tls else self.port, tls=tls)

    # Processes

    def pids(self) -> list[int]:
        """Every living process of this server, and none other."""
        own = {self.pid, self._launched.pid if self._launched else 0} - {0}
        return [pid for pid, session in sessions() if session in own]

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

    def capture(self) -> tuple[Path, list[str]]:
        """The error log without the harness's marks, and the instant of each line.

        Its modification time is the moment of Apache's last write.
        """
        log, instants = truth.separate(
            self._raw.read_bytes(), built_in=self.error_log_format is None
        )
        self.error_log.write_bytes(log)
        for file, source in ((self.error_log, self._raw), (self.access_log, self.access_log)):
            last_write = source.stat().st_mtime_ns + self.ahead // timedelta(microseconds=1) * 1000
            os.utime(file, ns=(last_write, last_write))
        return self.error_log, instants

    def said(self, text: bytes) -> int:
        """How often a text stands in the error log so far."""
        return self._raw.read_bytes().count(text) if self._raw.exists() else 0

    # Inside

    @property
    def _raw(self) -> Path:
        return self.folder / "raw" / "error.log"

    @property
    def _clock(self) -> Path:
        return self.folder / "run" / "clock"

    def _prepare(self) -> None:
        for name in ("logs", "raw", "run", "apps", "htdocs"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(HERE / "apps", self.folder / "apps", ignore=ignored, dirs_exist_ok=True)
        (self.folder / "htdocs" / "index.html").write_text("hello\n")
        for app in self._apps():
            self._script(app).write_text(app.script(self.folder / "apps"))
        make_certificate(self.folder / "run")
        if self.starts_at is not None:
            self.ahead = self.starts_at - datetime.now(UTC)
            self._write_clock()
        (self.folder / "httpd.conf").write_text(self.configuration())
        (self.folder / "run" / "httpd.conf").write_text(self.configuration(instrumented=True))

    def _write_clock(self) -> None:
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(f"{self.ahead.total_seconds():+.6f}\n")
        fresh.replace(self._clock)  # every process reads it at every look at the clock

    def _apps(self) -> Iterator[App]:
        for daemon in self.daemons:
            yield from daemon.apps
        yield from self.embedded

    def _script(self, app: App) -> Path:
        return self.folder / "apps" / f"{app.path.strip('/').replace('/', '-') or 'root'}.wsgi"

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
        command = [str(HTTPD), "-d", str(self.folder), "-f", str(self.folder / "run/httpd.conf")]
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
            return bool(self.pid) and self.said(RESUMING) > 0 and answers(self.port)

        patiently(ready, "Apache does not answer")

    def _raw_text(self) -> str:
        return self._raw.read_text(errors="replace") if self._raw.exists() else ""

    def _signal_and_wait(self, number: signal.Signals) -> None:
        before = self.said(RESUMING)
        os.kill(self.pid, number)
        patiently(
            lambda: self.said(RESUMING) > before and answers(self.port),
            f"Apache does not resume after {number.name}",
        )

    def _end_session(self) -> None:
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._launched is not None:
            self._launched.wait()

    # Configuration

    def configuration(self, *, instrumented: bool = False) -> str:
        """The httpd.conf: as an administrator would write it, or as it runs here."""
        return (
            "\n".join(
                piece
                if isinstance(piece, str)
                else (piece.instrumented if instrumented else piece.plain)
                for piece in self._pieces()
            )
            + "\n"
        )

    def _pieces(self) -> Iterator[str | Piece]:
        wanted = (
            f"mpm_{self.mpm}", "authz_core", "authz_host", "alias", "dir", "ssl",
            "socache_shmcb", "proxy", "proxy_http", "wsgi", *self.modules,
        )  # fmt: skip
        for name in wanted:
            if (file := MODULES / f"mod_{name}.so").exists():
                yield f"LoadModule {name}_module {file}"
        yield f'ServerRoot "{self.folder}"'
        if self.server_name:
            yield f"ServerName {self.server_name}"
        yield "PidFile run/httpd.pid"
        yield f"Listen 127.0.0.1:{self.port}"
        yield f"Listen 127.0.0.1:{self.tls_port}"
        if os.geteuid() == 0:
            yield "User www-data\nGroup www-data"
        yield from self._process_pieces()
        yield from self._log_pieces()
        yield "DocumentRoot htdocs\n<Directory />\n    Require all granted\n</Directory>"
        yield f"ProxyPass /down http://127.0.0.1:{self.closed_port}/ retry=0"
        yield "WSGISocketPrefix run/wsgi\nWSGIPythonHome /usr"
        for daemon in self.daemons:
            yield (
                f"WSGIDaemonProcess {daemon.name} processes={daemon.processes}"
                f" threads={daemon.threads} display-name=%{{GROUP}} {daemon.options}".rstrip()
            )
        for app, daemon_name in self._mounts():
            options = f" process-group={daemon_name}" if daemon_name else ""
            # Both options together make mod_wsgi load the script before the first request.
            options += f" application-group={app.group}" if app.group else ""
            yield f"WSGIScriptAlias {app.path} {self._script(app)}{options}"
        yield "SSLSessionCache shmcb:run/tls(65536)"
        yield f"<VirtualHost 127.0.0.1:{self.tls_port}>"
        yield "    ServerName localhost\n    SSLEngine on"
        yield "    SSLCertificateFile run/server.pem\n    SSLCertificateKeyFile run/server.key"
        yield "</VirtualHost>"

    def _mounts(self) -> list[tuple[App, str | None]]:
        mounts: list[tuple[App, str | None]] = [
            (app, daemon.name) for daemon in self.daemons for app in daemon.apps
        ]
        mounts += [(app, None) for app in self.embedded]
        return sorted(mounts, key=lambda mount: -len(mount[0].path))

    def _process_pieces(self) -> Iterator[str]:
        yield "KeepAlive On\nKeepAliveTimeout 5\nGracefulShutdownTimeout 3\nTimeout 20"
        if self.mpm == "event":
            yield "StartServers 2\nServerLimit 4\nThreadsPerChild 8\nMaxRequestWorkers 32"
            yield "MinSpareThreads 4\nMaxSpareThreads 32"
        else:
            yield "StartServers 3\nMinSpareServers 1\nMaxSpareServers 8\nMaxRequestWorkers 8"

    def _log_pieces(self) -> Iterator[str | Piece]:
        yield f"LogLevel {self.log_level}"
        stamper = f"{sys.executable} -I -S {HERE / 'stamper.py'} {self._raw}"
        plain = 'ErrorLog "logs/error.log"'
        if self.error_log_format is None:
            yield Piece(plain, f'ErrorLog "|{stamper}"')
        else:
            yield Piece(plain, f'ErrorLog "{self._raw}"')
            yield from (
                Piece(
                    f'ErrorLogFormat {kind}"{quoted(form)}"',
                    f'ErrorLogFormat {kind}"{truth.PREFIX}{quoted(form)}"',
                )
                for kind, forms in (
                    ("", (self.error_log_format,)),
                    ("request ", self.request_formats),
                    ("connection ", self.connection_formats),
                )
                for form in forms
            )
        yield f"LogFormat {COMBINED} combined"
        yield "CustomLog logs/access.log combined"


class Client:
    """One browser: a connection to Apache that is kept alive between requests."""

    def __init__(self, port: int, *, tls: bool) -> None:
        if tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", port, timeout=PATIENCE, context=context
            )
        else:
            self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> int:
        """Ask for a path; the HTTP status, or 0 when the connection broke."""
        try:
            self._connection.request("GET", path, headers=dict(headers or {}))
            answer = self._connection.getresponse()
            answer.read()
        except (http.client.HTTPException, OSError):
            self._connection.close()  # the next request opens another
            return 0
        return answer.status

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()


def quoted(text: str) -> str:
    """A text inside double quotes, as httpd's configuration reader wants it."""
    return text.replace('"', '\\"')


def patiently(true: Callable[[], bool], otherwise: str, *, give_up: bool = True) -> None:
    """Wait until something is true; complain, or go on, when it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            if give_up:
                raise TimeoutError(otherwise)
            return
        time.sleep(0.02)


def free_ports(count: int) -> list[int]:
    """Ports on loopback where nobody listens."""
    with contextlib.ExitStack() as open_ones:
        sockets = [open_ones.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def answers(port: int) -> bool:
    """Whether somebody listens on a port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def sessions() -> Iterator[tuple[int, int]]:
    """Every living process with its session."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
            if state != "Z":
                yield int(stat.parent.name), int(session)


def alive(pid: int) -> bool:
    """Whether a process lives; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def command_line(pid: int) -> bytes:
    """What `ps` would show for a process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


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
