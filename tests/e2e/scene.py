"""A small casino to look at: two tenants with people, money, jobs, events and a broken plugin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from pitboss.core import audit, webhooks
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.identity import Principal, keys, players, roles
from pitboss.core.identity.operators import ensure_first_operator, invite_operator, list_operators
from pitboss.core.jobs import JobRow, JobState, enqueue
from pitboss.core.jobs.leases import new_token
from pitboss.core.kernel import Kernel
from pitboss.core.ledger import wallet
from pitboss.core.notifications import list_templates, notify
from pitboss.core.registry import Candidate, installed
from pitboss.core.tenancy import PLATFORM_ID, Tenant, TenantFile
from pitboss.core.tenancy.toggle import enable
from pitboss.webapp.process import WebProcess

PASSWORD = "correct horse battery staple"
ADMIN = "ann@acme.test"
VIEWER = "vic@acme.test"
PLATFORM = "pat@platform.test"
PLUGIN = "acme_sample"
NAMES = (
    ("Grace Hopper", "GB"),
    ("Alan Turing", "GB"),
    ("Ada Lovelace", "IE"),
    ("Emmy Noether", "DE"),
    ("Blaise Pascal", "FR"),
    ("Sophie Germain", "FR"),
    ("Daniel Bernoulli", "CH"),
    ("Katherine Johnson", None),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Who and what there is."""

    tenant: Tenant
    other: Tenant
    players: tuple[UUID, ...]
    stranger: UUID
    """A player of the other tenant."""
    operator: UUID
    endpoint: UUID
    notification: UUID
    template: str
    """The path of a text."""


def _fail_to_load() -> object:
    raise ImportError("No module named 'acme_odds'")


def candidates() -> list[Candidate]:
    """Return what is installed, and a plugin that cannot be loaded."""
    return [*installed(), Candidate("acme_broken", _fail_to_load, "acme-broken", "0.4.0")]


def set_up(kernel: Kernel, suffix: str = "") -> Scene:
    """Fill a migrated database with the scene."""
    tenant = kernel.tenants.create(
        TenantFile(code=f"acme{suffix}", name="Acme Casino", currency="GBP", time_zone="Europe/London")
    )
    other = kernel.tenants.create(
        TenantFile(
            code=f"bolt{suffix}",
            name="Bolt Bingo",
            country="SE",
            currency="SEK",
            time_zone="Europe/Stockholm",
        )
    )
    for tenant_id, email in ((tenant.id, ADMIN), (other.id, ADMIN), (PLATFORM_ID, PLATFORM)):
        ensure_first_operator(kernel, tenant_id, email, PASSWORD)
    for here in (tenant, other):
        with kernel.context(here.id) as ctx:
            enable(ctx, PLUGIN, reason="Launch campaign")
    kernel.tenants.forget()
    found = _people(kernel, tenant)
    with kernel.context(other.id) as ctx:
        stranger = players.register_player(
            ctx, email="stan@bolt.test", password=None, display_name="Stan Ulam"
        ).id
    endpoint, notification, template = _traffic(kernel, tenant, found)
    with kernel.context(tenant.id) as ctx:
        operator = list_operators(ctx)[0].id
    return Scene(tenant, other, tuple(found), stranger, operator, endpoint, notification, template)


def add_operator(kernel: Kernel, tenant: Tenant, email: str, *permissions: str) -> None:
    """Add an active operator whose role grants exactly these permissions."""
    ensure_first_operator(kernel, tenant.id, ADMIN, PASSWORD)
    role = "only_" + email.partition("@")[0]
    with kernel.context(tenant.id) as ctx:
        roles.save_role(ctx, role, title=role, permissions=permissions)
        token = invite_operator(ctx, email, role_names=[role]).token
    from pitboss.core.identity.resets import reset_password

    with kernel.context(tenant.id) as ctx:
        reset_password(ctx, token, PASSWORD)


def _people(kernel: Kernel, tenant: Tenant) -> list[UUID]:
    found = []
    for number, (name, country) in enumerate(NAMES):
        with kernel.context(tenant.id) as ctx:
            email = f"{name.lower().replace(' ', '.')}@mail.test"
            player = players.register_player(
                ctx,
                email=email,
                password=None,
                display_name=name,
                country=country,
                username=name.split()[0].lower(),
            )
            found.append(player.id)
            _money(ctx, player.id, number)
    with kernel.context(tenant.id, _operator(tenant)) as ctx:
        players.lock_player(ctx, found[3], "Asked for a pause by phone")
        invite_operator(ctx, "lee@acme.test", name="Lee Support", role_names=["support"])
        keys.create_key(ctx, "Website", permissions=["core.players"])
        keys.revoke_key(ctx, keys.create_key(ctx, "Old data feed", permissions=["core.events"]).key.id)
    return found


def _money(ctx: Context, player_id: UUID, number: int) -> None:
    steps = (
        ("cash", 5_000 + 123_456 * number, "Welcome gift"),
        ("points", 120, "Loyalty start"),
        ("cash", -1_250, "Returned card payment"),
    )
    for purse, amount, reason in steps:
        wallet.adjust(
            ctx.connection, player_id, key=f"scene:{uuid7()}", purse_named=purse, amount=amount,
            currency=ctx.tenant.currency, actor=f"operator:{ADMIN}", reason=reason,
        )  # fmt: skip


def _traffic(kernel: Kernel, tenant: Tenant, found: list[UUID]) -> tuple[UUID, UUID, str]:
    with kernel.context(tenant.id, _operator(tenant)) as ctx:
        audit.record(
            ctx,
            "rule.published",
            "rule:weekly-cashback",
            reason="Agreed with compliance",
            old={"version": 3, "limits": {"budget": "5000.00"}},
            new={"version": 4, "limits": {"budget": "10000.00"}},
        )
        audit.seal(ctx)
        endpoint, _ = webhooks.create_endpoint(
            ctx, "https://crm.example.com/hooks/pitboss", ["core.*"], description="CRM"
        )
        webhooks.ping(ctx, endpoint.id)
        template = next(t for t in list_templates(ctx) if "operator" not in t.key)
        data = {name: name for name in template.placeholders or ()}
        notification = notify(ctx, found[0], template.key, data)[0]
        _jobs(ctx)
    return endpoint.id, notification, f"{template.key}/{template.channel}/{template.locale}"


def _jobs(ctx: Context) -> None:
    task = next(name for name in ctx.view.tasks if name.startswith(f"{PLUGIN}."))
    table = JobRow.__table__
    held = {"leased_by": new_token(), "lease_until": ctx.clock.now() + timedelta(days=1)}
    states = (
        (
            JobState.DEAD,
            {"attempts": 8, "error": "ConnectionError: the odds feed did not answer within 10 s"},
        ),
        (JobState.LEASED, {"takes": 1, "progress_done": 41_200, "progress_total": 96_000, **held}),
        (JobState.DONE, {"finished_at": ctx.clock.now(), "progress_done": 500, "progress_total": 500}),
    )
    for state, values in states:
        job_id = enqueue(ctx, task, {}, key=f"scene:{uuid7()}")
        here = (table.c.tenant_id == ctx.tenant.id) & (table.c.id == job_id)
        ctx.connection.execute(update(table).where(here).values(state=state, **values))


def _operator(tenant: Tenant) -> Principal:
    return Principal(kind="operator", tenant_id=tenant.id, name=ADMIN, permissions=frozenset({"*"}))


@contextmanager
def served(kernel: Kernel) -> Iterator[str]:
    """Serve a kernel as `pitboss up` does; yield the address."""
    process = WebProcess(kernel)
    process.start()
    try:
        yield f"http://127.0.0.1:{process.port}"
    finally:
        process.stop()
