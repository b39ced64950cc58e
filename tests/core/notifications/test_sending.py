"""A notification goes out when the player wants it and the guards agree, and each step is on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from pitboss.core import notifications, webhooks
from pitboss.core.clock import uuid7
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.core.notifications.consent import end_of_quiet
from pitboss.core.notifications.mail import MailFailed, SmtpMailer, compose
from pitboss.core.notifications.sending import ATTEMPTS_MAX
from pitboss.core.notifications.tables import NotificationRow
from pitboss.core.placeholders import Text


def states(notification):
    return [step["state"] for step in notification["history"]]


def mails(kernel):
    folder = kernel.settings.data / "outbox"
    return [message_from_bytes(f.read_bytes(), policy=policy.default) for f in sorted(folder.glob("*.eml"))]


def test_a_notification_goes_over_every_channel_that_has_a_text(notify, work, find):
    ids = notify()
    work()

    found = {n["channel"]: n for n in map(find, ids)}
    assert states(found["in_app"]) == ["queued", "sent", "delivered"]
    assert states(found["email"]) == ["queued", "sent"]
    assert found["in_app"]["body"] == "Ann, you are gold."
    assert found["webhook"]["reason"] == "no webhook endpoint takes core.notification_ready"


def test_a_mail_without_a_server_lies_in_the_outbox(kernel, tenant, player, notify, work):
    [notification_id] = notify(channel="email")
    work()

    [mail] = mails(kernel)
    assert (mail["To"], mail["Subject"]) == (f"{player}@acme.test", "gold!")
    assert mail["Message-ID"] == f"<{notification_id}@localhost>"
    assert tenant.name in mail["From"]
    assert mail.get_content() == "Ann, you are gold.\n"


def test_a_webhook_tells_another_system(kernel, tenant, notify, work, find):
    with kernel.context(tenant.id) as ctx:
        webhooks.create_endpoint(ctx, "https://example.org/", ["core.notification_ready"])
    [notification_id] = notify(channel="webhook")
    work()

    with kernel.context(tenant.id) as ctx:
        [delivery] = webhooks.list_deliveries(ctx)
    assert str(notification_id) in delivery["body"]
    assert states(find(notification_id)) == ["queued", "sent"]


def test_a_job_that_runs_twice_sends_once(kernel, notify, work):
    notify(channel="email")
    work()
    work()

    assert len(mails(kernel)) == 1


def test_the_same_key_notifies_once(notify):
    assert len(notify(channel="in_app", key="tier:gold")) == 1
    assert notify(channel="in_app", key="tier:gold") == []


def test_what_is_rolled_back_is_not_sent(kernel, tenant, player, work):
    ctx = kernel.context(tenant.id)
    notifications.notify(ctx, player, "notelab.tier_reached", {"tier": "gold"})
    ctx.rollback()

    assert work() == []


def test_a_guard_that_refuses_suppresses_with_its_reason(notify, work, find, guard, player):
    guard.reason = "self-excluded"
    [notification_id] = notify(channel="email")
    work()

    found = find(notification_id)
    assert (found["state"], found["reason"]) == ("suppressed", "self-excluded")
    subject, notice = guard.asked[0]
    assert (subject, notice.player_id, notice.channel) == (player, player, "email")


def test_a_guard_that_fails_suppresses(notify, work, find, guard):
    guard.error = RuntimeError("no answer")
    [notification_id] = notify(channel="in_app")
    work()

    found = find(notification_id)
    assert found["state"] == "suppressed"
    assert "not available now" in found["reason"]


def test_offers_need_consent_for_their_channel(notify, work, find, prefer):
    prefer(marketing_email=True)
    [refused] = notify(channel="in_app", category="marketing")
    [allowed] = notify(channel="email", category="marketing")
    work()

    assert find(refused)["reason"] == "no consent: the player's marketing_in_app is off"
    assert find(allowed)["state"] == "sent"


def test_consent_is_asked_when_it_is_sent(notify, work, find, prefer):
    prefer(marketing_email=True)
    [notification_id] = notify(channel="email", category="marketing")
    prefer(marketing_email=False)
    work()

    assert find(notification_id)["state"] == "suppressed"


def test_quiet_hours_postpone_a_mail_to_their_end(kernel, notify, work, find, prefer, clock):
    prefer(quiet_hours={"from": "22:00", "until": "08:00"})
    clock.set(datetime(2026, 1, 5, 23, tzinfo=UTC))
    [notification_id] = notify(channel="email")
    work()
    work()
    assert mails(kernel) == []
    assert find(notification_id)["reason"] == "quiet hours until 2026-01-06T08:00+00:00"

    clock.advance(hours=9)
    work()

    assert find(notification_id)["state"] == "sent"
    assert len(mails(kernel)) == 1


def test_quiet_hours_hold_neither_the_inbox_nor_a_password_back(notify, work, find, prefer, clock):
    prefer(quiet_hours={"from": "00:00", "until": "23:59"})
    [message] = notify(channel="in_app")
    reset = {"token": "pbx", "hours": 1}
    [secret] = notify("core.password_reset", reset, channel="email", confidential=True)
    work()

    assert (find(message)["state"], find(secret)["state"]) == ("delivered", "sent")


@pytest.mark.parametrize(
    ("now", "begins", "ends", "zone", "until"),
    [
        ("2026-01-05T23:00", "22:00", "08:00", "UTC", "2026-01-06T08:00"),
        ("2026-01-06T07:59", "22:00", "08:00", "UTC", "2026-01-06T08:00"),
        ("2026-01-06T08:00", "22:00", "08:00", "UTC", None),
        ("2026-01-05T12:00", "22:00", "08:00", "UTC", None),
        ("2026-01-05T13:30", "13:00", "15:00", "UTC", "2026-01-05T15:00"),
        ("2026-01-05T17:00", "22:00", "08:00", "Asia/Kolkata", "2026-01-06T02:30"),
        ("2026-03-28T23:00", "22:00", "08:00", "Europe/London", "2026-03-29T07:00"),
        ("2026-01-05T12:00", "12:00", "12:00", "UTC", None),
    ],
)
def test_quiet_hours_end_by_the_players_clock(now, begins, ends, zone, until):
    def utc(text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    found = end_of_quiet(utc(now), begins, ends, ZoneInfo(zone))

    assert found == (utc(until) if until else None)


def test_a_confidential_text_is_sealed_until_it_is_sent_and_kept_by_no_one(
    kernel, tenant, notify, work, find
):
    token = "pbx_acme_secret"
    data = {"token": token, "hours": 1}
    [notification_id] = notify("core.password_reset", data, channel="email", confidential=True)
    with kernel.context(tenant.id) as ctx:
        assert token not in str(ctx.connection.execute(select(NotificationRow.__table__)).all())
    work()

    assert token in mails(kernel)[0].get_content()
    with kernel.context(tenant.id) as ctx:
        row = ctx.connection.execute(select(NotificationRow.__table__)).one()
    assert (row.sealed, row.body, row.data) == (None, None, None)


def test_a_text_that_cannot_be_filled_in_fails_and_says_why(notify, work, find):
    [notification_id] = notify("notelab.tier_reached", {}, channel="in_app")

    assert work() == [None]

    found = find(notification_id)
    assert (found["state"], found["reason"]) == ("failed", "the text needs 'tier', which was not given")


def test_a_player_who_is_not_there_gets_nothing(kernel, tenant, work, find, guard):
    with kernel.context(tenant.id) as ctx:
        [stranger] = notifications.notify(
            ctx, uuid7(), "notelab.tier_reached", {"tier": "x"}, channel="in_app"
        )
    work()

    assert find(stranger)["state"] == "failed"


def test_a_player_of_another_tenant_gets_nothing(kernel, other_tenant, player, work, find):
    with kernel.context(other_tenant.id) as ctx:
        [notification_id] = notifications.notify(
            ctx, player, "notelab.tier_reached", {"tier": "x"}, channel="in_app"
        )
        assert notifications.inbox(ctx, player) == []
    with pytest.raises(NotFound):
        find(notification_id)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("notelab.tier_reachd", {}), {}, "did you mean 'notelab.tier_reached'"),
        (("notelab.tier_reached", {}), {"channel": "sms"}, "has no text for 'sms'"),
        (("notelab.tier_reached", {}), {"category": "advert"}, "category: 'advert'"),
        (("notelab.tier_reached", {"x": "y" * 16_384}), {}, "more than 16384 bytes"),
        (("notelab.tier_reached", {"x": float("nan")}), {}, "data: "),
    ],
)
def test_a_wrong_request_is_refused_at_once(notify, arguments, options, message):
    with pytest.raises(InvalidInput, match=message):
        notify(*arguments, **options)


def test_operators_with_a_permission_are_told(kernel, tenant, make_operator, work):
    may, may_not = make_operator("core.webhooks"), make_operator("core.audit")
    make_operator("*", status="locked")
    about = {"url": "https://x", "reason": "410"}
    with kernel.context(tenant.id) as ctx:
        notifications.notify_operators(ctx, "core.webhook_disabled", about, permission="core.webhooks")
    work()

    with kernel.context(tenant.id) as ctx:
        [message] = notifications.inbox(ctx, may, kind="operator")
        assert notifications.inbox(ctx, may_not, kind="operator") == []
    assert message.body.startswith("https://x was switched off: 410")


# -- mail ---------------------------------------------------------------------------------------


@pytest.fixture
def with_server(kernel, mail_server):
    kernel.settings = replace(kernel.settings, email_url=mail_server.url)
    return mail_server


def test_a_mail_goes_through_the_server_that_is_named(with_server, notify, work, find):
    [notification_id] = notify(channel="email")
    work()

    assert find(notification_id)["state"] == "sent"
    assert b"Subject: gold!" in with_server.mails[0]


def test_a_mail_that_may_go_through_later_is_tried_again(with_server, notify, work, find):
    with_server.refusal = b"451 busy"
    [notification_id] = notify(channel="email")
    [error] = work()
    assert isinstance(error, MailFailed)
    assert find(notification_id)["reason"] == "the mail server answered 451 busy"

    with_server.refusal = None
    work()

    found = find(notification_id)
    assert (found["state"], found["attempts"], states(found)) == ("sent", 2, ["queued", "queued", "sent"])


def test_a_mail_that_is_refused_for_good_is_not_tried_again(with_server, notify, work, find):
    with_server.refusal = b"550 no such user"
    [notification_id] = notify(channel="email")

    assert work() == [None]
    assert find(notification_id)["state"] == "failed"


def test_after_the_last_attempt_a_mail_has_failed(with_server, notify, work, find):
    with_server.refusal = b"451 busy"
    [notification_id] = notify(channel="email")
    for _ in range(ATTEMPTS_MAX):
        work()

    assert find(notification_id)["state"] == "failed"


def test_a_server_that_is_not_there_may_come_back():
    message = compose(
        sender="a@b.c", to="d@e.f", text=Text("s", "b"), message_id="1", at=datetime.now(UTC), brand="B"
    )

    with pytest.raises(MailFailed, match="does not answer"):
        SmtpMailer("smtp://127.0.0.1:1").send(message)


def test_a_name_with_a_line_break_adds_no_header(notify, work, kernel):
    notify("notelab.tier_reached", {"tier": "x\r\nBcc: eve@evil.test"}, channel="email")
    work()

    [mail] = mails(kernel)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "x Bcc: eve@evil.test!"


# -- what providers report ----------------------------------------------------------------------


def test_a_provider_reports_what_became_of_a_mail(kernel, tenant, notify, work, find):
    [notification_id] = notify(channel="email")
    work()
    with kernel.context(tenant.id) as ctx:
        notifications.report(ctx, notification_id, "delivered")
        notifications.report(ctx, notification_id, "delivered")
        notifications.report(ctx, notification_id, "read")
        with pytest.raises(Conflict, match="is read does not become delivered"):
            notifications.report(ctx, notification_id, "delivered")

    assert states(find(notification_id)) == ["queued", "sent", "delivered", "read"]


def test_the_log_is_paged_and_filtered(kernel, tenant, player, notify, work):
    notify()
    notify()
    work()

    with kernel.context(tenant.id) as ctx:
        first = notifications.list_notifications(ctx, target_id=player, limit=4)
        rest = notifications.list_notifications(ctx, after=first[-1]["id"])
        failed = notifications.list_notifications(ctx, state="failed")
    assert len({n["id"] for n in first + rest}) == 6
    assert {n["channel"] for n in failed} == {"webhook"}
