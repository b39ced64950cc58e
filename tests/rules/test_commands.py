"""`pitboss rules`, as people and scripts call it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pitboss.rules.commands import rules

PACKS = Path(__file__).parents[2] / "rules/packs"

RULE = {
    "kind": "reward",
    "key": "cashback",
    "when": {"segment": "LOSING", "net_loss_min": 100},
    "then": [{"action": "loyalty.grant_bonus", "formula": "net_loss * 0.10", "max_amount": 500}],
    "tests": [
        {
            "name": "capped",
            "facts": {"net_loss": 6200, "segment": "LOSING"},
            "expect": {"match": True, "amount": 500},
        }
    ],
}


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(rules, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def loaded(result: Result) -> Any:
    return json.loads(result.stdout)


@pytest.fixture
def rule_file(tmp_path: Path) -> Path:
    return write(tmp_path / "cashback.json", RULE)


def write(path: Path, data: Any) -> Path:
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


# -- test ----------------------------------------------------------------------------------------


def test_the_packs_pass() -> None:
    result = run("test", PACKS)

    assert result.exit_code == 0
    assert "passed  value-bet" in result.stdout
    assert ", 0 failed" in result.stdout


def test_a_failing_test_says_why_and_exits_with_1(tmp_path: Path) -> None:
    wrong = {**RULE, "tests": [{"facts": {"net_loss": 620, "segment": "LOSING"}, "expect": {"amount": 63}}]}

    result = run("test", write(tmp_path / "a.json", wrong))

    assert result.exit_code == 1
    assert "FAILED  cashback" in result.stdout
    assert "amount 63.0 was expected, and 62.0 came out" in result.stdout


def test_test_reports_to_machines(rule_file: Path) -> None:
    report = loaded(run("test", rule_file, "--json"))

    assert (report["cases"], report["failed"], report["refusals"]) == (1, 0, [])
    assert report["rules"][0]["key"] == "cashback"
    assert report["rules"][0]["cases"][0]["passed"]


def test_a_refused_rule_fails_the_tests_and_the_others_still_run(tmp_path: Path) -> None:
    write(tmp_path / "a.json", RULE)
    write(tmp_path / "b.json", {**RULE, "key": "other", "when": {"net_los": 1}})

    result = run("test", tmp_path)

    assert result.exit_code == 1
    assert "b.json: other.when.net_los: unknown variable 'net_los': did you mean net_loss?" in result.stderr
    assert "passed  cashback" in result.stdout


# -- eval ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "facts", "printed"),
    [
        ("net_loss * 0.10", '{"net_loss": 620}', "62"),
        ("net_loss >= 100 and segment == 'LOSING'", '{"net_loss": 100, "segment": "LOSING"}', "true"),
        ("'GOLD' if lp_balance >= 500 else tier", '{"lp_balance": 500}', "GOLD"),
        ("kick_off_at - now", '{"now": "2026-12-01T00:00:00Z", "kick_off_at": "2026-12-02T00:00:00Z"}', "1d"),
        ("kick_off_at", '{"kick_off_at": "2026-12-02T01:00:00+01:00"}', "2026-12-02T00:00:00Z"),
        ("segments", '{"segments": ["VIP", "NEW"]}', "NEW, VIP"),
        ("now > '2020-01-01T00:00:00Z'", "{}", "true"),
    ],
)
def test_an_expression_is_computed(text: str, facts: str, printed: str) -> None:
    result = run("eval", text, "--facts", facts)

    assert (result.exit_code, result.stdout) == (0, f"{printed}\n")


def test_an_expression_without_a_value_exits_with_1() -> None:
    result = run("eval", "net_loss / 0")

    assert (result.exit_code, result.stderr) == (1, "Error: a division by zero\n")
    assert loaded(run("eval", "odds * 2", "--json")) == {
        "value": None,
        "type": "number",
        "error": "unknown_fact",
        "message": "the fact odds is unknown",
    }


def test_facts_come_from_a_file_too(tmp_path: Path) -> None:
    facts = write(tmp_path / "facts.json", {"net_loss": 620})

    result = run("eval", "net_loss * 0.10", "--facts", f"@{facts}", "--json")

    assert loaded(result) == {"value": 62.0, "type": "number", "error": None, "message": None}


def test_a_refused_expression_says_where_what_and_the_cure() -> None:
    result = run("eval", "1 + net_los")

    assert result.exit_code == 2
    assert result.stderr == "Error: column 5: unknown variable 'net_los': did you mean net_loss?\n"


# -- check ---------------------------------------------------------------------------------------


def test_check_names_every_refusal_with_its_file_and_place(tmp_path: Path) -> None:
    write(
        tmp_path / "a.json", [{**RULE, "key": "a", "when": {"net_los": 1}}, {**RULE, "key": "b", "wen": {}}]
    )
    write(tmp_path / "c.json", {**RULE, "key": "c", "when": "net_loss >"})

    result = run("check", tmp_path)

    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert lines[0].endswith("a.json: a.when.net_los: unknown variable 'net_los': did you mean net_loss?")
    assert lines[1].endswith("a.json: b: unknown key 'wen': did you mean when?")
    assert "c.json: c.when, column" in lines[2]
    assert "0 rules read, 3 refused" in result.stdout


def test_a_key_that_stands_twice_is_refused_across_files(tmp_path: Path) -> None:
    write(tmp_path / "a.json", RULE)
    write(tmp_path / "b.json", RULE)

    result = run("check", tmp_path)

    assert result.exit_code == 1
    assert f"b.json: cashback.key: the key stands twice: {tmp_path / 'a.json'}" in result.stderr


def test_a_rule_that_never_matches_is_an_error(tmp_path: Path) -> None:
    never = {**RULE, "when": "net_loss > 5 and net_loss < 3", "tests": []}

    result = run("check", write(tmp_path / "a.json", never))

    assert result.exit_code == 1
    assert "it can never match" in result.stderr


def test_warnings_fail_only_when_check_is_strict(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", {**RULE, "when": {"segment": "LOSING"}})

    assert "warning" in run("check", file).stdout
    assert run("check", file).exit_code == 0
    assert run("check", file, "--strict").exit_code == 1


def test_check_asks_every_backend_when_it_is_told_to() -> None:
    result = run("check", PACKS / "segments.json", "--backends", "--notes", "--json")

    assert result.exit_code == 0
    assert "backends_disagree" not in {finding["kind"] for finding in loaded(result)["findings"]}


def test_check_reports_to_machines(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", [{**RULE, "when": {"segment": "LOSING"}}, {"kind": "reward"}])

    report = loaded(run("check", file, "--json"))

    assert report["rules"] == 1
    assert report["refusals"][0]["file"] == str(file)
    assert report["refusals"][0].keys() == {"file", "rule", "path", "column", "cause"}
    assert {"file", "kind", "severity", "rules", "sentence"} <= report["findings"][0].keys()


# -- explain -------------------------------------------------------------------------------------


def test_explain_says_each_condition_with_its_value(rule_file: Path) -> None:
    facts = '{"segment": "LOSING", "net_loss": 90}'

    result = run("explain", rule_file, "--rule", "cashback", "--facts", facts)

    assert result.exit_code == 0
    assert "cashback did not match: net_loss is 90 EUR, and at least 100 EUR is wanted" in result.stdout
    assert "ok  segment == 'LOSING'   segment is LOSING" in result.stdout
    assert "NO  net_loss >= 100" in result.stdout
    assert "net_loss * 0.1 would pay 9" in result.stdout


def test_explain_shows_what_is_paid_and_the_cap(rule_file: Path) -> None:
    facts = '{"segment": "LOSING", "net_loss": 6200}'

    result = run("explain", rule_file, "--rule", "cashback", "--facts", facts)

    assert "net_loss * 0.1 pays 500 (at most 500; the formula says 620)" in result.stdout


def test_explain_without_a_rule_gives_a_sentence_for_each() -> None:
    result = run("explain", PACKS / "alerts.json", "--facts", '{"model_probability": 0.55, "odds": 2.1}')

    assert len(result.stdout.splitlines()) == 6
    assert "Value bet matched" in result.stdout


def test_explain_suggests_the_rule_that_was_meant(rule_file: Path) -> None:
    result = run("explain", rule_file, "--rule", "cashbak")

    assert result.exit_code == 2
    assert result.stderr == "Error: there is no rule 'cashbak': did you mean cashback?\n"


def test_explain_reports_to_machines(rule_file: Path) -> None:
    report = loaded(run("explain", rule_file, "--rule", "cashback", "--json"))

    assert {"key", "matched", "fires", "condition", "amounts", "sentence"} <= report.keys()


# -- simulate ------------------------------------------------------------------------------------


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    lines = [
        "player,segment,net_loss",
        "a,LOSING,620",
        "b,LOSING,6200",
        "a,WINNING,-5",
        "c,LOSING,",
        "a,LOSING,100",
    ]
    return write(tmp_path / "rows.csv", "\n".join(lines) + "\n")


def test_simulate_counts_matches_players_and_cost(rule_file: Path, rows: Path) -> None:
    result = run("simulate", rule_file, "--on", rows, "--id", "player")

    assert result.exit_code == 0
    assert "rule      matches  players    cost    mean     max  unknown  faults" in result.stdout
    assert "cashback        3        2  572.00  190.67  500.00        0       0" in result.stdout
    assert "5 rows, 2 players: 572.00 paid" in result.stdout


def test_simulate_compares_with_another_version(rule_file: Path, rows: Path, tmp_path: Path) -> None:
    action = {"action": "loyalty.grant_bonus", "formula": "net_loss * 0.05", "max_amount": 500}
    old = write(tmp_path / "old.json", {**RULE, "then": [action], "when": {"segment": "LOSING"}, "tests": []})

    report = loaded(run("simulate", rule_file, "--on", rows, "--against", old, "--json"))

    assert report["changes"] == [
        {"rule": "cashback", "gained": 0, "lost": 1, "changed": 3, "difference": 226.0}
    ]


def test_simulate_names_the_rules_that_match_together(rows: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "two.json", [RULE, {**RULE, "key": "again", "tests": []}])

    report = loaded(run("simulate", file, "--on", rows, "--json"))

    assert report["overlaps"] == [{"rules": ["cashback", "again"], "rows": 3}]
    assert report["cost"] == 1144.0
    assert report["changes"] is None


def test_simulate_reads_parquet(rule_file: Path, rows: Path, tmp_path: Path) -> None:
    import polars as pl

    file = tmp_path / "rows.parquet"
    pl.read_csv(rows).write_parquet(file)

    assert loaded(run("simulate", rule_file, "--on", file, "--json"))["cost"] == 572.0


def test_simulate_warns_of_columns_that_nobody_reads_and_of_facts_without_one(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", {"kind": "segment", "key": "a", "when": "odds > 2"})
    data = write(tmp_path / "rows.csv", "ods,net_loss\n3,5\n")

    result = run("simulate", file, "--on", data)

    assert "Warning: no column gives odds: unknown in each row" in result.stderr
    assert "Warning: no rule reads the columns net_loss, ods: left out" in result.stderr


def test_simulate_shows_a_bar_on_standard_error_when_there_is_much_to_do(
    rule_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pitboss.rules.commands.simulate.PROGRESS_ROWS_MIN", 2)
    data = write(tmp_path / "rows.csv", "segment,net_loss\n" + "LOSING,200\n" * 3)

    result = run("simulate", rule_file, "--on", data, "--json")

    assert "simulating" in result.stderr
    assert loaded(result)["rows"] == 3


def test_a_wrong_cell_is_named_by_its_row_and_column(rule_file: Path, tmp_path: Path) -> None:
    data = write(tmp_path / "rows.csv", "segment,net_loss\nLOSING,5\nLOSING,many\n")

    result = run("simulate", rule_file, "--on", data)

    assert result.exit_code == 2
    assert "rows.csv, row 2, column 'net_loss'" in result.stderr


# -- format, schema, import ----------------------------------------------------------------------


def test_format_writes_one_layout_and_check_only_looks(rule_file: Path) -> None:
    before = rule_file.read_text()

    assert run("format", rule_file, "--check").exit_code == 1
    assert rule_file.read_text() == before
    assert run("format", rule_file).exit_code == 0
    assert run("format", rule_file, "--check").exit_code == 0
    assert json.loads(rule_file.read_text()) == json.loads(before)


def test_format_writes_nothing_when_one_file_cannot_be_read(rule_file: Path, tmp_path: Path) -> None:
    before = rule_file.read_text()
    broken = write(tmp_path / "z.json", "{")

    assert run("format", rule_file, broken).exit_code == 2
    assert rule_file.read_text() == before


def test_a_schema_of_all_rules_and_of_one_kind_is_printed() -> None:
    assert "Pack" in loaded(run("schema"))["$defs"]
    assert loaded(run("schema", "alert"))["title"] == "A rule of the kind alert"
    assert "net_loss_min" in run("schema", "alert", "--words").stdout
    assert run("schema", "alarm").exit_code == 2


def test_jsonlogic_becomes_a_rule(tmp_path: Path) -> None:
    logic = {"and": [{">=": [{"var": "net_loss"}, 100]}, {"==": [{"var": "segment"}, "LOSING"]}]}
    file = write(tmp_path / "Big Losers.json", logic)

    result = run("import", "--from", "jsonlogic", file)

    assert loaded(result) == {
        "kind": "segment",
        "key": "big-losers",
        "when": {"net_loss_min": 100, "segment": "LOSING"},
    }


def test_jsonlogic_that_means_something_else_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", {"==": [{"var": "net_loss"}, "100"]})

    result = run("import", "--from", "jsonlogic", file, "--key", "a")

    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {file}: ")


# -- wrong input ---------------------------------------------------------------------------------

COMMANDS = [["test"], ["check"], ["explain"], ["format"], ["simulate", "--on", "x.csv"]]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no such file or folder"),
        ("{", "this is not JSON: it ends too early"),
        ("[1, 2,\n oops]", "line 2, column"),
        ("\x00\x01\x02", "this is not JSON"),
        ("", "this is not JSON"),
        ("3", "a file holds a rule, a list of rules, or a pack of them"),
        ('{"variables": []}', "this is a catalogue, not rules: give it as --catalogue"),
        ("[" * 100_000, "this"),
    ],
    ids=["missing", "broken", "second-line", "binary", "empty", "number", "catalogue", "deep"],
)
def test_wrong_input_is_one_sentence_on_standard_error(
    command: list[str], content: str | None, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "rules.json"
    if content is not None:
        file.write_text(content)

    result = run(command[0], file, *command[1:])

    assert result.exit_code in (1, 2)
    assert len(result.stderr.splitlines()) == 1
    assert str(file) in result.stderr
    assert said in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["test", "check", "format"])
def test_a_folder_without_rules_is_said_to_be_one(command: str, tmp_path: Path) -> None:
    result = run(command, tmp_path)

    assert result.exit_code == 2
    assert result.stderr == f"Error: the folder {tmp_path} holds no rules: none of its files ends in .json\n"


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b'{"kind": "\xff\xfe"}')

    result = run("check", file)

    assert result.exit_code == 2
    assert str(file) in result.stderr


def test_a_file_that_is_too_large_is_not_read(rule_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pitboss.rules.commands.reading.FILES_MAX", 0)

    assert "files are too many at once: at most 0" in run("test", rule_file).stderr


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ("{", "--facts: this is not JSON"),
        ("[1]", "--facts: facts are an object"),
        ("@nowhere.json", "nowhere.json: there is no such file"),
        ('{"net_los": 1}', "unknown variable 'net_los': did you mean net_loss?"),
    ],
)
def test_wrong_facts_are_said_in_a_sentence(facts: str, said: str) -> None:
    result = run("eval", "net_loss", "--facts", facts)

    assert result.exit_code == 2
    assert said in result.stderr


def test_a_fact_of_a_wrong_type_has_no_value() -> None:
    result = run("eval", "net_loss", "--facts", '{"net_loss": "much"}')

    assert (result.exit_code, result.stderr) == (
        1,
        "Error: the fact net_loss is 'much', which is not a number\n",
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [("rows.txt", "a"), ("rows.parquet", "this is no parquet"), ("rows.csv", "")],
)
def test_rows_that_cannot_be_read_are_refused(
    rule_file: Path, tmp_path: Path, name: str, content: str
) -> None:
    result = run("simulate", rule_file, "--on", write(tmp_path / name, content))

    assert result.exit_code == 2
    assert name in result.stderr
    assert len(result.stderr.splitlines()) == 1


# -- catalogues ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "a catalogue is an object"),
        ({"variables": []}, "at least 1 item"),
        (
            {"variables": [{"name": "a", "typ": "text"}]},
            "unknown key 'typ': did you mean type?",
        ),
        ({"variables": [{"name": "a", "type": "integer"}]}, "variables[0].type"),
        ({"variables": [{"name": "a b"}]}, "variables[0].name: the name 'a b' cannot stand in an expression"),
        ({"variables": [{"name": "x.and"}]}, "the name 'x.and' is taken: and is a word of the language"),
        ({"variables": [{"name": "any"}]}, "the name 'any' is taken"),
        ({"variables": [{"name": "a"}, {"name": "a"}]}, "variables[1].name: the name 'a' stands twice"),
        ({"variables": [{"name": "a", "type": "choice"}]}, "a choice lists its 'choices'"),
        ({"variables": [{"name": "a", "choices": ["b"]}]}, "only a choice has 'choices'"),
        ({"variables": [{"name": "a", "default": "b"}]}, "variables[0].default: 'b' is not a number"),
        ({"variables": [{"name": "now", "type": "text"}]}, "now is an instant"),
    ],
)
def test_a_wrong_catalogue_says_where_what_and_the_cure(data: Any, said: str, tmp_path: Path) -> None:
    file = write(tmp_path / "catalogue.json", data)

    result = run("eval", "1", "--catalogue", file)

    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {file}: ")
    assert said in result.stderr


def test_a_catalogue_of_ones_own_is_used(tmp_path: Path) -> None:
    words = {"variables": [{"name": "shop.basket", "type": "money", "default": 5}]}
    file = write(tmp_path / "catalogue.json", words)

    assert run("eval", "basket * 2", "--catalogue", file).stdout == "10\n"
    assert run("eval", "net_loss", "--catalogue", file).exit_code == 2


# -- the command as it is installed --------------------------------------------------------------


def test_the_exit_codes_are_in_the_help() -> None:
    text = run("--help").stdout

    assert "0  fine" in text
    assert "1  a rule failed" in text
    assert "2  wrong use" in text


def test_the_command_loads_no_web_no_database_and_no_columns() -> None:
    code = """if True:
        import sys
        from pitboss.core.cli import cli
        cli.main(["rules", "eval", "1 + 1"], standalone_mode=False)
        sys.exit(" ".join({"flask", "sqlalchemy", "numpy", "polars"} & set(sys.modules)))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr.strip()) == ("2\n", "")


def test_the_installed_command_works_anywhere(tmp_path: Path) -> None:
    program = str(Path(sys.executable).parent / "pitboss")

    done = subprocess.run(
        [program, "rules", "eval", "net_loss * 0.10", "--facts", '{"net_loss": 620}'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "62\n", "")
