"""Every problem of a document that is being written, where saving it would stop at the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pitboss.core.texts import gettext as _
from pitboss.rules.book.checks import Checked
from pitboss.rules.book.problems import Problem, steps_of
from pitboss.rules.engine.catalogue import Catalogue
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.forms import GROUPS, condition
from pitboss.rules.engine.language import expression
from pitboss.rules.engine.rule import KINDS, read_rule

ENVELOPE_PROBLEMS_MAX = 10
_FILLERS: Mapping[str, Any] = {
    "key": "draft",
    "then": [{"action": "draft.action"}],
    "message": "-",
    "operation": "draft.operation",
}
"""What stands in for a part that is missing, so that the next problem is found."""


def every(checked: Checked, document: Mapping[str, Any], words: Catalogue) -> list[Problem]:
    """Return the problems of the whole and of each part, each once."""
    if checked.is_right:
        return []
    found = [*checked.problems, *_of_parts(document, words)]
    if checked.rule is None:
        found += _of_envelope(document)
    return list(dict.fromkeys(map(_worded, found)))


def _worded(problem: Problem) -> Problem:
    """Say of a test without a fact what to do, not which facts there are."""
    if not problem.path.endswith("."):
        return problem
    return Problem(problem.path, _("this test has no fact yet: choose one, or remove it"))


def _of_parts(document: Mapping[str, Any], words: Catalogue) -> Iterator[Problem]:
    yield from _of_condition(document.get("when", {}), words, "when")
    for n, action in enumerate(_listed(document.get("then"))):
        yield from _of_formula(action, words, f"then[{n}].formula")
    table = document.get("table")
    for n, row in enumerate(_listed(table.get("rows")) if isinstance(table, dict) else ()):
        if isinstance(row, dict):
            yield from _of_condition(row.get("when", {}), words, f"table.rows[{n}].when")


def _of_condition(form: Any, words: Catalogue, path: str) -> Iterator[Problem]:
    """Yield what is refused of each test on its own."""
    if not isinstance(form, dict) or not form:
        yield from _refused(form, words, path)
        return
    for key, value in form.items():
        if key in GROUPS and isinstance(value, list) and value:
            for n, item in enumerate(value):
                yield from _of_condition(item, words, f"{path}.{key}[{n}]")
        else:
            yield from _refused({key: value}, words, path)


def _refused(form: Any, words: Catalogue, path: str) -> Iterator[Problem]:
    try:
        condition(form, words, path)
    except Refused as refused:
        yield Problem.of(refused)
    except RecursionError:
        yield Problem(path, _("this nests too deep to be a condition"))


def _of_formula(action: Any, words: Catalogue, path: str) -> Iterator[Problem]:
    if not isinstance(action, dict) or "formula" not in action:
        return
    try:
        expression(action["formula"], words, "number")
    except Refused as refused:
        yield Problem.of(refused.at(path))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


# -- the envelope ----------------------------------------------------------------------------------


def _of_envelope(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is refused, then what is refused once that is put right, and so on."""
    left = dict(document)
    for __ in range(ENVELOPE_PROBLEMS_MAX):
        try:
            read_rule(left)
            return
        except Refused as refused:
            yield Problem.of(refused)
            if not _mend(left, refused.path):
                return


def _mend(left: dict[str, Any], path: str) -> bool:
    """Put right the part that was refused; False where that cannot be."""
    kind = KINDS.get(str(left.get("kind")))
    if kind is None or path == "kind":
        return False
    fields = msgspec.structs.fields(kind)
    known = {field.encode_name for field in fields} | {"kind"}
    missing = [f.encode_name for f in fields if f.required and f.encode_name not in left]
    wrong = next(iter((*steps_of(path, left), *(left.keys() - known), *missing)), None)
    if wrong is None:
        return False
    left.pop(wrong, None)
    if wrong in _FILLERS:
        left[wrong] = _FILLERS[wrong]
    return True
