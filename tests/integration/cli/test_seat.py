"""A seat is one process's until that process is gone, whatever the port says."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from gateway.cli import seat
from gateway.sdk import GatewayError
from gateway.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state=tmp_path, api={"port": 7199})  # type: ignore[arg-type]  # as from a file


async def test_whoever_comes_next_waits_until_the_last_one_is_gone(settings: Settings) -> None:
    first = await seat.sit(settings)
    second = asyncio.create_task(seat.sit(settings))
    await asyncio.sleep(0.3)
    assert not second.done()
    os.close(first)  # as the kernel does when a process ends
    os.close(await asyncio.wait_for(second, 60))


async def test_other_seats_and_other_ports_are_free(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    held = [await seat.sit(settings)]
    monkeypatch.setenv("LIENTHONG_SEAT", "2")
    held.append(await seat.sit(settings))
    monkeypatch.delenv("LIENTHONG_SEAT")
    other = Settings(state=settings.state, api={"port": 7198})  # type: ignore[arg-type]  # as from a file
    held.append(await seat.sit(other))
    for one in held:
        os.close(one)


async def test_whoever_stays_for_ever_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seat, "LONGEST_S", 0.2)
    held = await seat.sit(settings)
    with pytest.raises(GatewayError) as raised:
        await seat.sit(settings)
    assert raised.value.error_code == "ours.seat"
    os.close(held)
