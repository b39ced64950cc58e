"""All small conditions over facts that are true, false, unknown or lead to an error."""

from __future__ import annotations

from itertools import permutations, product

from pitboss.rules.engine.catalogue import Facts

ATOMS = ("is_vip", "count > 0", "1 / ratio > 0", "city == 'x'")
SHAPES = (
    "{0} and {1}",
    "{0} or {1}",
    "not ({0} and {1})",
    "not ({0} or {1})",
    "{0} and {1} and {2}",
    "{0} or {1} or {2}",
    "not ({0} and {1} and {2} and {3})",
    "not ({0} or {1} or {2} or {3})",
    "({0} or {1}) and ({2} or {3})",
    "not ({0} and not {1}) or {2} and {3}",
    "{0} if {1} else {2}",
    "({0} if {1} else not {2}) and {3}",
)
"""What is made of the atoms, in each order of them."""

ROWS: list[Facts] = [
    {"is_vip": is_vip, "count": count, "ratio": ratio, "city": city}
    for is_vip, count, ratio, city in product(
        (True, False, None), (1.0, -1.0, None), (1.0, -1.0, 0.0, None), ("x", "y", None)
    )
]
KNOWN_ROWS = [row for row in ROWS if None not in row.values() and row["ratio"] != 0]
"""Those in which nothing can go wrong, so that no faults are kept."""


def conditions(shape: str) -> list[str]:
    """Return the conditions of a shape."""
    return list(dict.fromkeys(shape.format(*atoms) for atoms in permutations(ATOMS)))
