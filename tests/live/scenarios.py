"""Named ways in which an Apache's log gets several clocks, each run on a real Apache.

A scenario takes a random generator and an empty folder, runs an Apache for a few seconds and
gives back a `Capture`. Zones, numbers of processes and the visits are drawn from the generator,
so every run writes a log that nobody has seen before.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .apache import Apache
from .capture import GLOBAL, Capture, captured, one_daemon
from .configuration import App, Daemon
from .error_log_formats import (
    ADVANCED,
    ADVANCED_CONNECTION,
    ADVANCED_REQUEST,
    COMPACT,
    LIKE_2_2,
    SIMPLE,
    THREADED,
    WITH_IDS,
    WITH_OFFSET,
)
from .jumps import over_a_jump
from .visits import STATIC, browse, paths_of
from .zones import draw_zones

Scenario = Callable[[random.Random, Path], Capture]
SCENARIOS: dict[str, Scenario] = {}


def scenario(run: Scenario) -> Scenario:
    """Register a scenario under its function's name."""
    SCENARIOS[run.__name__] = run
    return run


@scenario
def berlin_utc_django(rng: random.Random, folder: Path) -> Capture:
    """The case errlog was made for: Apache in Berlin, Django with TIME_ZONE = "UTC"."""
    shop = App("/shop", "UTC", kind="django", group=GLOBAL)
    with Apache(
        folder,
        tz="Europe/Berlin",
        daemons=[Daemon("shop", [shop], processes=2)],
        detach=True,
    ) as server:
        browse(server, rng, [*paths_of(shop), "/shop/", "/shop/report/"], 5, browsers=2)
    return captured(
        "berlin_utc_django",
        server,
        {"daemon shop": "UTC"},
        """Apache in Europe/Berlin; a Django project with TIME_ZONE = "UTC" in a daemon group of
        two processes; browsers over TLS with keep-alive.""",
    )


@scenario
def three_groups(rng: random.Random, folder: Path) -> Capture:
    """Three daemon groups in three zones, none of them Apache's."""
    zones = ["Asia/Kathmandu", "America/St_Johns"]
    third, server_tz = draw_zones(rng, 2, *zones)
    zones.append(third)
    apps = [App(f"/{name}", zone, group=GLOBAL) for name, zone in zip("abc", zones, strict=True)]
    with Apache(
        folder, tz=server_tz, daemons=[Daemon(f"group-{app.path[1:]}", [app]) for app in apps]
    ) as server:
        browse(server, rng, paths_of(*apps), 4.5)
    return captured(
        "three_groups",
        server,
        {f"daemon group-{app.path[1:]}": zone for app, zone in zip(apps, zones, strict=True)},
        "Three daemon groups, each in a zone of its own, and Apache in a fourth.",
    )


@scenario
def seconds_only(rng: random.Random, folder: Path) -> Capture:
    """The manual's first ErrorLogFormat, whose stamps have no fraction."""
    return one_daemon(
        "seconds_only",
        rng,
        folder,
        error_log_format=SIMPLE,
        happened="The manual's first ErrorLogFormat: whole seconds, no module.",
    )


@scenario
def graceful_restart(rng: random.Random, folder: Path) -> Capture:
    """Daemons and children are replaced while the parent stays."""
    return one_daemon(
        "graceful_restart",
        rng,
        folder,
        during=Apache.graceful,
        server_name=None,
        happened="""One graceful restart in the middle; without a ServerName, so that the restart
        leaves a line without a stamp.""",
    )


@scenario
def hard_restart(rng: random.Random, folder: Path) -> Capture:
    """Everything is replaced but the parent."""
    return one_daemon(
        "hard_restart",
        rng,
        folder,
        during=Apache.restart,
        happened="One restart (SIGHUP) in the middle.",
    )


@scenario
def rotated(rng: random.Random, folder: Path) -> Capture:
    """The logs are moved aside as logrotate does, each with a last write of its own."""

    def rotate(server: Apache) -> None:
        server.rotate(".2")
        browse(server, rng, ["/talk/log", "/talk/print", *STATIC], 1.5)
        server.rotate(".1")

    return one_daemon(
        "rotated",
        rng,
        folder,
        during=rotate,
        error_log_format=rng.choice((None, THREADED)),
        happened="Two rotations: logs renamed, then a graceful restart.",
    )


@scenario
def prefork(rng: random.Random, folder: Path) -> Capture:
    """The MPM without threads, with the manual's threaded format: brackets stay open."""
    form = rng.choice((None, THREADED))
    return one_daemon(
        "prefork",
        rng,
        folder,
        mpm="prefork",
        error_log_format=form,
        happened="The prefork MPM; in the manual's threaded format its brackets stay open.",
    )


@scenario
def embedded(rng: random.Random, folder: Path) -> Capture:
    """An application inside Apache's own children: they shift themselves."""
    server_tz, zone = draw_zones(rng, 2)
    app = App("/talk", zone, group=GLOBAL)
    with Apache(folder, tz=server_tz, embedded=[app]) as server:
        browse(server, rng, list(STATIC), 1.2, browsers=2)
        browse(server, rng, paths_of(app), 3.5)
    return captured(
        "embedded",
        server,
        {"children": zone},
        """Embedded mode: a child shifts when its first request for the application loads it, and
        its lines of the access log shift as well.""",
    )


@scenario
def flips(rng: random.Random, folder: Path) -> Capture:
    """Two sub-interpreters of one process that fight over TZ."""
    server_tz, east, west = draw_zones(rng, 3)
    apps = [App("/east", east, always=True), App("/west", west, always=True)]
    with Apache(folder, tz=server_tz, daemons=[Daemon("both", apps)]) as server:
        for turn in range(5):
            app = apps[turn % 2]
            browse(server, rng, paths_of(app, static=False), rng.uniform(0.6, 1.5), browsers=2)
    return captured(
        "flips",
        server,
        {"daemon both": f"{east} and {west} by turns"},
        "Two applications in one daemon process call tzset() at each request, by turns.",
    )


@scenario
def daemon_crash_and_rebirth(rng: random.Random, folder: Path) -> Capture:
    """A daemon is killed, another aborts; their successors begin in Apache's zone again."""

    def crash(server: Apache) -> None:
        server.kill_daemon("talk")
        before = server.daemon_pids("talk")
        server.get("/talk/abort")
        server.await_rebirth("talk", before)

    return one_daemon(
        "daemon_crash_and_rebirth",
        rng,
        folder,
        during=crash,
        happened="The daemon is killed (kill -9), its successor calls abort().",
    )


@scenario
def tzset_mid_life(rng: random.Random, folder: Path) -> Capture:
    """A process changes its zone after it has served for a while."""
    return one_daemon(
        "tzset_mid_life",
        rng,
        folder,
        processes=1,
        app={"at_request": rng.randint(4, 15), "stamps": True},
        happened="The application calls tzset() at a later request, not while loading.",
    )


@scenario
def z_format(rng: random.Random, folder: Path) -> Capture:
    """Each line tells its own offset."""
    return one_daemon(
        "z_format",
        rng,
        folder,
        error_log_format=WITH_OFFSET,
        happened="A format with %{cuz}t: every line tells its own offset.",
    )


@scenario
def compact(rng: random.Random, folder: Path) -> Capture:
    """The compact stamp of mod_wsgi issue 944, without an offset."""
    return one_daemon(
        "compact",
        rng,
        folder,
        error_log_format=COMPACT,
        happened="A format with %{cu}t, whose stamps have no offset.",
    )


@scenario
def offset_stamps(rng: random.Random, folder: Path) -> Capture:
    """Other stamps that tell their offset."""
    stamp = rng.choice(("%{uz}t", "%{z}t", "%{mz}t", "%{cz}t", "%{%Y-%m-%dT%H:%M:%S%z}t"))
    return one_daemon(
        "offset_stamps",
        rng,
        folder,
        error_log_format=COMPACT.replace("%{cu}t", stamp),
        happened="A stamp other than %{cuz}t that tells its offset.",
    )


@scenario
def local_stamps(rng: random.Random, folder: Path) -> Capture:
    """Other stamps that do not tell it."""
    stamp = rng.choice(("%{m}t", "%{cm}t", "%{c}t", "%{%Y-%m-%dT%H:%M:%S}t"))
    return one_daemon(
        "local_stamps",
        rng,
        folder,
        error_log_format=COMPACT.replace("%{cu}t", stamp),
        happened="A stamp that people rarely choose, without an offset.",
    )


@scenario
def log_ids(rng: random.Random, folder: Path) -> Capture:
    """Request and connection ids, which carry time."""
    return one_daemon(
        "log_ids",
        rng,
        folder,
        error_log_format=WITH_IDS,
        modules=rng.choice(((), ("unique_id",))),
        happened="A format with request and connection log ids.",
    )


@scenario
def advanced(rng: random.Random, folder: Path) -> Capture:
    """The manual's advanced format: lines for requests and connections, ids, no pid."""
    return one_daemon(
        "advanced",
        rng,
        folder,
        error_log_format=ADVANCED,
        request_formats=ADVANCED_REQUEST,
        connection_formats=ADVANCED_CONNECTION,
        happened="The manual's advanced example, with its request and connection lines.",
    )


@scenario
def no_pid(rng: random.Random, folder: Path) -> Capture:
    """Lines as httpd 2.2 wrote them: whole seconds, and no word about the process."""
    return one_daemon(
        "no_pid",
        rng,
        folder,
        error_log_format=LIKE_2_2,
        happened="The manual's format like httpd 2.2: whole seconds, no process.",
    )


@scenario
def no_pid_fractions(rng: random.Random, folder: Path) -> Capture:
    """The same with fractions of a second."""
    return one_daemon(
        "no_pid_fractions",
        rng,
        folder,
        error_log_format=LIKE_2_2.replace("%t", "%{u}t"),
        happened="The manual's format like httpd 2.2, with fractions of a second.",
    )


@scenario
def debug_lines(rng: random.Random, folder: Path) -> Capture:
    """Lines that name their source, and formats that print it for some levels only."""
    return one_daemon(
        "debug_lines",
        rng,
        folder,
        seconds=2.5,
        error_log_format=rng.choice((None, THREADED)),
        log_level="info ssl:debug proxy:trace1",
        happened="LogLevel debug and trace1 for some modules: lines with file(line).",
    )


@scenario
def raw_stderr(rng: random.Random, folder: Path) -> Capture:
    """C code writes to the log's descriptor, once without a newline."""
    return one_daemon(
        "raw_stderr",
        rng,
        folder,
        talk=("log", "raw", "raw", "raw-torn", "torn", "stamp", "print"),
        app={"stamps": True},
        happened="""The application writes raw bytes to file descriptor 2, sometimes without a
        newline, so that the next line's stamp stands in the middle of a line.""",
    )


@scenario
def quiet_server(rng: random.Random, folder: Path) -> Capture:
    """A few lines over some weeks, and one process that speaks only at the end."""
    server_tz, early, late = draw_zones(rng, 3)
    apps = [App("/early", early), App("/late", late)]
    with Apache(
        folder,
        tz=server_tz,
        daemons=[Daemon(app.path[1:], [app]) for app in apps],
        log_level="warn",
        starts_at=datetime(2026, rng.randint(1, 12), rng.randint(1, 28), 9, 30, tzinfo=UTC),
    ) as server:
        for _ in range(8):
            browse(server, rng, ["/early/log", "/early/fail", "/down/feed"], 0.15, browsers=1)
            server.advance(
                timedelta(hours=rng.choice((1, 5, 9, 24, 71)), minutes=rng.randint(0, 59))
            )
        browse(server, rng, ["/late/log", "/late/print"], 1.3, browsers=1)
    return captured(
        "quiet_server",
        server,
        {"daemon early": early, "daemon late": late},
        "A few lines, with hours to days of silence between; one daemon speaks only at the end.",
    )


@scenario
def spring_forward(rng: random.Random, folder: Path) -> Capture:
    """Apache's zone skips an hour."""
    return over_a_jump("spring_forward", rng, folder, forward=True)


@scenario
def fall_back(rng: random.Random, folder: Path) -> Capture:
    """Apache's zone repeats an hour."""
    return over_a_jump("fall_back", rng, folder, forward=False)
