r"""ID fields: takes neighbouring fields of a format, tells log IDs of requests from connections'.

httpd drops a field without an ID with its brackets, so that of `[%L] [%{c}L]` only the second may
be there, and stands where the first one does. What makes a line for a request knows its connection
(log.c, log_error_core): an ID that stands alone is the connection's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from parsers.classes import dataclass
from parsers.error_log_format import Directive, Field, Literal
from parsers.items import Shape
from parsers.scanning import Mask
from parsers.steps.cursor import FAR, Cursor, Step, run_steps
from parsers.steps.looks import looks_like_log_id
from parsers.steps.steps import HyphenStep, OptionalStep, TokenStep


@dataclass(frozen=True, slots=True)
class StepsAhead:
    """What must be able to read what comes next; it is left to the steps that follow.

    Attributes:
        steps: literals and tokens that note nothing.
    """

    steps: tuple[Step, ...]
    columns: tuple[str, ...] = ()
    reach: int = FAR

    def run(self, c: Cursor) -> Mask:
        """Stay."""
        sub, kept = run_steps(self.steps, c.fork())
        if c.found.looked is not None:
            c.found.looked[sub.rows] = np.maximum(c.found.looked[sub.rows], sub.at + 1)
        fine: Mask = np.full(len(c.rows), kept is None)
        fine[slice(None) if kept is None else kept] = True
        return fine


def are_ids_of_both(one: Field, two: Field) -> bool:
    """Whether two fields are a request's log ID, which may be missing, and its connection's, alike.

    The connection's may be missing too, or be a hyphen.
    """
    mine, theirs = _bare_id(one), _bare_id(two)
    return (
        mine is not None
        and theirs is not None
        and not mine.hyphen
        and (mine.argument or "")[:1] not in ("c", "C")
        and (theirs.argument or "")[:1] == "c"
        and _literals(one) == _literals(two)
    )


def before_connection(request: Step, connection: Sequence[Step]) -> Step:
    """The step of a request's ID, which reads none where the connection's does not follow.

    Args:
        request: the step.
        connection: those of the connection's ID.
    """
    assert isinstance(request, OptionalStep)
    return replace(request, steps=(*request.steps, StepsAhead(tuple(map(_silent, connection)))))


def _silent(step: Step) -> Step:
    """The same step, which notes nothing and takes nothing but log IDs."""
    match step:
        case OptionalStep(steps):
            return StepsAhead(tuple(map(_silent, steps)))
        case HyphenStep(inner):
            return replace(step, step=_silent(inner))
        case TokenStep():
            # A bracket may follow that holds anything, such as `[core:error]`.
            return replace(step, column="", check=looks_like_log_id)
        case _:
            return step


def _bare_id(field: Field) -> Directive | None:
    """The log ID of a field without any other item, which every message may have."""
    items = [part for part in field.parts if isinstance(part, Directive)]
    if len(items) != 1 or items[0].item.shape is not Shape.LOG_ID:
        return None
    (item,) = items
    return None if item.required or item.min_level else item


def _literals(field: Field) -> list[str]:
    return [part.text if isinstance(part, Literal) else "" for part in field.parts]
