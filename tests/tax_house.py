"""A gateway that issues receipts, its outbox and worker, and a tax authority on a real socket that comes and goes."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
from couriers import atomically
from services import ListedRecorder

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.domain import VIETNAM
from gateway.exchange.attempt import Attempts
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.service import GatewayExchange
from gateway.exchange.system import System
from gateway.exchange.transport import HttpTransport
from gateway.mapping import load
from gateway.receipts.model import Content, Earlier, Payer, Receipt, ReceiptKind, ReceiptLine, ReceiptState
from gateway.receipts.tax_watch import TransmissionWatch
from gateway.receipts.transmission import Transmission
from gateway.registry import discover, mappings_directory
from gateway.rules.packs import load_calendar, load_packs
from mocks._kit.serve import serving
from mocks.tax_authority.app import create_app

TARGET = "tax_authority"


class TaxHouse:
    """Its clock stands until it is moved. The authority is down until `open_authority`."""

    def __init__(self, began: datetime) -> None:
        self.now = began
        self.outbox, self.alarms = MemoryOutbox(), MemoryAlarms()
        self.authority = create_app()
        self._port = _free_port()
        connector = discover()[TARGET]
        sandbox = {**connector.manifest.sandbox, "base_url": f"http://127.0.0.1:{self._port}"}
        settings = connector.manifest.settings(**sandbox)
        self.transport = HttpTransport(settings)
        system = System(
            connector=connector(settings),
            mappings=load(mappings_directory(connector)),
            settings=settings,
            transport=self.transport,
            breaker=Breaker(BreakerPolicy(), monotonic=self._seconds),
        )
        self.recorder = ListedRecorder()
        attempts = Attempts(self.recorder, clock=lambda: self.now, monotonic=self._seconds)
        self.exchange = GatewayExchange({TARGET: system}, attempts, clock=lambda: self.now, routes={})
        self.tell = Transmission(self.outbox, self.exchange, target=TARGET, clock=lambda: self.now)
        self.worker = Worker(
            self.outbox,
            self.exchange,
            name="w",
            atomically=atomically,
            clock=lambda: self.now,
            policy=Policy(lease_s=60, streams=50),
            follow_ups={},
        )
        self.watch = TransmissionWatch(
            self.outbox,
            Alarms(self.alarms, recorder=self.recorder, clock=lambda: self.now),
            target=TARGET,
            tenant="H99",
            packs=load_packs(),
            calendar=load_calendar(),
            clock=lambda: self.now,
        )

    def _seconds(self) -> float:
        return self.now.timestamp()

    @contextmanager
    def open_authority(self) -> Iterator[None]:
        with serving(self.authority, self._port):
            yield

    async def at_authority(self) -> list[tuple[Any, int]]:
        """Each receipt there by its id, and how often it was sent."""
        transport = httpx.ASGITransport(self.authority)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
            listed = (await client.get("/_mock/receipts")).json()
        return [(one["receipt"]["MaBienLai"], one["times"]) for one in listed]

    async def drain(self, *, rounds: int = 40, step: timedelta = timedelta(minutes=1)) -> None:
        """Work for `rounds` steps of time."""
        for _ in range(rounds):
            await self.worker.drain()
            self.now += step

    @property
    def kinds(self) -> list[str]:
        return [alarm.occasion.kind for _, alarm in self.alarms.kept]


@asynccontextmanager
async def tax_house(began: datetime) -> AsyncIterator[TaxHouse]:
    house = TaxHouse(began)
    try:
        yield house
    finally:
        await house.transport.close()


def local(day: int, hour: int = 9, *, month: int = 11, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=VIETNAM)


def receipt(number: int, at: datetime, **changes: Any) -> Receipt:
    named = f"PAY26K7Q2M{number:04d}"
    first: dict[str, Any] = {
        "tenant": "H99",
        "receipt_id": f"{named}-F",
        "kind": ReceiptKind.FEE,
        "payment_id": named,
        "bill_id": f"B{number}",
        "dossier_code": "000.00.05.H99-261123-0007",
        "unit": "000.00.05.H99",
        "amount": 120_000,
        "currency": "VND",
        "paid_at": at,
        "due_at": at,
        "state": ReceiptState.ISSUED,
        "issuer": "9900000001",
        "form": "EBL01",
        "symbol": "26TAA",
        "number": number,
        "issued_at": at,
        "sha256": "0f" * 32,
    }
    return Receipt(**{**first, **changes})


def content(*amounts: int, **changes: Any) -> Content:
    lines = [ReceiptLine(code="P01", name="Phí thẩm định", amount=amount) for amount in amounts or (120_000,)]
    first: dict[str, Any] = {
        "payer": Payer(name="Trần Thị Mẫu", address="1 Phố Mẫu"),
        "lines": lines,
        "unit_name": "UBND xã Ví Dụ",
        "unit_tax_code": "9900000001",
        "words": "Một trăm hai mươi nghìn đồng",
    }
    return Content(**{**first, **changes})


def earlier(number: int, at: datetime) -> Earlier:
    return Earlier(form="EBL01", symbol="26TAA", number=number, issued_on=at.date())


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
