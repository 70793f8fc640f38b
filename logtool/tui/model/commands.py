"""Commands: takes what was typed after a colon, gives what is to be done."""

from __future__ import annotations

from logtool.errors import UsageError
from logtool.people.misspelled import did_you_mean
from logtool.tui.model.chosen.times import read_time
from parsers.classes import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A word and what belongs to it.

    Attributes:
        word: what to do.
        argument: with what, or empty.
        log: of which log, or empty.
    """

    word: str
    argument: str = ""
    log: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A command that can be typed.

    Attributes:
        word: how it begins.
        argument: what follows, or empty.
        text: what it does.
        action: the action, where it is one of the keys'.
    """

    word: str
    argument: str
    text: str
    action: str = ""


COMMANDS = (
    Known("filter", "WORDS", "show only some lines; none: all"),
    Known("search", "REGEX", "search"),
    Known("goto", "TIME", "the first line at or after it, in UTC"),
    Known("zone", "ZONE", "times of a zone: Europe/Berlin"),
    Known("save", "FILE", "write selected or all shown lines, in UTC"),
    Known("write", "FILE", "the same, byte for byte as they stand"),
    Known("next", "", "the next log; n does too", "next_log"),
    Known("previous", "", "the log before; p does too", "previous_log"),
    Known("clocks", "", "clocks and their evidence", "clocks"),
    Known("findings", "", "known problems", "findings"),
    Known("exceptions", "", "exceptions", "exceptions"),
    Known("requests", "", "requests", "requests"),
    Known("histogram", "", "lines over time", "histogram"),
    Known("follow", "", "follow the end", "follow"),
    Known("wrap", "", "wrap long lines, or cut them", "wrap"),
    Known("reload", "", "read the logs anew", "reload"),
    Known("help", "", "all keys", "help"),
    Known("quit", "", "leave", "app.quit"),
)


def parse_command(text: str) -> Command:
    """Read a command; a number or `FILE:N` is a line, a time is gone to, `q` quits.

    Raises:
        UsageError: there is no such command.
    """
    word, _, argument = text.strip().partition(" ")
    if not word:
        return Command("line", "1")
    if word.replace(",", "").isdecimal():
        return Command("line", word.replace(",", ""))
    for known in COMMANDS:
        if known.word.startswith(word):
            if known.argument and not argument and known.word != "filter":
                raise UsageError(f":{known.word} {known.argument}: {known.text}")
            return Command(known.action or known.word, argument.strip())
    try:
        read_time(text, 0)
    except UsageError:
        log, _, number = text.strip().rpartition(":")
        meant = did_you_mean(word, [known.word for known in COMMANDS])
        if log and number.isdecimal() and not (argument and meant):
            return Command("line", number, log)
        raise UsageError(f":{word}: no such command; {meant or '? lists them'}") from None
    return Command("goto", text.strip())
