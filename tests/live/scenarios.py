"""Named ways in which an Apache's log gets several clocks, each run on a real Apache.

A scenario takes a random generator and an empty folder, runs an Apache for a few seconds and
gives back a `Capture`. Zones, numbers of processes and the visits are drawn from the generator,
so every run writes a log that nobody has seen before.
"""

from __future__ import annotations

import random
import threading
import time
import zoneinfo
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from .apache import Apache, App, Client, Daemon

# The manual's ErrorLogFormats, and some that people write.
SIMPLE = "[%t] [%l] [pid %P] %F: %E: [client %a] %M"
THREADED = r"[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i"
LIKE_2_2 = r"[%t] [%l] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i"
ADVANCED = "[%{uc}t] [%-m:%-l] [R:%L] [C:%{C}L] %7F: %E: %M"
ADVANCED_REQUEST = (
    "[%{uc}t] [R:%L] Request %k on C:%{c}L pid:%P tid:%T",
    "[%{uc}t] [R:%L] UA:'%+{User-Agent}i'",
    "[%{uc}t] [R:%L] Referer:'%+{Referer}i'",
)
ADVANCED_CONNECTION = (r"[%{uc}t] [C:%{c}L] remote\ %a local\ %A",)
COMPACT = r"[%{cu}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i"
WITH_OFFSET = COMPACT.replace("{cu}", "{cuz}")
WITH_IDS = r"[%{u}t] [%-m:%l] [pid %P:tid %{g}T] [%-L] [%-{c}L] %E: [client\ %a] %M"

TALK = ("log", "log", "print", "stderr", "errors", "unicode", "warning", "slow", "fail") + 4 * (
    "hush",
)
SHOP = ("", "", "orders/1/", "orders/3/", "orders/9/", "orders/77/", "report/", "nothing/")
STATIC = ("/index.html", "/missing.css", "/down/feed")
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


Scenario = Callable[[random.Random, Path], Capture]
SCENARIOS: dict[str, Scenario] = {}


def scenario(run: Scenario) -> Scenario:
    """Register a scenario under its function's name."""
    SCENARIOS[run.__name__] = run
    return run


# Zones


@cache
def all_zones() -> tuple[str, ...]:
    """Every geographical zone that Python and libc agree upon, quarters of an hour from UTC."""
    now = datetime.now(UTC)
    return tuple(
        name
        for name in sorted(zoneinfo.available_timezones())
        if "/" in name
        and not name.startswith(("Etc/", "SystemV/", "posix/", "right/"))
        and Path("/usr/share/zoneinfo", name).is_file()
        and not offset(name, now).seconds % 900
    )


def offset(zone: str, at: datetime) -> timedelta:
    """A zone's distance from UTC at an instant."""
    return at.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset() or timedelta()


def draw_zones(rng: random.Random, count: int, *apart_from: str) -> list[str]:
    """Zones with offsets that differ today from one another and from those of given zones."""
    now = datetime.now(UTC)
    taken = {offset(zone, now) for zone in apart_from}
    drawn: list[str] = []
    while len(drawn) < count:
        zone = rng.choice((*all_zones(), "UTC"))
        if offset(zone, now) not in taken:
            taken.add(offset(zone, now))
            drawn.append(zone)
    return drawn


def jumps(zone: str, year: int) -> list[tuple[datetime, timedelta]]:
    """The instants of a year at which a zone's offset changes, and by how much."""
    found = []
    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    while at < end:
        later = at + timedelta(days=1)
        if change := offset(zone, later) - offset(zone, at):
            low, high = at, later
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                middle = middle.replace(microsecond=0)
                low, high = (
                    (middle, high) if offset(zone, middle) == offset(zone, low) else (low, middle)
                )
            found.append((high, change))
        at = later
    return found


def draw_jumping_zone(
    rng: random.Random, year: int, *, forward: bool
) -> tuple[str, datetime, timedelta]:
    """A zone that springs forward or falls back in a year, with the instant and the change."""
    while True:
        zone = rng.choice(all_zones())
        for at, change in jumps(zone, year):
            if (change > timedelta()) == forward and not change.seconds % 900:
                return zone, at, change


# Visits


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
    """Let several browsers visit at the same time, some on connections they keep."""
    deadline = time.monotonic() + seconds

    def one(rng: random.Random) -> None:
        with server.client(tls=tls) as browser:
            while time.monotonic() < deadline:
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
        error_log_format=server.error_log_format,
        happened=" ".join(happened.split()),
        mpm=server.mpm,
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


# Scenarios


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
            browse(server, rng, paths_of(*apps), rng.uniform(0.3, 0.6))
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


@scenario
def spring_forward(rng: random.Random, folder: Path) -> Capture:
    """Apache's zone skips an hour."""
    return over_a_jump("spring_forward", rng, folder, forward=True)


@scenario
def fall_back(rng: random.Random, folder: Path) -> Capture:
    """Apache's zone repeats an hour."""
    return over_a_jump("fall_back", rng, folder, forward=False)
