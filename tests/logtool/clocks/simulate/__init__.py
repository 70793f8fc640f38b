"""A simulator of Apache's error logs: takes a spec and a seed, gives a log and its truth.

spec → world (who does what when, in true time) → recorder (what httpd writes of it) → Simulated.
It shares no code with the parsers or the clock engine, so it can examine both.
"""

from .cutting import cut
from .joining import appended, interleaved
from .presets import PRESETS, random_spec, varied
from .recorder import Simulated, simulate
from .spec import Group, Spec

__all__ = [
    "PRESETS",
    "Group",
    "Simulated",
    "Spec",
    "appended",
    "cut",
    "interleaved",
    "random_spec",
    "simulate",
    "varied",
]
