"""Names as they are compared: without case, accents, punctuation and the letters of a club's form."""

from __future__ import annotations

import unicodedata

FORMS = frozenset({"fc", "afc", "cf", "fk", "sk", "sc"})
"""Words that one source writes and the next leaves out."""
KEY_LENGTH_MAX = 200
"""As many letters as are compared; some signs become many."""
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "&": " and "}
)


def key_of(name: str) -> str:
    """Return what two spellings of one name have in common.

    >>> key_of("FC Bayern München"), key_of("Bayern Munchen")
    ('bayern munchen', 'bayern munchen')
    """
    # Folded after it was taken apart too: some signs are a capital letter only then.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold().translate(_LETTERS))
    letters = "".join(c for c in plain if not unicodedata.combining(c) and c not in "'’`.")
    words = "".join(c if c.isalnum() else " " for c in letters).split()
    kept = [word for word in words if word not in FORMS] or words
    return " ".join(kept)[:KEY_LENGTH_MAX].rstrip()
