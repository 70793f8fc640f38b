"""Chromium: opens pages in a real browser without a window, and tells what they do there.

It speaks Chromium's own protocol (DevTools) over two pipes, so that a page is looked at as it is,
with its policy, and nothing is listened to on the network.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe"),
)
_PATIENCE = 120.0
#: RFC 6455, section 5.2.
_BINARY = 2

Json = dict[str, Any]


@dataclass(slots=True)
class Page:
    """A page in a browser.

    Attributes:
        complaints: what the browser logged of it: errors, warnings, refused requests.
        requests: addresses that it asked for, itself not among them.
        heard: what came through its sockets.
    """

    browser: Browser
    session: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    heard: bytearray = field(default_factory=bytearray)

    def send(self, method: str, **parameters: object) -> Json:
        """Ask the browser something about this page."""
        return self.browser.send(method, parameters, self)

    def open(self, address: str, *, scripts: bool = True) -> None:
        """Load an address and wait until it is shown."""
        for name in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{name}.enable")
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.send("Page.navigate", url=address)
        self.browser.wait_for("Page.loadEventFired", self)
        if address in self.requests:
            self.requests.remove(address)

    def run(self, script: str) -> Any:  # noqa: ANN401 - what JSON holds
        """The value of an expression in the page; a promise is waited for."""
        answer = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key that writes a character, wherever the focus is."""
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key)

    def hear(self, text: bytes) -> None:
        """Wait until its sockets have brought a text."""
        while text not in self.heard:
            self.browser.wait_for("Network.webSocketFrameReceived", self)

    def look(self, *, dark: bool = False, paper: bool = False, width: int = 1100) -> None:
        """Show it in dark colours, or as it is printed, in a window of a width."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        media = "print" if paper else "screen"
        self.send("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
            mobile=False,
        )  # fmt: skip

    def picture(self) -> bytes:
        """All of it as a PNG."""
        return base64.b64decode(
            self.send("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        )

    def note(self, event: Json) -> None:
        """Keep what an event tells."""
        told = event.get("params", {})
        match event["method"]:
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Network.webSocketFrameReceived":
                frame = told["response"]
                text = frame["payloadData"]
                self.heard += (
                    base64.b64decode(text) if frame["opcode"] == _BINARY else text.encode()
                )
            case "Log.entryAdded":
                self.complaints.append(str(told["entry"]["text"]))
            case "Runtime.consoleAPICalled":
                self.complaints.append(json.dumps(told["args"]))
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(told["exceptionDetails"]))


class Browser:
    """A running Chromium."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        """Take the ends of the pipes."""
        self._to, self._from = to_browser, from_browser
        self._held = b""
        self._number = 0
        self._pages: dict[str, Page] = {}

    @contextmanager
    def page(self) -> Iterator[Page]:
        """A page without an address yet."""
        target = self.send("Target.createTarget", {"url": "about:blank"})["targetId"]
        asked = {"targetId": target, "flatten": True}
        session = self.send("Target.attachToTarget", asked)["sessionId"]
        self._pages[session] = page = Page(self, session)
        yield page
        self.send("Target.closeTarget", {"targetId": target})

    def send(self, method: str, parameters: Json, page: Page | None = None) -> Json:
        """Ask something and wait for the answer."""
        self._number += 1
        asked: Json = {"id": self._number, "method": method, "params": parameters}
        if page is not None:
            asked["sessionId"] = page.session
        os.write(self._to, json.dumps(asked).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._number:
                assert "error" not in told, told
                answer: Json = told["result"]
                return answer

    def wait_for(self, event: str, page: Page) -> None:
        """Wait for an event of a page."""
        while True:
            told = self._next()
            if told.get("method") == event and told.get("sessionId") == page.session:
                return

    def _next(self) -> Json:
        end = time.monotonic() + _PATIENCE
        while b"\0" not in self._held:
            ready, _, _ = select.select([self._from], [], [], max(end - time.monotonic(), 0))
            assert ready, "Chromium does not answer"
            data = os.read(self._from, 1 << 20)
            assert data, "Chromium has gone"
            self._held += data
        text, _, self._held = self._held.partition(b"\0")
        told: Json = json.loads(text)
        if "method" in told and told.get("sessionId") in self._pages:
            self._pages[told["sessionId"]].note(told)
        return told


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """Start Chromium with a profile folder; ask for `CHROMIUM` before."""
    from_us, to_browser = os.pipe()
    from_browser, to_us = os.pipe()
    # The child takes them as 3 and 4; none of them may be that by chance.
    theirs = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (from_us, to_us)]

    def take() -> None:
        os.dup2(theirs[0], 3)
        os.dup2(theirs[1], 4)

    process = subprocess.Popen(
        [str(CHROMIUM), *_FLAGS, f"--user-data-dir={profile}"],
        pass_fds=(3, 4), preexec_fn=take, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for end in (from_us, to_us, *theirs):
        os.close(end)
    try:
        yield Browser(to_browser, from_browser)
    finally:
        process.terminate()
        process.wait(_PATIENCE)
        os.close(to_browser)
        os.close(from_browser)
