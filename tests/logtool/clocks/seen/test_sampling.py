"""Few lines of a log are looked at closely, and those that tell who wrote are among them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from benchmarks.many_processes import SHAPES, many_processes
from logtool.clocks.seen.roles import OWN_WORDS, Process, processes_of
from logtool.clocks.seen.sampling import Sampler
from logtool.clocks.seen.turns import SAMPLE, turns_of
from parsers.blocks import Block
from parsers.built_in import HTTPD_24
from parsers.decode import Decoder
from parsers.layouts import compile_layout
from tests.logtool.clocks.scenes import born, line


def sampled(log: bytes, limit: int, most: int = 10**6, cuts: int = 1) -> Sampler:
    """The samples of a log in the built-in format that comes in so many blocks."""
    lines = log.splitlines(keepends=True)
    ends = [len(lines) * at // cuts for at in range(cuts + 1)]
    decoder, sampler = Decoder([HTTPD_24]), Sampler(limit, most)
    for begin, end in pairwise(ends):
        block = Block.of(b"".join(lines[begin:end]), first_line=begin + 1)
        stamps = decoder.stamps(block)
        sampler.add(0, block, stamps, decoder, turns_of(stamps))
    return sampler


def written(*lines: str) -> bytes:
    """Lines as a log."""
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.mark.parametrize("cuts", [1, 7])
def test_the_first_lines_of_every_process(cuts: int) -> None:
    """However the log comes in blocks."""
    log = written(*(line(f"2026-06-05 10:00:{at % 60:02}", at % 3, str(at)) for at in range(600)))
    samples = sampled(log, 10**6, cuts=cuts).samples
    assert [sample.line for sample in samples] == list(range(1, 3 * SAMPLE + 1))
    assert samples[7].message == b"7"


@pytest.mark.parametrize("cuts", [1, 4])
def test_after_a_jump(cuts: int) -> None:
    """Lines at which a clock may have changed are read whenever they come."""
    stamps = ["10:00:00"] * 300 + ["12:00:00"] * 2 + ["10:00:01"] * 298
    log = written(*(line(f"2026-06-05 {stamp}", 7) for stamp in stamps))
    samples = sampled(log, 10**6, cuts=cuts).samples
    assert [sample.line for sample in samples] == [*range(1, SAMPLE + 1), 301, 303]


@pytest.mark.parametrize(("log_id", "read"), [(" [%L]", [101, 201]), ("", [])])
def test_after_a_pause_where_no_pid_is_written(log_id: str, read: list[int]) -> None:
    """Another clock may speak from there on, which log IDs tell, where the layout has them."""
    decoder, sampler = Decoder([compile_layout(f"[%{{u}}t]{log_id} %M")]), Sampler()
    text = " [oVYEEd7eRQA]" if log_id else ""
    clocks = [f"10:00:{at % 60:02}" for at in range(40, 60) for _ in range(5)]
    clocks += ["10:01:40"] * 100 + ["10:01:30"] * 100
    lines = [f"[Fri Jun 05 {clock}.000000 2026]{text} hello" for clock in clocks]
    block = Block.of(written(*lines))
    stamps = decoder.stamps(block)
    sampler.add(0, block, stamps, decoder, turns_of(stamps))
    assert [sample.line for sample in sampler.samples] == [*range(1, SAMPLE + 1), *read]


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_long_log_s_roles(shape: str) -> None:
    """Beyond the limit few lines are kept, and yet all is known of their processes."""
    log = many_processes(shape, 200)
    every = sampled(log, 10**6).samples
    some = sampled(log, 100, cuts=9).samples
    known, fewer = processes_of(every), processes_of(some)
    assert len(some) < max(len(every) // 2, 300)
    assert {pid: fewer.get(pid, Process()) for pid in known} == known


def test_everyday_lines() -> None:
    """Beyond the limit three lines of a kind tell all; mod_wsgi's own words are always read."""
    before = written(*(line("2026-06-05 10:00:01", 9) for _ in range(99)))
    after = written(
        born("2026-06-05 10:00:03", 2), *(line("2026-06-05 10:00:04", 2) for _ in range(9)),
        *(line("2026-06-05 10:00:04", 2, module="core:error") for _ in range(9)),
        born("2026-06-05 10:00:05", 2), line("2026-06-05 10:00:06", 2),
    )  # fmt: skip
    sampler, decoder = Sampler(SAMPLE), Decoder([HTTPD_24])
    for part, first in ((before, 1), (after, 100)):
        block = Block.of(part, first_line=first)
        stamps = decoder.stamps(block)
        sampler.add(0, block, stamps, decoder, turns_of(stamps))
    lines = [one.line for one in sampler.samples if one.pid == 2]
    assert lines == [100, 101, 102, 103, 110, 111, 112, 119]


def test_no_more_than_the_most() -> None:
    """Memory has an end."""
    log = many_processes("restarts", 400)
    assert len(sampled(log, 10, 50, cuts=40).samples) < 50 + len(log.splitlines()) // 40


@pytest.mark.parametrize("word", OWN_WORDS)
def test_words_are_compared_whole(word: bytes) -> None:
    """As many bytes as are compared at once."""
    assert len(word) == 4


def test_what_samples_say_alike_is_there_once() -> None:
    """Of 60,000 samples nine in ten repeat module, client and message: half of their memory."""
    said = [
        f"[client 192.0.2.7:40000] AH00128: File does not exist: /{at % 4}" for at in range(300)
    ]
    log = written(
        *(line("2026-06-05 10:00:00", 70_000 + at % 7, one) for at, one in enumerate(said))
    )
    samples = sampled(log, 10**6).samples
    assert len(samples) == len(said)
    for name in ("module", "client", "message", "pid"):
        values = [getattr(sample, name) for sample in samples]
        assert len({id(value) for value in values}) == len(set(values))
