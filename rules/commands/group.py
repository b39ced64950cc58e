"""What the commands share: options, output for machines, and errors that are one sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click
import msgspec

from pitboss.rules.catalogues import read_catalogue, starter_catalogue
from pitboss.rules.commands.reading import UnreadableFile, read_file
from pitboss.rules.engine.catalogue import Catalogue
from pitboss.rules.engine.errors import Refused, RuleError
from pitboss.rules.engine.rule import read_json

FACTS_BYTES_MAX = 1024 * 1024
SENTENCE_LENGTH_MAX = 600

FAILED = 1
"""The exit code when a rule failed, was refused, or has a finding."""
UNUSABLE = 2
"""The exit code of wrong use, and of input that cannot be read."""

PATH = click.Path(path_type=Path)


class Unusable(click.ClickException):
    """Input that no command can work on."""

    exit_code = UNUSABLE


class RulesGroup(click.Group):
    """Say what the engine refuses in one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (RuleError, UnreadableFile) as error:
            raise Unusable(_sentence(error)) from None
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise  # click ends in silence when nobody reads on
            raise Unusable(_sentence(error)) from None
        except RecursionError:
            raise Unusable("this nests too deep to be a rule") from None
        except MemoryError:
            raise Unusable("this is more than the memory of the machine holds: give less at once") from None


def paths_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take files and folders of rules."""
    return click.argument("paths", nargs=-1, required=True, type=PATH, metavar="PATH...")(command)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take --json."""
    return click.option("--json", "as_json", is_flag=True, help="Write JSON, for machines.")(command)


def catalogue_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take --catalogue, and pass the catalogue on."""
    return click.option(
        "--catalogue",
        type=PATH,
        callback=_catalogue,
        metavar="FILE",
        help='The facts that rules may use: {"variables": [...]}. Default: those of the starter packs.',
    )(command)


def facts_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take --facts, and pass on what its JSON holds."""
    return click.option(
        "--facts",
        callback=_facts,
        metavar="JSON|@FILE",
        help="The facts, as a JSON object or a file of one; `now` is the present unless they say it.",
    )(command)


def write_json(value: Any) -> None:
    """Write a value for machines."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def leave(code: int) -> NoReturn:
    """End with an exit code."""
    sys.exit(code)


def _sentence(error: Exception) -> str:
    """Return an error on one line, whatever a library put into it."""
    text = " ".join(str(error).split())
    return text if len(text) <= SENTENCE_LENGTH_MAX else f"{text[:SENTENCE_LENGTH_MAX]} ..."


def _catalogue(ctx: click.Context, parameter: click.Parameter, path: Path | None) -> Catalogue:  # noqa: ARG001 - click's
    if path is None:
        return starter_catalogue()
    try:
        return read_catalogue(read_file(path))
    except Refused as refusal:
        raise Unusable(f"{path}: {refusal}") from None


def _facts(ctx: click.Context, parameter: click.Parameter, text: str | None) -> dict[str, Any]:  # noqa: ARG001 - click's
    if text is None:
        return {}
    place = text[1:] if text.startswith("@") else "--facts"
    content = read_file(Path(place)) if text.startswith("@") else text
    try:
        facts = read_json(content, bytes_max=FACTS_BYTES_MAX)
    except Refused as refusal:
        raise Unusable(f"{place}: {refusal}") from None
    if not isinstance(facts, dict):
        raise Unusable(f'{place}: facts are an object, such as {{"net_loss": 620}}')
    return facts
