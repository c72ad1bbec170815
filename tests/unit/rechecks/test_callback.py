"""What a client is called with, where bytes may go, and the recipe that our page gives receivers."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rechecks_house import RECEIVER, Listener, recheck
from services import NOW, ListedRecorder

from gateway.audit.errors import AuditUnavailableError
from gateway.callbacks.address import check_address
from gateway.callbacks.call import Calls, new_secret, shown, signature
from gateway.callbacks.memory import MemoryReceivers
from gateway.rechecks.callback import body_of, message_of
from gateway.rechecks.model import RecheckState
from gateway.sdk import ConfigurationError, TransientRemoteError, Unsettled, WireReply, WireRequest
from gateway.sdk.errors import UnprocessableError

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
ENDED = recheck(state=RecheckState.ANSWERED, ended_at=NOW, due=NOW)


async def callbacks(listener: Any, leaves: ListedRecorder | None = None) -> Calls:
    receivers = MemoryReceivers()
    await receivers.put(RECEIVER)
    return Calls(receivers, listener, leaves or ListedRecorder(), clock=lambda: NOW)


def recipe(now: float) -> Any:
    """`verify` of our page, on a clock of ours."""
    code = next(c for c in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S) if "whsec_" in c)
    scope: dict[str, Any] = {}
    exec(code, scope)
    scope["time"] = type("Time", (), {"time": staticmethod(lambda: now)})
    return scope["verify"]


def test_the_signature_is_the_one_of_standard_webhooks() -> None:
    """The vector of the specification's own libraries."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(
        secret, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_our_pages_recipe_takes_what_is_sent_and_nothing_else() -> None:
    """A receiver can tell us from anybody else."""
    listener = Listener()
    await (await callbacks(listener)).call(message_of(ENDED))
    sent, verify = listener.heard[0], recipe(NOW.timestamp())
    secret = shown(RECEIVER.secret)
    verify(secret, sent.headers, sent.content)
    stranger = {**sent.headers, "webhook-id": "R9"}
    for headers, body, key in (
        (sent.headers, sent.content + b" ", secret),
        (stranger, sent.content, secret),
        (sent.headers, sent.content, shown(new_secret())),
    ):
        with pytest.raises(ValueError, match="not from"):
            verify(key, headers, body)
    with pytest.raises(ValueError, match="too old"):
        recipe(NOW.timestamp() + 301)(secret, sent.headers, sent.content)


async def test_a_call_names_no_person_and_no_verdict() -> None:
    """PDP-15 (part)."""
    listener, leaves = Listener(), ListedRecorder()
    await (await callbacks(listener, leaves)).call(message_of(ENDED))
    sent = listener.heard[0]
    assert (sent.method, sent.url) == ("POST", RECEIVER.url)
    assert json.loads(sent.content) == {
        "type": "recheck.answered",
        "recheck_id": "R0001",
        "dossier_code": ENDED.dossier_code,
        "operation": "verify_citizen",
        "state": "answered",
        "at": "2026-11-23T02:00:00+00:00",
    }
    leaf = leaves.entries[0]
    assert (leaf.operation, leaf.outcome, leaf.reference) == ("call_client", "answered", ENDED.dossier_code)
    assert (leaf.system, leaf.facts) == ("client:motcua", {"recheck_id": "R0001", "try": 1, "http_status": 204})


async def test_repeats_carry_the_same_id_and_bytes() -> None:
    listener = Listener()
    calls = await callbacks(listener)
    for tries in range(3):
        await calls.call(message_of(replace(ENDED, callback_tries=tries)))
    assert len({(r.headers["webhook-id"], r.content) for r in listener.heard}) == 1
    given_up = replace(ENDED, state=RecheckState.GIVEN_UP)
    assert json.loads(body_of(given_up))["type"] == "recheck.given_up"


@pytest.mark.parametrize("status", [199, 300, 301, 302, 307, 400, 404, 410, 429, 500, 503])
async def test_whatever_is_not_2xx_has_not_arrived_and_leaves_a_leaf(status: int) -> None:
    leaves = ListedRecorder()
    listener = Listener(status, headers={"retry-after": "120"})
    with pytest.raises(TransientRemoteError) as raised:
        await (await callbacks(listener, leaves)).call(message_of(ENDED))
    assert (raised.value.error_code, raised.value.retry_after_s) == ("partner.callback_refused", 120.0)
    assert [leaf.outcome for leaf in leaves.entries] == ["partner.callback_refused"]
    assert leaves.entries[0].facts["http_status"] == status


async def test_a_call_that_is_lost_or_cannot_be_proved_has_not_arrived() -> None:
    with pytest.raises(Unsettled):
        await (await callbacks(Listener(Unsettled("cut")))).call(message_of(ENDED))
    leaves = ListedRecorder()
    leaves.broken = AuditUnavailableError("down")
    with pytest.raises(AuditUnavailableError):
        await (await callbacks(Listener(), leaves)).call(message_of(ENDED))


async def test_a_client_without_an_address_is_not_called() -> None:
    with pytest.raises(ConfigurationError):
        await (await callbacks(Listener())).call(message_of(replace(ENDED, client_id="khac")))


async def test_a_redirect_is_not_followed() -> None:
    """Nobody sends our bytes elsewhere."""
    asked: list[str] = []

    class Moved:
        async def send(self, request: WireRequest, **_: object) -> WireReply:
            asked.append(request.url)
            return WireReply(status=307, headers={"location": "http://169.254.169.254/latest"})

    with pytest.raises(TransientRemoteError, match="307"):
        await (await callbacks(Moved())).call(message_of(ENDED))
    assert asked == [RECEIVER.url]


@pytest.mark.parametrize(
    "url",
    [
        "https://motcua.example.vn/thong-bao",
        "https://motcua.example.vn:8443/a?b=c",
        "https://10.1.2.3/cb",
        "https://[2001:db8::1]/cb",
        "http://127.0.0.1:8000/cb",
        "http://[::1]:8000/cb",
        "http://localhost:8000/cb",
    ],
)
def test_an_address_of_the_province_is_taken(url: str) -> None:
    assert check_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "motcua.example.vn",
        "ftp://motcua.example.vn/",
        "file:///etc/passwd",
        "https://",
        "https:///cb",
        "http://motcua.example.vn/cb",
        "http://10.1.2.3/cb",
        "http://localhost.example.vn/cb",
        "https://user:pw@motcua.example.vn/cb",
        "https://user@motcua.example.vn/cb",
        "https://motcua.example.vn/cb#x",
        "https://169.254.169.254/latest",
        "https://[fe80::1]/cb",
        "https://[::ffff:169.254.169.254]/cb",
        "https://[::]/cb",
        "https://0.0.0.0/cb",
        "https://224.0.0.1/cb",
        "https://255.255.255.255/cb",
        "https://2852039166/cb",
        "http://127.1/cb",
        "https://0xa9fea9fe/cb",
        "https://0xa9.0xfe.0xa9.0xfe/cb",
        "https://%31%36%39.254.169.254/cb",
        "https://[2002:a9fe:a9fe::]/cb",
        "https://motcua.example.vn\\@khac.example/",
        "https://một-cửa.example/cb",
        "https://motcua.example.vn/a b",
        "https://motcua.example.vn/\r\nX: y",
        "https://motcua.example.vn:99999/",
        "https://[::1/cb",
        "https://motcua.example.vn/" + "x" * 500,
    ],
)
def test_an_address_that_is_none_is_refused_in_words(url: str) -> None:
    """Link-local, multicast, unspecified, disguised, or open to be read on the way."""
    with pytest.raises(UnprocessableError) as raised:
        check_address(url)
    assert raised.value.error_code == "caller.callback_address"
