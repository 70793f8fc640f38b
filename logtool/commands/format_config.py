"""`errlog format config`: what an Apache configuration says of logs and zones."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from logtool.clocks.telling.config_advice import Advice, advise
from logtool.commands.output import open_output
from logtool.errors import ReadError
from logtool.people.terminal import safe, safe_json
from parsers.httpd_conf import (
    Config,
    ConfigError,
    Directive,
    LogTarget,
    Server,
    daemon_groups,
    find_config,
    read_config,
    servers,
    zone_for,
    zone_settings,
)
from parsers.httpd_conf.reading import USUAL_PLACES

_WIDTH = 78
_MOST_NOTES = 20


@click.command("config")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def command(path: Path | None, as_json: bool) -> int:
    """Show logs, formats and zones of an Apache configuration.

    PATH is httpd.conf, apache2.conf or their folder; without it the usual places are tried.
    Everything included is followed; nothing is executed. Daemon groups are shown too, and at last
    what to change so that all lines of an error log can be told apart, or agree.
    """
    config = _config(path)
    if as_json:
        text = safe_json(json.dumps(_as_data(config), indent=2, ensure_ascii=False)) + "\n"
    else:
        text = "".join(f"{safe(line)}\n" for line in _as_text(config))
    with open_output(None) as output:
        output.write(text.encode("utf-8", "surrogateescape"))
    return 0


def _config(path: Path | None) -> Config:
    path = path or find_config()
    if path is None:
        places = "\n  ".join(USUAL_PLACES)
        raise ReadError(f"no Apache configuration in the usual places; name one:\n  {places}")
    try:
        return read_config(path)
    except ConfigError as fault:
        raise ReadError(str(fault)) from fault


def _as_data(config: Config) -> dict[str, object]:
    """The report as plain data, the same facts as the text."""
    zone = zone_for(config)
    return {
        "config": config.path,
        "server_root": config.server_root,
        "files": len(config.files),
        "mpm": config.mpm,
        "environment_file": config.environment_file,
        "zone": {"tz": zone[0], "where": zone[1]} if zone else None,
        "zone_settings": [
            {"tz": s.zone, "where": str(s.place), "effective": s.effective, "why": s.why}
            for s in zone_settings(config)
        ],
        "servers": [_server_data(server) for server in servers(config)],
        "daemon_groups": [
            {
                "name": group.name,
                "where": str(group.place),
                "server": group.server,
                "options": group.options,
                "scripts": list(group.scripts),
            }
            for group in daemon_groups(config)
        ],
        "advice": [
            {"kind": a.kind, "text": a.text, "lines": list(a.lines), "where": a.place}
            for a in advise(config)
        ],
        "notes": [{"text": note.text, "where": str(note.place)} for note in config.notes],
    }


def _server_data(server: Server) -> dict[str, object]:
    return {
        "name": server.name,
        "virtual_host": server.address,
        "where": str(server.place) if server.place else "",
        "error_log": _target_data(server.error_log),
        "error_log_formats": [
            {"kind": f.kind, "format": f.text, "where": str(f.place)}
            for f in server.error_log_formats
        ],
        "access_logs": [
            {**_target_data(log.target), "format": log.format, "nickname": log.nickname}
            for log in server.access_logs
        ],
        "log_level": [
            {"level": _level_text(level), "where": str(level.place)} for level in server.log_levels
        ],
    }


def _target_data(target: LogTarget) -> dict[str, str]:
    where = str(target.place) if target.place else "httpd's default"
    return {"kind": target.kind, "to": target.text, "path": target.path, "where": where}


def _as_text(config: Config) -> Iterator[str]:
    """The report in lines of at most 79 columns, unless a path alone is longer."""
    everyone = servers(config)
    yield from _paragraph(
        f"{config.path}: {_count(len(config.files), 'file')}, "
        f"{_count(len(everyone) - 1, 'virtual host')}, MPM {config.mpm or 'built in'}"
    )
    yield ""
    yield from _zone_text(config)
    for server in everyone:
        yield ""
        yield from _server_text(server, everyone[0])
    for group in daemon_groups(config):
        yield ""
        options = " ".join(
            f"{key}={value}" if value else key for key, value in group.options.items()
        )
        yield from _fact("Daemon group", f"{group.name} {options}".rstrip(), str(group.place))
        for script in group.scripts:
            yield from _fact("  runs", script)
    yield ""
    yield "What to change"
    for number, advice in enumerate(advise(config), start=1):
        yield from _advice_text(number, advice)
    if config.notes:
        yield ""
        yield "Notes"
        for note in config.notes[:_MOST_NOTES]:
            yield from _paragraph(f"{note.place}: {note.text}", "  ")
        if len(config.notes) > _MOST_NOTES:
            yield f"  and {len(config.notes) - _MOST_NOTES} more"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _level_text(level: Directive) -> str:
    """A LogLevel's arguments, and the section it counts in where that is not a whole server."""
    words = " ".join(level.arguments)
    section = level.sections[-1] if level.sections else None
    if section is None or section.name.lower() == "virtualhost":
        return words
    return f"{words} in <{section.name} {section.argument}>"


def _zone_text(config: Config) -> Iterator[str]:
    settings = zone_settings(config)
    if not any(setting.effective for setting in settings):
        yield from _fact("Apache's TZ", "not set: the host's zone")
    for setting in settings:
        label = "Apache's TZ" if setting.effective else "  not in force"
        yield from _fact(label, f"{setting.zone or '?'} ({setting.why})", str(setting.place))


def _server_text(server: Server, main: Server) -> Iterator[str]:
    if server.place:
        address = f" ({server.address})" if server.address != server.name else ""
        yield from _fact("Virtual host", f"{server.name}{address}", str(server.place))
    else:
        yield "Main server"
    if server is main or server.error_log != main.error_log:
        log = server.error_log
        where = str(log.place) if log.place else "httpd's default"
        yield from _fact("  ErrorLog", log.text, where)
    inherited = main.error_log_formats if server is not main else []
    formats = [f for f in server.error_log_formats if f not in inherited]
    if server is main and all(f.kind != "main" for f in server.error_log_formats):
        yield from _fact("  ErrorLogFormat", "none: httpd's built-in format")
    for known in formats:
        kind = "" if known.kind == "main" else f"{known.kind} "
        yield from _fact("  ErrorLogFormat", f'{kind}"{known.text}"', str(known.place))
    for level in server.log_levels:
        if server is main or level not in main.log_levels:
            yield from _fact("  LogLevel", _level_text(level), str(level.place))
    if server is main or server.access_logs is not main.access_logs:
        for access in server.access_logs:
            name = access.nickname or f'"{access.format}"'
            text = f"{access.target.text} {name}"
            yield from _fact("  CustomLog", text, str(access.target.place))


def _fact(label: str, text: str, where: str = "") -> Iterator[str]:
    """A label, what it says, and below it where it stands."""
    indent = " " * 18
    lines = _wrapped(text, _WIDTH - len(indent)) or [""]
    yield f"{label:<18}{lines[0]}"
    yield from (indent + line for line in lines[1:])
    if where:
        yield f"{indent}{where}"


def _advice_text(number: int, advice: Advice) -> Iterator[str]:
    first, *rest = _wrapped(advice.text, _WIDTH - 5)
    yield f"{number:>3}. {first}"
    yield from ("     " + line for line in rest)
    if advice.place:
        yield f"     {advice.place}"
    for line in advice.lines:
        yield from _continued(line)


def _paragraph(text: str, indent: str = "") -> Iterator[str]:
    yield from (indent + line for line in _wrapped(text, _WIDTH - len(indent)))


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _continued(line: str) -> Iterator[str]:
    """A directive cut into lines that httpd joins again: a backslash ends each but the last."""
    # The lines begin at the margin: httpd keeps the blanks before a continued line.
    while len(line) > _WIDTH:
        cut = line.rfind(" ", 1, _WIDTH - 1)
        # A cut behind an escaped blank would leave two backslashes, which end no line.
        while cut > 0 and line[cut - 1] == "\\":
            cut = line.rfind(" ", 1, cut - 1)
        if cut <= 0:
            break
        yield line[:cut] + "\\"
        line = line[cut:]
    yield line
