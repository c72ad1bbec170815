"""What not every process needs is loaded and made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Lazy(Generic[Made]):
    """Made once, when it is first asked for."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._found: Made | None = None
        self._turn = RLock()  # what is loaded late is made in threads

    @property
    def made(self) -> bool:
        return self._found is not None

    def get(self) -> Made:
        if self._found is None:
            with self._turn:
                if self._found is None:
                    self._found = self._make()
        return self._found
