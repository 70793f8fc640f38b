r"""How many simulated lines does a clock engine place exactly, and is it ever wrong and certain?

    python -m benchmarks.clock_accuracy --cases 1000
    python -m benchmarks.clock_accuracy --engine benchmarks.clock_accuracy:one_clock --kind autumn
    python -m benchmarks.clock_accuracy --cases 4000 --seed 620000 --anchor by-turns \
        --most-lines 220
    python -m benchmarks.clock_accuracy --cases 400 --seed 620000 --cut

`errlog` is errlog's own engine; `one_clock` is what every other reader of logs does. An engine is a
function `normalise(log: bytes, **anchors) -> list[(utc_us | None, confidence)]`, one answer per
line. The anchors are `server_tz: str`, `mtime_us: int` and `access_log: bytes`, each present or
not; `formats` are ErrorLogFormats that a user would have to tell. Without any anchor a line counts
as exact up to one shift common to the whole log. `firm %` is of the lines that the truth does not
leave open (`tests/open_lines.py`). With `--cut` a log is the part that rotation leaves of one,
often of a server that writes warnings and errors only.
"""

from __future__ import annotations

import importlib
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import cast
from zoneinfo import ZoneInfo

import click
import numpy as np

from benchmarks.left_open import open_rows
from logtool.clocks.engine import ClockFinder
from logtool.clocks.evidence.neighbours import NeighbourFacts, find_neighbours
from logtool.clocks.file_facts import FileFacts
from logtool.clocks.options import ClockOptions
from logtool.clocks.table import ClockTable, Confidence
from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.detection.detect import detect
from parsers.layouts import compile_layout
from parsers.lines import NO_OFFSET, NO_TIME, Stamps
from tests.logtool.clocks.simulate import PRESETS, Simulated, cut, simulate, varied
from tests.logtool.clocks.simulate.layouts import FORMATS

Answers = list[tuple[int | None, str]]
Engine = Callable[..., Answers]
Anchor = str | int | bytes | tuple[str, ...]

#: Each round of kinds has another of these where anchors come by turns.
_TURNS = ("server-tz", "mtime", "access-log", "none")
ANCHORS = (*_TURNS, "all", "by-turns")
_SURE = ("certain", "written")
#: Layouts that errlog does not know by itself.
_TOLD_FORMATS = ("cm", "ids-no-pid")
_QUARTER_US = 15 * 60 * 1_000_000


@dataclass(slots=True)
class Score:
    """Counts of lines; `lines` are those with an instant that httpd wrote on a line of its own.

    Attributes:
        exact: placed at their instant; without anchor, up to the common shift.
        open, open_exact: left open by the truth itself (`tests/open_lines.py`), and exact all the
            same. They count among `lines` too.
        overconfident: not placed at their instant, but `certain` or `written`. No shift is
            forgiven here: who cannot know the shift must not be certain.
        unplaced: given no instant.
        glued, glued_exact: httpd's lines that begin behind raw text.
        invented: raw lines that were given an instant.
        cases, perfect: logs, and logs with every line exact.
    """

    cases: int = 0
    perfect: int = 0
    lines: int = 0
    exact: int = 0
    open: int = 0
    open_exact: int = 0
    sure: int = 0
    overconfident: int = 0
    unplaced: int = 0
    glued: int = 0
    glued_exact: int = 0
    invented: int = 0

    def add(self, other: Score) -> None:
        """Count another's lines too."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def anchors_of(log: Simulated, anchor: str) -> dict[str, Anchor]:
    """The named anchors of a log; a server that moved has no one zone to tell."""
    told: dict[str, Anchor] = {}
    if anchor in ("server-tz", "all") and not log.spec.moved_zone:
        told["server_tz"] = log.server_zone
    if anchor in ("mtime", "all"):
        told["mtime_us"] = log.mtime_us
    if anchor in ("access-log", "all") or (anchor == "server-tz" and not told):
        told["access_log"] = log.access_log
    if formats := tuple(FORMATS[name] for name in log.spec.layouts if name in _TOLD_FORMATS):
        told["formats"] = formats
    return told


def common_shift(log: Simulated, answers: Answers) -> int:
    """The quarter hours (µs) by which most lines are late."""
    shifts = Counter(
        round((given - true) / _QUARTER_US) * _QUARTER_US
        for (given, _), true in zip(answers, log.truth_us, strict=True)
        if given is not None and true is not None
    )
    return shifts.most_common(1)[0][0] if shifts else 0


def score(
    log: Simulated, answers: Answers, *, forgive_shift: bool, left_open: Set[int] = frozenset()
) -> Score:
    """Count what an engine made of a log; `left_open` are rows that the truth leaves open."""
    if len(answers) != len(log.lines):
        raise click.ClickException(f"{len(answers)} answers for {len(log.lines)} lines")
    shift = common_shift(log, answers) if forgive_shift else 0
    counts = Score(cases=1)
    for row, ((given, confidence), true, kind) in enumerate(
        zip(answers, log.truth_us, log.kinds, strict=True)
    ):
        exact = given is not None and true is not None and given - shift == true
        if kind == "httpd":
            counts.lines += 1
            counts.exact += exact
            counts.open += row in left_open
            counts.open_exact += exact and row in left_open
            counts.unplaced += given is None
            counts.sure += confidence in _SURE
            counts.overconfident += given is not None and given != true and confidence in _SURE
        elif kind == "glued":
            counts.glued += 1
            counts.glued_exact += exact
        elif kind == "raw":
            counts.invented += given is not None
    counts.perfect = int(counts.exact == counts.lines)
    return counts


def examine(
    engine: Engine,
    seeds: Iterable[int],
    kinds: tuple[str, ...],
    anchor: str,
    most_lines: int = 0,
    make: Callable[[str, int], Simulated] | None = None,
) -> Iterator[tuple[str, int, str, Score]]:
    """Kind, seed, anchor and score of one log per seed; `make` makes the same log again.

    With `most_lines` longer logs are left out. `make` is `reproduce` if it is not given.
    """
    for seed in seeds:
        kind = kinds[seed % len(kinds)]
        told = _TURNS[seed // len(kinds) % len(_TURNS)] if anchor == "by-turns" else anchor
        log = (make or reproduce)(kind, seed)
        if most_lines and len(log.lines) > most_lines:
            continue
        answers = engine(log.log, **anchors_of(log, told))
        left_open = open_rows(log, told)
        counts = score(log, answers, forgive_shift=told == "none", left_open=left_open)
        yield kind, seed, told, counts


def reproduce(kind: str, seed: int) -> Simulated:
    """The log of a kind and seed: the preset itself for the first round of seeds, then variants."""
    rng = Random(seed)
    spec = PRESETS[kind] if seed < len(PRESETS) else varied(PRESETS[kind], rng)
    return simulate(rng, spec)


def reproduce_cut(kind: str, seed: int) -> Simulated:
    """A part of a log of a kind and seed, every other time of one without words of info."""
    rng = Random(seed)
    spec = varied(PRESETS[kind], rng)
    return cut(simulate(rng, replace(spec, level=rng.choice(("warn", spec.level)))), rng)


_STAMP = re.compile(
    r"^\[?(?:\w\w\w (?P<month>\w\w\w) (?P<day>\d\d) (?P<clock>[\d:]{8})(?P<fraction>\.\d+)?"
    r" (?P<year>\d{4})|(?P<compact>\d{4}-\d\d-\d\d [\d:]{8})(?P<rest>\.\d+)?)"
)


def errlog(
    log: bytes,
    *,
    server_tz: str | None = None,
    mtime_us: int | None = None,
    access_log: bytes | None = None,
    formats: tuple[str, ...] = (),
) -> Answers:
    """The engine of errlog, as `errlog normalize` asks it."""
    block = Block.of(log)
    decoder = Decoder([*map(compile_layout, formats), *(found.layout for found in detect([block]))])
    stamps = decoder.stamps(block)
    finder = ClockFinder(ClockOptions(server_tz=server_tz))
    finder.add(0, block, stamps, decoder)
    table = finder.finish([FileFacts("error.log", mtime_us)], _beside(access_log))
    return answers_of(table, block, stamps)


def answers_of(table: ClockTable, block: Block, stamps: Stamps) -> Answers:
    """Instant and confidence of each line of a block of file 0."""
    lines = block.first_line + np.arange(len(block))
    offsets = table.offsets(0, lines, stamps).tolist()
    rows = table.clock_rows(0, lines, stamps.pid).tolist()
    answers: Answers = []
    for row, local, offset, written in zip(
        rows, stamps.local_us.tolist(), offsets, stamps.offset_s.tolist(), strict=True
    ):
        if local == NO_TIME or offset == NO_OFFSET:
            answers.append((None, str(Confidence.ASSUMED)))
        else:
            sure = table.clocks[row].confidence if written == NO_OFFSET else Confidence.WRITTEN
            answers.append((local - offset * 1_000_000, str(sure)))
    return answers


def _beside(access_log: bytes | None) -> NeighbourFacts | None:
    if not access_log:
        return None
    with tempfile.TemporaryDirectory(prefix="errlog-accuracy-") as folder:
        path = Path(folder, "access.log")
        path.write_bytes(access_log)
        return find_neighbours([], access_logs=[path], search=False)


def one_clock(log: bytes, **anchors: Anchor) -> Answers:
    """What every other reader of logs does: one zone for the whole file, the fold's first hour."""
    here = ZoneInfo(str(anchors.get("server_tz", "UTC")))
    return [_in_zone(line, here) for line in log.decode().split("\n")[:-1]]


def _in_zone(line: str, here: ZoneInfo) -> tuple[int | None, str]:
    found = _STAMP.match(line)
    if found is None:
        return None, "assumed"
    fraction = (found["fraction"] or found["rest"] or ".0")[1:].ljust(6, "0")
    if found["compact"]:
        local = datetime.strptime(found["compact"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    else:
        text = " ".join(found.group("month", "day", "clock", "year"))
        local = datetime.strptime(text, "%b %d %H:%M:%S %Y")  # noqa: DTZ007
    instant = local.replace(tzinfo=here).astimezone(UTC)
    return int(instant.timestamp()) * 1_000_000 + int(fraction), "assumed"


def load(name: str) -> Engine:
    """The function named `module:function`."""
    module, _, function = name.partition(":")
    try:
        return cast(Engine, getattr(importlib.import_module(module), function))
    except (ImportError, AttributeError, ValueError) as reason:
        raise click.BadParameter(f"{name}: {reason}") from reason


def _share(part: int, whole: int) -> str:
    """A percentage cut, not rounded, so that 100 % means all."""
    return f"{part * 100_000 // whole / 1000:8.3f}" if whole else "       -"


def _row(kind: str, counts: Score) -> str:
    return (
        f"{kind:30}{counts.cases:6}{_share(counts.perfect, counts.cases)}{counts.lines:9}"
        f"{_share(counts.exact, counts.lines)}{counts.open:7}"
        f"{_share(counts.exact - counts.open_exact, counts.lines - counts.open)}"
        f"{_share(counts.sure, counts.lines)}"
        f"{counts.overconfident:8}{counts.unplaced:9}{counts.invented:9}"
        f"{_share(counts.glued_exact, counts.glued)}"
    )


_HEAD = (
    f"{'kind of scenario':30}{'cases':>6}{'perfect':>8}{'lines':>9}{'exact %':>8}{'open':>7}"
    f"{'firm %':>8}{'sure %':>8}"
    f"{'WRONG!':>8}{'unplaced':>9}{'invented':>9}{'glued %':>8}"
)


@click.command()
@click.option("--engine", default="benchmarks.clock_accuracy:errlog", help="module:function")
@click.option("--cases", default=len(PRESETS), help="How many logs.")
@click.option("--seed", default=0, help="The first seed; below the number of kinds, pure presets.")
@click.option("--kind", multiple=True, type=click.Choice(list(PRESETS)), help="Only these kinds.")
@click.option("--anchor", default="server-tz", type=click.Choice(ANCHORS), help="What is told.")
@click.option("--most-lines", default=0, help="Leave out logs of more lines.")
@click.option(
    "--cut", "rotated", is_flag=True, help="Only a part of each log, as rotation leaves it."
)
@click.option("--worst", default=0, help="Also list so many of the worst cases, to reproduce.")
def main(
    engine: str, cases: int, seed: int, kind: tuple[str, ...], anchor: str, most_lines: int,
    rotated: bool, worst: int,
) -> None:  # fmt: skip
    """Print how many lines an engine places exactly, by kind of scenario and by anchor."""
    counted: defaultdict[str, Score] = defaultdict(Score)
    bad: list[tuple[int, int, str, int, str]] = []
    kinds = kind or tuple(PRESETS)
    seeds = range(seed, seed + cases)
    make = reproduce_cut if rotated else reproduce
    for name, at, told, counts in examine(load(engine), seeds, kinds, anchor, most_lines, make):
        pidless = ("without pid",) if name.startswith("pidless") else ()
        for row in (name, f"with {told}", *pidless, "all"):
            counted[row].add(counts)
        if counts.overconfident or counts.exact < counts.lines:
            bad.append((-counts.overconfident, counts.exact - counts.lines, name, at, told))
    click.echo(f"engine {engine}, anchor {anchor}\n{_HEAD}")
    for row in (*PRESETS, *(f"with {told}" for told in ANCHORS), "without pid", "all"):
        if row in counted:
            click.echo(_row(row, counted[row]))
    for wrong, missed, name, at, told in sorted(bad)[:worst]:
        click.echo(
            f"{make.__name__}({name!r}, {at}) with {told}: {-missed} not exact, "
            f"{-wrong} wrong and certain"
        )


if __name__ == "__main__":
    main()
