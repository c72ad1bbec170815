"""How stored files reach a system that is sent files themselves: each once per dossier, before what names it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from files_house import upload
from province import ListedRecorder
from services import CONTEXT, NOW, Clock, ListedOutbox, ScriptedExchange, atomically, take_step

from gateway.dossiers.memory import MemoryDossiers
from gateway.dossiers.papers import Papers
from gateway.dossiers.service import Dossiers
from gateway.files.memory import MemoryFiles
from gateway.files.model import FilePolicy
from gateway.files.service import Files
from gateway.sdk.errors import ConfigurationError, TrustError, UnprocessableError
from gateway.signing import Keyring

CODE = "000.00.05.H99-261120-0007"
FORM, PHOTO, RESULT = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
UNKNOWN = "00000000-0000-4000-8000-000000000009"


async def payment_state(tenant: str, code: str) -> str:
    return "none"


class House:
    """`uploads`: whether the portal is sent files themselves."""

    def __init__(self, *, uploads: bool, seals: Any = None) -> None:
        exchange = ScriptedExchange()
        exchange.lacking = set() if uploads else {"upload_file"}
        self.files = Files(
            MemoryFiles(), Keyring.ephemeral(), recorder=ListedRecorder(), clock=lambda: NOW, policy=FilePolicy()
        )
        self.outbox, self.store = ListedOutbox(), MemoryDossiers()
        self.service = Dossiers(
            self.store,
            self.outbox,  # type: ignore[arg-type]  # ListedOutbox has what is needed of it
            exchange=exchange,  # type: ignore[arg-type]  # so has the scripted exchange
            atomically=atomically,
            clock=Clock(),
            payment_state=payment_state,
            papers=Papers(self.files, exchange, clock=lambda: NOW, seals=seals),  # type: ignore[arg-type]  # as above
        )

    async def put(self, code: str = CODE, **more: Any) -> list[tuple[str, str]]:
        """The messages that it adds: operation, and the file that it is about."""
        self.outbox.drafts.clear()
        await self.service.put(code, {"status": 2, **more}, context=CONTEXT)
        return [(draft.operation, draft.body.get("file", "")) for draft in self.outbox.drafts]


def paper(file_id: str, name: str = "đơn.pdf") -> dict[str, str]:
    return {"name": name, "file_id": file_id}


@pytest.fixture
async def house() -> House:
    house = House(uploads=True)
    for file_id in (FORM, PHOTO, RESULT):
        await house.files.put(file_id, upload(file_id.encode()), context=CONTEXT)
    return house


async def test_files_go_before_the_dossier_that_names_them(house: House) -> None:
    """SYN-07 (part)."""
    added = await house.put(components=[paper(FORM), paper(PHOTO, "ảnh.png")])
    assert added == [("upload_file", FORM), ("upload_file", PHOTO), ("sync_dossier", "")]
    assert {draft.stream.target for draft in house.outbox.drafts} == {"system-of-sync_dossier"}
    assert [draft.body["name"] for draft in house.outbox.drafts[:2]] == ["đơn.pdf", "ảnh.png"]
    assert "url" not in house.outbox.drafts[-1].body["components"][0]


async def test_each_file_goes_out_once_for_a_dossier_and_target(house: House) -> None:
    await house.put(components=[paper(FORM), paper(FORM)])
    again = await house.put(components=[paper(FORM)], results=[paper(RESULT)])
    assert again == [("upload_file", RESULT), ("sync_dossier", "")]
    assert await house.put(code=CODE + "1", components=[paper(FORM)]) == [("upload_file", FORM), ("sync_dossier", "")]


async def test_a_step_sends_the_dossier_and_none_of_its_files_again(house: House) -> None:
    await house.put(components=[paper(FORM)])
    house.outbox.drafts.clear()
    step = {"event_id": "e", "status": 4, "at": "2026-11-20T09:00:00+07:00", "content": "Bước"}
    await take_step(house.service, CODE, step, context=CONTEXT)
    assert [draft.operation for draft in house.outbox.drafts] == ["sync_dossier", "report_progress"]


async def test_a_file_that_was_withdrawn_and_named_again_is_known_still(house: House) -> None:
    await house.put(components=[paper(FORM)])
    await house.put(components=[])
    assert await house.put(components=[paper(FORM)]) == [("sync_dossier", "")]


async def test_papers_of_a_step_go_with_a_dossier_that_was_born_at_the_portal(house: House) -> None:
    """Contract 5.3; a step of a dossier of ours has no papers there, so none is sent for it."""
    step = {"event_id": "e", "status": 4, "at": "2026-11-20T09:00:00+07:00", "content": "Bước"}
    told = {"received_at": "2026-11-19T09:00:00+07:00"}
    for code, origin in ((CODE, {}), (CODE + "1", {"origin_code": "G22.01-260102-000321"})):
        await house.put(code=code, **told, **origin)
        house.outbox.drafts.clear()
        await take_step(house.service, code, {**step, "components": [paper(FORM)]}, context=CONTEXT)
        operations = [draft.operation for draft in house.outbox.drafts]
        assert operations == (
            ["upload_file", "report_origin_status"] if origin else ["sync_dossier", "report_progress"]
        )


async def test_an_unknown_file_of_a_step_is_named(house: House) -> None:
    await house.put()
    step = {"event_id": "e", "status": 4, "at": "2026-11-20T09:00:00+07:00", "content": "Bước"}
    unknown = paper("00000000-0000-4000-8000-000000000009")
    with pytest.raises(UnprocessableError) as refused:
        await take_step(house.service, CODE, {**step, "components": [unknown]}, context=CONTEXT)
    assert [field.pointer for field in refused.value.fields] == ["/components/0/file_id"]


async def test_where_no_file_is_named_nothing_changes(house: House) -> None:
    assert await house.put(components=[{"name": "a.pdf", "url": "https://motcua.example/1"}]) == [("sync_dossier", "")]


async def test_an_unknown_file_is_named_and_nothing_is_stored(house: House) -> None:
    with pytest.raises(UnprocessableError) as refused:
        await house.put(results=[paper(FORM), paper("00000000-0000-4000-8000-000000000009")])
    assert [field.pointer for field in refused.value.fields] == ["/results/1/file_id"]
    assert (house.store.records, house.outbox.drafts) == ({}, [])


async def test_a_link_is_needed_and_nobody_said_where_we_are() -> None:
    """Never a guessed address: the operator is told which setting is missing, and nothing is stored."""
    house = House(uploads=False)
    await house.files.put(FORM, upload(b"x"), context=CONTEXT)
    with pytest.raises(ConfigurationError, match=r"files\.public_url"):
        await house.put(components=[paper(FORM)])
    assert (house.store.records, house.outbox.drafts) == ({}, [])


class Sealed:
    """Believes the results that say so."""

    async def verify(self, content: bytes, *, at: datetime) -> None:
        if content != b"signed":
            raise TrustError("The document is not signed.", vi="Văn bản chưa được ký số.", what="document_unsigned")


async def test_a_result_goes_out_only_when_its_signature_holds() -> None:
    """SIG-08: blocked before it is published, with a clear cause. Papers that are no results are not asked."""
    house = House(uploads=True, seals=Sealed())
    for file_id, content in ((FORM, b"a form"), (PHOTO, b"signed"), (RESULT, b"altered")):
        await house.files.put(file_id, upload(content), context=CONTEXT)
    with pytest.raises(UnprocessableError) as refused:
        await house.put(components=[paper(FORM)], results=[paper(PHOTO), paper(RESULT)])
    assert refused.value.error_code == "caller.result_signature"
    assert [field.pointer for field in refused.value.fields] == ["/results/1/file_id"]
    assert "chưa được ký số" in refused.value.fields[0].detail_vi
    assert (house.store.records, house.outbox.drafts) == ({}, [])
    added = await house.put(components=[paper(FORM)], results=[paper(PHOTO)])
    assert added == [("upload_file", FORM), ("upload_file", PHOTO), ("sync_dossier", "")]


@pytest.mark.parametrize(
    "more",
    [
        {"components": [paper(FORM)]},
        {"supplements": [{"number": 1}, {"number": 2, "components": [{"name": "ảnh.jpg"}, paper(FORM)]}]},
        {"others": [[[paper(FORM)]]]},
        {"one": {"two": {"three": paper(FORM)}}},
    ],
)
async def test_a_file_is_found_wherever_it_is_named(house: House, more: dict[str, Any]) -> None:
    assert ("upload_file", FORM) in await house.put(**more)
    with pytest.raises(UnprocessableError, match="No file has this id"):
        await house.put("000.00.05.H99-261120-0008", **json.loads(json.dumps(more).replace(FORM, UNKNOWN)))
