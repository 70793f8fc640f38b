"""Shown: takes a scene, tells whether its lines show who keeps the server's clock."""

from __future__ import annotations

from logtool.clocks.roles import is_the_servers
from logtool.clocks.scene import Scene
from logtool.clocks.spans import HEARSAY_PID, UTC


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
