"""Findings: take hits batch by batch, group and count them, worst first."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import polars as pl

from logtool.events.untorn import untorn
from logtool.flags.engine import Engine
from logtool.flags.finding import Finding, finding_of
from logtool.flags.gates import by_process
from logtool.flags.lives import Lives
from logtool.flags.rule import Partner, Rule
from logtool.frame.texts import detached
from parsers.classes import dataclass

#: Lines of the first event that a finding shows: so many from its start and its end.
_EXCERPT_HEAD, _EXCERPT_TAIL = 4, 8

_ROWS_AT_ONCE = 30_000

#: What a process printed raw may be of the same as a line with a stamp, so many lines before or
#: after it.
_RAW_LINES = 100

#: What tells, with who it is about, whether an occurrence has been counted.
_WHEN_TOLD = ("file", "line", "utc", "life", "start")
_PLACE = ("frame_file", "frame_line", "frame_function")

_NEVER = datetime.min.replace(tzinfo=UTC)

#: Gives the messages of an event, the middle of a long one left out.
Excerpt = Callable[[int], tuple[str, ...]]


@dataclass(slots=True)
class _Group:
    """The occurrences of one rule at one guilty place, while they are counted."""

    hit: Mapping[str, Any]
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None
    pids: set[int] = field(default_factory=set)
    excerpt: tuple[str, ...] = ()

    def add(self, count: int, first: datetime | None, last: datetime | None) -> None:
        self.count += count
        self.first = min((t for t in (self.first, first) if t), default=None)
        self.last = max((t for t in (self.last, last) if t), default=None)


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """One hit of a rule that only counts together with others."""

    hit: Mapping[str, Any]
    excerpt: tuple[str, ...]

    @property
    def time(self) -> datetime:
        return self.hit["utc"] or _NEVER


class Flagger:
    """Counts findings over folded batches; memory grows with findings, not with lines."""

    def __init__(self, rules: Sequence[Rule], events: dict[str, array[int]] | None = None) -> None:
        """Take the rules; `add` batches, then ask for `findings`.

        Args:
            rules: what to look for.
            events: where the events go that each rule holds on, by its id: those that are counted,
                and those that tell again of one that is. Nowhere if None.
        """
        self.rules = tuple(rules)
        self._events = events
        self.engine = Engine(rules)
        self._groups: dict[tuple[Any, ...], _Group] = {}
        self._lives, self._by_process = Lives(), by_process(rules)
        self._last_seen: dict[tuple[int, Any, int], datetime] = {}
        #: Lines with a stamp that told of an occurrence, of which raw lines may say more.
        self._stamped: dict[tuple[int, str, int], deque[int]] = {}
        #: Raw lines that were counted, of which lines with a stamp may say more; and what they did.
        self._raw: dict[tuple[int, str, int], deque[tuple[int, tuple[Any, ...]]]] = {}
        self._befell: list[tuple[tuple[Any, ...], int, datetime | None]] = []
        #: What raw lines were counted as, by file and line.
        self._raw_groups: dict[tuple[str, int], tuple[Any, ...]] = {}
        self._waiting: dict[int, list[_Occurrence]] = {}
        self._partners: dict[int, list[Mapping[str, Any]]] = {}
        self._kept: list[pl.DataFrame] = []
        self._kept_rows = 0

    def add(self, folded: pl.DataFrame) -> None:
        """Count what the rules find in these rows, whose events are whole.

        Batches come from one `fold_batches`, so that no two share a `row`.
        """
        candidates = self.engine.candidates(folded)
        if candidates.height:
            self._kept.append(detached(candidates))
            self._kept_rows += candidates.height
        # Asking all rules costs the same for one row and for thousands.
        if self._kept_rows > _ROWS_AT_ONCE:
            self._ask_rules()

    def _ask_rules(self) -> None:
        if not self._kept:
            return
        folded = pl.concat(self._kept)
        self._kept, self._kept_rows = [], 0
        self.count(self.engine.hits(folded), partial(excerpt_of, folded))

    def count(self, hits: pl.DataFrame, excerpt: Excerpt) -> None:
        """Count hits, as `Engine.hits` gives them, in order of rows."""
        hits = self._lives.number(hits, self._by_process)
        for number, partner in hits.select("rule", "partner").unique().sort("rule").iter_rows():
            rows = hits.filter((pl.col("rule") == number) & (pl.col("partner") == partner))
            rule = self.rules[number]
            if partner:
                self._partners.setdefault(number, []).extend(rows.iter_rows(named=True))
            elif rule.partner or rule.at_least > 1:
                self._wait(number, rows, excerpt)
            else:
                self._mark(number, rows["event"])
                self._count(number, self._once(number, rows), excerpt)
        self._add_befallen()

    def _mark(self, number: int, events: Iterable[int]) -> None:
        if self._events is not None:
            self._events.setdefault(self.rules[number].id, array("i")).extend(events)

    def findings(self) -> list[Finding]:
        """What was found, in any order."""
        self._ask_rules()
        for number, occurrences in self._waiting.items():
            self._settle(number, occurrences)
        self._waiting.clear()
        self._add_befallen()
        return [self._finding(key[0], group) for key, group in self._groups.items()]

    def _once(self, number: int, rows: pl.DataFrame) -> pl.DataFrame:
        """Without the lines that tell again of an occurrence already counted."""
        rule = self.rules[number]
        if rule.once_per == "event":
            return rows
        asked = rows.select(list(dict.fromkeys((rule.once_per, *_WHEN_TOLD, *_PLACE))))
        keep = [self._is_new(number, rule, hit) for hit in asked.iter_rows(named=True)]
        return rows.filter(pl.Series(keep, dtype=pl.Boolean))

    def _is_new(self, number: int, rule: Rule, hit: Mapping[str, Any]) -> bool:
        key = hit[rule.once_per] if rule.once_per != "event" else None
        place = number, hit["file"], hit["start"]
        stamped = self._stamped.setdefault(place, deque(maxlen=_RAW_LINES))
        raw = self._raw.setdefault(place, deque(maxlen=_RAW_LINES))
        if key is None:
            # A raw line does not tell its process: one that has just told of it says more of it.
            while stamped:
                if hit["line"] - stamped.popleft() <= _RAW_LINES:
                    return False
            if number in self._by_process:
                group = number, *(hit[name] for name in _PLACE)
                raw.append((hit["line"], group))
                self._raw_groups[hit["file"], hit["line"]] = group
            return True
        if not self._is_first((number, key, hit["life"]), hit["utc"], rule.once_within):
            return False
        while raw:
            # It tells who printed the oldest raw line that nobody has explained.
            line, group = raw.popleft()
            if hit["line"] - line <= _RAW_LINES:
                self._befell.append((group, key, hit["utc"]))
                return False
        stamped.append(hit["line"])
        return True

    def _add_befallen(self) -> None:
        """Tell the processes and times of occurrences that were counted without knowing them."""
        for key, pid, utc in self._befell:
            self._groups[key].pids.add(pid)
            self._groups[key].add(0, utc, utc)
        self._befell.clear()

    def _is_first(self, key: tuple[int, Any, int], utc: datetime | None, within: timedelta) -> bool:
        last = self._last_seen.get(key)
        self._last_seen[key] = utc or last or _NEVER
        return last is None or (utc is not None and abs(utc - last) > within)

    def _count(self, number: int, rows: pl.DataFrame, excerpt: Excerpt) -> None:
        pid = pl.coalesce("about_pid", "pid")
        groups = rows.group_by(_PLACE, maintain_order=True).agg(
            pl.len().alias("count"),
            pl.col("utc").min().alias("first"),
            pl.col("utc").max().alias("last"),
            pid.drop_nulls().unique().alias("pids"),
            pl.col("event", "file", "line").first(),
        )
        for hit in groups.iter_rows(named=True):
            key = (number, *(hit[name] for name in _PLACE))
            group = self._groups.get(key)
            if group is None:
                group = self._groups[key] = _Group(hit, excerpt=excerpt(hit["event"]))
            group.add(hit["count"], hit["first"], hit["last"])
            group.pids.update(hit["pids"])

    def _wait(self, number: int, rows: pl.DataFrame, excerpt: Excerpt) -> None:
        waiting = self._waiting.setdefault(number, [])
        for hit in rows.iter_rows(named=True):
            # Excerpts of the first few are enough: one of them will stand for the group.
            told = excerpt(hit["event"]) if len(waiting) < 100 else ()
            waiting.append(_Occurrence(hit, told))

    def _settle(self, number: int, occurrences: list[_Occurrence]) -> None:
        """Count the occurrences that have their partner, or that are frequent enough."""
        rule = self.rules[number]
        if rule.partner:
            partners = self._partners.get(number, [])
            occurrences = _with_partner(rule.partner, occurrences, partners, self._befall)
        if rule.at_least > 1:
            for cluster in _clusters(rule, occurrences):
                self._mark(number, [o.hit["event"] for o in cluster])
                self._add_waited(number, cluster)
            return
        self._mark(number, [o.hit["event"] for o in occurrences])
        for occurrence in occurrences:
            if self._is_new(number, rule, occurrence.hit):
                self._add_waited(number, [occurrence])

    def _befall(self, place: tuple[str, int], hit: Mapping[str, Any]) -> None:
        """Take that a line tells of the process that printed a raw line."""
        if (group := self._raw_groups.get(place)) is not None:
            self._befell.append((group, hit["about_pid"] or hit["pid"], hit["utc"]))

    def _add_waited(self, number: int, together: list[_Occurrence]) -> None:
        """Count occurrences that make one finding together."""
        first = together[0]
        key = (number, *(first.hit[name] for name in _PLACE))
        group = self._groups.setdefault(key, _Group(first.hit, excerpt=first.excerpt))
        group.add(1, first.hit["utc"], together[-1].hit["utc"])
        for occurrence in together:
            pid = occurrence.hit["about_pid"] or occurrence.hit["pid"]
            group.pids.update([pid] if pid else [])

    def _finding(self, number: int, group: _Group) -> Finding:
        hit = group.hit
        return replace(
            finding_of(self.rules[number], group.count),
            first_utc=group.first,
            last_utc=group.last,
            file=hit["frame_file"],
            line=hit["frame_line"],
            function=hit["frame_function"],
            pids=tuple(sorted(group.pids)),
            log_file=hit["file"],
            log_line=hit["line"],
            excerpt=group.excerpt,
        )


def excerpt_of(folded: pl.DataFrame, event: int) -> tuple[str, ...]:
    """The messages of an event, put together where torn; the middle of a long one left out."""
    messages = untorn(folded.filter(pl.col("event") == event)["message"].to_list())
    if len(messages) <= _EXCERPT_HEAD + _EXCERPT_TAIL:
        return tuple(messages)
    left_out = len(messages) - _EXCERPT_HEAD - _EXCERPT_TAIL
    return (*messages[:_EXCERPT_HEAD], f"… {left_out} lines …", *messages[-_EXCERPT_TAIL:])


def _with_partner(
    partner: Partner,
    occurrences: Sequence[_Occurrence],
    partners: Sequence[Mapping[str, Any]],
    befall: Callable[[tuple[str, int], Mapping[str, Any]], None],
) -> list[_Occurrence]:
    """The occurrences whose partner is near, or away where the rule wants it away.

    A partner that is raw does not tell its process: it is that of one occurrence behind it, of
    which `befall` is told.
    """
    times: dict[Any, list[datetime | None]] = {}
    raw: dict[str, deque[int]] = {}
    for other in partners:
        if partner.same in ("pid", "about_pid") and other["pid"] is None and other["utc"] is None:
            raw.setdefault(other["file"], deque()).append(other["line"])
        else:
            times.setdefault(_shared(partner, other), []).append(other["utc"])

    def is_near(hit: Mapping[str, Any]) -> bool:
        near = times.get(_shared(partner, hit), ())
        return any(_within(time, hit["utc"], partner.within) for time in near) or is_behind(hit)

    def is_behind(hit: Mapping[str, Any]) -> bool:
        lines = raw.get(hit["file"], deque())
        while lines and hit["line"] - lines[0] > _RAW_LINES:
            lines.popleft()
        if not lines or lines[0] > hit["line"]:
            return False
        befall((hit["file"], lines.popleft()), hit)
        return True

    return [one for one in occurrences if is_near(one.hit) != partner.absent]


def _shared(partner: Partner, hit: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever is shared
    """What a hit must have in common with its partner's."""
    value = hit[partner.same]
    return hit["pid"] if value is None and partner.same == "about_pid" else value


def _within(one: datetime | None, other: datetime | None, span: timedelta) -> bool:
    return one is None or other is None or abs(one - other) <= span


def _clusters(rule: Rule, occurrences: list[_Occurrence]) -> list[list[_Occurrence]]:
    """Runs of one process group with `at_least` occurrences within `within`, each run once."""
    by_process: dict[Any, list[_Occurrence]] = {}
    for occurrence in sorted(occurrences, key=lambda o: o.time):
        hit = occurrence.hit
        by_process.setdefault(hit["process"] or hit["about_pid"], []).append(occurrence)
    clusters: list[list[_Occurrence]] = []
    for together in by_process.values():
        run: list[_Occurrence] = []
        for number, occurrence in enumerate(together):
            window = together[max(0, number - rule.at_least + 1) : number + 1]
            full = len(window) == rule.at_least
            dense = full and window[-1].time - window[0].time <= rule.within
            if dense and run and run[-1] in window:
                run.append(occurrence)
            elif dense:
                clusters.append(run := list(window))
    return clusters
