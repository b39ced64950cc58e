"""One unit of work of one tenant: its transaction, its view of the plugins, and who is acting.

The only door between plugins: values, actions, guards, events and tasks are all reached by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from marshmallow import ValidationError
from sqlalchemy import Connection, RootTransaction

from pitboss.core import events, facts, jobs
from pitboss.core.clock import Clock
from pitboss.core.contracts import Action, Cause, Function, Term, Variable
from pitboss.core.database import TenantSession, wire
from pitboss.core.errors import InvalidInput, PitbossError, Refused, TenantBreach
from pitboss.core.identity.principal import Principal
from pitboss.core.tenancy.tenants import Tenant
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from pitboss.core.jobs.handle import Job
    from pitboss.core.kernel import Kernel
    from pitboss.core.registry import View

log = structlog.get_logger(__name__)


class Context:
    """Open it with `with kernel.context(tenant) as ctx`: leaving commits, an error rolls back.

    The transaction begins when it is first used, so that a context that touches no table costs
    nothing.
    """

    __slots__ = (
        "_connection",
        "_read_only",
        "_session",
        "_tenant",
        "_transaction",
        "actor",
        "cause",
        "clock",
        "job",
        "kernel",
        "operation",
        "request_id",
        "subject",
        "view",
    )

    def __init__(
        self,
        kernel: Kernel,
        tenant: Tenant,
        view: View,
        actor: Principal,
        *,
        request_id: str | None = None,
        subject: UUID | None = None,
        read_only: bool = False,
    ) -> None:
        self.kernel = kernel
        self._tenant = tenant
        self.view = view
        self.actor = actor
        self.clock: Clock = kernel.clock
        self.request_id = request_id
        self.subject = subject
        """The player whom variables are read for."""
        self._read_only = read_only
        self.cause: Cause | None = None
        """The decision of a rule in whose name an action is done."""
        self.operation = ""
        """What guards are being asked about."""
        self.job: Job | None = None
        """The job that a worker runs in this context: its progress, checkpoint and cancellation."""
        self._connection: Connection | None = None
        self._session: TenantSession | None = None
        self._transaction: RootTransaction | None = None

    @property
    def tenant(self) -> Tenant:
        """The tenant in whose name all of it happens."""
        return self._tenant

    @tenant.setter
    def tenant(self, tenant: Tenant) -> None:
        if tenant.id != self._tenant.id:
            raise TenantBreach("the tenant of a unit of work is fixed: open another context")
        self._tenant = tenant

    # -- the transaction -----------------------------------------------------------------------

    @property
    def is_begun(self) -> bool:
        """Tell whether the transaction is open already."""
        return self._connection is not None

    @property
    def connection(self) -> Connection:
        """The Core connection of this unit of work, bound to the tenant."""
        if self._connection is None:
            engine = self.kernel.database.engine_of(self.tenant.id, read_only=self._read_only)
            self._connection = engine.connect()
            self._transaction = self._connection.begin()
        return self._connection

    def begin_with(self, command: bytes, values: Sequence[bytes]) -> int:
        """Begin on PostgreSQL with a statement of the kernel; return how many rows it changed."""
        self._connection = self.kernel.database.engine_of(self.tenant.id).connect()
        self._transaction, rows = wire.begin_and_run(self._connection, command, values)
        return rows

    @property
    def session(self) -> TenantSession:
        """The ORM session of this unit of work, on the same transaction."""
        if self._session is None:
            self._session = TenantSession(self.connection, self.tenant.id)
        return self._session

    def flush(self) -> None:
        """Send to the database what the ORM still holds back."""
        if self._session is not None:
            self._session.flush()

    def commit(self) -> None:
        """End the transaction and keep what it did; the next use begins another."""
        if self._session is not None:
            self._session.flush()
            self._session.close()
        if self._transaction is not None:
            self._transaction.commit()
        self._close()

    def rollback(self) -> None:
        """End the transaction and undo what it did."""
        if self._session is not None:
            self._session.close()
        # A flush that failed has undone the transaction already.
        if self._transaction is not None and self._transaction.is_active:
            self._transaction.rollback()
        self._close()

    def __enter__(self) -> Context:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            try:
                self.commit()
            except BaseException:
                self.rollback()
                raise
        else:
            self.rollback()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        self._session = self._transaction = None
        if connection is not None:
            connection.close()

    # -- the vocabulary ------------------------------------------------------------------------

    def of(self, player_id: UUID) -> Context:
        """Make a player the subject of variables and events; returns itself, for chaining."""
        self.subject = player_id
        return self

    def value(self, name: str, *arguments: Any) -> Any:
        """Return a variable of the subject, or a function's value."""
        term = self.view.term(name, Term)
        if isinstance(term, Function):
            return term.call(self, *arguments)
        if isinstance(term, Variable):
            return term.compute(self) if term.compute else facts.read_variable(self, term)
        raise InvalidInput(f"{name!r} is a {type(term).__name__.lower()}, not a value")

    def act(self, name: str, **parameters: Any) -> Any:
        """Have an action done, in this transaction."""
        term = self.view.term(name, Action)
        try:
            loaded = term.schema().load(parameters)
        except ValidationError as error:
            raise InvalidInput.of(f"parameters of {name!r}", error) from error
        return term.run(self, **loaded)

    def guard(self, operation: str, payload: Any = None) -> None:
        """Ask every guard of an operation; raise Refused with the reasons of those that refuse."""
        reasons, asked_before = [], self.operation
        self.operation = operation
        for owned in self.view.guarding(operation):
            try:
                reason = owned.item.check(self, payload)
            except Exception:
                log.exception("guard failed", plugin=owned.owner, operation=operation)
                reason = marked(f"{owned.owner}: the check is not available now; try again later")
            if reason:
                reasons.append(reason)
        self.operation = asked_before
        if reasons:
            raise Refused(operation, reasons)

    def emit(
        self,
        name: str,
        payload: Mapping[str, Any],
        *,
        player_id: UUID | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> events.Event:
        """Record an event; its listeners run after this transaction has committed."""
        return events.emit(self, name, payload, player_id=player_id, facts=facts)

    def enqueue(
        self,
        name: str,
        payload: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        delay_seconds: float = 0,
    ) -> UUID | None:
        """Ask for background work once this transaction has committed."""
        return jobs.enqueue(self, name, payload, key=key, delay_seconds=delay_seconds)

    def settings(self, plugin: str) -> Mapping[str, Any]:
        """Return the tenant's settings of a plugin, with the schema's defaults."""
        found = self.tenant.settings.get(plugin)
        if found is not None:
            return found
        manifest = self.kernel.registry.manifests.get(plugin)
        if manifest is None:
            raise PitbossError(f"no plugin {plugin!r} is installed")
        if manifest.settings is None:
            return {}
        schema = manifest.settings()
        # Only what is required may be left out: `partial=True` would leave out the defaults too.
        required = [name for name, field in schema.fields.items() if field.required]
        defaults: Mapping[str, Any] = schema.load({}, partial=required)
        return defaults
