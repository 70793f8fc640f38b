"""Grounds: take a solved scene, tell why each span has its offset.

Spans are held by each other: what is told of one is a chain, from what ties the log to UTC through
as few spans as can be. The order of lines holds two spans together where it leaves one difference;
what it leaves is told with the lines that say so, for everybody to check.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from logtool.clocks.doubt.conclusion import Solution
from logtool.clocks.evidence.anchors import OF_THE_SERVER
from logtool.clocks.seen.constraints import SLACK_US, Link, Tie
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from logtool.clocks.table import Evidence, hours
from logtool.clocks.telling.kinds import named
from logtool.clocks.telling.neighbouring import Leeway, Neighbouring
from parsers.classes import dataclass
from parsers.lines import NO_PID
from parsers.units import SECOND

#: So many facts are kept for one clock.
_FACTS = 12
#: What a step of a chain costs: what is sure by two lines or one word, by many lines together, what
#: is not sure, and what is only assumed.
_SURE, _TOGETHER, _LIKELY, _ASSUMED = 1, 20, 1_000, 1_000_000
_ENDLESS = 1 << 62
#: Evidence of a process that does not hold of all its lines.
_OF_A_TIME = ("clock",)


@dataclass(slots=True)
class _Step:
    """What holds a span to another: links, or the order of lines.

    Attributes:
        other: the span that it is held to.
        cost: how little that is worth.
        links: the votes; none for order.
        strained: order contradicts itself a little.
    """

    other: int
    cost: int
    links: tuple[Link, ...] = ()
    strained: bool = False


class Grounds:
    """Why each span has its offset."""

    def __init__(self, every: Knots, scene: Scene, solution: Solution) -> None:
        """Look for the shortest chains.

        Args:
            every: the knots as read, for places.
            scene: the same, cut into spans.
            solution: their offsets.
        """
        self.every, self.scene, self.solution = every, scene, solution
        self._near = Neighbouring(scene, solution.offset_s)
        self._words = self._agreeing()
        self._steps, self._ends = self._cheapest()
        self._told: dict[tuple[int, bool, bool | None], tuple[Evidence, ...]] = {}

    def of(self, span: int) -> tuple[Evidence, ...]:
        """The facts behind a span's offset: what ties it to UTC, its own, those in between."""
        end = self._ends.get(span, span)
        anchor, own = self._of_step(end, span), self._of_step(span, span)
        # Two facts are shown where there is little room: these.
        twice = (*self._twice(span),) or (*self._twice(end),)
        facts = dict.fromkeys((*anchor[:1], *(twice or own)[:1], *twice, *own[:1], *anchor))
        link = span
        while link != end and len(facts) < _FACTS:  # a chain may lead through all spans there are
            facts.update(dict.fromkeys(self._of_step(link, span)))
            link = self._steps[link].other
        facts.update(dict.fromkeys(self._besides(span)))
        return tuple(facts)[:_FACTS]

    def _twice(self, span: int) -> Iterator[Evidence]:
        """That its local time occurs twice, and whether anything tells which of the two it is."""
        one = self.solution.twice.get(span)
        if one is None or one.other_s is None:
            return
        at = self._first(span)
        second = int(self.scene.knots.local_us[at]) // SECOND
        clock = f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}"
        other = hours(one.other_s)
        text = f"{clock} occurs twice in that night; "
        text += f"{other} fits as well" if one.tossed else f"what is around it suits {other} less"
        if one.hidden:
            text = f"{other} fits as well: zones go back by an hour then in a silence of everybody"
        yield self._fact("twice", text, at)

    def _agreeing(self) -> dict[int, list[Link]]:
        """The links that say what was found, by the span they speak of, the strongest first."""
        offset = self.solution.offset_s.tolist()
        words: dict[int, list[Link]] = defaultdict(list)
        for link in self.solution.links:
            if offset[link.b] - offset[link.a] == link.delta_s and not link.assumed:
                words[link.b].append(link)
        for links in words.values():
            links.sort(key=lambda link: -link.weight)
        return words

    def _cheapest(self) -> tuple[dict[int, _Step], dict[int, int]]:
        """The first step of the cheapest chain from each span to UTC, and its last span."""
        near = self._edges()
        steps: dict[int, _Step] = {}
        ends: dict[int, int] = {}
        costs = {UTC: 0}
        queue = [(0, UTC)]
        while queue:
            cost, span = heapq.heappop(queue)
            if cost > costs[span]:
                continue
            if span != UTC:
                before = steps[span].other
                ends[span] = span if before == UTC else ends[before]
            for other, step in near.get(span, ()):
                if cost + step.cost < costs.get(other, _ENDLESS):
                    costs[other] = cost + step.cost
                    steps[other] = step
                    heapq.heappush(queue, (costs[other], other))
        return steps, ends

    def _edges(self) -> dict[int, list[tuple[int, _Step]]]:
        """Span -> the others that are held by it, and how."""
        near: dict[int, list[tuple[int, _Step]]] = defaultdict(list)
        for span, links in self._words.items():
            told = tuple(link for link in links if link.a == UTC)
            if any(link.sure for link in told):
                near[UTC].append((span, _Step(UTC, _SURE, told)))
        one, two = self._near.exact()
        for a, b in zip(one.tolist(), two.tolist(), strict=True):
            near[a].append((b, _Step(a, _SURE)))
            near[b].append((a, _Step(b, _SURE)))
        for tie in self.solution.ties:
            cost = _cost(tie)
            near[tie.b].append((tie.a, _Step(tie.b, cost, tie.links, tie.strained)))
            near[tie.a].append((tie.b, _Step(tie.a, cost, tie.links, tie.strained)))
        return near

    def _of_step(self, span: int, asked: int) -> tuple[Evidence, ...]:
        """A step of a chain as facts; whose it is, if not that of the process asked about."""
        pids = self.scene.spans.pid
        own, offset = bool(pids[span] == pids[asked]), self.solution.offset_s
        later = span > asked if own and offset[span] != offset[asked] else None
        key = span, own, later
        if key not in self._told:
            step = self._steps.get(span)
            facts = self._facts(span, step, own) if step else ()
            self._told[key] = tuple(self._elsewhere(span, fact, later) for fact in facts)
        return self._told[key]

    def _elsewhere(self, span: int, fact: Evidence, later: bool | None) -> Evidence:
        """A fact of what the process keeps at other lines, before or after those asked about."""
        if later is None or fact.kind not in _OF_A_TIME:
            return fact
        at = self._first(span) if later else int(self.scene.spans.last[span])
        when = f"from line {self._line(at)} on" if later else f"up to line {self._line(at)}"
        text = f"{when} it keeps {hours(int(self.solution.offset_s[span]))}: {fact.text}"
        return replace(fact, text=text)

    def _facts(self, span: int, step: _Step, own: bool) -> Iterator[Evidence]:
        for link in step.links:
            yield self._said(link, own)
        if step.links:
            return
        pair = self._near.between(span, step.other) if step.cost == _SURE else None
        leeway = pair or self._near.of(span)
        text = self._ordered(leeway)
        if step.strained:
            text += ", though the order of lines contradicts itself a little"
        elif pair is None:
            text += ", by the order of all lines together"
        kind = "written" if step.other == UTC else "order"
        who = "" if own else f"{self._who(span)}: "
        yield self._fact(kind, who + text, leeway.knot if leeway else self._first(span))

    def _besides(self, span: int) -> Iterator[Evidence]:
        """What else speaks for it: what order leaves it, and the words of others."""
        step = self._steps.get(span)
        if step is not None and step.links and (leeway := self._near.of(span)) is not None:
            yield self._fact("order", self._ordered(leeway), leeway.knot)
        for link in self._words.get(span, ()):
            yield self._said(link)

    def _said(self, link: Link, own: bool = True) -> Evidence:
        """The words of a link, and of whom if not of the process asked about."""
        served = link.kind in OF_THE_SERVER
        born = self.scene.process(link.b).role == "daemon" and self.scene.is_birth(link.b)
        who = "" if own or link.assumed else self._who(link.b)
        if who:
            who += " keeps the server's clock: " if served and not born else ": "
        after = ", and a daemon is born with the server's clock" if served and born else ""
        if link.kind == "host":
            who = f"nothing ties the log to UTC; {self._who(link.b)} is taken to keep "
        return self._fact(link.kind, f"{who}{link.text}{after}", link.knot)

    def _ordered(self, leeway: Leeway | None) -> str:
        """What the order of lines leaves a span, with the lines that say so."""
        if leeway is None:
            return "the order of lines leaves nothing else"
        after, before = leeway.after, leeway.before
        told = []
        if after is not None:
            told.append(f"line {self._line(after[1])} must be after {self._other(*after)}")
        if before is not None:
            same = after is not None and after[1] == before[0]
            own = "" if same else f"line {self._line(before[0])} must be "
            told.append(f"{own}before {self._other(before[1], before[0])}")
        told_both = " and ".join(told)
        low, high = leeway.low_us, leeway.high_us
        if low is not None and high is not None and low > high + 2 * SLACK_US:
            return f"{told_both}, which contradicts itself: no offset is both"
        return f"{told_both}: offset {offset_range(low, high)}"

    def _other(self, knot: int, own: int) -> str:
        """Somebody else's line, with its instant as it was found."""
        spans = self.scene.spans
        span = int(spans.of_knot[knot])
        second = int(self.scene.knots.local_us[knot]) // SECOND - int(self.solution.offset_s[span])
        clock = f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}Z"
        files = int(self.every.file[knot]) - int(self.every.file[own])
        where = " of the file before" if files < 0 else " of the file after" if files else ""
        who = "which writes its offset" if span == UTC else self._who(span)
        return f"line {self._line(knot)}{where} ({who}, {clock})"

    def _who(self, span: int) -> str:
        pid = int(self.every.pid[self._first(span)])
        if pid == NO_PID:
            return f"lines at {hours(int(self.solution.offset_s[span]))}"
        process = self.scene.process(span)
        return named(process.role, process.group, pid)

    def _first(self, span: int) -> int:
        return int(self.scene.spans.first[span])

    def _line(self, knot: int) -> int:
        return int(self.every.line[knot])

    def _fact(self, kind: str, text: str, knot: int) -> Evidence:
        if knot < 0:
            return Evidence(kind, text)
        return Evidence(kind, text, int(self.every.file[knot]), self._line(knot))


def _cost(tie: Tie) -> int:
    if not tie.links:
        return _TOGETHER if tie.sure else _LIKELY
    if all(link.assumed for link in tie.links):
        return _ASSUMED
    return _SURE if tie.sure else _LIKELY


def offset_range(low_us: int | None, high_us: int | None) -> str:
    """Bounds of an offset, widened to whole seconds."""
    low = "" if low_us is None else hours(low_us // SECOND)
    high = "" if high_us is None else hours(-(-high_us // SECOND))
    if low and high:
        return f"in [{low}, {high}]"
    return f"at least {low}" if low else f"at most {high}"
