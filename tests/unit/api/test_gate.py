"""The gate before every endpoint: certificates, networks, operations, procedures, quotas, floods."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from envelopes import request
from operations import OPERATIONS
from province import TENANT, Province, now
from signing_parties import Believing

from gateway.api.peer import Front
from gateway.audit.errors import AuditUnavailableError
from gateway.clients.model import Client, Scope
from gateway.clients.settings import QuotaSettings
from gateway.clients.ways import named, pin_of, thumbprint
from mocks._kit import pki

FROM = "203.0.113.9"
OURS = pki.root("Client CA").issue("motcua")
EXAMPLES = {operation.name: operation for operation in OPERATIONS}


def at(province: Province, *, key: str = "", address: str = FROM, shown: Any = None, **front: Any) -> httpx.AsyncClient:
    """A caller at that address, with that certificate."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        chain = [pki.pem(shown).decode()] if shown else []
        inner = {**scope, "client": (address, 1), "extensions": {"tls": {"client_cert_chain": chain}}}
        await Front(province.app, clock=now, **front)(inner, receive, send)

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway", headers=headers)


async def enter(province: Province, name: str = "motcua", **more: Any) -> str:
    client = Client(
        tenant=TENANT,
        client_id=name,
        title=name,
        scopes=frozenset(Scope),
        agencies=(),
        secret_digest=b"",
        created_at=now(),
    )
    return await province.authenticator.enter(replace(client, **more))


async def call(client: httpx.AsyncClient, name: str, **changes: Any) -> tuple[int, str]:
    operation = EXAMPLES[name]
    body = {**operation.body, **changes} if operation.body is not None else None
    answer = await client.request(operation.method, operation.path, json=body, headers=operation.headers)
    return answer.status_code, answer.json().get("code", "")


class TestCertificates:
    @pytest.mark.parametrize("way", ["cert", "spki"])
    async def test_a_pinned_certificate_opens_without_a_key(self, way: str) -> None:
        """SEC-17 (part)."""
        province, certificate = Province(), OURS.certificate
        ways = {"cert": f"cert:{thumbprint(certificate).hex()}", "spki": pin_of(pki.pem(certificate))}
        await enter(province, ways=(ways[way],))
        async with at(province, shown=certificate) as client:
            assert await call(client, "list_catalogues") == (200, "")
        async with at(province, shown=pki.self_signed("motcua").certificate) as client:
            assert await call(client, "list_catalogues") == (401, "caller.not_authenticated")

    async def test_a_name_opens_only_where_the_client_ca_and_revocation_were_checked(self) -> None:
        province = Province()
        await enter(province, ways=(named(OURS.certificate),))
        async with at(province, shown=OURS.certificate, trust=Believing(pinned=(OURS.certificate,))) as client:
            assert await call(client, "list_catalogues") == (200, "")
        async with at(province, shown=OURS.certificate) as client:
            assert await call(client, "list_catalogues") == (401, "caller.not_authenticated")

    async def test_a_wrong_key_is_not_made_good_by_a_certificate(self) -> None:
        province = Province()
        await enter(province, ways=(pin_of(pki.pem(OURS.certificate)),))
        async with at(province, key="lt_H99_motcua_" + "0" * 48, shown=OURS.certificate) as client:
            assert await call(client, "list_catalogues") == (401, "caller.not_authenticated")

    async def test_a_revoked_clients_certificate_opens_nothing(self) -> None:
        province = Province()
        await enter(province, ways=(pin_of(pki.pem(OURS.certificate)),))
        await province.clients.revoke(TENANT, "motcua", at=now())
        async with at(province, shown=OURS.certificate) as client:
            assert await call(client, "list_catalogues") == (401, "caller.not_authenticated")

    async def test_the_facade_takes_the_same_log_ins(self) -> None:
        """CON-04 (part)."""
        province = Province()
        await enter(province, ways=(pin_of(pki.pem(OURS.certificate)),))
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        for shown, status in ((OURS.certificate, 200), (None, 401)):
            async with at(province, shown=shown) as client:
                answer = await client.post("/soap", content=request("list_catalogues", {}), headers=headers)
                assert answer.status_code == status, answer.text


class TestLimits:
    async def test_a_client_calls_from_its_networks_alone_and_a_refusal_is_a_leaf(self) -> None:
        """SEC-04 (part): source and account; SEC-17 (part)."""
        province = Province()
        key = await enter(province, networks=("203.0.113.0/24",))
        async with at(province, key=key) as client:
            assert await call(client, "list_catalogues") == (200, "")
        async with at(province, key=key, address="198.51.100.1") as client:
            assert await call(client, "list_catalogues") == (403, "caller.network")
        (leaf,) = province.recorder.entries
        assert (leaf.actor, leaf.outcome, leaf.facts["source"]) == ("motcua", "http_403", "198.51.100.1")

    async def test_a_spoofed_address_opens_no_network(self) -> None:
        province = Province()
        key = await enter(province, networks=("203.0.113.0/24",))
        async with at(province, key=key, address="198.51.100.1") as client:
            client.headers["X-Forwarded-For"] = FROM
            assert await call(client, "list_catalogues") == (403, "caller.network")
        async with at(province, key=key, address="198.51.100.1", proxies=("198.51.100.1/32",)) as client:
            client.headers["X-Forwarded-For"] = FROM
            assert await call(client, "list_catalogues") == (200, "")

    async def test_a_client_with_operations_may_call_no_other(self) -> None:
        province = Province()
        key = await enter(province, operations=("list_catalogues",))
        async with at(province, key=key) as client:
            assert await call(client, "list_catalogues") == (200, "")
            assert await call(client, "get_codes") == (403, "caller.operation")

    @pytest.mark.parametrize(
        "name",
        [
            *(name for name, op in EXAMPLES.items() if op.body and "purpose" in op.body),
            *("create_recheck", "create_payment", "issue_bill", "issue_dossier_code", "put_dossier", "publish_ratings"),
        ],
    )
    async def test_a_client_with_procedures_may_act_in_no_other(self, name: str) -> None:
        """POP-06 (part): purposes per procedure; nothing is asked of any register."""
        province = Province()
        key = await enter(province, procedures=("1.000001",))
        async with at(province, key=key) as client:
            assert await call(client, name) == (403, "caller.procedure")
        await province.clients.change(replace(await _found(province), procedures=("1.009999",)))
        async with at(province, key=key) as client:
            assert (await call(client, name))[1] != "caller.procedure"

    @pytest.mark.parametrize("name", ["issue_bill", "create_payment"])
    async def test_a_client_of_one_agency_does_not_bill_dossiers_of_another(self, name: str) -> None:
        province = Province()
        key = await enter(province, agencies=(EXAMPLES[name].body["agency_id"],))
        async with at(province, key=key) as client:
            assert await call(client, name, dossier_code="000.00.77.H99-261123-0007") == (403, "caller.agency")
            assert (await call(client, name))[1] != "caller.agency"

    async def test_a_quota_that_is_used_up_is_429_with_the_time_to_wait(self) -> None:
        province = Province()
        key = await enter(province, per_day=2)
        async with at(province, key=key) as client:
            assert [await call(client, "list_catalogues") for _ in range(2)] == [(200, "")] * 2
            answer = await client.get("/v1/catalogues")
            assert (answer.status_code, answer.json()["code"]) == (429, "caller.too_many_requests")
            assert int(answer.headers["retry-after"]) >= 1
        assert province.recorder.entries[-1].outcome == "http_429"


async def _found(province: Province) -> Client:
    found = await province.clients.find(TENANT, "motcua")
    assert found is not None
    return found


class TestKeysOverTime:
    async def test_during_a_rotation_both_keys_open_and_then_the_new_one_alone(self) -> None:
        province = Province()
        old = await enter(province)
        new = await province.authenticator.rotate(await _found(province), overlap=timedelta(hours=1))
        for key in (old, new):
            async with at(province, key=key) as client:
                assert await call(client, "list_catalogues") == (200, "")
        await province.clients.change(replace(await _found(province), earlier_until=now()))
        for key, status in ((old, 401), (new, 200)):
            async with at(province, key=key) as client:
                assert (await call(client, "list_catalogues"))[0] == status

    async def test_a_key_ends_at_its_time(self) -> None:
        province = Province()
        key = await enter(province, secret_until=now())
        async with at(province, key=key) as client:
            assert await call(client, "list_catalogues") == (401, "caller.not_authenticated")


class TestFloods:
    async def test_wrong_keys_of_one_address_are_slowed_and_neither_leaves_nor_others_suffer(self) -> None:
        """SEC-12 (part): failed log-ins are leaves, counted, and a flood is an alarm, not a full disk."""
        province = Province(quotas=QuotaSettings(failures_per_minute=3))
        key = await enter(province)
        async with at(province, key="lt_H99_motcua_" + "0" * 48) as client:
            answers = [await call(client, "list_catalogues") for _ in range(10)]
        assert answers == [(401, "caller.not_authenticated")] * 3 + [(429, "caller.too_many_requests")] * 7
        assert [leaf.outcome for leaf in province.recorder.entries] == ["http_401"] * 3 + ["logins_failed"]
        (_, alarm), *others = province.alarms.kept
        assert (alarm.occasion.kind, alarm.occasion.about, others) == ("logins_failed", f"address:{FROM}", [])
        async with at(province, key="x", address="198.51.100.1") as client:
            assert (await call(client, "list_catalogues"))[0] == 401
        async with at(province, key=key) as client:
            assert await call(client, "list_catalogues") == (200, "")

    @pytest.mark.parametrize(("method", "path", "content"), [("GET", "/v1/no/such", b""), ("POST", "/v1/bills", b"{")])
    async def test_calls_of_strangers_that_make_no_sense_fill_no_disk_either(
        self, method: str, path: str, content: bytes
    ) -> None:
        province = Province(quotas=QuotaSettings(failures_per_minute=3))
        async with at(province) as client:
            json = {"Content-Type": "application/json"}
            statuses = [
                (await client.request(method, path, content=content, headers=json)).status_code for _ in range(9)
            ]
        assert (set(statuses[3:]), 429 in statuses[:3]) == ({429}, False)
        assert len(province.recorder.entries) == 4  # three calls, and the alarm

    async def test_what_fails_on_our_side_is_told_as_it_is_however_often(self) -> None:
        province = Province(quotas=QuotaSettings(failures_per_minute=3))
        key = await enter(province)

        async def down(*_: object) -> None:
            raise AuditUnavailableError("down")

        province.clients.find = down  # type: ignore[method-assign,assignment]  # the store, when its database is gone
        async with at(province, key=key) as client:
            assert {(await call(client, "list_catalogues"))[0] for _ in range(9)} == {503}

    @pytest.mark.parametrize("path", ["/bien-lai/" + "A" * 20, "/files/downloadfile/x", "/thanh-toan/P1"])
    async def test_what_needs_no_key_is_limited_by_address(self, path: str) -> None:
        province = Province(quotas=QuotaSettings(public_per_minute=2))
        async with at(province) as client:
            statuses = [(await client.get(path)).status_code for _ in range(3)]
            assert 429 not in statuses[:2]
            last = await client.get(path)
            assert (statuses[2], last.status_code) == (429, 429)
        async with at(province, address="198.51.100.1") as client:
            assert (await client.get(path)).status_code != 429

    async def test_health_is_never_refused(self) -> None:
        province = Province(quotas=QuotaSettings(public_per_minute=1))
        async with at(province) as client:
            assert {(await client.get("/healthz")).status_code for _ in range(5)} == {200}


class TestInbound:
    PATHS = ("/inbound/payment/ipn", "/inbound/payment/downloadfile/x", "/inbound/payment")

    @pytest.mark.parametrize("path", PATHS)
    async def test_a_system_that_calls_from_elsewhere_is_refused_with_a_leaf_and_an_alarm(self, path: str) -> None:
        """SEC-04 (part)."""
        province = Province(networks={"payment": ("10.9.0.0/16",)})
        async with at(province) as client:
            for _ in range(20):
                answer = await client.post(path, content=b"{}")
                assert (answer.status_code, answer.json()["code"]) == (403, "caller.network")
        inbound = [leaf for leaf in province.recorder.entries if leaf.kind == "inbound"]
        assert 1 <= len(inbound) <= 7
        assert (inbound[0].system, inbound[0].outcome, inbound[0].facts["source"]) == (
            "payment",
            "caller.network",
            FROM,
        )
        (_, alarm), *others = province.alarms.kept
        assert (alarm.occasion.kind, alarm.occasion.about, others) == ("inbound_not_trusted", "system:payment", [])

    async def test_from_its_networks_it_is_heard_and_other_systems_are_not_limited(self) -> None:
        province = Province(networks={"payment": ("203.0.113.0/24",)})
        async with at(province) as client:
            assert (await client.post("/inbound/payment/ipn", content=b"{}")).status_code != 403
        async with at(province, address="198.51.100.1") as client:
            assert (await client.post("/inbound/nobody/x", content=b"{}")).status_code == 404

    async def test_a_flood_of_notices_from_one_address_is_told_to_wait(self) -> None:
        province = Province(quotas=QuotaSettings(inbound_per_minute=2))
        async with at(province) as client:
            statuses = [(await client.post("/inbound/nobody/x", content=b"")).status_code for _ in range(4)]
        assert statuses == [404, 404, 429, 429]


async def test_what_anybody_may_open_says_how_it_may_be_shown() -> None:
    async with at(Province()) as client:
        answer = await client.get("/bien-lai/" + "A" * 20)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
