"""Laws of the sentences of errors: they are found where they are raised, as texts with named holes."""

from __future__ import annotations

import pytest

from pitboss.core.problems import in_raises


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise NotFound(f"no player {email!r}: {nearest(email, all)}")', ["no player {email!r}: {cure}"]),
        ('raise InvalidInput("fill it in", {"name": ["Missing.", code]})', ["fill it in", "Missing."]),
        ('raise Conflict(f"{a.state} and {b.state}") from error', ["{state} and {state2}"]),
        ('raise Conflict(f"{n} of {n} {{braces}}")', ["{n} of {n} {{braces}}"]),
        ('raise _wrong(f"at most {LENGTH_MAX} letters")', ["at most {length_max} letters"]),
        ('return Stale("someone changed it")', ["someone changed it"]),
        ('raise InvalidInput("open now" if x else "not open")', ["open now", "not open"]),
        ('raise PluginError(f"plugin {name!r} is broken")', []),
        ('raise InvalidInput(_("Choose one."))', []),
        ("raise NotFound(key)", []),
        ('raise NotFound(f"{name}: {problem}")', []),
        ('log.info("nothing to do")', []),
    ],
)
def test_sentences_are_found_where_they_are_raised(source: str, found: list[str]) -> None:
    assert list(in_raises(source)) == found
