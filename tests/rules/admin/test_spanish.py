"""What the rules engine and the rulebook say, in Spanish: whoever asks, and whoever asked before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from pitboss.core import texts
from pitboss.rules.replay import decided, reports
from pitboss.rules.replay.asked import ask
from pitboss.rules.runtime.tables import DecisionRow, Outcome
from tests.rules import casino
from tests.rules.admin import scene

ADMIN = "/admin/rules"
SPANISH = {"Accept-Language": "es"}
WHEN_REFUSED = {
    "net_los > 10": "variable desconocida 'net_los': ¿quiso decir net_loss?",
    "net_loss > 'a'": (
        "> no puede comparar un número con un texto: los números van sin comillas, y los textos entre ellas"
    ),
    "net_loss >": "falta algo después de >",
    "round(net_loss, 1, 2) > 1": "round() toma de 1 a 2 argumentos, y recibió 3",
    "lower() == 'a'": "lower() toma 1 argumento, y recibió 0",
}


def checked(client: Any, when: str) -> Any:
    document = {**scene.CASHBACK, "key": "new", "when": when, "tests": []}
    sent = {"text": json.dumps(document)}
    return client.post(f"{ADMIN}/check", json=sent, headers={**SPANISH, "Accept": "application/json"}).json


@pytest.mark.parametrize("when", WHEN_REFUSED)
def test_a_refused_expression_is_told_with_its_cure(when: str, tenant: Any, otto: Any) -> None:
    assert WHEN_REFUSED[when] in [error["cause"] for error in checked(otto, when)["errors"]]


def test_findings_are_told(tenant: Any, otto: Any) -> None:
    said = [finding["sentence"] for finding in checked(otto, "net_loss > 10 and net_loss < 5")["warnings"]]

    assert any("nunca se cumplen a la vez: corríjalo o quítelo" in sentence for sentence in said)
    assert "no tiene pruebas: añada un caso que coincida y otro que no" in said


def test_a_decision_and_a_judgement_are_explained(shown: scene.Scene, otto: Any) -> None:
    decision = otto.get(f"{ADMIN}/decisions/{shown.decision}", headers=SPANISH).text
    judgement = otto.get(f"{ADMIN}/judgements/{shown.event}", headers=SPANISH).text

    assert "una vez al día por jugador" in decision
    assert "ninguna guarda de un plugin lo rechaza" in decision
    assert "no coincidió: " in judgement
    assert "y se necesita al menos 1.000 GBP: faltó 950 GBP" in judgement


def test_a_fact_that_is_an_instant_stands_on_the_wall_clock(shown: scene.Scene, otto: Any) -> None:
    page = otto.get(f"{ADMIN}/judgements/{shown.event}").text.split('id="facts"')[1]

    assert "T" not in {text[10:11] for text in page.split("<dd>")[1:] if text[:2] == "20"}
    assert "Z</dd>" not in page


def test_a_simulation_is_told_in_the_language_of_who_reads_it(
    shown: scene.Scene, otto: Any, kernel: Any, tenant: Any, worker: Any
) -> None:
    with kernel.context(tenant.id) as ctx:
        asked = reports.request(ctx, ask(ctx, "cashback", over="players")).id
    worker()

    spanish, english = (
        otto.get(f"{ADMIN}/simulations/{asked}", headers=headers).text for headers in (SPANISH, {})
    )

    assert "Cada jugador se juzgó una vez, tal como es ahora" in spanish
    assert "Cashback coincidió y paga 5,00: " in spanish
    assert "Every player was judged once, as they are now" in english
    assert "Cashback matched and pays 5.00: " in english


def test_doubts_are_told_in_the_language_of_who_reads_them(shown: scene.Scene, otto: Any) -> None:
    document = {key: value for key, value in scene.CASHBACK.items() if key not in ("tests", "name")}
    form = {"document": json.dumps({**document, "key": "untested"}), "mark": "", "base": "0", "do": "save"}
    otto.post(f"{ADMIN}/new", data=form, headers=SPANISH)
    path = f"{ADMIN}/rule/untested"

    assert "It has no tests: add a case" in otto.get(path).text
    assert "No tiene pruebas: añada un caso" in otto.get(path, headers=SPANISH).text


def test_conflicts_are_told_to_each_in_their_language(shown: scene.Scene, otto: Any) -> None:
    """The live rules are compared once, for all who ask."""
    first, *others = (
        otto.get(f"{ADMIN}/conflicts", headers=headers).text for headers in (SPANISH, {}, SPANISH)
    )

    assert "y entonces paga cada una" in first
    assert "and then each pays" in others[0]
    assert "y entonces paga cada una" in others[1]


def test_what_is_kept_of_a_decision_has_no_language(
    shown: scene.Scene, kernel: Any, tenant: Any, worker: Any
) -> None:
    with texts.speaking("es"):
        with kernel.context(tenant.id) as ctx:
            casino.lose(ctx, shown.ann, 5_000)
        worker()
    with kernel.context(tenant.id) as ctx:
        kept = [row.detail for row in ctx.connection.execute(select(DecisionRow.detail))]
        (capped,) = decided.decisions(ctx, decided.Filter(rule="cashback", outcome=Outcome.CAPPED))

    assert {"reason": ["the rule allows it %(times)s, not more", {"times": ["once a day", {}]}]} in kept
    assert capped.reason == "the rule allows it once a day, not more"
    with texts.speaking("es"):
        assert capped.reason == "la regla lo permite una vez al día, no más"
