"""`errlog view --web`: the application in a browser, on this machine, for who knows the key."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from click.testing import CliRunner

from logtool.commands import errlog
from logtool.tui.web import LoopbackServer, free_port
from tests.logtool.tui.pilots import DJANGO

_ROOT = Path(__file__).parents[3]
_PATIENCE = 60.0

Visit = Callable[[LoopbackServer, aiohttp.ClientSession], Awaitable[None]]


def visit(folder: Path, visiting: Visit) -> None:
    """Serve a sample and visit it."""

    async def run() -> None:
        command = [sys.executable, "-m", "logtool", "view", "--web", str(DJANGO)]
        server = LoopbackServer(command, free_port(), folder)
        runner = web.AppRunner(await server._make_app())
        await runner.setup()
        await web.TCPSite(runner, server.host, server.port).start()
        jar = aiohttp.CookieJar(unsafe=True)  # 127.0.0.1 is a name for cookies too
        try:
            async with aiohttp.ClientSession(cookie_jar=jar) as client:
                await visiting(server, client)
        finally:
            await runner.cleanup()

    asyncio.run(run())


def test_only_who_knows_the_key_is_answered(tmp_path: Path) -> None:
    """Without the key, from another site's page or by another name, nothing is told."""

    async def visiting(server: LoopbackServer, client: aiohttp.ClientSession) -> None:
        for path in ("/", "/ws", "/static/js/textual.js", "/?key=wrong", "/?key=%ff"):
            async with client.get(server.public_url + path) as answer:
                assert answer.status == 403
        for odd in ({"Origin": "http://evil.example"}, {"Host": f"evil.example:{server.port}"}):
            async with client.get(server.address, headers=odd) as answer:
                assert answer.status == 403
        async with client.get(server.address) as answer:
            assert answer.status == 200
            page = await answer.text()
        # Nothing is fetched from elsewhere.
        assert not re.search(r"(?:src|href)=[\"'](?!http://127\.0\.0\.1)[a-z]+://", page)
        async with client.get(f"{server.public_url}/static/js/textual.js") as answer:
            assert answer.status == 200

    visit(tmp_path, visiting)


def test_lines_come_through_the_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application runs for a browser, shows lines and takes keys."""
    monkeypatch.setenv("PYTHONPATH", str(_ROOT))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    pages = tmp_path / "pages"
    pages.mkdir()

    async def shown(socket: aiohttp.ClientWebSocketResponse, text: bytes) -> None:
        seen = b""
        while text not in seen:
            message = await socket.receive(_PATIENCE)
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), seen
            seen += message.data if isinstance(message.data, bytes) else message.data.encode()

    async def visiting(server: LoopbackServer, client: aiohttp.ClientSession) -> None:
        async with client.get(server.address):
            pass
        async with client.ws_connect(f"{server.public_url}/ws?width=100&height=30") as socket:
            await shown(socket, b"Initialized OpenSSL library")
            await socket.send_json(["stdin", "?"])
            await shown(socket, b"half a page down")

    visit(pages, visiting)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--web", "-"], "--web needs files"),
        (["--web"], "--web needs files"),
        (["--web", "/no/such.log"], "No such file"),
    ],
)
def test_what_cannot_be_served_is_told(arguments: list[str], told: str) -> None:
    """A pipe or a missing file is told before anything is served."""
    result = CliRunner().invoke(errlog, ["view", *arguments], standalone_mode=False)
    assert told in str(result.exception)


def test_without_textual_serve_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, what to install is told."""
    monkeypatch.setattr("logtool.commands.view.find_spec", lambda name: None)
    result = CliRunner().invoke(errlog, ["view", "--web", str(DJANGO)], standalone_mode=False)
    assert "pip install 'errlog[web]'" in str(result.exception)
