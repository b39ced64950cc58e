"""Plugins that each break one law of the contract, made from the one that `pitboss new-plugin` writes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pitboss.core.scaffold import write_plugin


@dataclass(frozen=True)
class Broken:
    """A plugin, the law that it breaks, and how: texts replaced or added, file by file."""

    law: str
    replaced: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)
    kernel: str = ""
    """A fixture of its test class, where the fault is one that only the kernel could have."""

    @property
    def name(self) -> str:
        return "b_" + self.law.removeprefix("test_")[:36].rstrip("_")

    def write(self, parent: Path) -> Path:
        """Write the plugin; it is not installed yet."""
        write_plugin(self.name, parent)
        folder = parent / self.name
        for path, changes in self.replaced.items():
            file = folder / path.replace("~", self.name)
            text = file.read_text()
            for old, new in changes.items():
                old = old.replace("~", self.name)
                assert old in text, f"{self.law}: {old!r} is not in {path}"
                text = text.replace(old, new.replace("~", self.name))
            file.write_text(text)
        for path, added in self.added.items():
            file = folder / path.replace("~", self.name)
            file.parent.mkdir(exist_ok=True)
            before = file.read_text() if file.exists() else ""
            file.write_text(before + added.replace("~", self.name))
        return folder


def install(folders: Sequence[Path]) -> None:
    """Write each folder's egg-info, from its own setup.cfg: with the folder on the path it is installed."""
    code = (
        "import os, sys, setuptools\n"
        "for folder in sys.argv.pop().split(os.pathsep):\n"
        "    os.chdir(folder)\n"
        "    setuptools.setup()"
    )
    # One process for all: most of what each takes is the import of setuptools.
    arguments = ["-q", "egg_info", os.pathsep.join(map(str, folders))]
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, timeout=60)


ADMIN = """
import flask
from pitboss.core.contracts import Routes
from pitboss.core.http import requires

blueprint = flask.Blueprint("~_admin", __name__)
ROUTES = Routes(blueprint=blueprint, area="admin")


@blueprint.get("/")
@requires()
def index():
    return "everyone's stamps"
"""

NOT_NULL = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None


def upgrade():
    with op.batch_alter_table("~_stamp") as table:
        table.add_column(sa.Column("reason", sa.String(80), nullable=False))


def downgrade():
    with op.batch_alter_table("~_stamp") as table:
        table.drop_column("reason")
"""

TRIGGER = """    op.execute(
        "CREATE TRIGGER ~_watch AFTER INSERT ON audit_entry BEGIN DELETE FROM ~_stamp WHERE 0; END"
    )


def downgrade"""

NO_GATE = """
    @pytest.fixture(autouse=True)
    def a_gate_that_lets_all_pass(self, monkeypatch):
        from dataclasses import replace
        from pitboss.webapp.gate import Gate

        real = Gate._rule_of
        monkeypatch.setattr(Gate, "_rule_of", lambda *a: replace(real(*a), owner="core"))
"""

NO_SWITCH = """
    @pytest.fixture(autouse=True)
    def a_switch_that_does_nothing(self, monkeypatch):
        monkeypatch.setattr("pitboss.core.tenancy.toggle.disable", lambda ctx, plugin, **_how: None)
"""

TASK = """

def stamp(ctx, payload):
    demo.load_demo(ctx)


@hookimpl
def register_tasks():
    from pitboss.core.contracts import Task

    return [Task(name="~.stamp", run=stamp)]
"""

FAILS_OPEN = """

def within_limit(ctx, _payload):
    try:
        return "enough" if ctx.of(ctx.subject).value("~.stamps") > 1000 else None
    except Exception:
        return None


from pitboss.core.contracts import Guard

LISTENERS += (Guard("~.give_stamp", within_limit),)
"""

HOOKS = "from pitboss.core.hooks"
FILE = "~/{}.py".format
PLUGIN, API, DEMO, TERMS, STAMPS = (FILE(n) for n in ("plugin", "api", "demo", "terms", "stamps"))
FIRST = "~/migrations/versions/0001_stamps.py"

BROKEN = (
    Broken("test_the_manifest_is_valid", {PLUGIN: {"version=__version__": 'version="next"'}}),
    Broken(
        "test_the_import_is_light",
        {PLUGIN: {"from pitboss.core.hooks": "import stripe\nfrom pitboss.core.hooks"}},
    ),
    Broken("test_names_are_prefixed_and_unique", {TERMS: {'name="~.card_filled"': 'name="card_filled"'}}),
    Broken(
        "test_every_term_has_a_title_a_doc_and_an_example",
        {TERMS: {'doc="A player got a stamp."': 'doc=""'}},
    ),
    Broken(
        "test_schemas_round_trip_their_examples",
        {FILE("schemas"): {"key = fields.String(": "key = fields.String(load_only=True, "}},
    ),
    Broken(
        "test_tables_carry_the_prefix_and_the_tenant",
        added={
            FILE("models"): '\n\nclass Note(Base):\n    __tablename__ = "~_note"\n'
            "    id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)\n"
        },
    ),
    Broken(
        "test_it_loads_beside_the_platform",
        added={API: "\n\nblueprint.before_app_request(lambda: None)\n"},
    ),
    Broken("test_routes_are_not_found_when_disabled", kernel=NO_GATE),
    Broken(
        "test_routes_ask_for_a_permission",
        {
            PLUGIN: {
                "[api.ROUTES]": "[api.ROUTES, admin.ROUTES]",
                "import __version__, api,": "import __version__, admin, api,",
            }
        },
        {FILE("admin"): ADMIN},
    ),
    Broken(
        "test_no_row_is_visible_across_tenants",
        {
            TERMS: {"column=PlayerFacts.stamps": "compute=lambda ctx: stamps.SEEN.get(ctx.subject, 0)"},
            STAMPS: {
                "PlayerFacts, stamps=1)": "PlayerFacts, stamps=1)\n"
                "    SEEN[ctx.subject] = SEEN.get(ctx.subject, 0) + 1"
            },
        },
        {STAMPS: "\n\nSEEN = {}\n"},
    ),
    Broken(
        "test_on_off_on_adds_no_row_and_loses_none",
        {PLUGIN: {"load_demo = ": "tenant_enabled = hookimpl(demo.tenant_enabled)\nload_demo = "}},
        {
            DEMO: "\n\ndef tenant_enabled(ctx):\n    from pitboss.core.clock import uuid7\n\n"
            '    ctx.of(PLAYER).act("~.give_stamp", key=str(uuid7()))\n'
        },
    ),
    Broken("test_tasks_are_skipped_when_disabled", added={PLUGIN: TASK}, kernel=NO_SWITCH),
    Broken("test_guards_refuse_when_they_fail", added={FILE("listeners"): FAILS_OPEN}),
    Broken(
        "test_the_demo_loads_twice_without_change",
        {DEMO: {'key=f"demo:{visit}"': 'key=f"demo:{visit}:{uuid4()}"', "uuid5\n": "uuid4, uuid5\n"}},
    ),
    Broken("test_packs_are_valid", added={"~/packs/starter.json": '[{"kind": "reward", "name": "No key"}]'}),
    Broken(
        "test_migrations_build_the_tables_from_nothing",
        {FIRST: {'        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),\n': ""}},
    ),
    Broken(
        "test_migrations_keep_the_rows_of_filled_tables",
        {
            FILE("models"): {
                "    given_at:": '    reason: Mapped[str] = mapped_column(String(80), default="gift")\n'
                "    given_at:"
            }
        },
        {"~/migrations/versions/0002_reason.py": NOT_NULL},
    ),
    Broken("test_migrations_downgrade_to_nothing", {FIRST: {'    op.drop_table("~_player")\n': ""}}),
    Broken("test_the_readme_names_each_setting", {"README.md": {"stamps_on_card": "stamps"}}),
    Broken("test_uninstalling_it_breaks_nothing", {FIRST: {"\n\ndef downgrade": TRIGGER}}),
)
