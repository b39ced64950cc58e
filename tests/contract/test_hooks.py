"""Each hook does what its docstring says, seen through the sample plugin: one test a hook, named after it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from acme_sample import cards, kiosk
from acme_sample.demo import PLAYER
from acme_sample.models import Card, Deck
from click.testing import CliRunner
from sqlalchemy import func, select, update

from pitboss.core import notifications
from pitboss.core.cli import cli
from pitboss.core.clock import uuid7
from pitboss.core.contracts import Action, Event, Function, Message, Report, RuleKind, Variable
from pitboss.core.docs import hook_names
from pitboss.core.errors import Refused
from pitboss.core.health import examine
from pitboss.core.identity import Principal
from pitboss.core.tenancy import toggle

SAMPLE = "acme_sample"


def give(ctx, player_id, *keys):
    """Give a player cards and return their ids."""
    ctx.of(player_id)
    return [ctx.act("acme_sample.give_card", key=f"{player_id}:{key}") for key in keys]


def test_every_hook_has_a_test_named_after_it():
    tests = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}

    assert set(hook_names()) - tests == set()


def test_plugin_manifest(registry):
    manifest = registry.manifests[SAMPLE]

    assert (manifest.title, manifest.version) == ("Scratch cards", "1.2.0")
    assert [p.name for p in manifest.permissions] == ["acme_sample.cards"]


def test_register_terms(ctx, registry):
    kinds = {type(o.item) for o in registry.all("register_terms") if o.owner == SAMPLE}
    [card_id] = give(ctx, player_id := uuid7(), "a")

    cards.scratch(ctx, player_id, card_id)

    assert kinds == {Event, Variable, Function, Action, Message, Report, RuleKind}
    names = ("cards_scratched", "scratches_1d", "is_regular")
    assert [ctx.value(f"acme_sample.{name}") for name in names] == [1, 1, False]
    assert ctx.value("acme_sample.prize_of", 10) == 200


def test_register_listeners(ctx, tenant, kernel, worker):
    player_id = uuid7()
    with kernel.context(tenant.id) as setting:
        toggle.configure(setting, SAMPLE, {"cards_per_day_max": 10})
    kernel.tenants.forget()
    with kernel.context(tenant.id) as work:
        for card_id in give(work, player_id, *range(10)):
            cards.scratch(work, player_id, card_id)

    worker()

    assert [card.reason for card in cards.cards_of(ctx, player_id)].count("regular") == 1
    [thanks] = notifications.list_notifications(ctx, target_id=player_id)
    assert thanks["template"] == "acme_sample.thanks"


def test_a_guard_of_register_listeners_refuses(ctx):
    *first, last = give(ctx, player_id := uuid7(), *range(6))
    for card_id in first:
        cards.scratch(ctx, player_id, card_id)

    with pytest.raises(Refused, match="at most 5 cards a day"):
        cards.scratch(ctx, player_id, last)


def test_register_routes(client, make_client, ctx):
    [card_id] = give(ctx, client.player_id, "a")
    ctx.commit()

    scratched = client.post(f"/api/v1/acme_sample/cards/{card_id}/scratch")

    assert scratched.json == {"id": str(card_id), "state": "scratched", "reason": "gift", "points": 100}
    assert client.get("/api/v1/acme_sample/cards").json["items"] == [scratched.json]
    page = make_client("operator", "acme_sample.cards").get("/admin/acme_sample/")
    assert (page.status_code, str(card_id) in page.text) == (200, True)


def test_register_tasks(ctx, clock, worker):
    give(ctx, player_id := uuid7(), "a")
    ctx.commit()
    worker.tick()
    clock.advance(days=31)

    worker.tick()

    assert [card.state for card in cards.cards_of(ctx, player_id)] == ["expired"]


def test_register_commands(ctx, tenant, settings, monkeypatch):
    give(ctx, uuid7(), "a", "b")
    ctx.commit()
    monkeypatch.setenv("DATABASE_URL", settings.database_url)

    answer = CliRunner().invoke(
        cli, ["acme_sample", "cards", "--tenant", tenant.code], catch_exceptions=False
    )

    assert answer.output.split() == ["sealed", "2"]


def test_register_health_checks(ctx, kernel, tenant):
    deck = Deck.__table__
    ctx.connection.execute(update(deck).where(deck.c.tenant_id == tenant.id).values(is_open=False))
    ctx.commit()

    [finding] = [f for f in examine(kernel) if f.name == "acme_sample: decks"]

    assert tenant.code in finding.problem
    assert not finding.is_fatal


def test_tenant_enabled(ctx):
    assert ctx.session.scalars(select(Deck.is_open)).all() == [True]


def test_tenant_disabled(ctx, disable):
    disable(SAMPLE)

    assert ctx.session.scalars(select(Deck.is_open)).all() == [False]


def test_load_demo(ctx, registry):
    registry.tell(SAMPLE, "load_demo", ctx=ctx)
    registry.tell(SAMPLE, "load_demo", ctx=ctx)

    assert ctx.session.scalar(select(func.count()).select_from(Card)) == 2
    assert {card.state for card in cards.cards_of(ctx, PLAYER)} == {"sealed", "scratched"}


def test_identify(make_client, tenant, monkeypatch):
    player = Principal(kind="player", tenant_id=tenant.id, id=uuid7(), name="kiosk")
    monkeypatch.setitem(kiosk.KIOSKS, token := str(uuid7()), player)
    nobody = make_client()

    known = nobody.get("/api/v1/acme_sample/cards", headers={kiosk.HEADER: token})
    unknown = nobody.get("/api/v1/acme_sample/cards", headers={kiosk.HEADER: "wrong"})

    assert (known.status_code, unknown.status_code) == (200, 401)


def test_identify_is_not_believed_where_the_plugin_is_off(make_client, make_tenant, monkeypatch):
    bare = make_tenant()
    player = Principal(kind="player", tenant_id=bare.id, id=uuid7(), name="kiosk")
    monkeypatch.setitem(kiosk.KIOSKS, token := str(uuid7()), replace(player, permissions=frozenset("*")))

    answer = make_client(of=bare).get("/api/v1/me", headers={kiosk.HEADER: token})

    assert answer.status_code in (401, 404)
