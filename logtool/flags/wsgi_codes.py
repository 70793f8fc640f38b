"""WSGI codes: the WSGInnnn numbers of mod_wsgi 6, each as a rule that gives way to any other."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path

from logtool.flags.rule import Rule, shipped_rules
from parsers.classes import dataclass

_SEVERITY = {"alert": "critical", "crit": "critical", "err": "error", "warning": "warning"}
_SEE = "https://modwsgi.readthedocs.io/en/develop/error-reference.html"


@dataclass(frozen=True, slots=True)
class WsgiCode:
    """One code.

    Attributes:
        code: `WSGI0146`.
        level: as mod_wsgi logs it: alert, crit, err or warning.
        title: what it means, in our words.
        is_problem: False for exceptions of the application.
    """

    code: str
    level: str
    title: str
    is_problem: bool


@cache
def wsgi_codes() -> dict[str, WsgiCode]:
    """All codes of mod_wsgi 6.0.0 to 6.1.1."""
    text = (Path(__file__).with_name("rules") / "wsgi_codes.toml").read_text("utf-8")
    return {
        code: WsgiCode(code, row[0], row[1], row[2] if len(row) > 2 else True)
        for code, row in tomllib.loads(text)["codes"].items()
    }


@cache
def wsgi_code_rules() -> tuple[Rule, ...]:
    """A rule for every code that tells of a problem."""
    return tuple(_rule(code) for code in wsgi_codes().values() if code.is_problem)


def default_rules() -> tuple[Rule, ...]:
    """All that `errlog flags` looks for: the shipped rules and the codes."""
    return (*shipped_rules(), *wsgi_code_rules())


def _rule(code: WsgiCode) -> Rule:
    return Rule(
        id=code.code,
        title=code.title,
        severity=_SEVERITY[code.level],
        whens=({"tag": [code.code]},),
        unless=(),
        clock="",
        once_per="event",
        once_within=timedelta(seconds=60),
        at_least=1,
        within=timedelta(seconds=60),
        partner=None,
        yields=True,
        follows=(),
        stamps_only=False,
        cause=f"mod_wsgi logged {code.code} at level {code.level}; its line tells the details.",
        cure=f"Look {code.code} up in mod_wsgi's error reference.",
        see=_SEE,
        hits=(),
        misses=(),
    )
