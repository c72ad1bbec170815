"""A mock's switches: defaults, changed by `create_app(settings)` and at run time by `POST /_mock/settings`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

from mocks._kit.errors import SettingNotKnown


class Settings:
    """Values by name. A change must name a known setting and keep the type of its default; mappings are merged.

    `check` raises `SettingNotKnown` when values of the right types make no sense for this mock.
    """

    def __init__(
        self,
        defaults: Mapping[str, object],
        changes: Mapping[str, object] | None = None,
        *,
        check: Callable[[Mapping[str, object]], object] = lambda _: None,
    ) -> None:
        self._check = check
        self._values: dict[str, object] = copy.deepcopy(dict(defaults))
        self.merge(changes or {})
        self._initial = copy.deepcopy(self._values)

    def merge(self, changes: Mapping[str, object]) -> None:
        """Takes all changes or, with `SettingNotKnown`, none."""
        merged = dict(self._values)
        for name, value in changes.items():
            merged[name] = self._merged(name, value)
        self._check(merged)
        self._values = merged

    def reset(self) -> None:
        """Back to what the mock was created with."""
        self._values = copy.deepcopy(self._initial)

    def text(self, name: str) -> str:
        return str(self._values[name])

    def flag(self, name: str) -> bool:
        return bool(self._values[name])

    def number(self, name: str) -> float:
        value = self._values[name]
        return float(value) if isinstance(value, int | float) else 0.0

    def texts(self, name: str) -> list[str]:
        """A setting that is a list."""
        value = self._values[name]
        return [str(item) for item in value] if isinstance(value, list) else []

    def table(self, name: str) -> dict[str, str]:
        """A setting that is a mapping of texts."""
        value = self._values[name]
        return {str(key): str(item) for key, item in value.items()} if isinstance(value, dict) else {}

    def as_json(self) -> dict[str, object]:
        return copy.deepcopy(self._values)

    def _merged(self, name: str, value: object) -> object:
        if name not in self._values:
            raise SettingNotKnown(f"no setting named {name!r}; this mock has {', '.join(sorted(self._values))}")
        present = self._values[name]
        if not _same_kind(present, value):
            raise SettingNotKnown(f"setting {name!r} must be of type {type(present).__name__}")
        if isinstance(present, dict) and isinstance(value, Mapping):
            return {**present, **value}
        return copy.deepcopy(value)


def _same_kind(present: object, value: object) -> bool:
    if isinstance(present, bool) or isinstance(value, bool):
        return isinstance(present, bool) and isinstance(value, bool)
    if isinstance(present, int | float):
        return isinstance(value, int | float)
    if isinstance(present, dict):
        return isinstance(value, Mapping)
    return isinstance(value, type(present))
