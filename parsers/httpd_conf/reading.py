"""Reading: takes the path of httpd.conf or apache2.conf, gives every directive with its place.

httpd's own order of things (server/config.c ap_build_config, server/core.c include_config):
conditions are decided, variables defined and modules loaded while lines are read; `Include` is
relative to ServerRoot, its wildcards come in sorted order, a directory means everything in it.
"""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from parsers.config_words import directive_lines, next_word, resolve, substitute, words
from parsers.httpd_conf import conditions
from parsers.httpd_conf.config import Config, ConfigError, Directive, Note, Place, Section
from parsers.httpd_conf.envvars import read_envvars

#: Where a configuration is looked for: Debian, Red Hat, FreeBSD, macOS, built from source, Alpine.
USUAL_PLACES = (
    "/etc/apache2/apache2.conf",
    "/etc/httpd/conf/httpd.conf",
    "/usr/local/etc/apache24/httpd.conf",
    "/opt/homebrew/etc/httpd/httpd.conf",
    "/usr/local/apache2/conf/httpd.conf",
    "/etc/apache2/httpd.conf",
)
#: Files that apachectl reads its environment from, beside the configuration: Debian's, a source
#: build's. Red Hat's /etc/sysconfig/httpd counts only where the unit names it.
_ENVIRONMENTS = ("envvars", "../bin/envvars")
#: <IfVersion> is decided for this release unless the caller knows better.
ASSUMED_VERSION: conditions.Version = (2, 4, 66)
#: AP_MAX_INCLUDE_DEPTH of server/core.c.
_DEEPEST_INCLUDE = 128
_MOST_FILES = 10_000
_LARGEST_FILE = 16 << 20
#: Characters read altogether, after macros and variables: macros that use each other could go on
#: for longer than anyone waits.
_MOST_TEXT = 32 << 20
#: What a line costs of that beside its own characters.
_LINE_COST = 64
_DEEPEST_SECTION = 64
#: What every directive's name is like.
_NAME = re.compile(r"[A-Za-z]\w*")


def find_config(root: Path = Path("/")) -> Path | None:
    """The configuration in one of the usual places, or None."""
    for place in USUAL_PLACES:
        if os.path.isfile(root / place.lstrip("/")):  # noqa: PTH113
            return root / place.lstrip("/")
    return None


def read_config(path: Path | str, *, root: Path | None = None) -> Config:
    """Read the configuration at `path` and all it includes.

    Args:
        path: httpd.conf, apache2.conf, or the folder that holds one.
        root: the folder that stands for `/`; without it a copied tree is known by its ServerRoot.

    Raises:
        ConfigError: there is no configuration at `path`.
    """
    path = Path(path)
    for name in ("apache2.conf", "conf/httpd.conf", "httpd.conf"):
        if os.path.isfile(path / name):  # noqa: PTH113
            path = path / name
            break
    if not os.path.isfile(path):  # noqa: PTH113
        raise ConfigError(f"{path}: no Apache configuration here")
    path = path.absolute()
    folder = path.parent.parent if path.parent.name == "conf" else path.parent
    config = Config(str(path), root or Path("/"), str(folder))
    reader = _Reader(config, rooted=root is not None)
    reader.read_environment()
    reader.read_file(path, (), 0)
    if config.directives and not any(_NAME.fullmatch(one.name) for one in config.directives):
        raise ConfigError(f"{path}: no Apache configuration here: no line begins as a directive")
    return config


class _Reader:
    """What httpd knows while it reads."""

    def __init__(self, config: Config, *, rooted: bool) -> None:
        self.config = config
        self.defines: set[str] = set()
        self.variables: dict[str, str] = {}
        self.macros: dict[str, tuple[list[str], list[tuple[Place, str]]]] = {}
        self.open_files: list[str] = []
        self.open_macros: list[str] = []
        self.room = _MOST_TEXT
        self.rooted = rooted
        config.modules |= conditions.BUILT_IN_MODULES

    def note(self, text: str, place: Place) -> None:
        """Remember something the user should know."""
        if len(self.config.notes) < _MOST_FILES:
            self.config.notes.append(Note(text, place))

    def read_environment(self) -> None:
        """Read the first file of shell assignments that Apache's start script would."""
        folder = Path(self.config.path).parent
        for name in _ENVIRONMENTS:
            path = folder / name
            raw = self.contents(path, Place(str(path)), needed=False)
            if raw is None:
                continue
            self.config.environment = read_envvars(raw.decode("utf-8", "surrogateescape"))
            self.config.environment_file = str(path)
            break
        arguments = self.value_of("APACHE_ARGUMENTS") or ""
        self.defines |= set(re.findall(r"(?:^|\s)-D\s*(\S+)", arguments))

    def value_of(self, name: str) -> str | None:
        """What `${name}` stands for: a Define first, then the environment."""
        if name in self.variables:
            return self.variables[name]
        variable = self.config.environment.get(name)
        return variable.value if variable else None

    def contents(self, path: Path, place: Place, *, needed: bool = True) -> bytes | None:
        """The bytes of a regular file, or None and a note."""
        try:
            facts = path.stat()
            if not stat.S_ISREG(facts.st_mode):
                self.note(f"{path} is not a regular file", place)
                return None
            if facts.st_size > _LARGEST_FILE:
                self.note(f"{path} is too large for a configuration", place)
                return None
            # The kernel's own files say 0 whatever they hold, and some never end.
            return path.read_bytes() if facts.st_size else b""
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            if needed or not isinstance(error, FileNotFoundError | NotADirectoryError):
                self.note(f"cannot read {path}: {reason}", place)
            return None

    def read_file(
        self, path: Path, sections: tuple[Section, ...], depth: int, place: Place | None = None
    ) -> None:
        """Read one file; `place` is the Include that named it."""
        place = place or Place(str(path))
        raw = self.contents(path, place)
        if raw is None:
            if place.line == 0:
                raise ConfigError(self.config.notes[-1].text)
            return
        real = os.path.realpath(path)
        if real in self.open_files or depth > _DEEPEST_INCLUDE:
            self.note(f"{path} includes itself; not read again", place)
            return
        if self.room < 0:
            return
        if len(self.config.files) >= _MOST_FILES:
            self.note(f"more than {_MOST_FILES} files; {path} was not read", place)
            return
        self.config.files.append(str(path))
        self.open_files.append(real)
        lines = ((Place(str(path), number), text) for number, text in directive_lines(raw))
        self.read_lines(lines, sections, depth)
        self.open_files.pop()

    def read_lines(
        self, lines: Iterator[tuple[Place, str]], outer: tuple[Section, ...], depth: int
    ) -> None:
        """Read directive lines until they end; sections opened in them must close in them."""
        opened = list(outer)
        conditional: list[Section] = []
        lines = self._while_there_is_room(lines)
        for place, unresolved in lines:
            text, faults = resolve(unresolved, self.value_of)
            self.room -= len(text) - len(unresolved)
            for fault in faults:
                self.note(fault, place)
            name, raw = next_word(text)
            if name.startswith("</"):
                self._close(name, opened, conditional, len(outer), place)
            elif name.startswith("<"):
                section = _section(text, place)
                if section.name.lower() == "macro":
                    self._define_macro(section, lines)
                elif len(opened) >= _DEEPEST_SECTION:
                    self.note(f"<{section.name}> is nested too deep", place)
                elif (holds := self._holds(section)) is None:
                    opened.append(section)
                elif holds:
                    conditional.append(section)
                    opened.append(section)
                else:
                    _skip(section, lines)
            else:
                inside = tuple(s for s in opened if s not in conditional)
                self._obey(Directive(name, raw, tuple(words(raw)), place, inside), depth)
        for section in opened[len(outer) :]:
            self.note(f"<{section.name}> is never closed", section.place)

    def _while_there_is_room(
        self, lines: Iterator[tuple[Place, str]]
    ) -> Iterator[tuple[Place, str]]:
        for place, text in lines:
            if self.room < 0:
                return
            self.room -= len(text) + _LINE_COST
            if self.room < 0:
                self.note("the configuration is too long; the rest was not read", place)
                return
            yield place, text

    def _close(
        self,
        name: str,
        opened: list[Section],
        conditional: list[Section],
        outer: int,
        place: Place,
    ) -> None:
        closing = name[2:].rstrip(">").lower()
        if len(opened) <= outer or opened[-1].name.lower() != closing:
            self.note(f"{name} closes no section that is open here", place)
            return
        section = opened.pop()
        if section in conditional:
            conditional.remove(section)

    def _holds(self, section: Section) -> bool | None:
        """Whether a section that is decided while reading holds; None for the others."""
        kind = section.name.lower()
        if kind == "ifversion":
            try:
                return conditions.version_holds(section.argument, ASSUMED_VERSION)
            except ValueError as error:
                self.note(str(error), section.place)
                return False
        negative, word = conditions.negated(section.argument)
        if kind == "ifmodule":
            return (conditions.module_name(word) in self.config.modules) != negative
        if kind == "ifdefine":
            return (word in self.defines) != negative
        if kind == "iffile":
            there = os.path.exists(self.config.on_disk(self.config.absolute(word)))  # noqa: PTH110
            return there != negative
        if kind in ("ifdirective", "ifsection"):
            self.note(f"<{section.name} {section.argument}> is taken to hold", section.place)
            return True
        return None

    def _obey(self, directive: Directive, depth: int) -> None:
        """Do what httpd does with a directive while it reads, and keep it."""
        self.config.directives.append(directive)
        first, *rest = directive.arguments or ("",)
        match directive.name.lower():
            case "include" | "includeoptional" if first:
                self._include(directive, first, depth)
            case "define" if first:
                self.defines.add(first)
                if rest:
                    self.variables[first] = rest[0]
            case "undefine":
                self.defines.discard(first)
                self.variables.pop(first, None)
            case "loadmodule":
                self.config.modules.add(conditions.module_name(first))
            case "serverroot" if first:
                self._set_server_root(first)
            case "use":
                self._use_macro(directive, depth)
            case _:
                pass

    def _set_server_root(self, server_root: str) -> None:
        self.config.server_root = server_root
        path = self.config.path
        copied = path.find(f"{server_root.rstrip('/')}/")
        if not self.rooted and copied > 0:
            # /tmp/copy/etc/httpd/conf/httpd.conf with ServerRoot /etc/httpd: all paths lie below.
            self.config.root = Path(path[:copied])
            self.config.server_root = server_root

    def _include(self, directive: Directive, name: str, depth: int) -> None:
        place = directive.place
        optional = directive.name.lower() == "includeoptional"
        pattern = str(self.config.on_disk(self.config.absolute(name)))
        if "\0" in pattern:
            self.note(f"{directive.name}: no file has a NUL in its name", place)
            return
        wild = glob.has_magic(pattern)
        paths = sorted(glob.glob(pattern)) if wild else [pattern]  # noqa: PTH207
        if not paths and not optional:
            self.note(f"{directive.name} {name}: no file matches", place)
        for path in paths:
            if optional and not wild and not os.path.exists(path):  # noqa: PTH110
                continue
            for file in self._files_below(path, place, ()):
                self.read_file(file, directive.sections, depth + 1, place)

    def _files_below(self, path: str, place: Place, above: tuple[str, ...]) -> Iterator[Path]:
        if not os.path.isdir(path):  # noqa: PTH112 (Path.is_dir raises where it may not look)
            yield Path(path)
            return
        real = os.path.realpath(path)
        if real in above or len(self.config.files) >= _MOST_FILES:
            self.note(f"{path} lies within itself; not read again", place)
            return
        try:
            entries = sorted(os.listdir(path))  # noqa: PTH208
        except OSError as error:
            self.note(f"cannot read {path}: {error.strerror}", place)
            return
        for entry in entries:
            self.room -= _LINE_COST
            if self.room < 0:
                return
            yield from self._files_below(f"{path}/{entry}", place, (*above, real))

    def _define_macro(self, section: Section, lines: Iterator[tuple[Place, str]]) -> None:
        name, *parameters = words(section.argument) or [""]
        self.macros[name.lower()] = (parameters, list(_inside(section, lines)))

    def _use_macro(self, directive: Directive, depth: int) -> None:
        name, *values = directive.arguments or ("",)
        macro = self.macros.get(name.lower())
        if macro is None or len(macro[0]) != len(values) or depth > _DEEPEST_INCLUDE:
            self.note(f"Use {name}: no such macro with {len(values)} values", directive.place)
            return
        if name.lower() in self.open_macros:
            self.note(f"Use {name}: a macro cannot use itself", directive.place)
            return
        # Longer names first, as mod_macro does, so that $name does not break $name2.
        values_of = sorted(zip(macro[0], values, strict=True), key=lambda pair: -len(pair[0]))
        self.open_macros.append(name.lower())
        self.read_lines(self._substituted(macro[1], values_of), directive.sections, depth + 1)
        self.open_macros.pop()

    def _substituted(
        self, lines: Iterable[tuple[Place, str]], values: Sequence[tuple[str, str]]
    ) -> Iterator[tuple[Place, str]]:
        for place, text in lines:
            expanded = substitute(text, values)
            if expanded is None:
                self.note("the macro's values make the line too long", place)
            else:
                yield place, expanded


def _section(text: str, place: Place) -> Section:
    name, argument = next_word(text[1:])
    inner = f"{name} {argument}".strip()
    inner = inner[: inner.rfind(">")] if ">" in inner else inner
    name, argument = next_word(inner)
    return Section(name, argument.strip(), place)


def _inside(section: Section, lines: Iterator[tuple[Place, str]]) -> Iterator[tuple[Place, str]]:
    """The lines up to the one that closes `section`, which is taken too but not given."""
    depth = 1
    for place, text in lines:
        if text.startswith("<"):
            name = next_word(text[1:].lstrip("/"))[0].rstrip(">").lower()
            if name == section.name.lower():
                depth += -1 if text.startswith("</") else 1
            if depth == 0:
                return
        yield place, text


def _skip(section: Section, lines: Iterator[tuple[Place, str]]) -> None:
    for _ in _inside(section, lines):
        pass
