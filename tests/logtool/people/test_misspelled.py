"""Names that are misspelled: what may be meant is told, wherever a name is one of a list."""

from __future__ import annotations

import pytest

from logtool.__main__ import run
from logtool.errors import UsageError
from logtool.flags.rule import parse_rules
from logtool.people.misspelled import did_you_mean, with_meant
from logtool.tui.model.chosen.filters import parse_filter
from logtool.tui.model.commands import parse_command
from tests import places

BERLIN = str(places.SAMPLE_LOGS / "berlin_utc_django" / "error.log")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("deadlok", "did you mean deadlock?"),
        ("DEADLOCK", "did you mean deadlock?"),
        ("wsgi0146", "did you mean WSGI0146?"),
        ("ghost", ""),
    ],
)
def test_what_is_meant(name: str, told: str) -> None:
    """The name that is spelt most like it, whatever its case; none where none is like it."""
    assert did_you_mean(name, ["daemon-crashed", "deadlock", "WSGI0146"]) == told


def test_several_may_be_meant() -> None:
    """As many as are asked for, the likeliest first."""
    assert did_you_mean("shop", ["chop", "shops", "ghost"], 2) == "did you mean shops or chop?"


@pytest.mark.parametrize(("alike", "told"), [(0.4, "did you mean ghost?"), (0.5, "")])
def test_how_much_is_alike(alike: float, told: str) -> None:
    """Less than that is another name; of these two 0.44 is."""
    assert did_you_mean("shop", ["ghost"], alike=alike) == told


def test_a_fault_of_a_name() -> None:
    """It stands alone where nothing is meant."""
    assert with_meant("no such rule", "deadlok", ["deadlock"]).endswith(
        "rule; did you mean deadlock?"
    )
    assert with_meant("no such rule", "ghost", ["deadlock"]) == "no such rule"


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["flags", "--rule", "deadlok"], 2, "there is no rule 'deadlok'; did you mean deadlock?"),
        (["explain", "deadlok"], 2, "there is no rule 'deadlok'; did you mean deadlock"),
        (["query", "SELECT levl FROM log"], 2, 'column "levl"; did you mean level?'),
        (["query", "SELECT level FROM logs"], 2, "'logs' was not found; the table is called log"),
        (["normalize", "--clock", "shoop=UTC"], 0, "of that name; there are shop, "),
        (["normalize", "--clock", "shoop=UTC"], 0, "; did you mean shop?"),
        (["normalize", "--server-tz", "Europe/Brelin"], 2, "did you mean Europe/Berlin?"),
        (["export", "-o", "x.parkuet"], 2, "did you mean .parquet?"),
    ],
)
def test_options(
    words: list[str], status: int, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each option that takes a name says which one may be meant."""
    log = [] if words[0] == "explain" else [BERLIN]
    assert run([*words, *log]) == status
    assert told in " ".join(capfd.readouterr().err.split())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("levle>=warn", "did you mean level?"),
        ("level>=wran", "did you mean warn?"),
        ("rule=deadlok", "did you mean deadlock"),
        ("!rule=python-home-invalid,Deadlock", "did you mean deadlock"),
    ],
)
def test_filters(text: str, told: str) -> None:
    """So does a filter of `errlog view`."""
    with pytest.raises(UsageError) as caught:
        parse_filter(text)
    assert told in str(caught.value)


def test_commands() -> None:
    """And what is typed after a colon."""
    with pytest.raises(UsageError, match=r":hsitogram: no such command; did you mean histogram\?"):
        parse_command("hsitogram")


def test_keys_of_rules() -> None:
    """And a rule file, of its keys, conditions and values."""
    rule = '[[rule]]\nid = "a"\ntitle = "A"\nseverity = "error"\nwhen = { message = ["x"] }\n'
    rule += 'cause = "c"\ncure = "d"\nsee = "e"\nhits = ["x"]\nmisses = ["y"]\n'
    for right, wrong, told in (
        ("cause", "couse", "did you mean cause?"),
        ("message", "massage", "did you mean message?"),
        ('"error"', '"eror"', "did you mean error?"),
    ):
        with pytest.raises(UsageError) as caught:
            parse_rules(rule.replace(right, wrong), "mine.toml")
        assert told in str(caught.value)
