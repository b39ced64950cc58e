"""What is wrong with a rule, as the API says it: one message at its place in the document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import gettext as _
from pitboss.rules.engine.errors import Refused

SAID_MAX = 5
"""How many problems the sentence of an error names; its fields name all."""

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing for which a document is refused: where, what, and how to mend it."""

    path: str
    cause: str
    column: int | None = None
    """Where in an expression it stands, counted from 1."""

    @classmethod
    def of(cls, refused: Refused) -> Problem:
        """Return what the engine refused."""
        return cls(refused.path, refused.cause, refused.column)

    def __str__(self) -> str:
        """Say where, then what."""
        return str(Refused(self.cause, path=self.path, column=self.column))

    @property
    def message(self) -> str:
        """What stands at the place: the column of an expression, then what."""
        return str(Refused(self.cause, column=self.column))


def invalid(problems: Sequence[Problem], document: Any, *, what: str) -> InvalidInput:
    """Return the error that tells all of these problems of one rule."""
    return InvalidInput(_sentence(what, map(str, problems)), fields_of(problems, document))


def invalid_rules(problems: Mapping[str, Sequence[Problem]], documents: Mapping[str, Any]) -> InvalidInput:
    """Return the error that tells all of these problems of many rules, by the key of each."""
    said = [str(Problem(_joined(key, p.path), p.cause, p.column)) for key, ps in problems.items() for p in ps]
    fields = {key: fields_of(ps, documents.get(key)) for key, ps in problems.items()}
    return InvalidInput(_sentence(_("nothing was stored"), said), {"rules": fields})


def fields_of(problems: Iterable[Problem], document: Any) -> dict[str, Any]:
    """Return the messages, nested as the document is."""
    fields: dict[str, Any] = {}
    for problem in problems:
        steps = list(steps_of(problem.path, document)) or ["_schema"]
        here = fields
        for step in steps[:-1]:
            inner = here.setdefault(step, {})
            if isinstance(inner, list):
                inner = here[step] = {"_schema": inner}
            here = inner
        last = here.setdefault(steps[-1], [])
        (last if isinstance(last, list) else last.setdefault("_schema", [])).append(problem.message)
    return fields


def pointer_of(path: str, document: Any) -> str:
    """Return a place as a JSON pointer: `#/when/net_loss_min`."""
    steps = (step.replace("~", "~0").replace("/", "~1") for step in steps_of(path, document))
    return "#" + "".join(f"/{step}" for step in steps)


def steps_of(path: str, document: Any) -> Iterator[str]:
    """Yield the keys and numbers that lead to a place; a key that holds dots is one step.

    >>> list(steps_of("when.play.net_loss.min", {"when": {"play.net_loss": {"min": 1}}}))
    ['when', 'play.net_loss', 'min']
    """
    left, here = path, document
    while left:
        step, left = _next(left, here)
        here = _below(here, step)
        yield step


def _next(left: str, here: Any) -> tuple[str, str]:
    text = left.removeprefix(".")
    keys = here.keys() if isinstance(here, Mapping) else ()
    fitting = [key for key in keys if isinstance(key, str) and _begins(text, key)]
    if fitting:
        key = max(fitting, key=len)
        return key, text[len(key) :]
    found = _STEP.match(left)
    if found is None:
        return text, ""
    return found[1] or found[2], left[found.end() :]


def _begins(text: str, key: str) -> bool:
    return bool(key) and text.startswith(key) and text[len(key) : len(key) + 1] in ("", ".", "[")


def _below(here: Any, step: str) -> Any:
    if isinstance(here, Mapping):
        return here.get(step)
    if isinstance(here, Sequence) and not isinstance(here, str) and step.isdigit() and int(step) < len(here):
        return here[int(step)]
    return None


def _joined(key: str, path: str) -> str:
    return f"{key}.{path}" if path and not path.startswith("[") else f"{key}{path}"


def _sentence(what: str, said: Iterable[str]) -> str:
    listed = list(said)
    few = "; ".join(listed[:SAID_MAX])
    if len(listed) > SAID_MAX:
        few = _("%(reasons)s; and %(count)s more", reasons=few, count=len(listed) - SAID_MAX)
    return f"{what}: {few}"
