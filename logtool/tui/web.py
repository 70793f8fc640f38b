"""Web: serves `errlog view` to a browser on this machine, through textual-serve.

Only loopback is listened on. Others on this machine, and pages of other sites in the same browser,
can reach loopback too, so nothing is answered without the key that only our own terminal shows.
"""

from __future__ import annotations

import logging
import re
import secrets
import socket
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from shlex import join

from aiohttp import web
from textual_serve import server as textual_serve

_HOST = "127.0.0.1"
_COOKIE = "errlog-view"
_GRACE_S = 0.5
#: The page of textual-serve names a font of another host; nothing of ours uses the network.
_ELSEWHERE = re.compile(r"<link[^>]*https://[^>]*>")

#: Keys go to the terminal at once: its input element, which comes late, takes the focus.
_FOCUS = """<script>
  const focusing = setInterval(() => {
    const input = document.querySelector("textarea");
    if (input) { clearInterval(focusing); input.focus(); }
  }, 50);
</script>
</head>"""

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LoopbackServer(textual_serve.Server):
    """Answers who knows the key.

    Attributes:
        key: what the address must end with at the first visit; a cookie keeps it.
    """

    def __init__(self, command: Sequence[str], port: int, templates: Path) -> None:
        """Run a command for each visitor.

        Args:
            command: program and arguments of the application.
            port: of loopback.
            templates: an empty folder, for the page.
        """
        for page in (Path(textual_serve.__file__).parent / "templates").glob("*.html"):
            text = _ELSEWHERE.sub("", page.read_text("utf-8")).replace("</head>", _FOCUS)
            (templates / page.name).write_text(text, "utf-8")
        super().__init__(join(command), _HOST, port, "errlog view", templates_path=templates)
        self.key = secrets.token_urlsafe(16)

    @property
    def address(self) -> str:
        """Where to go."""
        return f"{self.public_url}/?key={self.key}"

    def run(self) -> None:
        """Until an interrupt; browsers that are still there are not waited for."""
        logging.basicConfig(level=logging.ERROR)
        web.run_app(
            self._make_app(), host=self.host, port=self.port,
            print=self._tell, shutdown_timeout=_GRACE_S,
        )  # fmt: skip

    async def on_startup(self, app: web.Application) -> None:
        """Nothing is told before anybody is listened to."""

    def _tell(self, text: str) -> None:
        """We listen: say where, in place of what aiohttp would say."""
        print(f"errlog view: {self.address}   (Ctrl-C ends)", flush=True)

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()

        @web.middleware
        async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
            return await self._guarded(request, handler)

        app.middlewares.append(guard)
        return app

    async def _guarded(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        given = request.query.get("key") or request.cookies.get(_COOKIE) or ""
        # A name that leads here (DNS rebinding), or a page of another site, is none of ours.
        ours = (
            request.host == f"{_HOST}:{self.port}"
            and request.headers.get("Origin", self.public_url) == self.public_url
        )
        if not ours or not secrets.compare_digest(given.encode(), self.key.encode()):
            raise web.HTTPForbidden(text="Open the address that errlog view has written.\n")
        response = await handler(request)
        if not response.prepared:
            response.set_cookie(_COOKIE, self.key, httponly=True, samesite="Strict")
        return response


def free_port(port: int = 0) -> int:
    """The port, or any that is free for 0.

    Raises:
        OSError: it is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((_HOST, port))
        return int(probe.getsockname()[1])


def serve(command: Sequence[str], port: int = 0) -> None:
    """Run a command for each browser that comes, until it is interrupted.

    Args:
        command: program and arguments of the application.
        port: 0 for any that is free.

    Raises:
        OSError: the port is taken.
    """
    with tempfile.TemporaryDirectory(prefix="errlog-") as folder:
        LoopbackServer(command, free_port(port), Path(folder)).run()
