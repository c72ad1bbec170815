"""A province and its caller, and every operation of the API with the example that its own document gives."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from province import Province
from refund_examples import give_refunds


@pytest.fixture
async def province() -> Province:
    province = Province()
    await give_refunds(province)
    return province


@pytest.fixture
async def caller(province: Province) -> AsyncIterator[httpx.AsyncClient]:
    """May do everything."""
    async with province.client(await province.issue()) as client:
        yield client
