"""`pitboss rules replay` and `why`: a tenant's rules over what was recorded, and on a player now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from pitboss.rules.commands.acting import reading, tenant_option
from pitboss.rules.commands.group import Unusable, json_option, write_json
from pitboss.rules.commands.report import write_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pitboss.core.cli import Deployment

NEAREST_SHOWN = 10
_NOT_COMPARED, _LIVE = "none", "live"


@click.command()
@click.argument("key")
@tenant_option
@click.option("--version", "number", type=int, help="The version; the newest unless given.")
@click.option("--from", "from_", metavar="INSTANT", help="From when; ninety days before the end.")
@click.option("--until", metavar="INSTANT", help="Until when, not included; now unless given.")
@click.option(
    "--against", default=_LIVE, show_default=True, help="The version to compare with: a number, live or none."
)
@click.option("--players", "of_players", is_flag=True, help="Judge every player as they are now instead.")
@click.option("--no-overlap", "without_overlap", is_flag=True, help="Do not count where live rules fire too.")
@click.option("--no-schedule", "without_schedule", is_flag=True, help="As if the schedule were always on.")
@click.option(
    "--sample", type=click.IntRange(0, 200), default=5, show_default=True, help="How many to explain."
)
@json_option
@click.pass_obj
def replay(
    deployment: Deployment,
    /,
    code: str,
    key: str,
    number: int | None,
    from_: str | None,
    until: str | None,
    against: str,
    of_players: bool,
    without_overlap: bool,
    without_schedule: bool,
    sample: int,
    as_json: bool,
) -> None:
    """Say what a reward would have done over what was recorded; nothing is written, and nothing paid.

    To have it count as simulated, ask for a simulation over the API or in the admin.
    """
    from pitboss.rules.replay.asked import ask
    from pitboss.rules.replay.replay import only_reading
    from pitboss.rules.replay.replay import replay as replayed
    from pitboss.rules.replay.report import report
    from pitboss.rules.replay.reports import said

    with only_reading(reading(deployment, code)) as ctx:
        asked = ask(
            ctx,
            key,
            number,
            from_=_moment(from_),
            until=_moment(until),
            against=_version(against),
            over="players" if of_players else "history",
            sample=sample,
            with_overlap=not without_overlap,
            is_scheduled=not without_schedule,
        )
        found = said(report(ctx, replayed(ctx, asked)))
    if as_json:
        write_json(found)
    else:
        _tell(found)


@click.command()
@click.argument("player", type=click.UUID)
@tenant_option
@click.option("--event", help="Judge the rules that listen to this event, on the player's latest one.")
@json_option
@click.pass_obj
def why(deployment: Deployment, /, code: str, player: UUID, event: str | None, as_json: bool) -> None:
    """Say which live rules match a player as they are now, and why the others do not: the nearest first."""
    from pitboss.core.contracts import Event
    from pitboss.core.identity.players import find_player
    from pitboss.rules.replay.explaining import why as judged

    with reading(deployment, code) as ctx:
        find_player(ctx, player)
        if event is not None:
            event = ctx.view.term(event, Event).name
        found = judged(ctx, player, event)
    if as_json:
        write_json({"matches": found.matches, "nearest": found.nearest})
        return
    for one in (*found.matches, *found.nearest[:NEAREST_SHOWN]):
        click.echo(one["sentence"])
    more = len(found.nearest) - NEAREST_SHOWN
    if more > 0:
        click.echo(f"and {more} more that are farther away (--json has all)")


def _tell(found: Mapping[str, Any]) -> None:
    unit, cost = found["unit"], found["cost"]
    click.echo(
        f"{found['rule']} version {found['version']}: {found['rows']} judged, {found['matches']} match"
    )
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(found["outcomes"].items()))
    click.echo(f"outcomes: {outcomes or 'none'}; {found['players_rewarded']} players rewarded")
    click.echo(f"cost: {cost['paid']} {unit} ({cost['raw']} before limits)")
    if found["flagged"]["players"]:
        click.echo(
            f"flagged: {found['flagged']['players']} players; {cost['without_flagged']} {unit} without"
        )
    ahead, change = found["projection"], found["change"]
    if ahead is not None:
        click.echo(f"next {ahead['days']} days: {ahead['cost']} {unit} ({ahead['low']} to {ahead['high']})")
    if change is not None:
        rows = f"{change['gained']} gained, {change['lost']} lost, {change['changed']} changed"
        click.echo(f"against version {change['version']}: {rows}; {change['difference']} {unit}")
    _tell_rows(found)


def _tell_rows(found: Mapping[str, Any]) -> None:
    if found["overlap"]:
        heads = ["also fires", "rows", "this pays", "that pays"]
        rows = [[o["rule"], str(o["rows"]), o["pays"], o["other_pays"]] for o in found["overlap"]]
        write_table(heads, rows)
    for sample in found["sample"]:
        click.echo(f"  {sample['player_id']}: {sample['outcome']}: {sample['explanation']['sentence']}")
    for note in found["notes"]:
        click.echo(f"note: {note}")


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Unusable(f"{text!r} is no instant: write 2026-12-01 or 2026-12-01T09:00:00Z") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _version(text: str) -> Any:
    if text == _LIVE:
        return _LIVE
    if text == _NOT_COMPARED:
        return None
    if not text.isdecimal():
        raise Unusable(f"--against takes a version number, {_LIVE} or {_NOT_COMPARED}, not {text!r}")
    return int(text)
