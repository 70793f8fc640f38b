"""Where TZ is set for Apache, and where it only seems to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.httpd_conf import read_config, zone_for, zone_settings
from parsers.httpd_conf.units import read_unit
from tests.parsers.httpd_conf.conftest import Write


def test_envvars(debian: Path) -> None:
    """Debian's envvars sets it, and the place is told."""
    config = read_config(debian / "etc/apache2", root=debian)
    assert zone_for(config) == ("Europe/Berlin", f"{debian}/etc/apache2/envvars:11")


def test_unit(red_hat: Path) -> None:
    """A drop-in of the unit sets it."""
    place = f"{red_hat}/etc/systemd/system/httpd.service.d/tz.conf:2"
    assert zone_for(read_config(red_hat / "etc/httpd")) == ("Asia/Kathmandu", place)


def test_envvars_win_over_the_unit(debian: Path, write: Write) -> None:
    """Apachectl reads envvars after systemd has set the environment."""
    write({"etc/systemd/system/apache2.service.d/x.conf": "[Service]\nEnvironment=TZ=UTC\n"})
    config = read_config(debian / "etc/apache2", root=debian)
    assert [(s.zone, s.effective) for s in zone_settings(config)] == [
        ("Europe/Berlin", True),
        ("UTC", False),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "SetEnv TZ UTC",
        "PassEnv LANG TZ",
        "SetEnvIf Host . TZ=UTC",
        "setenvif Host . TZ=UTC",
        "<Directory />\nSetEnv TZ UTC",
    ],
)
def test_request_variables_do_nothing(write: Write, text: str) -> None:
    """SetEnv and its like never set the process's zone, and the report says so."""
    config = read_config(write({"conf/httpd.conf": text}) / "conf")
    assert zone_for(config) is None
    (setting,) = zone_settings(config)
    assert not setting.effective
    assert "not the process" in setting.why


@pytest.mark.parametrize(
    "text", ["PassEnv LANG", "SetEnv LANG TZ", "SetEnvIf Host TZ LANG=C", "UnsetEnv LANG"]
)
def test_other_variables(write: Write, text: str) -> None:
    """What sets another variable says nothing of the zone."""
    assert zone_settings(read_config(write({"conf/httpd.conf": text}) / "conf")) == []


@pytest.mark.parametrize(
    ("envvars", "zone", "why"),
    [
        ("TZ=B", "B", "exported to Apache when apachectl starts it"),
        ("export TZ=B", "B", "exported to Apache when apachectl starts it"),
        ("LANG=C", "A", "set for the service"),
    ],
)
def test_what_the_unit_exports_stays_exported(
    write: Write, envvars: str, zone: str, why: str
) -> None:
    """A shell that is given a variable hands it on, whatever value it sets meanwhile."""
    root = write(
        {
            "etc/apache2/apache2.conf": "",
            "etc/apache2/envvars": envvars,
            "etc/systemd/system/apache2.service": "[Service]\nEnvironment=TZ=A",
        }
    )
    first = zone_settings(read_config(root / "etc/apache2", root=root))[0]
    assert (first.zone, first.effective, first.why) == (zone, True, why)


@pytest.mark.parametrize(
    "envvars", ["TZ=UTC", "export TZ=$(cat /etc/timezone)", "if true; then export TZ=UTC; fi"]
)
def test_uncertain_envvars(write: Write, envvars: str) -> None:
    """A TZ that is not exported or not known is told but not believed."""
    config = read_config(write({"apache2.conf": "", "envvars": envvars}))
    assert zone_for(config) is None
    assert len(zone_settings(config)) == 1


@pytest.mark.parametrize(
    ("drop_ins", "zone"),
    [
        ({"etc": ("a.conf", "Environment=TZ=A\nEnvironment=\n")}, None),
        ({"etc": ("a.conf", 'Environment="TZ=A" "X=b c"\n')}, "A"),
        ({"etc": ("b.conf", "Environment=TZ=B"), "run": ("a.conf", "Environment=TZ=A")}, "B"),
        ({"etc": ("a.conf", "Environment=X=1"), "run": ("a.conf", "Environment=TZ=A")}, None),
        ({"etc": ("a.conf", "Environment=TZ=A\nUnsetEnvironment=TZ")}, None),
        ({"etc": ("a.conf", "Environment=TZ=A\nEnvironmentFile=-/etc/default/tz")}, "F"),
        ({"etc": ("a.conf", "Environment=X=1 \\\n TZ=C")}, "C"),
    ],
)
def test_drop_ins(write: Write, drop_ins: dict[str, tuple[str, str]], zone: str | None) -> None:
    """Drop-ins count as systemd lets them."""
    root = write(
        {
            "usr/lib/systemd/system/httpd.service": "[Service]\nType=notify\n",
            "etc/default/tz": "# zone\nTZ=F\n",
            **{
                f"{folder}/systemd/system/httpd.service.d/{name}": f"[Service]\n{text}\n"
                for folder, (name, text) in drop_ins.items()
            },
        }
    )
    variable = read_unit(root).variables.get("TZ")
    assert (variable.value if variable else None) == zone
