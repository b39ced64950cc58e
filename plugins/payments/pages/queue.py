"""The queue: what waits, filtered; withdrawals to decide on come first."""

from __future__ import annotations

from typing import Any

from flask import request

from pitboss.core.http import current, requires
from pitboss.core.identity import names_of, player_meant
from pitboss.core.texts import marked
from pitboss.plugins.payments import book, ports, receiving
from pitboss.plugins.payments.pages.shared import PAGE_ROWS, blueprint, id_of, render
from pitboss.plugins.payments.states import IN_FLIGHT, KINDS, OPEN, STATES, UNDECIDED, WITHDRAWAL


@blueprint.get("/")
@requires("payments.read")
def index() -> str:
    """Show the queue: withdrawals that wait for a decision, unless the filters say otherwise."""
    ctx = current()
    shown = request.args.get("show", "waiting")
    narrowed = _SHOWN.get(shown, {}) | {
        "provider": request.args.get("provider", ""),
        "player_id": player_meant(ctx, request.args.get("player", "")),
    }
    found = book.listed(ctx, before=id_of("cursor"), limit=PAGE_ROWS + 1, **narrowed)
    return render(
        "queue",
        payments=found[:PAGE_ROWS],
        names=names_of(ctx, [one.player_id for one in found]),
        following=found[PAGE_ROWS - 1].id if len(found) > PAGE_ROWS else None,
        shown=shown,
        shows=list(_TITLES.items()),
        providers=ports.providers(ctx),
        waiting=book.waiting_count(ctx),
        unmatched=receiving.unmatched(ctx, limit=20),
    )


_SHOWN: dict[str, dict[str, Any]] = {
    "waiting": {"kind": WITHDRAWAL, "state": UNDECIDED},
    "by_hand": {"state": (*IN_FLIGHT, "sent")},
    "attention": {"is_attention": True},
    "open": {"state": OPEN},
    "all": {},
    **{f"{kind}s": {"kind": kind} for kind in KINDS},
    **{state: {"state": state} for state in STATES},
}
_TITLES = {
    "waiting": marked("Withdrawals to decide on"),
    "by_hand": marked("Under way at providers"),
    "attention": marked("Need attention"),
    "open": marked("All that is open"),
    "all": marked("Everything"),
    "deposits": marked("Deposits"),
    "withdrawals": marked("Withdrawals"),
    **{state: state.replace("_", " ").capitalize() for state in STATES},
}
