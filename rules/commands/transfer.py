"""`pitboss rules schema` and `import`: the format for other tools, and rules from their formats."""

from __future__ import annotations

import re
from pathlib import Path

import click

from pitboss.rules.commands.group import Unusable, catalogue_option, json_option, write_json
from pitboss.rules.commands.reading import in_lines, read_file
from pitboss.rules.engine.catalogue import Catalogue
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.rule import FILE_BYTES_MAX, KINDS, read_json, read_rule
from pitboss.rules.layout import format_file, layout


@click.command()
@click.argument("kind", required=False, type=click.Choice([*KINDS]))
@click.option("--words", is_flag=True, help="With the facts of the catalogue: an editor completes them.")
@catalogue_option
@json_option
def schema(kind: str | None, words: bool, catalogue: Catalogue, as_json: bool) -> None:  # noqa: ARG001 - it is JSON
    """Print the JSON Schema of files of rules, or of one KIND of rule."""
    from pitboss.rules.engine.schema import pack_schema, rule_schema

    given = catalogue if words else None
    write_json(pack_schema(given) if kind is None else rule_schema(kind, given))


@click.command("import")
@click.option(
    "--from", "format_", type=click.Choice(["jsonlogic"]), required=True, help="What the file is in."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", help="The key of the rule; default: the name of the file.")
@catalogue_option
@json_option
def import_rule(format_: str, file: Path, key: str | None, catalogue: Catalogue, as_json: bool) -> None:  # noqa: ARG001 - one format
    """Print the rule that FILE of another format means, or say why there is none.

    A condition becomes a segment, and a number or a text becomes a formula.
    """
    from pitboss.rules.engine.jsonlogic import rule_from_jsonlogic

    text = read_file(file)
    try:
        logic = read_json(text, bytes_max=FILE_BYTES_MAX)
        rule = rule_from_jsonlogic(logic, catalogue, key=key or _key_of(file))
        read_rule(rule)
    except Refused as refused:
        raise Unusable(f"{file}: {in_lines(refused, text)}") from None
    if as_json:
        write_json(rule)
    else:
        click.echo(format_file(layout(rule)), nl=False)


def _key_of(file: Path) -> str:
    """Make a key of a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-")[:64].strip("-") or "rule"
