"""Shell assignments are read as data."""

from __future__ import annotations

import pytest

from parsers.httpd_conf.envvars import read_envvars


@pytest.mark.parametrize(
    ("text", "value", "exported"),
    [
        ("export TZ=UTC", "UTC", True),
        ("TZ=UTC; export TZ", "UTC", True),
        ("TZ='Europe/Berlin'\nexport LANG TZ", "Europe/Berlin", True),
        ('export LANG=C TZ="${ZONE:-UTC}" # why', "UTC", True),
        ("Z=Asia\nexport TZ=$Z/Tokyo", "Asia/Tokyo", True),
        ("TZ=UTC", "UTC", False),
        (": ${TZ:=UTC}", "UTC", False),
        ("TZ=a\n: ${TZ:=UTC}", "a", False),
        ("export TZ=$(cat /etc/timezone)", None, True),
        ("export TZ=`cat /etc/timezone`", None, True),
        ("if [ -f x ] ; then\n  export TZ=UTC\nfi\nexport TZ=b", "b", True),
        ("export TZ=a\nunset TZ\nexport TZ=c", "c", True),
    ],
)
def test_values(text: str, value: str | None, exported: bool) -> None:
    """The value a shell would leave, or None where only a shell can tell."""
    variable = read_envvars(text)["TZ"]
    assert (variable.value, variable.exported, variable.certain) == (value, exported, True)


@pytest.mark.parametrize(
    "text",
    [
        "if [ -f x ]; then export TZ=UTC; fi",
        "[ -z $TZ ] && export TZ=UTC",
        "case $x in\n a) ;;\n *) x=1; TZ=UTC ;;\nesac",
        "f() {\n  export TZ=UTC\n}",
    ],
)
def test_conditions(text: str) -> None:
    """What is set under a condition is never given out as the value."""
    variable = read_envvars(text).get("TZ")
    assert variable is None or (variable.value, variable.certain) == (None, False)


@pytest.mark.parametrize("text", ["# export TZ=UTC", "export TZ=UTC\nunset TZ", "echo TZ=UTC"])
def test_not_set(text: str) -> None:
    """Comments, unset variables and arguments of commands set nothing."""
    assert "TZ" not in read_envvars(text)
