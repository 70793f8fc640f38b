"""Vocabulary: what the numbers in facts stand for, the same in all blocks of all processes."""

from __future__ import annotations

from logtool.clocks.table import ClockTable
from logtool.flags.engine import Engine
from logtool.reports.meant.wordings import Wordings
from logtool.reports.said.names import Names
from logtool.reports.said.numbering import MODULE_NAMES
from parsers.arrays import Ints

#: So many clients are known at once.
_CLIENTS = 1 << 18


class Vocabulary:
    """Numbers for what lines say.

    Attributes:
        wordings: of messages.
        modules: names of modules.
        clients: addresses without port.
        told_clients: the numbers of those that a process may name again, for each process.
        kinds: role and daemon group, by number.
    """

    def __init__(self, engine: Engine, table: ClockTable, clients: int = _CLIENTS) -> None:
        """Take the rules that may flag messages, and the clocks of the log; so many are known."""
        self.wordings = Wordings(engine)
        self.modules, self.clients = Names(most=MODULE_NAMES), Names(clients)
        self.told_clients: dict[int, Ints] = {}
        self.kinds, _ = table.kinds
