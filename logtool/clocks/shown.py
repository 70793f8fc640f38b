"""Shown: takes a scene, tells whether its lines show who keeps the server's clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.anchors import OF_THE_SERVER, vouches_for_its_process
from logtool.clocks.constraints import Link, Tie
from logtool.clocks.roles import is_the_servers
from logtool.clocks.scene import Scene
from logtool.clocks.spans import HEARSAY_PID, UTC, UTC_PID
from logtool.clocks.voices import is_voice


def some_keep_the_servers(scene: Scene) -> bool:
    """Whether some span is a parent's, a birth, or of a child in which no application was seen."""
    return any(
        scene.is_early(span) or scene.serves(span)
        for span in range(1, len(scene.spans))
        if scene.spans.pid[span] != HEARSAY_PID
    )


def only_applications_speak(scene: Scene) -> bool:
    """Whether every line is an application's, as in the log of one virtual host.

    What is known of the server's clock tells nothing sure of these: any of them may have set
    another zone.
    """
    if some_keep_the_servers(scene):
        return False
    said = [sample for sample, span in scene.spoken if span != UTC]
    return bool(said) and not any(map(is_the_servers, said))


def is_guessed(scene: Scene, links: Sequence[Link], offset: NDArray[np.int64]) -> bool:
    """Whether nothing but the server's zone ties a log to UTC, and no line tells who keeps it.

    Rotation has cut off how all began, and their applications may have set other zones. Where a
    process is seen leaving the server's clock, that tells who kept it.

    Args:
        scene: the log.
        links: all votes.
        offset: int64[spans], the answer.
    """
    kinds = {link.kind for link in links if link.a == UTC and offset[link.b] == link.delta_s}
    if kinds != {"server-tz"} or some_keep_the_servers(scene):
        return False
    if np.any(scene.knots.pid == UTC_PID) or _only_the_server_speaks(scene):
        return False
    return not _Leavers(scene, links, offset).moved


def _only_the_server_speaks(scene: Scene) -> bool:
    """Whether nobody writes a pid, and no line is an application's."""
    if not all(map(is_voice, scene.spans.pid[1:].tolist())):
        return False
    said = [sample for sample, span in scene.spoken if span != UTC]
    return bool(said) and all(map(is_the_servers, said))


def unshown(
    scene: Scene,
    links: Sequence[Link],
    offset: NDArray[np.int64],
    held: Mapping[int, Tie],
    losers: Mapping[int, Sequence[Link]],
) -> list[int]:
    """The spans that are taken to keep the server's clock, which nothing shows.

    Args:
        scene: the log.
        links: all votes.
        offset: int64[spans], the answer.
        held: span -> the tie that holds it, and all that it is held by, to UTC.
        losers: span -> loud links that the answer contradicts.
    """
    guesses = [span for span, tie in held.items() if _is_a_guess(tie)]
    if not guesses or is_guessed(scene, links, offset):
        return guesses
    seen = _Leavers(scene, links, offset)
    if only_applications_speak(scene):
        return [span for span in guesses if not seen.shown(held[span])]
    contradicted = any(
        vouches_for_its_process(link) for span in guesses for link in losers.get(span, ())
    )
    if not contradicted and not seen.has_left_unseen():
        return []
    vouched = {id(held[span]) for span in seen.own if span in held}
    return [
        span for span in guesses if id(held[span]) not in vouched and not seen.leaves(held[span])
    ]


def _is_a_guess(tie: Tie) -> bool:
    """Whether nothing but what is known of the server's clock joins two groups, and not surely."""
    return (
        bool(tie.links) and not tie.sure and all(link.kind in OF_THE_SERVER for link in tie.links)
    )


class _Leavers:
    """Who is seen at the server's clock, and who away from it.

    Attributes:
        own: spans that are where their own witnesses put them.
        moved: pids of processes that are seen at it and away from it.
    """

    def __init__(self, scene: Scene, links: Sequence[Link], offset: NDArray[np.int64]) -> None:
        pids = scene.spans.pid
        agreeing = [link for link in links if link.a == UTC and offset[link.b] == link.delta_s]
        self._scene = scene
        self.own = {link.b for link in agreeing if vouches_for_its_process(link)}
        self._kept = {link.b for link in agreeing if link.kind in OF_THE_SERVER}
        self._strayed = {link.b for link in links if link.kind in OF_THE_SERVER} - self._kept
        self.moved = {int(pids[span]) for span in self._strayed}
        self.moved &= {int(pids[span]) for span in self._kept}

    def shown(self, tie: Tie) -> bool:
        """Whether applications show that what is known of the server's clock holds for a tie.

        Some span must be at the server's offset by its own witness too. Where applications have
        left it, that says nothing of one that keeps one clock throughout: it may have left before
        its first line.
        """
        vouched = not self.own.isdisjoint(self._kept)
        return vouched and (not self._strayed or self.leaves(tie))

    def leaves(self, tie: Tie) -> bool:
        """Whether a process that a tie speaks of is seen leaving the server's clock."""
        pids = self._scene.spans.pid
        return any(int(pids[link.b]) in self.moved for link in tie.links)

    def has_left_unseen(self) -> bool:
        """Whether a child is away from the server's clock, by its own witness, all the time."""
        pids = self._scene.spans.pid
        return any(
            self._scene.process(span).role == "child" and int(pids[span]) not in self.moved
            for span in self._strayed & self.own
        )
