"""`errlog view --web`: the application in a browser, on this machine, for who knows the key."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner

from logtool.commands import errlog
from tests.chromium import CHROMIUM, chromium
from tests.logtool.tui.pilots import DJANGO
from tests.places import ROOT

_PATIENCE = 300.0


class Served:
    """A running server.

    Attributes:
        address: what it has told us.
        site: the same without the key.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        told = re.search(r"(http://127\.0\.0\.1:\d+)/\?key=\S+", process.stdout.readline())
        assert told
        self.address, self.site = told[0], told[1]

    def visit(self, visiting: Callable[[aiohttp.ClientSession], Awaitable[None]]) -> None:
        """Be a browser."""

        async def run() -> None:
            jar = aiohttp.CookieJar(unsafe=True)  # cookies of a host that is a number
            async with aiohttp.ClientSession(cookie_jar=jar) as client:
                await visiting(client)

        asyncio.run(run())


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server of a sample; an interrupt ends it, whoever still looks."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "logtool", "view", "--web", str(DJANGO)]
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Served(process)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(_PATIENCE) == 0


def test_only_who_knows_the_key_is_answered(served: Served) -> None:
    """Without the key, from another site's page or by another name, nothing is told."""
    port = served.site.rpartition(":")[2]

    async def visiting(client: aiohttp.ClientSession) -> None:
        for path in ("/", "/ws", "/static/js/textual.js", "/?key=wrong", "/?key=%ff"):
            async with client.get(served.site + path) as answer:
                assert answer.status == 403
        for odd in ({"Origin": "http://evil.example"}, {"Host": f"evil.example:{port}"}):
            async with client.get(served.address, headers=odd) as answer:
                assert answer.status == 403
        async with client.get(served.address) as answer:
            assert answer.status == 200
            page = await answer.text()
        # Nothing is fetched from elsewhere.
        assert not re.search(r"(?:src|href)=[\"'](?!http://127\.0\.0\.1)[a-z]+://", page)
        async with client.get(f"{served.site}/static/js/textual.js") as answer:
            assert answer.status == 200

    served.visit(visiting)


def test_lines_come_through_the_socket(served: Served) -> None:
    """The application runs for a browser, shows lines and takes keys."""

    async def shown(socket: aiohttp.ClientWebSocketResponse, text: bytes) -> None:
        seen = b""
        while text not in seen:
            message = await socket.receive(_PATIENCE)
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), seen
            seen += message.data if isinstance(message.data, bytes) else message.data.encode()

    async def visiting(client: aiohttp.ClientSession) -> None:
        async with client.get(served.address):
            pass
        async with client.ws_connect(f"{served.site}/ws?width=100&height=30") as socket:
            await shown(socket, b"Initialized OpenSSL library")
            await socket.send_json(["stdin", "?"])
            await shown(socket, b"half a page down")

    served.visit(visiting)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_keys_reach_a_page_that_was_only_opened(served: Served, tmp_path: Path) -> None:
    """Nobody has to click into it first."""
    with chromium(tmp_path / "profile") as browser, browser.page() as page:
        page.open(served.address)
        page.hear(b"Initialized OpenSSL library")
        page.run(_FOCUSED)
        page.press("?")
        page.hear(b"half a page down")


#: A promise that is kept when something has the focus.
_FOCUSED = """new Promise(kept => setInterval(() => {
  if (document.activeElement !== document.body) kept();
}, 20))"""


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
