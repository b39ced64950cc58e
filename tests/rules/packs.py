"""The starter packs, read, and asked what their rules say and pay."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from pitboss.rules.catalogues import starter_catalogue
from pitboss.rules.engine.insight.explain import explain
from pitboss.rules.engine.insight.explanation import Explanation
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import read_rules

ROOT = Path(__file__).parents[2]
ORACLES = {o["id"]: o for o in json.loads((ROOT / "tests/data/oracles_rules.json").read_text())["oracles"]}


PACKS = sorted(pack for pack in (ROOT / "rules/packs").glob("*.json") if pack.stem != "catalogue")


def programs_of(pack: Path) -> list[Program]:
    return [Program(rule, starter_catalogue()).checked() for rule in read_rules(pack.read_bytes())]


ALL = {program.key: program for pack in PACKS for program in programs_of(pack)}


def said(key: str, **facts: Any) -> Explanation:
    return explain(ALL[key], facts)


def value(key: str, **facts: Any) -> Any:
    found = said(key, **facts)
    assert found.fires, found.sentence
    return found.amounts[0].value


def paid(key: str, **facts: Any) -> Decimal:
    """What a rule pays, to the cent; a rule that does not match pays nothing."""
    found = said(key, **facts)
    amount = found.amounts[0].paid if found.fires else Decimal(0)
    assert amount is not None
    return amount.quantize(Decimal("0.01"))
