"""The contract that every plugin is held to: subclass it, name your plugin, and get its tests.

    class TestContract(PluginContract):
        plugin = "acme_cashback"

The tests stand in three groups, and the groups that pass make the plugin's level: bronze is well made,
silver keeps to itself, gold is good to live with. A test that was skipped has shown nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import pytest

from pitboss.core.errors import TermMissing
from pitboss.core.jobs.inline import run_due
from pitboss.core.kernel import Kernel
from pitboss.core.registry import Candidate
from pitboss.core.tenancy import Tenant
from pitboss.core.testing import behaviour, laws, tables
from pitboss.core.testing.databases import (
    PostgresDatabase,
    SQLiteTemplate,
    postgres_missing,
    preparation,
)
from pitboss.core.testing.levels import Level, group
from pitboss.core.testing.subject import Subject, candidates_for, find_subject

bronze, silver, gold = (group(level) for level in (Level.BRONZE, Level.SILVER, Level.GOLD))


class PluginContract:
    """What a plugin promises to tenants, to operators and to the other plugins."""

    plugin: ClassVar[str]
    """The name of the installed plugin."""

    # -- bronze: it is well made ---------------------------------------------------------------

    @bronze
    def test_the_manifest_is_valid(self) -> None:
        assert laws.manifest_problems(find_subject(self.plugin)) == []

    @bronze
    def test_the_import_is_light(self, subject: Subject) -> None:
        assert laws.import_problems(subject) == []

    @bronze
    def test_names_are_prefixed_and_unique(self, subject: Subject) -> None:
        assert laws.name_problems(subject) == []

    @bronze
    def test_every_term_has_a_title_a_doc_and_an_example(self, subject: Subject) -> None:
        assert laws.word_problems(subject) == []

    @bronze
    def test_schemas_round_trip_their_examples(self, subject: Subject) -> None:
        assert laws.schema_problems(subject) == []

    @bronze
    def test_tables_carry_the_prefix_and_the_tenant(self, subject: Subject) -> None:
        assert laws.table_problems(subject) == []

    @bronze
    def test_it_loads_beside_the_platform(
        self, subject: Subject, kernel: Kernel, request: pytest.FixtureRequest
    ) -> None:
        if any(law(subject) for law in laws.STATIC):
            pytest.skip("the registry sets it aside for what the other tests say")
        if behaviour.is_web_installed():
            request.getfixturevalue("app")
        assert [broken.reason for broken in kernel.registry.broken] == []

    # -- silver: it keeps to itself ------------------------------------------------------------

    @silver
    def test_routes_are_not_found_when_disabled(
        self, running: Subject, app: Any, make_client: Callable[..., Any], bare_tenant: Tenant
    ) -> None:
        clients = [make_client(of=bare_tenant), make_client("operator", "*", of=bare_tenant)]

        answers = [a for client in clients for a in behaviour.answers(app, running, client)]

        assert [str(answer) for answer in answers if answer.status != 404] == []

    @silver
    def test_routes_ask_for_a_permission(
        self, running: Subject, app: Any, make_client: Callable[..., Any], subscriber: Tenant
    ) -> None:
        nobody, guest = make_client(of=subscriber), make_client("operator", of=subscriber)

        answers = [
            *behaviour.answers(app, running, nobody, to=behaviour.is_closed),
            *behaviour.answers(app, running, guest, to=behaviour.is_privileged),
        ]

        assert [str(answer) for answer in answers if not answer.is_refusal] == []

    @silver
    def test_no_row_is_visible_across_tenants(
        self, running: Subject, kernel: Kernel, subscriber: Tenant, other_subscriber: Tenant
    ) -> None:
        mine, theirs = subscriber, other_subscriber
        before = behaviour.readings(kernel, running, mine, behaviour.demo_players(kernel, running, theirs))

        behaviour.load_demo(kernel, running, theirs)

        players = behaviour.demo_players(kernel, running, theirs)
        assert behaviour.readings(kernel, running, mine, players) == before

    @silver
    def test_on_off_on_adds_no_row_and_loses_none(
        self, running: Subject, kernel: Kernel, subscriber: Tenant
    ) -> None:
        before = tables.keys(kernel, running, subscriber)

        behaviour.switch_off(kernel, running, subscriber)
        behaviour.switch_on(kernel, running, subscriber)

        assert tables.keys(kernel, running, subscriber) == before

    @silver
    def test_tasks_are_skipped_when_disabled(
        self, running: Subject, kernel: Kernel, subscriber: Tenant
    ) -> None:
        behaviour.load_demo(kernel, running, subscriber)
        behaviour.enqueue_all(kernel, running, subscriber)
        behaviour.switch_off(kernel, running, subscriber)
        before = tables.rows(kernel, running, subscriber)

        run_due(kernel)

        assert tables.rows(kernel, running, subscriber) == before
        for task in running.tasks:
            with kernel.context(subscriber.id) as ctx, pytest.raises(TermMissing):
                ctx.enqueue(task.name)

    @silver
    def test_guards_refuse_when_they_fail(self, running: Subject, kernel: Kernel, subscriber: Tenant) -> None:
        open_guards = behaviour.guards_that_fail_open(kernel, running, subscriber)

        assert open_guards == []

    # -- gold: it is good to live with ---------------------------------------------------------

    @gold
    def test_the_demo_loads_twice_without_change(
        self, running: Subject, kernel: Kernel, subscriber: Tenant
    ) -> None:
        behaviour.load_demo(kernel, running, subscriber)
        before = tables.rows(kernel, running, subscriber)

        behaviour.load_demo(kernel, running, subscriber)

        assert tables.rows(kernel, running, subscriber) == before

    @gold
    def test_packs_are_valid(self, subject: Subject) -> None:
        assert laws.pack_problems(subject) == []

    @gold
    def test_migrations_build_the_tables_from_nothing(
        self, running: Subject, candidates: Sequence[Candidate], backend: str, tmp_path: Any
    ) -> None:
        with tables.without(running, candidates, backend, tmp_path) as kernel:
            if running.manifest.migrations:
                kernel.migrator.upgrade(running.name)

            assert tables.differences(kernel, running) == []

    @gold
    @pytest.mark.usefixtures("restored")
    def test_migrations_keep_the_rows_of_filled_tables(
        self, running: Subject, kernel: Kernel, subscriber: Tenant
    ) -> None:
        behaviour.load_demo(kernel, running, subscriber)

        for left in tables.down_and_up(kernel, running):
            before = tables.keys(kernel, running, subscriber, of=left)
            kernel.migrator.upgrade(running.name)
            assert tables.keys(kernel, running, subscriber, of=left) == before

    @gold
    @pytest.mark.usefixtures("restored")
    def test_migrations_downgrade_to_nothing(self, running: Subject, kernel: Kernel) -> None:
        if running.manifest.migrations:
            kernel.migrator.downgrade(running.name)

            assert tables.names(kernel, running) == []

    @gold
    def test_the_readme_names_each_setting(self, subject: Subject) -> None:
        assert laws.readme_problems(subject) == []

    @gold
    @pytest.mark.usefixtures("restored")
    def test_uninstalling_it_breaks_nothing(
        self, running: Subject, kernel: Kernel, subscriber: Tenant, candidates: Sequence[Candidate]
    ) -> None:
        behaviour.load_demo(kernel, running, subscriber)
        without = [c for c in candidates if c.name != running.name]

        assert behaviour.broken_without(kernel, running, subscriber, without) == []

    # -- what the tests stand on ---------------------------------------------------------------

    @pytest.fixture(scope="class")
    @classmethod
    def subject(cls) -> Subject:
        """The plugin, once its manifest is known to be valid."""
        found = find_subject(cls.plugin)
        try:
            is_valid = not laws.manifest_problems(found)
        except Exception:  # noqa: BLE001 - the plugin's own code; the test of the manifest shows it
            is_valid = False
        if not is_valid:
            pytest.skip("its manifest is not valid")
        return found

    @pytest.fixture
    def running(self, subject: Subject, kernel: Kernel) -> Subject:
        """The plugin, once it was loaded."""
        if subject.name not in kernel.registry.manifests:
            pytest.skip("the registry has set it aside")
        return subject

    @pytest.fixture
    def restored(self, running: Subject, kernel: Kernel) -> Iterator[None]:
        """Bring the tables back at the end: on PostgreSQL the tests of a class share a database."""
        yield
        if not kernel.database.is_sqlite:
            tables.restore(kernel, running)

    @pytest.fixture
    def make_subscriber(self, kernel: Kernel, make_tenant: Callable[..., Tenant]) -> Callable[[], Tenant]:
        """Make a tenant that has the plugin switched on, and what it needs."""
        optional = kernel.registry.optional
        names = [name for name in kernel.registry.in_order(optional) if name in optional]
        return lambda: make_tenant(*names)

    @pytest.fixture
    def subscriber(self, make_subscriber: Callable[[], Tenant]) -> Tenant:
        """A tenant that has the plugin switched on."""
        return make_subscriber()

    @pytest.fixture
    def other_subscriber(self, make_subscriber: Callable[[], Tenant]) -> Tenant:
        """Another tenant that has the plugin switched on."""
        return make_subscriber()

    @pytest.fixture
    def bare_tenant(self, make_tenant: Callable[..., Tenant]) -> Tenant:
        """A tenant that has nothing switched on."""
        return make_tenant()

    @pytest.fixture(scope="class")
    @classmethod
    def candidates(cls) -> Sequence[Candidate]:
        """The platform, the plugin, and those that provide what it needs: nobody else's faults count."""
        return candidates_for(cls.plugin)

    @pytest.fixture(scope="class")
    @classmethod
    def _sqlite(cls, candidates: Sequence[Candidate]) -> Iterator[SQLiteTemplate]:
        template = SQLiteTemplate(preparation(candidates))
        yield template
        template.drop()

    @pytest.fixture(scope="class")
    @classmethod
    def _postgres(cls, candidates: Sequence[Candidate]) -> Iterator[PostgresDatabase]:
        missing = postgres_missing()
        if missing:
            pytest.skip(missing)
        database = PostgresDatabase(preparation(candidates))
        yield database
        database.drop()
