"""Explanations: take rules, give what `errlog explain` says of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from logtool.errors import UsageError
from logtool.flags.rule import Rule, read_rules
from logtool.flags.wsgi_codes import WsgiCode, default_rules, wsgi_codes
from logtool.people.misspelled import did_you_mean
from logtool.people.terminal import wrapped

#: As wide as a terminal of 80 columns shows it.
_WIDTH = 80
#: The column of a listing's titles.
_TITLE = 46
#: Names of rules have several words, of which one is remembered: fewer letters need agree.
_ALIKE = 0.5


def rules_with(own: str | None) -> tuple[Rule, ...]:
    """The rules that come with errlog, and those of the user's file; theirs win by their id."""
    mine = read_rules(own) if own else ()
    taken = {rule.id for rule in mine}
    return (*mine, *(rule for rule in default_rules() if rule.id not in taken))


def no_such_rule(name: str, known: Iterable[str]) -> UsageError:
    """What to say of a rule that is none, with those that may be meant."""
    meant = did_you_mean(name, known, 3, _ALIKE)
    hint = f"; {meant}" if meant else ""
    return UsageError(f"there is no rule {name!r}{hint} (errlog explain --list shows all)")


def listing(rules: Sequence[Rule], width: int | None = None) -> Iterator[str]:
    """One line for each rule, then for each code: id, severity, title; more where `width` asks."""
    rows = [(rule.id, rule.severity, rule.title) for rule in rules if not rule.is_code]
    rows += [(code.code, code.level, code.title) for code in wsgi_codes().values()]
    for name, severity, title in rows:
        first, *others = [title] if width is None else wrapped(title, width - _TITLE, rest="")
        yield f"{name:35} {severity:9} {first}"
        yield from (" " * _TITLE + part for part in others)


def explanation(rules: Sequence[Rule], name: str) -> Iterator[str]:
    """All there is to say of one rule or code.

    Raises:
        UsageError: there is none of that name.
    """
    by_id = {rule.id: rule for rule in rules}
    code = wsgi_codes().get(name.upper())
    rule = by_id.get(name) or by_id.get(name.lower())
    if rule is None and code is None:
        raise no_such_rule(name, [*by_id, *wsgi_codes()])
    return _tell_rule(rule) if rule and not code else _tell_code(rules, code)


def in_short(rule: Rule) -> Iterator[str]:
    """What to say of a rule under a line it holds on."""
    yield f"{rule.id} ({rule.severity}): {rule.title}"
    yield from _wrapped(f"Cause: {rule.cause}")
    yield from _wrapped(f"Cure: {rule.cure}")
    yield f"  See: {rule.see}"


def _tell_rule(rule: Rule) -> Iterator[str]:
    yield f"{rule.id} ({rule.severity})"
    yield rule.title
    for heading, text in (("Cause", rule.cause), ("Cure", rule.cure)):
        yield ""
        yield heading
        yield from _wrapped(text)
    yield ""
    yield "See"
    yield f"  {rule.see}"
    if rule.hits:
        yield ""
        yield "Looks like"
        yield from (f"  {line}" for line in rule.hits[0].split("\n"))


def _tell_code(rules: Sequence[Rule], code: WsgiCode | None) -> Iterator[str]:
    if code is None:
        return
    yield f"{code.code} (mod_wsgi 6, logged at {code.level})"
    yield code.title
    named = [rule for rule in rules if not rule.is_code and _names(rule, code.code)]
    for rule in named:
        yield ""
        yield f"Flagged as {rule.id}:"
        yield from _wrapped(rule.cause)
        yield from _wrapped(rule.cure)
    if not code.is_problem:
        yield ""
        yield from _wrapped(
            "Not flagged: it tells of the application or its users, not of mod_wsgi."
        )


def _names(rule: Rule, code: str) -> bool:
    return any(code in when.get("tag", ()) for when in rule.whens)


def _wrapped(text: str) -> list[str]:
    return wrapped(text, _WIDTH, "  ", "  ")
