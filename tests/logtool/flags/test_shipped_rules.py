"""Shipped rules: each flags its own hits and nothing else, and none of its misses."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl
import pytest

from logtool.events.folding import fold
from logtool.flags.engine import Engine
from logtool.flags.finding import Finding, worst_first
from logtool.flags.findings import Flagger
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
daemon-exited request-timeout queue-timeout deadlock script-load-failed python-version-mismatch
max-request-workers tls-handshake-failed
""".split()  # noqa: SIM905 - one word is easier to find than one string

HITS = [(rule, hit) for rule in shipped_rules() for hit in rule.hits]
MISSES = [(rule, miss) for rule in shipped_rules() for miss in rule.misses]
COUNTED = [case for case in HITS if "\n" in case[1] and case[0].once_per != "event"]
COUNTED += [case for case in HITS if case[0].at_least > 1]


@cache
def engine() -> Engine:
    """All that errlog looks for, compiled once."""
    return Engine(default_rules())


def ids_found(samples: Sequence[str]) -> list[set[str]]:
    """The rules that hold somewhere in each sample; all are asked at once, for speed."""
    folded = fold(pl.concat([rows(sample, str(n)) for n, sample in enumerate(samples)]))
    hits = engine().hits(engine().candidates(folded)).filter(~pl.col("partner"))
    found: list[set[str]] = [set() for _ in samples]
    for number, file in hits.filter(pl.col("rule") >= 0).select("rule", "file").iter_rows():
        found[int(file)].add(default_rules()[number].id)
    return found


def flagged(text: str) -> list[Finding]:
    """What errlog flags in these raw lines."""
    flagger = Flagger(default_rules())
    flagger.add(fold(rows(text)))
    return worst_first(flagger.findings(), default_rules())


def test_hits() -> None:
    """Every sample of a rule is found by this rule alone."""
    found = ids_found([hit for _, hit in HITS])
    # A line may be found by a rule that counts it only with others, or without.
    loops = {rule.id for rule in shipped_rules() if rule.at_least > 1 or rule.partner}
    wrong = [
        (rule.id, hit, ids)
        for (rule, hit), ids in zip(HITS, found, strict=True)
        if ids - (loops - {rule.id}) != {rule.id}
    ]
    assert wrong == []


def test_misses() -> None:
    """No line that only looks like it is found by the rule."""
    single = [(rule, miss) for rule, miss in MISSES if rule.at_least == 1 and not rule.partner]
    found = ids_found([miss for _, miss in single])
    wrong = [
        (rule.id, miss) for (rule, miss), ids in zip(single, found, strict=True) if rule.id in ids
    ]
    assert wrong == []


@pytest.mark.parametrize(("rule", "hit"), COUNTED)
def test_counted_once(rule: Rule, hit: str) -> None:
    """Several lines that tell of one occurrence are one."""
    assert [(finding.rule, finding.count) for finding in flagged(hit)] == [(rule.id, 1)]


@pytest.mark.parametrize(
    ("rule", "miss"),
    [(rule, miss) for rule, miss in MISSES if rule.at_least > 1 or rule.partner],
)
def test_not_with_others(rule: Rule, miss: str) -> None:
    """Repetition that is too slow is no finding; nor is a line beside another that explains it."""
    assert rule.id not in [finding.rule for finding in flagged(miss)]


@pytest.mark.parametrize("name", ["daemon-crashed", "daemon-timeout", "deadlock", "heap-corrupted"])
def test_advice_that_may_have_been_followed(name: str) -> None:
    """Where an application may run in the main interpreter already, the cure says how to see it."""
    (cure,) = (rule.cure for rule in shipped_rules() if rule.id == name)
    assert "`WSGIApplicationGroup %{GLOBAL}`" in cure
    assert "application=''" in cure


def test_a_daemon_that_cannot_start_is_named_as_a_cause_of_timeouts() -> None:
    """Who reads that no answer came is sent to what may be behind it."""
    (cause,) = (rule.cause for rule in shipped_rules() if rule.id == "daemon-timeout")
    known = {rule.id for rule in shipped_rules()}
    assert {"python-home-invalid", "daemon-identity-failed"} <= known
    assert "`python-home-invalid` or `daemon-identity-failed`" in cause


DJANGO_WITHOUT_SETTINGS = """\
mod_wsgi (pid=2452): Failed to exec Python script file '/srv/app/wsgi.py'.
mod_wsgi (pid=2452): Exception occurred processing WSGI script '/srv/app/wsgi.py'.
Traceback (most recent call last):
  File "/srv/app/wsgi.py", line 4, in <module>
    application = get_wsgi_application()
  File "/usr/lib/python3/dist-packages/django/conf/__init__.py", line 170, in __init__
    mod = importlib.import_module(self.SETTINGS_MODULE)
ModuleNotFoundError: No module named 'shop'
"""


def test_settings_that_are_not_found_have_two_causes() -> None:
    """Nothing tells whose settings they are: the script fails to load, first; perhaps they leak."""
    head = "[Fri Nov 27 06:40:21.17 2026] [wsgi:error] [pid 2452:tid 9] [client 127.0.0.1:34536] "
    found = flagged("\n".join(head + line for line in DJANGO_WITHOUT_SETTINGS.splitlines()))
    assert [one.rule for one in found] == ["script-load-failed", "settings-leak"]
    assert "python-path=" in found[0].cure
    assert "`script-load-failed`" in found[1].cause


def test_what_rules_follow_from_is_a_rule() -> None:
    """A name that is misspelled would be followed by nothing."""
    known = {rule.id for rule in shipped_rules()}
    assert {name for rule in shipped_rules() for name in rule.follows} <= known


@pytest.mark.parametrize("name", FIXED)
def test_fixed_ids(name: str) -> None:
    """Every id promised to users has a rule, and each rule about lines brings samples."""
    rule = next(rule for rule in shipped_rules() if rule.id == name)
    assert rule.clock or (rule.hits and rule.misses)


def test_every_rule_has_a_unique_id() -> None:
    """No two families share an id."""
    names = [rule.id for rule in default_rules()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("where", ["GET /?q={}", "Not Found: /{}", "User-Agent: {}", "'{}'"])
def test_forged(where: str) -> None:
    """The words of a rule inside a URL or header flag nothing."""
    words = [hit.rsplit("] ", 1)[1] for _, hit in HITS if "\n" not in hit and "] " in hit]
    lines = [
        "[Sun Nov 22 14:26:42.534839 2026] [wsgi:error] [pid 14666:tid 14697] "
        "[remote 127.0.0.1:48334] " + where.format(text)
        for text in words
    ]
    found = ids_found(lines)
    assert [line for line, ids in zip(lines, found, strict=True) if ids] == []


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
