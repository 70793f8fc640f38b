"""Told times: takes the steps of a format that prints several times, gives those that tell one.

A line has one stamp. Where a format prints more times, the others are read without being told, and
for each of them there is another layout of the same lines that tells it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from parsers.steps.cursor import Step
from parsers.steps.message_step import MessageStep, Suffix
from parsers.steps.steps import HyphenStep, OptionalStep
from parsers.steps.time_steps import TimeStep
from parsers.times.timestamps import TimeForm


def told_times(steps: Sequence[Step]) -> list[int]:
    """The places in the format of the whole times, the one to go by first.

    That is one with an offset, else with the finest fraction, else the first. Times in pieces that
    stand apart count only where there is no whole one.
    """
    whole: dict[int, TimeStep] = {}
    for step in time_steps(steps):
        if step.forms[0].complete:
            whole.setdefault(step.place, step)
    return sorted(whole, key=lambda place: (*_rank(whole[place]), place))


def _rank(step: TimeStep) -> tuple[bool, int]:
    form = step.forms[0]
    fields = {piece.field for piece in form.pieces}
    return not fields & {"offset", "offset_colon", "epoch"}, -form.digits


def time_steps(steps: Sequence[Step]) -> Iterator[TimeStep]:
    """Every time that some steps read, told or not, in the order in which they try them."""
    for step in steps:
        match step:
            case TimeStep():
                yield step
            case OptionalStep():
                yield from time_steps(step.steps)
            case MessageStep():
                for suffix in (one for group in step.suffixes for one in group):
                    yield from time_steps(suffix.steps)


def told_forms(steps: Sequence[Step]) -> Iterator[TimeForm]:
    """Every form of the time that some steps tell, in the order in which they try them."""
    for step in time_steps(steps):
        if step.columns:
            yield from step.forms


def telling(steps: Sequence[Step], place: int) -> tuple[Step, ...]:
    """The same steps, of which only the time at a place of the format is told."""
    return tuple(_telling(step, place) for step in steps)


def _telling(step: Step, place: int) -> Step:
    match step:
        case TimeStep() if step.place != place:
            return replace(step, columns=())
        case OptionalStep():
            return replace(step, steps=telling(step.steps, place))
        case HyphenStep():
            return replace(step, step=_telling(step.step, place))
        case MessageStep():
            groups = (
                tuple(Suffix(one.anchor, telling(one.steps, place)) for one in group)
                for group in step.suffixes
            )
            return MessageStep(tuple(groups))
        case _:
            return step
