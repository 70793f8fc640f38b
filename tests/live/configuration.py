"""The httpd.conf of an Apache under test, as an administrator would write it and as it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from . import truth

MODULES = Path("/usr/lib/apache2/modules")
STAMPER = Path(__file__).parent / "stamper.py"
COMBINED = r'"%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\""'


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


@dataclass(frozen=True)
class Configuration:
    """What one Apache is told; the arguments are those of `Apache`, and three ports."""

    folder: Path
    mpm: Literal["event", "prefork"]
    error_log_format: str | None
    request_formats: Sequence[str]
    connection_formats: Sequence[str]
    daemons: Sequence[Daemon]
    embedded: Sequence[App]
    log_level: str
    server_name: str | None
    modules: Sequence[str]
    port: int
    tls_port: int
    closed_port: int
    mod_wsgi: Path = MODULES / "mod_wsgi.so"

    @property
    def raw_log(self) -> Path:
        """The error log with the harness's marks."""
        return self.folder / "raw" / "error.log"

    def text(self, *, instrumented: bool = False) -> str:
        """The httpd.conf: as an administrator would write it, or as it runs here."""
        return "".join(
            (
                piece
                if isinstance(piece, str)
                else piece.instrumented
                if instrumented
                else piece.plain
            )
            + "\n"
            for piece in self._pieces()
        )

    def scripts(self) -> Iterator[tuple[Path, str]]:
        """The WSGI scripts, with what stands in them."""
        for app, _ in self._mounts():
            yield self._script(app), app.script(self.folder / "apps")

    def _script(self, app: App) -> Path:
        return self.folder / "apps" / f"{app.path.strip('/').replace('/', '-') or 'root'}.wsgi"

    def _pieces(self) -> Iterator[str | Piece]:
        wanted = (
            f"mpm_{self.mpm}", "authz_core", "authz_host", "alias", "dir", "ssl",
            "socache_shmcb", "proxy", "proxy_http", "wsgi", *self.modules,
        )  # fmt: skip
        for name in wanted:
            file = self.mod_wsgi if name == "wsgi" else MODULES / f"mod_{name}.so"
            if file.exists():
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
        stamper = f"{sys.executable} -I -S {STAMPER} {self.raw_log}"
        plain = 'ErrorLog "logs/error.log"'
        if self.error_log_format is None:
            yield Piece(plain, f'ErrorLog "|{stamper}"')
        else:
            yield Piece(plain, f'ErrorLog "{self.raw_log}"')
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
        yield Piece("CustomLog logs/access.log combined", "CustomLog raw/access.log combined")


def quoted(text: str) -> str:
    """A text inside double quotes, as httpd's configuration reader wants it."""
    return text.replace('"', '\\"')
