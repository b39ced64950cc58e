"""Laws of the files of translations: what is written is read again, and every flaw is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pitboss.core import catalogues
from pitboss.core.catalogues import Translation
from pitboss.core.commands.texts import texts
from pitboss.core.errors import InvalidInput
from pitboss.core.extraction import Said, in_python, in_script, in_template

TEXT, COUNTED = "Hello %(name)s", ("%(count)s day", "%(count)s days")
SAID = [Said(TEXT, ("admin/page.py",)), Said(COUNTED, ("static/page.js",))]
GOOD = [Translation(TEXT, ("Hola %(name)s",)), Translation(COUNTED, ("%(count)s día", "%(count)s días"))]


def known(*translations: Translation) -> dict[catalogues.Key, Translation]:
    return {one.key: one for one in translations}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    catalogues.write(tmp_path, "es", SAID, known(*GOOD))

    found = known(*catalogues.read(tmp_path, "es"))

    assert {key: one.forms for key, one in found.items()} == {one.key: one.forms for one in GOOD}
    assert found[COUNTED].places == ("static/page.js",)


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    catalogues.write(tmp_path, "es", SAID, known(*GOOD))
    before = catalogues.file_of(tmp_path, "es").read_bytes()

    catalogues.write(tmp_path, "es", reversed(SAID), known(*catalogues.read(tmp_path, "es")))

    assert catalogues.file_of(tmp_path, "es").read_bytes() == before


def test_a_catalogue_that_is_not_there_has_nothing(tmp_path: Path) -> None:
    assert catalogues.read(tmp_path, "es") == []


@pytest.mark.parametrize(
    ("translations", "flaws"),
    [
        (GOOD, []),
        (GOOD[:1], ["not translated: '%(count)s day'"]),
        ([*GOOD, Translation("Bye", ("Adiós",))], ["nobody says it any more: 'Bye'"]),
        ([Translation(TEXT, ("Hola",)), GOOD[1]], ["the placeholders are not name: 'Hello %(name)s'"]),
        (
            [GOOD[0], Translation(COUNTED, ("un día", "%(n)s días"))],
            ["the placeholders are not count: '%(count)s day'"],
        ),
    ],
)
def test_every_flaw_is_named(translations: list[Translation], flaws: list[str]) -> None:
    assert [str(flaw) for flaw in catalogues.flaws(SAID, translations)] == flaws


def test_texts_are_found_in_python() -> None:
    marks = "_('One ' 'text'); ngettext('a', 'b', 2); marked('c'); _(name)"
    source = f"from pitboss.core.texts import gettext as _\n{marks}"

    assert list(in_python(source)) == ["One text", ("a", "b"), "c"]


def test_texts_are_found_in_templates() -> None:
    source = '{{ _("One", x=1) }}{% trans n=2 %}{{ n }} day{% pluralize n %}{{ n }} days{% endtrans %}'

    assert list(in_template(source)) == ["One", ("%(n)s day", "%(n)s days")]


def test_texts_are_found_in_scripts() -> None:
    source = r"html`<p>${_('It isn\'t')}</p>`; ngettext('%(n)s day', '%(n)s days', n, { n }); plain('no')"

    assert list(in_script(source)) == ["It isn't", ("%(n)s day", "%(n)s days")]


def test_an_unknown_owner_is_refused() -> None:
    answer = CliRunner().invoke(texts, ["check", "webap"])

    assert isinstance(answer.exception, InvalidInput)
    assert "webapp" in str(answer.exception)


def test_the_command_finds_nothing_wrong_with_what_is_complete() -> None:
    answer = CliRunner().invoke(texts, ["check", "acme_sample"])

    assert (answer.exit_code, answer.output) == (0, "")
