"""A province whose façade is called with bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from envelopes import Soap
from province import Province


@pytest.fixture
async def soap() -> AsyncIterator[Soap]:
    province = Province()
    async with province.client(await province.issue()) as client:
        yield Soap(client, province)
