"""Preferences are typed, have defaults, and hold from the next request on."""

from __future__ import annotations

import pytest

from pitboss.core.errors import InvalidInput
from pitboss.core.identity import preferences
from pitboss.core.identity.tables import Activity, PreferenceRow

DEFAULTS = {key: preference.default for key, preference in preferences.PREFERENCES.items()}


def test_without_a_choice_the_default_holds(do, tenant, player_id):
    assert do(tenant, preferences.preferences_of, player_id) == DEFAULTS


def test_nobody_is_opted_in_to_marketing():
    assert not any(value for key, value in DEFAULTS.items() if key.startswith("marketing_"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("odds_format", "fractional"),
        ("odds_format", "hong_kong"),
        ("favourite_team", "Werder Bremen"),
        ("time_zone", "Europe/Berlin"),
        ("quiet_hours", {"from": "22:00", "until": "08:00"}),
        ("marketing_email", True),
    ],
)
def test_a_choice_is_kept(do, tenant, player_id, key, value):
    do(tenant, preferences.change_preferences, player_id, {key: value})

    assert do(tenant, preferences.preferences_of, player_id) == DEFAULTS | {key: value}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("odds_format", "roman"),
        ("odds_format", ["decimal"]),
        ("favourite_team", ""),
        ("favourite_team", "x" * (preferences.TEXT_CHARACTERS_MAX + 1)),
        ("favourite_team", "a\x00b"),
        ("time_zone", "Mars/Olympus"),
        ("quiet_hours", {"from": "22:00"}),
        ("quiet_hours", {"from": "22:00", "until": "24:00"}),
        ("quiet_hours", "always"),
        ("marketing_email", 1),
        ("marketing_email", "true"),
        ("colour", "red"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(do, tenant, player_id, key, value):
    with pytest.raises(InvalidInput) as refusal:
        do(tenant, preferences.change_preferences, player_id, {"marketing_sms": True, key: value})

    assert list(refusal.value.fields) == [key]
    assert do(tenant, preferences.preferences_of, player_id) == DEFAULTS


def test_nothing_brings_the_default_back(do, tenant, player_id, count):
    do(tenant, preferences.change_preferences, player_id, {"odds_format": "american"})
    do(tenant, preferences.change_preferences, player_id, {"odds_format": None})

    assert do(tenant, preferences.preferences_of, player_id) == DEFAULTS
    assert count(tenant, PreferenceRow) == 0


def test_only_a_real_change_is_an_activity(do, tenant, player_id, count):
    for _ in range(2):
        do(tenant, preferences.change_preferences, player_id, {"odds_format": "american"})

    assert count(tenant, Activity, Activity.kind == "preference_changed") == 1


def test_a_choice_is_of_one_player_in_one_tenant(do, tenant, other_tenant, player_id, namesake_id):
    do(tenant, preferences.change_preferences, player_id, {"odds_format": "american"})

    assert do(other_tenant, preferences.preferences_of, namesake_id) == DEFAULTS
    assert do(other_tenant, preferences.preferences_of, player_id) == DEFAULTS


def test_a_key_that_is_no_more_is_left_out(do, tenant, player_id, monkeypatch):
    do(tenant, preferences.change_preferences, player_id, {"marketing_sms": True})

    # A copy: what is put back into a dict stands at its end, and the API document follows its order.
    left = {key: value for key, value in preferences.PREFERENCES.items() if key != "marketing_sms"}
    monkeypatch.setattr(preferences, "PREFERENCES", left)

    assert "marketing_sms" not in do(tenant, preferences.preferences_of, player_id)
