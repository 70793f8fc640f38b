"""What systemd's units tell of Apache's environment."""

from __future__ import annotations

import pytest

from parsers.httpd_conf.units import Unit, read_unit, units_on
from tests.parsers.httpd_conf.conftest import Write

APACHE2 = "etc/systemd/system/apache2.service"
HTTPD = "etc/systemd/system/httpd.service"


@pytest.mark.parametrize(
    ("prefer", "name", "zone"),
    [
        ("", "apache2.service", "a"), ("apache2.service", "apache2.service", "a"),
        ("httpd.service", "httpd.service", "h"), ("x.service", "apache2.service", "a"),
    ],
)  # fmt: skip
def test_which_unit(write: Write, prefer: str, name: str, zone: str) -> None:
    """Where a host has both the preferred one is read, else Debian's."""
    root = write({APACHE2: "[Service]\nEnvironment=TZ=a", HTTPD: "[Service]\nEnvironment=TZ=h"})
    unit = read_unit(root, prefer)
    assert (unit.name, unit.variables["TZ"].value) == (name, zone)
    assert unit.files == [str(root / "etc/systemd/system" / name)]


def test_one_unit_or_none(write: Write) -> None:
    """The one that is there is read, whichever is preferred."""
    root = write({HTTPD: "[Service]\nEnvironment=TZ=h"})
    assert read_unit(root, "apache2.service").name == "httpd.service"
    (root / HTTPD).unlink()
    assert read_unit(root) == Unit("", {}, [])


def test_drop_ins_of_all_services(write: Write) -> None:
    """They are no unit, count for each, and are hidden by a unit's own of the same name."""
    root = write(
        {
            HTTPD: "[Service]\nEnvironment=TZ=h",
            "etc/systemd/system/service.d/10-zone.conf": "[Service]\nEnvironment=TZ=all",
            "etc/systemd/system/service.d/20-more.conf": "[Service]\nEnvironment=LANG=C",
            "usr/lib/systemd/system/httpd.service.d/10-zone.conf": "[Service]\nEnvironment=TZ=own",
        }
    )

    assert units_on(root) == ["httpd.service"]
    unit = read_unit(root)
    assert {name: one.value for name, one in unit.variables.items()} == {"TZ": "own", "LANG": "C"}
