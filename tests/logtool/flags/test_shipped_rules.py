"""Shipped rules: each flags its own hits and nothing else, and none of its misses."""

from __future__ import annotations

import pytest

from logtool.events.folding import fold
from logtool.flags.findings import Finding, Flagger
from logtool.flags.rule import Rule, shipped_rules
from logtool.flags.wsgi_codes import default_rules, wsgi_codes
from tests.logtool.events.rows import rows

#: The ids that users and other tools rely on.
FIXED = """\
signal-handler-ignored selinux-mmap-denied stdout-restricted stdin-restricted
clock-differs-from-server clock-flips-in-process timestamp-without-offset strftime-in-time-options
file-access-denied daemon-socket-denied relative-path settings-leak home-unusable ascii-locale
stdin-read log-object-not-a-file script-object-pickled extension-in-subinterpreter memory-exhausted
thread-limit daemon-crashed daemon-timeout response-truncated daemon-unreachable daemon-restarting
request-timeout queue-timeout deadlock script-load-failed python-version-mismatch
max-request-workers tls-handshake-failed
""".split()  # noqa: SIM905 - one word is easier to find than one string

HITS = [(rule, hit) for rule in shipped_rules() for hit in rule.hits]
MISSES = [(rule, miss) for rule in shipped_rules() for miss in rule.misses]


def flagged(text: str) -> list[Finding]:
    """What all shipped rules find in these raw lines."""
    flagger = Flagger(default_rules())
    flagger.add(fold(rows(text)))
    return flagger.findings()


def ids(cases: list[tuple[Rule, str]]) -> list[str]:
    """A name for each case."""
    return [f"{rule.id}-{number}" for number, (rule, _) in enumerate(cases)]


@pytest.mark.parametrize(("rule", "hit"), HITS, ids=ids(HITS))
def test_hits(rule: Rule, hit: str) -> None:
    """A rule's sample is found once, by this rule alone."""
    assert [(finding.rule, finding.count) for finding in flagged(hit)] == [(rule.id, 1)]


@pytest.mark.parametrize(("rule", "miss"), MISSES, ids=ids(MISSES))
def test_misses(rule: Rule, miss: str) -> None:
    """A line that only looks like it is not found by this rule."""
    assert rule.id not in [finding.rule for finding in flagged(miss)]


@pytest.mark.parametrize("name", FIXED)
def test_fixed_ids(name: str) -> None:
    """Every id promised to users has a rule, and each rule about lines brings samples."""
    rule = next(rule for rule in shipped_rules() if rule.id == name)
    assert rule.clock or (rule.hits and rule.misses)


def test_every_rule_has_a_unique_id() -> None:
    """No two families share an id."""
    names = [rule.id for rule in shipped_rules()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("where", ["GET /?q={}", "Not Found: /{}", "User-Agent: {}"])
@pytest.mark.parametrize("hit", [hit for _, hit in HITS if "\n" not in hit and "] " in hit])
def test_forged(hit: str, where: str) -> None:
    """The words of a rule inside a URL or header flag nothing."""
    message = hit.rsplit("] ", 1)[1]
    line = (
        "[Sun Nov 22 14:26:42.534839 2026] [wsgi:error] [pid 14666:tid 14697] "
        "[remote 127.0.0.1:48334] " + where.format(message)
    )
    assert flagged(line) == []


@pytest.mark.parametrize("code", ["WSGI0080", "WSGI0123", "WSGI0185", "WSGI0209"])
def test_wsgi_codes(code: str) -> None:
    """A code without a rule of its own is flagged with its title."""
    line = (
        "[Sun Nov 22 14:26:42.534839 2026] [wsgi:error] [pid 14666:tid 14697] "
        f"[remote 127.0.0.1:48334] [script /srv/app.wsgi] {code}: text"
    )
    assert [(found.rule, found.title) for found in flagged(line)] == [
        (code, wsgi_codes()[code].title)
    ]


def test_an_exception_of_the_application_is_no_known_problem() -> None:
    """mod_wsgi 6 gives exceptions a code; they are flagged no more than those of mod_wsgi 4."""
    line = (
        "[Sun Nov 22 14:26:42.534839 2026] [wsgi:error] [pid 14666:tid 14697] [remote 1.2.3.4:5] "
        "WSGI0174: [script /srv/app.wsgi] ValueError exception raised processing WSGI script "
        "'/srv/app.wsgi' for main interpreter of daemon process 'app'."
    )
    assert flagged(line) == []
