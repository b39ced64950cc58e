"""How payments stand today, and what waits for a decision, for the dashboard."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from pitboss.core import counting
from pitboss.core.context import Context
from pitboss.core.contracts import Concern, Figure
from pitboss.core.facts import total_today
from pitboss.core.money import Money
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked_plural, ngettext, number
from pitboss.plugins.payments import book

UNDECIDED = marked_plural("%(count)s withdrawal to decide on", "%(count)s withdrawals to decide on")
PUZZLING = marked_plural("%(count)s payment needs attention", "%(count)s payments need attention")


def standing(ctx: Context) -> Iterator[Figure | Concern]:
    """Yield what was paid in and out today, and what an operator has to decide or look at."""
    yield _today(ctx, _("Paid in today"), "payments.deposit")
    yield _today(ctx, _("Paid out today"), "payments.withdrawal")
    text = _("What was asked for is set aside in the ledger; the players wait.")
    url, link = url_for("payments_admin.index"), _("Payments")
    yield from counting.waiting(book.waiting_count(ctx), UNDECIDED, text, url, link)
    text = _("A provider says something else than our books: a person has to look.")
    url = url_for("payments_admin.index", show="attention")
    yield from counting.waiting(book.attention_count(ctx), PUZZLING, text, url, link, is_grave=True)


def _today(ctx: Context, title: str, metric: str) -> Figure:
    total, count = total_today(ctx, metric)
    note = ngettext("%(count)s payment", "%(count)s payments", count, count=number(count))
    return Figure(
        title, Money(total, ctx.tenant.currency), note, url_for("admin.report", name="payments.flow")
    )
