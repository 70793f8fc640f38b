"""Config advice: takes an Apache configuration, gives what to change so that clocks agree.

As the mod_wsgi documentation has it ("Timezones and the Apache Error Log"), corrected where httpd's
source says otherwise: start Apache in the application's zone, write the offset into each line, give
each zone its own daemon group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logtool.formats.lints import BUILT_IN_WITH_OFFSET, OFFSET_SINCE, has_offset
from parsers.classes import dataclass
from parsers.error_log_format.better import directive_line
from parsers.error_log_format.fields import Directive, FormatError, parse
from parsers.httpd_conf import (
    Config,
    FormatDirective,
    daemon_groups,
    servers,
    units_of,
    zone_for,
    zone_settings,
)
from parsers.httpd_conf.daemons import delegated_scripts


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to change, or to know.

    Attributes:
        kind: `zone`, `zone-ineffective`, `format`, `offset`, `strftime`, `pid`, `groups`,
            `embedded`, `limits`.
        text: what and why, in sentences.
        lines: what to write, ready to copy.
        place: `file:line` of what it is about, or empty.
    """

    kind: str
    text: str
    lines: tuple[str, ...] = ()
    place: str = ""


def advise(config: Config) -> list[Advice]:
    """What to change, the most effective first."""
    return [
        *_zone(config),
        *_formats(config),
        *_groups(config),
        *_ineffective(config),
        Advice(
            "limits",
            "What does not help: no ErrorLogFormat and no LogFormat makes processes agree; "
            "each process writes its own local time. An offset only shows which.",
        ),
    ]


def _zone(config: Config) -> Iterator[Advice]:
    known = zone_for(config)
    if known is None:
        yield Advice(
            "zone",
            "Nothing sets TZ, so Apache starts in the host's zone. Start it in the zone your "
            "application sets (Django: TIME_ZONE), then all processes stamp their lines alike. "
            "A reload does not change it: restart Apache.",
            _zone_lines(config, "UTC"),
        )
        return
    zone, where = known
    yield Advice(
        "zone",
        f"Apache starts in {zone}. An application that sets another zone moves its daemon's "
        "lines only; the two agree if TZ is the application's zone (Django: TIME_ZONE).",
        place=where,
    )


def _zone_lines(config: Config, zone: str) -> tuple[str, ...]:
    if config.environment_file:
        return (f"# {config.environment_file}", f"export TZ={zone}")
    units = [unit.removesuffix(".service") for unit in units_of(config)]
    which = f"{units[0]} (Debian, SUSE) or {units[1]} (Red Hat, Arch)" if units[1:] else units[0]
    return (f"# systemctl edit {which}", "[Service]", f"Environment=TZ={zone}")


def _formats(config: Config) -> Iterator[Advice]:
    everyone = servers(config)
    formats = dict.fromkeys(f for server in everyone for f in server.error_log_formats)
    if any(all(f.kind != "main" for f in server.error_log_formats) for server in everyone):
        yield Advice(
            "offset",
            "httpd's built-in format writes no offset. This one is like it, with a compact "
            f"time and its offset (httpd {OFFSET_SINCE} and later).",
            (directive_line(BUILT_IN_WITH_OFFSET, "main"),),
        )
    for known in formats:
        yield from _one_format(known)


def _one_format(known: FormatDirective) -> Iterator[Advice]:
    place = str(known.place)
    kind = known.kind
    try:
        directives = parse(known.text, kind).directives()
    except FormatError as fault:
        yield Advice("format", f"httpd refuses this ErrorLogFormat: {fault.reason}.", (), place)
        return
    times = [directive for directive in directives if directive.item.letter == "t"]
    if times and not any(has_offset(time.argument or "") for time in times):
        rewritten = _with_offset(known.text, directives)
        mistaken = "%" in (times[0].argument or "")
        text = (
            "A % inside the braces makes httpd hand the text to strftime, which writes no offset "
            "here; options stand in the braces alone."
            if mistaken
            else "The time has no offset; z appends it, after c and u."
        )
        line = directive_line(rewritten, kind)
        told = f"{text} (httpd {OFFSET_SINCE} and later)"
        yield Advice("strftime" if mistaken else "offset", told, (line,), place)
    if kind == "main" and not any(directive.item.letter == "P" for directive in directives):
        yield Advice(
            "pid",
            "Lines carry no pid (%P), so processes, and their clocks, are hard to tell apart.",
            place=place,
        )


def _with_offset(text: str, directives: Sequence[Directive]) -> str:
    """The format with its first time written by Apache itself, offset and all."""
    # Pieces such as %{%F}t\ %{%T}t make one time together.
    places = [at for at, directive in enumerate(directives) if directive.item.letter == "t"]
    first = last = places[0]
    while last + 1 in places:
        last += 1
    argument = "".join(directives[at].argument or "" for at in places)
    fraction = "m" if "m" in argument and "u" not in argument else "u"
    letters = "cuz" if "%" in argument else f"c{fraction}z" if "c" in argument else f"{fraction}z"
    # A Z behind the time said UTC.
    rest = text[directives[last].end :].removeprefix("Z")
    return f"{text[: directives[first].at]}%{{{letters}}}t{rest}"


def _groups(config: Config) -> Iterator[Advice]:
    groups = daemon_groups(config)
    for group in groups:
        if len(group.scripts) > 1:
            yield Advice(
                "groups",
                f"{len(group.scripts)} scripts share the daemon group '{group.name}'. TZ belongs "
                "to the process: if they set different zones, the last to load wins. Give each "
                "zone its own WSGIDaemonProcess.",
                place=str(group.place),
            )
    embedded = delegated_scripts(config).get("", [])
    if embedded and "wsgi" in config.modules:
        yield Advice(
            "embedded",
            f"{embedded[0]} runs inside Apache's children (embedded mode). If it sets a zone, "
            "the children's own lines and the access log move too. Delegate it to a daemon "
            "group: WSGIDaemonProcess and WSGIProcessGroup.",
        )


def _ineffective(config: Config) -> Iterator[Advice]:
    for setting in zone_settings(config):
        if not setting.effective:
            yield Advice("zone-ineffective", f"{setting.why}.", place=str(setting.place))
