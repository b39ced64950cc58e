"""Laws of texts: English is the text itself, and what another language lacks is said in English."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pitboss.core import texts
from pitboss.core.texts import gettext as _
from pitboss.core.texts import grouped, marked, ngettext, translated

SAVE = marked("Save")


@pytest.fixture
def speak() -> Iterator[Callable[[str], None]]:
    """Speak a language until the test ends."""
    yield texts.speak
    texts.speak()


def test_english_is_the_text_itself() -> None:
    assert (texts.language(), _("Save"), translated(SAVE)) == ("en", "Save", "Save")


def test_a_text_is_said_in_the_language_of_the_request(speak: Callable[[str], None]) -> None:
    speak("es")

    assert (_("Save"), translated(SAVE)) == ("Guardar", "Guardar")


def test_what_a_language_lacks_is_said_in_english(speak: Callable[[str], None]) -> None:
    speak("es")

    assert translated("Nobody translated this") == "Nobody translated this"


def test_placeholders_are_filled_in(speak: Callable[[str], None]) -> None:
    speak("es")

    assert _("You now work for %(name)s.", name="Acme") == "Ahora trabaja para Acme."


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "1 dead job"),
        ("en", 2, "2 dead jobs"),
        ("es", 0, "0 trabajos fallidos"),
        ("es", 1, "1 trabajo fallido"),
        ("es", 2, "2 trabajos fallidos"),
    ],
)
def test_a_number_takes_its_form(language: str, count: int, said: str, speak: Callable[[str], None]) -> None:
    speak(language)

    assert ngettext("%(count)s dead job", "%(count)s dead jobs", count, count=count) == said


@pytest.mark.parametrize(
    ("language", "number", "written"),
    [
        ("en", "1234567.50", "1,234,567.50"),
        ("en", "-1234", "\N{MINUS SIGN}1,234"),
        ("en", "0.5", "0.5"),
        ("es", "1234567.50", "1.234.567,50"),
        ("es", "1234.5", "1.234,5"),
        ("es", "-12345", "\N{MINUS SIGN}12.345"),
    ],
)
def test_numbers_are_grouped_as_the_language_does(
    language: str, number: str, written: str, speak: Callable[[str], None]
) -> None:
    speak(language)

    assert grouped(number) == written


def test_scripts_are_given_their_own_texts_only() -> None:
    said = texts.of_scripts("webapp", "es")

    assert said["Copied"] == "Copiado"
    assert "Audit trail" not in said
    assert texts.of_scripts("webapp", "en") == {}


def test_a_third_party_brings_its_own_catalogue(speak: Callable[[str], None]) -> None:
    speak("es")

    assert translated("Scratch cards") == "Tarjetas de rascar"
