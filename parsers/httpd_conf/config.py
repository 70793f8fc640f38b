"""Config: a whole Apache configuration, every directive in force with the place it stands at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from functools import cached_property
from pathlib import Path

from parsers.classes import dataclass
from parsers.httpd_conf.envvars import Variable


class ConfigError(ValueError):
    """The configuration itself cannot be read."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file.

    Attributes:
        file: the path.
        line: its number, from 1, or 0 for the file as a whole.
    """

    file: str
    line: int = 0

    def __str__(self) -> str:
        """`file:line`, as compilers write it."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Note:
    """Something the user should know: a missing file, an unknown variable."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """An open section such as `<VirtualHost *:80>`; equal only to itself."""

    name: str
    argument: str
    place: Place


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive in force.

    Attributes:
        name: as it is spelled.
        raw: its arguments as text, variables replaced.
        arguments: the words of `raw`, unquoted.
        place: where it begins.
        sections: the sections round it, outermost first.
    """

    name: str
    raw: str
    arguments: tuple[str, ...]
    place: Place
    sections: tuple[Section, ...] = ()

    def within(self, name: str) -> Section | None:
        """The innermost section of this name round it."""
        for section in reversed(self.sections):
            if section.name.lower() == name.lower():
                return section
        return None


@dataclass
class Config:
    """A whole configuration.

    Attributes:
        path: the file that was asked for.
        root: the folder that stands for `/`: not `/` itself where a tree was copied elsewhere.
        server_root: ServerRoot, or the folder relative paths count from without one.
        directives: every directive in force, in the order httpd meets them.
        files: every file read, in order.
        modules: short names of the loaded modules.
        environment: variables that Apache is started with, by name.
        environment_file: where they come from, or empty.
        notes: what could not be read or followed.
    """

    path: str
    root: Path
    server_root: str
    directives: list[Directive] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)
    environment: dict[str, Variable] = field(default_factory=dict)
    environment_file: str = ""
    notes: list[Note] = field(default_factory=list)

    def named(self, *names: str) -> Iterator[Directive]:
        """The directives of these names, in order; httpd does not mind their case."""
        indexes = [at for name in names for at in self._places_of.get(name.lower(), ())]
        return (self.directives[at] for at in sorted(indexes))

    @cached_property
    def _places_of(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for at, directive in enumerate(self.directives):
            places.setdefault(directive.name.lower(), []).append(at)
        return places

    def absolute(self, path: str) -> str:
        """A path made absolute as httpd does: relative ones count from ServerRoot."""
        return str(Path(self.server_root) / path)

    def on_disk(self, path: str) -> Path:
        """Where an absolute path of the configuration lies on this machine."""
        if self.root == Path("/") or path.startswith(f"{self.root}/"):
            return Path(path)
        return self.root / path.lstrip("/")

    @property
    def mpm(self) -> str:
        """The multi-processing module loaded: `event`, `worker`, `prefork`, or empty."""
        return next((m.removeprefix("mpm_") for m in sorted(self.modules) if "mpm_" in m), "")
