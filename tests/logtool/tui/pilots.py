"""Pilots: run the application without a terminal, press keys, look at the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from textual import events
from textual.pilot import Pilot

from logtool.sources.opening import open_sources
from logtool.tui.app import ViewApp
from logtool.tui.model.reading.builder import Builder
from logtool.tui.model.session import Session
from tests import places

SAMPLES = places.SAMPLE_LOGS
DJANGO = SAMPLES / "berlin_utc_django" / "error.log"
#: Seconds until the background must be done.
_PATIENCE = 300

Steps = Callable[["Flight"], Awaitable[None]]


class Flight:
    """A running application."""

    def __init__(self, app: ViewApp, pilot: Pilot[int]) -> None:
        self.app = app
        self._pilot = pilot

    @property
    def session(self) -> Session:
        """What is looked at."""
        return self.app.session

    @property
    def place(self) -> int:
        """Where the cursor is, counted from 0."""
        return self.app.log_screen.lines.cursor

    async def settle(self) -> None:
        """Until the background is done and drawn."""
        for _ in range(_PATIENCE * 20):
            screen = self.app.log_screen
            if not self.session.busy and screen.lines.view is self.session.view:
                break
            await self._pilot.pause(0.05)
        await self._pilot.pause()
        await self.app.workers.wait_for_complete()
        await self._pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys one by one, and wait after each: what it began may end in the background."""
        for key in keys:
            await self._pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type a text."""
        await self._pilot.press(*text)
        await self._pilot.pause()

    async def paste(self, *keys: tuple[str, str]) -> None:
        """Have keys (name, character) come faster than they are acted on."""
        for name, character in keys:
            self.app.post_message(events.Key(name, character))
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        """Make the terminal another size."""
        await self._pilot.resize_terminal(width, height)
        await self._pilot.pause()

    async def click(self, x: int, y: int, times: int = 1) -> None:
        """Click with the mouse."""
        await self._pilot.click(offset=(x, y), times=times)
        await self.settle()

    async def drag(self, begin: tuple[int, int], end: tuple[int, int]) -> None:
        """Press the mouse's button, move, let go."""
        await self._pilot.mouse_down(offset=begin)
        await self._pilot.hover(offset=end)
        await self._pilot.mouse_up(offset=end)
        await self.settle()

    async def until(self, fulfilled: Callable[[], bool]) -> None:
        """Wait for something."""
        for _ in range(_PATIENCE * 20):
            if fulfilled():
                return
            await self._pilot.pause(0.05)
        raise AssertionError(self.dump())

    def dump(self) -> str:
        """The screen as plain text."""
        strips = self.app.screen._compositor.render_strips()
        lines = ["".join(segment.text for segment in strip).rstrip() for strip in strips]
        return "\n".join(lines) + "\n"

    def picture(self) -> str:
        """The screen with its colours, as SVG."""
        return self.app.export_screenshot()


def fly(
    files: Sequence[Path],
    steps: Steps,
    size: tuple[int, int] = (80, 24),
    state: Path | None = None,
    *,
    follow: bool = False,
    all_needed: bool = True,
    reopen: Callable[[Sequence[str], str], None] = lambda files, gone: None,
    gone: str = "",
) -> None:
    """Run the application on some logs."""

    async def run() -> None:
        with open_sources([str(file) for file in files], all_needed=all_needed) as sources:
            session = Session(Builder(sources, gone=gone), state=state)
            if follow:
                session.follow()
            app = ViewApp(session, reopen=reopen)
            async with app.run_test(size=size) as pilot:
                flight = Flight(app, pilot)
                if not follow:
                    await flight.settle()
                await steps(flight)

    asyncio.run(run())
