"""`pitboss rules`: test, try, check, simulate and write rules in files, without a database."""

from __future__ import annotations

import click

from pitboss.rules.commands import check, explain, files, simulate, transfer, trial
from pitboss.rules.commands.group import RulesGroup

__all__ = ["rules"]


@click.group(cls=RulesGroup)
def rules() -> None:
    """Test, try, check, simulate and write rules in files, without a database.

    PATH is a file of rules (one, a list, or a pack), or a folder in which each .json file is read.

    \b
    Exit codes:
      0  fine
      1  a rule failed, was refused, or has a finding
      2  wrong use, or input that cannot be read
    """


for command in (
    trial.test,
    trial.evaluate,
    check.check,
    explain.explain,
    simulate.simulate,
    files.format_files,
    transfer.schema,
    transfer.import_rule,
):
    rules.add_command(command)
