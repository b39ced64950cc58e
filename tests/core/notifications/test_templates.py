"""Templates hold placeholders and nothing else, and the best language is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from pitboss.core import notifications, texts
from pitboss.core.audit import AuditEntry
from pitboss.core.errors import InvalidInput, NotFound
from pitboss.core.identity.tables import Player
from pitboss.core.notifications.tables import NotificationRow
from pitboss.core.notifications.templates import find_template
from pitboss.core.placeholders import Text, check, fill

KEY = "notelab.tier_reached"


@pytest.mark.parametrize(
    "body",
    ["{", "}", "{}", "{0}", "{a.b}", "{a[0]}", "{a!r}", "{a:>99999999}", "{a b}", "{__class__.x}", "", " "],
)
def test_a_text_that_could_do_more_than_be_filled_in_is_refused(body):
    with pytest.raises(InvalidInput, match="body: "):
        check(Text("subject", body))


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(), max_size=4))
def test_values_are_never_read_as_templates(data):
    body = "|".join(f"{{{name}}}" for name in data) + "{{}}"

    filled = fill(Text("x", body), data)

    assert filled.body == "|".join(data.values()) + "{}"


@pytest.mark.parametrize(("subject", "body"), [("x" * 201, "b"), ("s", "x" * 20_001)])
def test_texts_have_a_limit(subject, body):
    with pytest.raises(InvalidInput, match="write 1 to"):
        check(Text(subject, body))


def test_the_best_language_is_found(ctx, guard):
    def body_for(locale):
        return find_template(ctx, KEY, "email", locale).text.body

    assert body_for("pl-PL") == "{name}, you are {tier}."
    notifications.save_template(ctx, KEY, "email", "pl", subject="s", body="polski")
    assert body_for("pl-PL") == "polski"
    notifications.save_template(ctx, KEY, "email", "pl-PL", subject="s", body="polski z Polski")
    assert body_for("pl-PL") == "polski z Polski"
    assert body_for("fr") == body_for(None) == "{name}, you are {tier}."


def test_a_tenants_text_takes_the_place_of_the_platforms(ctx):
    built_in = find_template(ctx, "core.password_reset", "email", "en")
    notifications.save_template(ctx, "core.password_reset", "email", "en", subject="s", body="{link}")
    assert find_template(ctx, "core.password_reset", "email", "en").text.body == "{link}"

    notifications.delete_template(ctx, "core.password_reset", "email", "en")

    assert find_template(ctx, "core.password_reset", "email", "en") == built_in


def test_a_placeholder_that_the_sender_does_not_give_is_refused(ctx, guard):
    with pytest.raises(InvalidInput, match="there is no {teir} here; did you mean 'tier'"):
        notifications.save_template(ctx, KEY, "email", "en", subject="s", body="{teir}")


def test_a_text_of_a_plugin_is_there_in_each_language_of_its_catalogue(ctx):
    english, spanish = (find_template(ctx, "core.password_reset", "email", name) for name in ("en", "es-MX"))

    assert (english.locale, spanish.locale) == ("en", "es")
    assert spanish.text.subject == "Elija una contraseña nueva para {brand}"
    listed = {t.locale for t in notifications.list_templates(ctx) if t.key == "core.password_reset"}
    assert listed == {"en", "es"}


def test_a_text_of_a_plugin_that_is_off_is_not_listed(kernel, tenant, disable, guard):
    def keys():
        with kernel.context(tenant.id) as ctx:
            return {text.key for text in notifications.list_templates(ctx)}

    assert KEY in keys()
    disable("notelab")
    assert KEY not in keys()


def test_data_that_is_a_function_is_made_in_the_language_of_its_text(ctx, player, guard):
    def told():
        notifications.notify(ctx, player, KEY, lambda: {"tier": texts.language()}, "email")
        newest = select(NotificationRow.data).order_by(NotificationRow.id.desc())
        return ctx.connection.scalars(newest).first()

    assert told() == {"tier": "en"}
    notifications.save_template(ctx, KEY, "email", "es", subject="s", body="{tier}")
    ctx.connection.execute(update(Player).where(Player.id == player).values(locale="es-MX"))
    assert told() == {"tier": "es"}


@pytest.mark.parametrize(
    ("key", "channel", "locale", "message"),
    [
        ("tier", "email", "en", "must be '<plugin>.<noun>'"),
        ("a1.b1", "emial", "en", "did you mean 'email'"),
        ("a1.b1", "email", "English", "is no language"),
    ],
)
def test_a_template_is_named_properly(ctx, key, channel, locale, message):
    with pytest.raises(InvalidInput, match=message):
        notifications.save_template(ctx, key, channel, locale, subject="s", body="b")


def test_templates_are_those_of_the_tenant(kernel, ctx, other_tenant, guard):
    notifications.save_template(ctx, KEY, "email", "pl", subject="s", body="b")
    assert (KEY, "email", "pl") in {(t.key, t.channel, t.locale) for t in notifications.list_templates(ctx)}
    ctx.commit()

    with kernel.context(other_tenant.id) as other:
        found = {(t.key, t.channel, t.locale) for t in notifications.list_templates(other)}
        assert (KEY, "email", "pl") not in found
        assert ("core.password_reset", "email", "en") in found
        with pytest.raises(NotFound):
            notifications.delete_template(other, KEY, "email", "pl")


def test_each_change_of_a_text_is_audited(ctx, guard):
    notifications.save_template(ctx, KEY, "email", "pl", subject="s", body="one")
    notifications.save_template(ctx, KEY, "email", "pl", subject="s", body="two")

    target = f"notification_template:{KEY}/email/pl"
    query = select(AuditEntry.old, AuditEntry.new).where(AuditEntry.target == target)
    rows = ctx.connection.execute(query.order_by(AuditEntry.id)).all()

    assert rows[0].old is None
    assert (rows[1].old["body"], rows[1].new["body"]) == ("one", "two")
