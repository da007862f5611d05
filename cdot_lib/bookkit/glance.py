"""Results at a glance: a few large numbers, each with what it means and what made it."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Glance", "glance"]


@dataclass(frozen=True)
class Glance:
    """A row of cards; plain text where HTML is not shown.

    Attributes
    ----------
    cards : tuple of (str, str, str)
        A number as text, its meaning in one sentence, and its stamp (may be empty).
    """

    cards: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        return "\n".join(
            f"{number}: {meaning}" + (f" [{made_by}]" if made_by else "")
            for number, meaning, made_by in self.cards
        )

    def _repr_html_(self) -> str:
        def card(number: str, meaning: str, made_by: str) -> str:
            stamp = f'<br><span class="cdot-stamp">{html.escape(made_by)}</span>' if made_by else ""
            return f"<div><strong>{html.escape(number)}</strong>{html.escape(meaning)}{stamp}</div>"

        return f'<div class="cdot-glance">{"".join(card(*item) for item in self.cards)}</div>'


def glance(cards: Iterable[tuple[str, str, str]]) -> Glance:
    """Return the cards, in their order; see :class:`Glance` for what a card is."""
    return Glance(tuple(cards))
