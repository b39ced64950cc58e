"""Whether every backend of the engine says the same of a rule, on facts around each of its limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pitboss.core.texts import gettext as _
from pitboss.rules.engine.insight.examine import Finding
from pitboss.rules.engine.tree import Call, walk

if TYPE_CHECKING:
    from pitboss.rules.engine.insight.selftest import Disagreement
    from pitboss.rules.engine.program import Program

ROW_PATH = "compiled"
IN_ONE_PASS = frozenset(("generated", "index"))
"""The backends that judge many rules at once."""
IN_SQL = "sql"
"""The backend that finds the players of a condition."""


def disagreements(program: Program) -> list[Finding]:
    """Return where a backend does not agree with the reference: an error of ours, which is to be reported."""
    return findings_of(program.key, wrong_backends(program))


def findings_of(key: str, wrong: Mapping[str, Disagreement]) -> list[Finding]:
    """Return what is told of a rule that backends get wrong."""
    return [
        Finding(
            kind="backends_disagree",
            # Where another backend is wrong, the row path is taken; where that is wrong, nothing is left.
            severity="error" if backend == ROW_PATH else "warning",
            rules=(key,),
            sentence=_(
                "%(backend)s says %(got)s of %(part)s, and %(expected)s is right: report it",
                backend=backend,
                got=found.got,
                part=found.part,
                expected=found.expected,
            ),
            examples=(found.facts,),
        )
        for backend, found in wrong.items()
    ]


def wrong_backends(program: Program) -> Mapping[str, Disagreement]:
    """Return the first disagreement of each backend that does not agree with the reference."""
    if _asks_a_plugin(program):
        return {}  # what a plugin's function says depends on the player, and there is none
    from pitboss.rules.engine.insight.selftest import selftest

    return {found.backend: found for found in reversed(selftest(program).disagreements)}


def _asks_a_plugin(program: Program) -> bool:
    return any("." in name for name in _called(program))


def _called(program: Program) -> Iterator[str]:
    amounts = (action.amount for action in program.actions)
    for tree in (program.when, program.value, *amounts):
        for node in walk(tree) if tree is not None else ():
            if isinstance(node, Call):
                yield node.function.name
