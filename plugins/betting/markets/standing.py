"""Which markets wait for a trader, for the dashboard."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from pitboss.core.context import Context
from pitboss.core.contracts import Concern
from pitboss.core.texts import gettext as _
from pitboss.core.texts import ngettext, number
from pitboss.plugins.betting.markets import trading


def concerns(ctx: Context) -> Iterator[Concern]:
    """Yield how many markets wait, if any do."""
    count = len(trading.queue(ctx))
    if count:
        title = ngettext(
            "%(count)s market waits for a trader",
            "%(count)s markets wait for a trader",
            count,
            count=number(count),
        )
        text = _("Without prices, with stale ones, or suspended until somebody decides.")
        yield Concern(title, text, url_for("betting_desk.index"), _("Trading desk"))
