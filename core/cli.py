"""The `pitboss` command: a group whose commands are entry points, loaded when they are called."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import pitboss
from pitboss.core.errors import PitbossError
from pitboss.core.garbage import spare_what_is_left

if TYPE_CHECKING:
    from pitboss.core.kernel import Kernel
    from pitboss.core.settings import Settings

ENTRY_POINTS = "pitboss.commands"


class Deployment:
    """What a command works on; settings and kernel are made when they are first needed.

    So are their imports: a command that needs no kernel answers without loading one.
    """

    def __init__(self, **given: Any) -> None:
        self._given = given

    @cached_property
    def settings(self) -> Settings:
        """The settings of the deployment; once they are known, logs are as they say."""
        from pitboss.core.logs import configure_logs
        from pitboss.core.settings import load_settings

        settings = load_settings(**self._given)
        configure_logs(settings)
        return settings

    @cached_property
    def _kernel(self) -> Kernel:
        from pitboss.core.kernel import build_kernel

        return build_kernel(self.settings)

    def __call__(self) -> Kernel:
        return self._kernel

    def close(self) -> None:
        """Let go of what was opened."""
        if "_kernel" in self.__dict__:
            self._kernel.close()


class _Commands(click.Group):
    """Find commands among the entry points, then among the plugins."""

    @cached_property
    def _entries(self) -> dict[str, EntryPoint]:
        return {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*self._entries, *self._plugin_groups(ctx)})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in self._entries:
            command: click.Command = self._entries[name].load()
            return command
        return self._plugin_groups(ctx).get(name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        _deployment(ctx)
        return super().resolve_command(ctx, args)

    def _plugin_groups(self, ctx: click.Context) -> dict[str, click.Command]:
        deployment = _deployment(ctx)
        groups: dict[str, click.Command] = {}
        for owned in deployment().registry.all("register_commands"):
            group = groups.setdefault(
                owned.owner, click.Group(owned.owner, help=f"Commands of the plugin {owned.owner}.")
            )
            assert isinstance(group, click.Group)
            group.add_command(owned.item)
        return groups


def _deployment(ctx: click.Context) -> Deployment:
    """Return what the command works on; help asks before the command line was read to its end."""
    if ctx.obj is None:
        given = {name: Path(ctx.params[name]) for name in ("config", "data") if ctx.params.get(name)}
        ctx.obj = Deployment(**given)
        ctx.call_on_close(ctx.obj.close)
    deployment: Deployment = ctx.obj
    return deployment


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(pitboss.__version__, prog_name="pitboss")
@click.option("--config", type=click.Path(), help="Folder with pitboss.toml and tenants/.")
@click.option("--data", type=click.Path(), help="Folder of the embedded database.")
@click.pass_context
def cli(ctx: click.Context, config: str | None, data: str | None) -> None:  # noqa: ARG001 - read from ctx.params
    """Run and look after a Pitboss deployment."""
    _deployment(ctx)


def main(arguments: Sequence[str] | None = None) -> Any:
    """Run the command line; an error of ours is one sentence, never a stack trace."""
    atexit.register(spare_what_is_left)
    try:
        return cli.main(arguments, prog_name="pitboss")
    except PitbossError as error:
        sentence = str(error)
    except Exception as error:  # noqa: BLE001 - the edge: what nobody foresaw becomes a sentence
        sentence = _sentence(error)
    click.echo(f"Error: {sentence}", err=True)
    sys.exit(1)


def _sentence(error: Exception) -> str:
    import structlog
    from sqlalchemy.exc import DBAPIError

    if isinstance(error, DBAPIError):
        return f"the database: {str(error.orig).splitlines()[0]}"
    structlog.get_logger(__name__).debug("command failed", exc_info=error)
    return f"{type(error).__name__}: {error}; PITBOSS_LOG_LEVEL=DEBUG shows where"
