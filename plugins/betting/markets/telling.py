"""What became of markets that a trader published, suspended or resumed together, in words with counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pitboss.core.texts import gettext as _
from pitboss.core.texts import ngettext, number
from pitboss.plugins.betting.markets.reading import Book

Switched = Sequence[tuple[Book, Book]]
"""Each market as it was, and as it is."""


def published(books: Sequence[Book]) -> str:
    """Say what became of markets that were published."""
    if not books:
        return _("Nothing was added: the fixture has the default set.")
    count = _statuses(books)["open"]
    taking = ngettext(
        "%(count)s new market takes bets.", "%(count)s new markets take bets.", count, count=number(count)
    )
    return _joined([taking if count else "", *_waiting(books)])


def resumed(switched: Switched) -> str:
    """Say which markets take bets again, and which do not."""
    count = _became(switched, "open")
    again = ngettext(
        "%(count)s market takes bets again.",
        "%(count)s markets take bets again.",
        count,
        count=number(count),
    )
    return _joined([again if count else _("No market was resumed."), *_waiting(now for __, now in switched)])


def suspended(switched: Switched) -> str:
    """Say which markets take no bets any more."""
    count = _became(switched, "suspended")
    taken = ngettext(
        "%(count)s market takes no bets now.",
        "%(count)s markets take no bets now.",
        count,
        count=number(count),
    )
    return taken if count else _("No market was open: nothing was suspended.")


def _waiting(books: Iterable[Book]) -> list[str]:
    statuses = _statuses(books)
    suspended, drafts = statuses["suspended"], statuses["draft"]
    still = ngettext(
        "%(count)s is suspended for another cause.",
        "%(count)s are suspended for another cause.",
        suspended,
        count=number(suspended),
    )
    waits = ngettext(
        "%(count)s is a draft and takes none: set its prices, and open it.",
        "%(count)s are drafts and take none: set their prices, and open them.",
        drafts,
        count=number(drafts),
    )
    return [still if suspended else "", waits if drafts else ""]


def _became(switched: Switched, status: str) -> int:
    return sum(before.market.status != status == now.market.status for before, now in switched)


def _statuses(books: Iterable[Book]) -> Counter[str]:
    return Counter(book.market.status for book in books)


def _joined(sentences: Iterable[str]) -> str:
    return " ".join(filter(None, sentences))
