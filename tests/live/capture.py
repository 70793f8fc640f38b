"""A captured log, and the common ways to make one."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .apache import Apache
from .configuration import App, Daemon
from .visits import STATIC, TALK, browse
from .zones import draw_zones

GLOBAL = "%{GLOBAL}"


@dataclass(frozen=True)
class Capture:
    """A log of a real Apache, and the truth about it.

    Args:
        name: The scenario's name.
        log: The error log; its modification time is Apache's last write.
        access_log: The access log beside it.
        configuration: The httpd.conf, as an administrator would have written it.
        truth: For each line its instant in UTC, RFC 3339, with the stamp's digits; `-` for none.
        server_tz: The zone Apache was started in.
        zones: The zones that its processes end up in, by who they are.
        error_log_format: The ErrorLogFormat; none is the built-in format.
        happened: What the scenario did, in a sentence or two.
        mpm: The multi-processing module.
        older: Rotated error logs with their truth, the oldest first.
    """

    name: str
    log: Path
    access_log: Path
    configuration: Path
    truth: list[str]
    server_tz: str
    zones: dict[str, str] = field(default_factory=dict)
    error_log_format: str | None = None
    happened: str = ""
    mpm: str = "event"
    older: list[tuple[Path, list[str]]] = field(default_factory=list)


def captured(name: str, server: Apache, zones: dict[str, str], happened: str) -> Capture:
    """What a stopped server leaves behind."""
    log, truth = server.capture()
    return Capture(
        name=name,
        log=log,
        access_log=server.access_log,
        configuration=server.folder / "httpd.conf",
        truth=truth,
        server_tz=server.tz,
        zones={"server": server.tz, **zones},
        error_log_format=server.configuration.error_log_format,
        happened=" ".join(happened.split()),
        mpm=server.configuration.mpm,
        older=[server.capture(rotation) for rotation in server.rotations()],
    )


def one_daemon(
    name: str,
    rng: random.Random,
    folder: Path,
    *,
    seconds: float = 4.5,
    during: Callable[[Apache], None] | None = None,
    talk: Sequence[str] = TALK,
    happened: str,
    app: dict[str, Any] | None = None,
    processes: int | None = None,
    **options: Any,  # noqa: ANN401 - they are Apache's
) -> Capture:
    """The common case: a server in one zone, a daemon group in another."""
    server_tz, zone = draw_zones(rng, 2)
    talker = App("/talk", zone, **{"group": GLOBAL, **(app or {})})
    daemons = [Daemon("talk", [talker], processes=processes or rng.choice((1, 1, 2)))]
    visits = [f"{talker.path}/{page}" for page in talk] + list(STATIC)
    with Apache(folder, tz=server_tz, daemons=daemons, **options) as server:
        if during is None:
            browse(server, rng, visits, seconds)
        else:
            browse(server, rng, visits, seconds / 2)
            during(server)
            browse(server, rng, visits, seconds / 2)
    return captured(name, server, {"daemon talk": zone}, happened)
