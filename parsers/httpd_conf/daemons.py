"""Daemons: takes a configuration, gives mod_wsgi's daemon process groups and who runs in them."""

from __future__ import annotations

from parsers.classes import dataclass
from parsers.config_words import next_word
from parsers.httpd_conf.config import Config, Place, Section


@dataclass(frozen=True, slots=True)
class DaemonGroup:
    """One WSGIDaemonProcess.

    Attributes:
        name: the group's name, as `WSGIProcessGroup` and mod_wsgi's messages spell it.
        options: `user`, `home`, `threads`, `python-home` … as written; a bare word has no value.
        place: where it stands.
        server: the virtual host it stands in (its lines go to that ErrorLog), or empty.
        scripts: WSGI scripts that are delegated to it, as far as the directives tell.
    """

    name: str
    options: dict[str, str]
    place: Place
    server: str
    scripts: tuple[str, ...]


def daemon_groups(config: Config) -> list[DaemonGroup]:
    """The daemon process groups, in order."""
    scripts = delegated_scripts(config)
    groups = []
    for directive in config.named("WSGIDaemonProcess"):
        name, rest = next_word(directive.raw)
        host = directive.within("VirtualHost")
        server = host.argument if host else ""
        groups.append(
            DaemonGroup(name, _options(rest), directive.place, server, tuple(scripts.get(name, ())))
        )
    return groups


def delegated_scripts(config: Config) -> dict[str, list[str]]:
    """Scripts by the daemon group they run in; under an empty name those of embedded mode.

    A script that is mounted more than once is one.
    """
    scripts: dict[str, list[str]] = {}
    groups = _groups_by_host(config)
    for alias in config.named("WSGIScriptAlias", "WSGIScriptAliasMatch"):
        if len(alias.arguments) < 2:
            continue
        _, rest = next_word(alias.raw)
        script, rest = next_word(rest)
        inherited = groups.get(alias.within("VirtualHost"), groups.get(None, ""))
        group = _options(rest).get("process-group", inherited)
        theirs = scripts.setdefault("" if group == "%{GLOBAL}" else group, [])
        if script not in theirs:
            theirs.append(script)
    return scripts


def _groups_by_host(config: Config) -> dict[Section | None, str]:
    """The `WSGIProcessGroup` that each virtual host sets; under None the main server's."""
    return {
        directive.within("VirtualHost"): directive.arguments[0]
        for directive in config.named("WSGIProcessGroup")
        if directive.arguments
    }


def _options(text: str) -> dict[str, str]:
    """`key=value` pairs whose value may be quoted by itself (mod_wsgi's wsgi_parse_option)."""
    options = {}
    while text:
        stop = next((at for at, byte in enumerate(text) if byte in "= \t"), len(text))
        key, text = text[:stop], text[stop:]
        value = ""
        if text.startswith("="):
            value, text = next_word(text[1:]) if text[1:2].strip() else ("", text[1:])
        options[key] = value
        text = text.lstrip()
    options.pop("", None)
    return options
