"""Zone: takes a configuration, gives where TZ is set for Apache, and where it only seems to be."""

from __future__ import annotations

from pathlib import Path

from parsers.classes import dataclass
from parsers.httpd_conf.config import Config, Place
from parsers.httpd_conf.units import UNITS, UnitVariable, read_unit, units_on

#: Folders of configurations that the host's own unit starts, and the unit's name.
_UNIT_OF_FOLDER = {"etc/apache2": "apache2.service", "etc/httpd": "httpd.service"}
#: Directives that set a variable for requests, not for the process: modules/metadata/mod_env.c and
#: mod_setenvif.c fill r->subprocess_env, which localtime() never sees.
_REQUEST_DIRECTIVES = ("SetEnv", "PassEnv", "SetEnvIf", "SetEnvIfNoCase")


@dataclass(frozen=True, slots=True)
class ZoneSetting:
    """One place that says TZ.

    Attributes:
        zone: what it sets TZ to; empty where that is not known.
        place: where it stands.
        effective: whether Apache's processes are started with it.
        why: what it does, or why it does nothing.
    """

    zone: str
    place: Place
    effective: bool
    why: str


def zone_settings(config: Config) -> list[ZoneSetting]:
    """Every place that says TZ, the one that counts first."""
    return [*_from_environment(config), *_from_unit(config), *_from_directives(config)]


def zone_for(config: Config) -> tuple[str, str] | None:
    """The zone Apache is started in and where that is written, or None if nothing says so."""
    for setting in zone_settings(config):
        if setting.effective:
            return setting.zone, str(setting.place)
    return None


def _from_environment(config: Config) -> list[ZoneSetting]:
    variable = config.environment.get("TZ")
    if variable is None:
        return []
    place = Place(config.environment_file, variable.line)
    if not variable.certain:
        return [ZoneSetting("", place, False, "set under a condition: not known")]
    if variable.value is None:
        return [ZoneSetting("", place, False, "set to a command's output: not known")]
    if not variable.exported and "TZ" not in _unit_variables(config):
        return [ZoneSetting(variable.value, place, False, "not exported: Apache does not see it")]
    return [ZoneSetting(variable.value, place, True, "exported to Apache when apachectl starts it")]


def _from_unit(config: Config) -> list[ZoneSetting]:
    variable = _unit_variables(config).get("TZ")
    if variable is None:
        return []
    over = config.environment.get("TZ")
    hidden = over is not None and over.certain and over.value is not None
    why = "set for the service, but envvars sets it anew" if hidden else "set for the service"
    return [ZoneSetting(variable.value, variable.place, not hidden, why)]


def units_of(config: Config) -> list[str]:
    """The units of systemd that may start Apache with a configuration, by all that is known."""
    unit = _unit_of(config)
    return [unit] if unit else units_on(config.root) or [*UNITS]


def _unit_of(config: Config) -> str:
    folders = (f for f in _UNIT_OF_FOLDER if Path(config.path).is_relative_to(config.root / f))
    return _UNIT_OF_FOLDER.get(next(folders, ""), "")


def _unit_variables(config: Config) -> dict[str, UnitVariable]:
    unit = _unit_of(config)
    return read_unit(config.root, unit).variables if unit else {}


def _from_directives(config: Config) -> list[ZoneSetting]:
    settings = []
    for directive in config.named(*_REQUEST_DIRECTIVES):
        words = directive.arguments
        if "setenvif" in directive.name.lower():
            words = tuple(word for word in words[2:] if word.partition("=")[0] == "TZ")
        if directive.name.lower() == "passenv" and "TZ" in words:
            zone = ""
        elif words and words[0].partition("=")[0] == "TZ":
            zone = words[1] if len(words) > 1 else words[0].partition("=")[2]
        else:
            continue
        why = f"{directive.name} sets a request's variable, not the process's TZ"
        settings.append(ZoneSetting(zone, directive.place, False, why))
    return settings
