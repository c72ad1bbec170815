"""Rule packs with effective dates (ORG-05). A dossier keeps the pack under which it was accepted; a pack of the future
can be loaded and tested before it is in force (ORG-11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, time
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gateway.domain import DossierStatus
from gateway.rules.calendar import WorkingCalendar, Year
from gateway.sdk.errors import ConfigurationError

HERE = Path(__file__).parent


class Clock(StrEnum):
    """What the processing clock does while a dossier has a status (STA-07)."""

    RUNS = "runs"
    STOPPED = "stopped"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """Bộ quy tắc. None: that law knew no such rule. Sources stand beside each number in the file."""

    id: str
    title: str
    effective_from: date
    basis: tuple[str, ...]
    cut_off: time
    ineligible_working_days: int
    supplement_restarts: bool
    most_supplements_at_reception: int
    apology_days_before: int
    most_reschedules: int
    clock: Mapping[DossierStatus, Clock]
    receipt_digits: int | None = None
    paper_receipts_until: date | None = None
    tax_working_days: int | None = None
    outage_notice_working_days: int | None = None
    breach_notice_hours: int | None = None
    data_request_working_days: int | None = None
    access_request_working_days: int | None = None


def pack_on(packs: Sequence[RulePack], accepted: date) -> RulePack:
    """The pack in force on the day of acceptance; `ConfigurationError` before the first one."""
    in_force = [pack for pack in packs if pack.effective_from <= accepted]
    if not in_force:
        raise ConfigurationError(
            f"No rule pack was in force on {accepted}.",
            vi=f"Không có bộ quy tắc nào có hiệu lực vào ngày {accepted}.",
            what="rule_pack",
        )
    return max(in_force, key=lambda pack: pack.effective_from)


def pack_named(packs: Sequence[RulePack], name: str) -> RulePack:
    """The pack that a dossier keeps; of one older than all packs (no name) the oldest. `ConfigurationError`: it is
    gone, and no other is put in its place."""
    found = next((pack for pack in packs if pack.id == name), None)
    if found is None and name:
        raise ConfigurationError(
            f"The rule pack {name} is not in gateway/rules/packs; dossiers that were accepted under it need it.",
            vi=f"Không có bộ quy tắc {name} trong gateway/rules/packs; hồ sơ đã tiếp nhận theo bộ này cần nó.",
            what="rule_pack",
        )
    return found or packs[0]


def compare(before: RulePack, after: RulePack) -> Mapping[str, tuple[Any, Any]]:
    """What changes from one pack to the other, by the name of the rule."""
    old, new = asdict(before), asdict(after)
    return {name: (old[name], new[name]) for name in old if old[name] != new[name]}


@cache
def load_packs(folder: Path = HERE / "packs") -> tuple[RulePack, ...]:
    """Every pack, by the day from which it is in force."""
    packs = [_pack(yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)) for file in folder.glob("*.yaml")]
    return tuple(sorted(packs, key=lambda pack: pack.effective_from))


@cache
def load_calendar(*folders: Path) -> WorkingCalendar:
    """The years that come with the gateway; a file in one of `folders` replaces its year."""
    years: dict[int, Year] = {}
    for folder in (HERE / "calendars", *folders):
        for file in sorted(folder.glob("*.yaml")):
            said = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
            days = {name: frozenset(said[name]) for name in ("rest", "work", "half")}
            years[said["year"]] = Year(confirmed=said["confirmed"], **days)
    return WorkingCalendar(years)


def _pack(said: dict[str, Any]) -> RulePack:
    clock = {DossierStatus(code): Clock(word) for code, word in said.pop("clock").items()}
    cut_off = time.fromisoformat(said.pop("cut_off"))
    return RulePack(clock=clock, cut_off=cut_off, basis=tuple(said.pop("basis")), **said)
