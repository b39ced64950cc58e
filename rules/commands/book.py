"""`pitboss rules list`, `show`, `save` and the steps of a rule's life: the rulebook of a tenant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pitboss.rules.commands.acting import acting, as_option, reading, revision_option, tenant_option
from pitboss.rules.commands.group import PATH, Unusable, json_option, write_json
from pitboss.rules.commands.reading import in_lines, read_file
from pitboss.rules.commands.report import write_table
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.rule import RULE_BYTES_MAX, read_json
from pitboss.rules.layout import layout

if TYPE_CHECKING:
    from pitboss.core.cli import Deployment
    from pitboss.core.context import Context
    from pitboss.rules.book.store import Step, Stored

STEPS_SHOWN_MAX = 20


@click.command("list")
@tenant_option
@click.option("--kind", help="Only rules of this kind.")
@click.option("--state", help="Only rules in this state: idle, live, paused or retired.")
@click.option("--stage", help="Only rules whose newest version is at this stage, such as submitted.")
@click.option("--tag", help="Only rules with this tag.")
@click.option("--event", help="Only rules that listen to this event.")
@click.option("--text", help="Only rules with this text in key, name or description.")
@json_option
@click.pass_obj
def list_rules(deployment: Deployment, /, code: str, as_json: bool, **wanted: str | None) -> None:
    """List the rules of a tenant."""
    from pitboss.rules.book import store

    with reading(deployment, code) as ctx:
        found = store.list_rules(ctx, store.Filter(**wanted))
    if as_json:
        write_json([_as_json(rule) for rule in found])
    elif found:
        heads = ["rule", "kind", "state", "stage", "live", "newest", "revision"]
        write_table(heads, [_row(rule) for rule in found], texts=4)
    else:
        click.echo("no rules")


@click.command()
@click.argument("key")
@tenant_option
@click.option("--version", "number", type=int, help="Show this version instead of the newest.")
@click.option("--diff", "old", type=int, metavar="N", help="Say what changed since version N instead.")
@click.option("--steps", "with_steps", is_flag=True, help="Show who did what with it instead.")
@json_option
@click.pass_obj
def show(
    deployment: Deployment,
    key: str,
    code: str,
    number: int | None,
    old: int | None,
    with_steps: bool,
    as_json: bool,
) -> None:
    """Show a rule: what it says, what changed in it, or who did what with it."""
    with reading(deployment, code) as ctx:
        if old is not None:
            _show_diff(ctx, key, old, number, as_json)
        elif with_steps:
            _show_steps(ctx, key, as_json)
        else:
            _show_version(ctx, key, number, as_json)


@click.command()
@click.argument("file", type=PATH)
@tenant_option
@as_option
@click.option("--message", default="", help="Why it was written.")
@revision_option
@json_option
@click.pass_obj
def save(
    deployment: Deployment,
    file: Path,
    code: str,
    email: str,
    message: str,
    revision: int | None,
    as_json: bool,
) -> None:
    """Save the rule in FILE as a new rule, or as another version of the one with its key."""
    from pitboss.rules.book import drafts, store

    document = _read_document(file)
    with acting(deployment, code, email, "rules.edit") as ctx:
        known = store.look_up(ctx, document.get("key", ""))
        if known is None:
            saved = drafts.create(ctx, document, message=message)
        else:
            saved = drafts.save(ctx, known.key, document, revision=revision, message=message)
    if as_json:
        write_json({"rule": _as_json(saved.rule), "warnings": saved.warnings, "is_new": saved.is_new})
        return
    for warning in saved.warnings:
        click.echo(f"{warning['severity']:8} {warning['sentence']}")
    _tell(saved.rule, "saved" if saved.is_new else "unchanged")


@click.command()
@click.argument("key")
@tenant_option
@as_option
@click.option("--comment", default="", help="What to say with it.")
@revision_option
@click.pass_obj
def submit(deployment: Deployment, /, key: str, code: str, email: str, **more: Any) -> None:
    """Run the tests of the newest version, and ask for approval."""
    from pitboss.rules.book import life

    with acting(deployment, code, email, "rules.edit") as ctx:
        rule = life.submit(ctx, key, **more)
    _tell(rule, "submitted")


@click.command()
@click.argument("key")
@tenant_option
@as_option
@click.option("--comment", default="", help="What to say with it.")
@revision_option
@click.pass_obj
def approve(deployment: Deployment, /, key: str, code: str, email: str, **more: Any) -> None:
    """Approve what somebody else wrote and submitted."""
    from pitboss.rules.book import life

    with acting(deployment, code, email, "rules.approve") as ctx:
        rule = life.approve(ctx, key, **more)
    _tell(rule, "approved by one more" if rule.stage == "submitted" else "approved")


@click.command()
@click.argument("key")
@tenant_option
@as_option
@click.option("--reason", required=True, help="What is to be mended.")
@revision_option
@click.pass_obj
def reject(deployment: Deployment, /, key: str, code: str, email: str, **more: Any) -> None:
    """Send a submitted version back to its author."""
    from pitboss.rules.book import life

    with acting(deployment, code, email, "rules.approve") as ctx:
        rule = life.reject(ctx, key, **more)
    _tell(rule, "rejected")


@click.command()
@click.argument("key")
@tenant_option
@as_option
@click.option("--comment", default="", help="What to say with it.")
@revision_option
@click.pass_obj
def publish(deployment: Deployment, /, key: str, code: str, email: str, **more: Any) -> None:
    """Make the approved version live."""
    from pitboss.rules.book import life

    with acting(deployment, code, email, "rules.publish") as ctx:
        rule = life.publish(ctx, key, **more)
    _tell(rule, "published")


@click.command()
@click.argument("key")
@tenant_option
@as_option
@click.option("--to", "number", type=int, required=True, metavar="N", help="The version to bring back.")
@click.option("--reason", required=True, help="Why the present one has to go.")
@revision_option
@click.pass_obj
def rollback(deployment: Deployment, /, key: str, code: str, email: str, number: int, **more: Any) -> None:
    """Publish a version that was live before, as a new one."""
    from pitboss.rules.book import life

    with acting(deployment, code, email, "rules.publish") as ctx:
        rule = life.rollback(ctx, key, number, **more)
    _tell(rule, f"rolled back to what version {number} said")


# -- what is shown -------------------------------------------------------------------------------


def _show_version(ctx: Context, key: str, number: int | None, as_json: bool) -> None:
    from pitboss.rules.book import drafts, store

    rule = store.find(ctx, key)
    version = store.version(ctx, key, number or rule.head)
    warnings = drafts.warnings_of(ctx, key, version.number)
    if as_json:
        write_json(
            {"rule": _as_json(rule), "version": version.number, "document": version.document}
            | {"author": version.author, "message": version.message, "warnings": warnings}
        )
        return
    click.echo(layout(version.document))
    said = f": {version.message}" if version.message else ""
    click.echo(f"\nversion {version.number} by {version.author}{said}")
    for warning in warnings:
        click.echo(f"{warning['severity']:8} {warning['sentence']}")
    _tell(rule, rule.stage)


def _show_steps(ctx: Context, key: str, as_json: bool) -> None:
    from pitboss.rules.book import store

    store.find(ctx, key)
    found = store.steps(ctx, key, limit=None if as_json else STEPS_SHOWN_MAX)
    if as_json:
        write_json([_step_json(step) for step in found])
        return
    for step in found:
        said = f": {step.comment}" if step.comment else ""
        click.echo(f"{step.at:%Y-%m-%d %H:%M} version {step.number} {step.step} by {step.actor}{said}")


def _show_diff(ctx: Context, key: str, old: int, number: int | None, as_json: bool) -> None:
    from pitboss.rules.book import store
    from pitboss.rules.book.compare import between

    changes = between(ctx, key, old, number or store.find(ctx, key).head)
    if as_json:
        write_json([change.as_json() for change in changes])
        return
    for change in changes:
        click.echo(change.sentence)
    if not changes:
        click.echo("nothing changed")


def _read_document(file: Path) -> dict[str, Any]:
    text = read_file(file)
    try:
        document = read_json(text, bytes_max=RULE_BYTES_MAX)
    except Refused as refused:
        raise Unusable(f"{file}: {in_lines(refused, text)}") from None
    if not isinstance(document, dict) or "rules" in document:
        raise Unusable(f"{file}: this is not one rule: `pitboss rules load` takes files of many")
    return document


def _tell(rule: Stored, what: str) -> None:
    live = f"version {rule.live} is {rule.state}" if rule.live is not None else f"it is {rule.state}"
    click.echo(f"{rule.key}: version {rule.head} {what}; {live}; revision {rule.revision}")


def _row(rule: Stored) -> list[str]:
    live = "-" if rule.live is None else str(rule.live)
    return [rule.key, rule.kind, rule.state, rule.stage, live, str(rule.head), str(rule.revision)]


def _as_json(rule: Stored) -> dict[str, Any]:
    names = ("key", "kind", "name", "state", "stage", "head", "live", "revision", "changed_by", "changed_at")
    return {name: getattr(rule, name) for name in names}


def _step_json(step: Step) -> dict[str, Any]:
    names = ("number", "step", "actor", "comment", "detail", "at")
    return {name: getattr(step, name) for name in names}
