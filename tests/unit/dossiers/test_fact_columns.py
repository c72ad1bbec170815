"""Every fact of a dossier has a column, and none is written that is not read."""

from __future__ import annotations

from dataclasses import fields

from gateway.dossiers.facts import Facts
from gateway.dossiers.postgres import FACTS, SQL, VERSIONS


def test_each_fact_is_a_column() -> None:
    assert list(FACTS) == [field.name for field in fields(Facts)]


def test_each_column_of_a_version_is_written() -> None:
    assert all(f"%({name})s::" in SQL["save"] for name in VERSIONS)
