"""Known formats: a log in one of them is found by itself, whatever option letters its time has."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from parsers.blocks import Block
from parsers.built_in import BARE_TIME, BRACKETED_TIME, BUILT_IN
from parsers.decode import Decoder
from parsers.detection.detect import detect
from parsers.detection.proposed_formats import proposed_formats
from parsers.error_log_format.directive import parse_directive
from parsers.error_log_format.fields import ErrorLogFormat, parse
from parsers.error_log_format.known import ANY_TIME, KNOWN_FORMATS, KnownFormat
from parsers.layouts import Layout, known_layout
from parsers.lines import NO_LAYOUT, NO_OFFSET, NO_PID, Stamps
from tests import places
from tests.logtool.clocks.simulate.layouts import FORMATS
from tests.parsers.httpd_model import print_line

LETTERS = ("", "u", "m", "c", "cu", "cm", "z", "uz", "mz", "cz", "cuz", "cmz", "%cuz")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CORPUS = places.ERROR_LOG_FORMATS.read_text("utf-8").splitlines()


def _has_option_time(parsed: ErrorLogFormat) -> bool:
    times = [d.argument or "" for d in parsed.directives() if d.item.letter == "t"]
    return len(times) == 1 and "%" not in times[0]


def directives() -> list[str]:
    """Main formats that people write, and those of the simulator, with one `%t` each."""
    found = [parse_directive(line.replace("${PG_UUID}", "b7c0-11")) for line in CORPUS]
    texts = [p.text for p in found if p.kind == "main" and _has_option_time(p)]
    return list(dict.fromkeys(_with_letters(text, "") for text in (*texts, *FORMATS.values())))


def _with_letters(directive: str, letters: str) -> str:
    parsed = parse_directive(f'ErrorLogFormat "{directive.replace(chr(34), chr(92) + chr(34))}"')
    (time,) = (d for d in parsed.directives() if d.item.letter == "t")
    item = f"%{{{letters}}}t" if letters else "%t"
    return directive[: time.at] + item + directive[time.end :]


MESSAGES = (
    "AH00128: File does not exist: /srv/x", "AH00489: Apache/2.4.71 (Debian) configured",
    "mod_wsgi (pid=7): Attach interpreter ''.", "AH00052: child pid 5 exit signal Aborted (6)",
    "hello, world", "Traceback (most recent call last):", "-1 is too few",
)  # fmt: skip


def lines_of(
    directive: str, chance: random.Random, count: int = 60
) -> list[tuple[str, datetime, int]]:
    """Lines of a server with a few processes: text, local time, pid."""
    zone = timezone(timedelta(hours=5, minutes=30))
    when = datetime(2026, 11, 22, 14, 5, 9, 123456, zone)
    lines = []
    for _ in range(count):
        when += timedelta(microseconds=chance.randrange(5_000_000))
        pid = chance.choice((4711, 4712, 4713))
        client = f"192.0.2.{chance.randrange(9)}:{chance.randrange(1024, 65535)}"
        facts = {
            "P": str(pid), "T": str(pid * 100), "T:g": str(pid), "m": "core", "l": "error",
            "v": "www.example.com", "V": "www.example.com", "M": chance.choice(MESSAGES),
        }  # fmt: skip
        if chance.random() < 0.7:
            facts |= {"a": client, "a:c": client, "A": "192.0.2.99:80", "L:c": "oVYEEd7eRQA"}
            facts |= {
                "L": "awL4SB8AAQE",
                "i:Referer": "http://a.example/",
                "k": "1",
                "i:User-Agent": "x",
            }
        if "%M" not in directive:
            del facts["m"], facts["l"]  # once-per-request lines are of no module and level
        elif chance.random() < 0.2:
            facts["E"] = "(13)Permission denied"
        lines.append((print_line(directive, facts, 3, when).text, when, pid))
    return lines


def found_in(lines: Sequence[str]) -> tuple[list[Layout], Stamps]:
    """The layouts of a log, and what they make of its lines."""
    block = Block.of("".join(f"{line}\n" for line in lines).encode())
    layouts = [found.layout for found in detect([block])]
    return layouts, Decoder(layouts).stamps(block)


def local_us(when: datetime) -> int:
    """The local time as microseconds since 1970."""
    return (when.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize("letters", LETTERS)
@pytest.mark.parametrize("directive", directives())
def test_every_stamp_is_found(directive: str, letters: str) -> None:
    """Every line's time, offset and process come out right without being told the format."""
    directive = _with_letters(directive, letters)
    lines = lines_of(directive, random.Random(directive))

    layouts, stamps = found_in([text for text, _, _ in lines])

    assert (stamps.layout != NO_LAYOUT).all(), layouts
    if "%" in letters:
        letters = ""  # strftime prints neither fraction nor offset here
    unit = 1 if "u" in letters else 1000 if "m" in letters else 1_000_000
    assert stamps.local_us.tolist() == [local_us(when) // unit * unit for _, when, _ in lines]
    assert set(stamps.offset_s.tolist()) == {19800 if "z" in letters else NO_OFFSET}
    has_pid = "%P" in directive or "%-P" in directive
    assert stamps.pid.tolist() == [pid if has_pid else NO_PID for _, _, pid in lines]


@pytest.mark.parametrize("letters", ["", "cuz"])
@pytest.mark.parametrize(
    "known",
    [known for known in KNOWN_FORMATS if known.kind == "main" and ANY_TIME in known.directive],
    ids=lambda known: str(known.name),
)
def test_a_known_format_is_told_by_its_directive(known: KnownFormat, letters: str) -> None:
    """What is found prints the log: the very format, or one that prints the same lines."""
    directive = known.directive.replace(ANY_TIME, f"%{{{letters}}}t" if letters else "%t")
    lines = lines_of(directive, random.Random(directive))

    layouts, stamps = found_in([text for text, _, _ in lines])

    most = layouts[int(np.bincount(stamps.layout).argmax())]
    if most.format is None:
        assert most.name.startswith("httpd 2.")
        return
    times = {d.argument or "" for d in most.format.directives() if d.item.letter == "t"}
    assert times == {letters}


def test_request_and_connection_lines_are_found() -> None:
    """The manual's advanced example, with all its lines."""
    chance = random.Random(7)
    main = [known for known in KNOWN_FORMATS if known.name == "manual, advanced"]
    extra = [known for known in KNOWN_FORMATS if known.kind != "main"]
    lines = []
    for known in main * 10 + extra:
        directive = known.directive.replace(ANY_TIME, f"%{{{known.letters}}}t")
        for text, when, pid in lines_of(directive, chance, 20):
            # With nothing known, only the time would be left.
            if known in main or "oVYEEd7eRQA" in text or "awL4SB8AAQE" in text:
                unit = 1 if "u" in known.letters else 1_000_000
                lines.append((text, when, pid if "%P" in directive else NO_PID, unit))

    layouts, stamps = found_in([text for text, *_ in lines])

    expected = [local_us(when) // unit * unit for _, when, _, unit in lines]
    assert layouts[0].name == "manual, advanced"
    assert {layout.name for layout in layouts} == {known.name for known in main + extra}
    assert stamps.local_us.tolist() == expected
    assert stamps.pid.tolist() == [pid for _, _, pid, _ in lines]


@pytest.mark.parametrize(
    ("rest", "pid"),
    [
        ("] [a b] [pid 7] x", 7),
        ("] [a b] [pid 7:tid 9] x", 7),
        ("] process [pid7] x", 7),
        ("] pid: 7, tid: 9 x", 7),
        ("] pid=7 x", 7),
        (' "pid": "7"} x', 7),
        ("] rapid pid:7 x", 7),
        ("] [pid 7] and pid:7 again", 7),
        ("] [pid 7] and pid:8 too", None),
        ("] AH00052: child pid 7 exit", None),
        ("] mod_wsgi (pid=7): Attach", None),
        ("] rapid:7 x", None),
        ("] [pid 7x] x", None),
        ("] " + "x" * 64 + " [pid 7] x", None),
        ("]", None),
    ],
)
def test_a_pid_near_an_unknown_head(rest: str, pid: int | None) -> None:
    """It is taken where nothing else can be meant."""
    line = f"[2026-11-22 14:05:09.123456 +0530{rest}"
    stamps = Decoder([BRACKETED_TIME]).stamps(Block.of(line.encode()))
    assert stamps.layout.tolist() == [0]
    assert stamps.offset_s.tolist() == [19800]
    assert stamps.pid.tolist() == [NO_PID if pid is None else pid]


def test_a_bare_time_counts_only_where_many_lines_have_one() -> None:
    """Libraries write such lines into Apache's log by themselves."""
    apache = "[Sun Nov 22 14:26:38.335032 2026] [core:error] [pid 1:tid 2] x"
    bare = "2026-11-22 14:05:09 WARNING something"
    for line, other, found in ((apache, bare, False), (bare, apache, True)):
        layouts, stamps = found_in([line] * 9 + [other])
        assert (BARE_TIME in layouts) is found
        assert (stamps.layout[:9] != NO_LAYOUT).all()
    assert BARE_TIME not in found_in(["2026-11-22 14:05:09,123 WARNING x"] * 9)[0]


@pytest.mark.parametrize("zone", ["UTC", "CEST", "NZDT", "-03", "+04"])
@pytest.mark.parametrize(("begins", "ends"), [("", ""), ("[", "]")])
def test_a_time_with_the_name_of_its_zone_is_none_of_httpds(
    begins: str, ends: str, zone: str
) -> None:
    """PostgreSQL writes it so: as a time without a zone it would be another one."""
    line = "{}2026-11-22 14:05:09.123{}{} [123] ERROR:  no such relation"

    layouts, _ = found_in([line.format(begins, f" {zone}", ends)] * 9)
    plain, _ = found_in([line.format(begins, "", ends)] * 9)

    assert layouts == []
    assert len(plain) == 1


def test_a_log_that_takes_up_the_offset_tells_both() -> None:
    """One layout for each choice of letters, and errlog's own stamps with the most of them."""
    lines = [
        *["[2026-11-22 14:05:09.123456] [core:error] [pid 1] x"] * 5,
        *["[2026-11-22 14:05:09.123456 +0100] [core:error] [pid 1] x"] * 9,
        "[2026-11-22T14:05:09.123456Z] [core:error] [pid 1] x",
    ]
    block = Block.of("\n".join(lines).encode())
    assert [(f.layout.name, f.lines) for f in detect([block])] == [
        ("manual, prefork, compact, with offset", 10),
        ("manual, prefork, compact", 5),
    ]


def test_bare_stamps_with_and_without_offset() -> None:
    """Each line's offset is read whichever comes first."""
    plain, offset = "2026-11-22 14:05:09 [a] x", "2026-11-22 14:05:09 +0100 [a] x"
    for lines in ([plain, offset] * 9, [offset, plain] * 9):
        _, stamps = found_in(lines)
        assert stamps.offset_s.tolist() == [NO_OFFSET if x == plain else 3600 for x in lines]


def test_names_are_unique() -> None:
    """Messages name layouts."""
    names = [layout.name for layout in BUILT_IN]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("known", [*KNOWN_FORMATS, *proposed_formats()], ids=lambda one: one.name)
def test_what_is_told_before_a_format_is_compiled(known: KnownFormat) -> None:
    """Its first bytes and its rank are those of the compiled format."""
    layout = known_layout(known)
    assert bool(known.first) is (layout.plan.first_bytes is not None)
    for first in (layout.first_bytes, layout.plan.first_bytes):
        assert first is None or {*np.flatnonzero(first).tolist()} == {*known.first}

    items = {directive.item.letter for directive in parse(known.directive, known.kind).directives()}
    told = items & {"P", "l"} if known.kind == "main" else {"l"}
    assert known.rank == (-1 if known.bare_ids else 2 - len(told))
