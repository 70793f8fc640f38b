"""Keys: the numbers that stand for what lines say, and how several of them make one key."""

from __future__ import annotations

from logtool.reports.tallies.packing import Packing
from parsers.error_log_format.items import LEVELS

#: In keys: no level.
NO_LEVEL = len(LEVELS)

#: Lines over time; `offset` is 0 for none, else seconds east of UTC above `OFFSET_ZERO`.
FLOW = Packing(part=11, level=5, who=12, offset=19)
OFFSET_ZERO = 1 << 18
#: Numbers of templates are not given twice, however many there are.
TEMPLATE_BITS = 31
#: Messages; `part` is one of the parts of a trend, or `period.NO_PART`.
MESSAGE = Packing(template=TEMPLATE_BITS, level=5, module=12, part=5)

#: The module that tells when a connection ends, long after its last request.
CLOSING_MODULE = "ssl"
