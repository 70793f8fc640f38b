"""Commands: one module for each word after `errlog`, imported only when the word is said."""

from __future__ import annotations

from importlib import import_module

import click

from logtool import __version__
from logtool.machine.open_files import need_files

#: Each word, and what it does in a line. Its module has the word's name and a command `command`.
WORDS = {
    "normalize": "The same lines, each in UTC.",
    "clocks": "The clocks found, how sure they are, and why.",
    "flags": "Known problems, with cause and cure.",
    "pairs": "Worker and daemon lines of one request together.",
    "report": "What logs hold: problems, exceptions, clocks, rates, restarts.",
    "export": "Logs as Parquet, CSV, JSON Lines or SQLite.",
    "query": "SQL over the lines of logs.",
    "explain": "Tell a known problem at length.",
    "format": "Check an ErrorLogFormat, detect a log's layout, read httpd.conf.",
    "view": "Browse logs on the whole screen.",
}


#: Those that make tables of lines.
_OF_TABLES = ("flags", "pairs", "report", "export", "query", "view")


class _Words(click.Group):
    """A group that imports a command only to run it or to explain it at length."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The words, in the order in which a user meets them."""
        return list(WORDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a word."""
        if cmd_name not in WORDS:
            return None
        command: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which word is like the one that is none."""
        if args[0] not in WORDS and not args[0].startswith("-"):
            raise click.exceptions.NoSuchCommand(args[0], possibilities=WORDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the words without importing their modules."""
        with formatter.section("Commands"):
            formatter.write_dl(list(WORDS.items()))


@click.group(cls=_Words, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="errlog %(version)s")
@click.pass_context
def errlog(context: click.Context) -> None:
    """Apache error logs in UTC.

    Apache stamps each line in the local time of the process that wrote it. errlog finds the clock
    of every process from the log itself.

    Exit status: 0 done; 1 done, and --strict found something; 2 wrong usage; 3 could not read or
    write.
    """
    if context.invoked_subcommand in _OF_TABLES:
        need_files()
