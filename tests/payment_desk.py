"""A province at the mock payment platform: it opens payments, answers IPNs and look-ups as told, keeps what came."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from mocks.payment import app as payment
from mocks.payment import checksum

SAMPLES = Path(payment.__file__).parent / "samples"
SECRET = "S3cretDEMO"
REFERENCE = "PAY26K7Q2M0001"
DOSSIER = "H99.01-260801-0007"
INIT_TIME = "20260801143005"


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def resigned(message: Mapping[str, Any], order: tuple[str, ...], secret: str = SECRET) -> dict[str, Any]:
    text = "|".join([*(str(message[name]) for name in order), secret])
    return {**message, "MaXacThuc": hashlib.sha256(text.encode()).hexdigest()}


def init(reference: str = REFERENCE, amount: int = 150000, **changes: Any) -> dict[str, Any]:
    """A well signed INIT whose lines add up."""
    told = sample("init")
    receipt = told["ThongTinBienLai"]
    if amount != 150000:
        item = {"NoiDung": "Phi", "SoTien": str(amount)}
        receipt = {**receipt, "PhiLePhi": [], "DSKhoanNop": [item]}
    fresh = {"MaThamChieu": reference, "SoTien": str(amount), "ThongTinBienLai": receipt}
    return resigned({**told, **fresh, **changes}, checksum.INIT)


def asked(kind: str = "QUERY", moment: str = INIT_TIME, **changes: Any) -> dict[str, Any]:
    return resigned({**sample("query"), "LoaiBanTin": kind, "ThoiGianGD": moment, **changes}, checksum.QUERY)


def bill(**changes: Any) -> dict[str, Any]:
    """What a province says is due: every key of 2.10."""
    told = dict.fromkeys(("MaLoaiHinhThuPhat", "TenLoaiHinhThuPhat", "ThoiGianViPham", "DiaDiemViPham"), "")
    looked_up = {"transaction_id": "B1", "client_id": "", "MaTraCuuTT": f"{DOSSIER}20260801142900"}
    return {**told, "TenNguoiViPham": "", **sample("init")["ThongTinBienLai"], **looked_up, **changes}


def ack(ipn: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    echoed = {name: ipn.get(name, "") for name in ("MaDoiTac", "MaThamChieu", "ThoiGianGD", "MaXacThuc")}
    return {"MaLoi": "00", "MoTaLoi": "", **echoed, **changes}


class Desk:
    """Answers IPNs as told, then acknowledges; and the mock before it."""

    def __init__(self, before: Any, clock: Any = None, *, new_token: Any = None, **settings: Any) -> None:
        self.received: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        self.urls: list[str] = []
        self.answers: list[httpx.Response | Exception] = []
        self.due: list[dict[str, Any]] = []
        """What look-ups are answered, one after the other; nothing is due once it is empty."""
        self.waits: list[float] = []
        more = {} if clock is None else {"clock": clock}
        if new_token is not None:
            more["new_token"] = new_token
        self.app = payment.create_app(settings, sleep=self._sleep, transport=httpx.MockTransport(self._answer), **more)
        self.client: httpx.AsyncClient = before(self.app)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.urls.append(str(request.url))
        message = json.loads(request.content)
        if request.url.path.endswith("dptracuuthanhtoanhs"):
            due = self.due.pop(0) if self.due else {"error_code": 0, "message": []}
            return httpx.Response(200, json=due)
        self.received.append(message)
        self.raw.append(request.content)
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json=ack(message))
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def open(self, reference: str = REFERENCE, amount: int = 150000, **changes: Any) -> Any:
        return await self.post("/pp/init", init(reference, amount, **changes))

    async def post(self, path: str, message: Any, /, **headers: str) -> Any:
        return (await self.client.post(path, json=message, headers=headers)).json()

    async def order(self, path: str, /, **order: Any) -> Any:
        """A control call that must be taken."""
        reply = await self.client.post(f"/_mock/{path}", json=order)
        assert reply.status_code < 300, reply.text
        return reply.json()

    async def act(self, action: str = "pay", reference: str = REFERENCE, **more: Any) -> Any:
        """As the payer, without a browser; returns when every IPN that follows is sent."""
        facts = await self.order(f"transactions/{reference}", action=action, **more)
        await self.app.state.notices.settled()
        return facts

    async def press(self, url: str, action: str = "pay") -> httpx.Response:
        """A button of the bank page."""
        reply = await self.client.post(url, data={"action": action})
        await self.app.state.notices.settled()
        return reply

    async def file(self, name: str, day: str) -> str:
        return (await self.client.get(f"/_mock/{name}/{day}")).text
