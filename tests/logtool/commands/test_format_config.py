"""`errlog format config` tells what a configuration says, and what to change."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.clocks.telling.config_advice import advise
from logtool.commands.format_config import _continued as continued
from logtool.commands.format_config import command
from logtool.errors import ReadError
from logtool.formats.lints import BUILT_IN_WITH_OFFSET
from parsers.config_words import directive_lines, words
from parsers.error_log_format.better import directive_line
from parsers.error_log_format.fields import parse
from parsers.httpd_conf import Config, read_config

SITE = r"""
ServerRoot "/etc/httpd"
LoadModule wsgi_module modules/mod_wsgi.so
ErrorLog logs/error_log
SetEnv TZ Europe/Berlin
<VirtualHost *:443>
  ServerName shop.example
  ErrorLog logs/shop_error_log
  ErrorLogFormat "[%{cu}t] [%-m:%l] [pid\ %P] [client\ %a] %M% ,\ referer\ %{Referer}i and more"
  LogLevel info
  CustomLog logs/shop_access_log "%h %l %u %t \"%r\" %>s %b"
  WSGIDaemonProcess shop user=www python-home=/srv/venv
  WSGIProcessGroup shop
  WSGIScriptAlias / /srv/shop/wsgi.py
  WSGIScriptAlias /admin /srv/admin/wsgi.py
</VirtualHost>
"""


def site(tmp_path: Path, text: str = SITE) -> Path:
    """A configuration of one file, as Red Hat keeps it."""
    path = tmp_path / "etc/httpd/conf/httpd.conf"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the command prints."""
    assert command.main(list(arguments), standalone_mode=False) == 0
    return capfd.readouterr().out


def kinds(config: Config) -> list[str]:
    """The kinds of advice for a configuration."""
    return [advice.kind for advice in advise(config)]


def test_text(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Every log, format, level and group is told with its place, within 80 columns."""
    path = site(tmp_path)
    text = run(capfd, str(path))
    for said in (
        "not set: the host's zone",
        f"{path}:9",
        "shop.example (*:443)",
        "logs/shop_error_log",
        "info",
        "shop user=www python-home=/srv/venv",
        "/srv/admin/wsgi.py",
        "What to change",
        "SetEnv sets a request's variable",
    ):
        assert said in text
    assert all(len(line) < 80 for line in text.replace(str(tmp_path), "").split("\n"))


def test_each_host_tells_its_own(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Hosts made by one macro each tell their format; levels tell the section they count in."""
    text = run(
        capfd,
        str(
            site(
                tmp_path,
                'ErrorLogFormat "%{cuz}t %P %M"\n<Macro H $n>\n<VirtualHost *:80>\n'
                'ServerName $n\nErrorLogFormat "%{cuz}t %P $n %M"\n<Location /x>\n'
                "LogLevel info  ssl:debug\n</Location>\n</VirtualHost>\n</Macro>\n"
                "Use H a.example\nUse H b.example\n"
                "<VirtualHost *:81>\nServerName c\n</VirtualHost>\n",
            )
        ),
    )
    assert text.count('"%{cuz}t %P a.example %M"') == 1
    assert text.count('"%{cuz}t %P b.example %M"') == 1
    assert text.count('"%{cuz}t %P %M"') == 1
    assert text.count("info ssl:debug in <Location /x>") == 2
    assert "1 file, 3 virtual hosts" in " ".join(text.split())


def test_json(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The same facts come as one JSON object."""
    path = site(tmp_path)
    data = json.loads(run(capfd, "--json", str(path)))
    main, shop = data["servers"]
    assert data["zone"] is None
    assert (main["error_log"]["path"], main["error_log_formats"]) == (
        "/etc/httpd/logs/error_log",
        [],
    )
    assert shop["error_log_formats"][0]["where"] == f"{path}:9"
    assert shop["access_logs"][0]["format"] == '%h %l %u %t "%r" %>s %b'
    assert data["daemon_groups"][0]["options"] == {"user": "www", "python-home": "/srv/venv"}
    assert [advice["kind"] for advice in data["advice"]] == [
        "zone",
        "offset",
        "offset",
        "groups",
        "zone-ineffective",
        "limits",
    ]


def test_advice_is_ready_to_copy(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The proposed directives, cut into lines, are what httpd would read as one."""
    text = run(capfd, str(site(tmp_path)))
    raw = text[text.index("What to change") :].encode()
    found = [line for _, line in directive_lines(raw) if line.startswith("ErrorLogFormat")]
    formats = [words(line)[1] for line in found]
    assert formats[0] == BUILT_IN_WITH_OFFSET
    assert formats[1].startswith(r"[%{cuz}t] [%-m:%l] [pid\ %P] [client\ %a] %M% ,\ referer\ ")
    assert formats[1].endswith("i and more")


@pytest.mark.parametrize(
    ("given_format", "proposed"),
    [
        ("[%t] %P %M", "[%{uz}t] %P %M"),
        ("%{u}t %P %M", "%{uz}t %P %M"),
        ("%{cu}t %P %M", "%{cuz}t %P %M"),
        ("%{cm}t %P %M", "%{cmz}t %P %M"),
        ("%{%cuz}t %P %M", "%{cuz}t %P %M"),
        (r"[%{%F}t\ %{%T}t] %P %M", "[%{cuz}t] %P %M"),
        ("%{cuz}t %P %M", None),
        ("%{%F %T %z}t %P %M", None),
        ("%{%s}t %P %M", None),
        ("%P %M", None),
    ],
)
def test_offset(tmp_path: Path, given_format: str, proposed: str | None) -> None:
    """A time without an offset gets one by the smallest change."""
    config = read_config(site(tmp_path, f'ErrorLogFormat "{given_format}"\n'))
    lines = [line for a in advise(config) for line in a.lines if line.startswith("ErrorLog")]
    assert lines == ([f'ErrorLogFormat "{proposed}"'] if proposed else [])


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ('ErrorLogFormat "%{cuz}t %M"', "pid", True),
        ('ErrorLogFormat "%{cuz}t %P %M"', "pid", False),
        ('ErrorLogFormat "%x"', "format", True),
        ('ErrorLogFormat "%{%cuz}t %P %M"', "strftime", True),
        ("LoadModule wsgi_module x\nWSGIScriptAlias / /x.py", "embedded", True),
        ("LoadModule wsgi_module x\nWSGIScriptAlias / /x.py process-group=a", "embedded", False),
        ("PassEnv TZ", "zone-ineffective", True),
    ],
)
def test_advice(tmp_path: Path, text: str, kind: str, told: bool) -> None:
    """Each kind of advice is given where it applies and nowhere else."""
    assert (kind in kinds(read_config(site(tmp_path, f"{text}\n")))) is told


@pytest.mark.parametrize(
    ("folder", "units", "told"),
    [
        ("etc/apache2", ["httpd"], "# systemctl edit apache2"),
        ("etc/httpd", ["apache2"], "# systemctl edit httpd"),
        ("srv/apache", ["apache2"], "# systemctl edit apache2"),
        ("srv/apache", ["httpd"], "# systemctl edit httpd"),
        ("srv/apache", [], "# systemctl edit apache2 (Debian, SUSE) or httpd (Red Hat, Arch)"),
    ],
)
def test_unit_of_the_system(tmp_path: Path, folder: str, units: list[str], told: str) -> None:
    """The unit to edit is called as it is on the system; where that does not tell, both are."""
    for unit in units:
        path = tmp_path / "usr/lib/systemd/system" / f"{unit}.service"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("[Service]\nType=forking\n")
    conf = tmp_path / folder / "httpd.conf"
    conf.parent.mkdir(parents=True)
    conf.write_text("Listen 80\n")
    zone = advise(read_config(conf, root=tmp_path))[0]
    assert zone.lines == (told, "[Service]", "Environment=TZ=UTC")


def test_known_zone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A zone that is set is told with its place, and not proposed anew."""
    (tmp_path / "apache2.conf").write_text('ErrorLogFormat "%{cuz}t %P %M"\n')
    (tmp_path / "envvars").write_text("export TZ=Asia/Tokyo\n")
    text = run(capfd, str(tmp_path))
    assert "Asia/Tokyo" in text
    assert f"{tmp_path}/envvars:1" in text
    assert "export TZ=UTC" not in text


def test_built_in_with_offset() -> None:
    """The proposed format is one that httpd takes."""
    assert parse(BUILT_IN_WITH_OFFSET).text == BUILT_IN_WITH_OFFSET


@given(
    st.text(st.characters(codec="ascii", categories=["L", "P", "S", "Zs"]), min_size=1),
    st.integers(1, 30),
)
def test_quoting_and_cutting(piece: str, times: int) -> None:
    """Any format, quoted and cut into lines, is read back as it was."""
    text = piece * times
    line = directive_line(text, "main")
    raw = "\n".join(continued(line)).encode()
    ((_, read),) = directive_lines(raw)
    assert words(read)[1:] == [text]


def test_nothing_there(tmp_path: Path) -> None:
    """A path without a configuration is one clear error."""
    with pytest.raises(ReadError, match="no Apache configuration"):
        command.main([str(tmp_path)], standalone_mode=False)


def test_name() -> None:
    """The command is called `config`."""
    assert isinstance(command, click.Command)
    assert command.name == "config"
