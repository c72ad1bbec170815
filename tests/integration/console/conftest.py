"""One console for each module, with a database of its own: to open one costs seconds, so its tests share the loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from console_house import House, console


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> AsyncIterator[House]:
    async with console(tmp_path_factory.mktemp("state"), database_url, contact={"office": "Sở mẫu"}) as opened:
        yield opened
