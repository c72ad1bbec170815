"""An evidence package proves its rows to somebody who has nothing else, and says what it does not prove."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from services import NOW

from gateway.audit import batch, checkpoint, cosignature, exhibits, leaf, package, package_check
from gateway.audit.cosignature import Witness
from gateway.audit.evidence import Evidence
from gateway.audit.exhibits import Source
from gateway.audit.memory import MemoryAudit
from gateway.audit.model import Entry
from gateway.audit.rows import Cosignature
from gateway.audit.tiles import TileId
from gateway.sdk.errors import ConflictError, NotFoundError, TrustError, UnprocessableError
from gateway.signing import Keyring

T = "H99"
SCRIPT = Path(__file__).parents[3] / "docs" / "verify_evidence.py"
WITNESS = Keyring.ephemeral()
NAME = "example.vn/nhan-chung"


def source(store: MemoryAudit, keyring: Keyring) -> Source:
    witness = Witness(name=NAME, public_key=WITNESS.public_key)
    return Source(reader=store, tenant=T, public_key=keyring.public_key, sealer=keyring, witnesses=[witness])


@pytest.fixture(scope="module")
def key(keyring: Keyring) -> str:
    return package.named(T, keyring.public_key)


@pytest.fixture
async def packed(grown: Callable[[], MemoryAudit], keyring: Keyring) -> bytes:
    """Two rows with their bodies."""
    return package.write(await exhibits.collect(source(grown(), keyring), [3, 11], include=True))


def cosign(note: str, *, name: str = NAME, at: int = 1_795_000_000) -> str:
    text = checkpoint.split(note)[0]
    signature = WITNESS.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
    key_id = checkpoint.key_id(name, WITNESS.public_key, kind=cosignature.KIND)
    return checkpoint.signature_line(name, key_id + at.to_bytes(8, "big") + signature)


def changed(raw: bytes, name: str, content: bytes | None) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(output, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        if content is not None:
            new.writestr(name, content)
    return output.getvalue()


def content(raw: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return archive.read(name)


def independent(tmp_path: Path, raw: bytes, *options: str) -> subprocess.CompletedProcess[str]:
    """The script alone: no project on its path, an empty folder to stand in."""
    file = tmp_path / "evidence"
    file.write_bytes(raw)
    command = [sys.executable, "-I", str(SCRIPT), str(file), *options]
    return subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, encoding="utf-8", check=False)


async def test_a_package_proves_rows_and_contents(packed: bytes, key: str) -> None:
    """CON-28 (part), SEC-09 (part): whoever disputes what was exchanged is shown it, and that it is unaltered."""
    verdict = package_check.check(packed, key=key)
    assert verdict.sound, verdict.wrong
    told = " ".join(sentence.en for sentence in verdict.proven)
    assert "15 rows" in told
    for part in ("Row 3 stands", "Row 11 stands", "Row 3, request_sent: these are the bytes", "Row 11, reply_received"):
        assert part in told
    assert content(packed, "bodies/11/request_sent").decode() == "Trần Thị Mẫu 11"
    open_ = " ".join(sentence.en for sentence in verdict.unproven)
    assert "no witness" in open_
    assert "no time stamp" in open_
    assert "--key" not in open_


def test_without_a_key_it_says_that_the_key_is_unproven(packed: bytes) -> None:
    verdict = package_check.check(packed)
    assert verdict.sound
    assert any("--key" in sentence.en for sentence in verdict.unproven)


def test_a_package_that_does_not_unpack_is_none(packed: bytes) -> None:
    """Whatever byte of it was lost on the way: an answer in words, no trace of the program."""
    for place in range(30, len(packed), 37):
        with contextlib.suppress(UnprocessableError):
            package_check.check(packed[:place] + bytes([packed[place] ^ 0xFF]) + packed[place + 1 :])


def test_a_small_file_that_unfolds_to_more_than_it_may_is_none() -> None:
    """It would fill the memory of whoever looks at it."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("evidence.json", b" " * 1_000_000)
    assert len(output.getvalue()) < 10_000
    with pytest.raises(UnprocessableError):
        package_check.check(output.getvalue(), most=999_999)


def test_another_key_is_refused(packed: bytes) -> None:
    other = package.named(T, Keyring.ephemeral().public_key)
    assert not package_check.check(packed, key=other).sound
    with pytest.raises(TrustError):
        package_check.check(packed, key="no key")


async def test_the_same_evidence_makes_the_same_bytes(
    grown: Callable[[], MemoryAudit], packed: bytes, keyring: Keyring
) -> None:
    again = await exhibits.collect(source(grown(), keyring), [11, 3, 3], include=True)
    assert package.write(again) == packed
    assert package.read(packed) == again


async def test_bodies_stay_out_unless_they_are_asked_for(grown: Callable[[], MemoryAudit], keyring: Keyring) -> None:
    raw = package.write(await exhibits.collect(source(grown(), keyring), [3]))
    assert b"M\xe1\xba\xabu" not in raw
    assert not [name for name in zipfile.ZipFile(io.BytesIO(raw)).namelist() if name.startswith("bodies/")]
    verdict = package_check.check(raw)
    assert verdict.sound
    assert any("it exists and is not in the package" in sentence.en for sentence in verdict.unproven)


async def test_a_package_verifies_after_its_bodies_were_erased(
    grown: Callable[[], MemoryAudit], packed: bytes, keyring: Keyring, key: str, tmp_path: Path
) -> None:
    """PDP-11 (part): what was handed out before still proves; what is made afterwards proves the row."""
    store = grown()
    await store.erase_bodies(T, 3)
    assert package_check.check(packed, key=key).sound
    raw = package.write(await exhibits.collect(source(store, keyring), [3], include=True))
    verdict = package_check.check(raw, key=key)
    assert verdict.sound
    assert any("it was erased" in sentence.en for sentence in verdict.unproven)
    done = independent(tmp_path, raw, "--key", key)
    assert (done.returncode, "erased" in done.stdout) == (0, True), done.stderr


def test_the_independent_verifier_agrees_with_nothing_but_the_file(packed: bytes, key: str, tmp_path: Path) -> None:
    """The log, its database, its keys and its code are gone."""
    done = independent(tmp_path, packed, "--key", key)
    assert done.returncode == 0, done.stderr
    assert "row 11, reply_received: included" in done.stdout
    assert done.stdout.rstrip().endswith("OK")
    forged = changed(packed, "bodies/3/reply_received", b"khong")
    done = independent(tmp_path, forged, "--key", key)
    assert (done.returncode, "row 3: reply_received is not" in done.stderr) == (1, True)
    other = package.named(T, Keyring.ephemeral().public_key)
    assert independent(tmp_path, packed, "--key", other).returncode == 1


def test_the_independent_verifier_reads_a_copy_of_the_log(exported: bytes, key: str, tmp_path: Path) -> None:
    done = independent(tmp_path, exported, "--key", key)
    assert (done.returncode, done.stdout) == (0, "H99: 23 rows, 20 of them signed\nOK\n")
    altered = exported.replace(b"answered", b"answerec", 1)
    done = independent(tmp_path, altered, "--key", key)
    assert (done.returncode, "row 0" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    "name",
    [
        "evidence.json",
        "checkpoint.txt",
        "README.txt",
        "leaves/3.json",
        "bodies/3/request_sent",
        "bodies/3/request_sent.salt",
    ],
)
def test_any_altered_or_missing_file_is_found(packed: bytes, name: str, key: str) -> None:
    raw = content(packed, name)
    for altered in (None, raw[:-1], raw + b" ", bytes([raw[0] ^ 1]) + raw[1:]):
        assert not package_check.check(changed(packed, name, altered), key=key).sound


def test_a_file_that_the_package_does_not_speak_of_is_found(packed: bytes, key: str) -> None:
    verdict = package_check.check(changed(packed, "bodies/3/more", b"x"), key=key)
    assert [sentence.en for sentence in verdict.wrong] == ["The file bodies/3/more is not as it was written."]


def test_a_piece_of_a_body_does_not_pass_for_salt(packed: bytes, key: str, tmp_path: Path) -> None:
    """Salt and body are hashed as one: where one ends must not be whoever hands the package out's to say."""
    salt, body = content(packed, "bodies/3/request_sent.salt"), content(packed, "bodies/3/request_sent")
    forged = changed(packed, "bodies/3/request_sent.salt", salt + body[:9])
    forged = changed(forged, "bodies/3/request_sent", body[9:])
    assert not package_check.check(forged, key=key).sound
    assert independent(tmp_path, forged, "--key", key).returncode == 1


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("bodies/3/more", b"", b"x"),
        ("evidence.json", b"included", b"included "),
        ("evidence.json", b"lienthong-evidence-1", b"lienthong-evidence-2"),
        ("checkpoint.txt", b"", b"and more\n"),
    ],
)
def test_both_verifiers_refuse_what_nothing_proves(
    packed: bytes, key: str, tmp_path: Path, name: str, old: bytes, new: bytes
) -> None:
    there = content(packed, name) if name in zipfile.ZipFile(io.BytesIO(packed)).namelist() else b""
    forged = changed(packed, name, there.replace(old, new) if old else there + new)
    assert not package_check.check(forged, key=key).sound
    assert independent(tmp_path, forged, "--key", key).returncode == 1


@pytest.mark.parametrize(("lines", "holds"), [(1, False), (2, False), (3, False), (4, False), (5, True)])
def test_a_stamp_of_the_beginning_of_a_checkpoint_proves_nothing(
    packed: bytes, key: str, tmp_path: Path, lines: int, *, holds: bool
) -> None:
    """It could have been asked for years before there was such a tree."""
    stamped = "".join(content(packed, "checkpoint.txt").decode().splitlines(keepends=True)[:lines]).encode()
    raw = changed(changed(packed, "stamped.txt", stamped), "stamp.der", token(stamped))
    verdict = package_check.check(raw, key=key)
    assert verdict.sound is holds
    assert any("2020-01-01" in sentence.en for sentence in verdict.unproven) is holds
    assert (independent(tmp_path, raw, "--key", key).returncode == 0) is holds


def token(message: bytes) -> bytes:
    """A time stamp that nobody signed."""
    info = tsp.TSTInfo(
        {
            "version": 1,
            "policy": "1.2.3",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(message).digest(),
            },
            "serial_number": 1,
            "gen_time": datetime(2020, 1, 1, tzinfo=UTC),
        }
    )
    content_info = {"content_type": "tst_info", "content": cms.ParsableOctetString(info.dump())}
    signed = {"version": 3, "digest_algorithms": [], "encap_content_info": content_info, "signer_infos": []}
    made: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return made


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_bit_of_the_index_can_be_turned(packed_once: bytes, key: str, data: st.DataObject) -> None:
    raw = content(packed_once, "evidence.json")
    place, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(0, 7))
    altered = raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :]
    assert not package_check.check(changed(packed_once, "evidence.json", altered), key=key).sound


@pytest.fixture(scope="module")
def packed_once(grown: Callable[[], MemoryAudit], keyring: Keyring) -> bytes:
    import asyncio

    return package.write(asyncio.run(exhibits.collect(source(grown(), keyring), [3], include=True)))


@pytest.mark.parametrize("raw", [b"", b"PK", b"no zip at all"])
def test_what_is_no_package_is_refused(raw: bytes) -> None:
    with pytest.raises(UnprocessableError):
        package_check.check(raw)


async def test_a_row_that_is_not_there_or_not_yet_signed_makes_no_package(
    grown: Callable[[], MemoryAudit], keyring: Keyring
) -> None:
    log = source(grown(), keyring)
    for indexes in ([], [-1], [23]):
        with pytest.raises(NotFoundError):
            await exhibits.collect(log, indexes)
    with pytest.raises(ConflictError):
        await exhibits.collect(log, [22])


async def test_rows_are_never_left_out_of_a_package(grown: Callable[[], MemoryAudit], keyring: Keyring) -> None:
    with pytest.raises(UnprocessableError) as caught:
        await exhibits.collect(source(grown(), keyring), range(exhibits.MOST + 1))
    assert caught.value.error_code == "caller.package_rows"


async def test_a_leaf_too_long_for_a_bundle_is_not_left_out(keyring: Keyring, entry: Callable[..., Entry]) -> None:
    store = MemoryAudit()

    def build(head: batch.Head) -> batch.Batch:
        said = [leaf.prepare(entry(facts={"note": "x" * size}), keyring) for size in (1, 1 << 16)]
        return batch.signed(batch.extend(head, said, now=NOW), tenant=T, signer=keyring, now=NOW)

    await store.append(T, build)
    evidence = Evidence(store, source(store, keyring))
    assert len(await evidence.bundle(TileId(0, 0, 1))) > 2
    with pytest.raises(ConflictError):
        await evidence.bundle(TileId(0, 0, 2))


async def test_a_witness_stands_in_the_package(
    grown: Callable[[], MemoryAudit], keyring: Keyring, key: str, tmp_path: Path
) -> None:
    store = grown()
    note = await store.checkpoint(T, least=4)
    assert note
    line = cosign(note.note)
    await store.add_cosignature(T, Cosignature(size=note.size, witness=NAME, at=NOW, line=line))
    raw = package.write(await exhibits.collect(source(store, keyring), [3]))
    verdict = package_check.check(raw, key=key)
    assert verdict.sound
    assert any(sentence.en.startswith(NAME) and "2026-11-18" in sentence.en for sentence in verdict.proven)
    assert independent(tmp_path, raw, "--key", key).returncode == 0
    other = content(raw, "checkpoint.txt").replace(line.encode(), cosign(note.note, at=5).encode()[:-4] + b"AA=\n")
    assert not package_check.check(changed(raw, "checkpoint.txt", other), key=key).sound
    assert independent(tmp_path, changed(raw, "checkpoint.txt", other), "--key", key).returncode == 1


async def test_the_certificate_of_a_message_stands_beside_it(keyring: Keyring, entry: Callable[..., Entry]) -> None:
    der = certificate()
    body = b"<X509Certificate>" + base64.encodebytes(der) + b"</X509Certificate> MII" + b"A" * 300
    store = MemoryAudit()

    def build(head: batch.Head) -> batch.Batch:
        prepared = leaf.prepare(entry(bodies={"reply_received": body}), keyring)
        return batch.signed(batch.extend(head, [prepared], now=NOW), tenant=T, signer=keyring, now=NOW)

    await store.append(T, build)
    raw = package.write(await exhibits.collect(source(store, keyring), [0], include=True))
    assert content(raw, "certificates/1.der") == der
    assert package_check.check(raw).sound


def certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Mẫu")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=900))
    )
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
