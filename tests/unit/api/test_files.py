"""Files of dossiers: handed over by the province, sealed, fetched by the portal through links that expire."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from operations import BODIED, DOCUMENT, OPERATIONS
from over_httpx import OverHttpx
from province import FILES, TENANT, Province, now
from services import atomically
from structlog.testing import capture_logs

from gateway.audit.errors import AuditUnavailableError
from gateway.clients.model import Scope
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.files.model import MEDIA_TYPES
from gateway.files.service import Files
from mocks.national_portal.app import create_app as portal_app

DOSSIER = next(operation for operation in BODIED if operation.name == "put_dossier")
EVENT = next(operation for operation in BODIED if operation.name == "add_status_event")
PUT = next(operation for operation in OPERATIONS if operation.name == "put_file")
ID = "8e03978e-40d5-43e8-bc93-6894a57f9324"
NAME = "Đơn của Trần Thị Mẫu.pdf"
CONTENT = b"%PDF-1.7 \x00\xff scanned"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
DISPOSITION = f"attachment; filename*=UTF-8''{quote(NAME)}"
RESULT = {"name": "giấy xác nhận", "id": "kq-1", "file_id": ID}
COMPONENT = {"name": "đơn.pdf", "file_id": ID}


async def put(
    caller: httpx.AsyncClient, content: Any = CONTENT, *, file_id: str = ID, **headers: str
) -> httpx.Response:
    given = {"Content-Type": "application/pdf", "Content-Disposition": DISPOSITION}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return await caller.put(f"/v1/files/{file_id}", content=content, headers={k: v for k, v in given.items() if v})


def link(province: Province, file_id: str = ID) -> str:
    return files(province).link(TENANT, file_id)


def files(province: Province, **changes: Any) -> Files:
    """The province's files under another policy, or at another time."""
    clock = changes.pop("clock", now)
    policy = replace(FILES, **changes)
    return Files(province.files, province.keyring, recorder=province.recorder, clock=clock, policy=policy)


def sent(province: Province) -> list[Any]:
    """Bodies of the messages that wait, oldest first."""
    return [message.body for stream in province.outbox.streams.values() for message in stream.messages]


class TestHandingOver:
    async def test_a_file_is_taken_in_once_and_answered_alike_ever_after(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        """DOS-19 (part), SEC-10 (part): its hash is taken at intake."""
        first, again = await put(caller), await put(caller)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert {**first.json(), "stored_at": ""} == {
            "id": ID,
            "name": NAME,
            "media_type": "application/pdf",
            "size": len(CONTENT),
            "sha256": SHA256,
            "stored_at": "",
        }
        assert len(province.files.files) == 1

    @pytest.mark.parametrize(
        "other",
        [
            {"content": b"%PDF-1.7 other"},
            {"Content_Type": "image/png"},
            {"Content_Disposition": "attachment; filename*=UTF-8''khac.pdf"},
        ],
        ids=["content", "type", "name"],
    )
    async def test_another_file_under_the_same_id_is_409_and_the_first_stays(
        self, province: Province, caller: httpx.AsyncClient, other: dict[str, Any]
    ) -> None:
        await put(caller)
        refused = await put(caller, **other)
        assert (refused.status_code, refused.json()["code"]) == (409, "caller.file_id_reused")
        assert (await caller.get(f"/v1/files/{ID}")).json()["sha256"] == SHA256
        assert (await caller.get(f"/v1/files/{ID}/content")).content == CONTENT

    async def test_a_file_damaged_on_its_way_is_refused(self, province: Province, caller: httpx.AsyncClient) -> None:
        """SYN-07 (part): what does not have its hash is not stored, so it is never sent."""
        digest = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
        damaged = await put(caller, CONTENT + b"!", Content_Digest=f"sha-256=:{digest}:")
        assert (damaged.status_code, damaged.json()["code"]) == (422, "caller.digest_differs")
        assert damaged.json()["errors"][0]["pointer"] == "/header/content-digest"
        assert province.files.files == {}
        assert (await put(caller, Content_Digest=f"sha-256=:{digest}:")).status_code == 201

    @pytest.mark.parametrize(
        ("given", "status", "code"),
        [
            ({"Content_Type": "text/html"}, 415, "caller.file_type"),
            ({"Content_Type": ""}, 415, "caller.file_type"),
            ({"Content_Encoding": "gzip"}, 415, "caller.unsupported_media_type"),
            ({"content": b""}, 422, "caller.file_empty"),
            ({"Content_Disposition": ""}, 422, "caller.invalid_fields"),
            ({"Content_Disposition": "attachment; filename=x.pdf"}, 422, "caller.invalid_fields"),
            ({"Content_Disposition": "attachment; filename*=UTF-8''%FF.pdf"}, 422, "caller.invalid_fields"),
            ({"Content_Disposition": "attachment; filename*=UTF-8''a%00.pdf"}, 422, "caller.invalid_fields"),
            ({"Content_Disposition": "attachment; filename*=UTF-8''..%2Fa.pdf"}, 422, "caller.invalid_fields"),
            ({"Content_Digest": "md5=:AAAA:"}, 422, "caller.invalid_fields"),
            ({"file_id": ID.upper()}, 404, "caller.not_found"),
            ({"file_id": "x"}, 404, "caller.not_found"),
        ],
    )
    async def test_what_is_no_file_of_ours_is_refused_and_not_kept(
        self, province: Province, caller: httpx.AsyncClient, given: dict[str, Any], status: int, code: str
    ) -> None:
        refused = await put(caller, **given)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert str(status) in PUT.statuses
        assert province.files.files == {}
        assert "Mẫu" not in refused.text

    async def test_a_file_has_a_limit_of_its_own(self, province: Province, caller: httpx.AsyncClient) -> None:
        """Larger than any JSON of ours, and not endless; in one piece or in many."""

        async def in_pieces(size: int) -> AsyncIterator[bytes]:
            for _ in range(size // 10_000):
                yield b"x" * 10_000

        assert (await put(caller, b"x" * 200_000)).status_code == 201
        for content in (b"x" * 300_001, in_pieces(310_000)):
            refused = await put(caller, content, file_id=str(uuid.uuid4()))
            assert (refused.status_code, refused.json()["code"]) == (413, "caller.too_large")
        assert len(province.files.files) == 1

    async def test_of_a_stranger_no_large_body_is_read(self, province: Province) -> None:
        async with province.client("lt_H99_nobody_00") as stranger:
            assert (await put(stranger, b"x" * 200_000)).status_code == 413
            assert (await put(stranger)).status_code == 401

    async def test_the_leaf_names_the_file_by_its_digest_and_keeps_no_copy(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        """POP-12 (part), PDP-15 (part): nor is the name of the file, which may be a person's, in any log."""
        with capture_logs() as logs:
            await put(caller)
        leaf = province.recorder.entries[-1]
        assert (leaf.operation, leaf.reference, leaf.outcome) == ("put_file", ID, "answered")
        known = {"http_status": 201, "source": "127.0.0.1"}
        assert leaf.facts == {**known, "file_sha256": SHA256, "file_bytes": len(CONTENT)}
        assert list(leaf.bodies) == ["reply"]
        assert "Mẫu" not in repr(logs) + repr(leaf)

    async def test_no_answer_without_a_leaf(self, province: Province, caller: httpx.AsyncClient) -> None:
        await put(caller)
        address = link(province)
        province.recorder.broken = AuditUnavailableError("down")
        for answer in (await put(caller), await caller.get(f"/v1/files/{ID}/content"), await caller.get(address)):
            assert answer.status_code == 503
            assert CONTENT not in answer.content


class TestReading:
    async def test_a_result_is_found_by_id_and_hash_after_the_dossier_is_closed(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        """DOS-18."""
        await put(caller)
        body = {**DOSSIER.body, "received_at": "2026-11-20T08:30:00+07:00", "results": [RESULT]}
        assert (await caller.put(DOSSIER.path, json=body)).status_code == 202
        for hour, status in enumerate((4, 9, 10), 9):
            step = {**EVENT.body, "event_id": f"b{status}", "status": status, "at": f"2026-11-20T{hour:02}:00:00+07:00"}
            assert (await caller.post(EVENT.path, json=step, headers=EVENT.headers)).status_code == 202
        assert province.dossiers.records[TENANT, "000.00.05.H99-261123-0007"].document["results"][0]["file_id"] == ID
        assert (await caller.get(f"/v1/files/{ID}")).json()["sha256"] == SHA256
        content = await caller.get(f"/v1/files/{ID}/content")
        assert content.content == CONTENT
        assert content.headers["content-type"] == "application/pdf"
        assert content.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote(NAME, safe='')}"
        assert content.headers["content-digest"] == f"sha-256=:{base64.b64encode(bytes.fromhex(SHA256)).decode()}:"
        assert content.headers["x-content-type-options"] == "nosniff"

    async def test_reading_a_file_leaves_a_leaf_and_asking_about_it_does_not(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        await put(caller)
        before = len(province.recorder.entries)
        await caller.get(f"/v1/files/{ID}")
        assert len(province.recorder.entries) == before
        await caller.get(f"/v1/files/{ID}/content")
        leaf = province.recorder.entries[-1]
        assert (leaf.actor, leaf.operation, leaf.reference) == ("motcua", "get_file_content", ID)
        assert (leaf.facts["file_sha256"], leaf.bodies) == (SHA256, {"request": b""})

    async def test_who_may_look_at_dossiers_may_not_read_their_files(self, province: Province) -> None:
        async with province.client(await province.issue("xem", Scope.DOSSIERS_READ)) as watcher:
            assert (await watcher.get(f"/v1/files/{ID}/content")).json()["code"] == "caller.scope"

    async def test_a_file_that_nobody_handed_over_is_404(self, caller: httpx.AsyncClient) -> None:
        for path in (f"/v1/files/{ID}", f"/v1/files/{ID}/content"):
            assert (await caller.get(path)).status_code == 404

    async def test_an_altered_file_is_never_handed_out(self, province: Province, caller: httpx.AsyncClient) -> None:
        """SEC-10 (part): one byte is enough, through either door; and it is said aloud."""
        await put(caller)
        record, content = province.files.files[TENANT, ID]
        province.files.files[TENANT, ID] = record, content[:-1] + b"?"
        with capture_logs() as logs:
            for path in (f"/v1/files/{ID}/content", link(province)):
                answer = await caller.get(path)
                assert (answer.status_code, answer.json()["code"]) == (500, "ours.file_altered")
        assert [entry["event"] for entry in logs] == ["file_altered", "file_altered"]
        assert province.recorder.entries[-1].outcome == "ours.file_altered"

    async def test_a_damaged_file_that_is_handed_over_again_is_whole_again(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        """SEC-10 (part): restored from the province's copy, which must have the digest of the first time."""
        await put(caller)
        record, content = province.files.files[TENANT, ID]
        province.files.files[TENANT, ID] = record, content[:-1] + b"?"
        assert (await put(caller, content[:-1] + b"?")).status_code == 409
        assert (await caller.get(f"/v1/files/{ID}/content")).status_code == 500
        with capture_logs() as logs:
            assert (await put(caller)).status_code == 200
        assert [entry["event"] for entry in logs] == ["file_altered", "file_restored"]
        assert (await caller.get(f"/v1/files/{ID}/content")).content == CONTENT


class TestLinks:
    @pytest.mark.parametrize(
        ("public_url", "actor"),
        [
            ("http://gateway/files", "link"),
            ("http://gateway/inbound/national_portal/", "system:national_portal"),
            ("http://gateway/inbound/national_portal/XrdAdapter/RestService/forward", "system:national_portal"),
        ],
    )
    async def test_a_link_opens_its_file_without_a_key_and_the_leaf_says_who_fetched_it(
        self, province: Province, caller: httpx.AsyncClient, public_url: str, actor: str
    ) -> None:
        """SYN-07 (part): reachable by the portal at its own path, with or without the adapter's prefix."""
        await put(caller)
        address = files(province, public_url=public_url).link(TENANT, ID)
        assert "Mau" not in address
        async with province.client() as portal:
            answer = await portal.get(address)
        assert (answer.status_code, answer.content) == (200, CONTENT)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%C4%90")
        leaf = province.recorder.entries[-1]
        assert (leaf.kind, leaf.actor, leaf.operation, leaf.outcome) == ("inbound", actor, "downloadfile", "answered")
        assert (leaf.reference, leaf.facts["file_sha256"], leaf.bodies) == (ID, SHA256, {})

    @pytest.mark.plants_personal_data("address", "log httpx")
    async def test_a_link_that_does_not_hold_answers_like_an_unknown_file(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        """SYN-07 (part): signed, expiring, and bound to its file; contract 6.2: 204."""
        await put(caller)
        await put(caller, b"other", file_id=str(uuid.UUID(int=1)))
        good = link(province)
        path, _, query = good.partition("?")
        old = files(province, clock=lambda: now() - timedelta(days=91)).link(TENANT, ID)
        stranger = Province()
        addresses = {
            "link_forged": [
                path,
                f"{path}?{query.replace('expires=', 'expires=9')}",
                good[:-1] + ("0" if good[-1] != "0" else "1"),
                f"http://gateway/files/downloadfile/{uuid.UUID(int=1)}?{query}",
                f"http://gateway/files/downloadfile/099185000001?{query}",
                f"{path}?expires=%C3%A1&signature=%C3%A1",
                stranger.services.files.link(TENANT, ID),  # type: ignore[attr-defined]  # the service itself
            ],
            "link_expired": [old],
            "absent": [link(province, str(uuid.UUID(int=2)))],
        }
        async with province.client() as portal:
            for outcome, several in addresses.items():
                for address in several:
                    answer = await portal.get(address)
                    assert (answer.status_code, answer.content) == (204, b""), address
                    assert province.recorder.entries[-1].outcome == outcome
            assert (await portal.get(good)).status_code == 200
        assert "099185000001" not in repr(province.recorder.entries)

    async def test_a_link_that_we_gave_opens_until_its_last_day(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        await put(caller)
        young = files(province, clock=lambda: now() - timedelta(days=89)).link(TENANT, ID)
        assert (await caller.get(young)).status_code == 200


class TestInDossiers:
    @pytest.mark.parametrize("part", ["components", "results"])
    @pytest.mark.parametrize("given", [{}, {"url": "https://motcua.example/f/1", "file_id": ID}])
    async def test_a_paper_has_an_address_or_a_file_and_not_both(
        self, province: Province, caller: httpx.AsyncClient, part: str, given: dict[str, str]
    ) -> None:
        paper = {"name": "a.pdf", **({"id": "1"} if part == "results" else {}), **given}
        refused = await caller.put(DOSSIER.path, json={**DOSSIER.body, part: [paper]})
        assert (refused.status_code, refused.json()["code"]) == (422, "caller.invalid_fields")
        assert [error["pointer"] for error in refused.json()["errors"]] == [f"/{part}/0/file_id"]

    async def test_a_file_that_was_never_handed_over_is_named(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        await put(caller)
        unknown = {"name": "b.pdf", "file_id": str(uuid.UUID(int=1))}
        supplement = {
            "number": 1,
            "requested_by": "Lê Văn Thử",
            "content": "Thiếu giấy",
            "requested_at": "2026-11-24T08:00:00+07:00",
            "components": [COMPONENT, unknown],
        }
        body = {**DOSSIER.body, "components": [COMPONENT, unknown], "supplements": [supplement]}
        refused = await caller.put(DOSSIER.path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "caller.unknown_file")
        pointers = [error["pointer"] for error in refused.json()["errors"]]
        assert pointers == ["/components/1/file_id", "/supplements/0/components/1/file_id"]
        assert province.stored == (0, 0, 0)

    async def test_put_twice_is_put_once_although_links_change(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        await put(caller)
        body = {**DOSSIER.body, "components": [COMPONENT], "results": [RESULT]}
        answers = [await caller.put(DOSSIER.path, json=body) for _ in range(2)]
        assert [answer.json()["version"] for answer in answers] == [1, 1]
        [message] = sent(province)
        stored = province.dossiers.records[TENANT, DOSSIER.path.rpartition("/")[2]].document
        assert "url" not in stored["components"][0]
        assert f"/downloadfile/{ID}?expires=" in message["TaiLieuNop"][0]["DuongDanTaiTepTin"]
        assert f"/downloadfile/{ID}?expires=" in message["DanhSachGiayToKetQua"][0]["DuongDanTepTinKetQua"]

    async def test_an_address_of_the_provinces_own_is_passed_on_as_it_is(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        url = "https://motcua.example/f/1"
        await caller.put(DOSSIER.path, json={**DOSSIER.body, "components": [{"name": "a.pdf", "url": url}]})
        assert sent(province)[0]["TaiLieuNop"][0]["DuongDanTaiTepTin"] == url

    async def test_a_file_goes_from_the_province_to_the_portal_that_fetches_it(self, province: Province) -> None:
        """SYN-07 (part), DOS-19 (part): component and result lists reach the portal, and their files follow."""
        portal = portal_app(transport=httpx.ASGITransport(province.app))
        ours = province.systems["national_portal"]
        wire = OverHttpx(ours.settings, transport=httpx.ASGITransport(portal))
        province.systems["national_portal"] = replace(ours, transport=wire)
        async with province.client(await province.issue()) as caller:
            await put(caller)
            body = {**DOSSIER.body, "components": [COMPONENT], "results": [RESULT]}
            assert (await caller.put(DOSSIER.path, json=body)).status_code == 202
        assert await worker(province).drain() == 1
        code = DOSSIER.path.rpartition("/")[2]
        async with httpx.AsyncClient(transport=httpx.ASGITransport(portal), base_url="http://portal") as tester:
            fetched = (await tester.post(f"/_mock/dossiers/{code}/fetch")).json()["files"]
        assert [(file["status"], file["sha256"]) for file in fetched] == [(200, SHA256)] * 2
        assert {file["media_type"] for file in fetched} == {"application/pdf"}
        downloads = [leaf for leaf in province.recorder.entries if leaf.operation == "downloadfile"]
        assert [leaf.outcome for leaf in downloads] == ["answered"] * 2


def worker(province: Province) -> Worker:
    return Worker(
        province.outbox,
        province.exchange,
        name="w",
        atomically=atomically,
        clock=now,
        policy=Policy(),
        follow_ups={},
    )


def test_the_document_says_which_files_are_taken_and_what_goes_before_them() -> None:
    said = DOCUMENT["paths"]["/v1/files/{file_id}"]["put"]
    assert tuple(said["requestBody"]["content"]) == MEDIA_TYPES
    needed = {parameter["name"]: parameter["required"] for parameter in said["parameters"]}
    assert needed == {"file_id": True, "content-disposition": True, "content-digest": False}
