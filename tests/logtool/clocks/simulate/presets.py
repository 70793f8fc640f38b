"""Presets: the kinds of scenario, and how each is varied at random."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from .spec import Group, Spec, jumps_within, zones_of
from .zones import DAY, HOUR, MINUTE, SECOND, directed, jump_in, us

_UTC = (Group("app", ("UTC",)),)
_ONE = (Group("app", ("Europe/Berlin",), 1),)
_TWO = (Group("shop", ("America/New_York",), 3), Group("blog", ("Asia/Kolkata",), 1))
_MONTH = 30 * DAY
#: Jumps of unusual zones, and of zones whose rules changed: kind, zone, year, month.
_RARE_JUMPS = (
    ("Sydney", "Australia/Sydney", 2026, 4),
    ("Lord Howe", "Australia/Lord_Howe", 2026, 4),
    ("St Johns", "America/St_Johns", 2026, 11),
    ("Casablanca", "Africa/Casablanca", 2025, 2),
    ("El Aaiun", "Africa/El_Aaiun", 2025, 4),
    ("Chatham", "Pacific/Chatham", 2026, 9),
    ("Troll", "Antarctica/Troll", 2025, 10),
    ("Pyongyang", "Asia/Pyongyang", 2015, 8),
    ("Caracas", "America/Caracas", 2016, 5),
    ("Moscow", "Europe/Moscow", 2014, 10),
    ("Apia", "Pacific/Apia", 2011, 12),
)


def _across(spec: Spec, zone: str, year: int, month: int) -> Spec:
    """A spec whose log begins a good half of its length before the zone's jump in that month."""
    start_us = jump_in(zone, year, month) * SECOND - spec.span_us * 5 // 9
    return replace(spec, start_us=start_us)


def _presets() -> Iterator[Spec]:
    yield from _quiet_clocks()
    yield from _zones()
    yield from _moving_processes()
    yield from _formats()
    yield from _hostile()
    yield from _harsh()


def _quiet_clocks() -> Iterator[Spec]:
    """Clocks that stand still after birth, under all densities of lines."""
    yield Spec("plain")
    yield Spec("one clock", server_zone="UTC", groups=(Group("app", ("",)),))
    yield Spec("two groups", groups=_TWO, requests=200)
    yield Spec("preloaded", groups=(Group("app", ("Asia/Tokyo",), 3, preload=True),))
    yield Spec("no daemons", groups=())
    yield Spec("rotated", fresh=False, groups=_TWO)
    yield Spec("errors only", fresh=False, level="warn", groups=_TWO)
    yield Spec("debug", level="debug", groups=_TWO)
    yield Spec("sparse", rhythm="sparse", requests=7, span_us=_MONTH, groups=_TWO)
    yield Spec("sparse errors", rhythm="sparse", requests=25, span_us=_MONTH, level="warn")
    yield Spec("office", rhythm="office", span_us=21 * DAY, requests=150, groups=_TWO)
    yield Spec("bursts", rhythm="bursts", span_us=3 * DAY, requests=200, groups=_TWO)
    yield Spec(
        "regular job", rhythm="regular", span_us=3 * DAY, requests=60, plain=0.0, groups=_ONE
    )
    late = (Group("app", ("UTC",)), Group("report", ("Asia/Tokyo",), 1, late=True))
    yield Spec("late", groups=late, requests=200)
    yield Spec("late errors", groups=late, requests=200, level="warn", fresh=False)


def _zones() -> Iterator[Spec]:
    """Zones that jump within the log, and zones with rare offsets."""
    day = 36 * HOUR
    for spec, month in (
        (Spec("spring", span_us=day), 3),
        (Spec("autumn", span_us=day), 10),
        (Spec("autumn hour", span_us=4 * HOUR, requests=300), 10),
        (Spec("autumn sparse", span_us=_MONTH, requests=15, rhythm="sparse"), 10),
        (Spec("autumn alone", span_us=6 * HOUR, requests=200, groups=()), 10),
        (Spec("pidless 2.2 autumn", span_us=day, requests=160, layouts=("2.2",)), 10),
    ):
        yield _across(spec, "Europe/Berlin", 2026, month)
    york = "America/New_York"
    apps = (Group("shop", (york,), 2), Group("blog", ("UTC",), 1))
    yield Spec(
        "autumn twice", groups=apps, start_us=us(2026, 10, 22), span_us=14 * DAY, requests=300
    )
    app = Spec("autumn app", server_zone="UTC", groups=_TWO, span_us=day)
    embedded = Spec("autumn embedded", groups=(), embedded=(york,), span_us=day)
    yield _across(app, york, 2026, 11)
    yield _across(embedded, york, 2026, 11)
    for kind, zone, year, month in _RARE_JUMPS:
        groups = (Group("app", (zone,)),)
        spec = Spec(kind, server_zone="UTC", groups=groups, requests=160, span_us=2 * DAY)
        yield _across(spec, zone, year, month)
    yield Spec("Kathmandu", groups=(Group("app", ("Asia/Kathmandu",)),))
    far = (Group("app", ("Pacific/Kiritimati",)),)
    yield Spec("Kiritimati", server_zone="Pacific/Honolulu", groups=far)


def _moving_processes() -> Iterator[Spec]:
    """Processes that change their clocks, and processes that come and go."""
    fight = ("Europe/Berlin", "America/Los_Angeles")
    yield Spec("embedded", groups=(), embedded=("Asia/Tokyo",), requests=160)
    yield Spec("embedded two", groups=(), embedded=fight, server_zone="UTC", requests=200)
    yield Spec("embedded and daemons", groups=_UTC, embedded=("Asia/Tokyo",), requests=200)
    yield Spec("flip once", groups=(Group("app", fight, 2),), server_zone="UTC", requests=160)
    often = Group("app", fight, 2, flips=True)
    yield Spec("flips", groups=(often,), server_zone="UTC", requests=160)
    yield Spec("flips in bursts", groups=(often,), server_zone="UTC", rhythm="bursts", requests=250)
    yield Spec("graceful", groups=_TWO, restarts=("graceful", "graceful"))
    yield Spec("hard", groups=_TWO, restarts=("hard",))
    yield Spec("stopped", groups=_TWO, restarts=("stop",))
    yield Spec("moved", groups=_UTC, restarts=("stop",), moved_zone="UTC")
    yield Spec("children renewed", embedded=("Asia/Tokyo",), turnover=12)
    yield Spec("pid reuse", groups=_TWO, turnover=8, pid_reuse=True, restarts=("hard", "graceful"))
    restless = Group("app", ("Asia/Kolkata",), 3, maximum_requests=9)
    yield Spec("maximum requests", groups=(restless,), requests=250)
    yield Spec(
        "maximum requests, pid reuse", groups=(restless,), requests=250, pid_reuse=True
    )  # fmt: skip
    yield Spec("mod_wsgi 6", groups=_TWO, mod_wsgi=6, restarts=("graceful",))


def _formats() -> Iterator[Spec]:
    """Other layouts than the built-in one of today."""
    for layout in ("pthread", "cu", "cm", "manual", "seconds", "wsgi", "ids", "ids-hyphen"):
        yield Spec(f"format {layout}", groups=_TWO, layouts=(layout,), turnover=2)
    for layout in ("2.2", "2.2-like", "no-pid", "ids-no-pid"):
        yield Spec(f"pidless {layout}", groups=_UTC, layouts=(layout,), requests=160)
    yield Spec("pidless 2.2, two groups", groups=_TWO, layouts=("2.2",), requests=160)
    yield Spec("prefork", groups=_TWO, layouts=("pthread",), threaded=False)
    yield Spec("prefork manual", groups=_TWO, layouts=("manual",), threaded=False)
    yield Spec("unique ids", groups=_TWO, layouts=("ids",), unique_id=True)
    yield Spec("written", groups=_TWO, layouts=("cuz",))
    yield Spec("written later", groups=_TWO, layouts=("built-in", "uz"), restarts=("graceful",))
    yield Spec("written once", groups=_TWO, layouts=("uz", "built-in"), restarts=("hard",))
    written = (Group("shop", ("America/New_York",), 2, layout="cuz"), *_UTC)
    yield Spec("written by a host", groups=written)


def _hostile() -> Iterator[Spec]:
    """Lines that are late, torn, or lie."""
    yield Spec("races", groups=_TWO, rhythm="bursts", race_us=20_000, requests=300)
    yield Spec("raw", groups=_TWO, spills=0.1)
    yield Spec("glued", groups=_TWO, glued=0.02)
    yield Spec("forged", groups=_TWO, forged=0.03)
    for inner in ("iso", "utc", "asctime"):
        yield Spec(f"inner {inner}", groups=_TWO, inner=inner)


def _harsh() -> Iterator[Spec]:
    """What servers do that are deployed to by cron, run in containers, or have wrong clocks."""
    three = ("Asia/Kolkata", "Europe/Berlin", "Australia/Sydney")
    hourly = Spec(
        "deployed hourly", groups=_TWO, restarts=("graceful",) * 5, every_us=HOUR, slow=0.1,
        linger_us=5 * MINUTE,
    )  # fmt: skip
    yield hourly
    yield replace(hourly, kind="deployed hourly, errors", level="warn", fresh=False)
    yield replace(
        hourly, kind="deployed hourly, embedded", groups=(), embedded=three, server_zone="UTC"
    )
    yield Spec("container", groups=_TWO, restarts=("stop", "stop"), container=True)
    lazy = Group("app", ("Asia/Kolkata",), 2, lazy=3)
    yield Spec("third request", groups=(lazy,), restarts=("graceful",))
    yield Spec("three by turns", groups=(Group("app", three, 2, flips=True),), server_zone="UTC")
    turns = Spec("embedded by turns", groups=(), embedded=three, embedded_flips=True, turnover=3)
    yield replace(turns, server_zone="UTC")
    yield replace(turns, kind="embedded by turns, errors", level="warn", fresh=False)
    both = Spec("both hemispheres", groups=(Group("app", ("America/Mexico_City",)),), requests=200)
    both = replace(both, server_zone="Australia/Sydney", span_us=36 * HOUR)
    yield _across(both, "Australia/Sydney", 2022, 4)
    quiet = Spec("quiet night", span_us=36 * HOUR, quiet_us=90 * MINUTE)
    yield _across(quiet, "Europe/Berlin", 2026, 10)
    yield Spec("set back", groups=_TWO, steps_us=(-40 * MINUTE,), requests=200)
    yield Spec("set back a little", groups=_TWO, steps_us=(-2 * MINUTE,), requests=200)
    yield Spec("suspended", groups=_TWO, steps_us=(5 * HOUR,), requests=200)


PRESETS: dict[str, Spec] = {spec.kind: spec for spec in _presets()}

#: Zones whose clocks jump in most years.
JUMPING = (
    "Europe/Berlin", "Europe/London", "Europe/Lisbon", "Europe/Athens", "America/New_York",
    "America/Chicago", "America/Los_Angeles", "America/St_Johns", "America/Halifax",
    "Australia/Sydney", "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Auckland",
    "Pacific/Chatham", "America/Santiago", "Africa/Casablanca",
)  # fmt: skip
#: Zones whose clocks stand still in most years.
STANDING = (
    "UTC", "UTC", "UTC", "Asia/Kolkata", "Asia/Tokyo", "Asia/Kathmandu", "Asia/Dubai",
    "Australia/Brisbane", "Australia/Darwin", "Australia/Eucla", "Pacific/Kiritimati",
    "Asia/Tehran", "Pacific/Honolulu", "Pacific/Marquesas", "America/Sao_Paulo", "America/Phoenix",
    "Africa/Johannesburg", "Asia/Yangon", "Asia/Shanghai", "Europe/Moscow", "Europe/Istanbul",
)  # fmt: skip
_YEARS = (2013, 2026)
_LAYOUTS = ("built-in", "built-in", "pthread", "cu", "cm", "manual", "wsgi")


def varied(spec: Spec, rng: Random) -> Spec:
    """A spec of the same kind with other zones, dates, numbers and, if it had none, a layout."""
    spec = replace(spec, span_us=int(spec.span_us * rng.choice((0.5, 1, 1, 2))))
    first = jumps_within(spec)
    if not first:
        zones = zones_of(spec)
        spec = _in_zones(
            spec, dict(zip(zones, rng.sample(JUMPING + STANDING, len(zones)), strict=True))
        )
        start_us = us(rng.randint(*_YEARS), 1, 1) + rng.randrange(365 * DAY)
    elif rng.random() < 0.3:
        start_us = spec.start_us - rng.randrange(30 * MINUTE)
    else:
        spec, start_us = _other_jump(spec, rng, forward=first[0][1])
    layouts = (rng.choice(_LAYOUTS),) if spec.layouts == ("built-in",) else spec.layouts
    return replace(
        spec,
        start_us=start_us,
        requests=max(1, int(spec.requests * rng.uniform(0.3, 1.5))),
        children=rng.randint(1, 5),
        threaded=spec.threaded and rng.random() < 0.8,
        layouts=layouts,
        tls=rng.choice((0.0, 0.5, 1.0)),
        plain=rng.choice((0.0, 0.2, 0.6)),
        fresh=spec.fresh and rng.random() < 0.8,
        race_us=max(spec.race_us, rng.choice((50, 300, 5000))),
    )


def _other_jump(spec: Spec, rng: Random, *, forward: bool) -> tuple[Spec, int]:
    """A spec in other zones, one of which jumps in the same direction within the log; its start."""
    old = zones_of(spec)
    while True:
        new = [
            rng.choice(STANDING) if zone == "UTC" else other
            for zone, other in zip(old, rng.sample(JUMPING, len(old)), strict=True)
        ]
        year = rng.randint(*_YEARS)
        near = [j for zone in new for j, ahead in directed(zone, year) if ahead == forward]
        if near:
            start_us = rng.choice(near) * SECOND - int(spec.span_us * rng.uniform(0.2, 0.8))
            return _in_zones(spec, dict(zip(old, new, strict=True))), start_us


def _in_zones(spec: Spec, zones: dict[str, str]) -> Spec:
    zones = {"": "", **zones}
    return replace(
        spec,
        server_zone=zones[spec.server_zone],
        moved_zone=zones[spec.moved_zone],
        embedded=tuple(zones[zone] for zone in spec.embedded),
        groups=tuple(replace(g, zones=tuple(zones[z] for z in g.zones)) for g in spec.groups),
    )


def random_spec(rng: Random) -> Spec:
    """A varied spec of any kind."""
    return varied(PRESETS[rng.choice(list(PRESETS))], rng)
