"""What a configuration consists of."""

from __future__ import annotations

from parsers.httpd_conf.config import Place


def test_places() -> None:
    """A line of a file is told as compilers do, a file as a whole by its name."""
    assert str(Place("/etc/apache2/apache2.conf", 7)) == "/etc/apache2/apache2.conf:7"
    assert str(Place("/etc/apache2/apache2.conf")) == "/etc/apache2/apache2.conf"
