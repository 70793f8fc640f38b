"""One Apache with a virtual host for each of many ErrorLogFormats."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from .apache import HTTPD
from .client import Client
from .configuration import MODULES
from .processes import answers, free_ports, kill, members, patiently, terminate

_MODULES = ("mpm_event", "authz_core", "alias", "dir", "proxy", "proxy_http")
HEADERS = {"Referer": "https://shop.example/a?b=c, d", "User-Agent": "Me/1.0 (x; y)"}
PATHS = ("/missing", "/denied", "/down/x")


class ManyHosts:
    """An Apache on loopback; host number k logs to `self.log(k)`.

    Args:
        folder: where everything goes.
        directives: for each virtual host its ErrorLogFormat lines.
        tz: the zone Apache is started in.
    """

    def __init__(self, folder: Path, directives: Sequence[Sequence[str]], tz: str) -> None:
        self.folder, self.tz, self.count = folder, tz, len(directives)
        self.port, closed = free_ports(2)
        for name in ("logs", "htdocs", "run"):
            (folder / name).mkdir()
        (folder / "httpd.conf").write_text("\n".join(self._lines(directives, closed)) + "\n")

    def _lines(self, directives: Sequence[Sequence[str]], closed: int) -> list[str]:
        lines = [
            *(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _MODULES),
            f"ServerRoot {self.folder}",
            "ServerName localhost\nPidFile run/pid\nDefaultRuntimeDir run\nLogLevel debug",
            f"Listen 127.0.0.1:{self.port}\nErrorLog logs/main.log\nDocumentRoot htdocs",
            *(["User www-data\nGroup www-data"] if os.geteuid() == 0 else []),
            "<Location /denied>\nRequire all denied\n</Location>",
            f"ProxyPass /down http://127.0.0.1:{closed}/ retry=0",
        ]
        for number, own in enumerate(directives):
            lines += [
                f"<VirtualHost *:{self.port}>\nServerName h{number}.test",
                f"ErrorLog logs/{number}.log",
                *own,
                "</VirtualHost>",
            ]
        return lines

    def __enter__(self) -> Self:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(
            [HTTPD, "-d", self.folder, "-f", self.folder / "httpd.conf", "-DFOREGROUND"],
            env={"PATH": os.environ["PATH"], "TZ": self.tz},
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
        )
        patiently(lambda: self._ended() or answers(self.port), "Apache does not answer")
        if self._ended():
            told = self._process.stderr.read() if self._process.stderr else b""
            raise RuntimeError(told.decode())
        return self

    def _ended(self) -> bool:
        return self._process.poll() is not None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it, and whatever it started."""
        terminate(self._process.pid)
        kill(members({self._process.pid}))
        self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()

    def visit(self, headers: Mapping[str, str] = HEADERS) -> None:
        """Ask every host for something missing, something denied, and a backend that is down."""
        for number in range(self.count):
            with Client(self.port, tls=False) as client:
                for path in PATHS:
                    client.get(path, {"Host": f"h{number}.test", **headers})

    def log(self, number: int) -> Path:
        """The error log of a host."""
        return self.folder / "logs" / f"{number}.log"
