"""Units: takes the folder that stands for `/`, gives the environment systemd starts Apache with.

systemd.unit(5), systemd.exec(5): the unit file of the first folder that has one; then drop-ins of
all folders, sorted by name, a name in an earlier folder hiding the same name in a later one, and
that of a unit's own drop-in one of all services. Within these `Environment=` adds up, an empty one
starts afresh, and `EnvironmentFile=` wins over it.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from parsers.classes import dataclass
from parsers.httpd_conf.config import Place

_FOLDERS = ("etc/systemd/system", "run/systemd/system", "usr/lib/systemd/system")
#: Where /lib is a folder of its own, not a link to /usr/lib.
_OLD_FOLDER = "lib/systemd/system"
#: Debian's and SUSE's unit, Red Hat's and Arch's.
UNITS = ("apache2.service", "httpd.service")
#: Drop-ins of all services, which tell of none that there is one.
_OF_ALL = "service.d/*.conf"


@dataclass(frozen=True, slots=True)
class UnitVariable:
    """A variable that a unit gives to Apache."""

    name: str
    value: str
    place: Place


@dataclass(slots=True)
class Unit:
    """What systemd knows of Apache's environment.

    Attributes:
        name: `apache2.service` or `httpd.service`; empty where there is no such unit.
        variables: the environment, by name.
        files: the unit file and its drop-ins, in the order they count.
    """

    name: str
    variables: dict[str, UnitVariable]
    files: list[str]


def read_unit(root: Path, prefer: str = "") -> Unit:
    """The unit that starts Apache; `prefer` names it where a host has both."""
    for name in sorted(UNITS, key=lambda known: known != prefer):
        files = list(_unit_files(root, name))
        if files:
            return Unit(name, _environment(root, files), [str(file) for file in files])
    return Unit("", {}, [])


def units_on(root: Path) -> list[str]:
    """The units of Apache that a host has."""
    return [name for name in UNITS if any(_unit_files(root, name))]


def _unit_files(root: Path, name: str) -> Iterator[Path]:
    folders = [root / folder for folder in _FOLDERS]
    if not (root / "lib").is_symlink():
        folders.append(root / _OLD_FOLDER)
    units = [folder / name for folder in folders if os.path.isfile(folder / name)]  # noqa: PTH113
    yield from units[:1]
    own = {
        path.name: path for folder in reversed(folders) for path in folder.glob(f"{name}.d/*.conf")
    }
    if units or own:
        every = {path.name: path for folder in reversed(folders) for path in folder.glob(_OF_ALL)}
        yield from (path for _, path in sorted((every | own).items()))


def _environment(root: Path, files: list[Path]) -> dict[str, UnitVariable]:
    set_here: dict[str, UnitVariable] = {}
    environment_files: list[str] = []
    unset: set[str] = set()
    for path in files:
        for place, key, value in _service_settings(path):
            if key == "Environment":
                set_here = _with_assignments(set_here, value, place)
            elif key == "EnvironmentFile":
                environment_files = [*environment_files, value] if value else []
            elif key == "UnsetEnvironment":
                unset |= set(_split(value))
    for name in environment_files:
        path = root / name.removeprefix("-").lstrip("/")
        for number, line in enumerate(_text(path).split("\n"), start=1):
            if line.strip() and not line.lstrip().startswith(("#", ";")):
                place = Place(str(path), number)
                set_here = _with_assignments(set_here, line.removeprefix("export "), place)
    return {name: variable for name, variable in set_here.items() if name not in unset}


def _with_assignments(
    known: dict[str, UnitVariable], text: str, place: Place
) -> dict[str, UnitVariable]:
    if not text:
        return {}
    added = {}
    for word in _split(text):
        name, equals, value = word.partition("=")
        if equals:
            added[name] = UnitVariable(name, value, place)
    return {**known, **added}


def _service_settings(path: Path) -> Iterator[tuple[Place, str, str]]:
    """The settings of `[Service]`, continued lines joined."""
    section, held, begins = "", "", 0
    for number, line in enumerate(_text(path).split("\n"), start=1):
        begins = begins or number
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        text, place = (held + line).strip(), Place(str(path), begins)
        held, begins = "", 0
        if text.startswith("["):
            section = text
        key, equals, value = text.partition("=")
        if equals and section == "[Service]" and not text.startswith(("#", ";")):
            yield place, key.strip(), value.strip()


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _text(path: Path) -> str:
    try:
        facts = path.stat()
        return path.read_text("utf-8", "replace") if stat.S_ISREG(facts.st_mode) else ""
    except OSError:
        return ""
