"""What players read about their rewards: sentences in their language, on the clock of their brand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pitboss.core import notifications
from pitboss.core.identity.players import edit_player

KEY, CHANNEL = "loyalty.reward_received", "in_app"
ENDS = {"expiry_hours": 48}


@pytest.fixture
def tenant(make_tenant) -> Any:
    """A tenant whose clock is an hour ahead of UTC in winter."""
    return make_tenant("loyalty", time_zone="Europe/Madrid")


@pytest.fixture
def read(kernel, tenant, player, act, worker) -> Callable[..., notifications.Message]:
    """Have a reward given to a player of a language, and read what they were told."""

    def given(locale: str, noun: str, **terms: Any) -> notifications.Message:
        with kernel.context(tenant.id) as ctx:
            edit_player(ctx, player, {"locale": locale})
        act(noun, **terms)
        worker()
        with kernel.context(tenant.id) as ctx:
            return notifications.inbox(ctx, player)[0]

    return given


@pytest.mark.parametrize(
    ("noun", "terms", "english", "spanish"),
    [
        (
            "grant_bonus",
            {"amount": 123450, "wagering_requirement": 10, **ENDS},
            "a bonus of 1,234.50 EUR. It is valid until 7 January 2026, 13:00.",
            "un bono de 1.234,50 EUR. Tiene validez hasta el 7 de enero de 2026, 13:00.",
        ),
        (
            "grant_free_bet",
            {"amount": 500, **ENDS},
            "a free bet of 5.00 EUR. It is valid until 7 January 2026, 13:00.",
            "una apuesta gratis de 5,00 EUR. Tiene validez hasta el 7 de enero de 2026, 13:00.",
        ),
        (
            "grant_spins",
            {"amount": 20, "value": 0.2, **ENDS},
            "20 free spins. They are valid until 7 January 2026, 13:00.",
            "20 tiradas gratis. Tienen validez hasta el 7 de enero de 2026, 13:00.",
        ),
        (
            "grant_spins",
            {"amount": 1, "value": 0.2, **ENDS},
            "1 free spin. It is valid until 7 January 2026, 13:00.",
            "1 tirada gratis. Tiene validez hasta el 7 de enero de 2026, 13:00.",
        ),
        (
            "grant_cash",
            {"amount": 1000},
            "a cash reward of 10.00 EUR. It does not expire.",
            "un premio en efectivo de 10,00 EUR. No caduca.",
        ),
        (
            "grant_perk",
            {"perk": "personal-host"},
            "a perk: Personal host. It does not expire.",
            "una ventaja: Personal host. No caduca.",
        ),
    ],
)
def test_a_reward_is_told_in_a_sentence(
    read, noun: str, terms: dict[str, Any], english: str, spanish: str
) -> None:
    assert read("en-GB", noun, **terms).body == f"You have received {english}"
    assert read("es-ES", noun, **terms).body == f"Ha recibido {spanish}"


def test_points_and_tickets_are_given_without_a_message(act, kernel, tenant, player, worker) -> None:
    act("grant_points", amount=10)
    act("grant_tickets", amount=1)
    worker()

    with kernel.context(tenant.id) as ctx:
        assert notifications.inbox(ctx, player) == []


def test_who_reads_another_language_is_told_all_in_english(read) -> None:
    assert read("fr", "grant_cash", amount=1000).subject == "For you: a cash reward of 10.00 EUR"


def test_a_text_in_a_language_that_the_platform_does_not_speak_is_filled_in_english(
    read, kernel, tenant
) -> None:
    with kernel.context(tenant.id) as ctx:
        notifications.save_template(ctx, KEY, CHANNEL, "pl", subject="{what}", body="{amount}")

    told = read("pl", "grant_cash", amount=1000)

    assert (told.subject, told.body) == ("cash", "10.00 EUR")
