# ruff: noqa: E501  # a message stands on one line, as it is read
"""Wrong rules, and for each the message that its author reads."""

from __future__ import annotations

from typing import Any

Wrong = list[tuple[Any, str]]


def reward(**more: Any) -> dict[str, Any]:
    return {"kind": "reward", "key": "a", "then": [{"action": "x.y"}], **more}


def paying(**more: Any) -> dict[str, Any]:
    return reward(then=[{"action": "x.y", **more}])


def segment(**more: Any) -> dict[str, Any]:
    return {"kind": "segment", "key": "a", **more}


def when(form: Any) -> dict[str, Any]:
    return segment(when=form)


def alert(**more: Any) -> dict[str, Any]:
    return {"kind": "alert", "key": "a", "message": "m", **more}


def limit(**more: Any) -> dict[str, Any]:
    return {"kind": "limit", "key": "a", "operation": "a.b", "message": "m", **more}


def formula(**more: Any) -> dict[str, Any]:
    return {"kind": "formula", "key": "a", **more}


def case(**more: Any) -> dict[str, Any]:
    return segment(tests=[{"facts": {}, "expect": {}, **more}])


def table(*rows: Any, **more: Any) -> dict[str, Any]:
    return formula(table={"rows": list(rows), **more})


def row(form: Any, value: Any, **more: Any) -> dict[str, Any]:
    return {"when": form, "then": {"value": value}, **more}


ENVELOPES: Wrong = [
    (5, "a rule is an object, and this is 5"),
    ({}, "a rule says its 'kind': reward, segment, alert, formula, limit"),
    ({"kind": None}, "kind: a kind is a text, and this is null: reward, segment, alert, formula, limit"),
    ({"kind": "rewards", "key": "a"}, "kind: unknown kind 'rewards': did you mean reward?"),
    (
        {"kind": ["reward"]},
        "kind: a kind is a text, and this is a list of 1 item: reward, segment, alert, formula, limit",
    ),
    ({"kind": "segment"}, "'key' is missing: what the rule is called by, such as 'weekly-cashback'"),
    (segment(key=5), "key: a text is wanted, and this is 5"),
    (
        segment(key="Weekly"),
        "key: 'Weekly' is not a key: small letters and digits, with - _ . inside, at most 64",
    ),
    (segment(key=""), "key: '' is not a key: small letters and digits, with - _ . inside, at most 64"),
    (
        segment(key="a" * 65),
        "key: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa… is not a key: small letters and digits, with - _ . inside, at most 64",
    ),
    (segment(prioriti=3), "unknown key 'prioriti': did you mean priority?"),
    (
        segment(stop=True),
        "unknown key 'stop': there are description, effective, key, kind, name, on, priority, tags and 2 more",
    ),
    (segment(priority="high"), "priority: a whole number is wanted, and this is 'high'"),
    (segment(priority=2.5), "priority: a whole number is wanted, and this is 2.5"),
    (segment(priority=10**7), "priority: 10000000 is too large: at most 1000000 is wanted"),
    (segment(name=5), "name: a text is wanted, and this is 5"),
    (segment(name="x" * 201), "name: at most 200 characters are allowed, and there are 201"),
    (segment(tags="vip"), "tags: a list is wanted, and this is 'vip'"),
    (segment(tags=["vip", 5]), "tags[1]: a text is wanted, and this is 5"),
    (segment(tags=["x"] * 51), "tags: at most 50 items are allowed, and there are 51"),
    (segment(on=["e"] * 21), "on: at most 20 items are allowed, and there are 21"),
    ({"kind": "reward", "key": "a"}, "'then' is missing: what comes out when it matches"),
    (reward(then=[]), "then: at least 1 item is wanted, and there are 0"),
    (reward(then={"action": "x.y"}), "then: a list is wanted, and this is an object of 1 key"),
    (reward(then=["x.y"]), "then[0]: an object is wanted, and this is 'x.y'"),
    (reward(then=[{"action": "x.y"}] * 21), "then: at most 20 items are allowed, and there are 21"),
    (reward(stop="yes"), "stop: true or false is wanted, and this is 'yes'"),
    (reward(holdout_percent=101), "holdout_percent: 101 is too large: at most 100 is wanted"),
    (reward(holdout_percent=-1), "holdout_percent: -1 is too small: at least 0 is wanted"),
    (reward(effective="2026"), "effective: an object is wanted, and this is '2026'"),
    (
        reward(effective={"from": "tomorrow"}),
        "effective.from: 'tomorrow' is neither a day such as 2026-12-01 nor an instant with its time zone",
    ),
    (
        reward(effective={"from": "2026-12-01T09:00:00"}),
        "effective.from: '2026-12-01T09:00:00' is neither a day such as 2026-12-01 nor an instant with its time zone",
    ),
    (reward(effective={"until": 5}), "effective.until: a text is wanted, and this is 5"),
    (reward(effective={"frm": "2026-12-01"}), "effective: unknown key 'frm': did you mean from?"),
    (
        reward(limits={"per_player": {"count": 1}}),
        "limits.per_player: 'period' is missing: hour, day, week, month or lifetime",
    ),
    (
        reward(limits={"per_player": {"count": 0, "period": "day"}}),
        "limits.per_player.count: 0 is too small: at least 1 is wanted",
    ),
    (
        reward(limits={"per_player": {"count": 1, "period": "weekly"}}),
        "limits.per_player.period: 'weekly' is not one of its values: did you mean week?",
    ),
    (
        reward(limits={"per_player": {"count": 1, "period": "week", "cool_down": "2 days"}}),
        "limits.per_player.cool_down: '2 days' is not a duration, such as 30m, 48h or 7d",
    ),
    (
        reward(limits={"budget": {"amount": 0, "period": "day"}}),
        "limits.budget.amount: 0 is too small: more than 0 is wanted",
    ),
    (
        reward(limits={"budget": {"period": "day"}}),
        "limits.budget: 'amount' is missing: a number, such as 500",
    ),
    (reward(limits={"budgt": {}}), "limits: unknown key 'budgt': did you mean budget?"),
    (
        reward(exclusive={"pick": "best"}),
        "exclusive: 'group' is missing: a name that the rules of the group share",
    ),
    (
        reward(exclusive={"group": "x", "pick": "worst"}),
        "exclusive.pick: 'worst' is not one of its values: did you mean first?",
    ),
    (
        reward(exclusive={"group": "x", "max_amount": -1}),
        "exclusive.max_amount: -1 is too small: at least 0 is wanted",
    ),
    (alert(severity=11), "severity: 11 is too large: at most 10 is wanted"),
    (alert(severity="high"), "severity: a whole number is wanted, and this is 'high'"),
    (alert(message=""), "message: at least 1 character is wanted, and there are 0"),
    ({"kind": "alert", "key": "a"}, "'message' is missing: what is said, as a text"),
    (alert(cool_down="soon"), "cool_down: 'soon' is not a duration, such as 30m, 48h or 7d"),
    (alert(value=""), "value: at least 1 character is wanted, and there are 0"),
    (limit(message="x" * 2001), "message: at most 2000 characters are allowed, and there are 2001"),
    (
        {"kind": "limit", "key": "a", "message": "m"},
        "'operation' is missing: what is guarded, such as 'betting.place_bet'",
    ),
    (formula(), "a formula has an expression under 'formula' or a 'table', and this has neither"),
    (
        formula(formula="1", table={"rows": [row({}, 1)]}),
        "a formula has an expression under 'formula' or a 'table', not both",
    ),
    (formula(formula=5), "formula: a text is wanted, and this is 5"),
    (segment(tests={}), "tests: a list is wanted, and this is an object of 0 keys"),
    (
        segment(tests=[{"facts": {}}]),
        "tests[0]: 'expect' is missing: what should come out, such as {\"match\": true}",
    ),
    (case(facts=[]), "tests[0].facts: an object is wanted, and this is a list of 0 items"),
    (case(expect={"mach": True}), "tests[0].expect: unknown key 'mach': did you mean match?"),
    (case(expect={"match": "yes"}), "tests[0].expect.match: true or false is wanted, and this is 'yes'"),
    (paying(formula="1", amount=1), "then[0]: an action has a formula or an amount, not both"),
    (reward(then=[{}]), "then[0]: an action says which it is under 'action', such as loyalty.grant_bonus"),
    (
        reward(then=[{"acton": "x.y"}]),
        "then[0]: an action says which it is under 'action': is 'acton' meant?",
    ),
    (reward(then=[{"action": 5}]), "then[0].action: the name of an action is a text, and this is 5"),
    (paying(amount=-5), "then[0].amount: -5 is not an amount: a number from 0 to 9007199254740992"),
    (paying(amount="5"), "then[0].amount: '5' is not an amount: a number from 0 to 9007199254740992"),
    (paying(amount=True), "then[0].amount: true is not an amount: a number from 0 to 9007199254740992"),
    (paying(max_amount="5"), "then[0].max_amount: '5' is not an amount: a number from 0 to 9007199254740992"),
    (paying(formula=5), "then[0].formula: an expression is a text, and this is 5"),
    (paying(formula=""), "then[0].formula: an expression is missing"),
    (formula(table={}), "table: 'rows' is missing: a table has at least one"),
    (table(), "table.rows: at least 1 item is wanted, and there are 0"),
    (table({"when": {}}), "table.rows[0]: 'then' is missing: what comes out when it matches"),
    (table({"then": {}}), "table.rows[0].then: at least 1 key is wanted, and there are 0"),
    (table({"then": 5}), "table.rows[0].then: an object is wanted, and this is 5"),
    (
        table(row({}, 1, weight=1)),
        "table.rows[0]: unknown key 'weight': there are note, priority, then, when",
    ),
    (table(*[row({}, 1)] * 201), "table.rows: at most 200 items are allowed, and there are 201"),
    (
        table(row({}, None)),
        'table.rows[0].then.value: null cannot come out of a row: a number up to 9007199254740992, a text up to 256 characters, true, false or {"formula": "..."} can',
    ),
    (
        table(row({}, [1])),
        'table.rows[0].then.value: a list of 1 item cannot come out of a row: a number up to 9007199254740992, a text up to 256 characters, true, false or {"formula": "..."} can',
    ),
    (
        table(row({}, {"formla": "1"})),
        'table.rows[0].then.value: what is computed is written {"formula": "net_loss * 0.10"}',
    ),
    (
        table(row({}, 1), hit="last"),
        "table.hit: 'last' is not one of its values: there are collect, first, priority, unique",
    ),
    (
        table(row({}, 1), hit="collect", collect="avg"),
        "table.collect: 'avg' is not one of its values: there are count, max, min, sum",
    ),
]
"""What the schema refuses too."""

FORMS: Wrong = [
    (when({"net_los": 1}), "when.net_los: unknown variable 'net_los': did you mean net_loss?"),
    (when({"net_los_min": 1}), "when.net_los_min: unknown variable 'net_los': did you mean net_loss?"),
    (when({"al": []}), "when.al: unknown key 'al': did you mean all?"),
    (when({"all": []}), "when.all: all holds a list of conditions, with at least one"),
    (when({"any": {"is_vip": True}}), "when.any: any holds a list of conditions, with at least one"),
    (when([{"is_vip": True}]), 'when: a list needs to say how it holds: {"all": [...]}, "any" or "none"'),
    (when(5), "when: a condition is an object or an expression, and this is 5"),
    (when(None), "when: a condition is an object or an expression, and this is null"),
    (when({"expression": 5}), "when.expression: an expression is a text, and this is 5"),
    (
        when({"any": [{"is_vip": True}, {"net_los": 1}]}),
        "when.any[1].net_los: unknown variable 'net_los': did you mean net_loss?",
    ),
    (when({"net_loss_min": "100"}), "when.net_loss_min: '100' is not a number"),
    (when({"net_loss": None}), "when.net_loss: null is not a number"),
    (
        when({"net_loss": {}}),
        "when.net_loss: say what is asked of it: min, max, above, below, between, in, not, known, contains, starts_with",
    ),
    (when({"net_loss": {"mim": 1}}), "when.net_loss: unknown test 'mim': did you mean min?"),
    (when({"net_loss": []}), "when.net_loss: a list of values is wanted, with at least one"),
    (when({"net_loss": [1] * 1001}), "when.net_loss: a list has at most 1000 values, and this has 1001"),
    (when({"net_loss": {"in": 5}}), "when.net_loss.in: a list of values is wanted, with at least one"),
    (
        when({"net_loss": {"between": 5}}),
        "when.net_loss.between: between takes a list of two: the lowest and the highest",
    ),
    (
        when({"net_loss": {"between": [5, 1]}}),
        "when.net_loss.between: nothing is between 5 and 1: the lowest comes first",
    ),
    (
        when({"net_loss": {"starts_with": "1"}}),
        "when.net_loss.starts_with: starts_with asks a text, and this is a number",
    ),
    (
        when({"net_loss_min": 1e300}),
        "when.net_loss_min: 1e+300 is not a finite number of at most 9007199254740992",
    ),
    (when({"segment": "LOSIN"}), "when.segment: 'LOSIN' is not one of its choices: did you mean LOSING?"),
    (
        when({"segment": ["LOSING", "VP"]}),
        "when.segment[1]: 'VP' is not one of its choices: did you mean VIP?",
    ),
    (when({"segment_min": "NEW"}), "when.segment_min: a text has no order: give a value, or a list"),
    (when({"country": 5}), "when.country: 5 is not a text"),
    (when({"country": {"above": "DE"}}), "when.country.above: a text has no order: give a value, or a list"),
    (when({"country": {"contains": "D"}}), "when.country.contains: contains asks a list, and this is a text"),
    (
        when({"country": {"starts_with": 5}}),
        "when.country.starts_with: starts_with takes a text, and this is 5",
    ),
    (when({"country": {"known": "yes"}}), "when.country.known: known is true or false, and this is 'yes'"),
    (
        when({"country": "a\\b"}),
        "when.country: a text in a condition has no invisible character, no backslash, and not both kinds of quotes",
    ),
    (
        when({"country": "x" * 257}),
        "when.country: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… is not a text of at most 256 characters",
    ),
    (when({"is_vip": "yes"}), "when.is_vip: 'yes' is not true or false"),
    (
        when({"is_vip": [True]}),
        "when.is_vip: a list of values is for numbers and texts, and this is a condition",
    ),
    (when({"games": "slots"}), 'when.games: a list is asked what it holds: {"contains": "..."}'),
    (
        when({"games": {"contains": 5}}),
        "when.games.contains: contains takes a text, or a list of texts of which one is enough",
    ),
    (
        when({"last_deposit_at_min": "yesterday"}),
        "when.last_deposit_at_min: 'yesterday' is not an instant such as 2026-12-01T09:00:00Z",
    ),
    (
        when({"last_deposit_at_min": "2026-12-01"}),
        "when.last_deposit_at_min: '2026-12-01' is not an instant with its time zone",
    ),
    (
        when({"last_deposit_at_min": 9e15}),
        "when.last_deposit_at_min: 9000000000000000.0 is not in the calendar: write 2026-12-01T09:00:00Z",
    ),
    (when({"idle_min": "2 days"}), "when.idle_min: '2 days' is not a duration such as 30m, 48h or 7d"),
]
"""Conditions as JSON."""

EXPRESSIONS: Wrong = [
    (when(""), "when: an expression is missing"),
    (
        when("net_loss"),
        "when, column 1: a condition is wanted here, and this is a number: compare it, as in ... > 0",
    ),
    (when("net_loss > "), "when, column 10: something is missing after >"),
    (when("net_loss = 5"), "when, column 10: '=' is not part of the language: compare with =="),
    (when("net_los > 5"), "when, column 1: unknown variable 'net_los': did you mean net_loss?"),
    (
        when("x.y.z > 1"),
        "when, column 1: unknown variable 'x.y.z': there are bets, betting.bets, betting.net_loss, country, days_since_last_deposit, games, idle, is_vip and 6 more",
    ),
    (
        when("net_loss > '5'"),
        "when, column 1: > cannot compare a number with a text: numbers stand without quotes, and texts in them",
    ),
    (when("segment > 'NEW'"), "when, column 1: a text has no order: compare it with == or !="),
    (when("segment == 'LOSIN'"), "when, column 12: segment is never 'LOSIN': did you mean LOSING?"),
    (when("bets & 1 == 1"), "when, column 6: '&' is not part of the language: write and"),
    (when("not bets"), "when, column 5: not needs a condition, and bets is a number"),
    (when("bets and is_vip"), "when, column 1: and joins conditions, and bets is a number"),
    (when("-is_vip"), "when, column 2: a sign needs a number, and is_vip is a condition"),
    (
        when("is_vip == 1"),
        "when, column 1: == cannot compare a condition with a number: a condition stands by itself, or behind not",
    ),
    (when("max(bets) > 1"), "when, column 1: max() takes 2 to 16 arguments, and got 1"),
    (when("log(1, 2) > 0"), "when, column 1: log() takes 1 argument, and got 2"),
    (when("maxx(bets, 1) > 1"), "when, column 1: unknown function 'maxx': did you mean max?"),
    (when("max > 1"), "when, column 1: max is a function: call it, as in max(...)"),
    (when("bets(1) > 1"), "when, column 1: bets is a variable: it is not called"),
    (when("max(x=1) > 1"), "when, column 6: '=' is not part of the language: compare with =="),
    (when("bets ** bets > 1"), "when, column 9: an exponent is a constant: a whole number from 0 to 16"),
    (when("bets ** 0.5 > 1"), "when, column 9: an exponent is a constant: use sqrt(x)"),
    (when("bets in (1, 'a')"), "when, column 13: the list holds constants that are numbers, and 'a' is not"),
    (when("bets in ()"), "when, column 9: the list is empty, so nothing is in it"),
    (when("bets in bets"), "when, column 9: in needs a list such as ('a', 'b'), and bets is a number"),
    (
        when("country in ('DE' 'FR')"),
        "when, column 18: two texts stand side by side: a comma or an operator is missing",
    ),
    (when("'a' in country"), "when, column 8: in needs a list such as ('a', 'b'), and country is a text"),
    (when("5 in games"), "when, column 1: a list holds texts, and 5 is a number"),
    (
        when("bets in (net_loss, 1)"),
        "when, column 10: the list holds constants that are numbers, and net_loss is not",
    ),
    (when("1 if bets else 2"), "when, column 6: if needs a condition, and bets is a number"),
    (
        when("is_vip if is_vip else 2"),
        "when, column 1: both sides of if/else are of one type, and these are a condition and a number",
    ),
    (when("bets == 1 if is_vip"), "when, column 1: expected 'else' after 'if' expression"),
    (
        when("[1, 2] == 1"),
        "when, column 1: a list outside in is not part of the language: write x in ('a', 'b')",
    ),
    (
        when("(1, 2) == games"),
        "when, column 1: a list outside in is not part of the language: write x in ('a', 'b')",
    ),
    (when("true"), "when, column 1: write True"),
    (when("None"), "when, column 1: there is no None: ask known(x), or take coalesce(x, 0)"),
    (when("bets is 1"), "when, column 1: is compares objects: write == or !="),
    (when("bets == 1 # hi"), "when, column 11: '#' is not part of the language: there are no comments"),
    (
        when("bets == 1; 2"),
        "when, column 10: ';' is not part of the language: an expression is one line of thought",
    ),
    (when("lambda: 1"), "when, column 7: ':' is not part of the language: write: a if condition else b"),
    (
        when("[1][0] == 1"),
        "when, column 1: an index in brackets is not part of the language: values have no parts",
    ),
    (
        when("[bets > 1 for x in games]"),
        "when, column 1: a comprehension is not part of the language: nothing loops over a list",
    ),
    (
        when("f'{bets}' == country"),
        "when, column 1: an f-string is not part of the language: texts are not made here, only compared",
    ),
    (when("{bets}"), "when, column 1: '{' is not part of the language: write choices as ('a', 'b')"),
    (when("bets := 1"), "when, column 6: ':' is not part of the language: write: a if condition else b"),
    (when("bets ? 1 : 2"), "when, column 6: '?' is not part of the language: write: a if condition else b"),
    (when("~bets > 1"), "when, column 1: '~' is not part of the language: write not"),
    (when("(bets"), "when, column 1: '(' was never closed"),
    (when("bets)"), "when, column 5: unmatched ')'"),
    (
        when("'abc == country"),
        'when, column 1: "\'" is not part of the language: a text needs its closing quote',
    ),
    (when("bets > 1 or or is_vip"), "when, column 13: this does not read as an expression"),
    (when("net_loss + last_deposit_at > 1"), "when, column 1: + cannot take a number and an instant"),
    (when("country + 'x' == 'ax'"), "when, column 1: + cannot take a text and a text"),
    (when("days_since(bets) > 1"), "when, column 12: days_since() takes an instant, and bets is a number"),
    (when("between(bets, 1)"), "when, column 1: between() takes 3 arguments, and got 2"),
    (when("known(1)"), "when, column 7: known() takes the name of a variable"),
    (when("known(bets + 1)"), "when, column 7: known() takes the name of a variable"),
    (when("coalesce(bets) > 1"), "when, column 1: coalesce() takes 2 to 16 arguments, and got 1"),
    (
        when("coalesce(bets, 'a') > 1"),
        "when, column 16: coalesce() takes values of one type, and 'a' is a text",
    ),
    (when("round(bets, 1.5) > 1"), "when, column 1: round() takes a constant number of digits, from 0 to 10"),
    (when("sqr(bets) > 1"), "when, column 1: unknown function 'sqr': did you mean sqrt?"),
    (when("bets.real > 1"), "when, column 1: unknown variable 'bets.real': did you mean bets?"),
    (
        when("instant('x') < now"),
        "when, column 9: 'x' is not an instant: write '2026-12-01T09:00:00Z', with its time zone",
    ),
    (
        when("last_deposit_at > 'soon'"),
        "when, column 19: 'soon' is not an instant: write '2026-12-01T09:00:00Z', with its time zone",
    ),
    (
        when("1e400 > bets"),
        "when, column 1: a number is at most 9007199254740992, so that it is exact everywhere",
    ),
    (when("bets > 1e"), "when, column 8: '1e' is not a number"),
    (when("bets > 1_000"), "when, column 8: '1_000' is not a number"),
    (
        when("ｂets > 1"),
        "when, column 1: 'ｂ' is not part of the language: names and numbers are plain ASCII; other letters stand in quotes",
    ),
    (when("country == 'a\u200bb'"), "when, column 12: a text holds an invisible character"),
    (when("1" + " + 1" * 45 + " > 0"), "when, column 29: an expression nests at most 40 deep"),
    (when("(" * 41 + "1" + ")" * 41 + " > 0"), "when, column 41: brackets nest at most 40 deep"),
    (when("not " * 41 + "is_vip"), "when, column 161: an expression nests at most 40 deep"),
    (when("1 < " * 2000 + "1"), "when: an expression has at most 2000 parts"),
    (when("x" * 10_001), "when: an expression has at most 10000 characters, and this has 10001"),
    (
        paying(formula="net_los * 2"),
        "then[0].formula, column 1: unknown variable 'net_los': did you mean net_loss?",
    ),
    (paying(formula="segment"), "then[0].formula, column 1: a number is wanted here, and this is a text"),
    (alert(value="is_vip"), "value, column 1: a number is wanted here, and this is a condition"),
    (formula(formula="net_los"), "formula, column 1: unknown variable 'net_los': did you mean net_loss?"),
]
"""Expressions, as conditions."""

MEANINGS: Wrong = [
    (reward(effective={"from": "2026-02-30"}), "effective.from: '2026-02-30' is not in the calendar"),
    (
        reward(effective={"from": "2026-12-02", "until": "2026-12-01"}),
        "effective.until: '2026-12-01' is not after 'from', so that the rule would never be live",
    ),
    (alert(message="{net_los} is high"), "message: unknown variable 'net_los': did you mean net_loss?"),
    (alert(message="a { alone"), "message: braces hold the name of a fact, as in {net_loss}"),
    (
        case(expect={"error": "unknown"}),
        "tests[0].expect.error: 'unknown' is no kind of error: did you mean unknown_fact?",
    ),
    (case(facts={"net_los": 5}), "tests[0].facts: unknown variable 'net_los': did you mean net_loss?"),
    (
        case(facts={"net_loss": "5"}),
        "tests[0].facts: the fact betting.net_loss is '5', which is not a number",
    ),
    (
        case(facts={"segment": "LOSIN"}),
        "tests[0].facts: the fact loyalty.segment is 'LOSIN', which is not one of its choices: did you mean LOSING?",
    ),
    (
        case(facts={"games": ["x"] * 1001}),
        "tests[0].facts: the fact games is a list of 1001 items, which is not a list of at most 1000 texts",
    ),
    (
        table(row({"net_los": 1}, 1)),
        "table.rows[0].when.net_los: unknown variable 'net_los': did you mean net_loss?",
    ),
    (
        table(row({}, {"formula": "net_los"})),
        "table.rows[0].then.value.formula, column 1: unknown variable 'net_los': did you mean net_loss?",
    ),
    (
        table(row({}, 1), {"then": {"valeu": 1}}),
        "table.rows[1].then: the first row does not give 'valeu': did you mean value?",
    ),
    (
        table(row({}, 1), {"then": {"other": 1}}),
        "table.rows[1].then: the first row does not give 'other': there are value",
    ),
    (
        table({"then": {"value": 1, "label": "a"}}, row({}, 1)),
        "table.rows[1].then: 'label' is missing, which the first row gives",
    ),
    (
        table(row({}, 1), row({}, "a")),
        "table.rows[1].then.value: this is a text, and in the first row it is a number: a value is of one type in all rows",
    ),
    (
        table(row({}, 1, priority=1)),
        "table.rows[0].priority: a priority decides only with hit 'priority', and this is 'first'",
    ),
    (
        table(row({}, 1), hit="collect"),
        'table.collect: hit \'collect\' and "collect": "sum", "min", "max" or "count" go together',
    ),
    (
        table(row({}, 1), collect="sum"),
        'table.collect: hit \'collect\' and "collect": "sum", "min", "max" or "count" go together',
    ),
    (
        table(row({}, "a"), hit="collect", collect="sum"),
        "table.rows[0].then.value: only numbers have a sum, and this is a text",
    ),
    (
        table(row({}, 1), hit="collect", collect="count", default={"value": "none"}),
        "table.default.value: this is a text, and in the first row it is a number: a value is of one type in all rows",
    ),
    (
        table(row({}, 1), default={"valu": 1}),
        "table.default: the first row does not give 'valu': did you mean value?",
    ),
    (
        table(row({}, 1), default={"value": "a"}),
        "table.default.value: this is a text, and in the first row it is a number: a value is of one type in all rows",
    ),
    (table({"then": {"amount": 1}}), "table.rows: each row says 'value' under 'then', and these say amount"),
    (
        reward(table={"rows": [{"then": {"value": 1}}]}),
        "table.rows: each row says 'amount' under 'then', and these say value",
    ),
    (
        reward(table={"rows": [{"then": {"amount": "x"}}]}),
        "table.rows: amount is a number, and in this table a text",
    ),
    (
        table(row({"bets_min": 1}, 1), row({"bets_min": 2}, 1), hit="unique"),
        "table: rows[0] and rows[1] both match when bets is 100: mend one, or use hit 'first'",
    ),
    (
        table(row("bets * 2 > net_loss", 1), row("bets * 2 < 1", 1), hit="unique"),
        "table: rows[0] and rows[1] both match when bets is 0 and net_loss is -1: mend one, or use hit 'first'",
    ),
    (
        table(row({"bets_min": 1}, 1)),
        "table: no row may match when bets is 0: give a default, or a last row without 'when'",
    ),
    (
        table(row({"bets_min": 1}, {"formula": "net_loss / bets"}), hit="collect", collect="min"),
        "table.rows[0].then: this may be too large for a min of rows: bound it with clamp(..., 0, 1000)",
    ),
]
"""What only the engine can tell: days, facts, tables."""

TEXTS: Wrong = [
    ([], "a rule is an object, and this is a list of 0 items"),
    ("x", "this is not JSON: invalid character (byte 0)"),
    ("", "this is not JSON: it ends too early"),
    ('{"kind": "segment"', "this is not JSON: it ends too early"),
    ('{"kind": "segment", "key": "a"} {}', "this is not JSON: trailing characters (byte 33)"),
    (
        '{"kind": "segment", "key": "a", "key": "b"}',
        "the key 'key' stands twice in one object: only one of them would count",
    ),
    (
        '{"kind": "segment", "key": "a", "when": {"bets_min": 1, "bets_min": 2}}',
        "the key 'bets_min' stands twice in one object: only one of them would count",
    ),
    (
        '{"kind": "segment", "key": "a", "priority": 1' + "0" * 5000 + "}",
        "a number has too many digits: at most 9007199254740992 is exact",
    ),
    ('[{"kind": "segment", "key": "a"}]', "a rule is an object, and this is a list of 1 item"),
    (b"\xff\xfe", "this is not JSON: invalid character (byte 0)"),
    ("[" * 10_000 + "]" * 10_000, "this nests too deep to be a rule"),
    (
        '{"kind": "segment", "key": "a", "name": "' + "x" * 1_000_000 + '"}',
        "1000043 bytes are too many: at most 262144",
    ),
]
"""What is no rule, and no JSON."""
