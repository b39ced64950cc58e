"""Whatever is sent, in whatever order and however often: the facts are those of what stands."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitboss.core import facts
from pitboss.core.clock import uuid7
from pitboss.core.identity import register_player
from pitboss.plugins.loyalty.play import ingestion
from pitboss.plugins.loyalty.play.incoming import Sent, read
from tests.plugins.loyalty.play.conftest import bulk_names, check_figures, item, rollback
from tests.plugins.loyalty.samples import law

HOURS = st.integers(0, 40 * 24)
AMOUNTS = st.integers(0, 50_000).map(lambda minor: f"{minor // 100}.{minor % 100:02}")
ROUNDS = st.sampled_from(["r-1", "r-2", None])


@st.composite
def histories(draw: Any) -> list[dict[str, Any]]:
    """Some transactions of two players, and rollbacks of some of them."""
    made = []
    for n in range(draw(st.integers(1, 12))):
        who, kind = (
            draw(st.sampled_from("ab")),
            draw(st.sampled_from(["deposit", "wager", "wager", "win", "session"])),
        )
        hour = draw(HOURS)
        at = f"2025-{12 if hour >= 720 else 11}-{hour % 720 // 24 + 1:02}T{hour % 24:02}:30:00Z"
        if kind == "session":
            made.append(item(who, kind, None, f"t-{n}", at=at, seconds=draw(st.integers(1, 9000))))
            continue
        amount = draw(AMOUNTS)
        more: dict[str, Any] = {"at": at}
        if kind == "deposit":
            amount = f"1{amount}"
        elif (round_ := draw(ROUNDS)) is not None:
            more["round"] = round_
            more |= {"settled": draw(st.booleans())} if kind == "wager" else {}
        made.append(item(who, kind, amount, f"t-{n}", **more))
    undone = draw(st.lists(st.sampled_from(made), unique_by=lambda one: one["id"], max_size=6))
    return made + [rollback(one["player"], one["id"]) for one in undone]


@settings(law, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), seed=st.integers(0, 2**16))
def test_any_order_gives_the_rebuilt_facts(kernel, make_tenant, clock, history, seed) -> None:
    tenant, names = _fresh(kernel, make_tenant)
    shuffled = history + random.Random(seed).sample(history, k=len(history) // 2)
    random.Random(seed).shuffle(shuffled)

    _send(kernel, tenant, _people(kernel, tenant, names), shuffled, size=1 + seed % 5)

    check_figures(kernel, tenant)


@settings(law, max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), seed=st.integers(0, 2**16))
def test_order_makes_no_difference(kernel, make_tenant, clock, history, seed) -> None:
    tenant, _ = _fresh(kernel, make_tenant)
    first, second = ({"a": _player(kernel, tenant), "b": _player(kernel, tenant)} for _ in range(2))
    shuffled = random.Random(seed).sample(history, k=len(history))

    _send(kernel, tenant, first, history, size=3, prefix="1")
    _send(kernel, tenant, second, shuffled, size=3, prefix="2")

    assert [_facts(kernel, tenant, first[who]) for who in "ab"] == [
        _facts(kernel, tenant, second[who]) for who in "ab"
    ]


_tenants: dict[int, Any] = {}


def _fresh(kernel: Any, make_tenant: Any) -> tuple[Any, str]:
    """Return one tenant for all examples of a test: making one takes longer than an example."""
    if id(kernel) not in _tenants:
        _tenants.clear()
        _tenants[id(kernel)] = make_tenant("loyalty")
    return _tenants[id(kernel)], str(uuid7())


def _people(kernel: Any, tenant: Any, _names: str) -> dict[str, UUID]:
    return {"a": _player(kernel, tenant), "b": _player(kernel, tenant)}


def _player(kernel: Any, tenant: Any) -> UUID:
    with kernel.context(tenant.id) as ctx:
        return register_player(ctx, email=f"{uuid7()}@players.test", password=None).id


def _send(
    kernel: Any, tenant: Any, people: dict[str, UUID], items: list[Any], *, size: int, prefix: str = ""
) -> None:
    sender = f"feed{prefix}:{people['a']}"
    for start in range(0, len(items), size):
        with kernel.context(tenant.id) as ctx:
            taken = ingestion.take(
                ctx, [_sent(ctx, sender, people, one) for one in items[start : start + size]]
            )
            assert not [one.error for one in taken if one.error is not None]


def _sent(ctx: Any, sender: str, people: dict[str, UUID], one: dict[str, Any]) -> Sent:
    return read(ctx, sender, {**one, "player": str(people[one["player"]])})


def _facts(kernel: Any, tenant: Any, player_id: UUID) -> dict[str, Any]:
    with kernel.context(tenant.id) as ctx:
        return facts.read(ctx, player_id, bulk_names(ctx))
