"""Laws of retelling: a sentence is known again by the text that it was made of, and what it names stays."""

from __future__ import annotations

from time import perf_counter

import pytest

from pitboss.core import texts
from pitboss.core.retelling import CHARACTERS_MAX, Hole, retold, tokens


def in_spanish(sentence: str) -> str:
    texts.speak("es")
    try:
        return retold(sentence)
    finally:
        texts.speak()


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("some fields do not fit", "algunos campos no valen"),
        ("no tenant 'acme'", "no hay ninguna marca «acme»"),
        ('no tenant "d\'or"', "no hay ninguna marca «d'or»"),
        ("Shorter than minimum length 3.", "Más corto que el mínimo de 3."),
        ("Expected `int`, got `str`", "Se esperaba `int` y llegó `str`"),
        # A cure that another function found, and one that lists names.
        ("unknown currency 'EUX': did you mean 'EUR'?", "moneda desconocida «EUX»: ¿quería decir «EUR»?"),
        ("no role 'a': known: b, c", "no hay ningún rol «a»: se conocen: b, c"),
        # Put together by hand: the field, and what is wrong with it; one after the other.
        ("stake: Missing data for required field", "stake: Falta un dato obligatorio"),
        ("a.b: Unknown field; c: Not a valid number", "a.b: Campo desconocido; c: No es un número válido"),
        (
            "the rule cannot be saved: on: a list is wanted, and this is 'x'",
            "la regla no puede guardarse: on: se necesita una lista, y esto es 'x'",
        ),
        # Written as a sentence of a page.
        ("Some fields do not fit.", "Algunos campos no valen."),
        # A state is a name of the code, which pages show in words.
        (
            "job 7 is dead: only a ready or running job can be cancelled",
            "el trabajo 7 está «fallido»: solo se cancela uno listo o en curso",
        ),
    ],
)
def test_a_sentence_is_said_in_the_language_of_the_request(english: str, spanish: str) -> None:
    assert in_spanish(english) == spanish


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "Nobody wrote this in the code",
        "{}",
        "a: b; c",
        "Ahora se dice así: «acme»",
        "x" * CHARACTERS_MAX + "y",
    ],
)
def test_what_nobody_translated_stays_as_it_is(sentence: str) -> None:
    assert in_spanish(sentence) == sentence


def test_english_is_what_was_raised() -> None:
    assert retold("no tenant 'acme'") == "no tenant 'acme'"


def test_every_text_with_holes_is_known_again() -> None:
    """A sentence whose text cannot be told from another's would be said as that one."""
    confused = {}
    for english, said in texts.catalogue("es").singular.items():
        if "%(" not in english and any(isinstance(one, Hole) for one in tokens(english)):
            wanted = _filled(said)
            if _names(said) == _names(english) and in_spanish(_filled(english)) != wanted:
                confused[english] = in_spanish(_filled(english)), wanted

    assert confused == {}


def test_nobody_can_make_the_reading_of_a_sentence_long() -> None:
    """Anybody may have written what a sentence names: no reading goes back over it."""
    hostile = ("is: is not of has " * CHARACTERS_MAX)[:CHARACTERS_MAX]
    in_spanish("some fields do not fit")

    begun = perf_counter()
    in_spanish(hostile)

    assert perf_counter() - begun < 5


def _names(text: str) -> set[str]:
    return {one.name for one in tokens(text) if isinstance(one, Hole)}


def _filled(text: str) -> str:
    return "".join(
        one if isinstance(one, str) else f"'{one.name}-1'" if one.is_quoted else f"{one.name}-1"
        for one in tokens(text)
    )
