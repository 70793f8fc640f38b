"""Items: what each letter of an ErrorLogFormat prints, as one table."""

from __future__ import annotations

from enum import Enum

from parsers.classes import dataclass


class Shape(Enum):
    """What the text of an item looks like: how it is found again in a line."""

    TIME = "time"
    NUMBER = "number"
    WORD = "word"
    LEVEL = "level"
    SOURCE = "source"
    STATUS = "status"
    ADDRESS = "address"
    LOG_ID = "log ID"
    TEXT = "text"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Item:
    """One % item, as the handlers of httpd's server/log.c print it.

    Attributes:
        letter: as in the directive.
        column: the column it fills; an argument may say more (see `column_of`).
        shape: what its text looks like.
        optional: it may print nothing in an ordinary line, which drops its whole field.
        once: it prints something in a once-per-request or once-per-connection line.
        meaning: for people.
    """

    letter: str
    column: str
    shape: Shape
    optional: bool
    once: bool
    meaning: str


_TABLE = (
    #    letter column            shape          optional once   meaning
    Item("a", "client", Shape.ADDRESS, True, True, "the client's address and port"),
    Item("A", "local_address", Shape.ADDRESS, True, True, "the server's address and port"),
    Item("e", "env", Shape.TEXT, True, True, "a variable of the request's environment"),
    Item("E", "status", Shape.STATUS, True, False, "APR's status code and its text"),
    Item("F", "source", Shape.SOURCE, True, False, "httpd's source file and line"),
    Item("i", "header", Shape.TEXT, True, True, "a header of the request"),
    Item("k", "keepalives", Shape.NUMBER, True, True, "requests before this one on the connection"),
    Item("l", "level", Shape.LEVEL, False, False, "the level"),
    Item("L", "log_id", Shape.LOG_ID, True, True, "the request's log ID"),
    Item("m", "module", Shape.WORD, True, False, "the module, without mod_"),
    Item("M", "message", Shape.MESSAGE, False, False, "the message"),
    Item("n", "note", Shape.TEXT, True, True, "a note of the request"),
    Item("P", "pid", Shape.NUMBER, False, True, "the process ID"),
    Item("t", "time", Shape.TIME, False, True, "the time, in the zone of the writing process"),
    Item("T", "tid", Shape.NUMBER, True, True, "the thread ID"),
    Item("v", "virtual_host", Shape.WORD, True, True, "the ServerName of the virtual host"),
    Item("V", "server_name", Shape.WORD, True, True, "the name as UseCanonicalName says"),
)  # fmt: skip

ITEMS: dict[str, Item] = {item.letter: item for item in _TABLE}

#: Letters of LogFormat that ErrorLogFormat has not, and what to write here instead.
ACCESS_LOG_LETTERS = {
    **dict.fromkeys("BbDfHIOoqRrSsuUX^", ""), "h": "the client is %a here",
    "p": "the server's port is in %A here", "C": "cookies are in %{Cookie}i here",
}  # fmt: skip

#: Level names by their number (httpd's include/http_log.h); a message is logged at one of them.
LEVELS = (
    "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug",
    "trace1", "trace2", "trace3", "trace4", "trace5", "trace6", "trace7", "trace8",
)  # fmt: skip


def column_of(item: Item, argument: str | None) -> str:
    """The column that an item with its {argument} fills.

    `%{c}a` is the peer of the connection even where mod_remoteip changed the client (log.c
    log_remote_address tests only the first character); `%{c}L` and `%{C}L` are the connection's.
    """
    argument = argument or ""
    match item.letter:
        case "a" if argument.startswith("c"):
            return "peer"
        case "L" if argument[:1] in ("c", "C"):
            return "connection_log_id"
        case "i" if argument.lower() == "referer":
            return "referer"
        case "i" | "e" | "n":
            return f"{item.column}:{argument}"
    return item.column
