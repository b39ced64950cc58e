"""Whether every backend of the engine says the same of a rule, on facts around each of its limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pitboss.rules.engine.insight.examine import Finding
from pitboss.rules.engine.tree import Call, walk

if TYPE_CHECKING:
    from pitboss.rules.engine.program import Program

ROW_PATH = "compiled"


def disagreements(program: Program) -> list[Finding]:
    """Return where a backend does not agree with the reference: an error of ours, which is to be reported."""
    if _asks_a_plugin(program):
        return []  # what a plugin's function says depends on the player, and there is none
    from pitboss.rules.engine.insight.selftest import selftest

    wrong = {found.backend: found for found in reversed(selftest(program).disagreements)}
    return [
        Finding(
            kind="backends_disagree",
            # Where another backend is wrong, the row path is taken; where that is wrong, nothing is left.
            severity="error" if backend == ROW_PATH else "warning",
            rules=(program.key,),
            sentence=f"{backend} says {found.got} of {found.part}, and {found.expected} is right: report it",
            examples=(found.facts,),
        )
        for backend, found in wrong.items()
    ]


def _asks_a_plugin(program: Program) -> bool:
    return any("." in name for name in _called(program))


def _called(program: Program) -> Iterator[str]:
    amounts = (action.amount for action in program.actions)
    for tree in (program.when, program.value, *amounts):
        for node in walk(tree) if tree is not None else ():
            if isinstance(node, Call):
                yield node.function.name
