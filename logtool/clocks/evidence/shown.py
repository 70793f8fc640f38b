"""Shown: takes a scene, tells whether its lines show who keeps the server's clock."""

from __future__ import annotations

import numpy as np

from logtool.clocks.evidence.anchors import OF_THE_SERVER, vouches_for_its_process
from logtool.clocks.evidence.placed import Placed
from logtool.clocks.seen.constraints import Tie
from logtool.clocks.seen.roles import is_the_servers
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import HEARSAY_PID, UTC, UTC_PID
from logtool.clocks.seen.voices import is_voice


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
    another zone. What httpd says in a child in which one runs is stamped in that zone too.
    """
    if some_keep_the_servers(scene):
        return False
    said = [(sample, scene.process(span)) for sample, span in scene.spoken if span != UTC]
    return bool(said) and all(who.embedded or not is_the_servers(words) for words, who in said)


def _only_the_server_speaks(scene: Scene) -> bool:
    """Whether nobody writes a pid, and no line is an application's."""
    if not all(map(is_voice, scene.spans.pid[1:].tolist())):
        return False
    said = [sample for sample, span in scene.spoken if span != UTC]
    return bool(said) and all(map(is_the_servers, said))


def _is_a_guess(tie: Tie) -> bool:
    """Whether nothing but what is known of the server's clock joins two groups, and not surely."""
    return (
        bool(tie.links) and not tie.sure and all(link.kind in OF_THE_SERVER for link in tie.links)
    )


class Shown:
    """What the lines of a log show of who keeps the server's clock, as the answer places them.

    Attributes:
        guessed: nothing but the server's zone ties the log to UTC, and no line tells who keeps it.
            Rotation has cut off how all began, and their applications may have set other zones.
            Where a process is seen leaving the server's clock, that tells who kept it.
    """

    def __init__(self, placed: Placed) -> None:
        scene, links, offset = placed.scene, placed.links, placed.offset
        agreeing = [link for link in links if link.a == UTC and offset[link.b] == link.delta_s]
        self._placed, self._pids = placed, scene.spans.pid
        #: Spans that are where their own witnesses put them.
        self._own = {link.b for link in agreeing if vouches_for_its_process(link)}
        self._kept = {link.b for link in agreeing if link.kind in OF_THE_SERVER}
        self._strayed = {link.b for link in links if link.kind in OF_THE_SERVER} - self._kept
        #: Pids of processes that are seen at it and away from it.
        self._moved = {int(self._pids[span]) for span in self._strayed}
        self._moved &= {int(self._pids[span]) for span in self._kept}
        self.guessed = (
            {link.kind for link in agreeing} == {"server-tz"}
            and not self._moved
            and not np.any(scene.knots.pid == UTC_PID)
            and not some_keep_the_servers(scene)
            and not _only_the_server_speaks(scene)
        )

    def unshown(self) -> list[int]:
        """The spans that are taken to keep the server's clock, which nothing shows."""
        scene, held, losers = self._placed.scene, self._placed.held, self._placed.losers
        guesses = [span for span, tie in held.items() if _is_a_guess(tie)]
        if not guesses or self.guessed:
            return guesses
        if only_applications_speak(scene):
            return [span for span in guesses if not self._holds(held[span])]
        contradicted = any(
            vouches_for_its_process(link) for span in guesses for link in losers.get(span, ())
        )
        if not contradicted and not self._has_left_unseen():
            return []
        vouched = {id(held[span]) for span in self._own if span in held}
        return [
            span
            for span in guesses
            if id(held[span]) not in vouched and not self._leaves(held[span])
        ]

    def _holds(self, tie: Tie) -> bool:
        """Whether applications show that what is known of the server's clock holds for a tie.

        Some span must be at the server's offset by its own witness too. Where applications have
        left it, that says nothing of one that keeps one clock throughout: it may have left before
        its first line.
        """
        vouched = not self._own.isdisjoint(self._kept)
        return vouched and (not self._strayed or self._leaves(tie))

    def _leaves(self, tie: Tie) -> bool:
        """Whether a process that a tie speaks of is seen leaving the server's clock."""
        return any(int(self._pids[link.b]) in self._moved for link in tie.links)

    def _has_left_unseen(self) -> bool:
        """Whether a child is away from the server's clock, by its own witness, all the time."""
        return any(
            self._placed.scene.process(span).role == "child"
            and int(self._pids[span]) not in self._moved
            for span in self._strayed & self._own
        )
