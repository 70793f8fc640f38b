"""Which known problem is told first."""

from __future__ import annotations

from logtool.flags.finding import finding_of, worst_first
from logtool.flags.rule import shipped_rules


def test_what_kills_comes_before_clocks() -> None:
    """Of equal severity, however often stamps are meant; a worse one comes first all the same."""
    rules = {rule.id: rule for rule in shipped_rules()}
    clock = rules["clock-flips-in-process"]
    killed = next(rule for rule in rules.values() if rule.severity == clock.severity and rule.whens)
    milder = rules["clock-differs-from-server"]
    found = [finding_of(milder, 99), finding_of(clock, 50), finding_of(killed, 8)]

    assert [one.rule for one in worst_first(found, rules.values())] == [
        killed.id,
        clock.id,
        milder.id,
    ]
