"""Which procedure may ask which register for what, and on what legal basis (POP-06, PDP-01, PDP-02): data with a day
from which it holds, like the rule packs. A later file replaces, for the procedures that it names, the earlier ones."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.domain import ProcedureCode
from gateway.sdk.errors import ConfigurationError

SHIPPED = Path(__file__).parent / "purposes"

CitizenField = Literal[
    "personal_id", "old_card_number", "full_name", "birth_date", "gender", "ethnicity", "religion", "marital_status",
    "blood_type", "nationality", "birth_registration_place", "home_town", "permanent_address", "current_address",
    "father", "mother", "spouse", "representative", "household_head", "relation_code", "household_book",
]  # fmt: skip
"""The fields that may be asked for, by the names of the API."""

EnterpriseField = Literal[
    "enterprise_code", "internal_code", "certificate_number", "old_certificate_number", "name", "short_name",
    "foreign_name", "type_name", "type_code", "status", "status_code", "statuses", "founded_on", "founded_on_text",
    "last_changed_on", "last_changed_on_text", "changes", "capital_amount", "address", "other_addresses",
    "representatives", "representative_documents", "legal_names", "activities", "members",
]  # fmt: skip
"""The same of an enterprise."""

FREE_ENTERPRISE_FIELDS = frozenset({"enterprise_code", "name", "address", "activities", "representatives", "status"})
"""Name, number, head office, lines of business, name of the legal representative, legal status (NĐ 01/2021 Art 36.1;
BIZ-03)."""

National = Annotated[str, Field(pattern=r"^[0-9]\.[0-9]{6}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one procedure may ask. `source`: the file that says so."""

    procedure: str
    effective_from: date
    basis: str
    source: str
    citizen: frozenset[str]
    enterprise: frozenset[str]
    """Fields beyond those that are free to everybody (BIZ-03), which every procedure that is named may ask."""
    accounts: bool
    registrations: bool
    registration_contacts: bool = False
    """Whoever handed a registration in: name, address, number, telephone."""


class PurposeBook:
    """Every allowance by procedure, day and source."""

    def __init__(self, lines: Sequence[tuple[str, date, Allowance | None]]) -> None:
        """In the order in which later ones win on the same day. None: the procedure may ask nothing from then on."""
        self._lines: dict[str, list[tuple[date, Allowance | None]]] = {}
        for procedure, since, allowance in lines:
            self._lines.setdefault(procedure, []).append((since, allowance))
        for known in self._lines.values():
            known.sort(key=lambda line: line[0])  # stable: the later source stays behind

    def allowance(self, procedure: str, on: date) -> Allowance | None:
        """What a procedure (of whatever shape its code is, COD-08) may ask on a day. None: nothing at all."""
        known = self._lines.get(ProcedureCode.national_of(procedure), [])
        return next((allowance for since, allowance in reversed(known) if since <= on), None)

    def history(self, procedure: str) -> Sequence[tuple[date, Allowance | None]]:
        """All that was and will be in force for a procedure, oldest first."""
        return tuple(self._lines.get(ProcedureCode.national_of(procedure), ()))

    @property
    def procedures(self) -> Sequence[str]:
        """National codes, in order."""
        return sorted(self._lines)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Procedure(_Section):
    citizen: tuple[CitizenField, ...] = ()
    enterprise: tuple[EnterpriseField, ...] = ()
    accounts: bool = False
    registrations: bool = False
    registration_contacts: bool = False
    basis: str = Field(default="", max_length=300)


class _File(_Section):
    effective_from: date
    basis: str = Field(min_length=3, max_length=300)
    made_up: bool = False
    procedures: dict[National, _Procedure | None]


def load_purposes(folder: Path | None = None, *, made_up: bool) -> PurposeBook:
    """What comes with the gateway and, over it, what the files of `folder` say. `made_up`: whether files that are
    marked so count; they are for the sandbox. `ConfigurationError` names the file, the line and the field."""
    if folder is not None and not folder.is_dir():
        raise ConfigurationError(
            f"restraint.purposes names {folder}, which is not a folder.",
            vi=f"restraint.purposes trỏ tới {folder}, không phải thư mục.",
            what="purposes",
        )
    lines: list[tuple[str, date, Allowance | None]] = []
    for place in (SHIPPED, *([folder] if folder else [])):
        lines += _folder(place, made_up=made_up)
    return PurposeBook(lines)


def read_purposes(file: Path) -> Sequence[tuple[str, date, Allowance | None]]:
    """The lines of one file, whether made up or not."""
    said = _read(file)
    return [
        (procedure, said.effective_from, _allowance(said, entry, procedure=procedure, source=file.stem))
        for procedure, entry in said.procedures.items()
    ]


def _folder(folder: Path, *, made_up: bool) -> Iterator[tuple[str, date, Allowance | None]]:
    """Two files of one folder that say something of the same procedure from the same day on contradict each other."""
    seen: dict[tuple[str, date], Path] = {}
    for file in sorted(folder.glob("*.yaml")):
        if _read(file).made_up and not made_up:
            continue
        for procedure, since, allowance in read_purposes(file):
            if (first := seen.setdefault((procedure, since), file)) != file:
                raise _wrong(file, f"{first.name} says it from the same day on", ("procedures", procedure))
            yield procedure, since, allowance


def _allowance(said: _File, entry: _Procedure | None, *, procedure: str, source: str) -> Allowance | None:
    if entry is None:
        return None
    return Allowance(
        procedure=procedure,
        effective_from=said.effective_from,
        basis=entry.basis or said.basis,
        source=source,
        citizen=frozenset(entry.citizen),
        enterprise=frozenset(entry.enterprise),
        accounts=entry.accounts,
        registrations=entry.registrations,
        registration_contacts=entry.registration_contacts,
    )


def _read(file: Path) -> _File:
    try:
        text = file.read_text(encoding="utf-8")
        said = yaml.load(text, _EachOnce)  # noqa: S506 - a safe loader
    except (OSError, UnicodeDecodeError) as exc:
        raise _wrong(file, "it cannot be read as UTF-8 text") from exc
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        raise _wrong(file, f"line {line}: {exc.problem or 'not YAML'}") from exc
    except yaml.YAMLError as exc:
        raise _wrong(file, "not YAML") from exc
    if not isinstance(said, dict):
        raise _wrong(file, f"it has the keys {', '.join(_File.model_fields)}")
    try:
        return _File.model_validate(said)
    except ValidationError as exc:
        first = exc.errors()[0]
        raise _wrong(file, str(first["msg"]), first["loc"]) from exc


def _wrong(file: Path, what: str, location: Sequence[int | str] = ()) -> ConfigurationError:
    """A path of fields is told with the line on which it stands, as far as the file has it."""
    steps = [str(step) for step in location if step != "[key]"]
    place = f"line {_line(file, steps)}, {'.'.join(steps)}: " if steps else ""
    return ConfigurationError(
        f"{file.name}: {place}{what}.", vi=f"Tệp mục đích khai thác {file.name} sai: {place}{what}.", what="purposes"
    )


def _line(file: Path, steps: Sequence[str]) -> int:
    node: Any = yaml.compose(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    line = 1
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
            node = node.value[int(step)]
            line = node.start_mark.line + 1
    return line


class _EachOnce(yaml.CSafeLoader):
    """YAML where a key that stands twice is an error: the library would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} stands twice", key.start_mark)
            seen.add(key.value)
        made: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return made
