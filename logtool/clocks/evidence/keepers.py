"""Keepers: take a scene, tell which spans keep the server's clock, how likely, and who surely does.

An application that runs inside a child moves the child's clock, and need not write a word. Only who
was seen being born with mod_wsgi's words, or cannot run Python, keeps the server's for certain.
"""

from __future__ import annotations

import re
from functools import cached_property

import numpy as np

from logtool.clocks.evidence.shown import some_keep_the_servers
from logtool.clocks.seen.roles import is_the_servers, stage_of
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import CHANGED, HEARSAY_PID, Cut
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.tzdb.zones import Rules

#: Cuts at which a clock may just as well have stayed.
_PERHAPS = (Cut.SILENCE, Cut.DOUBT, Cut.ZONE)
#: What a parent's banner names if something in its children may set a zone.
_INTERPRETER = re.compile(rb"(?i)python|wsgi|php|perl|passenger")


class ServerKeeper:
    """Span -> (weight, sure) that it keeps the server's clock."""

    def __init__(self, scene: Scene, rules: Rules, weight: float, *, strict: bool = False) -> None:
        """Look at a scene.

        Args:
            scene: the log.
            rules: the server's offsets.
            weight: of what is sure.
            strict: the zone is the parent's; else it is that of all who serve, as an access log
                tells it, which children write in whatever clock they keep.
        """
        self._scene, self._rules, self._weight, self._strict = scene, rules, weight, strict

    @cached_property
    def _some_serve(self) -> bool:
        return any(map(self._scene.serves, range(1, len(self._scene.spans))))

    @cached_property
    def _telling(self) -> set[int]:
        """Spans in which a line tells by itself that it is the server's."""
        return {span for sample, span in self._scene.spoken if is_the_servers(sample)}

    def __call__(self, span: int) -> tuple[float, bool]:
        """How strongly a span is held to keep the server's clock, and whether that is sure."""
        scene, weight = self._scene, self._weight
        process = scene.process(span)
        if scene.spans.pid[span] == HEARSAY_PID:
            return 0.0, False
        if is_voice(int(scene.spans.pid[span])):
            # Not a process but lines of one clock: they may be anybody's who keeps it.
            # Where nobody is known to keep the server's, anybody may.
            if span in self._telling or not (self._some_serve or self._telling):
                return 0.3 * weight, False
            return (0.03 if scene.serves(span) else 0.003) * weight, False
        if process.role == "parent":
            return weight, True
        if span in scene.unloaded and not scene.is_birth(span):
            return 0.9 * weight, False  # no application has moved it yet
        if process.role == "child":
            return self._of_child(span)
        if process.serves:
            return 0.9 * weight, False
        if scene.is_birth(span):
            return 0.9 * weight, True
        if process.role == "daemon":
            return 0.003 * weight, False
        first = scene.begins[span] and not (self._strict and (self._steady or self._children))
        return (0.2 if first else 0.02) * weight, False

    def _of_child(self, span: int) -> tuple[float, bool]:
        """The same for a child."""
        scene, weight = self._scene, self._weight
        process, cut = scene.process(span), scene.spans.cut[span]
        if process.embedded and not scene.is_birth(span):
            # Its application may have moved the clock by now.
            first = self._strict and cut == Cut.FIRST and not self._steady
            return (0.4 if first else 0.02) * weight, False
        shown = not self._strict or process.born or self._is_shown(span)
        if not shown and not self.takes(span):
            return 0.02 * weight, False
        if cut == Cut.FIRST:
            return (0.9 if shown else 0.45) * weight, shown and not process.embedded
        if cut in _PERHAPS or self._rules_change(span):
            return (0.5 if shown else 0.4) * weight, shown and not process.embedded
        return 0.02 * weight, False

    def takes(self, span: int) -> bool:
        """Whether a span of a child is taken to keep the server's clock until it is seen to change.

        No application was seen in the child.
        """
        scene = self._scene
        process, pid = scene.process(span), int(scene.spans.pid[span])
        if process.role != "child" or process.embedded or is_voice(pid):
            return False
        if span >= self._changed.get(pid, span + 1):
            return False
        return scene.spans.cut[span] in (Cut.FIRST, *_PERHAPS) or self._rules_change(span)

    @cached_property
    def _children(self) -> bool:
        """Some process is a child."""
        return any(process.role == "child" for process in self._scene.owners)

    @cached_property
    def _steady(self) -> bool:
        return some_keep_the_servers(self._scene)

    @cached_property
    def _changed(self) -> dict[int, int]:
        """Pid -> the first span at which its clock has changed, and the server's has not."""
        spans = self._scene.spans
        rows = np.flatnonzero(np.isin(spans.cut, CHANGED))[::-1].tolist()
        return {int(spans.pid[span]): span for span in rows if not self._rules_change(span)}

    def _is_shown(self, span: int) -> bool:
        """Its process cannot run Python, or would have been seen starting it."""
        return self._pythonless or int(self._scene.spans.first[span]) >= self._from_start

    @cached_property
    def _pythonless(self) -> bool:
        """The parent says of what Apache is made, and nothing of that runs applications."""
        banners = [one.message for one in self._scene.samples if stage_of(one.message).resumes]
        if not banners or any(map(_INTERPRETER.search, banners)):
            return False
        return not any(one.module in (b"wsgi", b"") for one in self._scene.samples)

    @cached_property
    def _from_start(self) -> int:
        """The knot from which on who appears was born in a log that tells of births."""
        scene = self._scene
        never = len(scene.knots)
        if not scene.restarts or not any(process.born for process in scene.owners):
            return never
        start = scene.restarts[0]
        before = np.flatnonzero(scene.spans.first[1:] < start) + 1
        old = any(
            scene.process(span).role != "parent" and not scene.process(span).born
            for span in before.tolist()
        )
        return never if old else start

    def _rules_change(self, span: int) -> bool:
        scene = self._scene
        before = int(scene.spans.previous[span])
        times = np.array([scene.local_last(before), scene.local_first(span)])
        one, two = self._rules.at_local(times)
        return bool(one[0] != one[1] or two[0] != two[1] or one[1] != two[1])
