"""Reports: read over days of the tenant's zone, written as files, saved, and made by plan."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from pitboss.core import facts, ledger, notifications, reports
from pitboss.core.audit import AuditEntry
from pitboss.core.clock import uuid7
from pitboss.core.errors import Forbidden, InvalidInput, NotFound
from pitboss.core.identity.operators import invite_operator
from pitboss.core.identity.players import register_player
from pitboss.core.identity.principal import Principal
from pitboss.core.identity.tables import Operator, Player
from pitboss.core.reports import Span
from pitboss.core.reports.reading import SPAN_DAYS_MAX, find_report, read_for
from pitboss.core.reports.tables import ReportRun, SavedReport
from pitboss.core.reports.tasks import KEPT_DAYS, written

SAVED = {"name": "Weekly", "report": "core.registrations", "days": 7, "format": "csv"}


@pytest.fixture
def owner(kernel, tenant) -> UUID:
    """An active administrator of the tenant."""
    with kernel.context(tenant.id) as ctx:
        operator = invite_operator(ctx, "boss@acme.test", role_names=["administrator"]).operator
        ctx.session.execute(update(Operator).where(Operator.id == operator.id).values(status="active"))
        return operator.id


@pytest.fixture
def register(kernel, tenant):
    """Let players register at an instant."""

    def make(*at: datetime) -> None:
        with kernel.context(tenant.id) as ctx:
            for instant in at:
                made = register_player(ctx, email=f"{uuid7()}@mail.test", password=None)
                ctx.session.flush()
                ctx.session.execute(update(Player).where(Player.id == made.id).values(created_at=instant))

    return make


def as_operator(ctx, owner_id, *permissions):
    ctx.actor = Principal(
        kind="operator", tenant_id=ctx.tenant.id, id=owner_id, name="boss", permissions=frozenset(permissions)
    )
    return ctx


def test_a_day_is_a_day_of_the_tenant(kernel, tenant):
    with kernel.context(tenant.id) as ctx:
        begins, ends = Span(date(2026, 3, 29), date(2026, 3, 29)).instants(ctx.tenant.zone)
        zone = ctx.tenant.zone
    assert begins.astimezone(zone).hour == ends.astimezone(zone).hour == 0
    assert (ends - begins) in {timedelta(hours=hours) for hours in (23, 24, 25)}


def test_registrations_are_counted_by_day(kernel, tenant, register):
    register(datetime(2026, 11, 1, 12, tzinfo=UTC))
    register(datetime(2026, 11, 3, 12, tzinfo=UTC), datetime(2026, 11, 3, 13, tzinfo=UTC))
    with kernel.context(tenant.id) as ctx:
        table = reports.read(ctx, "core.registrations", Span(date(2026, 11, 2), date(2026, 11, 4)))

    assert table.rows == [
        (date(2026, 11, 2), 0, 1),
        (date(2026, 11, 3), 2, 3),
        (date(2026, 11, 4), 0, 3),
    ]
    assert table.totals == [None, 2, None]
    assert [(column.title, values) for column, values in table.drawn()] == [("New players", [0.0, 2.0, 0.0])]


def test_money_moved_ties_to_the_ledger(kernel, tenant, clock):
    unit = tenant.currency
    with kernel.context(tenant.id) as ctx:
        for number, amount in enumerate((500, 250)):
            purse = ledger.purse(uuid7(), "cash", unit)
            leg = ledger.Leg(ledger.house("clearing", unit), purse, amount)
            ledger.post(ctx.connection, key=f"k{number}", op="deposit", legs=[leg], at=clock.now())
        today = clock.now().astimezone(tenant.zone).date()
        table = reports.read(ctx, "core.money_moved", Span(today, today))
        yesterday = reports.read(ctx, "core.money_moved", Span.before(today, 1))

    assert table.rows == [("Deposit", 2, 750)]
    assert yesterday.rows == []


def test_totals_of_a_metric_are_those_of_all_players(kernel, tenant, clock):
    with kernel.context(tenant.id) as ctx:
        now = clock.now()
        for value, ago in ((5, 0), (7, 0), (11, 24)):
            facts.record(ctx, uuid7(), "core.visits", value, now - timedelta(hours=ago))
        zone = ctx.tenant.zone
        today = now.astimezone(zone).date()
        begins, ends = Span(today - timedelta(days=1), today).instants(zone)
        found = facts.totals_by_day(ctx, "core.visits", begins, ends)

    assert found[today] == (12, 2)
    assert sum(total for total, _ in found.values()) == 23


def test_a_report_is_read_by_those_who_may(kernel, tenant, owner):
    with kernel.context(tenant.id) as ctx:
        as_operator(ctx, owner, "core.jobs")
        assert reports.reports_of(ctx) == {}
        span = Span(date(2026, 1, 1), date(2026, 1, 2))
        with pytest.raises(Forbidden, match=r"core\.players"):
            reports.read(ctx, "core.registrations", span)
        with pytest.raises(NotFound, match=r"core\.registrations"):
            reports.read(ctx, "core.registration", span)


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        (date(2026, 2, 2), date(2026, 2, 1), "a span ends after it begins"),
        (date(2024, 1, 1), date(2026, 1, 1), f"ask for up to {SPAN_DAYS_MAX} days"),
    ],
)
def test_a_span_that_makes_no_sense_is_refused(first, last, problem):
    with pytest.raises(InvalidInput, match=problem):
        Span(first, last)


def test_files_hold_the_same_figures(kernel, tenant, clock):
    unit = tenant.currency
    with kernel.context(tenant.id) as ctx:
        purse = ledger.purse(uuid7(), "cash", unit)
        leg = ledger.Leg(ledger.house("clearing", unit), purse, 123_456)
        ledger.post(ctx.connection, key="k", op="=cmd()", legs=[leg], at=clock.now())
        today = clock.now().astimezone(tenant.zone).date()
        table = read_for(ctx, find_report(ctx, "core.money_moved"), Span(today, today))
        as_csv, as_pdf = written(ctx, table, "csv"), written(ctx, table, "pdf")

    assert as_csv.decode().splitlines() == [f"Operation,Journals,Moved ({unit})", "'=cmd(),1,1234.56"]
    assert as_pdf.startswith(b"%PDF-")
    assert as_pdf.rstrip().endswith(b"%%EOF")


def test_a_saved_report_is_made_once_when_due_and_its_owner_told(
    kernel, tenant, owner, worker, clock, register
):
    register(clock.now() - timedelta(days=2))
    with kernel.context(tenant.id) as ctx:
        as_operator(ctx, owner, "*")
        saved_id = reports.save(ctx, **SAVED, cron="0 7 * * *", owner_id=owner)
        [saved] = reports.list_saved(ctx, owner)
    assert saved.next_at > clock.now()

    clock.advance(days=1)
    for _ in range(2):
        with kernel.context(tenant.id) as ctx:
            ctx.enqueue("core.begin_reports")
        worker()

    with kernel.context(tenant.id) as ctx:
        as_operator(ctx, owner, "core.players")
        [run] = reports.list_runs(ctx, saved_id)
        made = reports.find_run(ctx, run.id)
        inbox = notifications.inbox(ctx, owner, kind="operator")
        next_at = ctx.connection.scalar(select(SavedReport.next_at).where(SavedReport.id == saved_id))
    assert (run.last - run.first).days == 6
    assert made.content.startswith(b"Day,New players,Players at the end")
    assert [message.subject for message in inbox] == ["Weekly is ready"]
    assert f"/admin/reports/runs/{run.id}" in inbox[0].body
    assert next_at > clock.now()


def test_nothing_is_made_for_an_owner_whose_rights_were_taken(kernel, tenant, owner, worker, clock):
    with kernel.context(tenant.id) as ctx:
        as_operator(ctx, owner, "*")
        saved_id = reports.save(ctx, **SAVED, cron="0 7 * * *", owner_id=owner)
    with kernel.context(tenant.id) as ctx:
        ctx.session.execute(update(Operator).where(Operator.id == owner).values(status="locked"))

    clock.advance(days=1)
    with kernel.context(tenant.id) as ctx:
        ctx.enqueue("core.begin_reports")
    worker()

    with kernel.context(tenant.id) as ctx:
        assert reports.list_runs(ctx, saved_id) == []


def test_what_was_made_is_kept_for_a_time(kernel, tenant, owner, worker, clock):
    with kernel.context(tenant.id) as ctx:
        as_operator(ctx, owner, "*")
        saved_id = reports.save(ctx, **SAVED, owner_id=owner)
        ctx.enqueue("core.make_report", {"saved_id": str(saved_id)})
    worker()
    clock.advance(days=KEPT_DAYS - 1)
    for kept in (1, 0):
        with kernel.context(tenant.id) as ctx:
            ctx.enqueue("core.purge_reports")
        worker()
        with kernel.context(tenant.id) as ctx:
            assert len(ctx.connection.execute(select(ReportRun.id)).all()) == kept
        clock.advance(days=2)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"name": ""}, "name: Give it a name"),
        ({"days": 0}, "days: 0 days: give 1 to"),
        ({"format": "doc"}, "format: 'doc' is no format: choose csv or pdf"),
        ({"cron": "tomorrow"}, "cron: 'tomorrow' is no cron line"),
    ],
)
def test_what_cannot_be_saved_says_why(kernel, tenant, owner, said, problem):
    with kernel.context(tenant.id) as ctx:
        as_operator(ctx, owner, "*")
        with pytest.raises(InvalidInput, match=problem):
            reports.save(ctx, **{**SAVED, **said}, owner_id=owner)
        assert reports.list_saved(ctx, owner) == []


def test_a_saved_report_is_its_owners_alone_and_its_removal_is_written_down(kernel, tenant, owner):
    with kernel.context(tenant.id) as ctx:
        as_operator(ctx, owner, "*")
        saved_id = reports.save(ctx, **SAVED, owner_id=owner)
        with pytest.raises(NotFound):
            reports.find_saved(ctx, saved_id, uuid7())
        with pytest.raises(InvalidInput, match="operators of this tenant"):
            reports.save(ctx, **SAVED, cron="0 7 * * *", owner_id=uuid7())
        as_operator(ctx, owner, "core.jobs")
        with pytest.raises(Forbidden):
            reports.save(ctx, **SAVED, owner_id=owner)
        reports.remove(ctx, saved_id, owner)
        assert reports.list_saved(ctx, owner) == []
        actions = ctx.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [one for one in actions if "report" in one] == ["core.save_report", "core.remove_report"]
