"""Apache's configuration: takes a path, gives every directive in force and what it says of logs.

Nothing is executed and nothing is written: files are read, the shell's `envvars` too only as data.

    envvars.py       the environment Apache is started with, from shell assignments
    conditions.py    <IfModule>, <IfDefine>, <IfVersion>, <IfFile>
    config.py        what has been read: directives, their places, notes
    reading.py       files, Include, Define, sections, macros → directives with their place
    servers.py       directives → main server and virtual hosts: logs, formats, levels
    daemons.py       directives → mod_wsgi's daemon process groups
    units.py         systemd's units of Apache → its environment
    zone.py          where TZ is set, and where it only seems to be
"""

from parsers.httpd_conf.config import Config, ConfigError, Directive, Note, Place
from parsers.httpd_conf.daemons import DaemonGroup, daemon_groups
from parsers.httpd_conf.reading import find_config, read_config
from parsers.httpd_conf.servers import (
    AccessFormats,
    AccessLog,
    FormatDirective,
    LogTarget,
    Server,
    access_format,
    formats_for,
    servers,
)
from parsers.httpd_conf.zone import ZoneSetting, units_of, zone_for, zone_settings

__all__ = [
    "AccessFormats",
    "AccessLog",
    "Config",
    "ConfigError",
    "DaemonGroup",
    "Directive",
    "FormatDirective",
    "LogTarget",
    "Note",
    "Place",
    "Server",
    "ZoneSetting",
    "access_format",
    "daemon_groups",
    "find_config",
    "formats_for",
    "read_config",
    "servers",
    "units_of",
    "zone_for",
    "zone_settings",
]
