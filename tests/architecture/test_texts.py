"""Everything that the admin says is marked, and said in every language."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from pitboss.core import catalogues
from pitboss.core.commands.texts import TRANSLATED
from pitboss.core.extraction import Said, said_by
from pitboss.core.registry import Registry, installed
from tests.architecture.texts import (
    problems_with_cures,
    unmarked_in_python,
    unmarked_in_script,
    unmarked_in_sentences,
    unmarked_in_template,
)

OWNERS = ("core", "rules", "webapp", "betting", "loyalty", "payments", "sports", "acme_sample")
TYPED = {"commands", "catalogues.py", "columns", "simulation", "index", "sql", "reference.py"} | {
    "jsonlogic.py",
    "jsonoperators.py",
}
"""Of the rules, what only the command line says: the admin has no JsonLogic, no files of facts."""
APART = {"docs.html"}
"""The page of the API is English."""

SILENT = {"commands", "cli", "testing", "scaffold", "demo", "migrations", "isolation", "laws"}
"""What speaks to those who run or write the platform is English."""


@cache
def registry() -> Registry:
    return Registry(installed())


@cache
def said(owner: str) -> list[Said]:
    return said_by(owner, catalogues.owners()[owner], registry())


def templates(owner: str) -> list[Path]:
    folder = catalogues.owners()[owner] / "templates"
    return [p for p in sorted(folder.rglob("*.html")) if not APART & set(p.relative_to(folder).parts)]


def modules(owner: str) -> list[Path]:
    """Return the modules that draw pages of the admin."""
    folder = catalogues.owners()[owner]
    found = [p for p in sorted(folder.rglob("*.py")) if {"admin", "pages"} & set(p.relative_to(folder).parts)]
    found += [p for p in sorted(folder.rglob("*admin.py")) if p not in found]
    return [path for path in found if path.name != "__init__.py"]


@pytest.mark.parametrize("owner", OWNERS)
def test_every_text_of_every_template_is_marked(owner: str) -> None:
    breaches = {
        path.name: found
        for path in templates(owner)
        if (found := list(unmarked_in_template(path.read_text("utf-8"))))
    }

    assert breaches == {}


@pytest.mark.parametrize("owner", OWNERS)
def test_every_text_of_every_script_is_marked(owner: str) -> None:
    folder = catalogues.owners()[owner] / "static"
    scripts = [p for p in folder.rglob("*.js") if not {"vendor"} & set(p.relative_to(folder).parts)]
    breaches = {
        path.name: found for path in scripts if (found := list(unmarked_in_script(path.read_text("utf-8"))))
    }

    assert breaches == {}


@pytest.mark.parametrize("owner", OWNERS)
def test_every_text_of_the_pages_code_is_marked(owner: str) -> None:
    breaches = {path.name: found for path in modules(owner) if (found := list(unmarked_in_python(path)))}

    assert breaches == {}


@pytest.mark.parametrize("owner", [owner for owner in OWNERS if owner != "rules"])
def test_every_problem_that_names_its_cure_is_found(owner: str) -> None:
    """What is raised is found; what a function returns about a problem has to be marked."""
    folder = catalogues.owners()[owner]
    known = {one.key for one in said(owner)}
    breaches = {
        str(path.relative_to(folder)): unknown
        for path in sorted(folder.rglob("*.py"))
        if not (SILENT | {"messages"}) & {*path.relative_to(folder).parts, path.stem}
        and (unknown := [text for text in problems_with_cures(path) if text not in known])
    }

    assert breaches == {}


def test_every_sentence_of_the_rules_is_marked() -> None:
    """What the engine refuses, finds and explains is read on pages, like what the rulebook does."""
    folder = catalogues.owners()["rules"]
    breaches = {
        str(path.relative_to(folder)): found
        for path in sorted(folder.rglob("*.py"))
        if not TYPED & set(path.relative_to(folder).parts) and (found := list(unmarked_in_sentences(path)))
    }

    assert breaches == {}


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_with_its_placeholders(language: str, owner: str) -> None:
    found = catalogues.read(catalogues.owners()[owner], language)

    assert [str(flaw) for flaw in catalogues.flaws(said(owner), found)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_owners_translate_a_text_alike(language: str) -> None:
    """A text that two owners say is one text on the screen: only the first translation would be shown."""
    whole: dict[catalogues.Key, tuple[str, ...]] = {}
    differing = [
        (owner, one.key)
        for owner in OWNERS
        for one in catalogues.read(catalogues.owners()[owner], language)
        if whole.setdefault(one.key, one.forms) != one.forms
    ]

    assert differing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_brings_no_markup_of_its_own(language: str) -> None:
    """Translations are put into pages as they are; a quote would end an attribute."""
    wrong = [
        (owner, one.key)
        for owner in OWNERS
        for one in catalogues.read(catalogues.owners()[owner], language)
        if set('<>"&') & set("".join(one.forms)) - set("".join(one.key))
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<p title="Hello">{{ _("World") }}</p>', ['title="Hello"']),
        ('{{ ui.badge("Open", "good") }}', ["Open"]),
        ('{{ _("Hello %(name)s", name=who or "No one") }}', ["No one"]),
        ("{% trans %}Hello <b>world</b>{% endtrans %}<code>pip install</code>", []),
        ('{{ url_for("admin.page", q="Some text") }}', ["Some text"]),
    ],
)
def test_an_unmarked_text_of_a_template_is_found(source: str, found: list[str]) -> None:
    assert list(unmarked_in_template(source)) == found


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('done("It is saved.", "admin.page")', 1),
        ('done(f"{name} is saved.", "admin.page")', 1),
        ('done(_("It is saved."), "admin.page")', 0),
        ('done(_("%(name)s is saved.", reason=why or "No one"), "admin.page")', 1),
        ('"""A docstring."""', 0),
        ('if kind == "Some text": pass', 0),
    ],
)
def test_an_unmarked_text_of_a_module_is_found(source: str, count: int, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(source, "utf-8")

    assert len(list(unmarked_in_python(module))) == count


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('raise Refused("it is wrong", path="then.formula")', 1),
        ('raise Refused(_("it is wrong"), path=f"{path}.formula")', 0),
        ('raise Refused(f"{name} is wrong")', 1),
        ('cause = "it is wrong" if name else _("it is right")', 1),
        ('found = "it is wrong"', 0),
    ],
)
def test_an_unmarked_sentence_is_found(source: str, count: int, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(source, "utf-8")

    assert len(list(unmarked_in_sentences(module))) == count


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("const title = 'Who would match'", ["'Who would match'"]),
        ("const title = _('Who would match')", []),
        ("html`<p>Asking now</p>`", ["Asking now"]),
        ("html`<p>${_('Asking now')}</p>` // Says who", []),
        ("ngettext('%(count)s day', '%(count)s days', n)", []),
        ("if (event.key === 'Enter') found = list.querySelector('[role=option], input')", []),
    ],
)
def test_an_unmarked_text_of_a_script_is_found(source: str, found: list[str]) -> None:
    assert list(unmarked_in_script(source)) == found
