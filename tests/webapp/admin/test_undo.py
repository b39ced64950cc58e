"""Laws of the button beside a message that takes back what was done."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from pitboss.core.identity import players
from pitboss.core.identity.notes import list_notes
from pitboss.core.identity.tables import Status
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import Tenant

PLUGIN = "acme_sample"
_UNDO = re.compile(r'<form method="post" action="([^"]+)">((?:<input[^>]*>)*)\s*<button[^>]*btn-undo')
_FIELD = re.compile(r'name="([^"]+)" value="([^"]*)"')


@pytest.fixture
def player_id(tenant: Tenant, player_in: Callable[[Tenant], UUID]) -> UUID:
    return player_in(tenant)


def take_back(admin: Any, shown: str) -> str:
    found = _UNDO.search(shown)
    assert found is not None
    fields = {name: html.unescape(value) for name, value in _FIELD.findall(found[2])}
    return str(admin.post(found[1], data=fields, follow_redirects=True).text)


def test_a_lock_is_taken_back_and_an_unlock_brings_its_reason_again(
    admin: Any, kernel: Kernel, tenant: Tenant, player_id: UUID
) -> None:
    path = f"/admin/players/{player_id}"
    locked = admin.post(f"{path}/lock", data={"reason": "Asked <for> a pause"}, follow_redirects=True).text

    unlocked = take_back(admin, locked)
    again = take_back(admin, unlocked)

    assert "Unlocked: this player can sign in again." in unlocked
    assert "Asked &lt;for&gt; a pause" in again
    with kernel.context(tenant.id) as ctx:
        assert players.find_player(ctx, player_id).status == Status.LOCKED


def test_a_plugin_is_switched_on_again(admin: Any) -> None:
    off = admin.post(f"/admin/plugins/{PLUGIN}/off", data={"back": "plugin"}, follow_redirects=True).text

    assert "Scratch cards is on for" in take_back(admin, off)
    assert admin.get(f"/admin/{PLUGIN}/").status_code == 200


def test_a_removed_note_is_written_again(admin: Any, kernel: Kernel, tenant: Tenant, player_id: UUID) -> None:
    path = f"/admin/players/{player_id}/notes"
    admin.post(path, data={"text": "Line “one”\n& two"})
    with kernel.context(tenant.id) as ctx:
        note_id = list_notes(ctx, player_id, limit=1)[0].id

    take_back(admin, admin.post(f"{path}/{note_id}/remove", follow_redirects=True).text)

    with kernel.context(tenant.id) as ctx:
        assert [note.text for note in list_notes(ctx, player_id, limit=2)] == ["Line “one”\n& two"]


def test_a_removed_text_is_saved_again(admin: Any) -> None:
    place = {"key": "core.welcome", "channel": "email", "locale": "en"}
    text = {"subject": "Hello", "body": "First line\nSecond line"}
    admin.post("/admin/notifications/templates", data=place | text)
    path = "/admin/notifications/templates/core.welcome/email/en"

    take_back(admin, admin.post(f"{path}/delete", follow_redirects=True).text)

    assert "First line\nSecond line" in admin.get(path).text


def test_what_does_not_fit_into_the_message_is_not_offered(
    admin: Any, kernel: Kernel, tenant: Tenant, player_id: UUID
) -> None:
    path = f"/admin/players/{player_id}/notes"
    admin.post(path, data={"text": "".join(chr(0x4E00 + 7 * n % 20_000) for n in range(2_000))})
    with kernel.context(tenant.id) as ctx:
        note_id = list_notes(ctx, player_id, limit=1)[0].id

    shown = admin.post(f"{path}/{note_id}/remove", follow_redirects=True).text

    assert "The note is removed." in shown
    assert _UNDO.search(shown) is None


def test_only_the_message_of_the_moment_has_it(admin: Any, player_id: UUID) -> None:
    path = f"/admin/players/{player_id}"
    admin.post(f"{path}/lock", data={"reason": "x"}, follow_redirects=True)

    assert "btn-undo" not in admin.get(path).text
