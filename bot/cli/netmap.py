"""Everything `netmap` can be told in a shell."""

import sys
from typing import Any

import click

from bot import __version__
from bot.cli import files, operating, serving, talking
from bot.cli.output import REFUSED
from bot.domain.errors import NetmapError


class _Explained(click.ClickException):
    """A NetmapError as the command line says it: what is wrong, then what to do."""

    exit_code = REFUSED

    def __init__(self, error: NetmapError) -> None:
        lines = [error.message, *(f"  {fact}" for fact in error.facts), error.hint]
        super().__init__("\n".join(line for line in lines if line))

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file or sys.stderr)


class _Commands(click.Group):
    """Explains what can be explained."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NetmapError as error:
            raise _Explained(error) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="netmap")
def netmap() -> None:
    """Network mapping of a Hyper-V / VMM disaster-recovery estate, from Slack or a terminal."""


for _command in (
    talking.say,
    talking.console,
    serving.run,
    files.import_,
    files.take_in,
    files.export,
    files.script,
    operating.check,
    operating.health,
    operating.backup,
    operating.restore,
    operating.manifest,
):
    netmap.add_command(_command)
