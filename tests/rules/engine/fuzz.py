"""Throw noise at the engine: `python -m tests.rules.engine.fuzz --minutes 10`.

Whatever comes in, nothing but Refused and EvaluationError comes out, soon; and what is accepted holds
nothing but what the language has. That last is judged by Python's own parser, apart from the checker.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pitboss.rules.engine.catalogue import NOW, WHOLE_MAX, Catalogue, catalogue_of
from pitboss.rules.engine.check import check
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import EvaluationError, Refused
from pitboss.rules.engine.forms import condition
from pitboss.rules.engine.grammar import GRAMMAR
from pitboss.rules.engine.program import compile_rule
from tests.rules.engine.trees import VARIABLES

MILLISECONDS_MAX = 100

SEEDS = (
    "segment == 'LOSING' and net_loss >= 100",
    "net_loss * 0.10 + 5",
    "max(net_loss * 0.1, 5) if is_vip else min(net_loss, 500)",
    "round(count / visits, 2) > 1.5 or not is_new",
    "'slots' in games and country not in ('DE', 'FR')",
    "days_since(last_deposit) <= 7 and session_length > hours(2)",
    "coalesce(count, visits, 0) // 3 % 2 == 1",
    "known(city) and lower(city) == 'paris'",
    "1 < count <= 5 < ratio ** 2",
    "between(score, 0, 1) and last_deposit > '2026-12-01T09:00:00Z'",
    "clamp(sqrt(abs(ratio)), 0, 10) - -3",
    "sigmoid(0.3 * ratio - 1) >= 0.5",
)
SOUP = """
+ - * / // % ** ( ) [ ] , . : = == != < <= > >= ! ~ & | ^ @ ; # { } \\ ` $ ?
and or not in is if else lambda for while yield await async def class import from None True False
net_loss count visits ratio segment games is_vip now last_deposit known coalesce min max round exp
__class__ __import__ eval exec open print self os sys mro format f_globals gi_frame
'a' "b" 'LOSING' '' f'{x}' b'x' 0 1 2 16 17 0x1f 1e308 1e999 1e-400 9007199254740993 1_000 .5 5. 1j ...
"""
INVISIBLE = ("\n", "\t", "\x00", "\u202e", "\u2028", "\ufeff", "é", "ｎ", "٣", "𝟏", "ª", "’", "−", "\ud800")
TOKENS = (*SOUP.split(), *INVISIBLE)
KEYS = """
segment net_loss net_loss_min net_loss_max count games is_vip country city last_deposit session_length
all any none expression min max above below between in not known contains starts_with
__class__ nope _min 0
"""
FORM_KEYS = (*KEYS.split(), "")
LARGE = (1e308, WHOLE_MAX + 1, 10**400)
SCALARS = (None, True, False, 0, -1, 1.5, *LARGE, "", "LOSING", "7d", "2026-12-01T09:00:00Z", "é", "x" * 300)
NUMBERS = (0, 1, -1, 2.5, float(WHOLE_MAX), -1e-300, 1e308, float("nan"), 10**400)
FACTS = (None, *NUMBERS, True, "", "LOSING", "e\u0301", "7d", ["slots"], [], {}, b"x")

ALLOWED = (
    ast.Constant, ast.Name, ast.Attribute, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.IfExp, ast.Compare,
    ast.Call, ast.Tuple, ast.List,
)  # fmt: skip
OPERATORS = (
    ast.Not, ast.USub, ast.UAdd, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.And,
    ast.Or, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Load,
)  # fmt: skip


class Fuzz:
    """One run, with its own source of chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.catalogue = catalogue_of(VARIABLES)
        self.counts: Counter[str] = Counter()
        self.slowest = 0.0

    def step(self) -> None:
        """Try one thing."""
        kind = self.chance.choice((self.text, self.text, self.text, self.form, self.rule))
        kind()

    def text(self) -> None:
        """Try a text, and run it if it is accepted."""
        text = self.chance.choice((self.mutated, self.soup, self.unicode, self.spliced))()
        node = self.guarded(lambda: check(text, self.catalogue), text)
        if node is not None:
            check_whitelist(text, self.catalogue)
            self.run(node, text)

    def form(self) -> None:
        """Try a JSON form, and run it if it is accepted."""
        form = self.json(0)
        node = self.guarded(lambda: condition(form, self.catalogue), form)
        if node is not None:
            self.run(node, form)

    def rule(self) -> None:
        """Try a whole rule."""
        rule = {
            "kind": self.chance.choice(("reward", "segment", "formula", "limit", "alert", "x", None)),
            "key": self.chance.choice(("a", "A", "", 7)),
            "when": self.json(0),
            "then": [{"action": "loyalty.grant_bonus", "formula": self.mutated()}],
            "formula": self.soup(),
        }
        kept = {key: value for key, value in rule.items() if self.chance.random() < 0.8}
        self.guarded(lambda: compile_rule(kept, catalogue_of(VARIABLES)), kept)

    def run(self, node: Any, what: Any) -> None:
        """Run an accepted tree on facts that may be anything, and that stay what they are."""
        names = [v.name for v in VARIABLES if self.chance.random() < 0.8]
        facts = {name: self.chance.choice(FACTS) for name in (*names, NOW)}
        before = repr(facts)
        value = self.guarded(lambda: compile_value(node)(facts), (what, facts))
        assert repr(facts) == before, f"the facts were changed by {what!r}"
        assert value is None or isinstance(value, float | str | bool | frozenset | int), (what, value)

    def guarded(self, call: Callable[[], Any], what: Any) -> Any:
        """Call, and let nothing out but what the engine raises on purpose."""
        started = time.process_time()
        try:
            result = call()
            self.counts["accepted"] += 1
            return result
        except Refused:
            self.counts["refused"] += 1
        except EvaluationError as error:
            self.counts[error.kind] += 1
        except BaseException:
            print(f"this went through: {what!r}", file=sys.stderr)
            raise
        finally:
            taken = (time.process_time() - started) * 1_000
            self.slowest = max(self.slowest, taken)
            assert taken < MILLISECONDS_MAX, f"{taken:.0f} ms for {what!r}"
        return None

    # -- noise -----------------------------------------------------------------------------------

    def mutated(self) -> str:
        """Return an expression with a few characters changed."""
        text = list(self.chance.choice(SEEDS))
        for _ in range(self.chance.randint(0, 4)):
            place = self.chance.randrange(len(text) + 1)
            change = self.chance.randrange(4)
            if change == 0:
                text[place : place + 1] = []
            elif change == 1:
                text.insert(place, self.chance.choice(TOKENS))
            elif change == 2:
                text[place : place + 1] = [chr(self.chance.randrange(32, 127))]
            else:
                text[place:place] = text[place : place + self.chance.randint(1, 12)] * self.chance.randint(
                    1, 3
                )
        return "".join(text)

    def soup(self) -> str:
        """Return tokens in no order."""
        joint = self.chance.choice(("", " ", " "))
        return joint.join(self.chance.choices(TOKENS, k=self.chance.choice((1, 3, 8, 20, 200))))

    def unicode(self) -> str:
        """Return an expression with some characters from anywhere."""
        text = list(self.chance.choice(SEEDS))
        for _ in range(self.chance.randint(1, 5)):
            text[self.chance.randrange(len(text))] = chr(self.chance.randrange(0x110000))
        return "".join(text)

    def spliced(self) -> str:
        """Return one expression inside another, sometimes very many times."""
        inner, outer = self.chance.choice(SEEDS), self.chance.choice(SEEDS)
        if self.chance.random() < 0.05:
            return self.chance.choice(("({})", "[{}]", "not {}", "-{}", "{} + {}", "known({})")).replace(
                "{}", "(" * self.chance.choice((10, 50, 5_000)) + inner
            )
        place = self.chance.choice([n for n, c in enumerate(outer) if c == " "] or [0])
        joint = self.chance.choice(("", "and", "or", "+", "*", "if"))
        return f"{outer[:place]} {joint} ({inner}) {outer[place:]}"

    def json(self, depth: int) -> Any:
        """Return JSON that is something like a form."""
        roll = self.chance.random()
        if depth > 4 or roll < 0.25:
            return self.chance.choice(SCALARS)
        if roll < 0.35:
            return self.mutated()
        if roll < 0.5:
            return [self.json(depth + 1) for _ in range(self.chance.randint(0, 3))]
        keys = self.chance.choices(FORM_KEYS, k=self.chance.randint(0, 4))
        return {key: self.plausible(key, depth) for key in keys}

    def plausible(self, key: str, depth: int) -> Any:
        """Return a value that the key could take, more often than not."""
        if self.chance.random() < 0.3:
            return self.json(depth + 1)
        if key in ("all", "any", "none"):
            return [self.json(depth + 1) for _ in range(self.chance.randint(1, 3))]
        if key.startswith(("net_loss", "count")):
            return self.chance.choice(
                (0, 1, 100.5, {"min": 1, "max": 5}, {"between": [1, 2]}, {"in": [1, 2]}, {"not": 3})
            )
        return self.chance.choice(
            ("LOSING", "DE", True, 5, "7d", {"known": True}, {"contains": "slots"}, ["DE", "FR"])
        )


def check_whitelist(text: str, catalogue: Catalogue) -> None:
    """Refute that an accepted text is in the language, without asking the checker."""
    assert text.isascii() or all(c.isascii() or _is_quoted(text, n) for n, c in enumerate(text)), text
    tree = ast.parse(
        " ".join(text.split("\n")).replace("\r", " ").replace("\t", " ").strip(), mode="eval"
    ).body
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        assert isinstance(node, ALLOWED + OPERATORS), (type(node).__name__, text)
        if isinstance(node, ast.Constant):
            assert isinstance(node.value, int | float | str), text
            assert isinstance(node.value, str) or abs(node.value) <= WHOLE_MAX, text
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in inner:
            allowed = {*catalogue.functions, *GRAMMAR} if id(node) in called else set(catalogue.variables)
            assert ast.unparse(node) in allowed, (ast.unparse(node), text)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            power = node.right
            while isinstance(power, ast.UnaryOp):  # `x ** - -3` is three
                power = power.operand
            assert isinstance(power, ast.Constant), text
            assert power.value in range(17), text
        if isinstance(node, ast.Call):
            assert not node.keywords, text


def _is_quoted(text: str, place: int) -> bool:
    quote = ""
    for character in text[:place]:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
    return bool(quote)


def corpus(fuzz: Fuzz) -> None:
    """Run the kept attacks first."""
    path = Path(__file__).parents[2] / "data/hostile.json"
    for attack in json.loads(path.read_text())["expressions"]:
        text = attack["expr"]
        if fuzz.guarded(lambda text=text: check(text, fuzz.catalogue), text) is not None:
            check_whitelist(text, fuzz.catalogue)


def fuzz_for(minutes: float, seed: int) -> Fuzz:
    """Fuzz for so long, and return what was counted."""
    fuzz = Fuzz(seed)
    corpus(fuzz)
    until = time.monotonic() + minutes * 60
    while time.monotonic() < until:
        fuzz.step()
    return fuzz


def main() -> None:
    """Fuzz, and say what was tried."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32)
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    fuzz = fuzz_for(given.minutes, given.seed)
    print(
        f"{fuzz.counts.total()} calls, the slowest {fuzz.slowest:.1f} ms: {dict(fuzz.counts.most_common())}"
    )


if __name__ == "__main__":
    main()
