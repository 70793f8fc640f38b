"""Format faults: takes httpd's refusal of an ErrorLogFormat, gives the fault to show a user."""

from __future__ import annotations

import textwrap

from logtool.errors import UsageError
from logtool.people.terminal import pointed
from parsers.error_log_format.fields import FormatError

_WIDTH = 78


def refusal(fault: FormatError, place: str = "") -> UsageError:
    """The reason of httpd, below it a caret at the place, and a hint where we have one.

    Args:
        fault: the refusal.
        place: the option or `file:line` where the format stands, or empty.
    """
    reason = f"{place}: {fault.reason}" if place else fault.reason
    return UsageError(reason, *pointed(fault.text, fault.at), *textwrap.wrap(fault.hint, _WIDTH))
