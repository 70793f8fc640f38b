"""Peeling: what the loop finds on lines is what the steps find, one by one."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.frame.hashing import signing, told_of
from parsers.blocks import PADDING, Block
from parsers.built_in import BUILT_IN, HTTPD_24
from parsers.compiled.kinds import Lines, Sign
from parsers.compiled.loops import SLACK
from parsers.decode import Decoder
from parsers.layouts import Layout, compile_layout
from parsers.scanning import Text
from parsers.steps.cursor import UNKNOWN_LEVEL, Cursor, Findings, Step, run_steps
from parsers.steps.item_steps import ClientStep, SourceStep, StatusStep
from parsers.steps.message_step import TAIL
from parsers.steps.once import OnceStep
from parsers.steps.peeling import PeelStep
from parsers.steps.programs import program_of
from parsers.steps.steps import (
    Ahead,
    HyphenStep,
    LiteralStep,
    NumberStep,
    OptionalStep,
    TextStep,
    TokenStep,
)
from tests import places
from tests.kernel_memory import lent
from tests.trust.mutations import MUTATIONS, Mutation

SAMPLE_LOGS = sorted(places.SAMPLE_LOGS.glob("*/error.log"))
#: Layouts with steps of every kind, and those that are built in.
LAYOUTS = (
    *BUILT_IN,
    compile_layout("[%{cu}t] [%-m:%l] [pid %P] %7F: %E: %-a|%-{c}L|%T %k %E %M"),
    compile_layout("[%{cu}t] [%l] [pid %P] [a-literal-of-more-than-16-bytes %3L] %E: [%-7T] %M"),
    compile_layout("%{cu}t|%P|%l|%-{User-Agent}i|%7{x}n|%{y}e %M"),
    compile_layout("[%{cu}t] [%l] [%P] %a %L %{c}L %M"),
    compile_layout(r"[%{cu}t] [%l] [%P] [%L] [%{c}L] [client\ %a] %M"),
)
RUNS = [
    (f"{layout.name} {number}", layout, step)
    for layout in LAYOUTS
    for number, step in enumerate(layout.plan.field_steps)
    if isinstance(step, PeelStep)
]


def _plain(steps: tuple[Step, ...]) -> list[Step]:
    return [
        one for step in steps for one in (step.steps if isinstance(step, OnceStep) else (step,))
    ]


def _text(step: Step, chance: random.Random) -> bytes:
    """Something that a step reads, or nearly."""
    match step:
        case LiteralStep(text):
            return text
        case TokenStep():
            return chance.choice(
                (b"x", b"-", b"", b"a.b:c", b"127.0.0.1:80", b"t" * chance.randint(1, 300),
                 b"\x85\xff", b"25/Nov/2026:15", b"fe80::%x:443" % chance.getrandbits(220),
                 bytes(chance.choices(b"azAZ09+/@-_.", k=chance.choice((11, 24, 27, 32, 33)))))
            )  # fmt: skip
        case NumberStep():
            return str(chance.randrange(10 ** chance.randint(1, 40))).encode()
        case TextStep(until=until):
            return chance.choice((b"", b"some text", until[:-1], until[:1] * 20, b"w " * 70))
        case HyphenStep(inner):
            return b"-" if chance.random() < 0.4 else _text(inner, chance)
        case OptionalStep(steps):
            if chance.random() < 0.4:
                return b""
            some = steps[: chance.randint(1, len(steps))] if chance.random() < 0.2 else steps
            return b"".join(_text(one, chance) for one in some)
        case ClientStep():
            begin = chance.choice((b"[client ", b"[remote ", b"[clients "))
            return begin + chance.choice((b"1.2.3.4:567", b"", b"::1", b"a b"))
        case SourceStep():
            return chance.choice((b"core.c(12)", b"c.c(7", b"(12)", b"s" * 130 + b"(3)", b"a.c(x)"))
        case StatusStep(until):
            number = chance.choice(
                (b"(2)", b"(EAI 5)", b"(OS 10061)", b"(os 0x0000f)", b"()", b"(2")
            )
            return number + chance.choice((b"No such file", b"", b" x", until + b"x", b"a: b"))
        case _:
            return b""


def _lines(steps: list[Step], chance: random.Random) -> bytes:
    lines = []
    for _ in range(chance.randint(512, 560)):
        line = bytearray(b"".join(_text(step, chance) for step in steps))
        line += chance.choice((b"", b" ", b"message", b": [client 1.2.3.4:5] x", b"-", b"\r"))
        if line and chance.random() < 0.1:
            del line[chance.randrange(len(line)) :]
        if line and chance.random() < 0.1:
            line[chance.randrange(len(line))] = chance.choice(b"\0\r -]:([)\xff0")
        lines.append(bytes(line))
    return b"\n".join(lines)


@pytest.mark.parametrize(
    ("layout", "step"), [run[1:] for run in RUNS], ids=[run[0] for run in RUNS]
)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), ended=st.booleans(), some=st.booleans())
def test_a_run_of_steps_finds_what_they_find(
    layout: Layout, step: PeelStep, seed: int, ended: bool, some: bool
) -> None:
    """On lines that they read, nearly read, or do not read: where they end, and all columns."""
    chance, steps = random.Random(seed), _plain(step.steps)
    raw = _lines(steps, chance) + b"\n" * ended
    wanted = [name for name in step.columns if not some or chance.random() < 0.5]
    with lent() as memory:
        block = memory.block(raw)
        level = np.array([chance.randint(UNKNOWN_LEVEL, 15) for _ in block.starts], np.int8)
        rows = np.arange(len(block))

        def begun() -> Cursor:
            found = Findings(len(block), wanted)
            found.level = level
            return Cursor(Text(block), found, rows, block.starts, block.ends, is_raw=True)

        got, expected = begun(), begun()
        fine = step.run(got)
        expected, kept = run_steps(steps, expected)
        kept = rows if kept is None else kept
        assert np.flatnonzero(fine).tolist() == kept.tolist()
        assert got.at[kept].tolist() == expected.at.tolist()
        for name in wanted:
            spans, told = got.found.spans[name], expected.found.spans.get(name)
            assert spans.start[kept].tolist() == (
                [-1] * len(kept) if told is None else told.start[kept].tolist()
            ), name
            there = kept[spans.start[kept] >= 0]
            assert told is None or spans.end[there].tolist() == told.end[there].tolist(), name


@pytest.mark.parametrize(
    ("path", "mutation"),
    [
        pytest.param(path, list(MUTATIONS)[number % len(MUTATIONS)], id=path.parent.name)
        for number, path in enumerate(SAMPLE_LOGS)
    ],
)
def test_fields_of_mutated_logs(path: Path, mutation: Mutation) -> None:
    """Every sample, and what becomes of it by mutation, is cut as without the kernel."""
    raw = path.read_bytes()[: 1 << 18]
    raw *= 1 + 600 * 80 // len(raw)
    decoder = Decoder(BUILT_IN)
    names = {TAIL, "tag", *(name for layout in BUILT_IN for name in layout.columns)} - {"time"}
    with lent() as memory:
        for log in (raw, mutation(raw, random.Random(path.parent.name))):
            plain = Block.of(log)
            rows = np.arange(len(plain))
            expected = decoder.fields(plain, decoder.stamps(plain), rows, names)
            for wanted in (names, {"level", "module", "tid", "client", TAIL, "log_id"}):
                block = memory.block(log)
                got = decoder.fields(block, decoder.stamps(block), rows, wanted)
                for name in wanted:
                    start, there = got[name].start, got[name].start >= 0
                    np.testing.assert_array_equal(start, expected[name].start, name)
                    ends = got[name].end[there], expected[name].end[there]
                    np.testing.assert_array_equal(*ends, name)
                    some = rows[::7]
                    np.testing.assert_array_equal(got[name].at(some).start, start[some])


def test_the_loop_is_in_use() -> None:
    """What the properties above check is what reads the lines of large logs."""
    names = {name for name, _, _ in RUNS}
    assert f"{HTTPD_24.name} 2" in names
    assert len(names) > len(BUILT_IN) / 2
    _, _, step = next(run for run in RUNS if run[1] is HTTPD_24)
    with lent() as memory:
        block = memory.block(b"(2)No such file: [client 1.2.3.4:5] x\n" * 512)
        found = Findings(len(block), step.columns)
        begin = memory.kernel._next
        step.run(Cursor(Text(block), found, np.arange(512), block.starts, block.ends))
        assert memory.kernel.holds(found.spans["status"].start)
        assert memory.kernel._next > begin


def test_a_column_that_was_noted_before_stays_where_a_field_is_missing() -> None:
    """A status before and behind the client, as 2.2 has it: the second one is tried, and undone."""
    field = OptionalStep((StatusStep(b": "), LiteralStep(b": ")))
    client = OptionalStep((ClientStep(), LiteralStep(b"] "), Ahead(b"x")))
    step = PeelStep((field, client, field))
    lines = b"(2)a: [client ::1] x\n(2)a: (3)b: x\n(2)a: (3)b\n" * 200
    with lent() as memory:
        block = memory.block(lines)
        found = Findings(len(block), {"status"})
        step.run(Cursor(Text(block), found, np.arange(600), block.starts, block.ends))
        spans = found.spans["status"]
        texts = [lines[a:b] for a, b in zip(spans.start[:3], spans.end[:3], strict=True)]
    assert texts == [b"(2)a", b"(3)b", b"(2)a"]


SIGNS = (
    {"client": Sign.CLIENT, TAIL: Sign.NUMBER},
    {
        **dict.fromkeys(("log_id", "status", "source", "connection_log_id", TAIL), Sign.NUMBER),
        **dict.fromkeys(("client", "local_address", "peer"), Sign.CLIENT),
    },
)


@pytest.mark.parametrize(
    ("path", "mutation"),
    [
        pytest.param(path, list(MUTATIONS)[number % len(MUTATIONS)], id=path.parent.name)
        for number, path in enumerate(SAMPLE_LOGS)
    ],
)
def test_what_is_told_of_texts_in_passing_is_what_is_told_of_them_at_their_places(
    path: Path, mutation: Mutation
) -> None:
    """Of every sample, and of what becomes of it by mutation; places are found when asked for."""
    raw = path.read_bytes()[: 1 << 17]
    raw *= 1 + 600 * 80 // len(raw)
    decoder = Decoder(BUILT_IN)
    chance = random.Random(path.parent.name)
    long = raw.replace(b"\n", b" " + b"long " * 300 + b"\r\n", 3)
    with lent() as memory:
        for log, columns in product((raw, long, mutation(raw, chance)), SIGNS):
            plain = Block.of(log)
            every = np.arange(len(plain))
            expected = decoder.fields(plain, decoder.stamps(plain), every, columns)
            block = memory.block(log)
            got = decoder.fields(
                block, decoder.stamps(block), every, columns, signing(columns)
            )  # fmt: skip
            for name, sign in columns.items():
                one, spans = expected[name], got[name]
                if spans.signs is not None:
                    told = told_of(sign, plain.data, one.start, one.end)
                    for column, right in zip(spans.signs, told, strict=True):
                        np.testing.assert_array_equal(column, right, name)
                for rows in (np.array([], np.int64), every[::7], every):
                    some = spans.at(rows)
                    np.testing.assert_array_equal(some.start, one.start[rows], name)
                    there = some.start >= 0
                    np.testing.assert_array_equal(some.end[there], one.end[rows][there], name)


def test_signs_are_told_of_the_lines_of_large_logs() -> None:
    """What the property above checks is done where one layout reads all lines."""
    line = b"[Fri Jun 05 10:42:36.978307 2026] [core:info] [pid 7:tid 8] [client ::1:80] AH1: x\n"
    columns = SIGNS[1]
    decoder = Decoder([HTTPD_24])
    with lent() as memory:
        block = memory.block(line * 600)
        stamps = decoder.stamps(block)
        got = decoder.fields(block, stamps, np.arange(600), columns, signing(columns))
        told = [name for name in columns if any(map(np.any, got[name].signs or ()))]
        assert all(got[name].signs for name in columns)
        assert told == [TAIL, "client"]
        assert (got["client"].signs or ())[2].tolist() == [ord("c")] * 600


def test_signs_have_room_or_are_not_told() -> None:
    """Not one of many lines is told of where there is a little too little memory for all."""
    rows = 300_000
    place, levels = np.zeros(rows, np.int64), np.zeros(rows, np.int8)
    program = program_of((TokenStep("client", ord("]")),), ("client",))
    client = signing({"client": Sign.CLIENT})
    with lent() as memory:
        data = memory.put(np.frombuffer(b"::1:80] " + b"\0" * PADDING, np.uint8))
        for room in range(42 * rows + SLACK, 44 * rows + SLACK, rows // 16):
            memory.kernel.begin(memory.columns[:room])
            lines = Lines(place, place + 8, is_raw=False, levels=levels)
            told = memory.kernel.signs(data, lines, program, client)
        assert told is not None
        assert told[2].all()
