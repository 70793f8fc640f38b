"""Jumps: an Apache that runs from before to after the night in which its zone changes."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

from .apache import Apache
from .capture import GLOBAL, Capture, captured
from .configuration import App, Daemon
from .error_log_formats import THREADED
from .visits import browse, paths_of
from .zones import draw_jumping_zone, draw_zones, offset


def over_a_jump(name: str, rng: random.Random, folder: Path, *, forward: bool) -> Capture:
    """Run a server from before to after the moment at which its zone jumps."""
    server_tz, at, change = draw_jumping_zone(rng, 2026, forward=forward)
    away = next(
        zone
        for zone in iter(lambda: draw_zones(rng, 1)[0], None)
        if offset(zone, at) == offset(zone, at - timedelta(hours=3))
    )
    apps = [App("/away", away, group=GLOBAL), App("/home", server_tz, group=GLOBAL)]
    with Apache(
        folder,
        tz=server_tz,
        daemons=[Daemon(app.path[1:], [app]) for app in apps],
        error_log_format=rng.choice((None, None, THREADED)),
        starts_at=at - timedelta(minutes=rng.randint(70, 100)),
    ) as server:
        while server.now() < at + timedelta(minutes=75):
            browse(server, rng, paths_of(*apps), rng.uniform(0.3, 0.5))
            server.advance(timedelta(minutes=rng.randint(13, 27), seconds=rng.randint(0, 59)))
        browse(server, rng, paths_of(*apps), 0.5)
    minutes = change // timedelta(minutes=1)
    return captured(
        name,
        server,
        {"daemon away": away, "daemon home": server_tz},
        f"""Under libfaketime, from before to after {at:%Y-%m-%dT%H:%M:%SZ}, when the clocks of
        {server_tz} jump by {minutes:+} minutes; those of {away} do not. Between bursts of
        visits, minutes pass in which nothing is logged.""",
    )
