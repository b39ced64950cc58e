"""The laws of the house hold in every file, and each law can be broken."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from tests.architecture.house import (
    FOLDERS,
    LAWS,
    LAWS_OF_TEXT,
    ROOT,
    Law,
    Source,
    declared_terms,
    folders_import_what_they_may,
    no_folder_names_a_plugin,
    no_machine_is_named,
    nothing_imports_a_bare_folder,
    nothing_is_left_over,
    plugins_leave_kernel_sql_alone,
    sources,
    the_clock_is_asked_in_one_place,
    the_engine_is_pure,
    the_environment_is_read_in_one_place,
    tracked,
    validators_have_names,
)


def plugin_names() -> frozenset[str]:
    return frozenset(p.parent.name for p in (ROOT / "plugins").glob("*/__init__.py"))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_house_keeps(law: Law) -> None:
    breaches = [breach for source in sources() for breach in law(source)]
    assert not breaches, "\n".join(breaches)


@pytest.mark.parametrize("law", LAWS_OF_TEXT, ids=lambda law: law.__name__)
def test_every_committed_text_keeps(law: Law) -> None:
    breaches = [breach for source in tracked() for breach in law(source)]
    assert not breaches, "\n".join(breaches)


def test_no_folder_names_a_plugin() -> None:
    names = plugin_names()
    own = [s for s in sources() if "packs" not in s.path.parts]
    breaches = [
        breach
        for source in own
        for breach in no_folder_names_a_plugin(source, names, declared_terms(source.plugin))
    ]
    assert not breaches, "\n".join(breaches)


@pytest.mark.parametrize(
    ("law", "path", "text"),
    [
        (folders_import_what_they_may, "core/a.py", "from pitboss.rules import b"),
        (folders_import_what_they_may, "core/a.py", "from pitboss import rules"),
        (folders_import_what_they_may, "core/a.py", "from ..webapp import app"),
        (folders_import_what_they_may, "webapp/a.py", "import pitboss.workers.actor"),
        (folders_import_what_they_may, "webapp/a.py", "import pitboss.plugins.tennis"),
        (folders_import_what_they_may, "plugins/golf/a.py", "from pitboss.plugins.tennis import b"),
        (folders_import_what_they_may, "plugins/golf/a.py", "from pitboss.plugins import tennis"),
        (the_engine_is_pure, "rules/engine/a.py", "from pitboss.core.errors import PitbossError"),
        (the_engine_is_pure, "rules/engine/a.py", "from pitboss.core.texts import gettext"),
        (nothing_imports_a_bare_folder, "webapp/a.py", "import config"),
        (
            plugins_leave_kernel_sql_alone,
            "plugins/golf/a.py",
            "from pitboss.core.database.engine import kernel_sql",
        ),
        (the_environment_is_read_in_one_place, "webapp/a.py", "import os\nos.environ['X']"),
        (the_environment_is_read_in_one_place, "webapp/a.py", "from os import getenv"),
        (the_clock_is_asked_in_one_place, "core/a.py", "datetime.datetime.now(UTC)"),
        (validators_have_names, "core/a.py", "Integer(validate=[lambda n: n > 0])"),
        (nothing_is_left_over, "core/a.py", "# TO" + "DO: later"),
        (no_machine_is_named, "README.md", "see /ro" + "ot/notes"),
        (no_machine_is_named, "README.md", "from https://py" + "pi.org/simple"),
    ],
)
def test_a_law_can_be_broken(law: Law, path: str, text: str) -> None:
    assert list(law(Source(Path(path), text)))


def test_a_plugins_name_is_found_as_a_string() -> None:
    source = Source(Path("core/a.py"), "ctx.act('tennis.serve')")
    assert list(no_folder_names_a_plugin(source, frozenset({"tennis"})))


def test_a_plugin_may_name_the_terms_that_it_declares() -> None:
    source = Source(Path("plugins/golf/a.py"), "ctx.act('tennis.serve')")
    assert not list(no_folder_names_a_plugin(source, frozenset({"tennis"}), frozenset({"tennis.serve"})))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("plugins/golf/a.py", "from pitboss.plugins.golf.models import Hole"),
        ("plugins/golf/a.py", "from pitboss.core.errors import Conflict\nfrom pitboss.rules import check"),
        ("webapp/a.py", "from pitboss.core import kernel"),
        ("rules/engine/a.py", "from pitboss.rules.engine.texts import gettext as _"),
    ],
)
def test_what_is_allowed_passes(path: str, text: str) -> None:
    source = Source(Path(path), text)

    assert not [*folders_import_what_they_may(source), *the_engine_is_pure(source)]


def test_setup_cfg_lists_every_package() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    listed = set(config["options"]["packages"].split())
    inside = {p.parent.relative_to(ROOT) for f in FOLDERS for p in (ROOT / f).rglob("__init__.py")}
    found = {".".join(("pitboss", *p.parts)) for p in inside if p.parts != ("core", "_root")} | {"pitboss"}
    templates = {name for name in found if ".scaffold.files" in name or ".templates." in name}

    missing, gone = sorted(found - templates - listed), sorted(listed - found)
    assert not missing, f"add to the packages of setup.cfg: {' '.join(missing)}"
    assert not gone, f"setup.cfg lists what is not there: {' '.join(gone)}"


def test_every_folder_of_code_is_a_package() -> None:
    folders = {s.path.parent for s in sources() if "scaffold" not in s.path.parts}
    bare = sorted(str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists())
    assert not bare, f"add __init__.py to {' '.join(bare)}"
