"""Words of options: takes one of a few words, and asks which one is meant by another."""

from __future__ import annotations

import click

from logtool.people.misspelled import with_meant


class OneOf(click.Choice[str]):
    """One of a few words."""

    def get_invalid_choice_message(self, value: object, ctx: click.Context | None) -> str:
        """What is said of another word."""
        told = super().get_invalid_choice_message(value, ctx)
        return with_meant(told.removesuffix("."), str(value), self.choices)
