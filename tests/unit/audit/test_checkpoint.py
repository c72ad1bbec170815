"""Signed notes: the published one verifies, ours do, and no byte of one can be altered."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import checkpoint
from gateway.audit.checkpoint import Checkpoint
from gateway.sdk.errors import TrustError
from gateway.signing import Keyring

KEYRING = Keyring.ephemeral()
NAME = checkpoint.origin("H99")
STATED = Checkpoint(origin=NAME, size=20852163, root=bytes(range(32)))
NOTE = checkpoint.sign(STATED, KEYRING)

# The example of Go's package golang.org/x/mod/sumdb/note, which the format comes from.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PUBLISHED_NOTE = (
    PUBLISHED_TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def verified(note: str) -> Checkpoint:
    return checkpoint.verify(note, name=NAME, public_key=KEYRING.public_key)


def test_the_published_note_verifies_with_the_published_key() -> None:
    public_key = checkpoint.public_key_of(PUBLISHED_KEY)
    assert checkpoint.verify_note(PUBLISHED_NOTE, name="PeterNeumann", public_key=public_key) == PUBLISHED_TEXT


def test_what_was_signed_is_what_is_read() -> None:
    assert verified(NOTE) == STATED
    assert NOTE.splitlines()[:2] == [NAME, "20852163"]


@given(st.data())
def test_no_byte_of_a_note_can_be_altered(data: st.DataObject) -> None:
    raw = NOTE.encode()
    place, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(0, 7))
    altered = (raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :]).decode(errors="replace")
    with pytest.raises(TrustError):
        verified(altered)


@given(st.integers(0, len(NOTE) - 1))
def test_no_note_can_be_cut(length: int) -> None:
    with pytest.raises(TrustError):
        verified(NOTE[:length])


def test_a_note_of_another_tenant_is_refused() -> None:
    with pytest.raises(TrustError):
        checkpoint.verify(NOTE, name=checkpoint.origin("H98"), public_key=KEYRING.public_key)


def test_a_note_that_names_us_in_its_signature_and_another_log_in_its_text_is_refused() -> None:
    text = f"{checkpoint.origin('H98')}\n1\n{base64.b64encode(bytes(32)).decode()}\n"
    signature = checkpoint.key_id(NAME, KEYRING.public_key) + KEYRING.sign(text.encode())
    with pytest.raises(TrustError, match="another log"):
        verified(f"{text}\n— {NAME} {base64.b64encode(signature).decode()}\n")


def test_a_note_by_another_key_is_refused() -> None:
    with pytest.raises(TrustError):
        verified(checkpoint.sign(STATED, Keyring.ephemeral()))


def test_a_witness_may_sign_beside_us() -> None:
    witness = checkpoint.sign(STATED, Keyring.ephemeral()).splitlines()[-1].replace(NAME, "example/witness")
    assert verified(NOTE + witness + "\n") == STATED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x\n1\n",
        f"x\n01\n{'A' * 43}=\n",
        f"x\n+1\n{'A' * 43}=\n",
        f"x\n١\n{'A' * 43}=\n",
        "x\n1\nAAAA\n",
        f"x\n1\n{'A' * 42}B=\n",  # the decoder would ignore the stray bits of this B
        f"x\n1\n{'A' * 43}=",
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(TrustError):
        checkpoint.parse(text)


def test_the_verifier_key_gives_the_public_key_back() -> None:
    key = checkpoint.verifier_key(NAME, KEYRING.public_key)
    assert checkpoint.public_key_of(key) == KEYRING.public_key


@pytest.mark.parametrize("key", ["", "x", "x+y", "x+00000000+AAAA", PUBLISHED_KEY.replace("c74f", "c74e")])
def test_what_is_no_verifier_key_is_refused(key: str) -> None:
    with pytest.raises(TrustError):
        checkpoint.public_key_of(key)
