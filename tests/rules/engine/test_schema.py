"""The published schema is valid, current, and says of a rule's structure what the reader says."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from pitboss.rules.engine.catalogue import Variable, catalogue_of
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.forms import TESTS, condition
from pitboss.rules.engine.rule import KINDS
from pitboss.rules.engine.schema import pack_schema, rule_schema, schema_text
from tests.rules.engine.samples import BRIEF, RIGHT
from tests.rules.engine.words import CATALOGUE, SEGMENTS
from tests.rules.engine.wrong import ENVELOPES

PUBLISHED = Path(__file__).parents[3] / "docs/rules.schema.json"
CATALOGUES = [None, CATALOGUE]
IDS = ["any words", "the words of a catalogue"]


@cache
def validator(kind: str | None, *, has_words: bool) -> Draft202012Validator:
    words = CATALOGUE if has_words else None
    return Draft202012Validator(pack_schema(words) if kind is None else rule_schema(kind, words))


def is_valid(data: Any, *, has_words: bool = True) -> bool:
    """Tell whether the schema of a file accepts a rule; that of its kind says the same."""
    of_file = validator(None, has_words=has_words).is_valid(data)
    kind = data.get("kind") if isinstance(data, dict) else None
    if isinstance(kind, str) and kind in KINDS:
        assert validator(kind, has_words=has_words).is_valid(data) == of_file
    return of_file


def test_the_published_schema_is_current() -> None:
    assert PUBLISHED.read_text("utf-8") == schema_text(), "run: pitboss rules schema"


@pytest.mark.parametrize("words", CATALOGUES, ids=IDS)
@pytest.mark.parametrize("kind", [*KINDS, None])
def test_each_schema_is_a_schema(kind: str | None, words: Any) -> None:
    Draft202012Validator.check_schema(pack_schema(words) if kind is None else rule_schema(kind, words))


def test_there_is_no_schema_of_an_unknown_kind() -> None:
    with pytest.raises(Refused, match="did you mean reward"):
        rule_schema("rewards")


@pytest.mark.parametrize("has_words", [False, True], ids=IDS)
@pytest.mark.parametrize("data", RIGHT, ids=lambda data: str(data["key"]))
def test_a_right_rule_is_valid(data: dict[str, Any], has_words: bool) -> None:
    assert is_valid(data, has_words=has_words)


@pytest.mark.parametrize("has_words", [False, True], ids=IDS)
@pytest.mark.parametrize("data", [data for data, _ in ENVELOPES], ids=[message for _, message in ENVELOPES])
def test_a_wrong_envelope_is_not_valid(data: Any, has_words: bool) -> None:
    assert not is_valid(data, has_words=has_words)


@pytest.mark.parametrize(
    "data",
    [
        [],
        RIGHT,
        {"pack": "p", "title": "P", "version": 1, "rules": RIGHT},
    ],
    ids=["no rules", "a list", "a pack"],
)
def test_a_file_holds_a_list_or_a_pack(data: Any) -> None:
    assert is_valid(data)


@pytest.mark.parametrize(
    "data",
    [
        5,
        [BRIEF, 5],
        [BRIEF, {**BRIEF, "prioriti": 1}],
        {"rules": RIGHT},
        {"pack": "p", "title": "P", "version": 1, "rules": []},
        {"pack": "p", "title": "P", "version": 1, "rules": RIGHT, "author": "me"},
        {"pack": "p", "title": "P", "version": 1, "rules": [{**BRIEF, "kind": "rewards"}]},
    ],
)
def test_a_file_of_something_else_is_not_valid(data: Any) -> None:
    assert not is_valid(data)


def test_a_mistake_is_said_where_it_is() -> None:
    """The kind decides which schema speaks, so that an editor underlines one word and not the rule."""
    data = [BRIEF, {**BRIEF, "priority": "high"}]
    (error,) = validator(None, has_words=True).iter_errors(data)

    assert isinstance(error, ValidationError)
    assert list(error.absolute_path) == [1, "priority"]


# -- conditions --------------------------------------------------------------------------------

SAMPLES: list[Any] = [
    *(0, 2.5, -1, 2**60, True, False, None, {}),
    *("DE", "VIP", "vip", "48h", "2026-01-01T00:00:00Z", "2026-01-01", "x" * 300),
    *([], [1], [1, 2], ["DE", "VIP"], ["VIP"], [1, "a"], [["a"]], ["48h", "50h"], [True, False]),
]
ASKED = [
    *[(name, value) for name in CATALOGUE.variables for value in SAMPLES],
    *[(name, {word: value}) for name in CATALOGUE.variables for word in TESTS for value in SAMPLES],
    *[
        (f"{name}_{end}", value)
        for name in CATALOGUE.variables
        for end in ("min", "max")
        for value in SAMPLES
    ],
]
DEEPER = {
    # What a schema cannot say: that the first is not above the second, and that a day is no instant.
    "between": "nothing is between",
}


def refusal_of(form: Any) -> str | None:
    try:
        condition(form, CATALOGUE)
    except Refused as refused:
        return refused.cause
    return None


@pytest.mark.slow
def test_the_schema_accepts_what_the_reader_accepts() -> None:
    """Each variable, each test, each kind of value: the schema knows all that forms can ask."""
    valid = validator("segment", has_words=True)
    wrong = []
    for key, value in ASKED:
        refusal = refusal_of({key: value})
        accepted = valid.is_valid({"kind": "segment", "key": "a", "when": {key: value}})
        if accepted != (refusal is None) and not (accepted and str(refusal).startswith(DEEPER["between"])):
            wrong.append((key, value, refusal))

    assert wrong == []


def test_without_words_the_schema_accepts_all_that_the_reader_does() -> None:
    valid = validator("segment", has_words=False)
    wrong = [
        (key, value)
        for key, value in ASKED
        if refusal_of({key: value}) is None
        and not valid.is_valid({"kind": "segment", "key": "a", "when": {key: value}})
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "when",
    [
        {"net_los": 5},
        {"net_loss": {"mim": 5}},
        {"all": []},
        {"any": {"net_loss": 5}},
        {"none": [5]},
        {"expression": 5},
        {"all": [{"any": [{"net_loss": {"mim": 5}}]}]},
        [{"net_loss": 5}],
        5,
        "",
        None,
    ],
)
def test_a_wrong_condition_is_not_valid(when: Any) -> None:
    assert not is_valid({"kind": "segment", "key": "a", "when": when})


def test_an_editor_completes_the_words_of_the_catalogue() -> None:
    keys = rule_schema("segment", CATALOGUE)["$defs"]["Tests"]["properties"]

    assert keys.keys() >= {
        "net_loss",
        "betting.net_loss",
        "net_loss_min",
        "net_loss_max",
        "all",
        "any",
        "none",
    }
    assert keys["net_loss"]["title"] == "betting.net_loss (EUR)"
    assert keys["segment"]["anyOf"][0] == {"enum": list(SEGMENTS)}
    assert "segment_min" not in keys


def test_a_noun_of_two_plugins_is_completed_in_full_only() -> None:
    words = catalogue_of([Variable(name="a.tier"), Variable(name="b.tier")])
    keys = rule_schema("segment", words)["$defs"]["Tests"]["properties"]

    assert "a.tier" in keys
    assert "tier" not in keys


def test_a_variable_is_itself_whatever_its_ending() -> None:
    words = catalogue_of([Variable(name="score"), Variable(name="score_min", type="text")])
    keys = rule_schema("segment", words)["$defs"]["Tests"]["properties"]

    assert {"type": "string", "maxLength": 256} in keys["score_min"]["anyOf"]


def test_the_facts_of_a_case_are_those_of_the_catalogue() -> None:
    case = {"expect": {"match": True}}
    data = {"kind": "segment", "key": "a"}

    assert is_valid(
        {**data, "tests": [{**case, "facts": {"net_loss": 5, "games": ["slots"], "is_vip": None}}]}
    )
    assert not is_valid({**data, "tests": [{**case, "facts": {"net_los": 5}}]})
    assert not is_valid({**data, "tests": [{**case, "facts": {"net_loss": "5"}}]})
