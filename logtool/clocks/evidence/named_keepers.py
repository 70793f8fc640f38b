"""Named keepers: take what the user said of a process's zone, tell which of its spans keep it.

A daemon is born with the server's clock and changes it when Python sets another zone: what is said
of it holds from then on. What is said of the parent or of children is said of Apache's own clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np

from logtool.clocks.evidence.anchors import Vote
from logtool.clocks.seen.constraints import Groups
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.tzdb.zones import Rules

#: Weights of what the user said: of spans that keep the zone, of those that probably do, and of
#: those that do where Python never set another.
_KEPT, _PERHAPS, _UNSET = 95.0, 9.0, 1.0
#: So many lines after a change of clock are more than a forger is likely to write.
_SOLID = 3
#: And so many more than are said before a zone is set.
_MANY = 6
#: Of lines without a pid, which are put together by their clock: they may be anybody's.
_ANYBODY = 30.0
_NOT = (0.0, False)
#: Roles that are said of Apache's own clock.
_APACHES = ("parent", "child")


def named_keeper(
    scene: Scene, who: str, rules: Rules, groups: Groups, server: Callable[[int], Vote]
) -> Callable[[int], Vote]:
    """Span -> (weight, sure) that it keeps the zone which the user named for somebody.

    Args:
        scene: the log.
        who: a pid, a daemon group, or a role.
        rules: the zone's offsets.
        groups: spans whose differences the order of lines has settled.
        server: span -> (weight, sure) that it keeps the server's clock.
    """
    own: dict[int, list[int]] = defaultdict(list)
    for span in range(1, len(scene.spans)):
        process, pid = scene.process(span), int(scene.spans.pid[span])
        if who in (str(pid), process.group, process.role):
            own[pid].append(span)
    votes: dict[int, Vote] = {}
    told = _Told(scene, rules, groups)
    for pid, spans in own.items():
        if who in _APACHES or scene.process(spans[0]).steady:
            votes |= {span: server(span) for span in spans}
        elif is_voice(pid):
            votes |= {span: (_ANYBODY, False) for span in spans}
        else:
            votes |= told.of(spans)
    return lambda span: votes.get(span, _NOT)


class _Told:
    """What the zone that was named for a process tells of its spans."""

    def __init__(self, scene: Scene, rules: Rules, groups: Groups) -> None:
        """Find the zone's offset at the beginning of each span."""
        self._scene, self._root = scene, groups.root
        first = scene.knots.local_us[np.maximum(scene.spans.first, 0)]
        one, two = rules.at_local(first)
        self._open = one != two
        #: Alike for spans of one root of which the zone may explain all.
        self._beyond = groups.above_s - one

    def of(self, spans: list[int]) -> Mapping[int, Vote]:
        """The votes of one process's spans, which stand in order."""
        scene = self._scene
        young = [span for span in spans if scene.is_young(span)]
        settled = [span for span in spans if span not in young]
        votes: dict[int, Vote] = dict.fromkeys(young, (_UNSET, False))
        if not settled:
            return votes
        role = scene.process(spans[0]).role
        if role == "child" or (not role and not self._is_of_one_clock(spans)):
            known = []  # an application may have set the zone at any line, and silence hides it
        elif young or not role:
            known = settled
        else:  # who was not seen being loaded may not yet have set his zone when he speaks first
            known = settled[self._first_lasting(settled) :]
        by_root: dict[int, list[int]] = defaultdict(list)
        for span in settled:
            by_root[int(self._root[span])].append(span)
        for together in by_root.values():
            votes |= self._together(together, {*known}, settled[-1])
        if not known:
            votes = {span: (weight, False) for span, (weight, _) in votes.items()}
        return votes

    def _is_of_one_clock(self, spans: list[int]) -> bool:
        """Whether order ties all lines of a process to each other, and they are not just a few."""
        return len({*self._root[spans].tolist()}) == 1 and self._lines(spans) >= _MANY

    def _first_lasting(self, spans: list[int]) -> int:
        return next((at for at, span in enumerate(spans) if self._scene.lasts(span)), len(spans))

    def _together(self, spans: list[int], known: set[int], last: int) -> Mapping[int, Vote]:
        """The votes of spans whose differences are known, so that each change of clock is."""
        seen = [span for span in spans if not self._open[span]]
        if not seen:
            return dict.fromkeys(spans, (_KEPT, False))
        final = int(self._beyond[seen[-1]])
        other = [span for span in seen if self._beyond[span] != final]
        if not other:
            # One clock throughout: whoever has set it has done so before.
            weight = _KEPT if last in spans or known.issuperset(spans) else _PERHAPS
            return {span: (weight, span in known) for span in spans}
        after = [span for span in spans if span > other[-1]]
        if any(self._beyond[span] == final for span in seen if span < other[-1]):
            # It goes back and forth: the zone may be either.
            lines = self._lines_by_clock(seen)
            most = max(lines, key=lines.__getitem__)
            return {span: (_PERHAPS, False) for span in seen if self._beyond[span] == most}
        if last in spans and self._lines(after) >= _SOLID:
            return dict.fromkeys(after, (_KEPT, True))
        return dict.fromkeys(spans, (_PERHAPS, False))

    def _lines(self, spans: list[int]) -> int:
        nth, held = self._scene.knots.nth, self._scene.spans
        return sum(int(nth[held.last[span]] - nth[held.first[span]]) + 1 for span in spans)

    def _lines_by_clock(self, spans: list[int]) -> Mapping[int, int]:
        lines: dict[int, int] = defaultdict(int)
        for span in spans:
            lines[int(self._beyond[span])] += self._lines([span])
        return lines
