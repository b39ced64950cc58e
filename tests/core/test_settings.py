"""Settings: defaults < file < environment < command line; what is wrong is named."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from pitboss.core.errors import ConfigError
from pitboss.core.settings import Settings, load_settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pitboss.toml").write_text('port = 7000\nlog_level = "DEBUG"\n')
    return tmp_path


def test_the_file_wins_over_the_default(folder: Path) -> None:
    settings = load_settings({}, config=folder)

    assert (Settings().port, settings.port) == (8080, 7000)


def test_the_environment_wins_over_the_file(folder: Path) -> None:
    settings = load_settings({"PITBOSS_PORT": "7001", "PITBOSS_CONFIG": str(folder)})

    assert settings.port == 7001
    assert settings.log_level == "DEBUG"


def test_the_command_line_wins_over_the_environment(folder: Path) -> None:
    assert load_settings({"PITBOSS_PORT": "7001"}, config=folder, port=7002).port == 7002


def test_what_the_command_line_leaves_out_changes_nothing(folder: Path) -> None:
    assert load_settings({}, config=folder, port=None).port == 7000


def test_the_usual_names_of_servers_are_understood() -> None:
    settings = load_settings({"DATABASE_URL": "postgresql://u@h/d", "REDIS_URL": "redis://h"})

    assert settings.database_url == "postgresql://u@h/d"
    assert settings.redis_url == "redis://h"


def test_our_own_name_wins_over_the_usual_one() -> None:
    both = {"PITBOSS_DATABASE_URL": "sqlite:///ours", "DATABASE_URL": "sqlite:///usual"}

    assert load_settings(both).database_url == "sqlite:///ours"
    assert load_settings(dict(reversed(both.items()))).database_url == "sqlite:///ours"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PITBOSS_PROT": "1"}, "PITBOSS_PROT: no such setting; did you mean 'port'?"),
        ({"PITBOSS_PORT": "many"}, "PITBOSS_PORT: 'many' is not valid"),
        ({"PITBOSS_PORT": "80.5"}, "PITBOSS_PORT: '80.5' is not valid"),
        ({"PITBOSS_SAFE_MODE": "maybe"}, "PITBOSS_SAFE_MODE: 'maybe' is not valid: write true or false"),
    ],
)
def test_a_wrong_variable_is_named(environment: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load_settings(environment)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", "prot: no such setting; did you mean 'port'?"),
        ('port = "many"', "port: 'many' is not valid"),
        ("port = 80.5", "port: 80.5 is not valid: a whole number is expected"),
        ("port = true", "port: True is not valid: a whole number is expected"),
        ("log_level = 3", "log_level: 3 is not valid: text is expected"),
        ("data = 3", "data: 3 is not valid: a path is expected"),
        ("cors_origins = 3", "cors_origins: 3 is not valid: a list of text is expected"),
        ("cors_origins = [3]", "cors_origins: [3] is not valid: a list of text is expected"),
        ("port = ", "Invalid value"),
    ],
)
def test_a_wrong_file_names_file_key_and_value(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "pitboss.toml"
    path.write_text(text)

    with pytest.raises(ConfigError) as refusal:
        load_settings({}, config=tmp_path)

    assert str(refusal.value).startswith(f"{path}: {message}")


@pytest.mark.parametrize("text", ["1", "true", "YES", "on"])
def test_words_for_yes(text: str) -> None:
    assert load_settings({"PITBOSS_SAFE_MODE": text}).safe_mode


@pytest.mark.parametrize("text", ["0", "false", "No", "off", ""])
def test_words_for_no(text: str) -> None:
    assert not load_settings({"PITBOSS_SAFE_MODE": text}).safe_mode


def test_a_list_is_written_with_commas_or_as_a_list(tmp_path: Path) -> None:
    (tmp_path / "pitboss.toml").write_text('cors_origins = ["https://a", "https://b"]')
    from_file = load_settings({}, config=tmp_path)

    assert from_file.cors_origins == ("https://a", "https://b")
    assert (
        load_settings({"PITBOSS_CORS_ORIGINS": "https://a, https://b"}).cors_origins == from_file.cors_origins
    )


def test_variables_of_others_are_left_alone() -> None:
    assert load_settings({"PATH": "x", "PITBOSS_TEST_POSTGRES": "y"}) == load_settings({})


def test_settings_do_not_change_after_the_start() -> None:
    with pytest.raises(FrozenInstanceError):
        load_settings({}).port = 1  # type: ignore[misc]  # that is the point
