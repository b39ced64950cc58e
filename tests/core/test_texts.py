"""Laws of texts: English is the text itself, and what another language lacks is said in English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pitboss.core import texts
from pitboss.core.texts import gettext as _
from pitboss.core.texts import (
    grouped,
    in_each,
    instant,
    kept,
    marked,
    ngettext,
    of_each,
    speaking,
    told,
    translated,
)

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


def test_what_is_stored_is_told_in_the_language_of_who_reads_it(speak: Callable[[str], None]) -> None:
    speak("es")
    stored = kept("%(count)s times a day", count=3), kept("the rule allows it %(t)s", t=kept("once a day"))

    assert stored[0] == ["%(count)s times a day", {"count": 3}]
    assert (told(stored[0]), told("Save")) == ("3 veces al día", "Guardar")
    assert told(stored[1]).endswith("una vez al día")
    speak("en")
    assert told(stored[0]) == "3 times a day"


def test_what_is_said_in_each_language_is_read_in_one(speak: Callable[[str], None]) -> None:
    stored = in_each(lambda: {"said": _("Save")})

    assert stored == {"en": {"said": "Save"}, "es": {"said": "Guardar"}}
    speak("es")
    assert of_each(stored) == {"said": "Guardar"}
    assert [of_each(other) for other in ("Save", {"a": 1}, {}, None)] == ["Save", {"a": 1}, {}, None]


def test_within_another_language_only_what_is_within_is_said_in_it(speak: Callable[[str], None]) -> None:
    speak("es")

    with speaking():
        assert _("Save") == "Save"
    assert _("Save") == "Guardar"


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


def test_an_instant_is_told_on_the_clock_of_the_request(speak: Callable[..., None]) -> None:
    at = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)

    assert instant(at) == "2026-12-01T09:00:00Z"
    speak("es", ZoneInfo("Europe/Madrid"))
    assert instant(at) == "1 dic 2026, 10:00 CET"
    assert instant(at + timedelta(seconds=5)) == "1 dic 2026, 10:00:05 CET"
