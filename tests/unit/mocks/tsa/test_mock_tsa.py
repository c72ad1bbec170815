"""The mock of a time-stamping authority, read by a library that is not its own."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
import rfc3161_client
from asn1crypto import tsp
from cryptography import x509
from rfc3161_client import PKIStatus

from mocks.tsa.app import ROOT, STAMP, create_app

AT = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
ASKED = {"Content-Type": "application/timestamp-query"}


def client(**switches: object) -> httpx.AsyncClient:
    app = create_app(switches, clock=lambda: AT)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tsa.example")


def query(message: bytes = b"MOCK") -> rfc3161_client.TimeStampRequest:
    return rfc3161_client.TimestampRequestBuilder().data(message).build()


async def test_a_stamp_says_what_was_asked_and_when() -> None:
    async with client() as caller:
        asked = query()
        reply = await caller.post(STAMP, content=asked.as_bytes(), headers=ASKED)
        root = x509.load_pem_x509_certificate((await caller.get(ROOT)).content)
    told = rfc3161_client.decode_timestamp_response(reply.content)
    assert reply.headers["content-type"] == "application/timestamp-reply"
    assert (told.status, told.tst_info.gen_time, told.tst_info.nonce) == (PKIStatus.GRANTED, AT, asked.nonce)
    assert told.tst_info.message_imprint.message == asked.message_imprint.message
    assert told.tst_info.policy.dotted_string == "2.999.1"
    [signer] = [x509.load_der_x509_certificate(one) for one in told.signed_data.certificates]
    signer.verify_directly_issued_by(root)


async def test_stamps_are_numbered_and_keys_live_as_long_as_the_mock() -> None:
    async with client() as caller, client() as other:
        numbers = []
        for _ in range(2):
            reply = await caller.post(STAMP, content=query().as_bytes(), headers=ASKED)
            numbers.append(rfc3161_client.decode_timestamp_response(reply.content).tst_info.serial_number)
        assert numbers == [1, 2]
        assert (await caller.get(ROOT)).content == (await caller.get(ROOT)).content != (await other.get(ROOT)).content


@pytest.mark.parametrize("content", [b"", b"not a request", b"\x30\x00"])
async def test_what_is_no_request_is_rejected_in_the_protocols_own_words(content: bytes) -> None:
    async with client() as caller:
        reply = await caller.post(STAMP, content=content, headers=ASKED)
    assert reply.status_code == 200
    assert rfc3161_client.decode_timestamp_response(reply.content).status == PKIStatus.REJECTION


async def test_a_weak_digest_is_rejected() -> None:
    asked = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": bytes(20)},
        }
    )
    async with client() as caller:
        reply = await caller.post(STAMP, content=asked.dump(), headers=ASKED)
    assert rfc3161_client.decode_timestamp_response(reply.content).status == PKIStatus.REJECTION


async def test_another_content_type_is_not_understood_and_a_closed_authority_rejects() -> None:
    async with client(closed=True) as caller:
        assert (await caller.post(STAMP, content=query().as_bytes())).status_code == 415
        reply = await caller.post(STAMP, content=query().as_bytes(), headers=ASKED)
    assert rfc3161_client.decode_timestamp_response(reply.content).status == PKIStatus.REJECTION
