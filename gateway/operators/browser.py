"""Log in with a browser at the province's identity provider: authorization code with PKCE (OpenID Connect Core 3.1,
RFC 7636, RFC 9700). What the provider vouches for becomes a session of ours, with our time-outs.

Nothing is kept here between the two visits. State, nonce and verifier are keyed digests of what two cookies of the
browser hold, the door and the attempt: another browser has neither, and whoever knows a cookie cannot make them. A code
is worth something once, at the provider; the attempt ends with its answer.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import structlog

from gateway.operators.entrance import Entrance, Opened
from gateway.operators.log import AccountLog, Happening
from gateway.operators.service import TokenReader
from gateway.operators.settings import OidcSettings
from gateway.sdk.errors import GatewayError, NotAuthenticatedError, TransientRemoteError, TrustError
from gateway.signing.model import Digester

LASTS = timedelta(minutes=10)
"""From the button to the return."""
LONGEST = 4096
"""Characters of what a browser hands back."""

Ask = Callable[[Mapping[str, str], bytes], Awaitable[tuple[int, bytes]]]
"""Post (headers, form) to the token endpoint; its status and answer. `TransientRemoteError`: there is none."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A log-in that began. `cookie` comes back with the answer."""

    address: str
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a browser brings back: its two cookies, and what the provider put into the address."""

    door: str = field(repr=False)
    attempt: str = field(repr=False)
    state: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    error: str = field(default="", repr=False)
    issuer: str = ""
    """RFC 9207; empty: it names none."""
    address: str = field(default="", repr=False)
    replaces: str = field(default="", repr=False)


class CodeFlow:
    """One provider. `returns_to`: the address that is registered there for us."""

    def __init__(
        self,
        settings: OidcSettings,
        *,
        returns_to: str,
        tokens: TokenReader,
        entrance: Entrance,
        ask: Ask,
        digester: Digester,
        log: AccountLog,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._returns_to = returns_to
        self._tokens = tokens
        self._entrance = entrance
        self._ask = ask
        self._digester = digester
        self._log = log
        self._clock = clock

    def begin(self, door: str, *, wanted: str) -> Attempt:
        """`wanted`: the page that is shown afterwards; one of ours."""
        page = base64.urlsafe_b64encode(wanted.encode()).decode()
        cookie = f"{secrets.token_hex(32)}.{int(self._clock().timestamp())}.{page}"
        own = self._settings
        challenge = hashlib.sha256(self._proof("verifier", door, cookie).encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": own.audience,
            "redirect_uri": self._returns_to,
            "scope": " ".join(dict.fromkeys(("openid", *own.scopes))),
            "state": self._proof("state", door, cookie),
            "nonce": self._proof("nonce", door, cookie),
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **({"acr_values": " ".join(own.acr)} if own.acr else {}),
        }
        joined = "&" if "?" in own.authorization_endpoint else "?"
        return Attempt(address=f"{own.authorization_endpoint}{joined}{urlencode(asked)}", cookie=cookie)

    async def finish(self, tenant: str, answer: Answer) -> tuple[Opened, str]:
        """The session, and the page that was wanted. `NotAuthenticatedError`, `TrustError`: it proves nobody, which is
        a leaf. `TransientRemoteError`: the provider does not answer."""
        knocked = await self._entrance.knock(tenant, answer.address)
        try:
            wanted = self._check_attempt(answer)
            token = await self._token(answer)
            nonce = self._proof("nonce", answer.door, answer.attempt)
            operator = await self._tokens.read(token, nonce=nonce)
        except (NotAuthenticatedError, TrustError) as exc:
            facts = {"by": "identity_provider", "code": exc.error_code}
            await self._log.write(Happening(operation="log_in", tenant=tenant, outcome="refused", facts=facts))
            raise
        opened = await self._entrance.open_vouched(operator, address=knocked, replaces=answer.replaces)
        return opened, wanted

    def _check_attempt(self, answer: Answer) -> str:
        """The page that was wanted. What the provider says of an error is shown to nobody: anyone may have written it
        into the address."""
        _, _, rest = answer.attempt.partition(".")
        begun, _, page = rest.partition(".")
        expected = self._proof("state", answer.door, answer.attempt)
        is_whole = answer.door and begun.isascii() and begun.isdecimal() and len(answer.attempt) <= LONGEST
        if not is_whole or not hmac.compare_digest(expected.encode(), answer.state.encode()):
            raise _stranger()
        if self._clock().timestamp() >= int(begun) + LASTS.total_seconds():
            raise _stranger()
        if answer.issuer and answer.issuer != self._settings.issuer:
            raise _refused("another provider answered")
        if answer.error or not answer.code or len(answer.code) > LONGEST:
            raise _refused("it gave no code")
        return base64.urlsafe_b64decode(page).decode()

    async def _token(self, answer: Answer) -> str:
        own = self._settings
        form = {
            "grant_type": "authorization_code",
            "code": answer.code,
            "redirect_uri": self._returns_to,
            "client_id": own.audience,
            "code_verifier": self._proof("verifier", answer.door, answer.attempt),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if own.client_secret is not None:
            pair = f"{quote(own.audience, safe='')}:{quote(own.client_secret.get_secret_value(), safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()  # RFC 6749 2.3.1
        status, content = await self._ask(headers, urlencode(form).encode())
        return _id_token(status, content)

    def _proof(self, what: str, door: str, cookie: str) -> str:
        """64 hexadecimal digits, which a verifier may be made of (RFC 7636 4.1)."""
        return self._digester.digest(f"{door}/{cookie}".encode(), purpose=f"console-oidc-{what}").hex()


def _id_token(status: int, content: bytes) -> str:
    """RFC 6749 5: 400 and 401 mean that the code, the verifier or our own secret was not taken."""
    if status in {400, 401}:
        log.warning("oidc_code_refused", status=status)
        raise _refused("it did not take the code")
    try:
        said: Any = orjson.loads(content) if status == 200 else None
    except ValueError:
        said = None
    token = said.get("id_token") if isinstance(said, dict) else None
    if not isinstance(token, str):
        log.warning("oidc_no_token", status=status)
        raise no_answer()
    return token


def no_answer() -> GatewayError:
    return TransientRemoteError(
        "The identity provider did not answer, or not as it should; try again, or log in with your password.",
        vi="Hệ thống danh tính của tỉnh không trả lời đúng; hãy thử lại hoặc đăng nhập bằng mật khẩu.",
        what="identity_provider",
    )


def _stranger() -> NotAuthenticatedError:
    return NotAuthenticatedError(
        "This log-in was not begun in this browser, or too long ago. Begin again.",
        vi="Lần đăng nhập này không bắt đầu từ trình duyệt này, hoặc đã quá lâu. Hãy bắt đầu lại.",
        what="oidc_state",
    )


def _refused(why: str) -> NotAuthenticatedError:
    return NotAuthenticatedError(
        f"The identity provider let nobody in: {why}.",
        vi="Hệ thống danh tính của tỉnh không xác nhận lần đăng nhập này.",
        what="oidc_refused",
    )
