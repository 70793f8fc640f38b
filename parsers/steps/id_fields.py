r"""ID fields: takes the steps of neighbouring fields, tells log IDs of requests from connections'.

httpd drops a field without an ID with its brackets, so that of `[%L] [%{c}L]` only the second may
be there, and stands where the first one does. What makes a line for a request knows its connection
(log.c, log_error_core): an ID that stands alone is the connection's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.error_log_format.fields import Field, are_ids_of_both
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


def connections_of(fields: Sequence[Field]) -> dict[Field, Field]:
    """The field of a connection's ID behind that of its request's."""
    return {one: two for one, two in pairwise(fields) if are_ids_of_both(one, two)}


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
