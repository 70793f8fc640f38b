"""Lines that a model of httpd prints for random formats are read back to what was printed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.error_log_format.ambiguities import ambiguities
from parsers.error_log_format.fields import parse
from parsers.error_log_format.items import ITEMS, LEVELS, column_of
from parsers.layouts import compile_layout
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Stamps
from tests.parsers.httpd_model import Printed, print_line

words = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12)
numbers = st.integers(0, 2**48).map(str)
addresses = st.sampled_from(
    ["127.0.0.1:46606", "::1:48334", "2001:db8::d36d:1", "203.0.113.255:65535", "fe80::1:80"]
)
log_ids = st.text("abcXYZ019+/", min_size=11, max_size=11)
names = st.sampled_from(["localhost", "www.example.com", "xn--bcher-kva.example"])
#: Messages may hold anything but what a client field, status or source looks like at their start.
messages = st.one_of(
    st.sampled_from(
        ["", "AH00051: child pid 5 exit", "File does not exist: /x, y", "x [client 1.2.3.4:5] y",
         "mod_wsgi (pid=7): Attach interpreter ''.", "a: (2)b: c.c(3): d", "WSGI0174: x"]
    ),
    st.text("abc :.,[]()/-", max_size=30).map(lambda text: "Q" + text),
)  # fmt: skip

micros = st.integers(0, 999_999)

FACTS = {
    "a": addresses, "A": addresses, "a:c": addresses, "k": numbers, "L": log_ids,
    "L:c": log_ids, "m": words, "P": st.integers(1, 2**31).map(str), "T": numbers, "T:g": numbers,
    "v": names, "V": names, "e:UNIQUE_ID": words, "i:Referer": words, "i:User-Agent": words,
    "n:x": words, "F": st.tuples(words, st.integers(1, 9999)).map(lambda f: f"{f[0]}.c({f[1]})"),
    "E": st.sampled_from(["(13)Permission denied", "(EAI 2)Name unknown", "(os 0x00000005)Denied",
                          "(70007)The timeout specified has expired"]),
}  # fmt: skip
#: Always printed in the main format.
SURE = {"P", "v"}

times = st.sampled_from(["", "u", "c", "cu", "m", "cm", "z", "uz", "cuz", "mz", "%FT%H:%M:%S%z",
                         "%d/%b/%Y:%H:%M:%S %z", "%c", "%s", "%F %T", "%Y %j %H:%M:%S",
                         "%y%m%d %I:%M:%S %p"])  # fmt: skip


@st.composite
def items(draw: st.DrawFn) -> str:
    """One item with its modifiers."""
    key = draw(st.sampled_from([*FACTS, "l", "t"]))
    letter, _, argument = key.partition(":")
    if letter == "t":
        return f"%{{{draw(times)}}}t"
    hyphen = draw(st.sampled_from(["", "-"]))
    level = draw(st.sampled_from(["", "", "7", "3"]))
    return f"%{hyphen}{level}{f'{{{argument}}}' if argument else ''}{letter}"


@st.composite
def fields(draw: st.DrawFn) -> str:
    """One field: items in brackets, with a name, or followed by a colon."""
    shape = draw(st.integers(0, 5))
    one, two = draw(items()), draw(items())
    name = draw(words)
    return [f"[{one}]", rf"[{name}\ {one}]", f"{one}:", f"{name}={one}", f"[{name}:{one},{two}]",
            one][shape]  # fmt: skip


@st.composite
def formats(draw: st.DrawFn) -> str:
    """A main ErrorLogFormat."""
    before = draw(st.lists(fields(), max_size=5))
    after = draw(st.lists(st.sampled_from([r"% ,\ referer\ %{Referer}i", " <%L>", " (%a)"]),
                          max_size=2, unique=True))  # fmt: skip
    return " ".join([*before, "%M"]) + "".join(after)


@st.composite
def records(draw: st.DrawFn) -> tuple[dict[str, str], int, datetime]:
    """The facts of one message, its level and its time."""
    facts = {
        key: draw(values) for key, values in FACTS.items() if key in SURE or draw(st.booleans())
    }
    if "L" in facts:
        facts.setdefault("L:c", draw(log_ids))  # a request has a connection
    level = draw(st.integers(0, 15))
    zone = timezone(timedelta(minutes=15 * draw(st.integers(-48, 56))))
    seconds = draw(st.integers(1_000_080_000, 2_114_380_800))
    when = datetime.fromtimestamp(seconds, zone) + timedelta(microseconds=draw(micros))
    return {**facts, "l": LEVELS[level], "M": draw(messages)}, level, when


def read(fmt: str, line: str) -> tuple[Stamps, dict[str, str]]:
    """The stamp and the columns of one line."""
    layout = compile_layout(fmt)
    decoder = Decoder([layout])
    block = Block.of(line.encode() + b"\n")
    stamps = decoder.stamps(block)
    found = decoder.fields(block, stamps, np.arange(1), layout.columns)
    columns = {
        name: block.data[spans.start[0] : spans.end[0]].tobytes().decode()
        for name, spans in found.items()
        if spans.start[0] >= 0
    }
    return stamps, columns


def expected_columns(printed: Printed) -> dict[str, str]:
    """The columns of a line, from what the model says it printed where."""
    columns: dict[str, str] = {}
    for key, (start, end) in printed.spans.items():
        letter, _, argument = key.partition(":")
        if letter != "t":
            columns[column_of(ITEMS[letter], argument)] = printed.text[start:end]
    return columns


@given(formats(), records())
@settings(max_examples=150, deadline=None)
@example(
    r"[%t] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
    ({"P": "1", "v": "x", "l": "error", "M": "hello"}, 3, datetime(2026, 1, 1, tzinfo=UTC)),
)
def test_what_httpd_prints_is_read_back(
    fmt: str, record: tuple[dict[str, str], int, datetime]
) -> None:
    """Every column comes back unless the compiler calls the format ambiguous."""
    facts, level, when = record
    assume(not ambiguities(parse(fmt)))
    printed = print_line(fmt, facts, level, when)
    stamps, columns = read(fmt, printed.text)
    columns.pop("time", None)
    assert stamps.layout[0] == 0
    assert columns == expected_columns(printed)
    if "P" in printed.spans:
        assert stamps.pid[0] == int(facts["P"])
    else:
        assert stamps.pid[0] == NO_PID


@given(times, records(), st.sampled_from(["[{}] %M", "{} %M", "x={}: [%P] %M", "%v {} [%l] %M"]))
@settings(max_examples=150, deadline=None)
def test_every_form_of_time_is_read_to_its_digit(
    argument: str, record: tuple[dict[str, str], int, datetime], around: str
) -> None:
    """The local time, its offset and its place in the line are those that were printed."""
    facts, level, when = record
    facts = {**facts, "M": f"Q{facts['M']}"}
    fmt = around.format(f"%{{{argument}}}t")
    printed = print_line(fmt, facts, level, when)
    stamps, _ = read(fmt, printed.text)
    key = f"t:{argument}" if argument else "t"
    assert (stamps.time_start[0], stamps.time_end[0]) == printed.spans[key]
    digits = 6 if "u" in argument else 3 if "m" in argument else 0
    if "%" in argument:
        digits = 0
    assert stamps.digits[0] == digits
    kept = when.microsecond // 10 ** (6 - digits) * 10 ** (6 - digits)
    zone = when.utcoffset() or timedelta()
    said = when.replace(microsecond=kept, tzinfo=UTC)
    if argument == "%s":
        said, zone = said - zone, timedelta()
    expected = (said - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert stamps.local_us[0] == expected
    written = "z" in argument or argument == "%s"
    assert stamps.offset_s[0] == (zone.total_seconds() if written else NO_OFFSET)
    assert stamps.local_us[0] != NO_TIME
