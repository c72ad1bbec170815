"""A process that begins has been told all that its settings, or what systems bring along, have wrong."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.bootstrap import kinds, open_gateway
from gateway.bootstrap.lazy import Lazy
from gateway.sdk import ConfigurationError
from gateway.settings import Settings

WRONG = "kinds: {}\nfields:\n  - {field: note, kind: MOCK-nobody-knows}\n"


async def test_a_system_whose_fields_are_of_no_kind_begins_no_process(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only its worker, while the API answers some calls and others not."""
    (tmp_path / "privacy").mkdir()
    (tmp_path / "privacy/fields.yaml").write_text(WRONG, encoding="utf-8")
    monkeypatch.setattr(kinds, "mappings_directory", lambda _: tmp_path)
    system = {"population": {"base_url": "http://127.0.0.1:9"}}
    settings = Settings(database_url=SecretStr(database_url), state=tmp_path, sandbox=True, systems=system)
    with pytest.raises(ConfigurationError, match="a kind that it does not have"):
        async with open_gateway(settings, database_url):
            pass


def test_what_several_threads_ask_for_at_once_is_made_once() -> None:
    made, together = [], threading.Barrier(4)

    def make() -> object:
        time.sleep(0.02)
        made.append(1)
        return object()

    lazy = Lazy(make)

    def get(_: int) -> object:
        together.wait(60)
        return lazy.get()

    with ThreadPoolExecutor(4) as threads:
        found = set(threads.map(get, range(4)))
    assert (len(found), made) == (1, [1])
