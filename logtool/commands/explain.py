"""`errlog explain`: one known problem at length."""

from __future__ import annotations

import click

from logtool.errors import UsageError
from logtool.people.terminal import terminal_width


@click.command("explain")
@click.argument("rule_id", metavar="[ID]", required=False)
@click.option("--list", "listed", is_flag=True, help="List all known problems and codes.")
@click.option("--rules", "own", metavar="FILE", help="Also know the rules in this TOML file.")
def command(rule_id: str | None, listed: bool, own: str | None) -> int:
    """Tell what a finding means, why it happens and what to do.

    ID is a rule's name, such as signal-handler-ignored, or a code of mod_wsgi 6, such as WSGI0146.
    """
    from logtool.flags.explanations import explanation, listing, rules_with

    rules = rules_with(own)
    if listed:
        click.echo("\n".join(listing(rules, terminal_width())))
    elif rule_id is None:
        raise UsageError("say which: errlog explain ID, or errlog explain --list")
    else:
        click.echo("\n".join(explanation(rules, rule_id)))
    return 0
