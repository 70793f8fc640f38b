"""Environment: takes a shell file of assignments, gives the variables it sets. Nothing is executed.

Understood: `NAME=value`, `export NAME=value …`, `export NAME`, `unset NAME`, `: ${NAME:=value}`,
quotes, `$NAME`, `${NAME}`, `${NAME:-default}`. What stands inside `if`, `case`, a loop or a
function counts as not set; a value from a command is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from parsers.classes import dataclass

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)\Z", re.DOTALL)
_DEFAULT = re.compile(r":\s+\"?\$\{([A-Za-z_]\w*):?=(.*?)\}\"?\s*(?:#.*)?\Z")
_PARAMETER = re.compile(r"\$(?:\{(\w+)(?::?([-=+?])([^}]*))?\}|(\w+))")
_OPENERS = frozenset({"if", "case", "for", "while", "until", "{"})
#: Words before a command inside a compound one.
_LEADERS = frozenset({"then", "else", "elif", "do"})
_CLOSERS = frozenset({"fi", "esac", "done", "}"})
#: A word: quoted pieces and bare pieces that touch.
_WORD = re.compile(r"""(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s;'"\\])+|;""")
_PIECE = re.compile(r"""'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^'"\\]+)""")


@dataclass(frozen=True, slots=True)
class Variable:
    """One assignment.

    Attributes:
        name: the variable.
        value: its value, or None where only running the shell would tell.
        exported: whether the processes Apache starts see it.
        line: number of its line, from 1.
        certain: it does not stand under a condition.
    """

    name: str
    value: str | None
    exported: bool
    line: int
    certain: bool = True


def read_envvars(text: str) -> dict[str, Variable]:
    """The variables that a shell file such as Debian's `envvars` leaves set."""
    known: dict[str, Variable] = {}
    depth = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if default := _DEFAULT.match(line.strip()):
            name = default[1]
            if name not in known:
                value = _expand(default[2].strip("\"'"), known)
                known[name] = Variable(name, value, False, number, depth == 0)
            continue
        for command, alone in _commands(line):
            first = command[0]
            depth -= first in _CLOSERS
            _run(command, known, number, certain=alone and depth <= 0)
            depth += first in _OPENERS or (len(command) > 1 and command[-1] == "{")
    return known


def _commands(line: str) -> Iterator[tuple[list[str], bool]]:
    """The simple commands of a line, and whether each runs whatever came before it."""
    command: list[str] = []
    alone = True
    found = _WORD.findall(line)
    comment = next((at for at, word in enumerate(found) if word.startswith("#")), len(found))
    for word in [*found[:comment], ";"]:
        if word not in (";", "&&", "||"):
            if command or word not in _LEADERS:
                command.append(word)
            continue
        if command:
            yield command, alone
        command, alone = [], word == ";"


def _run(words: list[str], known: dict[str, Variable], line: int, *, certain: bool) -> None:
    """Note what one simple command says of variables."""
    if not words:
        return
    command, arguments = words[0], words[1:]
    if command == "unset":
        for name in arguments:
            if certain:
                known.pop(name, None)
        return
    exports = command == "export"
    if not exports and not all(_ASSIGNMENT.match(word) for word in words):
        return
    for word in arguments if exports else words:
        if found := _ASSIGNMENT.match(word):
            name, value = found[1], _expand(found[2], known)
        elif exports and word in known:
            name, value = word, known[word].value
        else:
            continue
        if certain or name not in known:
            exported = exports or (name in known and known[name].exported)
            # What is set only under a condition is remembered, but expands to nothing.
            known[name] = Variable(name, value if certain else None, exported, line, certain)


def _expand(text: str, known: dict[str, Variable]) -> str | None:
    """The value of a word, or None where it comes from a command."""
    value = ""
    for single, double, escaped, bare in _PIECE.findall(text):
        loose = double or bare
        if "`" in loose or "$(" in loose:
            return None
        expanded = _PARAMETER.sub(lambda found: _parameter(found, known), loose)
        if "${" in expanded:
            return None
        value += single + re.sub(r"\\([\"\\$`])", r"\1", expanded) + escaped
    return value


def _parameter(found: re.Match[str], known: dict[str, Variable]) -> str:
    variable = known.get(found[1] or found[4])
    value = variable.value if variable and variable.value is not None else ""
    operator, word = found[2], found[3] or ""
    if operator in ("-", "="):
        return value or word
    if operator == "+":
        return word if value else ""
    return value
