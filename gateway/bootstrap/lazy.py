"""What not every process needs is loaded and made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Lazy(Generic[Made]):
    """Made when it is first asked for."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._found: Made | None = None

    @property
    def made(self) -> bool:
        return self._found is not None

    def get(self) -> Made:
        if self._found is None:
            self._found = self._make()
        return self._found
