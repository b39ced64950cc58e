"""How values read on a page."""

from __future__ import annotations

import pytest

from pitboss.webapp.admin.filters import as_text, who


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("operator:ann@acme.test", "ann@acme.test"),
        ("api_key:Website", "the API key Website"),
        ("player:0195f2d0-0000-7000-8000-000000000001", "a player"),
        ("system:pitboss", "the platform"),
        ("system:betting.settle_run", "the platform (settle run)"),
        ("system:sports.result_recorded>betting.hear_result", "the platform (result recorded)"),
        ("somebody", "somebody"),
    ],
)
def test_who_did_something_is_said_in_words(label, said):
    assert who(label) == said


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (["slots", "roulette"], "slots, roulette"),
        ([True, 2], "yes, 2"),
        ([], "[]"),
        ([{"a": 1}], '[{"a": 1}]'),
        ({"b": [1]}, '{"b": [1]}'),
    ],
)
def test_what_is_json_reads_as_people_write(value: object, read: str) -> None:
    assert as_text(value) == read
