"""Servers: takes a configuration, gives the main server and each virtual host with their logs.

Inheritance as httpd merges it: a virtual host without an ErrorLog writes to the main server's; its
ErrorLogFormat of each kind replaces the main server's of that kind (server/core.c,
merge_core_server_configs); one CustomLog of its own replaces all of the main server's
(mod_log_config.c, open_multi_logs), `GlobalLog` excepted.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import TypeVar

from parsers.access_log.log_format import COMMON, LogFormat, LogFormatError
from parsers.classes import dataclass
from parsers.config_words import words
from parsers.error_log_format.fields import Kind
from parsers.httpd_conf.config import Config, Directive, Place, Section

#: DEFAULT_ERRORLOG of include/httpd.h.
DEFAULT_ERROR_LOG = "logs/error_log"
_Log = TypeVar("_Log")
_KINDS_OF_LINE: dict[str, Kind] = {"connection": "connection", "request": "request"}


@dataclass(frozen=True, slots=True)
class LogTarget:
    """Where a log goes.

    Attributes:
        kind: `file`, `pipe`, `syslog` or `provider`.
        text: as the directive writes it.
        path: the absolute path of the file; for rotatelogs and its like the path it is given; or
            empty.
        place: the directive's place, None for httpd's default.
    """

    kind: str
    text: str
    path: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class FormatDirective:
    """One ErrorLogFormat.

    Attributes:
        kind: `main`, `connection` or `request`.
        text: the format, unquoted.
        place: where it stands.
    """

    kind: Kind
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class AccessLog:
    """One CustomLog, TransferLog or GlobalLog.

    Attributes:
        target: where it goes.
        format: the LogFormat, its nickname resolved.
        nickname: the LogFormat's name, or empty.
    """

    target: LogTarget
    format: str
    nickname: str


@dataclass(slots=True)
class Server:
    """The main server or one virtual host, with what it inherits.

    Attributes:
        name: the ServerName, else the virtual host's address, else empty.
        address: what `<VirtualHost …>` says; empty for the main server.
        place: where the section begins, None for the main server.
        error_log: where its error log goes.
        error_log_formats: the ErrorLogFormats in force; none of kind `main` means the built-in one.
        access_logs: the access logs in force.
        log_levels: the LogLevel directives in force, main server's first; those that stand in a
            `<Directory>` or `<Location>` of this server last.
    """

    name: str
    address: str
    place: Place | None
    error_log: LogTarget
    error_log_formats: list[FormatDirective] = field(default_factory=list)
    access_logs: list[AccessLog] = field(default_factory=list)
    log_levels: list[Directive] = field(default_factory=list)


def servers(config: Config) -> list[Server]:
    """The main server, then each virtual host, in order."""
    hosts: dict[Section | None, list[Directive]] = {None: []}
    inner: dict[Section | None, list[Directive]] = {}
    for directive in config.directives:
        # What stands in a <Directory> or <Location> is not the server's own.
        host = directive.within("VirtualHost")
        own = hosts.setdefault(host, [])
        if directive.arguments and len(directive.sections) == (host is not None):
            own.append(directive)
        elif directive.name.lower() == "loglevel":
            inner.setdefault(host, []).append(directive)
    main = _server(config, hosts.pop(None), None, None)
    everyone = [main, *(_server(config, own, host, main) for host, own in hosts.items())]
    for host, server in zip((None, *hosts), everyone, strict=True):
        server.log_levels.extend(inner.get(host, ()))
    return everyone


def _server(
    config: Config, own: list[Directive], host: Section | None, main: Server | None
) -> Server:
    names = [d.arguments[0] for d in own if d.name.lower() == "servername"]
    address = host.argument if host else ""
    error_logs = [d for d in own if d.name.lower() == "errorlog"]
    if error_logs:
        error_log = _target(config, error_logs[-1])
    elif main:
        error_log = main.error_log
    else:
        path = config.absolute(DEFAULT_ERROR_LOG)
        error_log = LogTarget("file", DEFAULT_ERROR_LOG, path, None)
    return Server(
        name=names[-1] if names else address,
        address=address,
        place=host.place if host else None,
        error_log=error_log,
        error_log_formats=_error_log_formats(own, main),
        access_logs=_access_logs(config, own, main, host),
        log_levels=[
            *(main.log_levels if main else ()),
            *(d for d in own if d.name.lower() == "loglevel"),
        ],
    )


def _error_log_formats(own: list[Directive], main: Server | None) -> list[FormatDirective]:
    formats = []
    for directive in own:
        if directive.name.lower() != "errorlogformat":
            continue
        first, *rest = directive.arguments
        if rest and (kind := _KINDS_OF_LINE.get(first.lower())):
            formats.append(FormatDirective(kind, rest[0], directive.place))
        else:
            # A later one of kind main replaces an earlier one; the other kinds add up.
            formats = [known for known in formats if known.kind != "main"]
            formats.append(FormatDirective("main", first, directive.place))
    replaced = {known.kind for known in formats}
    inherited = [f for f in (main.error_log_formats if main else ()) if f.kind not in replaced]
    # An empty one only switches inherited ones off (apache.md A1).
    return [*inherited, *(known for known in formats if known.text)]


def _access_logs(
    config: Config, own: list[Directive], main: Server | None, host: Section | None
) -> list[AccessLog]:
    logs = [
        _access_log(config, d, host) for d in own if d.name.lower() in ("customlog", "transferlog")
    ]
    if not logs and main:
        return main.access_logs
    everywhere = [_access_log(config, d, None) for d in config.named("GlobalLog") if d.arguments]
    return [*logs, *everywhere]


def _access_log(config: Config, directive: Directive, host: Section | None) -> AccessLog:
    _, *rest = directive.arguments
    is_named = rest and not rest[0].lower().startswith(("env=", "expr="))  # else a condition
    given = rest[0] if is_named else ""
    nickname = given if "%" not in given else ""
    text = given if "%" in given else access_format(config, nickname, host)
    return AccessLog(_target(config, directive), text, nickname)


def access_format(config: Config, nickname: str = "", host: Section | None = None) -> str:
    """The LogFormat of this nickname; of an empty one the last LogFormat without a name."""
    text = nickname or COMMON
    for directive in config.named("LogFormat"):
        at = directive.within("VirtualHost")
        name = directive.arguments[1] if len(directive.arguments) > 1 else ""
        if directive.arguments and name == nickname and (at is None or at is host):
            text = directive.arguments[0]
    if not nickname and "%" not in text:
        return access_format(config, text, host)
    return text


def _target(config: Config, directive: Directive) -> LogTarget:
    text = directive.arguments[0]
    if text.startswith("|"):
        return LogTarget("pipe", text, _piped_path(config, text), directive.place)
    if text == "syslog" or text.startswith("syslog:"):
        return LogTarget("syslog", text, "", directive.place)
    if ":" in text.split("/", 1)[0]:
        # ErrorLog provider:argument, 2.4.58 and later (mod_journald).
        return LogTarget("provider", text, "", directive.place)
    return LogTarget("file", text, config.absolute(text), directive.place)


def _piped_path(config: Config, text: str) -> str:
    """The file that a piped program such as rotatelogs or cronolog writes, if it names one."""
    _program, *arguments = words(text.lstrip("|$")) or [""]
    for word in arguments:
        if "/" in word and not word.startswith("-") and word != "/dev/null":
            return config.absolute(word)
    return ""


def formats_for(config: Config, log_path: Path | str) -> list[FormatDirective]:
    """The ErrorLogFormats that lines of this error log may have, the likeliest first.

    Servers that share a file may write different formats into it. A rotated file belongs to the log
    it was; a copied one is known by its name, else every format of the configuration may be its.
    An empty list means: only httpd's built-in format.
    """
    everyone = servers(config)
    # Lines that belong to no server take the main server's format since 2.4.58 (PR 62161), and
    # reach its log only.
    return _unique(
        _nearest(config, [(x.error_log.path, x) for x in everyone], log_path) or everyone
    )


@dataclass(frozen=True, slots=True)
class AccessFormats:
    """The LogFormats of a configuration's access logs.

    Attributes:
        config: the configuration.
        logs: (path, LogFormat) of every access log that goes to a file.
    """

    config: Config
    logs: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, config: Config) -> AccessFormats:
        """Those of all servers."""
        logs = (log for server in servers(config) for log in server.access_logs)
        return cls(config, tuple(dict.fromkeys((log.target.path, log.format) for log in logs)))

    def of_log(self, log_path: Path | str) -> list[LogFormat]:
        """The LogFormats that lines of this access log may have, the likeliest first.

        A log is known as in `formats_for`; one that is not is told nothing, nor what no line could
        be read back by.
        """
        written = [(path, (path, text)) for path, text in self.logs]
        # access.log begins as access_json.log does: of several names the longest comes nearest.
        found = sorted(_nearest(self.config, written, log_path), key=lambda one: -len(one[0]))
        formats = []
        for _, text in found:
            with suppress(LogFormatError):
                formats.append(LogFormat.compile(text))
        return formats


def _nearest(config: Config, logs: Sequence[tuple[str, _Log]], log_path: Path | str) -> list[_Log]:
    """Of (configured path, what has it) those that write to this log, or wrote before rotation."""
    path = Path(log_path).absolute()
    for fits in (_is_file, _is_rotated, _has_name):
        if matching := [log for configured, log in logs if fits(config, configured, path)]:
            return matching
    return []


def _unique(chosen: list[Server]) -> list[FormatDirective]:
    return list(dict.fromkeys(known for server in chosen for known in server.error_log_formats))


def _is_file(config: Config, configured: str, path: Path) -> bool:
    if not configured:
        return False
    on_disk = config.on_disk(configured)
    return path in (Path(configured), on_disk) or (
        os.path.realpath(on_disk) == os.path.realpath(path)
    )


def _is_rotated(config: Config, configured: str, path: Path) -> bool:
    if not configured:
        return False
    folders = (Path(configured).parent, config.on_disk(configured).parent)
    here = os.path.realpath(path.parent)
    return here in map(os.path.realpath, folders) and _has_name(config, configured, path)


def _has_name(config: Config, configured: str, path: Path) -> bool:
    # rotatelogs and logrotate put dates and numbers behind or into the name.
    stem = Path(configured).name.split("%", 1)[0].removesuffix(".log").rstrip("._-")
    return bool(configured and stem) and path.name.startswith(stem)
