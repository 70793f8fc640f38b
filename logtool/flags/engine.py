"""Engine: take folded rows, give the lines that rules hold on.

Most lines pass one test only: does the tag, or the start of the message, occur in any rule? The
rules' own expressions see the few that do.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, reduce
from operator import or_

import polars as pl

from logtool.events.frames import frames, guilty_frames
from logtool.events.torn import with_values
from logtool.flags.conditions import Spoken, holds, with_facts
from logtool.flags.gates import by_process, gate_of, gates_of
from logtool.flags.lives import mark
from logtool.flags.rule import Rule, When
from logtool.flags.sieve import Sieve
from parsers.wsgi_prefix import SCRIPTED_CODE

#: What rules look at: of all lines of an event, and of lines that one may hold on only.
EVENT_COLUMNS = ("file", "line", "utc", "module", "pid", "tid", "client", "message")
TESTED_COLUMNS = ("level", "role", "client_marker", "status", "tag")

#: What hits tell of a row: its own, and what follows from its text.
_OWN = ("utc", "file", "line", "pid", "client")
_FACTS = (*_OWN, "about_pid", "process")
#: What tests look at.
_SAID = (
    *("level", "module", "role", "client_marker", "status", "tag", "message", "kind"),
    *("head", "goes_on", "addressed"),
)
#: How columns are called that tell whether a rule, or a rule's partner, holds on a row.
_RULE, _PARTNER = "rule", "partner"


class Engine:
    """A set of rules, compiled once."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Compile the rules; those about clocks are left to `clock_facts`."""
        self.rules = tuple(rules)
        self._asks_lives = bool(by_process(rules))
        self._gates = gates_of(rules)
        self._tags = sorted({tag for gate in self._gates for tag in gate.tags})
        self._gate = gate_of(self._gates)
        self._needs_frames = any(
            "frame" in when for rule in rules for when in (*rule.whens, *rule.unless)
        )
        self._codes = {rule.id: number for number, rule in enumerate(rules) if rule.is_code}
        #: What may hold on a row, by the name of the column that tells whether it does.
        self._whens = {
            f"{_RULE}{number}": rule.whens
            for number, rule in enumerate(rules)
            if rule.whens and not rule.is_code
        } | {
            f"{_PARTNER}{number}": rule.partner.whens
            for number, rule in enumerate(rules)
            if rule.partner
        }
        self._tests: dict[str, pl.Expr] = {}

    @cached_property
    def sieve(self) -> Sieve:
        """Drops lines before they are read; slow to make, and not needed by all."""
        return Sieve(self._gates)

    def candidates(self, folded: pl.DataFrame) -> pl.DataFrame:
        """All rows of the events that some rule may hold on: few, and cheap to find."""
        events = folded.filter(self._asked(folded))["event"].unique()
        return folded.filter(pl.col("event").is_in(events.implode())) if len(events) else folded[:0]

    def hits(self, folded: pl.DataFrame) -> pl.DataFrame:
        """The first line of each event that each rule holds on.

        Args:
            folded: rows of whole events, all or those of `candidates`; `asked`, if it is there, is
                what `may_hold` says of them.

        Returns:
            `rule` (number in `rules`; below 0 for a line that tells where a life begins or ends,
            see `lives`), `partner` (the line is not the rule's but its partner's, or of a life),
            `event`, `row`, `utc`, `file`, `line`, `pid`, `client`, `about_pid`, `process` and the
            guilty frame: `frame_file`, `frame_line`, `frame_function`; in order of rows.
        """
        folded = with_values(folded)
        asked = folded.filter(self._asked(folded))
        heads = folded.filter(pl.col("row") == pl.col("event")).select("event", head="message")
        asked = asked.join(heads, on="event", how="left", maintain_order="left")
        places = frames(folded)
        if self._needs_frames:
            asked = asked.join(_places_of(places), on="event", how="left", maintain_order="left")
        table = self._tested(asked)
        tests = [name for name, dtype in table.schema.items() if dtype == pl.Boolean]
        found = [self._found(table, name) for name in tests]
        found += [self._found_codes(table), self._found_marks(table)]
        hits = pl.concat([hit for hit in found if hit is not None] or [self._none(table)])
        hits = hits.sort("row", "rule").unique(
            ["rule", "partner", "event"], keep="first", maintain_order=True
        )
        hits = self._without_yielding(hits)
        blamed = guilty_frames(places, hits)
        return hits.join(blamed, on=["event", "row"], how="left", maintain_order="left")

    def _asked(self, rows: pl.DataFrame) -> pl.Expr:
        return pl.col("asked") if "asked" in rows.columns else self.may_hold()

    def may_hold(self) -> pl.Expr:
        """Whether a line may be one that some rule holds on: true of few."""
        # mod_wsgi 6 writes some codes after `[script …] `, where no tag is read.
        scripted = pl.col("message").str.contains(f"^{SCRIPTED_CODE}")
        tagged = pl.col("tag").is_in(self._tags) | scripted
        if self._gate is None:
            return tagged.fill_null(value=False)
        return (
            tagged.fill_null(value=False) | pl.col("message").str.contains(self._gate)
        ).fill_null(value=False)

    def _tested(self, asked: pl.DataFrame) -> pl.DataFrame:
        """What is to be known of rows: `code`, _FACTS, and each test that holds on one of them.

        Rows that say the same are tested once.
        """
        asked = asked.with_columns(
            (pl.col("event") != pl.col("row")).alias("goes_on"),
            pl.col("client").is_not_null().alias("addressed"),
        )
        # A column that no rule here looks at need not be there.
        said = [name for name in (*_SAID, "frame_places") if name in asked.columns]
        some = asked.select(said).unique(maintain_order=True).with_row_index("like")
        like = asked.select(said).join(
            some, on=said, how="left", maintain_order="left", nulls_equal=True
        )["like"]
        marks = mark() if self._asks_lives else pl.lit(0, pl.Int64)
        told = ("code", "about_pid", "process", marks.alias("mark"))
        facts = with_facts(some)
        spoken = Spoken(facts)
        names = [name for name, whens in self._whens.items() if any(map(spoken.may_hold, whens))]
        table = facts.select(*told, *map(self._test, names))
        held = [name for name in names if table[name].any()]
        like_facts = table.select("code", "about_pid", "process", "mark", *held)[like]
        return asked.select("event", "row", *_OWN).hstack(like_facts)

    def _test(self, name: str) -> pl.Expr:
        """Whether what is to be told by a name holds; put together when it is first asked for."""
        if name not in self._tests:
            partner, number = _told_by(name)
            rule = self.rules[number]
            test = _any_of(self._whens[name]) if partner else _all_of(rule)
            self._tests[name] = test.alias(name)
        return self._tests[name]

    def _found(self, table: pl.DataFrame, name: str) -> pl.DataFrame | None:
        rows = table.filter(pl.col(name))
        if not rows.height:
            return None
        partner, number = _told_by(name)
        return rows.select(
            pl.lit(number, pl.Int32).alias("rule"),
            pl.lit(partner).alias("partner"),
            "event",
            "row",
            *_FACTS,
        )

    def _none(self, table: pl.DataFrame) -> pl.DataFrame:
        return table.clear().select(
            pl.lit(0, pl.Int32).alias("rule"),
            pl.lit(value=False).alias("partner"),
            "event",
            "row",
            *_FACTS,
        )

    def _found_codes(self, table: pl.DataFrame) -> pl.DataFrame | None:
        """The lines of rules that are nothing but a code: one look-up for all."""
        rows = table.filter(pl.col("code").is_in(list(self._codes)))
        if not rows.height:
            return None
        number = pl.col("code").replace_strict(self._codes, return_dtype=pl.Int32)
        return rows.select(
            number.alias("rule"), pl.lit(value=False).alias("partner"), "event", "row", *_FACTS
        )

    def _found_marks(self, table: pl.DataFrame) -> pl.DataFrame | None:
        """The lines that tell where a life begins."""
        rows = table.filter(pl.col("mark") < 0)
        if not rows.height:
            return None
        number, partner = pl.col("mark").cast(pl.Int32).alias("rule"), pl.lit(value=True)
        return rows.select(number, partner.alias("partner"), "event", "row", *_FACTS)

    def _without_yielding(self, hits: pl.DataFrame) -> pl.DataFrame:
        """Drop the hits of rules that give way where another explains the same event."""
        ranks = [2 if rule.is_code else int(rule.yields) for rule in self.rules]
        rank = pl.col("rule").replace_strict(
            range(len(ranks)), ranks, default=None, return_dtype=pl.Int8
        )
        return (
            hits.with_columns(rank=pl.when("partner").then(None).otherwise(rank))
            .filter(pl.col("partner") | (pl.col("rank") == pl.col("rank").min().over("event")))
            .drop("rank")
        )


def _all_of(rule: Rule) -> pl.Expr:
    when = _any_of(rule.whens)
    return when & ~_any_of(rule.unless) if rule.unless else when


def _any_of(whens: Sequence[When]) -> pl.Expr:
    return reduce(or_, map(holds, whens))


def _told_by(name: str) -> tuple[bool, int]:
    """Whether a column tells of a rule's partner, and the number of the rule."""
    partner = name.startswith(_PARTNER)
    return partner, int(name.removeprefix(_PARTNER if partner else _RULE))


def _places_of(places: pl.DataFrame) -> pl.DataFrame:
    """`event` and `frame_places`: its frames as `file:function`, one a line."""
    place = pl.concat_str("frame_file", "frame_function", separator=":", ignore_nulls=True)
    return places.group_by("event").agg(place.str.join("\n").alias("frame_places"))
