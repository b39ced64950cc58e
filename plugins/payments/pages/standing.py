"""How payments stand today, and what waits for a decision, for the dashboard."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from pitboss.core.context import Context
from pitboss.core.contracts import Concern, Figure
from pitboss.core.facts import total_today
from pitboss.core.money import Money
from pitboss.core.texts import gettext as _
from pitboss.core.texts import ngettext, number
from pitboss.plugins.payments import book


def standing(ctx: Context) -> Iterator[Figure | Concern]:
    """Yield what was paid in and out today, and what an operator has to decide or look at."""
    yield _today(ctx, _("Paid in today"), "payments.deposit")
    yield _today(ctx, _("Paid out today"), "payments.withdrawal")
    undecided = book.waiting_count(ctx)
    if undecided:
        title = ngettext(
            "%(count)s withdrawal to decide on",
            "%(count)s withdrawals to decide on",
            undecided,
            count=number(undecided),
        )
        text = _("What was asked for is set aside in the ledger; the players wait.")
        yield Concern(title, text, url_for("payments_admin.index"), _("Payments"))
    puzzling = book.attention_count(ctx)
    if puzzling:
        title = ngettext(
            "%(count)s payment needs attention",
            "%(count)s payments need attention",
            puzzling,
            count=number(puzzling),
        )
        text = _("A provider says something else than our books: a person has to look.")
        yield Concern(
            title, text, url_for("payments_admin.index", show="attention"), _("Payments"), is_grave=True
        )


def _today(ctx: Context, title: str, metric: str) -> Figure:
    total, count = total_today(ctx, metric)
    note = ngettext("%(count)s payment", "%(count)s payments", count, count=number(count))
    return Figure(
        title, Money(total, ctx.tenant.currency), note, url_for("admin.report", name="payments.flow")
    )
