"""The lives of Apache in a log, from start to start."""

from __future__ import annotations

import numpy as np
import pytest

from logtool.clocks.doubt.server_lives import ServerLives, Start, unannounced
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.roles import Process
from logtool.clocks.seen.spans import UTC
from tests.logtool.clocks.scenes import knots_of, sample, scene

RESUMING = "AH00489: Apache/2.4.71 (Debian) configured -- resuming normal operations"
STOPPING = "AH00491: caught SIGTERM, shutting down"
#: A parent and its daemons; a daemon that begins before the next parent has its say.
KNOTS = (
    *((1, 0), (10, 60), (1, 90), (10, 95), (11, 386), (10, 392)),
    *((20, 400), (2, 400.2), (20, 460)),
)
ROLES = {1: "parent", 10: "daemon", 11: "daemon", 20: "daemon", 2: "parent"}


@pytest.mark.parametrize("announced", [False, True])
def test_a_life_begins_with_the_first_who_is_new(announced: bool) -> None:
    """Who spoke last before was killed with its parent, though that had spoken before it.

    And be it but moments before: the server is started anew at once.
    """
    words = [(1, 1, RESUMING), (8, 2, RESUMING)]
    if announced:
        words.insert(1, (3, 1, STOPPING))
    heads = [sample(text, line=number, pid=pid) for number, pid, text in words]
    seen = scene(knots_of(*KNOTS), {pid: Process(role) for pid, role in ROLES.items()}, heads)
    sudden = unannounced(seen)
    assert sudden == [Start(-1, 0)] + ([] if announced else [Start(0, 7)])
    lives = ServerLives.of(seen, sudden)
    pids = seen.spans.pid.tolist()
    life = dict(zip(pids, lives.of_span.tolist(), strict=True))
    assert [life[pid] for pid in (1, 10, 11, 20, 2)] == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("deny", range(12))
@pytest.mark.parametrize("agree", range(3))
def test_one_who_agrees_by_chance_does_not_outweigh_many(agree: int, deny: int) -> None:
    """Of a life, those who agree count unless more than five times as many deny."""
    pids = range(10, 10 + agree + deny)
    seen = scene(knots_of((1, 0), *((pid, pid) for pid in pids)))
    lives = ServerLives.of(seen, [])
    spans = [at for at, pid in enumerate(seen.spans.pid.tolist()) if pid in pids]
    votes = [
        Link(UTC, span, 0 if nth < agree else 3600, 99.0, str(span), "requests", "says so")
        for nth, span in enumerate(spans)
    ]

    agreeing = lives.agreeing(votes, np.zeros(len(seen.spans), np.int64))
    assert agreeing == ({0} if agree and agree * 5 >= deny else set())
