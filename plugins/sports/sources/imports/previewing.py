"""Show what a file would do, before it does anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.plugins.sports.catalogue.tables import CompetitionRow, TeamRow
from pitboss.plugins.sports.sources.history import recording as history
from pitboss.plugins.sports.sources.imports.parsing import Options, Parsed
from pitboss.plugins.sports.sources.landing import BATCH_MAX
from pitboss.plugins.sports.sources.planning import Names, Planned, Planner, look_up, suggestion
from pitboss.plugins.sports.sources.records import Problem, Sent

ROWS_MAX = 5_000
"""Rows of a file that are looked at while somebody waits; all of them are when it is confirmed."""
PLANNED_SHOWN_MAX = 50
NEW_NAMES_SHOWN_MAX = 100
PROBLEMS_SHOWN_MAX = 1_000
NAMES_COMPARED_MAX = 5_000
PROVIDER = "file"


def preview(ctx: Context, parsed: Parsed, kind: str, options: Options) -> dict[str, Any]:
    """Return what would be created, changed and skipped, and what is wrong, row by row."""
    report: dict[str, Any] = {"format": parsed.format, "rows": parsed.rows, **parsed.about}
    report["is_partial"] = len(parsed.sent) > ROWS_MAX and kind != "history"
    if kind == "history":
        return report | _history(ctx, parsed)
    planned, new = _planned(ctx, parsed, kind, options)
    problems = [*parsed.problems, *(one.problem for one in planned if one.problem is not None)]
    counts = Counter(one.action for one in planned)
    return {
        **report,
        "counts": {
            "created": counts["create"],
            "changed": counts["change"],
            "same": counts["same"],
            "results": sum(one.sent.outcome is not None for one in planned if not one.problem),
            "prices": sum(len(one.sent.prices) for one in planned if not one.problem),
        },
        "new_competitions": _suggested(ctx, CompetitionRow, new["competition"]),
        "new_teams": _suggested(ctx, TeamRow, new["team"]),
        "plan": [_shown(one) for one in planned[:PLANNED_SHOWN_MAX]],
        **told_problems(problems),
    }


def told_problems(problems: Sequence[Problem]) -> dict[str, Any]:
    """Return problems as a report carries them, in the order of the file."""
    ordered = sorted(problems, key=lambda problem: problem.place)
    return {
        "problem_count": len(ordered),
        "problems": [asdict(problem) for problem in ordered[:PROBLEMS_SHOWN_MAX]],
    }


def batches(sent: Sequence[Sent]) -> Iterator[Sequence[Sent]]:
    """Yield rows in the pieces in which they are planned and written."""
    for begin in range(0, len(sent), BATCH_MAX):
        yield sent[begin : begin + BATCH_MAX]


def provider_of(options: Options, parsed: Parsed) -> str:
    """Return whose ids a file speaks."""
    return options.provider or (parsed.format if parsed.format == "football-data" else PROVIDER)


def creates(kind: str, options: Options) -> bool:
    """Tell whether an import may make fixtures; one of prices never does."""
    return options.creates_fixtures and kind != "prices"


def _planned(
    ctx: Context, parsed: Parsed, kind: str, options: Options
) -> tuple[list[Planned], dict[str, set[str]]]:
    """Return the plan of all rows, and the names that would be new."""
    provider = provider_of(options, parsed)
    planner = Planner(ctx, provider, creates=creates(kind, options))
    planned: list[Planned] = []
    new: dict[str, set[str]] = {"competition": set(), "team": set()}
    for batch in batches(parsed.sent[:ROWS_MAX]):
        names = look_up(ctx, batch, provider)
        found = planner.plan(ctx, batch, names)
        for one in found:
            if one.action == "create":
                _note_new(one.sent, names, new)
        planned += found
    return planned, new


def _note_new(sent: Sent, names: Names, new: dict[str, set[str]]) -> None:
    if names.competition(sent) is None:
        new["competition"].add(sent.fixture.competition.name)
    sides = zip(sent.fixture.participants, names.team_ids(sent), strict=True)
    new["team"] |= {named.name for named, team_id in sides if team_id is None}


def _suggested(ctx: Context, table: type[CompetitionRow | TeamRow], new: set[str]) -> list[dict[str, str]]:
    """Return new names, each with the known one that it may be a spelling of."""
    if not new:
        return []
    columns = table.__table__.c
    query = select(columns.name).where(columns.tenant_id == ctx.tenant.id).limit(NAMES_COMPARED_MAX)
    known = list(ctx.connection.scalars(query))
    shown = sorted(new)[:NEW_NAMES_SHOWN_MAX]
    return [{"name": name, "suggestion": suggestion(name, known)} for name in shown]


def _shown(planned: Planned) -> dict[str, Any]:
    sent = planned.sent
    return {
        "place": sent.place,
        "fixture": sent.fixture.label,
        "starts_at": sent.fixture.starts_at.isoformat(),
        "action": planned.action,
        "changes": {name: str(value) for name, value in planned.changes.items()},
        "has_result": sent.outcome is not None,
        "prices": len(sent.prices),
    }


def _history(ctx: Context, parsed: Parsed) -> dict[str, Any]:
    kept = history.Kept()
    history.plan(ctx, parsed.sent, parsed.zone, kept)
    counts = {"created": kept.created, "changed": 0, "same": kept.same}
    return {"counts": counts, **told_problems([*parsed.problems, *kept.problems])}
