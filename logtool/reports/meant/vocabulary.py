"""Vocabulary: what the numbers in facts stand for, the same in all blocks of all processes."""

from __future__ import annotations

from logtool.clocks.table import ClockTable
from logtool.flags.engine import Engine
from logtool.reports.meant.wordings import Wordings
from logtool.reports.said.distinct import Names
from logtool.reports.said.numbering import CLIENT_NAMES, MODULE_NAMES


class Vocabulary:
    """Numbers for what lines say.

    Attributes:
        wordings: of messages.
        modules: names of modules.
        clients: addresses without port.
        kinds: role and daemon group, by number.
    """

    def __init__(self, engine: Engine, table: ClockTable) -> None:
        """Take the rules that may flag messages, and the clocks of the log."""
        self.wordings = Wordings(engine)
        self.modules, self.clients = Names(MODULE_NAMES), Names(CLIENT_NAMES)
        self.kinds, _ = table.kinds
