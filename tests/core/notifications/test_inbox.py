"""An inbox shows its owner's messages, and counts what is not read."""

from __future__ import annotations

import pytest

from pitboss.core import notifications
from pitboss.core.clock import uuid7
from pitboss.core.errors import InvalidInput, NotFound


@pytest.fixture
def inbox(kernel, tenant, player, notify, work):
    """Three messages of the player."""
    for n in range(3):
        notify("notelab.tier_reached", {"tier": f"t{n}"}, channel="in_app")
    work()
    with kernel.context(tenant.id) as ctx:
        yield ctx


def test_messages_come_newest_first_in_pages(inbox, player):
    first = notifications.inbox(inbox, player, limit=2)
    rest = notifications.inbox(inbox, player, after=first[-1].id)

    assert [m.subject for m in first + rest] == ["t2!", "t1!", "t0!"]


def test_reading_one_message_lowers_the_count(inbox, player):
    [newest, *_] = notifications.inbox(inbox, player)

    assert notifications.unread_count(inbox, player) == 3
    assert notifications.mark_read(inbox, player, newest.id) == 1
    assert notifications.mark_read(inbox, player, newest.id) == 0

    assert notifications.unread_count(inbox, player) == 2
    assert [m.is_read for m in notifications.inbox(inbox, player)] == [True, False, False]
    assert len(notifications.inbox(inbox, player, unread=True)) == 2


def test_all_messages_can_be_read_at_once(inbox, player):
    assert notifications.mark_read(inbox, player) == 3
    assert notifications.unread_count(inbox, player) == 0


def test_nobody_reads_anothers_messages(inbox, player):
    message = notifications.inbox(inbox, player)[0]

    assert notifications.inbox(inbox, uuid7()) == []
    assert notifications.inbox(inbox, player, kind="operator") == []
    with pytest.raises(NotFound, match="no message"):
        notifications.mark_read(inbox, uuid7(), message.id)


def test_an_inbox_page_has_a_limit(inbox, player):
    with pytest.raises(InvalidInput, match="between 1 and 500"):
        notifications.inbox(inbox, player, limit=501)
