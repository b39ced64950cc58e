"""The row path needs no web, no database and no NumPy: it starts at once, anywhere."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("flask", "sqlalchemy", "numpy", "polars", "numba", "redis")
ROW_PATH = """
import sys
from pitboss.rules.engine.insight.analysis import examine
from pitboss.rules.engine.insight.casebook import run_cases
from pitboss.rules.engine.catalogue import Variable, catalogue_of
from pitboss.rules.engine.insight.explain import explain, why_not
from pitboss.rules.engine.language import evaluate
from pitboss.rules.engine.program import compile_rule
from pitboss.rules.engine.reference import evaluate as refer
import pitboss.rules.engine.insight.selftest

words = catalogue_of([Variable(name="net_loss")])
rule = {
    "kind": "reward", "key": "a", "when": {"net_loss_min": 100},
    "then": [{"action": "x.y", "formula": "net_loss * 0.1"}],
    "tests": [{"facts": {"net_loss": 200}, "expect": {"match": True, "amount": 20}}],
}
program = compile_rule(rule, words)
assert evaluate("net_loss * 2", {"net_loss": 4}, words) == refer("net_loss * 2", {"net_loss": 4}, words) == 8
assert explain(program, {"net_loss": 200}).fires and not why_not([program], {"net_loss": 200})
assert run_cases(program)[0].passed
assert examine(program) == []
print(*[name for name in HEAVY if name in sys.modules])
"""


@pytest.mark.timeout(60)
def test_the_row_path_loads_nothing_heavy() -> None:
    script = f"HEAVY = {HEAVY!r}\n{ROW_PATH}"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.strip()) == (0, ""), ran.stdout + ran.stderr
