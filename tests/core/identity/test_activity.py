"""The activity log: append-only, read by its player, a page at a time."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from pitboss.core.errors import InvalidInput
from pitboss.core.identity import Visitor, activity
from pitboss.core.identity.tables import Activity
from tests.core.identity.people import HOME


def test_an_entry_says_what_when_and_from_where(do, tenant, player_id, clock):
    do(tenant, activity.record, player_id, "limit_changed", HOME, details={"limit": "50.00"})

    newest = do(tenant, activity.read, player_id).entries[0]

    assert (newest.kind, newest.at, newest.address) == ("limit_changed", clock.now(), HOME.address)
    assert (newest.device, newest.details) == (HOME.device, {"limit": "50.00"})


def test_three_months_come_at_once_and_twelve_on_request(do, tenant, player_id, clock):
    clock.advance(days=100)
    do(tenant, activity.record, player_id, "visited")

    assert [e.kind for e in do(tenant, activity.read, player_id).entries] == ["visited"]
    assert [e.kind for e in do(tenant, activity.read, player_id, days=366).entries] == [
        "visited",
        "registered",
    ]


def test_a_cursor_goes_on_where_the_page_ended(do, tenant, player_id):
    for n in range(4):
        do(tenant, activity.record, player_id, f"step_{n}")

    first = do(tenant, activity.read, player_id, limit=3)
    second = do(tenant, activity.read, player_id, limit=3, before=first.cursor)

    assert [e.kind for e in first.entries] == ["step_3", "step_2", "step_1"]
    assert [e.kind for e in second.entries] == ["step_0", "registered"]
    assert second.cursor is None


def test_a_kind_is_picked_out(do, tenant, player_id):
    do(tenant, activity.record, player_id, "visited")

    assert [e.kind for e in do(tenant, activity.read, player_id, kind="visited").entries] == ["visited"]


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"days": activity.DAYS_MAX + 1}, {"limit": 0}, {"limit": activity.PAGE_MAX + 1}]
)
def test_a_page_has_its_limits(do, tenant, player_id, wrong):
    with pytest.raises(InvalidInput):
        do(tenant, activity.read, player_id, **wrong)


def test_activity_never_crosses_tenants(do, other_tenant, player_id, namesake_id):
    assert do(other_tenant, activity.read, player_id).entries == ()
    assert len(do(other_tenant, activity.read, namesake_id).entries) == 1


@pytest.mark.parametrize("change", [update(Activity).values(kind="nothing"), delete(Activity)])
def test_nobody_changes_what_was_done(kernel, tenant, player_id, change):
    with pytest.raises(DBAPIError), kernel.context(tenant.id) as ctx:
        ctx.connection.execute(change)


def test_an_overlong_device_is_cut_and_made_printable(do, tenant, player_id):
    do(tenant, activity.record, player_id, "visited", Visitor("x" * 99, "a\x00\n" + "b" * 300))

    newest = do(tenant, activity.read, player_id).entries[0]

    assert newest.device == "a" + "b" * 199
    assert len(newest.address) == 45
