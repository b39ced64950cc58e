"""The panel beside the editor, of rules that are not ready yet."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.rules.admin import scene

CHECK = "/admin/rules/check"
UNREADY: dict[str, dict[str, Any]] = {
    "an action that is not chosen": {"then": [{"action": ""}]},
    "no action": {"then": []},
    "an action that nobody knows": {"then": [{"action": "loyalty.nothing"}]},
    "an amount that is not written": {"then": [{"action": "loyalty.grant_cash", "formula": ""}]},
    "no condition": {"when": ""},
}


@pytest.mark.parametrize("part", UNREADY.values(), ids=UNREADY)
def test_a_rule_that_is_not_ready_is_checked_with_a_player(
    part: dict[str, Any], shown: scene.Scene, otto: Any
) -> None:
    document = {**scene.CASHBACK, "key": "new", "tests": [], **part}
    sent = {"text": json.dumps(document), "player": str(shown.ann)}

    answer = otto.post(CHECK, json=sent, headers={"Accept": "application/json"})

    assert answer.status_code == 200, answer.text
    assert answer.json["trace"]["player"]
