"""Plugins are loaded, checked and stamped; what breaks the contract is set aside and named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, ForeignKeyConstraint, Integer, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pitboss.core.contracts import (
    API,
    API_OLDEST,
    Action,
    Function,
    Guard,
    HealthCheck,
    Listener,
    Manifest,
    Permission,
    Task,
    Term,
    Window,
)
from pitboss.core.database import Base, TenantRow, uuid_id
from pitboss.core.errors import ConfigError, PluginError, TermMissing
from pitboss.core.kernel import read_blocked
from pitboss.core.registry import Blocked, Candidate, Registry, installed
from tests.core.registry.plugins import Played, handicap, played, plugin, won

CLUB = plugin("club", played("club.opened"))


pytestmark = pytest.mark.usefixtures("logged")


def refusal(candidate: Candidate, *others: Candidate, **options: Any) -> str:
    """Return why a plugin was set aside, or nothing when it was not."""
    registry = Registry([*others, candidate], **options)
    return "".join(broken.reason for broken in registry.broken)


def run(ctx: Any, payload: Any) -> None:
    """Do nothing."""


# -- load and stamp ----------------------------------------------------------------------------


def test_what_a_plugin_contributes_is_stamped_with_its_name() -> None:
    registry = Registry([CLUB, plugin("golf", played(), handicap())])

    assert [(o.owner, o.item.name) for o in registry.all("register_terms")] == [
        ("club", "club.opened"),
        ("golf", "golf.played"),
        ("golf", "golf.handicap"),
    ]


def test_every_hook_that_registers_is_read() -> None:
    task = Task(name="golf.mow", run=run)
    check = HealthCheck(name="grass", check=lambda kernel: None)
    registry = Registry([plugin(register_tasks=[task], register_health_checks=[check])])

    assert [o.item for o in registry.all("register_tasks")] == [task]
    assert [o.item for o in registry.all("register_health_checks")] == [check]


def test_permissions_come_from_the_manifests() -> None:
    mow = Permission(name="golf.mow", title="Mow the lawn")
    assert Registry([plugin(permissions=(mow,))]).permissions() == [mow]


def test_a_plugin_knows_what_to_uninstall() -> None:
    assert Registry([plugin()]).distribution("golf") == "golf-dist"


def test_what_is_installed_starts_with_the_core() -> None:
    assert installed()[0].name == "core"
    assert installed()[0].always_on


def test_safe_mode_starts_the_platform_alone() -> None:
    assert all(candidate.always_on for candidate in installed(safe_mode=True))


def test_what_is_always_on_cannot_be_switched() -> None:
    part = plugin("part")
    registry = Registry([Candidate("part", part.load, always_on=True), plugin()])

    assert registry.always_on == {"part"}
    assert registry.optional == ["golf"]
    assert registry.view(frozenset()).enabled == {"part"}


# -- each rule of the contract, with its cure --------------------------------------------------

MOVE = Action(name="golf.move", title="Move", doc="Move it.", schema=Played, run=run, example={"hole": "x"})
BROKEN = {
    "an unknown hook": (
        plugin(register_term=[]),
        "plugin 'golf' implements the unknown hook 'register_term': did you mean 'register_terms'?",
    ),
    "no manifest": (
        Candidate("golf", lambda: object()),
        "plugin 'golf' needs exactly one plugin_manifest() -> Manifest",
    ),
    "a manifest that is none": (
        plugin(plugin_manifest={"name": "golf"}),
        "plugin 'golf' needs exactly one plugin_manifest() -> Manifest",
    ),
    "another name in the manifest": (
        plugin(plugin_manifest=Manifest(name="polo", version="1", title="Polo")),
        "plugin 'golf': its manifest says 'polo'; entry point and manifest must agree",
    ),
    "a newer API": (
        plugin(api=API + 1),
        f"plugin 'golf' is written for plugin API {API + 1}; "
        f"this platform speaks {API}: upgrade the platform",
    ),
    "an API too old": (
        plugin(api=API_OLDEST - 1),
        f"plugin 'golf' is written for plugin API {API_OLDEST - 1}; this platform speaks "
        f"{API_OLDEST} to {API}: upgrade the plugin",
    ),
    "a bad name": (plugin("Golf Club"), "plugin name 'Golf Club': use 2 to 40 of a-z, 0-9 and _"),
    "nothing returned": (
        plugin(register_tasks=lambda: None),
        "plugin 'golf': register_tasks() returned None: return a list",
    ),
    "the wrong thing returned": (
        plugin(register_tasks=["mow"]),
        "plugin 'golf': register_tasks() returned 'mow'",
    ),
    "a term without its prefix": (
        plugin("golf", played("polo.played")),
        "plugin 'golf': the term 'polo.played' must be named 'golf.<noun>'",
    ),
    "a term with a bad noun": (
        plugin("golf", played("golf.Played!")),
        "plugin 'golf': the term 'golf.Played!' must be named 'golf.<noun>'",
    ),
    "a term twice": (
        plugin("golf", played(), played()),
        "plugin 'golf': 'golf.played' is declared twice",
    ),
    "a term without a doc": (
        plugin("golf", played(doc="")),
        "plugin 'golf': the term 'golf.played' needs a title and a doc sentence",
    ),
    "an example that does not fit": (
        plugin("golf", played(example={"hole": "first"})),
        "plugin 'golf': the example of 'golf.played' does not fit its own schema: "
        "{'hole': ['Not a valid integer.']}",
    ),
    "an action's example that does not fit": (
        plugin("golf", MOVE),
        "plugin 'golf': the example of 'golf.move' does not fit its own schema",
    ),
    "a variable with two sources": (
        plugin("golf", handicap(compute=run, window=Window("golf.rounds", "count"))),
        "plugin 'golf': the variable 'golf.handicap' needs exactly one of column, window, compute",
    ),
    "a choice without choices": (
        plugin("golf", handicap(type="choice")),
        "plugin 'golf': the choice 'golf.handicap' lists no choices",
    ),
    "another plugin's metric": (
        plugin("golf", handicap(window=Window("polo.rounds", "count"))),
        "plugin 'golf': the metric 'polo.rounds' is not its own",
    ),
    "a function that cannot be called": (
        plugin(
            "golf",
            Function(name="golf.par", title="Par", doc="The par.", returns="number", call=None),  # type: ignore[arg-type]
        ),
        "plugin 'golf': the function 'golf.par' has nothing to call",
    ),
    "a message that mentions what nobody gives": (
        plugin("golf", won(body="{name}, you won hole {hole}")),
        "plugin 'golf': the message 'golf.won': body: there is no {hole} here; did you mean 'holes'?",
    ),
    "a message over a channel that there is not": (
        plugin("golf", won(channels=("fax",))),
        "plugin 'golf': the message 'golf.won' has no channel 'fax'",
    ),
    "a task without its prefix": (
        plugin(register_tasks=[Task(name="mow", run=run)]),
        "plugin 'golf': 'mow' must start with 'golf.'",
    ),
    "a task twice": (
        plugin(register_tasks=[Task(name="golf.mow", run=run)] * 2),
        "plugin 'golf': 'golf.mow' is declared twice",
    ),
    "a permission of another": (
        plugin(permissions=(Permission(name="polo.mow", title="Mow"),)),
        "plugin 'golf': 'polo.mow' must start with 'golf.'",
    ),
    "two listeners of one name": (
        plugin(register_listeners=[Listener("club.opened", run), Listener("club.opened", run)]),
        "plugin 'golf': two listeners 'run' of 'club.opened': give each a name",
    ),
}


@pytest.mark.parametrize(("candidate", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_names_the_plugin_and_the_cure(candidate: Candidate, message: str) -> None:
    assert message in refusal(candidate)


def test_an_older_api_that_we_still_speak_loads_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, logged: list[Any]
) -> None:
    import pitboss.core.checks
    import pitboss.core.registry

    monkeypatch.setattr(pitboss.core.checks, "API", API + 1)
    monkeypatch.setattr(pitboss.core.registry, "API", API + 1)

    assert list(Registry([plugin(api=API)]).manifests) == ["golf"]
    assert [entry["event"] for entry in logged] == ["plugin speaks an older API"]


@pytest.mark.parametrize(
    ("version", "is_blocked"), [("1.2", True), ("1.3", False), ("1.10", False), ("?", True)]
)
def test_a_version_that_is_known_to_be_bad_is_blocked(version: str, is_blocked: bool) -> None:
    bad = Blocked("golf", "1.3", "loses balls")
    reason = refusal(plugin(version=version), blocked=[bad])

    assert bool(reason) is is_blocked
    assert not reason or "is blocked: loses balls; upgrade golf-dist to 1.3 or newer" in reason


def test_the_block_list_names_its_wrong_key(tmp_path: Path) -> None:
    path = tmp_path / "blocked_plugins.toml"
    path.write_text('[[blocked]]\nname = "golf"\nbellow = "1"\nreason = "x"\n')

    with pytest.raises(ConfigError, match=r"blocked.bellow: no such key; did you mean 'below'\?"):
        read_blocked(path)


# -- tables ------------------------------------------------------------------------------------


def declares(name: str, parts: Callable[[], tuple[Any, ...]]) -> Candidate:
    """Make a plugin that declares a table of these parts when it is loaded."""
    made = plugin()

    def load() -> Any:
        Table(name, Base.metadata, *parts())
        return made.load()

    return Candidate(made.name, load, made.distribution, made.version)


def tenant() -> Column[int]:
    return Column("tenant_id", Integer, primary_key=True)


def number(name: str, **more: Any) -> Column[int]:
    return Column(name, Integer, **more)


def to_job() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["job_id"], ["job.id"])


def to_club() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "club_id"], ["club_club.tenant_id", "club_club.id"])


TABLES = {
    "prefix": (
        declares("polo_ball", lambda: (tenant(),)),
        "its table 'polo_ball' must start with 'golf_'",
    ),
    "tenant": (
        declares("golf_ball", lambda: (number("id", primary_key=True),)),
        "table 'golf_ball' has no tenant_id",
    ),
    "first": (
        declares("golf_ball", lambda: (number("id", primary_key=True), tenant())),
        "table 'golf_ball': tenant_id must come first in its primary key",
    ),
    "unique": (
        declares("golf_ball", lambda: (tenant(), number("code"), UniqueConstraint("code"))),
        "table 'golf_ball': the unique constraint on ['code'] must include tenant_id",
    ),
    "foreign": (
        declares("golf_ball", lambda: (tenant(), number("job_id"), to_job())),
        "table 'golf_ball': the foreign key on ['job_id'] must carry tenant_id",
    ),
    "neighbour": (
        declares("golf_ball", lambda: (tenant(), number("club_id"), to_club())),
        "golf_ball has a foreign key to 'club_club'; keep the id without a foreign key",
    ),
}


@pytest.mark.parametrize(("candidate", "message"), TABLES.values(), ids=TABLES)
def test_a_table_that_breaks_a_law_sets_its_plugin_aside(candidate: Candidate, message: str) -> None:
    assert message in refusal(candidate)


@pytest.mark.parametrize("candidate", [candidate for candidate, _ in TABLES.values()], ids=TABLES)
def test_the_tables_of_a_broken_plugin_leave_the_catalogue(candidate: Candidate) -> None:
    before = set(Base.metadata.tables)

    Registry([candidate])

    assert set(Base.metadata.tables) == before


def test_a_mapper_that_does_not_configure_stops_its_own_plugin_alone() -> None:
    made = plugin()

    def load() -> Any:
        class Lost(TenantRow, Base):
            __tablename__ = "golf_lost"
            id: Mapped[Any] = uuid_id()
            name: Mapped[str] = mapped_column(String(5))
            found = relationship("NobodyKnowsThisClass")

        return made.load()

    registry = Registry([CLUB, Candidate("golf", load)])

    assert [broken.name for broken in registry.broken] == ["golf"]
    assert "golf_lost" not in Base.metadata.tables
    Base.registry.configure()


# -- failure -----------------------------------------------------------------------------------


def test_a_plugin_that_cannot_be_imported_is_set_aside_and_the_rest_starts(logged: list[Any]) -> None:
    def load() -> Any:
        raise ImportError("No module named 'caddie'")

    registry = Registry([CLUB, Candidate("golf", load, "acme-golf"), plugin("polo")])

    assert list(registry.manifests) == ["club", "polo"]
    [broken] = registry.broken
    assert (broken.name, broken.distribution) == ("golf", "acme-golf")
    assert broken.reason == "ImportError: No module named 'caddie'"
    assert [(entry["log_level"], entry["plugin"]) for entry in logged] == [("error", "golf")]


def test_a_plugin_that_exits_does_not_end_the_process() -> None:
    def load() -> Any:
        raise SystemExit(3)

    assert refusal(Candidate("golf", load)) == "SystemExit: 3"


def test_a_hook_that_fails_sets_its_plugin_aside() -> None:
    def register_terms() -> list[Term]:
        raise ZeroDivisionError("by zero")

    assert refusal(plugin(register_terms=register_terms)) == "ZeroDivisionError: by zero"


def test_strict_mode_refuses_to_start() -> None:
    with pytest.raises(PluginError, match="returned None"):
        Registry([plugin(register_tasks=lambda: None)], strict=True)


def test_a_broken_part_of_the_platform_refuses_to_start() -> None:
    part = plugin("part", register_tasks=lambda: None)
    with pytest.raises(PluginError, match="returned None"):
        Registry([Candidate("part", part.load, always_on=True)])


def test_a_second_plugin_of_a_name_does_not_stop_the_first() -> None:
    registry = Registry([plugin("golf", played()), plugin("golf")])

    assert list(registry.manifests) == ["golf"]
    assert registry.providers("golf.played") == ["golf"]
    assert "two distributions provide a plugin 'golf': uninstall one" in registry.broken[0].reason


def test_a_plugin_cannot_take_the_place_of_the_platform() -> None:
    part = Candidate("core", plugin("core").load, always_on=True)

    registry = Registry([part, plugin("core")])

    assert registry.always_on == {"core"}


def test_what_proves_broken_later_is_set_aside() -> None:
    registry = Registry([CLUB, plugin("golf", played())])
    assert "golf.played" in registry.view(frozenset({"golf"})).terms

    registry.set_aside("golf", "it smokes")

    assert registry.broken[0].reason == "it smokes"
    assert "golf.played" not in registry.view(frozenset({"golf"})).terms


# -- needs -------------------------------------------------------------------------------------


def test_a_need_that_nobody_meets_names_the_term_and_what_is_installed() -> None:
    assert refusal(plugin(needs=("club.opened",)), plugin("polo")) == (
        "plugin 'golf' needs the term 'club.opened': install a plugin that provides it "
        "(installed: polo, golf)"
    )


def test_a_need_is_met_in_any_order() -> None:
    assert refusal(CLUB, plugin(needs=("club.opened",))) == ""


def test_who_needs_what_was_set_aside_is_set_aside_too() -> None:
    chain = [
        plugin("one", played("one.played"), needs=("nobody.played",)),
        plugin("two", played("two.played"), needs=("one.played",)),
        plugin("six", needs=("two.played",)),
        CLUB,
    ]
    registry = Registry(chain)

    assert list(registry.manifests) == ["club"]
    assert {b.name: b.reason.split("'")[3] for b in registry.broken} == {
        "one": "nobody.played",
        "two": "one.played",
        "six": "two.played",
    }


def test_plugins_come_after_those_that_they_need() -> None:
    last = plugin("a_last", needs=("m_middle.played",))
    middle = plugin("m_middle", played("m_middle.played"), needs=("z_first.played",))
    registry = Registry([last, middle, plugin("z_first", played("z_first.played"))])

    assert registry.in_order(registry.manifests) == ["z_first", "m_middle", "a_last"]


def test_needs_that_go_round_in_a_circle_still_end() -> None:
    one = plugin("one", played("one.played"), needs=("two.played",))
    two = plugin("two", played("two.played"), needs=("one.played",))

    assert sorted(Registry([one, two]).in_order(["one", "two"])) == ["one", "two"]


# -- views -------------------------------------------------------------------------------------


def test_tenants_with_the_same_plugins_share_one_view() -> None:
    registry = Registry([CLUB, plugin()])

    assert registry.view(frozenset({"club"})) is registry.view(frozenset({"club"}))
    assert registry.view(frozenset({"club"})) is not registry.view(frozenset({"golf"}))


def test_a_view_holds_the_terms_of_its_plugins_alone() -> None:
    view = Registry([CLUB, plugin("golf", played(), handicap())]).view(frozenset({"golf"}))

    assert set(view.terms) == {"golf.played", "golf.handicap"}


def test_a_noun_alone_is_enough_where_it_is_clear() -> None:
    registry = Registry([plugin("golf", handicap()), plugin("polo", handicap("polo.handicap"))])

    assert registry.view(frozenset({"golf"})).term("handicap", Term).name == "golf.handicap"  # type: ignore[type-abstract]
    with pytest.raises(TermMissing, match="no term 'handicap' for this tenant"):
        registry.view(frozenset({"golf", "polo"})).term("handicap", Term)


def test_a_missing_term_names_the_nearest() -> None:
    view = Registry([plugin("golf", handicap())]).view(frozenset({"golf"}))

    with pytest.raises(
        TermMissing, match="no variable 'golf.handycap' for this tenant; did you mean 'golf.handicap'"
    ):
        view.term("golf.handycap", type(handicap()))


def test_guards_stand_in_their_order() -> None:
    late, early = Guard("bar.open", lambda c, p: None, 200), Guard("bar.open", lambda c, p: None, 5)
    view = Registry([plugin(register_listeners=[late, early])]).view(frozenset({"golf"}))

    assert [owned.item for owned in view.guards["bar.open"]] == [early, late]


def test_one_plugin_is_told_and_no_other() -> None:
    told: list[str] = []

    def telling(name: str) -> Candidate:
        def tenant_enabled(ctx: Any) -> None:
            told.append(f"{name} {ctx}")

        return plugin(name, tenant_enabled=tenant_enabled)

    Registry([telling("golf"), telling("polo")]).tell("golf", "tenant_enabled", ctx="here")

    assert told == ["golf here"]


def test_who_recognises_callers_is_known_by_name() -> None:
    def identify(request: Any) -> str | None:
        return "member" if request == "card" else None

    registry = Registry([plugin("polo"), plugin("golf", identify=identify)])

    assert [(o.owner, o.item(request="card")) for o in registry.identifiers()] == [("golf", "member")]
