"""Wrapped layouts: takes a layout, gives that of its lines behind the heads of another program."""

from __future__ import annotations

from functools import cache, cached_property

from parsers.built_in import BEHIND
from parsers.error_log_format.fields import ErrorLogFormat
from parsers.layouts import Layout
from parsers.steps.plans import Plan
from parsers.steps.wrappers import HeadStep

#: So many ranks lie between those of layouts and those of the same behind a sure head.
_SURE_RANKS = 4


class Behind(Layout):
    """A layout behind the heads of another program, which its `step` reads."""

    def __init__(self, layout: Layout, step: HeadStep) -> None:
        self._layout = layout
        self.step = step
        # A sure head is nothing else; any other one may be what a format begins with.
        rank = layout.rank - _SURE_RANKS if step.sure else layout.rank
        super().__init__(f"{layout.name}{BEHIND}", self._wrapped, rank, (behind, (layout, step)))

    def _wrapped(self) -> tuple[ErrorLogFormat | None, Plan]:
        return self._layout.format, Plan((self.step, *self._layout.plan.steps))

    @cached_property
    def further(self) -> tuple[Layout, ...]:
        """Those of what is behind the head."""
        return tuple(behind(layout, self.step) for layout in self._layout.further)


@cache
def behind(layout: Layout, step: HeadStep) -> Layout:
    """A layout behind a head; always the same object."""
    return Behind(layout, step)
