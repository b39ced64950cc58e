"""What holds of alerts whatever happens."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from pitboss.core.clock import uuid7
from pitboss.core.events import Event
from pitboss.rules.alerts import firing
from pitboss.rules.alerts.tables import AlertRow
from pitboss.rules.book.live import book_of
from tests.rules.alerts.conftest import alert

FEW = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
NAME = "casino.round_played"
STEPS = st.lists(
    st.tuples(st.sampled_from([0.0, 99.99, 100.0, 500.0]), st.sampled_from([0, 20, 40, 60, 90])),
    max_size=12,
)


@FEW
@given(STEPS, st.sampled_from([None, "1h"]))
def test_an_alert_fires_where_its_condition_becomes_true_and_its_cool_down_is_over(
    live, ctx, clock, monkeypatch, steps, rest
) -> None:
    ctx.rollback()
    live(alert(cool_down=rest))
    told: list[int] = []
    monkeypatch.setattr(firing, "tell", lambda _ctx, firings: told.append(len(firings)))
    ctx.connection.execute(delete(AlertRow.__table__).where(AlertRow.__table__.c.tenant_id == ctx.tenant.id))
    someone, was_on, last, expected, minute = uuid7(), False, None, 0, 0
    for lost, minutes in steps:
        clock.advance(minutes=minutes)
        minute += minutes
        event = Event(uuid7(), NAME, {}, clock.now(), someone)
        firing.judged(ctx, book_of(ctx).on(NAME).alerts, event, {"casino.net_loss": lost})
        is_on = lost >= 100
        is_rested = rest is None or last is None or minute - last >= 60
        if is_on and not was_on and is_rested:
            expected, last = expected + 1, minute
        was_on = is_on
        assert len(told) == expected
    ctx.rollback()
