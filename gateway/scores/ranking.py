"""The same card for each agency and place of it, from the counts that it was made of (KPI-01). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.scores.model import Count
from gateway.scores.scopes import Scope
from gateway.scores.scoring import Card, score


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    scope: Scope
    card: Card


def ranked(card: Card, scopes: Sequence[Scope]) -> list[Row]:
    """In the order of `scopes`, which lie within the card's."""
    by = defaultdict[str, list[Count]](list)
    for count in card.counts:
        by[count.agency].append(count)
    rows = []
    for scope in scopes:
        counts = [count for agency in scope.agencies or () for count in by.get(agency, ())]
        own = replace(card, scope=scope.code, counts=counts, groups=score(card.pack, counts))
        rows.append(Row(scope=scope, card=own))
    return rows
