"""Whatever is changed in the trail after it was sealed is noticed, even when its owner did it."""

from __future__ import annotations

import re
import threading
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select

from pitboss.core import audit
from pitboss.core.audit.chain import AuditSeal, Head
from pitboss.core.clock import uuid7
from pitboss.core.errors import InvalidInput


def test_a_sealed_trail_verifies(write, seal, verify):
    write(5)
    waiting = verify()
    sealed = seal()

    assert (waiting.ok, waiting.entries, waiting.unsealed) == (True, 0, sealed)
    found = verify()
    assert (found.ok, found.entries, found.unsealed, found.first_bad) == (True, sealed, 0, None)


def test_sealing_again_changes_nothing(write, seal, verify):
    write(3)
    seal()
    before = verify()

    assert seal() == 0
    assert verify() == before


def test_later_entries_lengthen_the_chain(write, seal, verify):
    write(2)
    first = seal()
    write(2)

    assert seal() == 2
    assert verify().entries == first + 2


def test_sealing_takes_batches(kernel, tenant, write):
    write(5)
    with kernel.context(tenant.id) as ctx:
        assert [audit.seal(ctx, limit=2), audit.seal(ctx, limit=2)] == [2, 2]
        assert audit.verify(ctx).ok


LAST = "(SELECT max(seq) FROM audit_seal WHERE tenant_id = :tenant)"


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (["UPDATE audit_entry SET actor = 'nobody' WHERE tenant_id = :tenant"], "was changed"),
        (["UPDATE audit_entry SET reason = '' WHERE tenant_id = :tenant"], "was changed"),
        (["UPDATE audit_entry SET new = '{}' WHERE tenant_id = :tenant"], "was changed"),
        (
            [
                "DELETE FROM audit_entry WHERE tenant_id = :tenant AND id ="
                " (SELECT entry_id FROM audit_seal WHERE tenant_id = :tenant AND seq = 3)"
            ],
            "seal 3: the entry .* was deleted",
        ),
        (["DELETE FROM audit_seal WHERE tenant_id = :tenant AND seq = 3"], "seal 3: missing"),
        (["DELETE FROM audit_seal WHERE tenant_id = :tenant AND seq = 1"], "seal 1: missing"),
        (["UPDATE audit_seal SET hash = replace(hash, '1', '2') WHERE tenant_id = :tenant"], "changed"),
        (
            [
                "UPDATE audit_seal SET seq = -2 WHERE tenant_id = :tenant AND seq = 2",
                "UPDATE audit_seal SET seq = 2 WHERE tenant_id = :tenant AND seq = 3",
                "UPDATE audit_seal SET seq = 3 WHERE tenant_id = :tenant AND seq = -2",
            ],
            "seal 2: .* was changed",
        ),
    ],
)
def test_tampering_is_caught(write, seal, verify, tamper, statements, reason):
    write(5)
    seal()

    tamper(*statements)

    found = verify()
    assert not found.ok
    assert re.search(reason, str(found.first_bad))


def test_two_entries_that_change_places_are_caught(kernel, tenant, write, seal, verify, tamper):
    write(5)
    seal()
    with kernel.context(tenant.id) as ctx:
        query = select(AuditSeal.entry_id).where(AuditSeal.seq.in_([2, 3])).order_by(AuditSeal.seq)
        second, third = ctx.connection.scalars(query).all()
    spare = uuid7()

    def name(entry_id: UUID) -> str:
        return entry_id.hex if kernel.database.is_sqlite else str(entry_id)

    tamper(
        f"UPDATE audit_seal SET entry_id = '{name(spare)}' WHERE entry_id = '{name(second)}'",
        f"UPDATE audit_seal SET entry_id = '{name(second)}' WHERE entry_id = '{name(third)}'",
        f"UPDATE audit_seal SET entry_id = '{name(third)}' WHERE entry_id = '{name(spare)}'",
    )

    assert verify().first_bad.seq == 2


def test_an_entry_slipped_in_is_neither_sealed_nor_overlooked(kernel, tenant, write, seal, verify):
    write(3)
    entries = seal()
    old = UUID(int=uuid7().int - (2 * 3600_000 << 80))  # made two hours ago, it claims
    with kernel.context(tenant.id) as ctx:
        row = {"tenant_id": tenant.id, "id": old, "at": ctx.clock.now(), "actor": "x"}
        ctx.connection.execute(insert(audit.AuditEntry), row | {"action": "y", "target": "z"})

    assert seal() == 0
    found = verify()
    assert (found.ok, found.entries, found.first_bad.entry_id) == (False, entries, old)


def test_a_published_head_shows_a_chain_that_was_cut_short(kernel, tenant, write, seal, verify, tamper):
    write(4)
    seal()
    with kernel.context(tenant.id) as ctx:
        head = audit.head(ctx)

    tamper(
        "DELETE FROM audit_entry WHERE tenant_id = :tenant AND id ="
        f" (SELECT entry_id FROM audit_seal WHERE tenant_id = :tenant AND seq = {LAST})",
        f"DELETE FROM audit_seal WHERE tenant_id = :tenant AND seq = {LAST}",
    )

    assert verify().ok
    assert "cut off" in verify(published=head).first_bad.reason


def test_a_published_head_shows_a_chain_that_was_rewritten(write, seal, verify, tamper):
    write(4)
    seal()
    published = verify().head
    tamper(
        "DELETE FROM audit_seal WHERE tenant_id = :tenant",
        "UPDATE audit_entry SET actor = 'nobody' WHERE tenant_id = :tenant",
    )
    seal()

    assert verify().ok
    assert "rewritten" in verify(published=published).first_bad.reason


def test_entries_written_after_a_head_was_published_do_not_disturb_it(write, seal, verify):
    write(2)
    seal()
    head = verify().head
    write(2)
    seal()

    assert verify(published=Head.parse(str(head))).ok


@pytest.mark.parametrize("text", ["", "3", "3:abc", "x:" + "0" * 64])
def test_a_head_that_is_none_is_refused(text):
    with pytest.raises(InvalidInput, match="is not of the form"):
        Head.parse(text)


def test_sealers_at_the_same_time_make_one_chain(kernel, tenant, write, verify):
    write(40)
    failures = []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait(30)
        try:
            for _ in range(6):
                with kernel.context(tenant.id) as ctx:
                    audit.seal(ctx, limit=3)
        except Exception as error:
            failures.append(error)

    sealers = [threading.Thread(target=work) for _ in range(4)]
    for sealer in sealers:
        sealer.start()
    for sealer in sealers:
        sealer.join(60)

    assert failures == []
    found = verify()
    assert (found.ok, found.unsealed) == (True, 0)


def test_each_tenant_has_its_own_chain(kernel, other_tenant, write, seal, verify):
    write(3)
    seal()
    with kernel.context(other_tenant.id) as ctx:
        audit.record(ctx, "a.b", "c")
        other = audit.seal(ctx)
        assert ctx.connection.scalar(select(func.count()).select_from(AuditSeal)) == other
        assert audit.verify(ctx).ok

    assert verify().ok
