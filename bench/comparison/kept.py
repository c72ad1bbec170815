"""That what was answered is kept: rows in the gateway's database beside the answers that its callers got."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from comparison.asking import WrongAnswer
from comparison.figures import Round
from comparison.questions import strangers

TABLES = ("audit_leaf", "payment", "dossier", "dossier_event", "message")
Rows = Mapping[str, int]
"""By table."""


def counts(dsn: str) -> Rows:
    with psycopg.connect(dsn, options="-c search_path=lienthong,public") as connection:
        found = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TABLES}
    return {table: row[0] if row else 0 for table, row in found.items()}


def owed(round_: Round, each: Rows, stranger: Rows) -> Mapping[str, tuple[int, int]]:
    """The least and the most rows of a round: `each` for a right answer, and `stranger` more where it was of one. Of an
    answer that was shed nobody knows: as many at the most."""
    asked = round_.answers + round_.shed
    strange = strangers(asked)
    return {
        table: (
            number * round_.answers + stranger.get(table, 0) * max(strange - round_.shed, 0),
            number * asked + stranger.get(table, 0) * strange,
        )
        for table, number in each.items()
    }


def check(dsn: str, owed: Mapping[str, tuple[int, int]], *, since: Rows) -> None:
    """`WrongAnswer`: there came fewer rows than were answered for, or more."""
    if wrong := complaints({table: rows - since.get(table, 0) for table, rows in counts(dsn).items()}, owed):
        raise WrongAnswer(wrong)


def complaints(found: Rows, owed: Mapping[str, tuple[int, int]]) -> str:
    """What does not fit; empty: nothing."""
    wrong = [
        f"{found[table]} rows of {table}, and {least if least == most else f'{least} to {most}'} were answered for"
        for table, (least, most) in owed.items()
        if not least <= found[table] <= most
    ]
    return "; ".join(wrong)
