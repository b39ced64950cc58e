"""`pitboss rules format`: one layout for all files of rules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from pitboss.rules.commands.group import FAILED, Unusable, json_option, leave, paths_argument, write_json
from pitboss.rules.commands.reading import UnreadableFile, find_files, in_lines, read_file
from pitboss.rules.engine.errors import Refused
from pitboss.rules.layout import format_file


@click.command("format")
@paths_argument
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when a file is not in order.")
@json_option
def format_files(paths: Sequence[Path], check: bool, as_json: bool) -> None:
    """Write files of rules in the one layout, so that their history shows what changed."""
    files = find_files(paths)
    # All are read before one is written: what cannot be read leaves everything as it was.
    wanted = {file: _formatted(file) for file in files}
    changed = [file for file in files if read_file(file) != wanted[file]]
    if not check:
        for file in changed:
            _write(file, wanted[file])
    if as_json:
        write_json({"changed": list(map(str, changed)), "unchanged": len(files) - len(changed)})
    else:
        for file in changed:
            click.echo(f"{'not in order' if check else 'written'}  {file}")
        click.echo(f"{len(files)} files, {len(changed)} {'to be written' if check else 'written'}")
    if check and changed:
        leave(FAILED)


def _formatted(file: Path) -> bytes:
    text = read_file(file)
    try:
        return format_file(text).encode()
    except Refused as refused:
        raise Unusable(f"{file}: {in_lines(refused, text)}") from None


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise UnreadableFile(f"{file}: it cannot be written: {error.strerror}") from None
