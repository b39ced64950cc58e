"""How betting stands today, for the dashboard."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.contracts import Figure
from pitboss.core.facts import total_today
from pitboss.core.money import Money
from pitboss.core.texts import gettext as _
from pitboss.core.texts import ngettext, number
from pitboss.core.timeline import amount
from pitboss.plugins.betting import accounts
from pitboss.plugins.betting.facts.keeping import NET_LOSS, STAKE


def figures(ctx: Context) -> Iterator[Figure]:
    """Yield what was staked today, and what the house won of what was settled today and in all."""
    unit, url = ctx.tenant.currency, url_for("admin.report", name="betting.turnover")
    staked, count = total_today(ctx, STAKE)
    note = ngettext("%(count)s bet", "%(count)s bets", count, count=number(count))
    yield Figure(_("Staked today"), Money(staked, unit), note, url)
    won, _entries = total_today(ctx, NET_LOSS)
    so_far = amount(ctx, ledger.balance(ctx.connection, accounts.book(unit)), unit)
    note = _("%(amount)s so far, by the ledger", amount=so_far)
    yield Figure(_("Gross win today"), Money(won, unit), note, url)
