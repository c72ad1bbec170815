"""A signature explained in the browser."""

from __future__ import annotations

from console_house import House
from cryptography.hazmat.primitives.serialization import Encoding
from xml_signers import AT, holder, rule, soap, trust_in

from gateway.operators.model import Role
from gateway.signing.xml import WssX509

HERE = "/console/diagnostics/signature"
SIGNER = holder("doi-tac")
SIGNED = WssX509(SIGNER, trust_in(holder("tinh")), rule()).sign(soap(), at=AT).content.decode()
PEM = SIGNER.own.public_bytes(Encoding.PEM).decode()


async def test_the_altered_part_is_named_and_nothing_is_kept(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    await browser.get(HERE)
    altered = SIGNED.replace("099001000001", "099001000002")
    page = (await browser.post(HERE, {"message": altered, "key": PEM}, status=200)).text
    assert "đã bị sửa sau khi ký" in page
    assert "Bên gửi cần làm" in page
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=2)
    leaves = [row.leaf for row in rows]
    assert b'"operation":"console_explain_signature"' in leaves[0]
    assert b'"operation":"explain_signature"' in leaves[1]
    assert all(b"09900100000" not in leaf and b'"bodies":{}' in leaf for leaf in leaves)


async def test_what_is_built_to_harm_is_answered(house: House) -> None:
    browser = await house.enter(Role.OPERATOR)
    await browser.get(HERE)
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
    for text in (bomb, "<script>alert(1)</script>", "<a>" * 5000):
        page = (await browser.post(HERE, {"message": text}, status=200)).text
        assert "không đúng" in page
        assert "<script>alert" not in page


async def test_too_much_and_a_private_key_are_refused(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    await browser.get(HERE)
    await browser.post(HERE, {"message": "a" * 262_145}, status=422)
    private = "-----BEGIN " + "PRIVATE KEY-----\nx"
    response = await browser.post(HERE, {"message": "a.b.c", "key": private}, status=422)
    assert "caller.private_key" in response.text
    await browser.post(HERE, {"message": "a.b.c", "choice": "nowhere|inbound|"}, status=404)


async def test_whoever_neither_looks_nor_operates_is_refused(house: House) -> None:
    from gateway.operators.model import RIGHTS, Right

    roles = [role for role in Role if not RIGHTS[role] & {Right.LOOK, Right.OPERATE}]
    for role in roles:
        browser = await house.enter(role)
        await browser.get(HERE, status=403)
