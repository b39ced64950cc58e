"""Laws of a player's timeline and of the notes beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from pitboss.core.audit.entries import AuditEntry
from pitboss.core.clock import uuid7
from pitboss.core.contracts import Happening, Moment, Owned
from pitboss.core.identity.activity import record
from pitboss.core.identity.notes import NOTE_CHARACTERS_MAX, add_note
from pitboss.webapp.admin import timeline

PLUGIN = "acme_sample"
ENTRY = AuditEntry.__table__


@pytest.fixture
def page_of(admin) -> Any:
    """Return the timeline of a player, as the page shows it."""
    return lambda player_id, query="": admin.get(f"/admin/players/{player_id}/timeline{query}").text


@pytest.fixture
def telling(kernel, monkeypatch) -> Any:
    """Let the sample plugin tell of players: `telling(function)`."""

    def give(tell: Any) -> None:
        known = kernel.registry.all

        def told(owned: Owned[Any]) -> Owned[Any]:
            is_theirs = owned.owner == PLUGIN and getattr(owned.item, "area", "") == "admin"
            return replace(owned, item=replace(owned.item, timeline=tell)) if is_theirs else owned

        monkeypatch.setattr(kernel.registry, "all", lambda hook: [told(owned) for owned in known(hook)])

    return give


def test_what_plugins_tell_stands_among_the_rest_in_the_order_of_time(
    kernel, tenant, clock, player_in, page_of, telling
):
    player_id = player_in(tenant)
    at = clock.advance(seconds=60)
    clock.advance(seconds=60)
    with kernel.context(tenant.id) as ctx:
        record(ctx, player_id, "signed_in")
    telling(lambda *_: [Happening(Moment(at, uuid7()), "Stamp given", "the third", "/admin/acme_sample/")])

    shown = page_of(player_id)

    places = [shown.index(f">{title}<") for title in ("Signed in", "Stamp given", "Registered")]
    assert places == sorted(places)
    assert '<a href="/admin/acme_sample/">Stamp given</a>' in shown


def test_a_plugin_that_fails_leaves_the_rest(tenant, player_in, page_of, telling):
    def fail(*_: Any) -> list[Happening]:
        raise ZeroDivisionError

    telling(fail)

    assert "Registered" in page_of(player_in(tenant))


def test_pages_follow_each_other_without_a_gap(tenant, clock, player_in, page_of, telling, monkeypatch):
    monkeypatch.setattr(timeline, "PAGE_ROWS", 3)
    player_id, now = player_in(tenant), clock.now()
    every = sorted((Happening(Moment(now, uuid7()), f"Event {n}") for n in range(7)), key=lambda h: h.moment)

    def tell(_ctx: Any, _player: Any, before: Moment | None, limit: int) -> list[Happening]:
        return [h for h in reversed(every) if before is None or h.moment < before][:limit]

    telling(tell)
    seen, query = "", ""
    for _ in range(10):
        shown = page_of(player_id, query)
        seen += shown
        if "Next page" not in shown:
            break
        query = "?cursor=" + shown.split("cursor=")[-1].split('"')[0]

    assert [seen.count(f">{h.title}<") for h in every] == [1] * 7
    assert seen.count(">Registered<") == 1


def test_a_note_says_who_wrote_it_and_is_kept_in_the_trail(admin, kernel, tenant, player_in, page_of):
    player_id = player_in(tenant)

    admin.post(f"/admin/players/{player_id}/notes", data={"text": " Prefers <calls>. "})

    assert "Prefers &lt;calls&gt;." in page_of(player_id)
    with kernel.context(tenant.id) as ctx:
        of_target = ENTRY.c.tenant_id == tenant.id, ENTRY.c.target == f"player:{player_id}"
        rows = ctx.connection.execute(select(ENTRY).where(*of_target)).all()
    added = [row for row in rows if row.action == "core.note_added"]
    assert [row.actor for row in added] == [admin.principal.label]


def test_only_who_wrote_a_note_removes_it(admin, kernel, tenant, player_in, page_of):
    player_id = player_in(tenant)
    path = f"/admin/players/{player_id}/notes"
    with kernel.context(tenant.id, actor_name="somebody else") as ctx:
        theirs = add_note(ctx, player_id, "Theirs")
    admin.post(path, data={"text": "Mine"})
    shown = page_of(player_id)
    mine = shown.split("/remove")[0].rpartition('"')[2] + "/remove"

    assert shown.count("/remove") == 1
    assert admin.post(f"{path}/{theirs}/remove").status_code == 403
    assert admin.post(mine).status_code == 303
    assert admin.post(mine).status_code == 404
    assert ("Mine" in page_of(player_id), "Theirs" in page_of(player_id)) == (False, True)


def test_notes_need_their_permission_and_fit(make_client, admin, tenant, player_in, page_of):
    path = f"/admin/players/{player_in(tenant)}/notes"

    assert make_client("operator", "core.players").post(path, data={"text": "x"}).status_code == 403
    for text in ("", " ", "x" * (NOTE_CHARACTERS_MAX + 1)):
        said = admin.post(path, data={"text": text}, follow_redirects=True).text
        assert "Write 1 to 2,000 characters" in said


def test_another_brand_has_neither_the_player_nor_the_notes(
    admin, make_client, tenant, other_tenant, player_in
):
    player_id = player_in(tenant)
    stranger = make_client("operator", "*", of=other_tenant)

    assert stranger.get(f"/admin/players/{player_id}/timeline").status_code == 404
    assert stranger.post(f"/admin/players/{player_id}/notes", data={"text": "x"}).status_code == 404
