"""What is doubtful about rules, found without running them on players.

What is said is proved, or shown by an example; not everything that is wrong is found. A rule is examined
on its own (`examine`) and beside others (`Portfolio`), which are compared by columns, so that one rule
among ten thousand is a matter of milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pitboss.rules.engine.boxes import Box, Ranges, Texts
from pitboss.rules.engine.catalogue import NOW, Catalogue, Facts
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.insight.examine import Finding, Severity, examine, is_impossible, never_holds
from pitboss.rules.engine.insight.pairs import Pairs
from pitboss.rules.engine.insight.witness import boxes_of, witness
from pitboss.rules.engine.insight.wording import bare_names, facts_json, listed
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import Limit, Reward
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.texts import marked
from pitboss.rules.engine.tree import (
    AllOf,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Finding", "Portfolio", "analyse", "examine", "never_holds"]

OVERLAPS_NAMED_MAX = 3

_ON, _LIVE = "(on)", "(live)"
_CAN_MATCH = marked(
    "it can match together with %(others)s, and then each pays: if only one of them is to pay, put them in "
    "one exclusive group, or let the first stop"
)
_MAY_MATCH = marked(
    "it may match together with %(others)s, and then each pays: if only one of them is to pay, put them in "
    "one exclusive group, or let the first stop"
)


class Portfolio:
    """Rules side by side. It is made once for a version of the rules, and then asked.

    Rules may have words of their own, as those have that are asked of different events: then the catalogue
    has the words of all.
    """

    def __init__(self, programs: Iterable[Program], catalogue: Catalogue | None = None) -> None:
        # By the order in which they are looked at, so that each pair is reported under its first.
        self.programs = sorted(programs, key=lambda program: (-program.priority, program.key))
        first = self.programs[0].catalogue if self.programs else Catalogue({}, {})
        self.catalogue = first if catalogue is None else catalogue
        self.rivals = [_Rival(program) for program in self.programs if isinstance(program.rule, Reward)]
        self.beside = _Beside(self.rivals, self.catalogue)

    def findings(self, samples: Sequence[Facts] = ()) -> list[Finding]:
        """Return what is doubtful about each rule and about all together, errors first."""
        found = [finding for program in self.programs for finding in examine(program, samples)]
        found += [*self.grave(), *(finding for _, finding in self.overlaps()), *self.unused()]
        return sorted(found, key=lambda finding: _SEVERITIES.index(finding.severity))

    def against(self, program: Program) -> list[Finding]:
        """Return how a rule, new or changed, stands to the others."""
        found = [_duplicate([program, other]) for other in self._like(program)]
        if not isinstance(program.rule, Reward):
            return found
        rival = _Rival(program)
        found += [*self.beside.shadows_of(rival), *self.beside.shadowed_by(rival)]
        return [*found, *self.beside.overlaps(rival)]

    def readers(self) -> dict[str, tuple[str, ...]]:
        """Return the keys of the rules that read each fact of the catalogue."""
        found: dict[str, list[str]] = {name: [] for name in self.catalogue.variables}
        for program in self.programs:
            for name in program.facts():
                found.setdefault(name, []).append(program.key)
        return {name: tuple(keys) for name, keys in found.items()}

    def unused(self) -> list[Finding]:
        """Return the facts that no rule reads."""
        naming = bare_names(self.catalogue)
        unused = tuple(sorted(name for name, keys in self.readers().items() if not keys and name != NOW))
        if not unused or not self.programs:
            return []
        names = listed([naming(name) for name in unused])
        said = _("no rule reads %(names)s: nothing is lost if they are not computed", names=names)
        return [Finding(kind="facts_unused", severity="note", rules=(), sentence=said, facts=unused)]

    def grave(self) -> list[Finding]:
        """Return the rules that say the same, and those that never pay because of another."""
        return [*self.duplicates(), *(f for rival in self.rivals for f in self.beside.shadows_of(rival))]

    def overlaps(self, start: int = 0) -> Iterator[tuple[int, Finding]]:
        """Yield what pays together, one finding for each rule from a place on, with the rule's place."""
        for place, rival in enumerate(self.rivals[start:], start):
            yield from ((place, finding) for finding in self.beside.overlaps(rival, after=place))

    def duplicates(self) -> list[Finding]:
        """Return the rules that say the same."""
        return [_duplicate(same) for same in self._alike.values() if len(same) > 1]

    @property
    def _alike(self) -> dict[Any, list[Program]]:
        groups: dict[Any, list[Program]] = {}
        for program in self.programs:
            groups.setdefault(_meaning(program), []).append(program)
        return groups

    def _like(self, program: Program) -> list[Program]:
        if not hasattr(self, "_meanings"):
            self._meanings = self._alike
        return [other for other in self._meanings.get(_meaning(program), ()) if other.key != program.key]


class _Rival:
    """A reward beside others: its boxes, with when it is judged as two facts more."""

    def __init__(self, program: Program) -> None:
        assert isinstance(program.rule, Reward)
        rule = program.rule
        self.program, self.rule = program, rule
        self.exclusive = rule.exclusive
        at: dict[str, Any] = {}
        if rule.on:
            at[_ON] = Texts(frozenset(rule.on))
        if rule.effective is not None:
            ends = _moment(rule.effective.from_, -math.inf), _before(_moment(rule.effective.until, math.inf))
            at[_LIVE] = Ranges.of([ends])
        self.boxes = [
            Box({**box.predicates, **at}, box.residual)
            for box in boxes_of(program.when)
            if not is_impossible(box, program.catalogue)
        ]

    @property
    def key(self) -> str:
        """The key of the rule."""
        return self.program.key

    @property
    def comes_first(self) -> bool:
        """Whether it is the first of its group that pays, and no other."""
        return self.exclusive is not None and self.exclusive.pick == "first"


class _Beside:
    """All rewards, in columns."""

    def __init__(self, rivals: Sequence[_Rival], catalogue: Catalogue) -> None:
        import numpy as np

        self.rivals = rivals
        self.catalogue = catalogue
        self.pairs = Pairs([box for rival in rivals for box in rival.boxes], catalogue.variables)
        self.owners = np.repeat(np.arange(len(rivals)), [len(rival.boxes) for rival in rivals])
        self.places = {rival.key: place for place, rival in enumerate(rivals)}
        self.priorities = np.array([rival.program.priority for rival in rivals], np.int64)
        self.stops = np.array([rival.rule.stop for rival in rivals], np.bool_)
        self.groups = np.array([self.group(rival) for rival in rivals], np.object_)
        self.hides = self.stops | np.array([rival.comes_first for rival in rivals], np.bool_)

    @staticmethod
    def group(rival: _Rival) -> str:
        """Return the group of which only one pays."""
        exclusive = rival.exclusive
        return exclusive.group if exclusive is not None and exclusive.pick != "sum_capped" else ""

    def any_box(self, rival: _Rival, ask: Callable[[Box], NDArray[Any]]) -> NDArray[Any]:
        """Tell of which rules any box answers for any box of this rule."""
        import numpy as np

        found = np.zeros(len(self.rivals), np.bool_)
        for box in rival.boxes:
            found[self.owners[ask(box)]] = True
        return self.without(rival, found)

    def containing(self, rival: _Rival) -> NDArray[Any]:
        """Tell which rules match whenever this one does."""
        import numpy as np

        found = np.full(len(self.rivals), bool(rival.boxes))
        for box in rival.boxes:
            here = np.zeros(len(self.rivals), np.bool_)
            here[self.owners[self.pairs.containing(box)]] = True
            found &= here
        return self.without(rival, found)

    def inside(self, rival: _Rival) -> NDArray[Any]:
        """Tell which rules match only when this one does."""
        import numpy as np

        boxes_in = np.zeros(len(self.owners), np.bool_)
        for box in rival.boxes:
            boxes_in |= self.pairs.inside(box)
        has_boxes = np.bincount(self.owners, minlength=len(self.rivals)) > 0
        outside = np.bincount(self.owners[~boxes_in], minlength=len(self.rivals)) > 0
        return self.without(rival, has_boxes & ~outside)

    def without(self, rival: _Rival, found: NDArray[Any]) -> NDArray[Any]:
        """Leave the rule itself out."""
        place = self.places.get(rival.key)
        if place is not None:
            found[place] = False
        return found

    def shadows_of(self, rival: _Rival) -> list[Finding]:
        """Return the first rule because of which this one never pays."""
        import numpy as np

        hiding = self.hides & (self.priorities > rival.program.priority)
        if not hiding.any():
            return []
        for place in np.flatnonzero(self.containing(rival) & hiding).tolist():
            found = _shadow(self.rivals[place], rival)
            if found is not None:
                return [found]
        return []

    def shadowed_by(self, rival: _Rival) -> list[Finding]:
        """Return the rules that never pay because of this one."""
        import numpy as np

        if not rival.rule.stop and not self.group(rival):
            return []
        found = (_shadow(rival, self.rivals[place]) for place in np.flatnonzero(self.inside(rival)).tolist())
        return [finding for finding in found if finding is not None]

    def overlaps(self, rival: _Rival, after: int | None = None) -> list[Finding]:
        """Return with which rules this one can pay at once; with `after`, only those that come later."""
        import numpy as np

        met = self.any_box(rival, self.pairs.meeting)
        if after is not None:
            met[: after + 1] = False
        priority = rival.program.priority
        ends = (self.stops & (self.priorities > priority)) | (rival.rule.stop & (self.priorities < priority))
        met &= ~ends
        if self.group(rival):
            met &= self.groups != self.group(rival)
        return self.overlap(rival, np.flatnonzero(met).tolist())

    def overlap(self, rival: _Rival, others: Sequence[int]) -> list[Finding]:
        """Return one finding for all rules that a rule can pay together with."""
        if not others:
            return []
        few = [self.rivals[place] for place in others[:OVERLAPS_NAMED_MAX]]
        example = next(filter(None, (self.example(rival, other) for other in few)), None)
        others_said = listed([other.key for other in few])
        if len(others) > len(few):
            others_said = _("%(count)s other rules, such as %(names)s", count=len(others), names=others_said)
        return [
            Finding(
                kind="overlap",
                severity="note",
                rules=(rival.key, *(other.key for other in few)),
                sentence=_(_CAN_MATCH if example else _MAY_MATCH, others=others_said),
                examples=(example,) if example else (),
                count=len(others),
            )
        ]

    def example(self, one: _Rival, other: _Rival) -> Mapping[str, Any] | None:
        """Return facts that match two rules, if some are found."""
        met = [box for a in one.boxes for box in map(a.meet, other.boxes) if not box.is_empty]
        found = witness(AllOf((one.program.when, other.program.when)), self.catalogue, within=met)
        return None if found is None else facts_json(found, self.catalogue)


def _shadow(first: _Rival, second: _Rival) -> Finding | None:
    """Return that the second never pays, where it matches only when the first does."""
    higher = first.program.priority > second.program.priority
    alike = _Beside.group(first) and _Beside.group(first) == _Beside.group(second)
    if higher and first.rule.stop:
        why = _(
            "%(first)s has a higher priority, stops, and matches whenever %(second)s does; raise its "
            "priority above %(priority)s, or narrow %(first)s",
            first=first.key,
            second=second.key,
            priority=first.program.priority,
        )
    elif higher and alike and first.exclusive is not None and first.comes_first:
        why = _(
            "%(first)s is before it in the group %(group)s, and matches whenever %(second)s does; raise its "
            "priority above %(priority)s, or let the group pick the best",
            first=first.key,
            second=second.key,
            group=first.exclusive.group,
            priority=first.program.priority,
        )
    else:
        return None
    loose = first.rule.limits is not None or first.rule.holdout_percent > 0
    text = marked("it never pays: %(why)s")
    if loose:
        text = marked("it pays only where the limits or the holdout of the other hold it back: %(why)s")
    return Finding(
        kind="shadowed",
        severity="note" if loose else "warning",
        rules=(second.key, first.key),
        sentence=_(text, why=why),
    )


def _duplicate(same: Sequence[Program]) -> Finding:
    keys = tuple(program.key for program in same)
    said = _(
        "%(names)s have the same condition and do the same: keep one of them, or each player gets it twice",
        names=listed(keys, _(" and ")),
    )
    return Finding(kind="duplicate", severity="warning", rules=keys, sentence=said)


def _meaning(program: Program) -> Any:
    """Return what makes two rules the same: equal keys mean that they match and do the same."""
    rule = program.rule
    matches = frozenset(
        (frozenset(b.predicates.items()), frozenset(b.residual)) for b in boxes_of(program.when)
    )
    does = tuple((action.name, action.amount, action.max_amount) for action in program.actions)
    guards = rule.operation if isinstance(rule, Limit) else ""
    return rule.kind, matches, does, program.value, guards, frozenset(rule.on), rule.effective


def _moment(text: str | None, without: float) -> float:
    """Return an instant; a day is taken to begin in UTC, which orders days as any time zone does."""
    if text is None:
        return without
    try:
        at = datetime.fromisoformat(text)
    except ValueError:  # pragma: no cover  # `read_rule` lets no other text in
        raise Refused(_("%(text)s is not in the calendar", text=repr(text))) from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _before(end: float) -> float:
    return math.nextafter(end, -math.inf) if math.isfinite(end) else end


_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


def analyse(programs: Iterable[Program], samples: Sequence[Facts] = ()) -> list[Finding]:
    """Return what is doubtful about rules, each alone and all together."""
    return Portfolio(programs).findings(samples)
