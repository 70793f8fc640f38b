"""Visitors: what browsers ask an Apache under test for."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from math import ceil

from .apache import Apache
from .client import Client
from .configuration import App

TALK = ("log", "log", "print", "stderr", "errors", "unicode", "warning", "slow", "fail") + 4 * (
    "hush",
)
SHOP = ("", "", "orders/1/", "orders/3/", "orders/9/", "orders/77/", "report/", "nothing/")
STATIC = ("/index.html", "/missing.css", "/down/feed")


def browse(
    server: Apache,
    rng: random.Random,
    paths: Sequence[str],
    seconds: float,
    *,
    browsers: int = 3,
    pause: tuple[float, float] = (0.05, 0.3),
    tls: bool = True,
) -> None:
    """Let several browsers visit at the same time, some on connections they keep.

    Where the machine is busy it takes longer, for each visits as often as it would half as fast.
    """
    deadline, least = time.monotonic() + seconds, ceil(seconds / (sum(pause) + 0.05))

    def one(rng: random.Random) -> None:
        with server.client(tls=tls) as browser:
            visits = 0
            while visits < least or time.monotonic() < deadline:
                visits += 1
                visit(browser, rng, rng.choice(paths))
                if rng.random() < 0.25:
                    browser.close()
                time.sleep(rng.uniform(*pause))

    threads = [
        threading.Thread(target=one, args=(random.Random(rng.random()),)) for _ in range(browsers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def visit(browser: Client, rng: random.Random, path: str) -> int:
    """Ask for a path as a browser does."""
    headers = {"User-Agent": f"Mozilla/5.0 (X11; Linux x86_64; rv:{rng.randint(115, 145)}.0)"}
    if rng.random() < 0.3:
        headers["Referer"] = "https://shop.example/cart?step=2"
    return browser.get(path, headers)


def paths_of(*apps: App, static: bool = True) -> list[str]:
    """The paths worth visiting in some applications."""
    paths = [
        f"{app.path}/{page}" for app in apps for page in (SHOP if app.kind == "django" else TALK)
    ]
    return paths + list(STATIC if static else ())
