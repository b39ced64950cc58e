"""What of the rulebook waits for a person, for the dashboard."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from pitboss.core import counting
from pitboss.core.context import Context
from pitboss.core.contracts import Concern
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked_plural
from pitboss.rules.book import store, switch
from pitboss.rules.book.tables import Stage

SUBMITTED = marked_plural("%(count)s rule waits for approval", "%(count)s rules wait for approval")


def concerns(ctx: Context) -> Iterator[Concern]:
    """Yield that all rules are stopped, and how many wait for approval."""
    book = switch.state_of(ctx)
    if book.is_stopped:
        text = _("Nothing is given or told until somebody starts them again: %(reason)s", reason=book.reason)
        yield Concern(_("All rules are stopped."), text, url_for("rules_admin.rules"), _("Rules"), True)
    submitted = store.count_at(ctx, Stage.SUBMITTED)
    text = _("Somebody else than the author looks at what it changes, and agrees or sends it back.")
    url = url_for("rules_admin.rules", stage=Stage.SUBMITTED)
    yield from counting.waiting(submitted, SUBMITTED, text, url, _("Rules"))
