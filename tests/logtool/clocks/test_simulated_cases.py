"""Simulated logs that were placed wrongly once: every line is exact, and none wrong and certain."""

from __future__ import annotations

import pytest

from benchmarks.clock_accuracy import anchors_of, load, reproduce, score
from benchmarks.left_open import open_rows

ENGINE = load("benchmarks.clock_accuracy:errlog")
#: Kind, seed and anchor, by what had to be understood.
CASES = [
    # A server started anew under the application's zone: daemons that speak on in the clock of
    # their birth show their application's zone too.
    ("moved", 500415, "none"),
    ("moved", 501039, "none"),
    ("moved", 501195, "mtime"),
    ("moved", 501975, "none"),
    # There the file's time says what only all that follow the restart can agree to together.
    ("moved", 501819, "mtime"),
    # Until its application is loaded an embedded child keeps the server's clock.
    ("autumn embedded", 501406, "server-tz"),
    # A child that waited a minute for its daemon, seen in one pair of lines within a month.
    ("sparse errors", 501081, "server-tz"),
    # All groups of two processes whose applications fight over the zone have to move at once.
    ("flips", 630046, "server-tz"),
    # Six groups between a silence and where time would run backwards.
    ("flips", 120, "mtime"),
    # A second application finds the zone that the first has set.
    ("flip once", 630045, "mtime"),
    # A server stopped and started anew in another zone, whether or not its first start is told.
    ("moved", 630207, "mtime"),
    ("moved", 630207, "none"),
    ("moved", 630051, "none"),
    # Old daemons speak on after their parent.
    ("moved", 612579, "mtime"),
    # In the night of the change a process falls by 26 s only, for it was silent for an hour.
    ("Sydney", 612167, "mtime"),
    # Order is not broken for the price of the silence that it spares.
    ("autumn embedded", 631822, "none"),
    # And a child that was not seen starting, if its application says as the first thing that it is
    # loaded.
    ("embedded and daemons", 890798, "server-tz"),
    # What is said in the span of the loading is said by the server's clock, seconds later too.
    ("spring", 830948, "mtime"),
    # A third zone does not come free.
    ("flip once", 890331, "access-log"),
    # A server does not go to and fro between London and UTC.
    ("spring", 833912, "none"),
    # Nineteen seconds of a process that half an hour of others' minutes went by in.
    ("hard", 832771, "server-tz"),
    # Lines of a clock in which births are may yet be of an application.
    ("pidless 2.2-like", 501444, "server-tz"),
    # Clocks that go back while everybody is silent for about as long.
    ("flips in bursts", 717563, "none"),
    ("written once", 718761, "access-log"),
    # A server stopped and started anew: all before it lies half a day from all after it.
    ("moved", 661719, "none"),
    ("moved", 764679, "none"),
    # One line in two hundred tells which of two clocks is the server's.
    ("pidless 2.2-like", 768516, "server-tz"),
    # Daemons that write their offset in later lines were born with the server's all the same.
    ("written by a host", 1011340, "mtime"),
    ("written by a host", 1012432, "none"),
    # A process that leaves the server's clock does not go back to it whenever that spares silence.
    ("sparse errors", 1104489, "server-tz"),
    # Nor while groups are moved one by one.
    ("sparse errors", 1107921, "server-tz"),
    # Nor to that of the first of two applications.
    ("embedded two", 871141, "server-tz"),
    # Many guesses about one application do not add up.
    # Forged lines of tomorrow are nobody's clock,
    ("forged", 1112744, "mtime"),
    # and do not outweigh a file's time that is a millisecond from its last line.
    ("forged", 663152, "mtime"),
    # Where one is the last, the line before it may be of the file's time.
    ("forged", 1201404, "mtime"),
    # Of three zones, where nothing ties the log to UTC,
    ("flips", 1203332, "none"),
    ("flips", 1201400, "none"),
    # and where what comes before a silence cannot stay on earth if all after it moves.
    ("flips", 1203428, "none"),
    # Daemons that end before any application was loaded end by the server's clock.
    ("stopped", 1001642, "mtime"),
    # All before a silence that only a wrong story makes so long.
    ("flips", 1105534, "mtime"),
    # Of the zones that suit a restart better, the best.
    ("moved", 1220319, "mtime"),
]
#: The same, of logs some lines of which the truth leaves open.
FIRM = [
    # One line that an hour of silence hangs on is not taken for a forged one.
    ("St Johns", 1210663, "mtime"),
    # A server that was stopped is started anew within minutes, if need be in another zone.
    ("moved", 1200035, "none"),
    ("moved", 1202663, "none"),
    # An access log that ends before the stop says nothing of it.
    ("moved", 1011237, "access-log"),
]


@pytest.mark.parametrize(("kind", "seed", "anchor"), CASES)
def test_every_line_is_exact(kind: str, seed: int, anchor: str) -> None:
    """Without an anchor up to one shift."""
    log = reproduce(kind, seed)
    answers = ENGINE(log.log, **anchors_of(log, anchor))
    counts = score(log, answers, forgive_shift=anchor == "none")
    assert (counts.exact, counts.overconfident) == (counts.lines, 0)


@pytest.mark.parametrize(("kind", "seed", "anchor"), FIRM)
def test_every_firm_line_is_exact(kind: str, seed: int, anchor: str) -> None:
    """All lines that the truth does not leave open."""
    log = reproduce(kind, seed)
    answers, left_open = ENGINE(log.log, **anchors_of(log, anchor)), open_rows(log, anchor)
    counts = score(log, answers, forgive_shift=anchor == "none", left_open=left_open)
    assert counts.lines - counts.exact == counts.open - counts.open_exact
    assert counts.overconfident == 0


def test_ids_vouch_for_their_own_lines() -> None:
    """Lines without a pid are put together by their times: the ids of some say nothing for all."""
    log = reproduce("pidless ids-no-pid", 661346)
    counts = score(log, ENGINE(log.log, **anchors_of(log, "access-log")), forgive_shift=False)
    assert counts.overconfident == 0


def test_an_access_log_knows_nothing_of_a_later_start() -> None:
    """It ends before the server was stopped and started anew in another zone."""
    log = reproduce("moved", 854218)
    counts = score(log, ENGINE(log.log, **anchors_of(log, "access-log")), forgive_shift=False)
    assert counts.overconfident == 0
