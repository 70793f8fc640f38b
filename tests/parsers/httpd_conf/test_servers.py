"""Logs and formats of each server, inherited as httpd merges them."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.httpd_conf import AccessFormats, daemon_groups, formats_for, read_config, servers
from tests.parsers.httpd_conf.conftest import Write


def test_debian_virtual_host(debian: Path) -> None:
    """A virtual host's own logs, formats and levels, with nickname and variables resolved."""
    main, host = servers(read_config(debian / "etc/apache2", root=debian))
    assert main.error_log.path == "/var/log/apache2/error.log"
    assert main.error_log_formats == []
    assert (host.name, host.address) == ("app.example", "*:443")
    assert (host.error_log.kind, host.error_log.path) == (
        "pipe",
        "/var/log/apache2/app-error.%Y%m%d",
    )
    assert [(f.kind, f.text) for f in host.error_log_formats] == [
        ("main", "[%{cu}t] [%-m:%l] [pid %P] %M"),
        ("request", "[%{uc}t] [R:%L]"),
    ]
    (access,) = host.access_logs
    assert access.format == '%h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"'
    assert access.nickname == "combined"
    assert [d.raw for d in host.log_levels] == ["warn", "info ssl:warn"]


def test_red_hat(red_hat: Path) -> None:
    """A virtual host inherits the main server's ErrorLogFormat; TransferLog writes the default."""
    main, host = servers(read_config(red_hat / "etc/httpd"))
    assert main.error_log.path == "/etc/httpd/logs/error_log"
    assert host.error_log_formats == main.error_log_formats
    assert [log.format for log in host.access_logs] == [
        '%h %l %u %t "%r" %>s %b',
        '%t %h %{SSL_PROTOCOL}x "%r" %b',
    ]


def test_defaults(write: Write) -> None:
    """Without an ErrorLog there is httpd's own."""
    (main,) = servers(read_config(write({"conf/httpd.conf": "ServerRoot /opt/h"}) / "conf"))
    assert (main.error_log.path, main.error_log.place) == ("/opt/h/logs/error_log", None)


@pytest.mark.parametrize(
    ("own", "kinds"),
    [
        ("", ["request:r", "main:m"]),
        ('ErrorLogFormat "v"', ["request:r", "main:v"]),
        ('ErrorLogFormat request ""', ["main:m"]),
        (
            'ErrorLogFormat request "a"\nErrorLogFormat REQUEST "b"',
            ["main:m", "request:a", "request:b"],
        ),
    ],
)
def test_format_inheritance(write: Write, own: str, kinds: list[str]) -> None:
    """Each kind of ErrorLogFormat replaces the main server's of that kind only."""
    text = (
        'ErrorLogFormat "x"\nErrorLogFormat request "r"\nErrorLogFormat "m"\n'
        f"<VirtualHost *>\nErrorLog v.log\n{own}\n</VirtualHost>"
    )
    _, host = servers(read_config(write({"conf/httpd.conf": text}) / "conf"))
    assert [f"{f.kind}:{f.text}" for f in host.error_log_formats] == kinds


@pytest.mark.parametrize(
    ("log", "texts"),
    [
        ("/var/log/apache2/error.log", []),
        ("/var/log/apache2/error.log.3.gz", []),
        (
            "/var/log/apache2/app-error.20260605",
            ["[%{cu}t] [%-m:%l] [pid %P] %M", "[%{uc}t] [R:%L]"],
        ),
        ("/tmp/copied/app-error.20260605", ["[%{cu}t] [%-m:%l] [pid %P] %M", "[%{uc}t] [R:%L]"]),
        ("/tmp/whatever", ["[%{cu}t] [%-m:%l] [pid %P] %M", "[%{uc}t] [R:%L]"]),
    ],
)
def test_formats_for(debian: Path, log: str, texts: list[str]) -> None:
    """A log is told its formats by its path, as rotated, or by its name."""
    config = read_config(debian / "etc/apache2", root=debian)
    assert [known.text for known in formats_for(config, log)] == texts


def test_access_logs(write: Write) -> None:
    """A host's own LogFormat comes before the main server's of that name. A condition is none."""
    text = (
        'LogFormat "%h main" x\n<VirtualHost *:1>\nLogFormat "%h own" x\nCustomLog /a x\n'
        'CustomLog /b "%t" expr=1\nCustomLog /c x env=!q\nCustomLog /e EXPR=1\n</VirtualHost>\n'
        "<VirtualHost *:2>\nCustomLog /d x\n</VirtualHost>"
    )
    _, first, second = servers(read_config(write({"conf/httpd.conf": text}) / "conf"))
    logs = [*first.access_logs, *second.access_logs]
    assert [(log.target.path, log.format, log.nickname) for log in logs] == [
        ("/a", "%h own", "x"),
        ("/b", "%t", ""),
        ("/c", "%h own", "x"),
        ("/e", '%h %l %u %t "%r" %>s %b', ""),
        ("/d", "%h main", "x"),
    ]


@pytest.mark.parametrize(
    ("log", "texts"),
    [
        ("/l/access.log", ["%{sec}t"]),
        ("/l/access.log.1", ["%{sec}t"]),
        ("/copied/access_json.log", ["%{msec}t %a", "%{sec}t"]),
        ("/l/piped.20260605", ["%{usec}t"]),
        ("/l/refused.log", []),
        ("/l/other.log", []),
    ],
)
def test_access_formats(write: Write, log: str, texts: list[str]) -> None:
    """An access log is told the LogFormats that can be read back by its path or name, or none."""
    text = (
        "CustomLog /l/access.log %{sec}t\nCustomLog /l/access_json.log '%{msec}t %a'\n"
        "CustomLog '|rotatelogs /l/piped.%Y%m%d 86400' %{usec}t\nCustomLog /l/refused.log %h%u\n"
        "CustomLog syslog %h\n<VirtualHost *:1>\nCustomLog /l/access.log %{sec}t\n</VirtualHost>\n"
    )
    formats = AccessFormats.of(read_config(write({"conf/httpd.conf": text}) / "conf"))
    assert [known.text for known in formats.of_log(log)] == texts


def test_shared_log(write: Write) -> None:
    """Servers that share a file give all their formats, each once."""
    text = (
        'ErrorLog /l/e\nErrorLogFormat "m"\n<VirtualHost a>\nErrorLogFormat "v"\n</VirtualHost>\n'
        "<VirtualHost b>\n</VirtualHost>\n<VirtualHost c>\nErrorLog /l/other\n"
        'ErrorLogFormat "w"\n</VirtualHost>'
    )
    config = read_config(write({"conf/httpd.conf": text}) / "conf")
    assert [known.text for known in formats_for(config, "/l/e")] == ["m", "v"]


def test_daemon_groups(debian: Path) -> None:
    """A daemon group has its options, quoted ones whole, and the scripts delegated to it."""
    (group,) = daemon_groups(read_config(debian / "etc/apache2", root=debian))
    assert group.name == "app"
    assert group.options == {
        "display-name": "%{GROUP}",
        "python-path": "/srv/my app:/srv/x",
        "threads": "5",
    }
    assert (group.server, group.scripts) == ("*:443", ("/srv/app/wsgi.py",))


def test_delegation_by_alias(write: Write) -> None:
    """WSGIScriptAlias can name its group itself; a group of the main server is inherited."""
    text = (
        "WSGIDaemonProcess a\nWSGIDaemonProcess b user=u\nWSGIProcessGroup a\n"
        "<VirtualHost *>\nWSGIScriptAlias / /x.py\n"
        "WSGIScriptAlias /b /y.py process-group=b application-group=%{GLOBAL}\n</VirtualHost>"
    )
    a, b = daemon_groups(read_config(write({"conf/httpd.conf": text}) / "conf"))
    assert (a.scripts, b.scripts) == (("/x.py",), ("/y.py",))


def test_a_script_that_is_mounted_twice(write: Write) -> None:
    """It is one script, so that no two zones can come of it."""
    text = (
        "WSGIDaemonProcess a\nWSGIProcessGroup a\nWSGIScriptAlias /shop /x.py\n"
        "<VirtualHost *>\nWSGIScriptAlias / /x.py process-group=a\n</VirtualHost>"
    )
    (group,) = daemon_groups(read_config(write({"conf/httpd.conf": text}) / "conf"))
    assert group.scripts == ("/x.py",)


def test_levels_of_sections_belong_to_their_server(write: Write) -> None:
    """A LogLevel in a <Location> counts there only, and is kept with its section."""
    text = (
        "LogLevel warn\n<Directory />\nLogLevel info\n</Directory>\n"
        "<VirtualHost *:1>\n<Location /x>\nLogLevel trace8\n</Location>\nLogLevel debug\n"
        "</VirtualHost>\n"
    )
    main, host = servers(read_config(write({"conf/httpd.conf": text}) / "conf"))
    assert [(d.raw, [s.name for s in d.sections]) for d in main.log_levels] == [
        ("warn", []),
        ("info", ["Directory"]),
    ]
    assert [d.raw for d in host.log_levels] == ["warn", "debug", "trace8"]
